/* SPDX-License-Identifier: GPL-2.0-only */
/* The statistics of fbc-leakcheck. */
#include "lib/leak/leakstat.h"

#include <math.h>

void fbc_histogram_add(struct fbc_histogram *h, const uint8_t *p, size_t len)
{
    size_t i;

    for ( i = 0; i < len; i++ )
        h->bin[p[i]]++;
    h->total += len;
}

double fbc_chi2(const struct fbc_histogram *h)
{
    double want = (double)h->total / 256, sum = 0;
    unsigned int i;

    for ( i = 0; i < 256; i++ )
    {
        double d = (double)h->bin[i] - want;

        sum += d * d;
    }

    return sum / want;
}

double fbc_entropy(const struct fbc_histogram *h)
{
    double sum = 0;
    unsigned int i;

    for ( i = 0; i < 256; i++ )
        if ( h->bin[i] )
        {
            double p = (double)h->bin[i] / (double)h->total;

            sum -= p * log2(p);
        }

    return sum;
}

bool fbc_chi2_leak(const struct fbc_histogram *h)
{
    double v;

    if ( h->total < FBC_CHI2_MIN )
        return false;
    v = fbc_chi2(h);

    return v > FBC_CHI2_HIGH || v < FBC_CHI2_LOW;
}

uint64_t fbc_poisson_limit(double mean)
{
    double log_p = -mean;
    uint64_t k = 0;

    /* Where the normal approximation is good it is also quick. */
    if ( mean > 10000 )
        return (uint64_t)ceil(mean + FBC_LEAK_SIGMAS * sqrt(mean));

    /* Beyond the mean, terms fall at least as fast as mean / (k + 1). */
    for ( ; ; )
    {
        k++;
        log_p += mean > 0 ? log(mean / (double)k) : -INFINITY;
        if ( (double)k > mean &&
             exp(log_p) / (1 - mean / ((double)k + 1)) < FBC_LEAK_ALPHA )
            return k;
    }
}

double fbc_correlation(const struct fbc_correlation *c)
{
    double vx, vy;

    if ( c->n < 2 )
        return 0;
    vx = c->xx - c->x * c->x / c->n;
    vy = c->yy - c->y * c->y / c->n;
    if ( vx <= 1e-9 * c->xx || vy <= 1e-9 * c->yy )
        return 0;

    return (c->xy - c->x * c->y / c->n) / sqrt(vx * vy);
}
