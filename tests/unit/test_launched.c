/* SPDX-License-Identifier: GPL-2.0-only */
/* How a guest started, in words. */
#include "vec.h"

#include "core/manifest.h"
#include "parse/shadow/launched.h"

static const uint8_t digest[FBC_HASH_LEN] = { 0x3f, 0x2a, 0x9c, 0x01, 0xff };

/* Whoever reads on wants no other word to look like the good one. */
static void text(void **state)
{
    static const enum fbc_launched others[] = {
        FBC_LAUNCHED_UNTOLD, FBC_LAUNCHED_ANY, FBC_LAUNCHED_UNMEASURED,
        (enum fbc_launched)4, (enum fbc_launched)-1,
    };
    char out[FBC_LAUNCHED_TEXT];
    size_t i;

    (void)state;
    memset(out, 'x', sizeof(out));
    fbc_launched_text(FBC_LAUNCHED_ACCEPTED, digest, out);
    assert_string_equal(out, "accepted 3f2a9c01..");
    for ( i = 0; i < sizeof(others) / sizeof(others[0]); i++ )
    {
        memset(out, 'x', sizeof(out));
        fbc_launched_text(others[i], digest, out);
        assert_string_equal(out, "NOT CHECKED");
    }
}

static void names(void **state)
{
    (void)state;
    assert_null(fbc_launched_name(FBC_LAUNCHED_UNTOLD));
    assert_string_equal(fbc_launched_name(FBC_LAUNCHED_ANY), "any");
    assert_string_equal(fbc_launched_name(FBC_LAUNCHED_ACCEPTED), "accepted");
    assert_string_equal(fbc_launched_name(FBC_LAUNCHED_UNMEASURED),
                        "unmeasured");
    assert_null(fbc_launched_name((enum fbc_launched)4));

    assert_int_equal(fbc_launched_known(FBC_LAUNCHED_UNTOLD), 0);
    assert_int_equal(fbc_launched_known(FBC_LAUNCHED_ANY),
                     FBC_MANIFEST_LAUNCH);
    assert_int_equal(fbc_launched_known(FBC_LAUNCHED_ACCEPTED), FBC_HASH_LEN);
    assert_int_equal(fbc_launched_known(FBC_LAUNCHED_UNMEASURED), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("only an accepted launch reads as one", text),
        VEC_TEST("names and lengths are the documented ones", names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
