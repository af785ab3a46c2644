/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes as lower-case hexadecimal digits, two each.  Not in constant time. */
#ifndef FBC_PARSE_HEX_H
#define FBC_PARSE_HEX_H

#include "core/fbc.h"

/*
 * Exactly n digits, for as many bytes; nothing is read beyond the first
 * character that is none.  out may be NULL: only checked.
 */
bool fbc_hex_read(const char *s, size_t n, uint8_t *out, size_t bytes);

/* Returns p + 2 * n; puts no terminator there. */
char *fbc_hex_write(char *p, const uint8_t *v, size_t n);

#endif /* FBC_PARSE_HEX_H */
