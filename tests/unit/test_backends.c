/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two backends in one process: fbc_* is BearSSL, openssl_* is OpenSSL
 * (openssl_names.h).  FBC_SEED selects other cases.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/crypto.h"

__typeof__(fbc_aead_available) openssl_aead_available;
__typeof__(fbc_aead_init) openssl_aead_init;
__typeof__(fbc_aead_seal) openssl_aead_seal;
__typeof__(fbc_aead_open) openssl_aead_open;
__typeof__(fbc_aead_clear) openssl_aead_clear;
__typeof__(fbc_ccm8_seal) openssl_ccm8_seal;
__typeof__(fbc_ccm8_open) openssl_ccm8_open;
__typeof__(fbc_sha256) openssl_sha256;
__typeof__(fbc_hkdf_extract) openssl_hkdf_extract;
__typeof__(fbc_hkdf_expand) openssl_hkdf_expand;
__typeof__(fbc_x25519) openssl_x25519;
__typeof__(fbc_x25519_public) openssl_x25519_public;

#define CASES   10000
#define POINTS  2000        /* each is four ladders of 255 steps */
#define MAX_LEN 4096

static uint64_t seed;
static const uint8_t zeros[MAX_LEN];

/* splitmix64 */
static uint64_t next(void)
{
    uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);

    return z ^ (z >> 31);
}

static void fill(uint8_t *p, size_t len)
{
    size_t i;

    uint64_t v = 0;

    for ( i = 0; i < len; i++, v >>= 8 )
    {
        if ( i % 8 == 0 )
            v = next();
        p[i] = (uint8_t)v;
    }
}

/*
 * Half of the lengths are short or next to a block's end.  No loop takes more
 * than a kilobyte in a step: few are longer.
 */
static size_t length(void)
{
    size_t n = next() % ((next() % 16 ? 1024 : MAX_LEN) + 1);

    switch ( next() % 4 )
    {
    case 0:
        return n % 40;
    case 1:
        n = (n & ~(size_t)63) + next() % 3;
        return n > MAX_LEN ? MAX_LEN : n;
    default:
        return n;
    }
}

static int set_seed(void **state)
{
    const char *s = getenv("FBC_SEED");

    (void)state;
    seed = s ? strtoull(s, NULL, 0) : 1;

    return 0;
}

static void aead(enum fbc_aead_id id)
{
    static uint8_t x[MAX_LEN], y[MAX_LEN], plain[MAX_LEN], aad[MAX_LEN];
    uint8_t key[FBC_KEY_LEN], nonce[FBC_NONCE_LEN];
    uint8_t tag_x[FBC_TAG_LEN], tag_y[FBC_TAG_LEN];
    struct fbc_aead a, b;
    size_t len, aad_len;
    unsigned int i;

    for ( i = 0; i < CASES; i++ )
    {
        /* A key serves ten messages. */
        if ( i % 10 == 0 )
        {
            fill(key, sizeof(key));
            assert_int_equal(fbc_aead_init(&a, id, key), 0);
            assert_int_equal(openssl_aead_init(&b, id, key), 0);
        }
        len = length();
        aad_len = length();
        fill(nonce, sizeof(nonce));
        fill(aad, aad_len);
        fill(plain, len);
        memcpy(x, plain, len);
        memcpy(y, plain, len);
        assert_int_equal(fbc_aead_seal(&a, nonce, aad, aad_len, x, len,
                                       tag_x), 0);
        assert_int_equal(openssl_aead_seal(&b, nonce, aad, aad_len, y, len,
                                           tag_y), 0);
        assert_memory_equal(x, y, len);
        assert_memory_equal(tag_x, tag_y, sizeof(tag_x));

        if ( i % 2 )
        {
            assert_int_equal(fbc_aead_open(&a, nonce, aad, aad_len, y, len,
                                           tag_y), 0);
            assert_int_equal(openssl_aead_open(&b, nonce, aad, aad_len, x, len,
                                               tag_x), 0);
            assert_memory_equal(x, plain, len);
            assert_memory_equal(y, plain, len);
        }
        else
        {
            tag_x[next() % FBC_TAG_LEN] ^= (uint8_t)(1 << next() % 8);
            assert_int_equal(fbc_aead_open(&a, nonce, aad, aad_len, y, len,
                                           tag_x), -1);
            assert_int_equal(openssl_aead_open(&b, nonce, aad, aad_len, x, len,
                                               tag_x), -1);
            assert_memory_equal(x, zeros, len);
            assert_memory_equal(y, zeros, len);
        }
        if ( i % 10 == 9 )
        {
            fbc_aead_clear(&a);
            openssl_aead_clear(&b);
        }
    }
}

static void gcm(void **state)
{
    (void)state;
    aead(FBC_AEAD_AES256_GCM);
}

static void chacha(void **state)
{
    (void)state;
    aead(FBC_AEAD_CHACHA20_POLY1305);
}

static void ccm8(void **state)
{
    static uint8_t x[MAX_LEN], y[MAX_LEN], plain[MAX_LEN], aad[0x10010];
    uint8_t key[FBC_KEY_LEN], nonce[FBC_NONCE_LEN];
    uint8_t tag_x[FBC_CCM8_TAG_LEN], tag_y[FBC_CCM8_TAG_LEN];
    size_t len, aad_len;
    unsigned int i;
    int rc;

    (void)state;
    for ( i = 0; i < CASES; i++ )
    {
        len = length();
        /* From 0xff00 on, CCM writes the length in another way. */
        aad_len = i % 64 ? length() : 0xfef0 + next() % 0x120;
        fill(key, sizeof(key));
        fill(nonce, sizeof(nonce));
        fill(aad, aad_len);
        fill(plain, len);
        memcpy(x, plain, len);
        memcpy(y, plain, len);
        assert_int_equal(fbc_ccm8_seal(key, nonce, aad, aad_len, x, len,
                                       tag_x), 0);
        assert_int_equal(openssl_ccm8_seal(key, nonce, aad, aad_len, y, len,
                                           tag_y), 0);
        assert_memory_equal(x, y, len);
        assert_memory_equal(tag_x, tag_y, sizeof(tag_x));

        rc = i % 2 ? 0 : -1;
        if ( rc )
            tag_x[next() % sizeof(tag_x)] ^= (uint8_t)(1 << next() % 8);
        assert_int_equal(fbc_ccm8_open(key, nonce, aad, aad_len, y, len,
                                       tag_x), rc);
        assert_int_equal(openssl_ccm8_open(key, nonce, aad, aad_len, x, len,
                                           tag_x), rc);
        assert_memory_equal(x, rc ? zeros : plain, len);
        assert_memory_equal(y, rc ? zeros : plain, len);
    }
}

static void hashes(void **state)
{
    static uint8_t data[MAX_LEN], salt[MAX_LEN], x[MAX_LEN], y[MAX_LEN];
    uint8_t prk_x[FBC_HASH_LEN], prk_y[FBC_HASH_LEN];
    size_t len, salt_len, out_len;
    unsigned int i;

    (void)state;
    for ( i = 0; i < CASES; i++ )
    {
        len = length();
        salt_len = length();
        out_len = next() % 16 ? next() % 200 : length();
        fill(data, len);
        fill(salt, salt_len);
        assert_int_equal(fbc_sha256(data, len, prk_x), 0);
        assert_int_equal(openssl_sha256(data, len, prk_y), 0);
        assert_memory_equal(prk_x, prk_y, sizeof(prk_x));

        assert_int_equal(fbc_hkdf_extract(salt, salt_len, data, len, prk_x),
                         0);
        assert_int_equal(openssl_hkdf_extract(salt, salt_len, data, len,
                                              prk_y), 0);
        assert_memory_equal(prk_x, prk_y, sizeof(prk_x));

        len %= 600;
        assert_int_equal(fbc_hkdf_expand(prk_x, data, len, x, out_len), 0);
        assert_int_equal(openssl_hkdf_expand(prk_x, data, len, y, out_len), 0);
        assert_memory_equal(x, y, out_len);
    }
}

static void curve(void **state)
{
    uint8_t k[FBC_KEY_LEN], u[FBC_KEY_LEN], x[FBC_KEY_LEN], y[FBC_KEY_LEN];
    unsigned int i;
    int rc;

    (void)state;
    for ( i = 0; i < POINTS; i++ )
    {
        fill(k, sizeof(k));
        fill(u, sizeof(u));
        /* Near 0, near 2^255 and above it. */
        if ( i % 8 == 0 )
            memset(u + 1, 0, sizeof(u) - 1);
        if ( i % 8 == 1 )
            memset(u + 1, 0xff, sizeof(u) - 1);
        if ( i % 16 == 1 )
            u[31] = 0x7f;
        rc = fbc_x25519(x, k, u);
        assert_int_equal(openssl_x25519(y, k, u), rc);
        assert_memory_equal(x, y, sizeof(x));
        assert_int_equal(fbc_x25519_public(x, k), 0);
        assert_int_equal(openssl_x25519_public(y, k), 0);
        assert_memory_equal(x, y, sizeof(x));
    }
}

static void available(void **state)
{
    unsigned int id;

    (void)state;
    for ( id = 0; id < 100; id++ )
        assert_int_equal(fbc_aead_available((enum fbc_aead_id)id),
                         openssl_aead_available((enum fbc_aead_id)id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "both offer the same ciphers here", available, set_seed, NULL,
          NULL },
        { "both agree on 10000 AES-256-GCM messages", gcm, set_seed, NULL,
          NULL },
        { "both agree on 10000 ChaCha20-Poly1305 messages", chacha, set_seed,
          NULL, NULL },
        { "both agree on 10000 AES-256-CCM-8 messages", ccm8, set_seed, NULL,
          NULL },
        { "both agree on 10000 hashes and derived keys", hashes, set_seed,
          NULL, NULL },
        { "both agree on 2000 shared points and public keys", curve,
          set_seed, NULL, NULL },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
