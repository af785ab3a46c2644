/* SPDX-License-Identifier: GPL-2.0-only */
/* Interleaved measurements. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A round of one measurement takes about this long, or one run. */
#define ROUND_NS 20000000u

static unsigned int missed;

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t tsc(void)
{
    return __builtin_ia32_rdtsc();
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static double median(uint64_t *v, unsigned int n)
{
    qsort(v, n, sizeof(*v), compare);

    return n % 2 ? (double)v[n / 2]
                 : ((double)v[n / 2 - 1] + (double)v[n / 2]) / 2;
}

/* The fastest pass of a round: another process can only slow it down. */
static void round_of(struct bench *b, unsigned int round)
{
    uint64_t end = now() + ROUND_NS;

    b->ns[round] = b->cycles[round] = UINT64_MAX;
    do {
        uint64_t t = now(), c = tsc();

        b->run(b->arg);
        c = tsc() - c;
        t = now() - t;
        if ( t < b->ns[round] )
            b->ns[round] = t;
        if ( c < b->cycles[round] )
            b->cycles[round] = c;
    } while ( now() < end );
}

void bench_run(struct bench *b, size_t n)
{
    unsigned int round;
    size_t i;

    for ( i = 0; i < n; i++ )
        if ( !b[i].rounds || b[i].rounds > BENCH_ROUNDS )
            b[i].rounds = BENCH_ROUNDS;

    for ( round = 0; round < BENCH_ROUNDS; round++ )
        for ( i = 0; i < n; i++ )
            if ( round < b[i].rounds )
                round_of(&b[i], round);

    for ( i = 0; i < n; i++ )
    {
        b[i].ms = median(b[i].ns, b[i].rounds) / 1e6;
        b[i].tsc_per_byte = median(b[i].cycles, b[i].rounds) /
                            (double)b[i].bytes;
    }
}

void bench_print_head(void)
{
    printf("# name, size, value, unit, ratio to memcpy of the 24-bit frame\n");
}

void bench_print(const struct bench *b, size_t n, const char *size)
{
    size_t i;

    for ( i = 0; i < n; i++ )
    {
        printf("%s, %s, %.4f, ms, %.2f\n", b[i].name, size, b[i].ms,
               b[i].ms / b[0].ms);
        printf("%s, %s, %.3f, TSC cycles/byte, %.2f\n", b[i].name, size,
               b[i].tsc_per_byte, b[i].ms / b[0].ms);
    }
}

void bench_figure(const char *figure, const char *size, bool at_most,
                  double wanted, double measured)
{
    bool met = at_most ? measured <= wanted : measured >= wanted;

    printf("%-46s %-10s %s %5.0fx %9.1fx  %s\n", figure, size,
           at_most ? "<=" : ">=", wanted, measured, met ? "met" : "MISSED");
    missed += !met;
}

unsigned int bench_missed(void)
{
    return missed;
}

void bench_must(int failed, const char *what)
{
    if ( !failed )
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    abort();
}
