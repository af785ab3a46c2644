/* SPDX-License-Identifier: GPL-2.0-only */
/* When a screen is sealed, and how often a manifest is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/pace.h"

#define MS 1000000ull
#define S  (1000 * MS)

static void a_rest_is_four_passes(void **state)
{
    struct fbc_pace p = { 0 };

    (void)state;
    assert_false(fbc_pace_rests(&p, 0));
    fbc_pace_begin(&p);
    assert_false(fbc_pace_rests(&p, S));
    fbc_pace_end(&p, S, 3 * MS);
    assert_true(fbc_pace_rests(&p, S));
    assert_true(fbc_pace_rests(&p, S + 12 * MS - 1));
    assert_false(fbc_pace_rests(&p, S + 12 * MS));
    assert_int_equal(p.rest_until, S + 12 * MS);
}

static void but_200_ms_at_most(void **state)
{
    static const uint64_t took[] = {
        50 * MS, 50 * MS + 1, S, UINT64_MAX / 4 + 1, UINT64_MAX,
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < sizeof(took) / sizeof(took[0]); i++ )
    {
        struct fbc_pace p = { 0 };

        fbc_pace_begin(&p);
        fbc_pace_end(&p, S, took[i]);
        assert_int_equal(p.rest_until, S + 200 * MS);
    }
}

/* A guest that draws all the time, and passes of all lengths. */
static void a_fifth_of_the_time_is_spent(void **state)
{
    struct fbc_pace p = { 0 };
    uint64_t now = 0, sealed = 0, took;

    (void)state;
    for ( took = 0; took < 45 * MS; took += 100000 )
    {
        while ( fbc_pace_rests(&p, now) )
            now += 50000;
        fbc_pace_begin(&p);
        now += took;
        sealed += took;
        fbc_pace_end(&p, now, took);
    }
    assert_true(sealed * 5 <= now + 5 * 45 * MS);
    assert_true(sealed * 6 > now);
}

/* One that begins again, or ends without having begun, changes nothing. */
static void one_pass_at_a_time(void **state)
{
    struct fbc_pace p = { 0 };

    (void)state;
    fbc_pace_end(&p, S, 10 * MS);
    assert_false(fbc_pace_rests(&p, S));
    fbc_pace_begin(&p);
    fbc_pace_begin(&p);
    fbc_pace_end(&p, S, MS);
    fbc_pace_end(&p, S, 10 * MS);
    assert_int_equal(p.rest_until, S + 4 * MS);
}

static void the_owner_has_a_wish(void **state)
{
    static const struct { unsigned int wish; uint64_t ns; } is[] = {
        { 0, 500 * MS }, { 1, 100 * MS }, { 99, 100 * MS }, { 100, 100 * MS },
        { 101, 101 * MS }, { 2000, 2 * S }, { 10000, 10 * S },
        { 10001, 10 * S }, { 65535, 10 * S },
    };
    struct fbc_pace p = { 0 };
    unsigned int i;

    (void)state;
    for ( i = 0; i < sizeof(is) / sizeof(is[0]); i++ )
        assert_int_equal(fbc_pace_period(&p, S, is[i].wish), is[i].ns);
}

/* Whatever the wish is: it is for a screen on which nothing happens. */
static void faster_when_something_happens(void **state)
{
    static const unsigned int wish[] = { 0, 100, 10000 };
    unsigned int i;

    (void)state;
    for ( i = 0; i < sizeof(wish) / sizeof(wish[0]); i++ )
    {
        struct fbc_pace p = { 0 };
        uint64_t idle = fbc_pace_period(&p, 0, wish[i]);

        fbc_pace_drawn(&p, 10 * S);
        assert_int_equal(fbc_pace_period(&p, 10 * S, wish[i]), 25 * MS);
        assert_int_equal(fbc_pace_period(&p, 12 * S - 1, wish[i]), 25 * MS);
        assert_int_equal(fbc_pace_period(&p, 12 * S, wish[i]), idle);

        fbc_pace_record(&p, 20 * S);
        assert_int_equal(fbc_pace_period(&p, 20 * S, wish[i]), 25 * MS);
        assert_int_equal(fbc_pace_period(&p, 20 * S + 250 * MS, wish[i]), idle);

        /* The moment of a record does not cut short what was drawn. */
        fbc_pace_drawn(&p, 30 * S);
        fbc_pace_record(&p, 30 * S + MS);
        assert_int_equal(fbc_pace_period(&p, 32 * S - 1, wish[i]), 25 * MS);
        assert_int_equal(fbc_pace_period(&p, 32 * S, wish[i]), idle);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rest_is_four_passes),
        cmocka_unit_test(but_200_ms_at_most),
        cmocka_unit_test(a_fifth_of_the_time_is_spent),
        cmocka_unit_test(one_pass_at_a_time),
        cmocka_unit_test(the_owner_has_a_wish),
        cmocka_unit_test(faster_when_something_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
