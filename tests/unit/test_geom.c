/* SPDX-License-Identifier: GPL-2.0-only */
/* Geometry of screens and shadows. */
#include <stdlib.h>

#include "vec.h"

#include "core/geom.h"
#include "core/tile.h"

static const struct size {
    uint32_t w, h, sw, sh, cols, bands;
} sizes[] = {
    { 96, 1, 96, 3, 2, 1 },
    { 97, 17, 112, 20, 2, 2 },
    { 129, 16, 144, 18, 3, 1 },
    { 800, 600, 800, 639, 13, 38 },
    { 1366, 768, 1376, 817, 22, 48 },
    { 1920, 1080, 1920, 1149, 30, 68 },
    { 2560, 1926, 2560, 2048, 40, 121 },
};

#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static struct fbc_geom geom(uint32_t w, uint32_t h)
{
    struct fbc_geom g;

    assert_int_equal(fbc_geom_init(&g, w, h), FBC_OK);

    return g;
}

static void known_sizes(void **state)
{
    size_t i;

    (void)state;
    for ( i = 0; i < SIZES; i++ )
    {
        struct fbc_geom g = geom(sizes[i].w, sizes[i].h);

        assert_int_equal(g.width, sizes[i].w);
        assert_int_equal(g.height, sizes[i].h);
        assert_int_equal(g.swidth, sizes[i].sw);
        assert_int_equal(g.sheight, sizes[i].sh);
        assert_int_equal(g.cols, sizes[i].cols);
        assert_int_equal(g.bands, sizes[i].bands);
        assert_int_equal(g.tiles, sizes[i].cols * sizes[i].bands);
    }
}

static void refused_sizes(void **state)
{
    static const uint32_t bad[][2] = {
        { 0, 0 }, { 95, 600 }, { 96, 0 }, { 2561, 600 }, { 800, 1927 },
        { 2560, 2048 }, { 800, 0xffffffff }, { 0xffffffff, 600 },
        { 0xfffffff1, 1 }, { 65536 + 800, 600 }, { 800, 65536 + 600 },
        { 0x80000000, 0x80000000 }, { 1280, 0xfffffff0 },
    };
    struct fbc_geom g, before;
    size_t i;

    (void)state;
    memset(&g, 0xa5, sizeof(g));
    before = g;
    for ( i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        assert_int_equal(fbc_geom_init(&g, bad[i][0], bad[i][1]),
                         FBC_ERR_SIZE);
        assert_memory_equal(&g, &before, sizeof(g));
    }
}

/* Paints the shadow: each pixel belongs to one thing at most. */
static void check_layout(uint32_t w, uint32_t h)
{
    struct fbc_geom g = geom(w, h);
    size_t n = (size_t)g.swidth * g.sheight, used = 0, i;
    uint8_t *owner = calloc(n, 1);
    uint32_t t, x, y;

    assert_non_null(owner);
    assert_true(g.swidth % 16 == 0 && g.swidth >= w && g.swidth < w + 16);
    assert_true(g.sheight <= FBC_MAX_SHEIGHT && g.tiles <= FBC_MAX_TILES);
    memset(owner, 1, g.swidth);

    for ( t = 0; t < g.tiles; t++ )
    {
        struct fbc_rect r = fbc_geom_tile(&g, t);
        uint32_t meta = fbc_geom_meta_row(&g, t / g.cols);

        assert_in_range(r.w, 1, FBC_TILE_W);
        assert_in_range(r.h, 1, FBC_TILE_H);
        for ( y = r.y; y < (uint32_t)r.y + r.h; y++ )
            for ( x = r.x; x < (uint32_t)r.x + r.w; x++ )
            {
                assert_true(x < w && y < h);
                i = (size_t)fbc_geom_srow(y) * g.swidth + x;
                assert_true(i < n);
                assert_int_equal(owner[i], 0);
                owner[i] = 2;
                used++;
            }

        assert_int_equal(meta, fbc_geom_srow(r.y + r.h - 1u) + 1);
        for ( x = r.x; x < (uint32_t)r.x + FBC_RECORD_PIXELS; x++ )
        {
            assert_true(x < g.swidth);
            i = (size_t)meta * g.swidth + x;
            assert_true(i < n);
            assert_int_equal(owner[i], 0);
            owner[i] = 3;
        }
    }
    assert_true(used == (size_t)w * h);
    assert_int_equal(fbc_geom_meta_row(&g, g.bands - 1u), g.sheight - 1);
    free(owner);
}

static void layout(void **state)
{
    uint32_t w, h;
    size_t i;

    (void)state;
    for ( i = 0; i < SIZES; i++ )
        check_layout(sizes[i].w, sizes[i].h);
    for ( w = 96; w <= 226; w += 13 )
        for ( h = 1; h <= 50; h++ )
            check_layout(w, h);
}

static void assert_rect(struct fbc_rect r, uint32_t x, uint32_t y, uint32_t w,
                        uint32_t h)
{
    assert_int_equal(r.x, x);
    assert_int_equal(r.y, y);
    assert_int_equal(r.w, w);
    assert_int_equal(r.h, h);
}

static void clamp(void **state)
{
    struct fbc_geom g = geom(800, 600);

    (void)state;
    assert_rect(fbc_geom_clamp(&g, 0, 0, 800, 600), 0, 0, 800, 600);
    assert_rect(fbc_geom_clamp(&g, 10, 20, 30, 40), 10, 20, 30, 40);
    assert_rect(fbc_geom_clamp(&g, -10, -20, 30, 40), 0, 0, 20, 20);
    assert_rect(fbc_geom_clamp(&g, 799, 599, 2, 2), 799, 599, 1, 1);
    assert_rect(fbc_geom_clamp(&g, 0, 0, INT32_MAX, INT32_MAX), 0, 0, 800,
                600);
    assert_rect(fbc_geom_clamp(&g, INT32_MIN, 0, INT32_MAX, 1), 0, 0, 0, 0);
    assert_rect(fbc_geom_clamp(&g, INT32_MAX, 0, INT32_MAX, 1), 0, 0, 0, 0);
    assert_rect(fbc_geom_clamp(&g, 0, INT32_MIN, 1, INT32_MIN), 0, 0, 0, 0);
    assert_rect(fbc_geom_clamp(&g, 800, 0, 1, 1), 0, 0, 0, 0);
    assert_rect(fbc_geom_clamp(&g, 0, 600, 1, 1), 0, 0, 0, 0);
    assert_rect(fbc_geom_clamp(&g, 5, 5, 0, 5), 0, 0, 0, 0);
    assert_rect(fbc_geom_clamp(&g, 5, 5, 5, 0), 0, 0, 0, 0);
    assert_rect(fbc_geom_clamp(&g, 5, 5, -5, 5), 0, 0, 0, 0);
    assert_rect(fbc_geom_clamp(&g, -5, 5, 5, 5), 0, 0, 0, 0);
}

static uint32_t rnd(void)
{
    static uint32_t s = 12345;

    s = s * 1664525 + 1013904223;

    return s >> 8 | s << 24;
}

/* The tiles of a rectangle are those that hold one of its pixels. */
static void tiles_of(void **state)
{
    struct fbc_geom g = geom(333, 77);
    int n;

    (void)state;
    for ( n = 0; n < 400; n++ )
    {
        uint32_t x = rnd() % g.width, y = rnd() % g.height, t;
        struct fbc_rect r = fbc_geom_clamp(&g, (int32_t)x, (int32_t)y,
                                           (int32_t)(1 + rnd() % g.width),
                                           (int32_t)(1 + rnd() % g.height));
        struct fbc_rect b = fbc_geom_tiles_of(&r), s;

        for ( t = 0; t < g.tiles; t++ )
        {
            struct fbc_rect p = fbc_geom_tile(&g, t);
            bool in = t % g.cols >= b.x && t % g.cols < b.x + b.w &&
                      t / g.cols >= b.y && t / g.cols < b.y + b.h;
            bool hit = p.x < r.x + r.w && r.x < p.x + p.w &&
                       p.y < r.y + r.h && r.y < p.y + p.h;

            assert_int_equal(in, hit);
        }

        /* Pixels and records of these tiles, and nothing of other tiles. */
        s = fbc_geom_srect(&g, &b);
        assert_int_equal(s.x, b.x * FBC_TILE_W);
        assert_int_equal(s.y, fbc_geom_srow(b.y * FBC_TILE_H));
        assert_int_equal(s.y + s.h,
                         fbc_geom_meta_row(&g, b.y + b.h - 1u) + 1);
        assert_int_equal(s.x + s.w, b.x + b.w == g.cols
                                    ? g.swidth : (b.x + b.w) * FBC_TILE_W);
    }
}

static void srect_of_all(void **state)
{
    size_t i;

    (void)state;
    for ( i = 0; i < SIZES; i++ )
    {
        struct fbc_geom g = geom(sizes[i].w, sizes[i].h);
        struct fbc_rect all = { 0, 0, g.cols, g.bands };

        assert_rect(fbc_geom_srect(&g, &all), 0, 1, g.swidth,
                    g.sheight - 1u);
    }
}

static void unite(void **state)
{
    struct fbc_rect none = { 7, 7, 0, 0 }, a = { 10, 20, 30, 40 },
                    b = { 5, 50, 10, 100 }, in = { 15, 25, 1, 1 };

    (void)state;
    assert_rect(fbc_rect_union(&a, &none), 10, 20, 30, 40);
    assert_rect(fbc_rect_union(&none, &a), 10, 20, 30, 40);
    assert_int_equal(fbc_rect_union(&none, &none).w, 0);
    assert_rect(fbc_rect_union(&a, &b), 5, 20, 35, 130);
    assert_rect(fbc_rect_union(&b, &a), 5, 20, 35, 130);
    assert_rect(fbc_rect_union(&a, &in), 10, 20, 30, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("known sizes have known shadows", known_sizes),
        VEC_TEST("sizes that QEMU cannot serve are refused", refused_sizes),
        VEC_TEST("no two things share a shadow pixel", layout),
        VEC_TEST("any signed rectangle is clamped to the screen", clamp),
        VEC_TEST("a rectangle's tiles are those that it touches", tiles_of),
        VEC_TEST("all tiles make all of the shadow but its first row",
                 srect_of_all),
        VEC_TEST("a union holds both rectangles and no more", unite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
