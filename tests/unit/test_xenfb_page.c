/* SPDX-License-Identifier: GPL-2.0-only */
/* The info page of a framebuffer, from dom0: no read may leave mem_length. */
#include "vec.h"

#include "parse/picture/xenfb_page.h"

static const struct {
    const char *name;
    uint32_t width, height, line, mem;
    uint8_t depth;
    enum fbc_err want;
    uint32_t pages, dirs;
} cases[] = {
    { "Linux' default", 800, 600, 3200, 2 << 20, 32, FBC_OK, 512, 1 },
    { "its shadow", 800, 639, 3200, 800 * 639 * 4, 32, FBC_OK, 500, 1 },
    { "largest shadow", 2560, 2048, 10240, 20971520, 32, FBC_OK, 5120, 10 },
    { "stride", 100, 10, 512, 512 * 9 + 400, 32, FBC_OK, 2, 1 },
    { "smallest", 1, 1, 4, 4, 32, FBC_OK, 1, 1 },
    { "huge stride, one row", 1, 1, 0xffffffff, 4, 32, FBC_OK, 1, 1 },
    { "largest of all", 8192, 8192, 32768, 1u << 28, 32, FBC_OK, 65536, 128 },
    { "512 MiB", 800, 600, 3200, 1u << 29, 32, FBC_OK, 131072, 256 },
    { "not set up", 0, 0, 0, 0, 0, FBC_ERR_PENDING, 0, 0 },
    { "no memory yet", 800, 600, 3200, 0, 32, FBC_ERR_PENDING, 0, 0 },
    { "depth 24", 800, 600, 2400, 2 << 20, 24, FBC_ERR_DEPTH, 0, 0 },
    { "depth 0", 800, 600, 3200, 2 << 20, 0, FBC_ERR_DEPTH, 0, 0 },
    { "no width", 0, 600, 3200, 2 << 20, 32, FBC_ERR_SIZE, 0, 0 },
    { "no height", 800, 0, 3200, 2 << 20, 32, FBC_ERR_SIZE, 0, 0 },
    { "negative", 0xfffffce0, 600, 3200, 2 << 20, 32, FBC_ERR_SIZE, 0, 0 },
    { "negative height", 800, 0xffffffff, 3200, 2 << 20, 32, FBC_ERR_SIZE,
      0, 0 },
    { "wide", 8193, 1, 32772, 2 << 20, 32, FBC_ERR_SIZE, 0, 0 },
    { "high", 96, 8193, 384, 4 << 20, 32, FBC_ERR_SIZE, 0, 0 },
    { "line too short", 800, 600, 3199, 2 << 20, 32, FBC_ERR_STRIDE, 0, 0 },
    { "one byte missing", 100, 10, 512, 512 * 9 + 399, 32, FBC_ERR_MEMORY,
      0, 0 },
    { "overflow", 8192, 8192, 0xffffffff, 1u << 29, 32, FBC_ERR_MEMORY, 0,
      0 },
    { "wraps to 0", 4096, 4097, 1u << 20, 16384, 32, FBC_ERR_MEMORY, 0, 0 },
    { "beyond 512 MiB", 800, 600, 3200, (1u << 29) + 1, 32, FBC_ERR_MEMORY,
      0, 0 },
    { "4 GiB", 800, 600, 3200, 0xffffffff, 32, FBC_ERR_MEMORY, 0, 0 },
};

static void info_page(void **state)
{
    uint8_t page[FBC_PAGE];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        struct fbc_xenfb_page v, before;
        enum fbc_err err;

        memset(&v, 0xa5, sizeof(v));
        before = v;
        memset(page, 0xff, sizeof(page));
        fbc_put32(page + 16, cases[i].width);
        fbc_put32(page + 20, cases[i].height);
        fbc_put32(page + 24, cases[i].line);
        fbc_put32(page + 28, cases[i].mem);
        page[32] = cases[i].depth;

        err = fbc_xenfb_page_parse(page, &v);
        if ( err != cases[i].want )
            fail_msg("%s: error %d", cases[i].name, err);
        if ( err )
        {
            assert_memory_equal(&v, &before, sizeof(v));
            continue;
        }
        assert_int_equal(v.width, cases[i].width);
        assert_int_equal(v.height, cases[i].height);
        assert_int_equal(v.line_length, cases[i].line);
        assert_int_equal(v.mem_length, cases[i].mem);
        assert_int_equal(v.pages, cases[i].pages);
        assert_int_equal(v.dirs, cases[i].dirs);
        assert_true(v.dirs <= FBC_FBIF_PD_MAX);
    }
}

/* Whatever the hypervisor shows must be taken here. */
static void shadow_page(void **state)
{
    static const uint16_t sizes[][2] = {
        { FBC_MIN_WIDTH, 1 }, { 800, 600 }, { 1366, 768 }, { 2560, 1926 },
    };
    uint8_t page[FBC_PAGE];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
    {
        struct fbc_xenfb_page v;
        struct fbc_geom g;
        uint32_t mem;

        assert_int_equal(fbc_geom_init(&g, sizes[i][0], sizes[i][1]), FBC_OK);
        mem = g.swidth * g.sheight * 4u;
        fbc_fbif_shadow_page(page, &g, mem);
        assert_int_equal(fbc_xenfb_page_parse(page, &v), FBC_OK);
        assert_int_equal(v.width, g.swidth);
        assert_int_equal(v.height, g.sheight);
        assert_int_equal(v.mem_length, mem);
        fbc_fbif_shadow_page(page, &g, mem - 1);
        assert_int_equal(fbc_xenfb_page_parse(page, &v), FBC_ERR_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("no accepted info page leads out of its memory", info_page),
        VEC_TEST("every shadow's info page is taken", shadow_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
