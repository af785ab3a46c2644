/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Base64 (RFC 4648, section 4), padded and canonical, in time that depends on
 * the length only.
 */
#ifndef FBC_PARSE_BASE64_H
#define FBC_PARSE_BASE64_H

#include "core/fbc.h"

/* Characters for n bytes. */
#define FBC_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes FBC_BASE64_LEN(len) characters, no NUL. */
void fbc_base64_encode(char *out, const uint8_t *in, size_t len);

/* Reads FBC_BASE64_LEN(len) characters; false unless they are canonical. */
bool FBC_MUST_CHECK fbc_base64_decode(uint8_t *out, size_t len,
                                      const char *in);

/* Bytes that so many characters stand for, going by length and padding. */
size_t FBC_MUST_CHECK fbc_base64_bytes(const char *text, size_t len);

#endif /* FBC_PARSE_BASE64_H */
