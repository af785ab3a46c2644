/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What administrators sign for the key server: "fbc-registration-1" and
 * "fbc-revocation-1" (fbc-keyserver-formats(5)).  Neither may have comments,
 * so that the signature covers every byte before its own line.
 */
#ifndef FBC_PARSE_REGISTRATION_H
#define FBC_PARSE_REGISTRATION_H

#include "parse/attest/enrol.h"
#include "parse/attest/golden.h"

#define FBC_REGISTRATION_MAX 16384  /* bytes of text */
#define FBC_REVOCATION_MAX   512
#define FBC_HOST_TEXT_MAX    1024   /* of an embedded fbc-host-1 */
#define FBC_GOLDEN_TEXT_MAX  1280   /* of an embedded fbc-golden-1 */
#define FBC_REG_GOLDENS      8
#define FBC_REG_ROOTS        4
#define FBC_ED25519_LEN      64     /* a signature */

/* The embedded records are without comments. */
struct fbc_registration {
    char name[FBC_HOST_NAME_MAX + 1];
    uint64_t serial;            /* strictly rising for a name */
    FBC_VALUE(FBC_HOST_TEXT_MAX) host;
    FBC_VALUE(FBC_GOLDEN_TEXT_MAX) golden[FBC_REG_GOLDENS];     /* >= 1 */
    FBC_VALUE(FBC_CERT_MAX) root[FBC_REG_ROOTS];                /* >= 1; DER */
    uint8_t admin[FBC_KEY_LEN]; /* Ed25519 */
    uint8_t signature[FBC_ED25519_LEN];
};

struct fbc_revocation {
    char name[FBC_HOST_NAME_MAX + 1];
    uint64_t serial;
    uint8_t admin[FBC_KEY_LEN];
    uint8_t signature[FBC_ED25519_LEN];
};

extern const struct fbc_record fbc_registration_record,
    fbc_revocation_record;

/* A registration's word on its host. */
struct fbc_registered {
    struct fbc_host host;
    struct fbc_golden golden[FBC_REG_GOLDENS];
    size_t goldens;
};

/*
 * 1 to 64 of A-Z a-z 0-9 '.' '-' '_', the first of them a letter or digit:
 * what stands in a URL and in a log as it is.
 */
bool FBC_MUST_CHECK fbc_host_name_ok(const char *name);

/*
 * Parse a whole text.  Besides what fbc_record_parse() refuses: comments, a
 * name that is not fbc_host_name_ok(), more than FBC_..._MAX bytes.  The
 * signature is not verified (lib/verify/adminkey.h): it is over the first
 * *covered bytes of the text.  After a failure *r holds nothing of use.
 */
enum fbc_err FBC_MUST_CHECK
fbc_registration_parse(const char *text, size_t len,
                       struct fbc_registration *r, size_t *covered,
                       unsigned int *line);
enum fbc_err FBC_MUST_CHECK
fbc_revocation_parse(const char *text, size_t len, struct fbc_revocation *r,
                     size_t *covered, unsigned int *line);

/*
 * The embedded records.  FBC_ERR_RANGE: the host record has another name;
 * else as fbc_record_parse() and fbc_golden_parse().
 */
enum fbc_err FBC_MUST_CHECK
fbc_registration_open(const struct fbc_registration *r,
                      struct fbc_registered *out);

/*
 * Write a text whose signature is still to be made; room for FBC_..._MAX
 * bytes.  Returns its length, of which all but the last
 * FBC_SIGNATURE_LINE bytes are to be signed, or 0 when it cannot be written.
 */
#define FBC_SIGNATURE_LINE (sizeof("signature: \n") - 1 + \
                            2 * FBC_ED25519_LEN)
size_t FBC_MUST_CHECK
fbc_registration_encode(const struct fbc_registration *r, char *text);
size_t FBC_MUST_CHECK
fbc_revocation_encode(const struct fbc_revocation *r, char *text);

#endif /* FBC_PARSE_REGISTRATION_H */
