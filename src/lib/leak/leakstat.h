/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The statistics of fbc-leakcheck.  Under the hypothesis "every byte is
 * independent and uniform", which is what an AEAD under fresh nonces gives,
 * each test below errs with a probability of 1e-7 a run at most.
 */
#ifndef FBC_LIB_LEAKSTAT_H
#define FBC_LIB_LEAKSTAT_H

#include "core/fbc.h"

/*
 * Chi-square of 256 bins has 255 degrees of freedom.  These are its values
 * 10 standard deviations out (Wilson and Hilferty's cube): 8e-24 a test.
 */
#define FBC_CHI2_HIGH 552.9
#define FBC_CHI2_LOW  88.9
/* Under this many bytes the bins are too empty for the approximation. */
#define FBC_CHI2_MIN  1024u

/* Standard deviations at which a correlation counts: 1.5e-23, two-sided. */
#define FBC_LEAK_SIGMAS 10.0

/* Probability with which a count may be as large as its limit by chance. */
#define FBC_LEAK_ALPHA 1e-7

struct fbc_histogram {
    uint64_t bin[256];
    uint64_t total;
};

void fbc_histogram_add(struct fbc_histogram *h, const uint8_t *p, size_t len);

/* Of at least one byte. */
double fbc_chi2(const struct fbc_histogram *h);
/* Shannon's, bits a byte, of the observed frequencies: biased below 8. */
double fbc_entropy(const struct fbc_histogram *h);

/* Long enough to judge, and too uneven or too even to be random. */
bool fbc_chi2_leak(const struct fbc_histogram *h);

/*
 * The smallest count k >= 1 with P(X >= k) < FBC_LEAK_ALPHA for X Poisson of
 * this mean: so many coincidences are none.
 */
uint64_t fbc_poisson_limit(double mean);

/* Sums of pairs, for Pearson's correlation. */
struct fbc_correlation {
    double n, x, y, xx, yy, xy;
};

static inline void fbc_correlation_add(struct fbc_correlation *c, double x,
                                       double y)
{
    c->n++;
    c->x += x;
    c->y += y;
    c->xx += x * x;
    c->yy += y * y;
    c->xy += x * y;
}

/* 0 when one side does not vary. */
double fbc_correlation(const struct fbc_correlation *c);

#endif /* FBC_LIB_LEAKSTAT_H */
