/* SPDX-License-Identifier: GPL-2.0-only */
/* The header of a binary PPM. */
#include "vec.h"

#include "parse/picture/ppm.h"

/* Feeds text until it is taken or refused; *used: bytes consumed. */
static enum fbc_err feed(const char *text, size_t len, struct fbc_ppm *p,
                         size_t *used)
{
    enum fbc_err err = FBC_ERR_PENDING;

    fbc_ppm_begin(p);
    for ( *used = 0; err == FBC_ERR_PENDING && *used < len; ++*used )
        err = fbc_ppm_feed(p, (uint8_t)text[*used]);

    return err;
}

static void taken(void **state)
{
    static const struct { const char *text; uint32_t w, h; } cases[] = {
        { "P6\n1 1\n255\n", 1, 1 },
        { "P6 1\t2\r\n255 ", 1, 2 },
        { "P6\f\v3\f4\v255\f", 3, 4 },
        { "P6#x\n#y\n8192 #z 77\n8192\n#\r255\n", 8192, 8192 },
        { "P6\n# 9 9 255\n5 6\n255\n", 5, 6 },
        { "P6##\n0000000000001 1 000255\n", 1, 1 },
        { "P67 8 255\n", 7, 8 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        size_t len = strlen(cases[i].text), used;
        char text[64];
        struct fbc_ppm p;

        /* A pixel that looks like white space must not be consumed. */
        strcpy(text, cases[i].text);
        strcat(text, "\n\n\n");
        if ( feed(text, len + 3, &p, &used) != FBC_OK || used != len )
            fail_msg("%s: %zu bytes of %zu", cases[i].text, used, len);
        assert_int_equal(p.width, cases[i].w);
        assert_int_equal(p.height, cases[i].h);
        assert_int_equal(p.maxval, 255);
    }
}

static void refused(void **state)
{
    static const struct { const char *text; enum fbc_err want; } cases[] = {
        { "", FBC_ERR_PENDING },
        { "P", FBC_ERR_PENDING },
        { "P6\n", FBC_ERR_PENDING },
        { "P6\n1 1\n255", FBC_ERR_PENDING },
        { "P6\n1 1 #255\n", FBC_ERR_PENDING },
        { "p6\n", FBC_ERR_MAGIC },
        { "P5\n", FBC_ERR_MAGIC },
        { "P3\n", FBC_ERR_MAGIC },
        { "\nP6", FBC_ERR_MAGIC },
        { "P6\n-1", FBC_ERR_FORMAT },
        { "P6\n+1", FBC_ERR_FORMAT },
        { "P6\n1x", FBC_ERR_FORMAT },
        { "P6\n1#", FBC_ERR_FORMAT },
        { "P6\n1 1\n255#", FBC_ERR_FORMAT },
        { "P6\n1.5", FBC_ERR_FORMAT },
        { "P6\n0 ", FBC_ERR_SIZE },
        { "P6\n1 0\n", FBC_ERR_SIZE },
        { "P6\n8193", FBC_ERR_SIZE },
        { "P6\n1 8193", FBC_ERR_SIZE },
        { "P6\n99999", FBC_ERR_SIZE },
        { "P6\n1 1\n254\n", FBC_ERR_RANGE },
        { "P6\n1 1\n0\n", FBC_ERR_RANGE },
        { "P6\n1 1\n65535", FBC_ERR_RANGE },
    };
    size_t i, used;
    struct fbc_ppm p;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        enum fbc_err err = feed(cases[i].text, strlen(cases[i].text), &p,
                                &used);

        if ( err != cases[i].want )
            fail_msg("%s: error %d", cases[i].text, err);
    }
    assert_int_equal(feed("P6\n1\0001", 6, &p, &used), FBC_ERR_FORMAT);
}

static void numbers(void **state)
{
    char text[40];
    struct fbc_ppm p;
    size_t used;
    unsigned int bits;

    (void)state;
    /* 2^n + 1 would be 1 if it were cut to n bits. */
    for ( bits = 14; bits < 64; bits++ )
    {
        int n = snprintf(text, sizeof(text), "P6\n%llu ",
                         (1ull << bits) + 1);

        assert_int_equal(feed(text, (size_t)n, &p, &used), FBC_ERR_SIZE);
    }
}

static void longest(void **state)
{
    static const char tail[] = "\n1 1\n255\n";
    char text[FBC_PPM_MAX_HEADER + 1];
    size_t used, i, end = sizeof(tail) - 1;
    struct fbc_ppm p;

    (void)state;
    for ( i = FBC_PPM_MAX_HEADER; i <= FBC_PPM_MAX_HEADER + 1; i++ )
    {
        memset(text, ' ', sizeof(text));
        memcpy(text, "P6#", 3);
        memcpy(text + i - end, tail, end);
        assert_int_equal(feed(text, i, &p, &used), i > FBC_PPM_MAX_HEADER
                         ? FBC_ERR_FORMAT : FBC_OK);
        memset(text + 2, ' ', i - end - 2);
        assert_int_equal(feed(text, i, &p, &used), i > FBC_PPM_MAX_HEADER
                         ? FBC_ERR_FORMAT : FBC_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("a PPM header is taken to its last byte and no further",
                 taken),
        VEC_TEST("everything else is refused", refused),
        VEC_TEST("no number wraps", numbers),
        VEC_TEST("a header has a largest length", longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
