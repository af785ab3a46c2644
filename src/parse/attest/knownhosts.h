/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known hosts of key servers: a text file, one line a host,
 *
 *   SERVER NAME EK ADMIN SERIAL VMM-KEY
 *
 * with one space between, where SERVER is "host:port" and EK, ADMIN and
 * VMM-KEY are 64 lower-case hex digits.  Lines that start with '#' are
 * comments; each line ends with a newline.  A pair of SERVER and NAME has one
 * line at most (fbc-wrapkey(1)).
 */
#ifndef FBC_PARSE_KNOWNHOSTS_H
#define FBC_PARSE_KNOWNHOSTS_H

#include "parse/attest/enrol.h"

#define FBC_SERVER_NAME_MAX 263
#define FBC_KNOWN_MAX_FILE  (1u << 20)
#define FBC_KNOWN_LINE_MAX  (FBC_SERVER_NAME_MAX + FBC_HOST_NAME_MAX + \
                             3 * 2 * FBC_HASH_LEN + 20 + 7)  /* with NUL */

struct fbc_known_host {
    char server[FBC_SERVER_NAME_MAX + 1];
    char name[FBC_HOST_NAME_MAX + 1];
    uint8_t ek[FBC_HASH_LEN];       /* SHA-256 of the EK, a TPM2B_PUBLIC */
    uint8_t admin[FBC_KEY_LEN];     /* who registered it, Ed25519 */
    uint64_t serial;                /* of the newest registration seen */
    uint8_t vmm_key[FBC_KEY_LEN];   /* as last seen */
};

/*
 * The next line that is no comment, from *pos on.  false: the text ends there,
 * or *line, its number, is not well-formed (*bad).  [start, *pos) is the
 * line.
 */
struct fbc_known_reader {
    const char *text;
    size_t len, start, pos;
    unsigned int line;
    bool bad;
};
bool FBC_MUST_CHECK fbc_known_next(struct fbc_known_reader *r,
                                   struct fbc_known_host *out);

/*
 * Reads the whole text and looks for one host.  FBC_ERR_FORMAT, FBC_ERR_RANGE
 * (two lines of this host), FBC_ERR_LENGTH (of the text), with *line.  If it
 * is there *found is true and [*start, *end) is its line.
 */
enum fbc_err FBC_MUST_CHECK
fbc_known_find(const char *text, size_t len, const char *server,
               const char *name, struct fbc_known_host *out, bool *found,
               size_t *start, size_t *end, unsigned int *line);

/* The line with newline and NUL; its length, or 0 if no file can say it. */
size_t FBC_MUST_CHECK
fbc_known_line(const struct fbc_known_host *h,
               char line[static FBC_KNOWN_LINE_MAX]);

#endif /* FBC_PARSE_KNOWNHOSTS_H */
