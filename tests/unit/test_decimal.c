/* SPDX-License-Identifier: GPL-2.0-only */
/* Decimal numbers: the strict reader and the writer. */
#include <stdlib.h>

#include "vec.h"

#include "parse/text/decimal.h"

static void taken(const char *text, uint64_t max, uint64_t want)
{
    size_t n = strlen(text);
    char *s = malloc(n), back[FBC_DECIMAL_MAX];
    uint64_t v = 7;

    /* Nothing behind the n characters is looked at. */
    assert_non_null(s);
    memcpy(s, text, n);
    assert_true(fbc_decimal_read(s, n, max, &v));
    assert_true(v == want);
    free(s);

    assert_int_equal(fbc_decimal_write(back, v) - back, n);
    assert_memory_equal(back, text, n);
}

static void refused(const char *text, uint64_t max)
{
    uint64_t v = 7;

    assert_false(fbc_decimal_read(text, strlen(text), max, &v));
    assert_int_equal(v, 7);
}

static void limits(void **state)
{
    (void)state;
    taken("0", 0, 0);
    taken("9", 9, 9);
    taken("4294967295", UINT32_MAX, UINT32_MAX);
    taken("9223372036854775807", INT64_MAX, INT64_MAX);
    taken("18446744073709551615", UINT64_MAX, UINT64_MAX);

    refused("1", 0);
    refused("5", 4);
    refused("10", 9);
    refused("4294967296", UINT32_MAX);
    refused("9223372036854775808", INT64_MAX);
    refused("18446744073709551616", UINT64_MAX);
    refused("99999999999999999999999", UINT64_MAX);
}

static void malformed(void **state)
{
    static const char *const texts[] = { "", "00", "01", "+1", "-1", " 1",
                                         "1 ", "1a", "/", ":", "0x1", "1.0" };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(texts) / sizeof(texts[0]); i++ )
        refused(texts[i], UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("numbers up to the limit are taken, and written alike",
                 limits),
        VEC_TEST("signs, spaces and needless zeros are refused", malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
