/* SPDX-License-Identifier: GPL-2.0-only */
/* The primitives against NIST, RFC 8439, RFC 5869 and RFC 7748 vectors. */
#include "vec.h"

#include <stdlib.h>

#include "core/crypto.h"

static const uint8_t zeros[4096];

static void check_aead(enum fbc_aead_id id, const json_t *v)
{
    struct hex aad = vec_hex(v, "aad"), ct = vec_hex(v, "ct"), pt;
    uint8_t key[FBC_KEY_LEN], nonce[FBC_NONCE_LEN];
    uint8_t want[FBC_TAG_LEN], tag[FBC_TAG_LEN];
    struct fbc_aead a;
    bool ok = vec_err(v, "expect") == FBC_OK;
    int rc;

    vec_bytes(v, "key", key, sizeof(key));
    vec_bytes(v, "nonce", nonce, sizeof(nonce));
    vec_bytes(v, "tag", want, sizeof(want));
    assert_int_equal(fbc_aead_init(&a, id, key), 0);

    if ( ok )
    {
        pt = vec_hex(v, "pt");
        assert_int_equal(pt.len, ct.len);
        rc = fbc_aead_seal(&a, nonce, aad.data, aad.len, pt.data, pt.len,
                           tag);
        assert_int_equal(rc, 0);
        assert_memory_equal(pt.data, ct.data, ct.len);
        assert_memory_equal(tag, want, sizeof(tag));
        free(pt.data);
        pt = vec_hex(v, "pt");
        rc = fbc_aead_open(&a, nonce, aad.data, aad.len, ct.data, ct.len,
                           want);
        assert_int_equal(rc, 0);
        assert_memory_equal(ct.data, pt.data, pt.len);
        free(pt.data);
    }
    else
    {
        rc = fbc_aead_open(&a, nonce, aad.data, aad.len, ct.data, ct.len,
                           want);
        assert_int_equal(rc, -1);
        assert_memory_equal(ct.data, zeros, ct.len);
    }

    fbc_aead_clear(&a);
    free(aad.data);
    free(ct.data);
}

static void check_gcm(const json_t *v)
{
    check_aead(FBC_AEAD_AES256_GCM, v);
}

static void check_chacha(const json_t *v)
{
    check_aead(FBC_AEAD_CHACHA20_POLY1305, v);
}

static void check_ccm8(const json_t *v)
{
    struct hex aad = vec_hex(v, "aad"), pt = vec_hex(v, "pt");
    struct hex ct = vec_hex(v, "ct");
    uint8_t key[FBC_KEY_LEN], nonce[FBC_NONCE_LEN];
    uint8_t want[FBC_CCM8_TAG_LEN], tag[FBC_CCM8_TAG_LEN];
    bool ok = vec_err(v, "expect") == FBC_OK;
    int rc;

    vec_bytes(v, "key", key, sizeof(key));
    vec_bytes(v, "nonce", nonce, sizeof(nonce));
    vec_bytes(v, "tag", want, sizeof(want));
    assert_int_equal(pt.len, ct.len);
    rc = fbc_ccm8_open(key, nonce, aad.data, aad.len, ct.data, ct.len, want);
    assert_int_equal(rc, ok ? 0 : -1);
    assert_memory_equal(ct.data, ok ? pt.data : zeros, ct.len);

    if ( ok )
    {
        free(ct.data);
        ct = vec_hex(v, "ct");
        rc = fbc_ccm8_seal(key, nonce, aad.data, aad.len, pt.data, pt.len,
                           tag);
        assert_int_equal(rc, 0);
        assert_memory_equal(pt.data, ct.data, ct.len);
        assert_memory_equal(tag, want, sizeof(tag));
    }
    free(aad.data);
    free(pt.data);
    free(ct.data);
}

static void ccm8(void **state)
{
    (void)state;
    vec_each("ccm8-edge.json", "vectors", check_ccm8);
}

static void gcm(void **state)
{
    (void)state;
    vec_each("gcm.json", "vectors", check_gcm);
    vec_each("gcm-edge.json", "vectors", check_gcm);
}

static void chacha(void **state)
{
    (void)state;
    vec_each("chacha.json", "vectors", check_chacha);
    vec_each("chacha-edge.json", "vectors", check_chacha);
}

static const enum fbc_aead_id ids[] = {
    FBC_AEAD_AES256_GCM, FBC_AEAD_CHACHA20_POLY1305
};

/* One context, many messages, seal and open in any order. */
static void reuse(void **state)
{
    uint8_t key[FBC_KEY_LEN] = { 1 }, nonce[FBC_NONCE_LEN] = { 0 };
    uint8_t buf[100], tag[FBC_TAG_LEN], first[100], first_tag[FBC_TAG_LEN];
    struct fbc_aead a;
    unsigned int i, n;

    (void)state;
    for ( i = 0; i < 2; i++ )
    {
        assert_int_equal(fbc_aead_init(&a, ids[i], key), 0);
        memset(first, 0x5a, sizeof(first));
        nonce[0] = 0;
        assert_int_equal(fbc_aead_seal(&a, nonce, "x", 1, first,
                                       sizeof(first), first_tag), 0);
        for ( n = 1; n < 50; n++ )
        {
            nonce[0] = (uint8_t)n;
            memset(buf, (int)n, sizeof(buf));
            assert_int_equal(fbc_aead_seal(&a, nonce, NULL, 0, buf, 2 * n,
                                           tag), 0);
            if ( n % 3 == 0 )
            {
                tag[0] ^= 1;
                assert_int_equal(fbc_aead_open(&a, nonce, NULL, 0, buf, 2 * n,
                                               tag), -1);
                assert_memory_equal(buf, zeros, 2 * n);
            }
            else
            {
                assert_int_equal(fbc_aead_open(&a, nonce, NULL, 0, buf, 2 * n,
                                               tag), 0);
                assert_int_equal(buf[2 * n - 1], n);
            }
        }
        nonce[0] = 0;
        assert_int_equal(fbc_aead_open(&a, nonce, "x", 1, first,
                                       sizeof(first), first_tag), 0);
        assert_int_equal(first[99], 0x5a);
        fbc_aead_clear(&a);
    }
}

static void refuse_change(void **state)
{
    uint8_t key[FBC_KEY_LEN] = { 2 }, nonce[FBC_NONCE_LEN] = { 3 };
    uint8_t aad[20] = { 4 }, sealed[70], buf[70], tag[FBC_TAG_LEN];
    struct fbc_aead a;
    unsigned int i, bit;
    int rc;

    (void)state;
    for ( i = 0; i < 2; i++ )
    {
        assert_int_equal(fbc_aead_init(&a, ids[i], key), 0);
        memset(sealed, 0x5a, sizeof(sealed));
        assert_int_equal(fbc_aead_seal(&a, nonce, aad, sizeof(aad), sealed,
                                       sizeof(sealed), tag), 0);

#define EACH_BIT(field, open, a)                                            \
        for ( bit = 0; bit < 8 * sizeof(field); bit++ )                     \
        {                                                                   \
            (field)[bit / 8] ^= (uint8_t)(1 << bit % 8);                    \
            memcpy(buf, sealed, sizeof(buf));                               \
            rc = open(a, nonce, aad, sizeof(aad), buf, sizeof(buf), tag);   \
            assert_int_equal(rc, -1);                                       \
            assert_memory_equal(buf, zeros, sizeof(buf));                   \
            (field)[bit / 8] ^= (uint8_t)(1 << bit % 8);                    \
        }

        EACH_BIT(nonce, fbc_aead_open, &a);
        EACH_BIT(aad, fbc_aead_open, &a);
        EACH_BIT(sealed, fbc_aead_open, &a);
        EACH_BIT(tag, fbc_aead_open, &a);

        memcpy(buf, sealed, sizeof(buf));
        assert_int_equal(fbc_aead_open(&a, nonce, aad, sizeof(aad) - 1, buf,
                                       sizeof(buf), tag), -1);
        memcpy(buf, sealed, sizeof(buf));
        assert_int_equal(fbc_aead_open(&a, nonce, aad, sizeof(aad), buf,
                                       sizeof(buf) - 1, tag), -1);
        memcpy(buf, sealed, sizeof(buf));
        assert_int_equal(fbc_aead_open(&a, nonce, aad, sizeof(aad), buf,
                                       sizeof(buf), tag), 0);
        fbc_aead_clear(&a);
    }
}

static void ccm8_refuse(void **state)
{
    uint8_t key[FBC_KEY_LEN] = { 2 }, nonce[FBC_NONCE_LEN] = { 3 };
    uint8_t aad[3] = { 4 }, sealed[21], buf[21], tag[FBC_CCM8_TAG_LEN];
    static uint8_t big[FBC_CCM8_MAX + 1];
    unsigned int bit;
    int rc;

    (void)state;
    memset(sealed, 0x5a, sizeof(sealed));
    assert_int_equal(fbc_ccm8_seal(key, nonce, aad, sizeof(aad), sealed,
                                   sizeof(sealed), tag), 0);
    EACH_BIT(key, fbc_ccm8_open, key);
    EACH_BIT(nonce, fbc_ccm8_open, key);
    EACH_BIT(aad, fbc_ccm8_open, key);
    EACH_BIT(sealed, fbc_ccm8_open, key);
    EACH_BIT(tag, fbc_ccm8_open, key);
#undef EACH_BIT

    memcpy(buf, sealed, sizeof(buf));
    assert_int_equal(fbc_ccm8_open(key, nonce, aad, sizeof(aad) - 1, buf,
                                   sizeof(buf), tag), -1);
    memcpy(buf, sealed, sizeof(buf));
    assert_int_equal(fbc_ccm8_open(key, nonce, aad, sizeof(aad), buf,
                                   sizeof(buf) - 1, tag), -1);
    memcpy(buf, sealed, sizeof(buf));
    assert_int_equal(fbc_ccm8_open(key, nonce, aad, sizeof(aad), buf,
                                   sizeof(buf), tag), 0);

    /* Lengths have three bytes in the first block. */
    assert_int_equal(fbc_ccm8_seal(key, nonce, NULL, 0, big, FBC_CCM8_MAX,
                                   tag), 0);
    assert_int_equal(fbc_ccm8_open(key, nonce, NULL, 0, big, FBC_CCM8_MAX,
                                   tag), 0);
    big[FBC_CCM8_MAX] = big[0] = 1;
    assert_int_equal(fbc_ccm8_open(key, nonce, NULL, 0, big, sizeof(big),
                                   tag), -1);
    assert_true(fbc_is_zero(big, sizeof(big)));
    big[FBC_CCM8_MAX] = big[0] = 1;
    assert_int_equal(fbc_ccm8_seal(key, nonce, NULL, 0, big, sizeof(big),
                                   tag), -1);
    assert_true(fbc_is_zero(big, sizeof(big)));
    assert_memory_equal(tag, zeros, sizeof(tag));
}

static void unusable(void **state)
{
    uint8_t key[FBC_KEY_LEN] = { 5 }, nonce[FBC_NONCE_LEN] = { 0 };
    uint8_t buf[40], tag[FBC_TAG_LEN];
    struct fbc_aead a;

    (void)state;
    assert_int_equal(fbc_aead_init(&a, FBC_AEAD_NONE, key), -1);
    assert_int_equal(fbc_aead_init(&a, (enum fbc_aead_id)1, key), -1);
    assert_int_equal(fbc_aead_init(&a, (enum fbc_aead_id)4, key), -1);
    assert_false(fbc_aead_available(FBC_AEAD_NONE));
    assert_false(fbc_aead_available((enum fbc_aead_id)1));
    assert_true(fbc_aead_available(FBC_AEAD_CHACHA20_POLY1305));

    assert_int_equal(fbc_aead_init(&a, FBC_AEAD_CHACHA20_POLY1305, key), 0);
    fbc_aead_clear(&a);
    assert_memory_equal(&a, zeros, sizeof(a));
    memset(buf, 1, sizeof(buf));
    memset(tag, 1, sizeof(tag));
    assert_int_equal(fbc_aead_seal(&a, nonce, NULL, 0, buf, sizeof(buf), tag),
                     -1);
    assert_memory_equal(buf, zeros, sizeof(buf));
    assert_memory_equal(tag, zeros, sizeof(tag));
    memset(buf, 1, sizeof(buf));
    assert_int_equal(fbc_aead_open(&a, nonce, NULL, 0, buf, sizeof(buf), tag),
                     -1);
    assert_memory_equal(buf, zeros, sizeof(buf));
    fbc_aead_clear(&a);
}

static void check_hkdf(const json_t *v)
{
    struct hex salt = vec_hex(v, "salt"), ikm = vec_hex(v, "ikm");
    struct hex info = vec_hex(v, "info"), okm = vec_hex(v, "okm");
    uint8_t prk[FBC_HASH_LEN], want[FBC_HASH_LEN], out[100];

    vec_bytes(v, "prk", want, sizeof(want));
    assert_int_equal(fbc_hkdf_extract(salt.data, salt.len, ikm.data, ikm.len,
                                      prk), 0);
    assert_memory_equal(prk, want, sizeof(prk));
    assert_int_equal(okm.len, vec_u64(v, "length"));
    assert_in_range(okm.len, 1, sizeof(out));
    assert_int_equal(fbc_hkdf_expand(prk, info.data, info.len, out, okm.len),
                     0);
    assert_memory_equal(out, okm.data, okm.len);

    free(salt.data);
    free(ikm.data);
    free(info.data);
    free(okm.data);
}

static void hkdf(void **state)
{
    uint8_t prk[FBC_HASH_LEN] = { 7 };
    static uint8_t out[255 * 32 + 1], shorter[33];

    (void)state;
    vec_each("rfc5869.json", "vectors", check_hkdf);

    assert_int_equal(fbc_hkdf_expand(prk, "i", 1, out, 255 * 32), 0);
    assert_int_equal(fbc_hkdf_expand(prk, "i", 1, shorter, 33), 0);
    assert_memory_equal(out, shorter, 33);
    assert_int_equal(fbc_hkdf_expand(prk, "i", 1, out, sizeof(out)), -1);
    assert_memory_equal(out, zeros, 4096);
    assert_int_equal(fbc_hkdf_expand(prk, NULL, 0, shorter, 0), 0);
}

/* FIPS 180-2 B.1, B.2, and the empty string. */
static void sha256(void **state)
{
    static const struct {
        const char *text, *hash;
    } cases[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb924"
              "27ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223"
                 "b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039"
          "a33ce45964ff2167f6ecedd419db06c1" },
    };
    uint8_t out[FBC_HASH_LEN];
    char hex[2 * FBC_HASH_LEN + 1];
    unsigned int i, j;

    (void)state;
    for ( i = 0; i < 3; i++ )
    {
        assert_int_equal(fbc_sha256(cases[i].text, strlen(cases[i].text),
                                    out), 0);
        for ( j = 0; j < sizeof(out); j++ )
            snprintf(hex + 2 * j, 3, "%02x", out[j]);
        assert_string_equal(hex, cases[i].hash);
    }
}

static void check_curve(const json_t *v)
{
    uint8_t k[FBC_KEY_LEN] = { 9 }, u[FBC_KEY_LEN] = { 9 };
    uint8_t out[FBC_KEY_LEN], want[FBC_KEY_LEN];
    uint64_t i, n;

    vec_bytes(v, "out", want, sizeof(want));
    if ( vec_has(v, "iterations") )
    {
        n = vec_u64(v, "iterations");
        for ( i = 0; i < n; i++ )
        {
            assert_int_equal(fbc_x25519(out, k, u), 0);
            memcpy(u, k, sizeof(u));
            memcpy(k, out, sizeof(k));
        }
        assert_memory_equal(k, want, sizeof(k));
        return;
    }

    vec_bytes(v, "scalar", k, sizeof(k));
    vec_bytes(v, "point", u, sizeof(u));
    memset(out, 0xa5, sizeof(out));
    assert_int_equal(fbc_x25519(out, k, u),
                     vec_err(v, "expect") == FBC_OK ? 0 : -1);
    assert_memory_equal(out, want, sizeof(out));

    /* Output over either input. */
    if ( vec_err(v, "expect") == FBC_OK )
    {
        memcpy(out, k, sizeof(out));
        assert_int_equal(fbc_x25519(out, out, u), 0);
        assert_memory_equal(out, want, sizeof(out));
        memcpy(out, u, sizeof(out));
        assert_int_equal(fbc_x25519(out, k, out), 0);
        assert_memory_equal(out, want, sizeof(out));
    }
}

static void curve(void **state)
{
    (void)state;
    vec_each("rfc7748.json", "vectors", check_curve);
    vec_each("rfc7748-edge.json", "vectors", check_curve);
}

static void curve_public(void **state)
{
    uint8_t k[FBC_KEY_LEN] = { 0x77, 1 }, base[FBC_KEY_LEN] = { 9 };
    uint8_t a[FBC_KEY_LEN], b[FBC_KEY_LEN];

    (void)state;
    assert_int_equal(fbc_x25519_public(a, k), 0);
    assert_int_equal(fbc_x25519(b, k, base), 0);
    assert_memory_equal(a, b, sizeof(a));
}

static void equal(void **state)
{
    uint8_t a[33] = { 0 }, b[33] = { 0 };
    unsigned int bit;

    (void)state;
    assert_true(fbc_equal(a, b, sizeof(a)));
    assert_true(fbc_equal(a, b, 0));
    for ( bit = 0; bit < 8 * sizeof(a); bit++ )
    {
        a[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(fbc_equal(a, b, sizeof(a)));
        a[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("AES-256-GCM agrees with NIST", gcm),
        VEC_TEST("ChaCha20-Poly1305 agrees with RFC 8439", chacha),
        VEC_TEST("AES-256-CCM-8 agrees with an independent implementation",
                 ccm8),
        VEC_TEST("CCM-8 refuses any changed bit, and messages too long for it",
                 ccm8_refuse),
        VEC_TEST("a context serves many messages", reuse),
        VEC_TEST("any changed bit is refused and leaves no plaintext",
                 refuse_change),
        VEC_TEST("an unknown or cleared cipher fails closed", unusable),
        VEC_TEST("HKDF agrees with RFC 5869 and keeps its limit", hkdf),
        VEC_TEST("SHA-256 agrees with FIPS 180-2", sha256),
        VEC_TEST("X25519 agrees with RFC 7748 and refuses small order",
                 curve),
        VEC_TEST("a public key is the scalar times 9", curve_public),
        VEC_TEST("fbc_equal sees every bit", equal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
