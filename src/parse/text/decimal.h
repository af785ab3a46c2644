/* SPDX-License-Identifier: GPL-2.0-only */
/* Decimal numbers as formats have them: no sign, no needless zero in front. */
#ifndef FBC_PARSE_DECIMAL_H
#define FBC_PARSE_DECIMAL_H

#include "core/fbc.h"

#define FBC_DECIMAL_MAX 20      /* digits of UINT64_MAX */

/* Exactly n characters, a number of at most max; else *out is untouched. */
bool FBC_MUST_CHECK fbc_decimal_read(const char *s, size_t n, uint64_t max,
                                     uint64_t *out);

/* At most FBC_DECIMAL_MAX digits; returns the place behind them, puts no
   terminator there. */
char *fbc_decimal_write(char *p, uint64_t v);

#endif /* FBC_PARSE_DECIMAL_H */
