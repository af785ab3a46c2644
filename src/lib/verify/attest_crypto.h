/* SPDX-License-Identifier: GPL-2.0-only */
/* A TPM's cryptography by OpenSSL, as the verifier has no TPM. */
#ifndef FBC_LIB_ATTEST_CRYPTO_H
#define FBC_LIB_ATTEST_CRYPTO_H

#include "lib/base/fail.h"
#include "parse/attest/enrol.h"

/* ECDSA P-256 with SHA-256; also false when the point is not on the curve. */
bool FBC_MUST_CHECK
fbc_ecdsa_verify(const uint8_t x[static FBC_TPM_COORD_LEN],
                 const uint8_t y[static FBC_TPM_COORD_LEN],
                 const uint8_t r[static FBC_TPM_COORD_LEN],
                 const uint8_t s[static FBC_TPM_COORD_LEN],
                 const void *msg, size_t len);

/*
 * TPM2_MakeCredential (TCG TPM Library part 1, 24): only the TPM with this EK
 * gives the secret back, and only while an object of this name is loaded.
 * Fills credential and seed.
 */
int FBC_MUST_CHECK
fbc_credential_make(const uint8_t modulus[static FBC_TPM_MODULUS_LEN],
                    const uint8_t name[static FBC_TPM_NAME_LEN],
                    const uint8_t secret[static FBC_SECRET_LEN],
                    struct fbc_challenge *out, struct fbc_error *e);

/* The part of it that does not depend on the EK, for a given seed. */
int FBC_MUST_CHECK
fbc_credential_seal(const uint8_t seed[static FBC_HASH_LEN],
                    const uint8_t name[static FBC_TPM_NAME_LEN],
                    const uint8_t secret[static FBC_SECRET_LEN],
                    uint8_t credential[static FBC_CREDENTIAL_LEN]);

#endif /* FBC_LIB_ATTEST_CRYPTO_H */
