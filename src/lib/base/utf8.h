/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of others: what of it is UTF-8, what a terminal would obey. */
#ifndef FBC_LIB_UTF8_H
#define FBC_LIB_UTF8_H

#include <stddef.h>

#include "core/fbc.h"

/* Length of the well-formed UTF-8 sequence (RFC 3629) at s; 0: none. */
size_t fbc_utf8_len(const char *s);

/*
 * Length of what is at s, which is not its end: a sequence, or a byte.
 * *control: of C0, DEL or C1, be that one byte of 8 bits or two of UTF-8.
 */
size_t fbc_utf8_next(const char *s, bool *control);

/* Each control character in s becomes a question mark. */
void fbc_utf8_clean(char *s);

#endif /* FBC_LIB_UTF8_H */
