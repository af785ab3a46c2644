/* SPDX-License-Identifier: GPL-2.0-only */
/* CLOCK_MONOTONIC. */
#ifndef FBC_LIB_CLOCK_H
#define FBC_LIB_CLOCK_H

#include <stdint.h>
#include <time.h>

#define FBC_NS_PER_MS UINT64_C(1000000)
#define FBC_NS_PER_S  UINT64_C(1000000000)

static inline uint64_t fbc_clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (uint64_t)t.tv_sec * FBC_NS_PER_S + (uint64_t)t.tv_nsec;
}

static inline uint64_t fbc_clock_ms(void)
{
    return fbc_clock_ns() / FBC_NS_PER_MS;
}

#endif /* FBC_LIB_CLOCK_H */
