/* SPDX-License-Identifier: GPL-2.0-only */
/* Administrators' keys. */
#include "lib/verify/adminkey.h"

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/crypto.h"
#include "parse/text/hex.h"

int fbc_admin_public(const uint8_t secret[static FBC_KEY_LEN],
                     uint8_t pub[static FBC_KEY_LEN])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
                                                 secret, FBC_KEY_LEN);
    size_t n = FBC_KEY_LEN;
    int rc = -1;

    if ( key && EVP_PKEY_get_raw_public_key(key, pub, &n) == 1 &&
         n == FBC_KEY_LEN )
        rc = 0;
    EVP_PKEY_free(key);
    ERR_clear_error();

    return rc;
}

int fbc_admin_sign(const uint8_t secret[static FBC_KEY_LEN], const void *msg,
                   size_t len, uint8_t sig[static FBC_ED25519_LEN])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
                                                 secret, FBC_KEY_LEN);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n = FBC_ED25519_LEN;
    int rc = -1;

    if ( key && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
         EVP_DigestSign(ctx, sig, &n, msg, len) == 1 &&
         n == FBC_ED25519_LEN )
        rc = 0;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    ERR_clear_error();

    return rc;
}

bool fbc_admin_verify(const uint8_t pub[static FBC_KEY_LEN], const void *msg,
                      size_t len, const uint8_t sig[static FBC_ED25519_LEN])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub,
                                                FBC_KEY_LEN);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = key && ctx &&
              EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestVerify(ctx, sig, FBC_ED25519_LEN, msg, len) == 1;

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    ERR_clear_error();

    return ok;
}

/* n bytes of text with a signature line that is made anew from sig. */
static int sign(const char *text, size_t n,
                const uint8_t secret[static FBC_KEY_LEN],
                uint8_t sig[static FBC_ED25519_LEN])
{
    return n <= FBC_SIGNATURE_LINE
           ? -1 : fbc_admin_sign(secret, text, n - FBC_SIGNATURE_LINE, sig);
}

int fbc_registration_sign(struct fbc_registration *r,
                          const uint8_t secret[static FBC_KEY_LEN],
                          char *text, size_t *len, struct fbc_error *e)
{
    size_t n;

    *len = 0;
    memset(r->signature, 0, sizeof(r->signature));
    if ( fbc_admin_public(secret, r->admin) )
        return fbc_fail_core(e, r->name, FBC_ERR_CRYPTO);
    n = fbc_registration_encode(r, text);
    if ( !n )
        return fbc_fail(e, FBC_EXIT_INPUT, r->name,
                        "a registration has 1 to %u golden values, 1 to %u "
                        "roots and at most %u bytes", FBC_REG_GOLDENS,
                        FBC_REG_ROOTS, FBC_REGISTRATION_MAX);
    if ( sign(text, n, secret, r->signature) )
        return fbc_fail_core(e, r->name, FBC_ERR_CRYPTO);
    *len = fbc_registration_encode(r, text);

    return 0;
}

int fbc_revocation_sign(struct fbc_revocation *r,
                        const uint8_t secret[static FBC_KEY_LEN],
                        char *text, size_t *len, struct fbc_error *e)
{
    size_t n;

    *len = 0;
    memset(r->signature, 0, sizeof(r->signature));
    if ( fbc_admin_public(secret, r->admin) )
        return fbc_fail_core(e, r->name, FBC_ERR_CRYPTO);
    n = fbc_revocation_encode(r, text);
    if ( !n )
        return fbc_fail(e, FBC_EXIT_INPUT, r->name,
                        "not a name for a host");
    if ( sign(text, n, secret, r->signature) )
        return fbc_fail_core(e, r->name, FBC_ERR_CRYPTO);
    *len = fbc_revocation_encode(r, text);

    return 0;
}

void fbc_fingerprint(const uint8_t hash[static FBC_HASH_LEN],
                     char out[static FBC_FINGERPRINT_TEXT])
{
    char *p = out + sprintf(out, "SHA256:");

    *fbc_hex_write(p, hash, FBC_HASH_LEN) = '\0';
}

int fbc_admin_fingerprint(const uint8_t pub[static FBC_KEY_LEN],
                          char out[static FBC_FINGERPRINT_TEXT])
{
    uint8_t hash[FBC_HASH_LEN];

    if ( fbc_sha256(pub, FBC_KEY_LEN, hash) )
        return -1;
    fbc_fingerprint(hash, out);

    return 0;
}
