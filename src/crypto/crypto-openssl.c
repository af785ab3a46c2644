/* SPDX-License-Identifier: GPL-2.0-only */
/* The primitives on OpenSSL 3.0. */
#include "crypto/gcm.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

/* Keyed once; a message sets only the nonce. */
struct ctx {
    EVP_CIPHER_CTX *seal, *open;
    struct fbc_gcm *gcm;        /* or NULL; opens in place of open */
};

_Static_assert(sizeof(struct ctx) <= FBC_AEAD_CTX_LEN, "FBC_AEAD_CTX_LEN");

static const EVP_CIPHER *cipher(enum fbc_aead_id id)
{
    switch ( id )
    {
    case FBC_AEAD_AES256_GCM:
        return EVP_aes_256_gcm();

    case FBC_AEAD_CHACHA20_POLY1305:
        return EVP_chacha20_poly1305();

    default:
        return NULL;
    }
}

bool fbc_aead_available(enum fbc_aead_id id)
{
    return cipher(id);
}

/* The tools take the cipher that the hypervisor chose. */
bool fbc_aead_fast(enum fbc_aead_id id)
{
    return fbc_aead_available(id);
}

int fbc_aead_init(struct fbc_aead *a, enum fbc_aead_id id,
                  const uint8_t key[static FBC_KEY_LEN])
{
    struct ctx *c = (void *)a->ctx;

    memset(a, 0, sizeof(*a));
    if ( !cipher(id) )
        return -1;

    c->seal = EVP_CIPHER_CTX_new();
    c->open = EVP_CIPHER_CTX_new();
    if ( !c->seal || !c->open ||
         EVP_EncryptInit_ex(c->seal, cipher(id), NULL, key, NULL) != 1 ||
         EVP_DecryptInit_ex(c->open, cipher(id), NULL, key, NULL) != 1 )
    {
        fbc_aead_clear(a);
        return -1;
    }
    if ( id == FBC_AEAD_AES256_GCM && fbc_gcm_new )
        c->gcm = fbc_gcm_new(key);
    a->id = id;

    return 0;
}

int fbc_aead_seal(struct fbc_aead *a,
                  const uint8_t nonce[static FBC_NONCE_LEN],
                  const void *aad, size_t aad_len, void *buf, size_t len,
                  uint8_t tag[static FBC_TAG_LEN])
{
    EVP_CIPHER_CTX *e = ((struct ctx *)(void *)a->ctx)->seal;
    int n;

    if ( e && len <= INT_MAX && aad_len <= INT_MAX &&
         EVP_EncryptInit_ex(e, NULL, NULL, NULL, nonce) == 1 &&
         (!aad_len ||
          EVP_EncryptUpdate(e, NULL, &n, aad, (int)aad_len) == 1) &&
         (!len || EVP_EncryptUpdate(e, buf, &n, buf, (int)len) == 1) &&
         EVP_EncryptFinal_ex(e, tag, &n) == 1 &&
         EVP_CIPHER_CTX_ctrl(e, EVP_CTRL_AEAD_GET_TAG, FBC_TAG_LEN, tag) == 1 )
        return 0;

    if ( len )
        fbc_wipe(buf, len);
    memset(tag, 0, FBC_TAG_LEN);

    return -1;
}

static bool evp_open(EVP_CIPHER_CTX *d, const uint8_t *nonce, const void *aad,
                     size_t aad_len, void *buf, size_t len, const uint8_t *tag)
{
    uint8_t want[FBC_TAG_LEN], none[1];
    int n;

    memcpy(want, tag, FBC_TAG_LEN);

    return EVP_DecryptInit_ex(d, NULL, NULL, NULL, nonce) == 1 &&
           EVP_CIPHER_CTX_ctrl(d, EVP_CTRL_AEAD_SET_TAG, FBC_TAG_LEN,
                               want) == 1 &&
           (!aad_len ||
            EVP_DecryptUpdate(d, NULL, &n, aad, (int)aad_len) == 1) &&
           (!len || EVP_DecryptUpdate(d, buf, &n, buf, (int)len) == 1) &&
           EVP_DecryptFinal_ex(d, none, &n) == 1;
}

static bool gcm_open(struct fbc_gcm *g, const uint8_t *nonce, const void *aad,
                     size_t aad_len, void *buf, size_t len, const uint8_t *tag)
{
    uint8_t made[FBC_TAG_LEN];
    unsigned int i;

    for ( i = 0; i < FBC_TAG_LEN; i++ )
        made[i] = (uint8_t)~tag[i]; /* if none is made, it is another */
    fbc_gcm_open(g, nonce, aad, aad_len, buf, len, made);

    return !CRYPTO_memcmp(made, tag, FBC_TAG_LEN);
}

int fbc_aead_open(struct fbc_aead *a,
                  const uint8_t nonce[static FBC_NONCE_LEN],
                  const void *aad, size_t aad_len, void *buf, size_t len,
                  const uint8_t tag[static FBC_TAG_LEN])
{
    struct ctx *c = (void *)a->ctx;

    if ( c->open && len <= INT_MAX && aad_len <= INT_MAX &&
         (c->gcm ? gcm_open(c->gcm, nonce, aad, aad_len, buf, len, tag)
                 : evp_open(c->open, nonce, aad, aad_len, buf, len, tag)) )
        return 0;

    if ( len )
        fbc_wipe(buf, len);

    return -1;
}

void fbc_aead_clear(struct fbc_aead *a)
{
    struct ctx *c = (void *)a->ctx;

    EVP_CIPHER_CTX_free(c->seal);
    EVP_CIPHER_CTX_free(c->open);
    if ( c->gcm )
        fbc_gcm_free(c->gcm);
    fbc_wipe(a, sizeof(*a));
}

/* Lengths first: CCM's first block holds them. */
static bool ccm8_run(EVP_CIPHER_CTX *c, bool encrypt, const uint8_t *key,
                     const uint8_t *nonce, const void *aad, size_t aad_len,
                     void *buf, size_t len, uint8_t *tag)
{
    uint8_t none[1] = { 0 };
    int n;

    return c && len <= FBC_CCM8_MAX && aad_len <= INT_MAX &&
           EVP_CipherInit_ex(c, EVP_aes_256_ccm(), NULL, NULL, NULL,
                             encrypt) == 1 &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, FBC_NONCE_LEN,
                               NULL) == 1 &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, FBC_CCM8_TAG_LEN,
                               encrypt ? NULL : tag) == 1 &&
           EVP_CipherInit_ex(c, NULL, NULL, key, nonce, encrypt) == 1 &&
           EVP_CipherUpdate(c, NULL, &n, NULL, (int)len) == 1 &&
           (!aad_len ||
            EVP_CipherUpdate(c, NULL, &n, aad, (int)aad_len) == 1) &&
           /* Also of no bytes: here tags are made and compared. */
           EVP_CipherUpdate(c, len ? buf : none, &n, len ? buf : none,
                            (int)len) == 1 &&
           (!encrypt || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG,
                                            FBC_CCM8_TAG_LEN, tag) == 1);
}

int fbc_ccm8_seal(const uint8_t key[static FBC_KEY_LEN],
                  const uint8_t nonce[static FBC_NONCE_LEN],
                  const void *aad, size_t aad_len, void *buf, size_t len,
                  uint8_t tag[static FBC_CCM8_TAG_LEN])
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool ok = ccm8_run(c, true, key, nonce, aad, aad_len, buf, len, tag);

    EVP_CIPHER_CTX_free(c);
    if ( ok )
        return 0;

    if ( len )
        fbc_wipe(buf, len);
    memset(tag, 0, FBC_CCM8_TAG_LEN);

    return -1;
}

int fbc_ccm8_open(const uint8_t key[static FBC_KEY_LEN],
                  const uint8_t nonce[static FBC_NONCE_LEN],
                  const void *aad, size_t aad_len, void *buf, size_t len,
                  const uint8_t tag[static FBC_CCM8_TAG_LEN])
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    uint8_t want[FBC_CCM8_TAG_LEN];
    bool ok;

    memcpy(want, tag, sizeof(want));
    ok = ccm8_run(c, false, key, nonce, aad, aad_len, buf, len, want);
    EVP_CIPHER_CTX_free(c);
    if ( ok )
        return 0;

    if ( len )
        fbc_wipe(buf, len);

    return -1;
}

int fbc_sha256(const void *data, size_t len, uint8_t out[static FBC_HASH_LEN])
{
    if ( EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) == 1 )
        return 0;

    memset(out, 0, FBC_HASH_LEN);

    return -1;
}

static EVP_MAC_CTX *hmac_new(void)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 6),
        OSSL_PARAM_END,
    };

    EVP_MAC_free(mac);
    if ( ctx && EVP_MAC_CTX_set_params(ctx, params) == 1 )
        return ctx;

    EVP_MAC_CTX_free(ctx);

    return NULL;
}

static bool hmac_out(EVP_MAC_CTX *ctx, uint8_t out[static FBC_HASH_LEN])
{
    size_t n;

    return EVP_MAC_final(ctx, out, &n, FBC_HASH_LEN) == 1 && n == FBC_HASH_LEN;
}

int fbc_hkdf_extract(const void *salt, size_t salt_len, const void *ikm,
                     size_t ikm_len, uint8_t prk[static FBC_HASH_LEN])
{
    EVP_MAC_CTX *ctx = hmac_new();
    int rc = -1;

    if ( ctx &&
         EVP_MAC_init(ctx, salt_len ? salt : "", salt_len, NULL) == 1 &&
         EVP_MAC_update(ctx, ikm, ikm_len) == 1 && hmac_out(ctx, prk) )
        rc = 0;
    else
        fbc_wipe(prk, FBC_HASH_LEN);
    EVP_MAC_CTX_free(ctx);

    return rc;
}

int fbc_hkdf_expand(const uint8_t prk[static FBC_HASH_LEN], const void *info,
                    size_t info_len, void *out, size_t len)
{
    EVP_MAC_CTX *ctx = hmac_new();
    uint8_t block[FBC_HASH_LEN], *p = out, n;
    size_t left = len, take;
    int rc = -1;

    if ( !ctx || len > 255 * FBC_HASH_LEN )
        goto out;

    for ( n = 1; left; n++, p += take, left -= take )
    {
        if ( EVP_MAC_init(ctx, prk, FBC_HASH_LEN, NULL) != 1 ||
             (n > 1 && EVP_MAC_update(ctx, block, sizeof(block)) != 1) ||
             EVP_MAC_update(ctx, info, info_len) != 1 ||
             EVP_MAC_update(ctx, &n, 1) != 1 || !hmac_out(ctx, block) )
            goto out;
        take = left < sizeof(block) ? left : sizeof(block);
        memcpy(p, block, take);
    }
    rc = 0;

 out:
    if ( rc )
        fbc_wipe(out, len);
    fbc_wipe(block, sizeof(block));
    EVP_MAC_CTX_free(ctx);

    return rc;
}

/* OpenSSL itself refuses an all-zero result. */
int fbc_x25519(uint8_t out[static FBC_KEY_LEN],
               const uint8_t scalar[static FBC_KEY_LEN],
               const uint8_t point[static FBC_KEY_LEN])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, scalar,
                                                 FBC_KEY_LEN);
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, point,
                                                 FBC_KEY_LEN);
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    uint8_t shared[FBC_KEY_LEN] = { 0 };
    size_t n = sizeof(shared);
    int rc = -1;

    if ( ctx && peer && EVP_PKEY_derive_init(ctx) == 1 &&
         EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
         EVP_PKEY_derive(ctx, shared, &n) == 1 && n == sizeof(shared) )
        rc = 0;
    else
        fbc_wipe(shared, sizeof(shared));
    memcpy(out, shared, sizeof(shared));
    fbc_wipe(shared, sizeof(shared));

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(key);

    return rc;
}

int fbc_x25519_public(uint8_t out[static FBC_KEY_LEN],
                      const uint8_t scalar[static FBC_KEY_LEN])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, scalar,
                                                 FBC_KEY_LEN);
    uint8_t pub[FBC_KEY_LEN];
    size_t n = sizeof(pub);
    int rc = -1;

    if ( key && EVP_PKEY_get_raw_public_key(key, pub, &n) == 1 &&
         n == sizeof(pub) )
        rc = 0;
    else
        memset(pub, 0, sizeof(pub));
    memcpy(out, pub, sizeof(pub));
    EVP_PKEY_free(key);

    return rc;
}
