/* SPDX-License-Identifier: GPL-2.0-only */
/* The mark: it is everywhere, stays in the picture, and can be read. */
#include <stdlib.h>

#include "vec.h"

#include "lib/proxy/banner.h"

struct canvas {
    uint32_t w, h;
    uint8_t *screen, *picture;      /* of exactly their size */
};

static struct canvas canvas(uint32_t w, uint32_t h)
{
    struct canvas c = { w, h, malloc((size_t)w * h * 4),
                        calloc((size_t)w * h, 4) };
    size_t i;

    assert_non_null(c.screen);
    assert_non_null(c.picture);
    for ( i = 0; i < (size_t)w * h * 4; i++ )
        c.screen[i] = i % 4 == 3 ? 0 : (uint8_t)(i * 97 / 13);

    return c;
}

static void end(struct canvas *c)
{
    free(c->screen);
    free(c->picture);
}

static struct fbc_rect all(const struct canvas *c)
{
    return (struct fbc_rect){ 0, 0, (uint16_t)c->w, (uint16_t)c->h };
}

static const uint8_t *at(const struct canvas *c, uint32_t x, uint32_t y)
{
    return c->picture + ((size_t)y * c->w + x) * 4;
}

static void rectangles_stay_in_their_place(void **state)
{
    struct canvas c = canvas(100, 40);
    const struct fbc_rect r = { 64, 16, 36, 24 };
    uint32_t x, y;

    (void)state;
    memset(c.picture, 0xee, (size_t)c.w * c.h * 4);
    fbc_banner_dim(c.picture, c.screen, c.w, &r);
    for ( y = 0; y < c.h; y++ )
        for ( x = 0; x < c.w; x++ )
            assert_int_equal(at(&c, x, y)[3] == 0xee, x < 64 || y < 16);
    end(&c);
}

/* Every block of 32 x 32 pixels has red in it, and nothing in it is bright. */
static void no_part_of_a_marked_picture_looks_live(void **state)
{
    struct canvas c = canvas(160, 96);
    struct fbc_rect r = all(&c);
    uint32_t x, y, n;

    (void)state;
    fbc_banner_dim(c.picture, c.screen, c.w, &r);
    for ( n = 0; n < 5 * 3; n++ )
    {
        unsigned int red = 0;

        for ( y = n / 5 * 32; y < n / 5 * 32 + 32; y++ )
            for ( x = n % 5 * 32; x < n % 5 * 32 + 32; x++ )
            {
                const uint8_t *p = at(&c, x, y);

                assert_int_equal(p[0], p[1]);
                assert_true(p[0] <= 112 && p[2] <= 192);
                red += p[2] == p[1] + 80;
            }
        assert_int_equal(red, 64);
    }
    end(&c);
}

static void the_band_fits_any_picture(void **state)
{
    static const struct { uint32_t w, h; } sizes[] = {
        { 96, 1 }, { 96, 2 }, { 96, 40 }, { 97, 200 }, { 128, 17 },
        { 164, 100 }, { 320, 200 }, { 640, 480 }, { 800, 600 },
        { 1366, 768 }, { 2560, 1926 },
    };
    static const char *const texts[] = {
        "", "x", "frozen: no manifest for 4 s",
        "a text that is longer than any that there is, by far, and goes on "
        "and on and on and on and on",
        "onewordthatislongerthananylinecanbeandgoesonandonandonandonandon",
        "not \xc3\xa9 ASCII \x01\x7f",
    };
    size_t i, j;

    (void)state;
    for ( i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
    {
        struct canvas c = canvas(sizes[i].w, sizes[i].h);
        struct fbc_rect r = fbc_banner_rect(c.w, c.h);

        assert_int_equal(r.x, 0);
        assert_int_equal(r.w, c.w);
        assert_true(r.h && r.y + r.h <= (int)c.h);
        for ( j = 0; j < sizeof(texts) / sizeof(texts[0]); j++ )
        {
            size_t before = (size_t)r.y * c.w * 4, k;

            memset(c.picture, 0xee, (size_t)c.w * c.h * 4);
            fbc_banner_draw(c.picture, c.w, c.h, texts[j]);
            for ( k = 0; k < (size_t)c.w * c.h * 4; k++ )
                if ( k < before || k >= before + (size_t)r.h * c.w * 4 )
                    assert_int_equal(c.picture[k], 0xee);
                else
                    assert_true(c.picture[k] != 0xee);
        }
        end(&c);
    }
}

static unsigned int ink(const struct canvas *c)
{
    unsigned int n = 0;
    uint32_t x, y;

    for ( y = 0; y < c->h; y++ )
        for ( x = 0; x < c->w; x++ )
            n += !memcmp(at(c, x, y), "\xff\xff\xff", 3);

    return n;
}

static void the_reason_can_be_seen(void **state)
{
    struct canvas c = canvas(800, 600);
    unsigned int title, some, more;

    (void)state;
    fbc_banner_draw(c.picture, c.w, c.h, "");
    title = ink(&c);
    fbc_banner_draw(c.picture, c.w, c.h, "no key set yet");
    some = ink(&c);
    fbc_banner_draw(c.picture, c.w, c.h, "no key set yet no key set yet");
    more = ink(&c);
    assert_true(title > 300);
    assert_true(some > title + 300);
    assert_int_equal(more - title, 2 * (some - title));
    end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rectangles_stay_in_their_place),
        cmocka_unit_test(no_part_of_a_marked_picture_looks_live),
        cmocka_unit_test(the_band_fits_any_picture),
        cmocka_unit_test(the_reason_can_be_seen),
    };

    return cmocka_run_group_tests_name("banner", tests, NULL, NULL);
}
