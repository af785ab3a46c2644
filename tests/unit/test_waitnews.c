/* SPDX-License-Identifier: GPL-2.0-only */
/* What key servers tell each other is taken in one form only. */
#include "vec.h"

#include "parse/attest/waitnews.h"

#define HEX64 "00112233445566778899aabbccddeeff" \
              "00112233445566778899aabbccddeeff"
#define NAME64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID "0123456789abcdef"

static void taken(void **state)
{
    struct fbc_wait_news n;
    const char *wait = "w " NAME64 " " HEX64, *outcome = "a b " HEX64 " " ID;

    (void)state;
    assert_true(fbc_wait_news_parse(wait, strlen(wait), &n));
    assert_false(n.is_outcome);
    assert_string_equal(n.host, NAME64);
    assert_int_equal(n.nonce[1], 0x11);
    assert_string_equal(n.server, "");
    assert_true(fbc_wait_news_parse(outcome, strlen(outcome), &n));
    assert_true(n.is_outcome);
    assert_string_equal(n.host, "b");
    assert_int_equal(n.nonce[31], 0xff);
    assert_string_equal(n.server, ID);
}

static void refused(void **state)
{
    static const char *const cases[] = {
        "", "w", "w ", "x a " HEX64, "w  " HEX64, "w a", "w a ",
        "w a " HEX64 " ", "w a " HEX64 "0", "w a " HEX64 " " ID, "wa " HEX64,
        "w ../a " HEX64, "w a" NAME64 " " HEX64, "w a  " HEX64,
        "w a 0" HEX64, "w a x0112233445566778899aabbccddeeff"
        "00112233445566778899aabbccddeeff", "a a " HEX64, "a a " HEX64 " ",
        "a a " HEX64 " 0123456789abcde", "a a " HEX64 " " ID "0",
        "a a " HEX64 " 0123456789abcdeF", "a a " HEX64 "  123456789abcdef",
    };
    struct fbc_wait_news n, before;
    size_t i;

    (void)state;
    memset(&n, 7, sizeof(n));
    before = n;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        if ( fbc_wait_news_parse(cases[i], strlen(cases[i]), &n) )
            fail_msg("%s is taken", cases[i]);
        assert_memory_equal(&n, &before, sizeof(n));
    }
    assert_false(fbc_wait_news_parse("w a\0 " HEX64, 5 + 64, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("both kinds are taken", taken),
        VEC_TEST("nothing else is, and it leaves no trace", refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
