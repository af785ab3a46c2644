/* SPDX-License-Identifier: GPL-2.0-only */
/* The primitives on BearSSL 0.6: no allocation, no libc but mem*(). */
#include "core/crypto.h"

#include <bearssl_aead.h>
#include <bearssl_block.h>
#include <bearssl_ec.h>
#include <bearssl_hash.h>
#include <bearssl_hmac.h>

#ifdef CONFIG_FBCRYPT_IPSEC_MB
#include "crypto/ipsec-mb.h"
#endif

/* AES schedule and GHASH key are made once a key. */
struct gcm {
    union {
        struct {
            union {
                const br_block_ctr_class *vtable;
                br_aes_x86ni_ctr_keys x86ni;
                br_aes_ct64_ctr_keys ct64;
            } keys;
            br_gcm_context ctx;
        };
#ifdef CONFIG_FBCRYPT_IPSEC_MB
        struct imb_gcm_key imb;
#endif
    };
    bool is_imb;
};

struct chacha {
    uint8_t key[FBC_KEY_LEN];
};

_Static_assert(sizeof(struct gcm) <= FBC_AEAD_CTX_LEN, "FBC_AEAD_CTX_LEN");
_Static_assert(sizeof(struct chacha) <= FBC_AEAD_CTX_LEN, "FBC_AEAD_CTX_LEN");

#ifdef FBC_CRYPTO_PORTABLE      /* the tests' way to a CPU without AES-NI */
#define br_aes_x86ni_ctr_get_vtable() ((const br_block_ctr_class *)NULL)
#define br_ghash_pclmul_get()         ((br_ghash)NULL)
#endif

/* Round keys, scalars and MACs that BearSSL leaves below the caller's frame. */
static void __attribute__((__noinline__)) wipe_below(void)
{
    uint8_t frame[2048];        /* the portable AES has gone 1900 deep */

    fbc_wipe(frame, sizeof(frame));
}

bool fbc_aead_available(enum fbc_aead_id id)
{
    return id == FBC_AEAD_AES256_GCM || id == FBC_AEAD_CHACHA20_POLY1305;
}

bool fbc_aead_fast(enum fbc_aead_id id)
{
    switch ( id )
    {
    case FBC_AEAD_AES256_GCM:
        return br_aes_x86ni_ctr_get_vtable() && br_ghash_pclmul_get();

    default:
        return fbc_aead_available(id);
    }
}

static void gcm_init(struct gcm *g, const uint8_t *key)
{
    bool fast = fbc_aead_fast(FBC_AEAD_AES256_GCM);

#ifdef CONFIG_FBCRYPT_IPSEC_MB
    if ( fast )
    {
        br_aes_x86ni_ctr_keys x86ni;

        br_aes_x86ni_ctr_init(&x86ni, key, FBC_KEY_LEN);
        memcpy(g->imb.rounds, &x86ni.skey.skni, sizeof(g->imb.rounds));
        fbc_wipe(&x86ni, sizeof(x86ni));
        aes_gcm_precomp_256_sse(&g->imb);
        g->is_imb = true;
        return;
    }
#endif

    if ( fast )
        br_aes_x86ni_ctr_init(&g->keys.x86ni, key, FBC_KEY_LEN);
    else
        br_aes_ct64_ctr_init(&g->keys.ct64, key, FBC_KEY_LEN);
    br_gcm_init(&g->ctx, &g->keys.vtable,
                fast ? br_ghash_pclmul_get() : br_ghash_ctmul64);
}

int fbc_aead_init(struct fbc_aead *a, enum fbc_aead_id id,
                  const uint8_t key[static FBC_KEY_LEN])
{
    memset(a, 0, sizeof(*a));
    if ( !fbc_aead_available(id) )
        return -1;

    a->id = id;
    if ( id == FBC_AEAD_AES256_GCM )
    {
        gcm_init((void *)a->ctx, key);
        wipe_below();
    }
    else
        memcpy(a->ctx, key, FBC_KEY_LEN);

    return 0;
}

static void gcm_run(struct gcm *g, bool encrypt, const uint8_t *nonce,
                    const void *aad, size_t aad_len, void *buf, size_t len,
                    uint8_t *tag)
{
#ifdef CONFIG_FBCRYPT_IPSEC_MB
    if ( g->is_imb )
    {
        struct imb_gcm_state state;

        if ( encrypt )
            aes_gcm_enc_256_sse(&g->imb, &state, buf, buf, len, nonce, aad,
                                aad_len, tag, FBC_TAG_LEN);
        else
            aes_gcm_dec_256_sse(&g->imb, &state, buf, buf, len, nonce, aad,
                                aad_len, tag, FBC_TAG_LEN);
        fbc_wipe(&state, sizeof(state));
        return;
    }
#endif

    br_gcm_reset(&g->ctx, nonce, FBC_NONCE_LEN);
    if ( aad_len )
        br_gcm_aad_inject(&g->ctx, aad, aad_len);
    br_gcm_flip(&g->ctx);
    if ( len )
        br_gcm_run(&g->ctx, encrypt, buf, len);
    br_gcm_get_tag(&g->ctx, tag);
    wipe_below();
}

static void chacha_run(const struct chacha *c, bool encrypt,
                       const uint8_t *nonce, const void *aad, size_t aad_len,
                       void *buf, size_t len, uint8_t *tag)
{
    br_poly1305_run run = br_poly1305_ctmulq_get();

    if ( !run )
        run = br_poly1305_ctmul_run;
    run(c->key, nonce, buf, len, aad, aad_len, tag, br_chacha20_ct_run,
        encrypt);
    wipe_below();
}

int fbc_aead_seal(struct fbc_aead *a,
                  const uint8_t nonce[static FBC_NONCE_LEN],
                  const void *aad, size_t aad_len, void *buf, size_t len,
                  uint8_t tag[static FBC_TAG_LEN])
{
    switch ( a->id )
    {
    case FBC_AEAD_AES256_GCM:
        gcm_run((void *)a->ctx, true, nonce, aad, aad_len, buf, len, tag);
        return 0;

    case FBC_AEAD_CHACHA20_POLY1305:
        chacha_run((void *)a->ctx, true, nonce, aad, aad_len, buf, len, tag);
        return 0;

    default:
        if ( len )
            fbc_wipe(buf, len);
        memset(tag, 0, FBC_TAG_LEN);
        return -1;
    }
}

int fbc_aead_open(struct fbc_aead *a,
                  const uint8_t nonce[static FBC_NONCE_LEN],
                  const void *aad, size_t aad_len, void *buf, size_t len,
                  const uint8_t tag[static FBC_TAG_LEN])
{
    uint8_t want[FBC_TAG_LEN];

    switch ( a->id )
    {
    case FBC_AEAD_AES256_GCM:
        gcm_run((void *)a->ctx, false, nonce, aad, aad_len, buf, len, want);
        break;

    case FBC_AEAD_CHACHA20_POLY1305:
        chacha_run((void *)a->ctx, false, nonce, aad, aad_len, buf, len, want);
        break;

    default:
        goto fail;
    }

    if ( fbc_equal(want, tag, FBC_TAG_LEN) )
        return 0;

 fail:
    if ( len )
        fbc_wipe(buf, len);

    return -1;
}

void fbc_aead_clear(struct fbc_aead *a)
{
    fbc_wipe(a, sizeof(*a));
}

/* Without AES-NI on every CPU: the few bytes are not worth the FPU. */
static int ccm8_run(const uint8_t *key, bool encrypt, const uint8_t *nonce,
                    const void *aad, size_t aad_len, void *buf, size_t len,
                    uint8_t *tag)
{
    br_aes_ct64_ctrcbc_keys keys;
    br_ccm_context ctx;
    int rc = -1;

    if ( len > FBC_CCM8_MAX )
        return -1;

    br_aes_ct64_ctrcbc_init(&keys, key, FBC_KEY_LEN);
    br_ccm_init(&ctx, &keys.vtable);
    if ( br_ccm_reset(&ctx, nonce, FBC_NONCE_LEN, aad_len, len,
                      FBC_CCM8_TAG_LEN) )
    {
        if ( aad_len )
            br_ccm_aad_inject(&ctx, aad, aad_len);
        br_ccm_flip(&ctx);
        if ( len )
            br_ccm_run(&ctx, encrypt, buf, len);
        br_ccm_get_tag(&ctx, tag);
        rc = 0;
    }
    fbc_wipe(&keys, sizeof(keys));
    fbc_wipe(&ctx, sizeof(ctx));
    wipe_below();

    return rc;
}

int fbc_ccm8_seal(const uint8_t key[static FBC_KEY_LEN],
                  const uint8_t nonce[static FBC_NONCE_LEN],
                  const void *aad, size_t aad_len, void *buf, size_t len,
                  uint8_t tag[static FBC_CCM8_TAG_LEN])
{
    if ( !ccm8_run(key, true, nonce, aad, aad_len, buf, len, tag) )
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
    uint8_t want[FBC_CCM8_TAG_LEN];
    int rc = ccm8_run(key, false, nonce, aad, aad_len, buf, len, want);

    if ( !rc && !fbc_equal(want, tag, sizeof(want)) )
        rc = -1;
    if ( rc && len )
        fbc_wipe(buf, len);
    fbc_wipe(want, sizeof(want));

    return rc;
}

int fbc_sha256(const void *data, size_t len, uint8_t out[static FBC_HASH_LEN])
{
    br_sha256_context ctx;

    br_sha256_init(&ctx);
    br_sha256_update(&ctx, data, len);
    br_sha256_out(&ctx, out);
    fbc_wipe(&ctx, sizeof(ctx));

    return 0;
}

int fbc_hkdf_extract(const void *salt, size_t salt_len, const void *ikm,
                     size_t ikm_len, uint8_t prk[static FBC_HASH_LEN])
{
    br_hmac_key_context key;
    br_hmac_context ctx;

    br_hmac_key_init(&key, &br_sha256_vtable, salt_len ? salt : "", salt_len);
    br_hmac_init(&ctx, &key, 0);
    br_hmac_update(&ctx, ikm, ikm_len);
    br_hmac_out(&ctx, prk);
    fbc_wipe(&key, sizeof(key));
    fbc_wipe(&ctx, sizeof(ctx));
    wipe_below();

    return 0;
}

int fbc_hkdf_expand(const uint8_t prk[static FBC_HASH_LEN], const void *info,
                    size_t info_len, void *out, size_t len)
{
    br_hmac_key_context key;
    br_hmac_context ctx;
    uint8_t block[FBC_HASH_LEN], *p = out, n;
    size_t take;

    if ( len > 255 * FBC_HASH_LEN )
    {
        memset(out, 0, len);
        return -1;
    }

    br_hmac_key_init(&key, &br_sha256_vtable, prk, FBC_HASH_LEN);
    for ( n = 1; len; n++, p += take, len -= take )
    {
        br_hmac_init(&ctx, &key, 0);
        if ( n > 1 )
            br_hmac_update(&ctx, block, sizeof(block));
        br_hmac_update(&ctx, info, info_len);
        br_hmac_update(&ctx, &n, 1);
        br_hmac_out(&ctx, block);
        take = len < sizeof(block) ? len : sizeof(block);
        memcpy(p, block, take);
    }
    fbc_wipe(&key, sizeof(key));
    fbc_wipe(&ctx, sizeof(ctx));
    fbc_wipe(block, sizeof(block));
    wipe_below();

    return 0;
}

int fbc_x25519(uint8_t out[static FBC_KEY_LEN],
               const uint8_t scalar[static FBC_KEY_LEN],
               const uint8_t point[static FBC_KEY_LEN])
{
    static const uint8_t zero[FBC_KEY_LEN];
    uint8_t p[FBC_KEY_LEN];
    int rc = -1;

    memcpy(p, point, sizeof(p));
    if ( br_ec_c25519_m31.mul(p, sizeof(p), scalar, FBC_KEY_LEN,
                              BR_EC_curve25519) &&
         !fbc_equal(p, zero, sizeof(p)) )
        rc = 0;
    else
        fbc_wipe(p, sizeof(p));
    memcpy(out, p, sizeof(p));
    fbc_wipe(p, sizeof(p));
    wipe_below();

    return rc;
}

int fbc_x25519_public(uint8_t out[static FBC_KEY_LEN],
                      const uint8_t scalar[static FBC_KEY_LEN])
{
    static const uint8_t base[FBC_KEY_LEN] = { 9 };

    return fbc_x25519(out, scalar, base);
}
