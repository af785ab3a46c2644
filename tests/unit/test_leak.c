/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fbc-leakcheck's library finds what is there in console sessions of 200
 * frames, in plain, under the paper's RC5 and under AES-XTS, and nothing in
 * ours: so "no leak found" means something.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "leakgen.h"
#include "lib/leak/leak.h"

static struct fbc_leak_font font;
static struct gen gen;

static void put_text(const struct gen *g, struct fbc_leak *l)
{
    uint32_t y;

    l->text_len = GEN_ROWS * (GEN_COLS + 1);
    l->text = malloc(l->text_len);
    MUST(l->text);
    for ( y = 0; y < GEN_ROWS; y++ )
    {
        memcpy(l->text + y * (GEN_COLS + 1), g->text[y], GEN_COLS);
        l->text[y * (GEN_COLS + 1) + GEN_COLS] = '\n';
    }
}

/* Spoils what dom0 sees of frame n. */
typedef void spoil_fn(uint32_t n, uint8_t *px);

static void check(enum gen_mode mode, uint64_t seed, uint32_t frames,
                  spoil_fn *spoil, const char *find,
                  struct fbc_leak_result *r)
{
    const struct fbc_leak_args args = { .find = find };
    struct fbc_leak l = { 0 };
    struct fbc_error e;
    uint8_t *copy = NULL;
    uint32_t n, w, h;

    memset(r, 0, sizeof(*r));
    gen_init(&gen, mode, seed, &font);
    MUST(!fbc_leak_begin(&l, &args, r, &e));
    for ( n = 0; n < frames; n++ )
    {
        const uint8_t *px = gen_next(&gen, &w, &h);

        if ( spoil )
        {
            copy = realloc(copy, (size_t)w * h * 4);
            MUST(copy);
            memcpy(copy, px, (size_t)w * h * 4);
            spoil(n, copy);
            px = copy;
        }
        MUST(!fbc_leak_feed(&l, px, w, h, &e));
    }
    put_text(&gen, &l);
    MUST(!fbc_leak_finish(&l, &e));
    fbc_leak_free(&l);
    gen_free(&gen);
    free(copy);
}

static const struct fbc_leak_item *item(const struct fbc_leak_result *r,
                                        const char *name)
{
    uint32_t i;

    for ( i = 0; i < r->items; i++ )
        if ( !strcmp(r->item[i].name, name) )
            return &r->item[i];
    fail_msg("no analysis %s", name);

    return NULL;
}

static void assert_leaks(const struct fbc_leak_result *r, const char *name)
{
    const struct fbc_leak_item *i = item(r, name);

    if ( i->answer != FBC_LEAK_YES )
        fail_msg("%s: %g is under %g", name, i->value, i->limit);
    assert_true(r->leak);
}

static void assert_silent(const struct fbc_leak_result *r)
{
    uint32_t i;

    for ( i = 0; i < r->items; i++ )
        if ( r->item[i].answer == FBC_LEAK_YES )
            fail_msg("%s: %g reaches %g", r->item[i].name, r->item[i].value,
                     r->item[i].limit);
    assert_false(r->leak);
}

static double share(uint64_t part, uint64_t all)
{
    return all ? (double)part / (double)all : 0;
}

static void rc5(void **state)
{
    struct fbc_leak_result r;

    (void)state;
    check(GEN_RC5, 1, GEN_FRAMES, NULL, "SECRET_ACCESS", &r);
    print_message("# %.1f %% of %u glyphs, %.1f %% of blanks\n",
                  100 * share(r.score.glyphs_right, r.score.glyphs),
                  (unsigned int)r.score.glyphs,
                  100 * share(r.score.blanks_right, r.score.blanks));
    assert_leaks(&r, "returned");
    assert_leaks(&r, "partial");
    assert_leaks(&r, "glyphs");
    assert_leaks(&r, "find-read");
    assert_true(r.score.glyphs > 1000);
    assert_true(share(r.score.glyphs_right, r.score.glyphs) >= 0.85);
    assert_true(share(r.score.blanks_right, r.score.blanks) >= 0.95);
}

static void xts(void **state)
{
    struct fbc_leak_result r;

    (void)state;
    check(GEN_XTS, 3, 25, NULL, NULL, &r);
    assert_leaks(&r, "returned");
    assert_leaks(&r, "partial");
    check(GEN_XTS, 4, 2, NULL, NULL, &r);
    assert_leaks(&r, "partial");
}

static void plain(void **state)
{
    struct fbc_leak_result r;

    (void)state;
    check(GEN_PLAIN, 5, 100, NULL, "root root", &r);
    assert_leaks(&r, "all-bytes");
    assert_leaks(&r, "tile-pixels");
    assert_leaks(&r, "tiles");
    assert_leaks(&r, "repeated");
    assert_leaks(&r, "returned");
    assert_leaks(&r, "find-drawn");
    assert_leaks(&r, "glyphs");
    check(GEN_PLAIN, 6, 1, NULL, NULL, &r);
    assert_leaks(&r, "repeated");
    assert_int_equal(item(&r, "returned")->answer, FBC_LEAK_NOT_RUN);
}

static void ours(void **state)
{
    static const uint32_t frames[] = { GEN_FRAMES, 10, 5, 3, 2, 1 };
    struct fbc_leak_result r;
    uint32_t i;

    (void)state;
    for ( i = 0; i < 6; i++ )
    {
        check(GEN_AEAD, 100 + i, frames[i], NULL, i ? "root" : NULL, &r);
        assert_silent(&r);
        assert_int_equal(r.keyed, frames[i]);
        assert_int_equal(r.height, GEN_HEIGHT);
        assert_int_equal(r.score.glyphs_right, 0);
    }
}

static void black(void **state)
{
    struct fbc_leak_result r;

    (void)state;
    check(GEN_BLACK, 7, 10, NULL, "root", &r);
    assert_silent(&r);
    assert_int_equal(r.shadows, 10);
    assert_int_equal(r.keyed, 0);
    assert_int_equal(r.uniform, r.tiles);
}

/* Frames that were read while the hypervisor wrote. */
static void torn_header(uint32_t n, uint8_t *px)
{
    if ( n % 3 == 0 )
        px[4 * 20] ^= 0x55;
}

static size_t line_bytes(void)
{
    return gen.e.g.swidth * 4u;
}

/* Frame n has the upper part of the one before in it. */
static void torn_rows(uint32_t n, uint8_t *px)
{
    static uint8_t last[1 << 22];
    size_t len = line_bytes() * gen.e.g.sheight;
    size_t cut = (size_t)(n * 7919u % 100000u) * 16 % len;
    static uint8_t next[1 << 22];

    MUST(len <= sizeof(last));
    memcpy(next, px, len);
    if ( n )
        memcpy(px + cut, last + cut, len - cut);
    memcpy(last, next, len);
}

static void torn(void **state)
{
    struct fbc_leak_result r;

    (void)state;
    check(GEN_AEAD, 200, 6, torn_header, NULL, &r);
    assert_silent(&r);
    assert_int_equal(r.shadows, 6);
    check(GEN_AEAD, 201, 20, torn_rows, NULL, &r);
    assert_silent(&r);
}

/* A keyed screen with something wrong in it. */
static uint8_t *screen_row(uint8_t *px, uint32_t y)
{
    return px + fbc_geom_srow(y) * line_bytes();
}

static void plain_band(uint32_t n, uint8_t *px)
{
    uint32_t y;

    for ( y = 160; n == 7 && y < 176; y++ )
        memcpy(screen_row(px, y), engine_pixel(&gen.e, 0, y), GEN_WIDTH * 4);
}

static void grey_tile(uint32_t n, uint8_t *px)
{
    uint32_t y;

    for ( y = 32; n == 7 && y < 48; y++ )
        memset(screen_row(px, y) + 128 * 4, 0x77, 64 * 4);
}

/* The same keystream for every frame. */
static void keystream(uint32_t n, uint8_t *px)
{
    uint64_t seed = 77;
    uint32_t x, y;

    (void)n;
    for ( y = 0; y < GEN_HEIGHT; y++ )
        for ( x = 0; x < GEN_WIDTH; x++ )
            fbc_put32(screen_row(px, y) + 4 * x,
                      fbc_get32(engine_pixel(&gen.e, x, y)) ^
                      (engine_random(&seed) & 0xffffff));
}

/* One tile is the same at two places. */
static void tile_twice(uint32_t n, uint8_t *px)
{
    uint32_t y;

    for ( y = 0; n == 5 && y < 16; y++ )
        memcpy(screen_row(px, 64 + y) + 64 * 4, screen_row(px, y), 64 * 4);
}

/* Frame 6 shows frame 2's upper half again. */
static void replayed(uint32_t n, uint8_t *px)
{
    static uint8_t old[1 << 22];
    size_t len = line_bytes() * gen.e.g.sheight / 2;

    MUST(len <= sizeof(old));
    if ( n == 2 )
        memcpy(old, px, len);
    if ( n == 6 )
        memcpy(px, old, len);
}

static void spoilt(void **state)
{
    static const struct { spoil_fn *spoil; const char *name; } cases[] = {
        { plain_band, "tile-pixels" },
        { grey_tile, "colours" },
        { keystream, "xor" },
        { keystream, "partial" },
        { tile_twice, "tiles" },
        { tile_twice, "repeated" },
        { replayed, "tiles" },
        { replayed, "returned" },
    };
    struct fbc_leak_result r;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        check(GEN_AEAD, 300 + i, 8, cases[i].spoil, NULL, &r);
        assert_leaks(&r, cases[i].name);
        assert_int_equal(r.keyed, 8);
    }
}

static void coded(void **state)
{
    struct fbc_leak_result r;

    (void)state;
    check(GEN_CONSOLE, 400, GEN_FRAMES, NULL, "root", &r);
    print_message("# %u updates, %g bits each\n", (unsigned int)r.updates,
                  r.update_bits);
    assert_silent(&r);
    assert_int_equal(item(&r, "sizes")->answer, FBC_LEAK_NO);
    assert_true(r.updates >= r.changed);
    assert_true(r.update_bits == 0);
    check(GEN_AEAD, 401, 3, NULL, NULL, &r);
    assert_int_equal(item(&r, "sizes")->answer, FBC_LEAK_NOT_RUN);
}

/* What the record of a band's first tile says: the flags are byte 7 of 24. */
static void set_flags(uint8_t *px, uint32_t band, enum fbc_coding coding)
{
    px[fbc_geom_meta_row(&gen.e.g, band) * line_bytes() + 2 * 4 + 1] =
        (uint8_t)(FBC_FLAG_VALID | coding);
}

/* The size of a band is its own: dom0 sees where text is. */
static void own_size(uint32_t n, uint8_t *px)
{
    uint32_t band, x, y, ink;

    (void)n;
    for ( band = 0; band < gen.e.g.bands; band++ )
    {
        for ( y = band * 16, ink = 0; y < band * 16 + 16; y++ )
            for ( x = 400; x < 800; x++ )
                ink |= fbc_get32(engine_pixel(&gen.e, x, y));
        if ( ink )
            set_flags(px, band, FBC_CODING_1536);
    }
}

/* Half of the updates are larger. */
static void two_sizes(uint32_t n, uint8_t *px)
{
    uint32_t band;

    for ( band = 0; n % 2 && band < gen.e.g.bands; band++ )
        set_flags(px, band, FBC_CODING_1536);
}

static void sizes(void **state)
{
    struct fbc_leak_result r;

    (void)state;
    check(GEN_CONSOLE, 402, 20, own_size, NULL, &r);
    assert_leaks(&r, "sizes");
    check(GEN_CONSOLE, 403, 20, two_sizes, NULL, &r);
    assert_int_equal(item(&r, "sizes")->answer, FBC_LEAK_NO);
    assert_true(r.update_bits > 0.9 && r.update_bits < 1.01);
}

static int load_font(void **state)
{
    struct fbc_error e;

    (void)state;
    return fbc_leak_font_load(&font, FBC_LEAK_FONT, &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "RC5: 85 % of the characters are read without the key", rc5, NULL,
          NULL, NULL },
        { "AES-XTS leaks, in two frames already", xts, NULL, NULL, NULL },
        { "stock Xen's frames leak, one is enough", plain, NULL, NULL, NULL },
        { "sealed frames do not leak", ours, NULL, NULL, NULL },
        { "a screen without a key does not leak", black, NULL, NULL, NULL },
        { "sealed frames that were torn do not leak", torn, NULL, NULL,
          NULL },
        { "each mistake in sealed frames is found", spoilt, NULL, NULL,
          NULL },
        { "bands that are coded do not leak", coded, NULL, NULL, NULL },
        { "sizes of tiles leak, those of updates are counted", sizes, NULL,
          NULL, NULL },
    };

    return cmocka_run_group_tests(tests, load_font, NULL);
}
