/* SPDX-License-Identifier: GPL-2.0-only */
/* Nonces, sealing and opening of tiles. */
#include <stdlib.h>

#include "vec.h"

#include "core/header.h"
#include "core/tile.h"

static const uint8_t key[FBC_KEY_LEN] = { 1, 2, 3 };

static uint32_t rnd(void)
{
    static uint32_t s = 99;

    s = s * 1664525 + 1013904223;

    return s >> 8;
}

static void fill(uint8_t *p, size_t len)
{
    while ( len-- )
        *p++ = (uint8_t)rnd();
}

static enum fbc_err want(const json_t *v)
{
    const char *s = vec_text(v, "expect");

    if ( !strcmp(s, "pending") )
        return FBC_ERR_PENDING;
    if ( !strcmp(s, "stale") )
        return FBC_ERR_STALE;

    return vec_err(v, "expect");
}

static void nonce_layout(void **state)
{
    static const uint8_t expect[FBC_NONCE_LEN] = {
        1, 0x33, 0x22, 0x11, 0xa7, 0xa6, 0xa5, 0xa4, 0xa3, 0xa2, 0xa1, 0,
    };
    uint8_t n[FBC_NONCE_LEN];

    (void)state;
    fbc_nonce(n, FBC_NONCE_TILE, 0x112233, UINT64_C(0xa1a2a3a4a5a6a7));
    assert_memory_equal(n, expect, sizeof(n));
}

static void check_vector(const json_t *v)
{
    uint16_t w = (uint16_t)vec_u64(v, "w"), h = (uint16_t)vec_u64(v, "h");
    uint32_t epoch = (uint32_t)vec_u64(v, "epoch");
    uint32_t tile = (uint32_t)vec_u64(v, "tile");
    uint8_t k[FBC_KEY_LEN], record[FBC_RECORD_LEN], made[FBC_RECORD_LEN];
    struct hex sealed = vec_hex(v, "sealed"), pixels = { 0 };
    enum fbc_err expect = want(v);
    uint64_t counter = 77;
    struct fbc_aead a;
    uint8_t *buf;

    vec_bytes(v, "key", k, sizeof(k));
    vec_bytes(v, "record", record, sizeof(record));
    assert_int_equal(fbc_aead_init(&a, (enum fbc_aead_id)vec_u64(v, "aead"),
                                   k), 0);
    buf = malloc(sealed.len);
    assert_non_null(buf);
    assert_true(sealed.len == w * h * 3u);
    memcpy(buf, sealed.data, sealed.len);

    assert_int_equal(fbc_tile_open(&a, epoch, tile, vec_u64(v, "newest"), w,
                                   h, buf, record, &counter), expect);
    if ( expect == FBC_OK )
    {
        pixels = vec_hex(v, "pixels");
        assert_int_equal(pixels.len, sealed.len);
        assert_memory_equal(buf, pixels.data, sealed.len);
        assert_true(counter == vec_u64(v, "counter"));

        assert_int_equal(fbc_tile_seal(&a, epoch, tile, counter, w, h, buf,
                                       made), FBC_OK);
        assert_memory_equal(buf, sealed.data, sealed.len);
        assert_memory_equal(made, record, sizeof(record));
        free(pixels.data);
    }
    else
    {
        assert_true(counter == 77);
        if ( expect == FBC_ERR_AUTH )
            memset(sealed.data, 0, sealed.len);
        assert_memory_equal(buf, sealed.data, sealed.len);
    }

    fbc_aead_clear(&a);
    free(buf);
    free(sealed.data);
}

static void vectors(void **state)
{
    (void)state;
    vec_each("tile.json", "vectors", check_vector);
}

#define W 5
#define H 3

static void every_bit(void **state)
{
    uint8_t good[W * H * 3], record[FBC_RECORD_LEN], pixels[W * H * 3];
    struct fbc_aead a;
    size_t bit;

    (void)state;
    fill(pixels, sizeof(pixels));
    memcpy(good, pixels, sizeof(good));
    assert_int_equal(fbc_aead_init(&a, FBC_AEAD_AES256_GCM, key), 0);
    assert_int_equal(fbc_tile_seal(&a, 3, 4, 0x5555, W, H, good, record),
                     FBC_OK);
    assert_memory_not_equal(good, pixels, sizeof(good));

    for ( bit = 0; bit < 8 * (sizeof(good) + sizeof(record)); bit++ )
    {
        uint8_t buf[sizeof(good)], r[sizeof(record)], zero[sizeof(good)] = {};
        uint64_t counter = 0;
        size_t b = bit % (8 * sizeof(good));
        enum fbc_err err = FBC_ERR_AUTH;

        memcpy(buf, good, sizeof(buf));
        memcpy(r, record, sizeof(r));
        if ( bit < 8 * sizeof(good) )
            buf[b / 8] ^= (uint8_t)(1u << b % 8);
        else
        {
            b = bit - 8 * sizeof(good);
            r[b / 8] ^= (uint8_t)(1u << b % 8);
            if ( b == 63 )
                err = FBC_ERR_PENDING;
        }
        assert_int_equal(fbc_tile_open(&a, 3, 4, 0, W, H, buf, r, &counter),
                         err);
        assert_true(!counter);
        if ( err == FBC_ERR_AUTH )
            assert_memory_equal(buf, zero, sizeof(zero));
    }
    fbc_aead_clear(&a);
}

static void counter_limits(void **state)
{
    static const struct {
        uint32_t tile;
        uint64_t counter;
        enum fbc_err err;
    } cases[] = {
        { 0, 0, FBC_ERR_RANGE },
        { 0, 1, FBC_OK },
        { 0, FBC_COUNTER_MAX, FBC_OK },
        { 0, FBC_COUNTER_MAX + 1, FBC_ERR_RANGE },
        { 0, UINT64_MAX, FBC_ERR_RANGE },
        { FBC_MAX_TILES - 1, 1, FBC_OK },
        { FBC_MAX_TILES, 1, FBC_ERR_RANGE },
        { 1u << 24, 1, FBC_ERR_RANGE },
    };
    struct fbc_aead a;
    size_t i;

    (void)state;
    assert_int_equal(fbc_aead_init(&a, FBC_AEAD_AES256_GCM, key), 0);
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        uint8_t buf[W * H * 3] = {}, zero[W * H * 3] = {};
        uint8_t r[FBC_RECORD_LEN] = {}, empty[FBC_RECORD_LEN] = {};

        assert_int_equal(fbc_tile_seal(&a, 1, cases[i].tile, cases[i].counter,
                                       W, H, buf, r), cases[i].err);
        if ( cases[i].err )
        {
            assert_memory_equal(buf, zero, sizeof(buf));
            assert_memory_equal(r, empty, sizeof(r));
        }
    }
    fbc_aead_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("a nonce is type, tile and counter", nonce_layout),
        VEC_TEST("tiles agree with an independent implementation", vectors),
        VEC_TEST("each flipped bit is refused and leaves no pixel",
                 every_bit),
        VEC_TEST("counters and tiles outside the nonce are refused",
                 counter_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
