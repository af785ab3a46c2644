/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Administrators' keys: Ed25519 (RFC 8032) by OpenSSL.  What is signed is the
 * text of a record from its title on, so that a signature is of use for one
 * kind and version of record only.
 */
#ifndef FBC_LIB_ADMINKEY_H
#define FBC_LIB_ADMINKEY_H

#include "lib/base/fail.h"
#include "parse/attest/registration.h"

int FBC_MUST_CHECK
fbc_admin_public(const uint8_t secret[static FBC_KEY_LEN],
                 uint8_t pub[static FBC_KEY_LEN]);

int FBC_MUST_CHECK
fbc_admin_sign(const uint8_t secret[static FBC_KEY_LEN], const void *msg,
               size_t len, uint8_t sig[static FBC_ED25519_LEN]);

bool FBC_MUST_CHECK
fbc_admin_verify(const uint8_t pub[static FBC_KEY_LEN], const void *msg,
                 size_t len, const uint8_t sig[static FBC_ED25519_LEN]);

#define FBC_FINGERPRINT_TEXT (7 + 2 * FBC_HASH_LEN + 1)

/* "SHA256:" and 64 hex digits. */
void fbc_fingerprint(const uint8_t hash[static FBC_HASH_LEN],
                     char out[static FBC_FINGERPRINT_TEXT]);

/* By which people know an administrator: of the hash of the public key. */
int FBC_MUST_CHECK
fbc_admin_fingerprint(const uint8_t pub[static FBC_KEY_LEN],
                      char out[static FBC_FINGERPRINT_TEXT]);

/*
 * Complete a record but for admin and signature and write its text, to be
 * fbc_registration_parse()d; text has room for FBC_..._MAX bytes.  *len is 0
 * after a failure.
 */
int FBC_MUST_CHECK
fbc_registration_sign(struct fbc_registration *r,
                      const uint8_t secret[static FBC_KEY_LEN], char *text,
                      size_t *len, struct fbc_error *e);
int FBC_MUST_CHECK
fbc_revocation_sign(struct fbc_revocation *r,
                    const uint8_t secret[static FBC_KEY_LEN], char *text,
                    size_t *len, struct fbc_error *e);

#endif /* FBC_LIB_ADMINKEY_H */
