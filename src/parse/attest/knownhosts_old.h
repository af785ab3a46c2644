/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known hosts as older versions wrote them: a line a host,
 *
 *   SERVER NAME EK ADMIN SERIAL VMM-KEY
 *
 * with one space between; lines that start with '#' are comments.
 */
#ifndef FBC_PARSE_KNOWNHOSTS_OLD_H
#define FBC_PARSE_KNOWNHOSTS_OLD_H

#include "parse/attest/knownhosts.h"

#define FBC_KNOWN_OLD_MAX (1u << 20)    /* bytes; its records fit into
                                           FBC_KNOWN_MAX_FILE */

/* The first line that is no comment has several words. */
bool FBC_MUST_CHECK fbc_known_is_old(const char *text, size_t len);

/*
 * Writes the same hosts as records, in their order, with all comments.
 * FBC_ERR_FORMAT with *line, FBC_ERR_LENGTH; *out_len is untouched then.
 */
enum fbc_err FBC_MUST_CHECK
fbc_known_convert(const char *text, size_t len, char *out, size_t room,
                  size_t *out_len, unsigned int *line);

#endif /* FBC_PARSE_KNOWNHOSTS_OLD_H */
