/* SPDX-License-Identifier: GPL-2.0-only */
/* Tiles of few colours, coded, sealed, and back. */
#include <stdlib.h>

#include "vec.h"

#include "core/header.h"
#include "core/palette.h"
#include "core/tile.h"
#include "parse/shadow/coded.h"

static uint32_t rnd(void)
{
    static uint32_t s = 14;

    s = s * 1664525 + 1013904223;

    return s >> 8;
}

/* plain as it is sealed, on the heap so that no byte more is read. */
static enum fbc_err open_plain(const uint8_t *plain, size_t len, uint32_t w,
                               uint32_t h, uint8_t *px)
{
    uint8_t *copy = malloc(len ? len : 1);
    enum fbc_err err;

    assert_non_null(copy);
    memcpy(copy, plain, len);
    err = fbc_coded_open(copy, len, w, h, px);
    free(copy);

    return err;
}

/* Codes into a block of the longest length; 0: too many colours. */
static size_t make_code(const uint8_t *px, uint32_t w, uint32_t h,
                        uint8_t plain[static FBC_CODED_MAX])
{
    uint8_t *code = malloc(FBC_PALETTE_MAX);
    size_t len;

    assert_non_null(code);
    len = fbc_palette_code(px, w, h, code);
    assert_true(len <= FBC_PALETTE_MAX);
    memset(plain, 0, FBC_CODED_MAX);
    fbc_put16(plain, (uint16_t)len);
    memcpy(plain + FBC_CODED_HEAD, code, len);
    free(code);

    return len;
}

static void check_code(const json_t *v)
{
    uint32_t w = (uint32_t)vec_u64(v, "w"), h = (uint32_t)vec_u64(v, "h");
    struct hex pixels = vec_hex(v, "pixels"), code = vec_hex(v, "code");
    uint8_t plain[FBC_CODED_MAX], back[FBC_TILE_BYTES];

    assert_int_equal(make_code(pixels.data, w, h, plain), code.len);
    assert_memory_equal(plain + FBC_CODED_HEAD, code.data, code.len);
    if ( code.len )
    {
        assert_int_equal(open_plain(plain, FBC_CODED_HEAD + code.len, w, h,
                                    back), FBC_OK);
        assert_memory_equal(back, pixels.data, pixels.len);
    }
    free(pixels.data);
    free(code.data);
}

static void codes(void **state)
{
    (void)state;
    vec_each("coded.json", "codes", check_code);
}

static void check_plain(const json_t *v)
{
    uint32_t w = (uint32_t)vec_u64(v, "w"), h = (uint32_t)vec_u64(v, "h");
    const bool pending = !strcmp(vec_text(v, "expect"), "pending");
    enum fbc_err expect = pending ? FBC_ERR_PENDING : vec_err(v, "expect");
    struct hex plain = vec_hex(v, "plain"), pixels = { 0 };
    uint8_t px[FBC_TILE_BYTES], zero[FBC_TILE_BYTES] = { 0 }, was[sizeof(px)];

    memset(px, 0xee, sizeof(px));
    memcpy(was, px, sizeof(px));
    assert_int_equal(fbc_coded_open(plain.data, plain.len, w, h, px), expect);
    if ( !expect )
    {
        pixels = vec_hex(v, "pixels");
        assert_memory_equal(px, pixels.data, w * h * 3);
        free(pixels.data);
    }
    else if ( memcmp(px, was, sizeof(px)) )
    {
        assert_false(pending);
        assert_memory_equal(px, zero, w * h * 3);
    }
    assert_memory_equal(px + w * h * 3, was, sizeof(px) - w * h * 3);
    free(plain.data);
}

static void plains(void **state)
{
    (void)state;
    vec_each("coded.json", "plains", check_plain);
}

static void check_tile(const json_t *v)
{
    uint16_t w = (uint16_t)vec_u64(v, "w"), h = (uint16_t)vec_u64(v, "h");
    enum fbc_coding coding = (enum fbc_coding)vec_u64(v, "coding");
    uint32_t epoch = (uint32_t)vec_u64(v, "epoch");
    uint32_t tile = (uint32_t)vec_u64(v, "tile");
    enum fbc_err expect = vec_err(v, "expect");
    struct hex sealed = vec_hex(v, "sealed"), pixels;
    uint8_t k[FBC_KEY_LEN], record[FBC_RECORD_LEN], made[FBC_RECORD_LEN];
    uint8_t buf[FBC_TILE_BYTES] = { 0 }, px[FBC_TILE_BYTES];
    uint8_t plain[FBC_CODED_MAX], zero[FBC_TILE_BYTES] = { 0 };
    uint64_t counter = 0;
    struct fbc_aead a;

    vec_bytes(v, "key", k, sizeof(k));
    vec_bytes(v, "record", record, sizeof(record));
    assert_int_equal(fbc_aead_init(&a, (enum fbc_aead_id)vec_u64(v, "aead"),
                                   k), 0);
    memcpy(buf, sealed.data, sealed.len);
    assert_int_equal(fbc_tile_open(&a, (uint16_t)vec_u64(v, "version"), epoch,
                                   tile, 0, w, h, buf, record, &counter),
                     expect);
    if ( expect )
    {
        assert_true(!counter);
        assert_memory_equal(buf, zero, w * h * 3u);
    }
    else
    {
        pixels = vec_hex(v, "pixels");
        assert_int_equal(fbc_record_coding(record), coding);
        assert_int_equal(fbc_coding_len(coding, w, h), sealed.len);
        assert_int_equal(fbc_coded_open(buf, sealed.len, w, h, px), FBC_OK);
        assert_memory_equal(px, pixels.data, pixels.len);

        make_code(px, w, h, plain);
        assert_int_equal(fbc_tile_seal(&a, epoch, tile, counter, w, h, coding,
                                       plain, made), FBC_OK);
        assert_memory_equal(plain, sealed.data, sealed.len);
        assert_memory_equal(made, record, sizeof(record));
        free(pixels.data);
    }
    fbc_aead_clear(&a);
    free(sealed.data);
}

static void tiles(void **state)
{
    (void)state;
    vec_each("coded.json", "tiles", check_tile);
}

/* A picture of at most n colours: runs, rows again, columns of two. */
static void draw(uint8_t *px, uint32_t w, uint32_t h, uint32_t n)
{
    uint32_t colour[20], x, y, i = 0, kind = rnd() % 4;

    for ( x = 0; x < 20; x++ )
        colour[x] = rnd();
    for ( y = 0; y < h; y++ )
        for ( x = 0; x < w; x++ )
        {
            uint8_t *p = px + (y * w + x) * 3;

            if ( kind == 0 || !(rnd() % 5) )
                i = rnd() % n;
            if ( kind == 1 )
                i = (x / 8 * 2 + (rnd() & 1)) % n;
            if ( kind == 2 && y && !(y % 3) )
                memcpy(p, p - w * 3, 3);
            else
            {
                fbc_put16(p, (uint16_t)colour[i]);
                p[2] = (uint8_t)(colour[i] >> 16);
            }
        }
}

static void random_tiles(void **state)
{
    uint8_t px[FBC_TILE_BYTES], back[FBC_TILE_BYTES];
    uint8_t plain[FBC_CODED_MAX];
    unsigned int i, coded = 0;

    (void)state;
    for ( i = 0; i < 20000; i++ )
    {
        uint32_t w = i % 3 ? 64 : 1 + rnd() % 64;
        uint32_t h = i % 3 ? 16 : 1 + rnd() % 16;
        uint32_t n = 1 + rnd() % 20;
        size_t len;

        draw(px, w, h, n);
        len = make_code(px, w, h, plain);
        if ( !len )
        {
            assert_true(n > FBC_PALETTE_COLOURS);
            continue;
        }
        coded++;
        memset(back, 0, sizeof(back));
        assert_int_equal(open_plain(plain, FBC_CODED_HEAD + len, w, h, back),
                         FBC_OK);
        assert_memory_equal(back, px, w * h * 3);
        assert_true(fbc_coding_for(len, w, h) != FBC_CODING_NONE);
    }
    assert_true(coded > 15000);
}

/* The whole range of what is taken, at each place where it can be cut. */
static void truncations(void **state)
{
    uint8_t px[FBC_TILE_BYTES], back[FBC_TILE_BYTES];
    uint8_t plain[FBC_CODED_MAX];
    uint32_t n;
    size_t len, cut;

    (void)state;
    for ( n = 1; n <= FBC_PALETTE_COLOURS; n++ )
    {
        draw(px, FBC_TILE_W, FBC_TILE_H, n);
        len = make_code(px, FBC_TILE_W, FBC_TILE_H, plain);
        assert_true(len);
        for ( cut = 1; cut < len; cut++ )
        {
            /* Said to be shorter, and gone. */
            fbc_put16(plain, (uint16_t)cut);
            assert_int_equal(open_plain(plain, FBC_CODED_HEAD + cut,
                                        FBC_TILE_W, FBC_TILE_H, back),
                             FBC_ERR_LENGTH);
            fbc_put16(plain, (uint16_t)len);
            assert_int_equal(open_plain(plain, FBC_CODED_HEAD + cut,
                                        FBC_TILE_W, FBC_TILE_H, back),
                             FBC_ERR_LENGTH);
        }
        assert_int_equal(open_plain(plain, 1, FBC_TILE_W, FBC_TILE_H, back),
                         FBC_ERR_LENGTH);
        assert_int_equal(open_plain(plain, 0, FBC_TILE_W, FBC_TILE_H, back),
                         FBC_ERR_LENGTH);
    }
}

static void worst_cases(void **state)
{
    static const struct {
        uint32_t colours;
        bool pairs;
        size_t len;
    } cases[] = {
        { 2, false, 9 + 128 }, { 3, false, 12 + 256 },
        { 4, false, 15 + 256 }, { 5, false, 18 + 512 },
        { 16, false, FBC_PALETTE_MAX }, { 3, true, 12 + 8 + 128 },
        { 16, true, 51 + 8 + 128 },
    };
    uint8_t px[FBC_TILE_BYTES], plain[FBC_CODED_MAX];
    size_t i, x, y;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        const uint32_t n = cases[i].colours;

        /* Each row differs from the one above by its first pixels. */
        for ( y = 0; y < FBC_TILE_H; y++ )
            for ( x = 0; x < FBC_TILE_W; x++ )
            {
                size_t c = cases[i].pairs ? (x / 8 * 2 + (x + y) % 2) % n
                                          : (x + y) % n;

                memset(px + (y * FBC_TILE_W + x) * 3, 0, 3);
                px[(y * FBC_TILE_W + x) * 3] = (uint8_t)c;
            }
        assert_int_equal(make_code(px, FBC_TILE_W, FBC_TILE_H, plain),
                         cases[i].len);
    }

    /* What 8-pixel cells have always fits into one row. */
    assert_int_equal(fbc_coding_for(51 + 8 + 128, 64, 16), FBC_CODING_192);
    assert_int_equal(fbc_coding_for(190, 64, 16), FBC_CODING_192);
    assert_int_equal(fbc_coding_for(191, 64, 16), FBC_CODING_576);
    assert_int_equal(fbc_coding_for(FBC_PALETTE_MAX, 64, 16), FBC_CODING_576);
    assert_int_equal(fbc_coding_for(0, 64, 16), FBC_CODING_NONE);
    /* Small tiles have room as they are. */
    assert_int_equal(fbc_coding_for(0, 64, 1), FBC_CODING_192);
    assert_int_equal(fbc_coding_for(0, 13, 5), FBC_CODING_576);
    assert_int_equal(fbc_coding_for(0, 64, 3), FBC_CODING_576);
    assert_int_equal(fbc_coding_for(0, 64, 4), FBC_CODING_NONE);
    assert_int_equal(fbc_coding_len(FBC_CODING_192, 64, 1), 192);
    assert_int_equal(fbc_coding_len(FBC_CODING_576, 64, 1), 192);
    assert_int_equal(fbc_coding_len(FBC_CODING_NONE, 64, 16), FBC_TILE_BYTES);
}

/* Who seals may not make what no reader takes. */
static void no_such_coding(void **state)
{
    static const struct {
        uint16_t w, h;
        unsigned int coding;
        enum fbc_err err;
    } cases[] = {
        { 64, 16, 0, FBC_OK }, { 64, 16, 1, FBC_OK }, { 64, 16, 2, FBC_OK },
        { 64, 16, 3, FBC_ERR_RANGE }, { 64, 1, 1, FBC_ERR_RANGE },
        { 64, 2, 1, FBC_OK }, { 64, 3, 2, FBC_ERR_RANGE },
        { 64, 4, 2, FBC_OK }, { 1, 1, 0, FBC_OK }, { 1, 1, 1, FBC_ERR_RANGE },
    };
    static const uint8_t key[FBC_KEY_LEN] = { 4 };
    uint8_t buf[FBC_TILE_BYTES] = { 0 }, record[FBC_RECORD_LEN];
    struct fbc_aead a;
    size_t i;

    (void)state;
    assert_int_equal(fbc_aead_init(&a, FBC_AEAD_AES256_GCM, key), 0);
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
        assert_int_equal(fbc_tile_seal(&a, 1, 1, 1, cases[i].w, cases[i].h,
                                       (enum fbc_coding)cases[i].coding, buf,
                                       record), cases[i].err);
    fbc_aead_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("codes agree with an independent implementation", codes),
        VEC_TEST("what no hypervisor writes is refused, and leaves no pixel",
                 plains),
        VEC_TEST("a coded tile opens as what its record says, under version "
                 "3 only", tiles),
        VEC_TEST("20,000 random tiles come back", random_tiles),
        VEC_TEST("every truncation is refused", truncations),
        VEC_TEST("the longest codes, and what has room for them",
                 worst_cases),
        VEC_TEST("a tile is not sealed in a coding that it cannot have",
                 no_such_coding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
