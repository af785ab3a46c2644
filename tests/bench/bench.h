/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measurements that are comparable: all of a run take turns, round by round,
 * and the median of the rounds counts.  One of them is the reference.
 */
#ifndef FBC_BENCH_BENCH_H
#define FBC_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_ROUNDS 9
#define BENCH_MAX    16

struct bench {
    const char *name;
    void (*run)(void *arg);
    void *arg;
    size_t bytes;               /* worked on in one run, for cycles/byte */
    unsigned int rounds;        /* at most BENCH_ROUNDS; 0: all of them */

    unsigned int repeat;        /* runs in one pass, set by bench_run() */
    uint64_t ns[BENCH_ROUNDS];  /* of one run */
    double ms, tsc_per_byte;    /* medians, set by bench_run() */
};

/*
 * CLOCK_MONOTONIC less what other processes took (CLOCK_THREAD_CPUTIME_ID);
 * cycles are those of the time stamp counter, whose rate is measured, too.
 */
void bench_run(struct bench *b, size_t n);

/* A line each: name, size, value, unit, ratio to b[0]. */
void bench_print_head(void);
void bench_print(const struct bench *b, size_t n, const char *size);

/* A row of the table of figures; counts those that are missed. */
void bench_figure(const char *figure, const char *size, bool at_most,
                  double wanted, double measured);
/* Says how quiet the machine was; returns how many figures were missed. */
unsigned int bench_end(void);

/* Aborts when a call that cannot fail does. */
void bench_must(int failed, const char *what);

/* Zeros where a page begins, as pictures do in Xen and fbc-vncproxy. */
void *bench_get(size_t len);

#endif /* FBC_BENCH_BENCH_H */
