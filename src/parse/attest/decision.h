/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of the key server's decision log (fbc-keyserver-formats(5)). */
#ifndef FBC_PARSE_DECISION_H
#define FBC_PARSE_DECISION_H

#include "parse/attest/release.h"

#define FBC_DECISION_TITLE "fbc-log-1\n"
#define FBC_DECISION_LINE  320      /* the longest, with newline and NUL */

enum fbc_decision_kind {
    FBC_DECISION_RELEASED,
    FBC_DECISION_REFUSED,
    FBC_DECISION_REGISTERED,
    FBC_DECISION_REVOKED,
    FBC_DECISIONS
};

struct fbc_decision {
    uint64_t number;                    /* 1 to INT64_MAX */
    char time[21];                      /* 2026-11-24T20:15:00Z */
    char host[FBC_HOST_NAME_MAX + 1];
    uint8_t nonce[FBC_HASH_LEN];
    enum fbc_decision_kind kind;
    char reason[FBC_REASON_NAME_MAX + 1];
    uint8_t hash[FBC_HASH_LEN];
};

/*
 * Fills d->hash, given that of the entry before (zeros before number 1), and
 * writes the line with newline and NUL.  Returns its length, or 0 when *d
 * holds what no line can say or hashing failed.
 */
size_t FBC_MUST_CHECK
fbc_decision_encode(struct fbc_decision *d,
                    const uint8_t before[static FBC_HASH_LEN],
                    char line[static FBC_DECISION_LINE]);

/*
 * One line without its newline.  FBC_ERR_FORMAT; FBC_ERR_CHECKSUM when before
 * is not NULL and the hash is not that of the line after it.
 */
enum fbc_err FBC_MUST_CHECK
fbc_decision_parse(const char *line, size_t len, const uint8_t *before,
                   struct fbc_decision *d);

/*
 * The entries of a log that were seen, from any number on; begin with zeros, or
 * with number and hash of an entry that is known.  What the first one says is
 * verified if it is number 1 or follows that entry; else it is a beginning.
 */
struct fbc_log_span {
    uint64_t known;                     /* 0: none */
    uint8_t known_hash[FBC_HASH_LEN];
    uint64_t count;
    struct fbc_decision first, last;    /* if there are any */
};

/*
 * The next line, with its newline.  FBC_ERR_FORMAT, FBC_ERR_CHECKSUM or
 * FBC_ERR_RANGE (the entry before it is missing): *s stays as it was.
 */
enum fbc_err FBC_MUST_CHECK fbc_log_next(struct fbc_log_span *s,
                                         const char *line, size_t len);

#endif /* FBC_PARSE_DECISION_H */
