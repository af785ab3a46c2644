/* SPDX-License-Identifier: GPL-2.0-only */
/* Interleaved measurements. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * A round of one measurement takes about this long, or one pass; a pass
 * repeats what is too short for the clocks.
 */
#define ROUND_NS 30000000u
#define PASS_NS    200000u

static unsigned int missed;
static uint64_t total_wall, total_cpu, total_tsc;

static uint64_t now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);

    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
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

/* Nanoseconds of one run, without what other processes took. */
static uint64_t pass(struct bench *b)
{
    uint64_t wall = now(CLOCK_MONOTONIC), tsc = __builtin_ia32_rdtsc(), cpu;
    unsigned int i;

    cpu = now(CLOCK_THREAD_CPUTIME_ID);
    for ( i = 0; i < b->repeat; i++ )
        b->run(b->arg);
    cpu = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
    tsc = __builtin_ia32_rdtsc() - tsc;
    wall = now(CLOCK_MONOTONIC) - wall;
    total_wall += wall;
    total_cpu += cpu;
    total_tsc += tsc;

    return (cpu < wall ? cpu : wall) / b->repeat;
}

/* The fastest pass of a round: a neighbour can only slow it down. */
static uint64_t round_of(struct bench *b)
{
    uint64_t end = now(CLOCK_MONOTONIC) + ROUND_NS, best = UINT64_MAX, ns;

    do {
        ns = pass(b);
        if ( ns < best )
            best = ns;
    } while ( now(CLOCK_MONOTONIC) < end );

    return best;
}

static void calibrate(struct bench *b)
{
    uint64_t ns;

    b->repeat = 1;
    ns = pass(b);               /* cold */
    if ( ns < PASS_NS )
        ns = pass(b);
    if ( ns < PASS_NS )
        b->repeat = (unsigned int)(PASS_NS / (ns + 1)) + 1;
    if ( !b->rounds || b->rounds > BENCH_ROUNDS )
        b->rounds = BENCH_ROUNDS;
}

void bench_run(struct bench *b, size_t n)
{
    unsigned int round;
    size_t i;

    for ( i = 0; i < n; i++ )
        calibrate(&b[i]);

    for ( round = 0; round < BENCH_ROUNDS; round++ )
        for ( i = 0; i < n; i++ )
            if ( round < b[i].rounds )
                b[i].ns[round] = round_of(&b[i]);

    for ( i = 0; i < n; i++ )
    {
        b[i].ms = median(b[i].ns, b[i].rounds) / 1e6;
        b[i].tsc_per_byte = b[i].ms * 1e6 * (double)total_tsc /
                            (double)total_wall / (double)b[i].bytes;
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

unsigned int bench_end(void)
{
    double share = 100.0 * (double)total_cpu / (double)total_wall;

    printf("# this run had %.0f %% of a CPU%s\n", share,
           share < 90 ? ": run it again on an idle machine" : "");

    return missed;
}

void bench_must(int failed, const char *what)
{
    if ( !failed )
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    abort();
}

void *bench_get(size_t len)
{
    void *p = aligned_alloc(4096, (len + 4095) & ~(size_t)4095);

    bench_must(!p, "malloc");
    memset(p, 0, len);

    return p;
}
