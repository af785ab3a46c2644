/* SPDX-License-Identifier: GPL-2.0-only */
/* The info page of a framebuffer: no read may leave mem_length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/vfb.h"

static const struct {
    const char *name;
    uint32_t width, height, line, mem;
    uint8_t depth;
    int want;                   /* exit status */
    uint32_t pages, dirs;
} cases[] = {
    { "Linux' default", 800, 600, 3200, 2 << 20, 32, 0, 512, 1 },
    { "its shadow", 800, 639, 3200, 800 * 639 * 4, 32, 0, 500, 1 },
    { "largest shadow", 2560, 2048, 10240, 20971520, 32, 0, 5120, 10 },
    { "stride", 100, 10, 512, 512 * 9 + 400, 32, 0, 2, 1 },
    { "largest of all", 8192, 8192, 32768, 1u << 28, 32, 0, 65536, 128 },
    { "512 MiB", 800, 600, 3200, 1u << 29, 32, 0, 131072, 256 },
    { "not set up", 0, 0, 0, 0, 0, FBC_EXIT_NO, 0, 0 },
    { "depth 24", 800, 600, 2400, 2 << 20, 24, FBC_EXIT_INPUT, 0, 0 },
    { "depth 0", 800, 600, 3200, 2 << 20, 0, FBC_EXIT_INPUT, 0, 0 },
    { "no width", 0, 600, 3200, 2 << 20, 32, FBC_EXIT_INPUT, 0, 0 },
    { "no height", 800, 0, 3200, 2 << 20, 32, FBC_EXIT_INPUT, 0, 0 },
    { "negative", 0xfffffce0, 600, 3200, 2 << 20, 32, FBC_EXIT_INPUT, 0, 0 },
    { "negative height", 800, 0xffffffff, 3200, 2 << 20, 32, FBC_EXIT_INPUT,
      0, 0 },
    { "wide", 8193, 1, 32772, 2 << 20, 32, FBC_EXIT_INPUT, 0, 0 },
    { "high", 96, 8193, 384, 4 << 20, 32, FBC_EXIT_INPUT, 0, 0 },
    { "line too short", 800, 600, 3199, 2 << 20, 32, FBC_EXIT_INPUT, 0, 0 },
    { "one byte missing", 100, 10, 512, 512 * 9 + 399, 32, FBC_EXIT_INPUT,
      0, 0 },
    { "overflow", 8192, 8192, 0xffffffff, 1u << 29, 32, FBC_EXIT_INPUT, 0,
      0 },
    { "wraps to 0", 4096, 4097, 1u << 20, 16384, 32, FBC_EXIT_INPUT, 0, 0 },
    { "beyond 512 MiB", 800, 600, 3200, (1u << 29) + 1, 32, FBC_EXIT_INPUT,
      0, 0 },
    { "4 GiB", 800, 600, 3200, 0xffffffff, 32, FBC_EXIT_INPUT, 0, 0 },
};

static void info_page(void **state)
{
    uint8_t page[FBC_PAGE];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        struct fbc_vfb_shape s = { 0 };
        struct fbc_error e = { 0 };
        int rc;

        memset(page, 0xff, sizeof(page));
        fbc_put32(page + 16, cases[i].width);
        fbc_put32(page + 20, cases[i].height);
        fbc_put32(page + 24, cases[i].line);
        fbc_put32(page + 28, cases[i].mem);
        page[32] = cases[i].depth;

        rc = fbc_vfb_check(page, "test", &s, &e);
        if ( (rc ? (int)e.status : 0) != cases[i].want )
            fail_msg("%s: status %d", cases[i].name, e.status);
        assert_int_equal(s.pages, cases[i].pages);
        assert_int_equal(s.dirs, cases[i].dirs);
        assert_true(s.dirs <= FBC_FBIF_PD_MAX);
        if ( rc )
            assert_true(e.why[0]);
        else
            assert_int_equal(s.width, cases[i].width);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_page),
    };

    return cmocka_run_group_tests_name("lib_vfb", tests, NULL, NULL);
}
