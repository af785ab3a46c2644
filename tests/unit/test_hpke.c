/* SPDX-License-Identifier: GPL-2.0-only */
/* HPKE against RFC 9180; hpke.c is included to reach its steps for A.1. */
#include "vec.h"

#include <stdlib.h>

#include "core/hpke.c"

struct vector {
    unsigned int aead;
    bool auth;
    uint8_t sk_e[FBC_KEY_LEN], sk_r[FBC_KEY_LEN], pk_r[FBC_KEY_LEN];
    uint8_t sk_s[FBC_KEY_LEN], pk_s[FBC_KEY_LEN], enc[FBC_KEY_LEN];
    uint8_t shared_secret[FBC_HASH_LEN], base_nonce[FBC_NONCE_LEN];
    struct hex info, key, aad, pt, ct;
};

static void load(const json_t *v, struct vector *t)
{
    t->aead = (unsigned int)vec_u64(v, "aead");
    t->auth = vec_u64(v, "mode") == MODE_AUTH;
    vec_bytes(v, "skEm", t->sk_e, FBC_KEY_LEN);
    vec_bytes(v, "skRm", t->sk_r, FBC_KEY_LEN);
    vec_bytes(v, "pkRm", t->pk_r, FBC_KEY_LEN);
    vec_bytes(v, "enc", t->enc, FBC_KEY_LEN);
    if ( t->auth )
    {
        vec_bytes(v, "skSm", t->sk_s, FBC_KEY_LEN);
        vec_bytes(v, "pkSm", t->pk_s, FBC_KEY_LEN);
    }
    vec_bytes(v, "shared_secret", t->shared_secret, FBC_HASH_LEN);
    vec_bytes(v, "base_nonce", t->base_nonce, FBC_NONCE_LEN);
    t->info = vec_hex(v, "info");
    t->key = vec_hex(v, "key");
    t->aad = vec_hex(v, "aad");
    t->pt = vec_hex(v, "pt");
    t->ct = vec_hex(v, "ct");
}

static void unload(struct vector *t)
{
    free(t->info.data);
    free(t->key.data);
    free(t->aad.data);
    free(t->pt.data);
    free(t->ct.data);
}

/* A.1 is AES-128-GCM, which core does not offer: only the steps. */
static void check_steps(const json_t *v)
{
    uint8_t dh[2 * FBC_KEY_LEN], context[KEM_CONTEXT_MAX];
    uint8_t shared[FBC_HASH_LEN], key[FBC_KEY_LEN], nonce[FBC_NONCE_LEN];
    struct vector t;
    size_t n;

    load(v, &t);
    n = t.auth ? 2 * FBC_KEY_LEN : FBC_KEY_LEN;
    assert_int_equal(fbc_x25519(dh, t.sk_r, t.enc), 0);
    if ( t.auth )
        assert_int_equal(fbc_x25519(dh + FBC_KEY_LEN, t.sk_r, t.pk_s), 0);
    memcpy(context, t.enc, FBC_KEY_LEN);
    memcpy(context + FBC_KEY_LEN, t.pk_r, FBC_KEY_LEN);
    memcpy(context + 2 * FBC_KEY_LEN, t.pk_s, FBC_KEY_LEN);
    assert_int_equal(kem_secret(dh, n, context, n + FBC_KEY_LEN, shared), 0);
    assert_memory_equal(shared, t.shared_secret, sizeof(shared));

    assert_int_equal(key_schedule(t.auth ? MODE_AUTH : MODE_BASE,
                                  (enum fbc_aead_id)t.aead, shared,
                                  t.info.data, t.info.len, key, t.key.len,
                                  nonce), 0);
    assert_memory_equal(key, t.key.data, t.key.len);
    assert_memory_equal(nonce, t.base_nonce, sizeof(nonce));
    unload(&t);
}

static void check_setup(const json_t *v)
{
    uint8_t enc[FBC_KEY_LEN], tag[FBC_TAG_LEN];
    struct fbc_hpke s, r;
    struct fbc_aead a;
    struct vector t;
    enum fbc_err err, want;

    load(v, &t);
    want = t.aead == 1 ? FBC_ERR_ALGORITHM : FBC_OK;
    err = fbc_hpke_setup_sender(&s, (enum fbc_aead_id)t.aead, t.pk_r,
                                t.auth ? t.sk_s : NULL, t.sk_e, t.info.data,
                                t.info.len, enc);
    assert_int_equal(err, want);
    err = fbc_hpke_setup_recipient(&r, (enum fbc_aead_id)t.aead, t.enc,
                                   t.sk_r, t.auth ? t.pk_s : NULL,
                                   t.info.data, t.info.len);
    assert_int_equal(err, want);
    if ( want )
    {
        unload(&t);
        return;
    }

    assert_memory_equal(enc, t.enc, sizeof(enc));
    assert_int_equal(t.key.len, sizeof(s.key));
    assert_memory_equal(s.key, t.key.data, sizeof(s.key));
    assert_memory_equal(s.base_nonce, t.base_nonce, sizeof(s.base_nonce));
    assert_memory_equal(&r, &s, sizeof(r));

    assert_int_equal(t.ct.len, t.pt.len + FBC_TAG_LEN);
    assert_int_equal(fbc_aead_init(&a, (enum fbc_aead_id)t.aead, s.key), 0);
    assert_int_equal(fbc_aead_seal(&a, s.base_nonce, t.aad.data, t.aad.len,
                                   t.pt.data, t.pt.len, tag), 0);
    assert_memory_equal(t.pt.data, t.ct.data, t.pt.len);
    assert_memory_equal(tag, t.ct.data + t.pt.len, sizeof(tag));
    fbc_aead_clear(&a);
    unload(&t);
}

static void steps(void **state)
{
    (void)state;
    vec_each("rfc9180.json", "vectors", check_steps);
}

static void setup(void **state)
{
    (void)state;
    vec_each("rfc9180.json", "vectors", check_setup);
}

/* Any difference between the two sides gives another key. */
static void differences(void **state)
{
    /* Different after clamping, which clears the low three bits. */
    uint8_t sk_s[FBC_KEY_LEN] = { 8 }, sk_r[FBC_KEY_LEN] = { 16 };
    uint8_t sk_e[FBC_KEY_LEN] = { 24 }, pk_s[FBC_KEY_LEN], pk_r[FBC_KEY_LEN];
    uint8_t enc[FBC_KEY_LEN], other[FBC_KEY_LEN] = { 32 };
    struct fbc_hpke s, r;

#define SAME(aead, enc_, sk, pk, info, len) \
    (!fbc_hpke_setup_recipient(&r, aead, enc_, sk, pk, info, len) && \
     !memcmp(r.key, s.key, sizeof(r.key)))

    (void)state;
    assert_int_equal(fbc_x25519_public(pk_s, sk_s), 0);
    assert_int_equal(fbc_x25519_public(pk_r, sk_r), 0);
    assert_int_equal(fbc_hpke_setup_sender(&s, FBC_AEAD_AES256_GCM, pk_r, sk_s,
                                           sk_e, "info", 4, enc), FBC_OK);
    assert_true(SAME(FBC_AEAD_AES256_GCM, enc, sk_r, pk_s, "info", 4));
    assert_false(SAME(FBC_AEAD_CHACHA20_POLY1305, enc, sk_r, pk_s, "info",
                      4));
    assert_false(SAME(FBC_AEAD_AES256_GCM, enc, other, pk_s, "info", 4));
    assert_false(SAME(FBC_AEAD_AES256_GCM, enc, sk_r, NULL, "info", 4));
    assert_false(SAME(FBC_AEAD_AES256_GCM, enc, sk_r, pk_r, "info", 4));
    assert_false(SAME(FBC_AEAD_AES256_GCM, enc, sk_r, pk_s, "info", 3));
    assert_false(SAME(FBC_AEAD_AES256_GCM, enc, sk_r, pk_s, "Info", 4));
    assert_false(SAME(FBC_AEAD_AES256_GCM, enc, sk_r, pk_s, NULL, 0));
    enc[31] ^= 0x80;
    assert_false(SAME(FBC_AEAD_AES256_GCM, enc, sk_r, pk_s, "info", 4));
}

static void failures(void **state)
{
    uint8_t sk[FBC_KEY_LEN] = { 1 }, zero[FBC_KEY_LEN] = { 0 };
    uint8_t pk[FBC_KEY_LEN], enc[FBC_KEY_LEN];
    uint8_t info[FBC_HPKE_INFO_MAX + 1] = { 0 };
    struct fbc_hpke h, untouched;

    (void)state;
    memset(&h, 0xa5, sizeof(h));
    memset(&untouched, 0xa5, sizeof(untouched));
    memset(enc, 0xa5, sizeof(enc));
    assert_int_equal(fbc_x25519_public(pk, sk), 0);

    assert_int_equal(fbc_hpke_setup_sender(&h, FBC_AEAD_NONE, pk, sk, sk, NULL,
                                           0, enc), FBC_ERR_ALGORITHM);
    assert_int_equal(fbc_hpke_setup_sender(&h, FBC_AEAD_AES256_GCM, zero, sk,
                                           sk, NULL, 0, enc), FBC_ERR_CRYPTO);
    assert_int_equal(fbc_hpke_setup_sender(&h, FBC_AEAD_AES256_GCM, pk, sk, sk,
                                           info, sizeof(info), enc),
                     FBC_ERR_LENGTH);
    assert_int_equal(fbc_hpke_setup_recipient(&h, FBC_AEAD_AES256_GCM, zero,
                                              sk, pk, NULL, 0), FBC_ERR_AUTH);
    assert_int_equal(fbc_hpke_setup_recipient(&h, FBC_AEAD_AES256_GCM, pk, sk,
                                              zero, NULL, 0), FBC_ERR_AUTH);
    assert_int_equal(fbc_hpke_setup_recipient(&h, FBC_AEAD_AES256_GCM, pk, sk,
                                              pk, info, sizeof(info)),
                     FBC_ERR_LENGTH);
    assert_memory_equal(&h, &untouched, sizeof(h));
    assert_memory_equal(enc, &untouched, sizeof(enc));

    assert_int_equal(fbc_hpke_setup_sender(&h, FBC_AEAD_AES256_GCM, pk, sk, sk,
                                           info, FBC_HPKE_INFO_MAX, enc),
                     FBC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("shared secret and key schedule agree with RFC 9180", steps),
        VEC_TEST("both sides agree with RFC 9180, base and auth", setup),
        VEC_TEST("any difference between the sides gives another key",
                 differences),
        VEC_TEST("a failed setup leaves its outputs untouched", failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
