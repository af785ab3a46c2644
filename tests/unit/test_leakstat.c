/* SPDX-License-Identifier: GPL-2.0-only */
/* The statistics of fbc-leakcheck, against known values and chance. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/leak/leakstat.h"

static uint64_t seed = 1;

static uint8_t byte(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;

    return (uint8_t)(seed >> 24);
}

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-6 * fmax(1, fabs(b));
}

static void known(void **state)
{
    struct fbc_histogram h = { .total = 1024 };
    unsigned int i;

    (void)state;
    for ( i = 0; i < 256; i++ )
        h.bin[i] = 4;
    assert_true(near(fbc_chi2(&h), 0));
    assert_true(near(fbc_entropy(&h), 8));
    assert_true(fbc_chi2_leak(&h));     /* too even */

    for ( i = 0; i < 256; i++ )
        h.bin[i] = i < 128 ? 8 : 0;
    assert_true(near(fbc_chi2(&h), 256 * 16 / 4.0));
    assert_true(near(fbc_entropy(&h), 7));
    assert_true(fbc_chi2_leak(&h));

    h = (struct fbc_histogram){ .bin[65] = 1023, .total = 1023 };
    assert_true(near(fbc_entropy(&h), 0));
    assert_false(fbc_chi2_leak(&h));    /* too few to tell */
}

/* P(X >= k) of a Poisson variable, summed from the other end. */
static double tail(double mean, uint64_t k)
{
    double p = exp(-mean), sum = 0;
    uint64_t i;

    for ( i = 1; i <= k + 200; i++ )
    {
        p *= mean / (double)i;
        if ( i >= k )
            sum += p;
    }

    return sum;
}

static void poisson(void **state)
{
    static const double means[] = { 1e-12, 1e-9, 1e-6, 1e-3, 0.1, 1, 4.6,
                                    30, 300 };
    size_t i;

    (void)state;
    assert_int_equal(fbc_poisson_limit(0), 1);
    assert_int_equal(fbc_poisson_limit(1e-10), 1);
    assert_int_equal(fbc_poisson_limit(1e-6), 2);
    for ( i = 0; i < sizeof(means) / sizeof(means[0]); i++ )
    {
        uint64_t k = fbc_poisson_limit(means[i]);

        assert_true(tail(means[i], k) < FBC_LEAK_ALPHA);
        assert_true(k == 1 || tail(means[i], k - 1) > FBC_LEAK_ALPHA / 2);
    }
    assert_true(near((double)fbc_poisson_limit(1e6), 1e6 + 1e4));
}

static void correlation(void **state)
{
    struct fbc_correlation same = { 0 }, inverse = { 0 }, flat = { 0 };
    struct fbc_correlation random = { 0 };
    unsigned int i;

    (void)state;
    assert_true(near(fbc_correlation(&same), 0));
    for ( i = 0; i < 100000; i++ )
    {
        double v = byte();

        fbc_correlation_add(&same, v, 3 * v + 1);
        fbc_correlation_add(&inverse, v, -v);
        fbc_correlation_add(&flat, v, 77);
        fbc_correlation_add(&random, v, byte());
    }
    assert_true(near(fbc_correlation(&same), 1));
    assert_true(near(fbc_correlation(&inverse), -1));
    assert_true(near(fbc_correlation(&flat), 0));
    assert_true(fabs(fbc_correlation(&random)) < 6 / sqrt(100000));
}

static void chance(void **state)
{
    double high = 0, low = 1000;
    unsigned int n, i;

    (void)state;
    for ( n = 0; n < 20000; n++ )
    {
        struct fbc_histogram h = { 0 };
        uint8_t tile[FBC_CHI2_MIN];
        double v;

        for ( i = 0; i < sizeof(tile); i++ )
            tile[i] = byte();
        fbc_histogram_add(&h, tile, sizeof(tile));
        v = fbc_chi2(&h);
        high = v > high ? v : high;
        low = v < low ? v : low;
    }
    /* 4 standard deviations are 355 and 175; the limits are at 10. */
    assert_true(high > 310 && high < 390);
    assert_true(low < 210 && low > 160);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "chi-square and entropy have known values", known, NULL, NULL,
          NULL },
        { "a limit is the first count that chance does not reach", poisson,
          NULL, NULL, NULL },
        { "correlation is what it should be", correlation, NULL, NULL, NULL },
        { "20000 random tiles stay far from the limits", chance, NULL, NULL,
          NULL },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
