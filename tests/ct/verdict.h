/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before each file of core and crypto that ct.c is linked with: what
 * a comparison tells in the end is public.  How it came to that is not.
 */
#ifndef FBC_TEST_VERDICT_H
#define FBC_TEST_VERDICT_H

#include <valgrind/memcheck.h>

#include "core/fbc.h"

static inline bool verdict(bool v)
{
    VALGRIND_MAKE_MEM_DEFINED(&v, sizeof(v));

    return v;
}

#define fbc_equal(a, b, len)  verdict((fbc_equal)(a, b, len))
#define fbc_is_zero(a, len)   verdict((fbc_is_zero)(a, len))

#endif /* FBC_TEST_VERDICT_H */
