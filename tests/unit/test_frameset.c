/* SPDX-License-Identifier: GPL-2.0-only */
/* The sorted set of frame numbers against a plain list of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/frameset.h"

#define CHUNKS 32

static uint64_t set[CHUNKS * FBC_FRAMESET_CHUNK];
static uint64_t list[CHUNKS * FBC_FRAMESET_CHUNK];

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;

    return *seed >> 33;
}

/* Chunks of random sizes, numbers below limit: few of them are duplicates, or
 * nearly all. */
static void fill_and_compare(uint64_t seed, uint64_t limit)
{
    uint64_t chunk[FBC_FRAMESET_CHUNK];
    size_t n = 0, i, c;

    for ( c = 0; c < CHUNKS; c++ )
    {
        size_t k = next(&seed) % (FBC_FRAMESET_CHUNK + 1);

        for ( i = 0; i < k; i++ )
            chunk[i] = list[n + i] = next(&seed) % limit;
        fbc_frameset_add(set, n, chunk, k);
        n += k;
        for ( i = 1; i < n; i++ )
            assert_true(set[i - 1] <= set[i]);
    }
    for ( i = 0; i < n; i++ )
        assert_true(fbc_frameset_has(set, n, list[i]));
    for ( i = 0; i < 10000; i++ )
    {
        uint64_t v = next(&seed) % (limit + 2);
        bool there = false;

        for ( c = 0; c < n && !there; c++ )
            there = list[c] == v;
        assert_int_equal(fbc_frameset_has(set, n, v), there);
    }
}

static void whatever_comes_is_found(void **state)
{
    (void)state;
    fill_and_compare(1, 1u << 30);
    fill_and_compare(2, 5000);
    fill_and_compare(3, 3);
}

static void orders_that_sorting_dislikes(void **state)
{
    uint64_t chunk[FBC_FRAMESET_CHUNK];
    size_t i, n = 0, c;

    (void)state;
    for ( c = CHUNKS; c--; n += FBC_FRAMESET_CHUNK )
    {
        for ( i = 0; i < FBC_FRAMESET_CHUNK; i++ )
            chunk[i] = (c + 1) * FBC_FRAMESET_CHUNK - i;
        fbc_frameset_add(set, n, chunk, FBC_FRAMESET_CHUNK);
    }
    for ( i = 0; i < n; i++ )
        assert_int_equal(set[i], i + 1);
}

static void nothing_is_in_the_empty_set(void **state)
{
    (void)state;
    fbc_frameset_add(set, 0, set, 0);
    assert_false(fbc_frameset_has(set, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_is_found),
        cmocka_unit_test(orders_that_sorting_dislikes),
        cmocka_unit_test(nothing_is_in_the_empty_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
