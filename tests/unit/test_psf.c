/* SPDX-License-Identifier: GPL-2.0-only */
/* Console fonts. */
#include "vec.h"

#include <stdlib.h>

#include "parse/picture/psf.h"

#define V1_LEN (4 + 256 * 16)

/* On the heap, of exactly this length, for the sanitizers. */
static enum fbc_err parse(const uint8_t *data, size_t len, struct fbc_psf *f)
{
    uint8_t *copy = malloc(len + !len);
    enum fbc_err err;

    assert_non_null(copy);
    memcpy(copy, data, len);
    err = fbc_psf_parse(copy, len, f);
    if ( !err )
        f->bits = data + (f->bits - copy);
    free(copy);

    return err;
}

static void version_1(void **state)
{
    static uint8_t d[4 + 512 * 16 + 8] = { 0x36, 0x04, 0, 16 };
    struct fbc_psf f;

    (void)state;
    d[4 + 65 * 16 + 3] = 0x81;
    assert_int_equal(parse(d, V1_LEN, &f), FBC_OK);
    assert_int_equal(f.width, 8);
    assert_int_equal(f.height, 16);
    assert_int_equal(f.glyphs, 256);
    assert_true(fbc_psf_pixel(&f, 65, 0, 3) && fbc_psf_pixel(&f, 65, 7, 3));
    assert_false(fbc_psf_pixel(&f, 65, 1, 3) || fbc_psf_pixel(&f, 65, 0, 4));

    assert_int_equal(parse(d, V1_LEN - 1, &f), FBC_ERR_LENGTH);
    assert_int_equal(parse(d, V1_LEN + 1, &f), FBC_ERR_LENGTH);
    assert_int_equal(parse(d, 3, &f), FBC_ERR_LENGTH);
    d[2] = 2;                           /* a table follows */
    assert_int_equal(parse(d, V1_LEN + 8, &f), FBC_OK);
    d[2] = 1;
    assert_int_equal(parse(d, V1_LEN, &f), FBC_ERR_LENGTH);
    assert_int_equal(parse(d, 4 + 512 * 16, &f), FBC_OK);
    assert_int_equal(f.glyphs, 512);
    d[2] = 8;
    assert_int_equal(parse(d, V1_LEN, &f), FBC_ERR_VERSION);
    d[2] = 0;
    d[3] = 0;
    assert_int_equal(parse(d, 4, &f), FBC_ERR_RANGE);
    d[3] = 129;
    assert_int_equal(parse(d, sizeof(d), &f), FBC_ERR_RANGE);
}

static void put_version_2(uint8_t *d, uint32_t head, uint32_t flags,
                          uint32_t glyphs, uint32_t bytes, uint32_t height,
                          uint32_t width)
{
    fbc_put32(d, 0x864ab572);
    fbc_put32(d + 4, 0);
    fbc_put32(d + 8, head);
    fbc_put32(d + 12, flags);
    fbc_put32(d + 16, glyphs);
    fbc_put32(d + 20, bytes);
    fbc_put32(d + 24, height);
    fbc_put32(d + 28, width);
}

static void version_2(void **state)
{
    static const struct {
        uint32_t head, flags, glyphs, bytes, height, width;
        size_t len;
        enum fbc_err want;
    } cases[] = {
        { 32, 0, 3, 24, 12, 9, 32 + 72, FBC_OK },
        { 40, 0, 3, 24, 12, 9, 40 + 72, FBC_OK },
        { 32, 1, 3, 24, 12, 9, 32 + 80, FBC_OK },
        { 32, 0, 3, 24, 12, 9, 32 + 71, FBC_ERR_LENGTH },
        { 32, 0, 3, 24, 12, 9, 32 + 73, FBC_ERR_LENGTH },
        { 32, 1, 3, 24, 12, 9, 32 + 71, FBC_ERR_LENGTH },
        { 31, 0, 3, 24, 12, 9, 32 + 72, FBC_ERR_RANGE },
        { 32, 0, 3, 23, 12, 9, 32 + 72, FBC_ERR_RANGE },
        { 32, 0, 0, 24, 12, 9, 32, FBC_ERR_RANGE },
        { 32, 0, 65537, 24, 12, 9, 200, FBC_ERR_RANGE },
        { 32, 0, 3, 0, 0, 9, 32, FBC_ERR_RANGE },
        { 32, 0, 3, 0, 12, 0, 32, FBC_ERR_RANGE },
        { 32, 0, 3, 24, 12, 65, 200, FBC_ERR_RANGE },
        /* What is 32 or 104 when cut to 32 bits. */
        { 0xffffffff, 0, 3, 24, 12, 9, 103, FBC_ERR_LENGTH },
        { 32, 0, 65536, 1024, 128, 64, 32, FBC_ERR_LENGTH },
        { 32, 0, 3, 24, 0x10000000, 9, 104, FBC_ERR_RANGE },
        { 32, 0, 3, 24, 12, 9, 31, FBC_ERR_LENGTH },
    };
    uint8_t d[256] = { 0 };
    struct fbc_psf f;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        put_version_2(d, cases[i].head, cases[i].flags, cases[i].glyphs,
                      cases[i].bytes, cases[i].height, cases[i].width);
        if ( parse(d, cases[i].len, &f) != cases[i].want )
            fail_msg("case %zu", i);
    }

    put_version_2(d, 32, 0, 3, 24, 12, 9);
    d[32 + 2 * 24 + 2 * 11 + 1] = 0x80;
    assert_int_equal(parse(d, 104, &f), FBC_OK);
    assert_true(fbc_psf_pixel(&f, 2, 8, 11));
    assert_false(fbc_psf_pixel(&f, 2, 0, 11));
    d[4] = 1;
    assert_int_equal(parse(d, 104, &f), FBC_ERR_VERSION);
}

static void others(void **state)
{
    struct fbc_psf f = { .width = 77 };

    (void)state;
    assert_int_equal(parse((const uint8_t *)"", 0, &f), FBC_ERR_MAGIC);
    assert_int_equal(parse((const uint8_t *)"\x36", 1, &f), FBC_ERR_MAGIC);
    assert_int_equal(parse((const uint8_t *)"\x1f\x8b\x08\x00", 4, &f),
                     FBC_ERR_MAGIC);
    assert_int_equal(f.width, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("PSF 1 fonts are taken or refused", version_1),
        VEC_TEST("PSF 2 fonts are taken or refused, no size wraps",
                 version_2),
        VEC_TEST("anything else is refused", others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
