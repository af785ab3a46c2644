/* SPDX-License-Identifier: GPL-2.0-only */
/* A screen of four bytes a pixel shows what one of three shows. */
#include "vec.h"

#include "engine.h"
#include "parse/shadow/rgb.h"

/* Exact blocks, so that the sanitizers see a byte too far. */
static void colours_change_places(void **state)
{
    uint64_t seed = 5;
    size_t n, i;

    (void)state;
    for ( n = 0; n <= 70; n++ )
    {
        uint8_t *px = malloc(n * 3 + !n), *rgb = malloc(n * 3 + !n);
        bool ssse3;

        assert_true(px && rgb);
        for ( i = 0; i < n * 3; i++ )
            px[i] = (uint8_t)engine_random(&seed);
        for ( ssse3 = false; ; ssse3 = true )
        {
            memset(rgb, 0, n * 3);
            fbc_rgb_swap(rgb, px, n, ssse3);
            for ( i = 0; i < n * 3; i++ )
                assert_int_equal(rgb[i], px[i - i % 3 + 2 - i % 3]);
            if ( ssse3 || !fbc_pack_ssse3() )
                break;
        }
        free(px);
        free(rgb);
    }
}

static void both_kinds_of_screen(void **state)
{
    static const struct { uint32_t w, h; } sizes[] = {
        { 96, 1 }, { 97, 17 }, { 127, 33 }, { 200, 100 }, { 320, 48 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
    {
        uint32_t w = sizes[i].w, h = sizes[i].h, n;
        struct fbc_view *v = calloc(1, sizeof(*v));
        uint8_t *screen = malloc((size_t)w * h * 4);
        struct engine *e = calloc(1, sizeof(*e));
        struct fbc_view_stats st;
        uint64_t seed = i + 1;

        assert_true(v && screen && e);
        memset(screen, 0xee, (size_t)w * h * 4);
        engine_init(e, w, h, 3);
        fbc_view_init(v, e->file);
        v->bgrx = true;
        for ( n = 0; n < 8; n++ )
        {
            struct fbc_rect r = engine_rect(e, &seed);

            engine_draw(e, &r, &seed);
        }
        assert_int_equal(engine_key(e, FBC_AEAD_AES256_GCM, 1), FBC_OK);
        engine_seal(e);
        assert_int_equal(engine_view(e, &st), FBC_OK);
        assert_true(engine_exact(e));
        assert_int_equal(fbc_view_update(v, e->out, e->g.swidth, e->g.sheight,
                                         e->g.swidth * 4u, UINT32_MAX, screen,
                                         &st), FBC_OK);
        assert_int_equal(st.manifest, FBC_OK);
        for ( n = 0; n < w * h; n++ )
        {
            const uint8_t *a = e->screen + n * 3, *b = screen + n * 4;

            assert_true(a[0] == b[2] && a[1] == b[1] && a[2] == b[0] &&
                        !b[3]);
        }
        fbc_view_clear(v);
        engine_free(e);
        free(v);
        free(screen);
        free(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_change_places),
        cmocka_unit_test(both_kinds_of_screen),
    };

    return cmocka_run_group_tests_name("bgrx", tests, NULL, NULL);
}
