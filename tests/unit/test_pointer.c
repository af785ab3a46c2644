/* SPDX-License-Identifier: GPL-2.0-only */
/* What is sent for a pixel makes QEMU tell the guest that pixel. */
#include "vec.h"

#include "core/geom.h"
#include "parse/rfb/pointer.h"

/* By hand, from QEMU 7.2's two formulas. */
static void as_qemu_rounds(void **state)
{
    (void)state;
    assert_int_equal(fbc_pointer_forward(0, 800), 0);
    assert_int_equal(fbc_pointer_forward(1, 800), 0);       /* 40, 0 */
    assert_int_equal(fbc_pointer_forward(400, 800), 399);   /* 16383, 399 */
    assert_int_equal(fbc_pointer_forward(799, 800), 798);   /* 32726, 798 */
    assert_int_equal(fbc_pointer_forward(639, 640), 637);
}

static void almost_every_pixel_is_hit(void **state)
{
    static const struct { uint32_t n, missed; } axes[] = {
        { 96, 1 }, { 640, 3 }, { 682, 2 }, { 800, 1 }, { 639, 5 },
        { 1024, 1 }, { 1280, 13 }, { 1920, 9 }, { 2560, 35 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(axes) / sizeof(axes[0]); i++ )
    {
        uint32_t n = axes[i].n, missed = 0, pixel;

        for ( pixel = 0; pixel < n; pixel++ )
        {
            uint32_t v = fbc_pointer_inverse(pixel, n);
            uint32_t got = fbc_pointer_forward(v, n);

            assert_true(v < n);
            assert_true(got <= pixel + 1 && got + 2 >= pixel);
            missed += got != pixel;
        }
        assert_int_equal(missed, axes[i].missed);
    }
}

/* Metadata rows and the header row do not shift it. */
static void rows_of_the_screen_are_the_guests(void **state)
{
    struct fbc_geom g;
    uint32_t y;

    (void)state;
    assert_int_equal(fbc_geom_init(&g, 800, 600), FBC_OK);
    for ( y = 0; y < 600; y++ )
    {
        uint32_t got = fbc_pointer_forward(fbc_pointer_inverse(y, g.sheight),
                                           g.sheight);

        assert_true(got == y || got + 1 == y || got == y + 1);
    }
    assert_int_equal(fbc_pointer_inverse(300, g.sheight), 301);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_qemu_rounds),
        cmocka_unit_test(almost_every_pixel_is_hit),
        cmocka_unit_test(rows_of_the_screen_are_the_guests),
    };

    return cmocka_run_group_tests_name("pointer", tests, NULL, NULL);
}
