/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known hosts (fbc-wrapkey(1)): a text of records, each with the title
 * "fbc-known-host-1" (parse/text/record.h), with comments between them.  A
 * pair of server and name has one record at most.
 *
 * A host is known from a key server, by its TPM and by the administrator who
 * registered it; or directly, by the hypervisor's key that it showed.
 */
#ifndef FBC_PARSE_KNOWNHOSTS_H
#define FBC_PARSE_KNOWNHOSTS_H

#include "parse/attest/enrol.h"

#define FBC_SERVER_NAME_MAX 263
#define FBC_KNOWN_NAME_MAX  255
#define FBC_KNOWN_MAX_FILE  (2u << 20)
/* Bytes of a record: names, 3 hashes, a number, and 65 of field names. */
#define FBC_KNOWN_TEXT_MAX  (FBC_SERVER_NAME_MAX + FBC_KNOWN_NAME_MAX + \
                             3 * 2 * FBC_HASH_LEN + 20 + 65)

#define FBC_KNOWN_DIRECT "none"     /* in place of a server */

struct fbc_known_host {
    char server[FBC_SERVER_NAME_MAX + 1];   /* "host:port", or DIRECT */
    char name[FBC_KNOWN_NAME_MAX + 1];  /* of its registration, or for ssh */
    uint8_t ek[FBC_HASH_LEN];       /* SHA-256 of the EK, a TPM2B_PUBLIC */
    uint8_t admin[FBC_KEY_LEN];     /* who registered it, Ed25519 */
    uint64_t serial;                /* of the newest registration seen */
    uint8_t vmm_key[FBC_KEY_LEN];   /* as last seen */
};

/* Known without a server: ek, admin and serial are 0. */
bool FBC_MUST_CHECK fbc_known_is_direct(const struct fbc_known_host *h);

/*
 * A name that ssh(1) takes for a host, without user: 1 to FBC_KNOWN_NAME_MAX
 * of A-Z a-z 0-9 and "._:%+-", the first of which is no '-'.
 */
bool FBC_MUST_CHECK fbc_direct_name_ok(const char *name);

/*
 * The next record from pos on.  false: the text ends there, or line is not
 * well-formed (err).  [start, pos) is the record.
 */
struct fbc_known_reader {
    const char *text;
    size_t len, start, pos;
    unsigned int line;          /* of the title, or the one that is wrong */
    unsigned int lines;         /* read so far */
    enum fbc_err err;
};
bool FBC_MUST_CHECK fbc_known_next(struct fbc_known_reader *r,
                                   struct fbc_known_host *out);

/*
 * Reads the whole text and looks for one host.  FBC_ERR_RANGE: two records of
 * this host; FBC_ERR_LENGTH: of the text; otherwise as fbc_record_parse();
 * with *line.  If it is there *found is true and [*start, *end) is its record.
 */
enum fbc_err FBC_MUST_CHECK
fbc_known_find(const char *text, size_t len, const char *server,
               const char *name, struct fbc_known_host *out, bool *found,
               size_t *start, size_t *end, unsigned int *line);

/* The record, without NUL; its length, or 0 if no file can say it. */
size_t FBC_MUST_CHECK
fbc_known_text(const struct fbc_known_host *h,
               char text[static FBC_KNOWN_TEXT_MAX]);

#endif /* FBC_PARSE_KNOWNHOSTS_H */
