/* SPDX-License-Identifier: GPL-2.0-only */
/* Bands of few colours, coded, sealed, and back. */
#include <stdlib.h>

#include "vec.h"

#include "core/band.h"
#include "core/header.h"
#include "parse/shadow/coded.h"

/* A band's pixels, at most: 2560 x 16. */
#define BAND_BYTES ((size_t)FBC_MAX_SWIDTH * FBC_TILE_H * 3)

static struct fbc_coded coded;

static uint32_t rnd(void)
{
    static uint32_t s = 14;

    s = s * 1664525 + 1013904223;

    return s >> 8;
}

/* Packed pixels of a part of a band's. */
static void cut(const uint8_t *px, uint32_t width, uint32_t x, uint32_t w,
                uint32_t h, uint8_t *tile)
{
    uint32_t y;

    for ( y = 0; y < h; y++ )
        memcpy(tile + y * w * 3, px + (y * width + x) * 3, w * 3);
}

static uint32_t tile_width(uint32_t width, uint32_t x)
{
    return width - x < FBC_TILE_W ? width - x : FBC_TILE_W;
}

/* Codes into a block of the longest length; 0: too many colours. */
static size_t make_code(const uint8_t *px, uint32_t w, uint32_t h,
                        uint8_t plain[static FBC_CODED_MAX])
{
    static struct fbc_cells cells;
    uint32_t x;
    size_t len;

    memset(&cells, 0xa5, sizeof(cells));
    fbc_cells_begin(&cells);
    for ( x = 0; x < w; x += FBC_TILE_W )
    {
        const uint32_t n = tile_width(w, x);
        uint8_t *tile = malloc(n * h * 3);

        assert_non_null(tile);
        cut(px, w, x, n, h, tile);
        fbc_cells_add(&cells, tile, n, h);
        free(tile);
    }
    len = fbc_cells_end(&cells);
    assert_true(len <= FBC_CELLS_CODE((w + 7) / 8));
    assert_int_equal(fbc_get16(cells.plain), len);
    memset(plain, 0, FBC_CODED_MAX);
    memcpy(plain, cells.plain, FBC_CODED_HEAD + len);

    return len;
}

/*
 * plain as it is sealed, on the heap so that no byte more is read.  What opens
 * is what the coder makes.
 */
static enum fbc_err open_plain(const uint8_t *plain, size_t len, uint32_t w,
                               uint32_t h, uint8_t *px)
{
    uint8_t *copy = malloc(len ? len : 1), tile[FBC_TILE_BYTES];
    uint8_t again[FBC_CODED_MAX];
    enum fbc_err err;
    uint32_t x, y;

    assert_non_null(copy);
    memcpy(copy, plain, len);
    memset(&coded, 0xa5, sizeof(coded));
    err = fbc_coded_open(&coded, copy, len, w, h);
    for ( x = 0; !err && x < w; x += FBC_TILE_W )
    {
        const uint32_t n = tile_width(w, x);

        fbc_coded_tile(&coded, x, n, tile);
        for ( y = 0; y < h; y++ )
            memcpy(px + (y * w + x) * 3, tile + y * n * 3, n * 3);
    }
    if ( !err )
    {
        size_t n = make_code(px, w, h, again);

        assert_int_equal(fbc_get16(plain), n);
        assert_memory_equal(plain, again, FBC_CODED_HEAD + n);
    }
    free(copy);

    return err;
}

static void check_code(const json_t *v)
{
    uint32_t w = (uint32_t)vec_u64(v, "w"), h = (uint32_t)vec_u64(v, "h");
    struct hex pixels = vec_hex(v, "pixels"), code = vec_hex(v, "code");
    uint8_t plain[FBC_CODED_MAX], *back = malloc(BAND_BYTES);

    assert_non_null(back);
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
    free(back);
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
    uint8_t px[FBC_TILE_BYTES];

    assert_int_equal(open_plain(plain.data, plain.len, w, h, px), expect);
    if ( !expect )
    {
        pixels = vec_hex(v, "pixels");
        assert_memory_equal(px, pixels.data, w * h * 3);
        free(pixels.data);
    }
    free(plain.data);
}

static void plains(void **state)
{
    (void)state;
    vec_each("coded.json", "plains", check_plain);
}

static void check_band(const json_t *v)
{
    uint16_t w = (uint16_t)vec_u64(v, "w"), h = (uint16_t)vec_u64(v, "h");
    enum fbc_coding coding = (enum fbc_coding)vec_u64(v, "coding");
    uint32_t epoch = (uint32_t)vec_u64(v, "epoch");
    uint32_t tile = (uint32_t)vec_u64(v, "tile");
    enum fbc_err expect = vec_err(v, "expect");
    struct hex sealed = vec_hex(v, "sealed"), pixels;
    uint8_t k[FBC_KEY_LEN], record[FBC_RECORD_LEN], made[FBC_RECORD_LEN];
    static uint8_t buf[FBC_CODED_MAX], px[BAND_BYTES];
    uint8_t plain[FBC_CODED_MAX];
    uint64_t counter = 0;
    struct fbc_aead a;

    vec_bytes(v, "key", k, sizeof(k));
    vec_bytes(v, "record", record, sizeof(record));
    assert_int_equal(fbc_aead_init(&a, (enum fbc_aead_id)vec_u64(v, "aead"),
                                   k), 0);
    memset(buf, 0, sizeof(buf));
    memcpy(buf, sealed.data, sealed.len);
    assert_int_equal(fbc_band_open(&a, (uint16_t)vec_u64(v, "version"), epoch,
                                   tile, 0, w, h, buf, record, &counter),
                     expect);
    if ( expect )
    {
        assert_true(!counter);
        assert_true(fbc_is_zero(buf, sizeof(buf)));
    }
    else
    {
        pixels = vec_hex(v, "pixels");
        assert_int_equal(fbc_record_coding(record), coding);
        assert_int_equal(fbc_coding_len(coding, w), sealed.len);
        assert_int_equal(open_plain(buf, sealed.len, w, h, px), FBC_OK);
        assert_memory_equal(px, pixels.data, pixels.len);

        make_code(px, w, h, plain);
        assert_int_equal(fbc_band_seal(&a, epoch, tile, counter, w, h, coding,
                                       plain, made), FBC_OK);
        assert_memory_equal(plain, sealed.data, sealed.len);
        assert_memory_equal(made, record, sizeof(record));
        assert_int_equal(fbc_band_open(&a, FBC_HEADER_CODED, epoch, tile,
                                       counter, w, h, plain, record,
                                       &counter), FBC_ERR_STALE);
        record[FBC_COUNTER_LEN] &= (uint8_t)~FBC_FLAG_VALID;
        assert_int_equal(fbc_band_open(&a, FBC_HEADER_CODED, epoch, tile, 0,
                                       w, h, plain, record, &counter),
                         FBC_ERR_PENDING);
        free(pixels.data);
    }
    fbc_aead_clear(&a);
    free(sealed.data);
}

static void bands(void **state)
{
    (void)state;
    vec_each("coded.json", "bands", check_band);
}

/* A band of at most n colours: noise, cells of two, runs, rows again. */
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

static void random_bands(void **state)
{
    static uint8_t px[BAND_BYTES], back[BAND_BYTES];
    uint8_t plain[FBC_CODED_MAX];
    unsigned int i, done = 0;

    (void)state;
    for ( i = 0; i < 3000; i++ )
    {
        uint32_t w = i % 50 ? 1 + rnd() % 200 : FBC_MAX_SWIDTH - rnd() % 9;
        uint32_t h = i % 3 ? 16 : 1 + rnd() % 16;
        uint32_t n = 1 + rnd() % 20;
        size_t len;

        draw(px, w, h, n);
        len = make_code(px, w, h, plain);
        if ( !len )
        {
            assert_true(n > FBC_CELLS_COLOURS);
            continue;
        }
        done++;
        memset(back, 0, sizeof(back));
        assert_int_equal(open_plain(plain, FBC_CODED_HEAD + len, w, h, back),
                         FBC_OK);
        assert_memory_equal(back, px, w * h * 3);
        if ( w >= FBC_MIN_WIDTH )
            assert_true(fbc_coding_for(len, w, h) != FBC_CODING_NONE);
    }
    assert_true(done > 2200);
}

/* Each place where it can be cut, and each bit that can be another. */
static void mutations(void **state)
{
    static uint8_t px[BAND_BYTES], back[BAND_BYTES];
    uint8_t plain[FBC_CODED_MAX];
    const uint32_t w = 99, h = 7;
    size_t len, at;
    uint32_t n;

    (void)state;
    for ( n = 1; n <= FBC_CELLS_COLOURS; n++ )
    {
        draw(px, w, h, n);
        len = make_code(px, w, h, plain);
        assert_true(len);
        for ( at = 1; at < len; at++ )
        {
            /* Said to be shorter, and gone. */
            fbc_put16(plain, (uint16_t)at);
            assert_true(open_plain(plain, FBC_CODED_HEAD + at, w, h, back));
            fbc_put16(plain, (uint16_t)len);
            assert_int_equal(open_plain(plain, FBC_CODED_HEAD + at, w, h,
                                        back), FBC_ERR_LENGTH);
        }
        assert_int_equal(open_plain(plain, 1, w, h, back), FBC_ERR_LENGTH);
        assert_int_equal(open_plain(plain, 0, w, h, back), FBC_ERR_LENGTH);

        /* What opens is the code of other pixels. */
        for ( at = 8 * FBC_CODED_HEAD; at < 8 * (FBC_CODED_HEAD + len); at++ )
        {
            plain[at / 8] ^= (uint8_t)(1u << at % 8);
            if ( !open_plain(plain, FBC_CODED_HEAD + len, w, h, back) )
                assert_memory_not_equal(back, px, w * h * 3);
            plain[at / 8] ^= (uint8_t)(1u << at % 8);
        }
    }
}

/* In each cell another glyph, or 16 colours, so that no row comes again. */
static void draw_worst(uint8_t *px, uint32_t w, bool full)
{
    uint32_t x, y;

    memset(px, 0, BAND_BYTES);
    for ( y = 0; y < FBC_TILE_H; y++ )
        for ( x = 0; x < w; x++ )
        {
            uint32_t v = (x / 8 * 16 + y + 1) * 2654435761u, c;

            v = (v ^ v >> 15) * 0x85ebca6b;
            if ( full )
                c = (x + y * (1 + x / 8 % 15)) % 16;
            else if ( x % 8 == 7 )      /* differs from the row above */
                c = y & 1;
            else
                c = x % 8 && v >> (16 + x % 8) & 1;
            if ( !full )
                c = (c + x / 8 * 2) % 16;
            px[(y * w + x) * 3] = (uint8_t)c;
        }
}

static void longest(void **state)
{
    static const uint32_t widths[] = { 96, 104, 800, 1920, FBC_MAX_SWIDTH };
    static uint8_t px[BAND_BYTES], back[BAND_BYTES];
    uint8_t plain[FBC_CODED_MAX];
    size_t i, len;

    (void)state;
    for ( i = 0; i < sizeof(widths) / sizeof(widths[0]); i++ )
    {
        const uint32_t w = widths[i], n = w / 8;

        draw_worst(px, w, false);
        len = make_code(px, w, 16, plain);
        assert_in_range(len, n * 19, FBC_CELLS_TEXT(n));
        assert_true(fbc_coding_for(len, w, 16) <= FBC_CODING_TEXT);
        assert_int_equal(open_plain(plain, FBC_CODED_HEAD + len, w, 16, back),
                         FBC_OK);
        assert_memory_equal(px, back, w * 16 * 3);

        draw_worst(px, w, true);
        len = make_code(px, w, 16, plain);
        assert_int_equal(len, FBC_CELLS_HEAD(16) + (n + 255) / 256 * 2 +
                              (n + 7) / 8 + n * 66);
        assert_true(len <= FBC_CELLS_CODE(n));
        assert_true(fbc_coding_for(len, w, 16) != FBC_CODING_NONE);
        assert_int_equal(open_plain(plain, FBC_CODED_HEAD + len, w, 16, back),
                         FBC_OK);
        assert_memory_equal(px, back, w * 16 * 3);
    }
}

static void ladder(void **state)
{
    static const struct {
        uint32_t w, h;
        size_t code;
        enum fbc_coding coding;
    } cases[] = {
        { 800, 16, 574, FBC_CODING_LINE }, { 800, 16, 575, FBC_CODING_1536 },
        { 800, 16, 1534, FBC_CODING_1536 }, { 800, 16, 1535, FBC_CODING_TEXT },
        { 800, 16, 2446, FBC_CODING_TEXT }, { 800, 16, 2447, FBC_CODING_ANY },
        { 800, 16, 7246, FBC_CODING_ANY }, { 800, 16, 0, FBC_CODING_NONE },
        /* Where there is no room, bands are tiles whatever they show. */
        { 800, 3, 2447, FBC_CODING_ANY }, { 800, 3, 0, FBC_CODING_ANY },
        { 800, 4, 0, FBC_CODING_NONE }, { 511, 1, 431, FBC_CODING_1536 },
        { 512, 1, 430, FBC_CODING_LINE }, { 512, 1, 0, FBC_CODING_TEXT },
        { 96, 1, 286, FBC_CODING_LINE }, { 96, 1, 287, FBC_CODING_1536 },
        { 96, 16, 0, FBC_CODING_NONE }, { 96, 16, 1534, FBC_CODING_1536 },
    };
    static const size_t lens[] = { 576, 1536, 2448, 7248 };
    uint32_t w;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
        assert_int_equal(fbc_coding_for(cases[i].code, cases[i].w,
                                        cases[i].h), cases[i].coding);
    for ( i = 0; i < 4; i++ )
        assert_int_equal(fbc_coding_len((enum fbc_coding)(i + 1), 800),
                         lens[i]);
    assert_int_equal(fbc_coding_len(FBC_CODING_TEXT, 96), 1536);
    assert_int_equal(fbc_coding_len(FBC_CODING_ANY, 96), 1536);
    assert_int_equal(fbc_coding_len(FBC_CODING_ANY, FBC_MAX_SWIDTH),
                     FBC_CODED_MAX);
    /* There is room for the first one, and it is the shortest. */
    for ( w = FBC_MIN_WIDTH; w <= FBC_MAX_SWIDTH; w++ )
    {
        assert_true(fbc_has_coding(FBC_CODING_LINE, w, 1));
        assert_true(fbc_coding_len(FBC_CODING_LINE, w) < 1536);
        assert_int_equal(fbc_coding_len(FBC_CODING_LINE, w) % 3, 0);
    }
    /* Of most screens it is as wide as QEMU looks at. */
    assert_int_equal(fbc_coded_width(fbc_coding_len(FBC_CODING_LINE, 1408),
                                     16), 16);
    assert_int_equal(fbc_coded_width(768, 16), 16);
    assert_int_equal(fbc_coded_width(769, 16), 32);
    assert_int_equal(fbc_coded_width(768, 8), 32);
    assert_int_equal(fbc_coded_width(768, 1), 256);
}

/* All of the block is used, all behind it is 0, nothing outside is touched. */
static void block(void **state)
{
    static const uint32_t sizes[][2] = {
        { 96, 16 }, { 800, 16 }, { 801, 7 }, { 800, 1 }, { 2560, 16 },
        { 333, 5 },
    };
    uint8_t buf[FBC_CODED_MAX], back[FBC_CODED_MAX];
    size_t i, at, n;
    unsigned int c;

    (void)state;
    for ( at = 0; at < sizeof(buf); at++ )
        buf[at] = (uint8_t)(1 + rnd() % 255);
    for ( i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
        for ( c = 1; c < FBC_CODINGS; c++ )
        {
            const uint32_t w = sizes[i][0], h = sizes[i][1];
            const size_t stride = w * 4u + 12;
            size_t len = fbc_coding_len((enum fbc_coding)c, w), set = 0;
            uint8_t *px = malloc(stride * h);

            if ( !fbc_has_coding(c, w, h) )
            {
                free(px);
                continue;
            }
            assert_non_null(px);
            memset(px, 0xee, stride * h);
            fbc_band_put(px, stride, w, h, buf, len);
            for ( at = 0; at < stride * h; at++ )
                if ( at % stride >= w * 4u )
                    assert_int_equal(px[at], 0xee);
                else if ( at % stride >= fbc_coded_width(len, h) * 4u )
                    assert_int_equal(px[at], 0);
                else
                    set += !!px[at];
            assert_int_equal(set, len);
            memset(back, 0, sizeof(back));
            fbc_band_get(back, px, stride, h, len);
            assert_memory_equal(back, buf, len);
            for ( n = len; n < sizeof(back); n++ )
                assert_int_equal(back[n], 0);
            free(px);
        }
}

/* Who seals may not make what no reader takes. */
static void no_such_coding(void **state)
{
    static const struct {
        uint16_t w, h;
        unsigned int coding;
        enum fbc_err err;
    } cases[] = {
        { 160, 16, 0, FBC_ERR_RANGE }, { 160, 16, 1, FBC_OK },
        { 160, 16, 4, FBC_OK }, { 160, 16, 5, FBC_ERR_RANGE },
        { 512, 1, 2, FBC_OK }, { 511, 1, 2, FBC_ERR_RANGE },
        { 800, 4, 4, FBC_OK }, { 800, 3, 4, FBC_ERR_RANGE },
    };
    static const uint8_t key[FBC_KEY_LEN] = { 4 };
    uint8_t buf[FBC_CODED_MAX] = { 0 }, record[FBC_RECORD_LEN];
    struct fbc_aead a;
    size_t i;

    (void)state;
    assert_int_equal(fbc_aead_init(&a, FBC_AEAD_AES256_GCM, key), 0);
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
        assert_int_equal(fbc_band_seal(&a, 1, 1, 1, cases[i].w, cases[i].h,
                                       (enum fbc_coding)cases[i].coding, buf,
                                       record), cases[i].err);
    assert_int_equal(fbc_band_seal(&a, 1, 1, 0, 160, 16, FBC_CODING_LINE, buf,
                                   record), FBC_ERR_RANGE);
    assert_int_equal(fbc_band_seal(&a, 1, 1, FBC_COUNTER_MAX + 1, 160, 16,
                                   FBC_CODING_LINE, buf, record),
                     FBC_ERR_RANGE);
    assert_int_equal(fbc_band_seal(&a, 1, FBC_MAX_TILES, 1, 160, 16,
                                   FBC_CODING_LINE, buf, record),
                     FBC_ERR_RANGE);
    fbc_aead_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("codes agree with an independent implementation", codes),
        VEC_TEST("what no hypervisor writes is refused, and leaves no pixel",
                 plains),
        VEC_TEST("a coded band opens as what its record says, under version "
                 "3 only", bands),
        VEC_TEST("3,000 random bands come back", random_bands),
        VEC_TEST("every truncation is refused; no band has two codes",
                 mutations),
        VEC_TEST("the longest codes, of text and of anything", longest),
        VEC_TEST("the smallest size that has room", ladder),
        VEC_TEST("a code lies in its block, and zeros behind it", block),
        VEC_TEST("a band is not sealed in a coding that it cannot have",
                 no_such_coding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
