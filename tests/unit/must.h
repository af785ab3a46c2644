/* SPDX-License-Identifier: GPL-2.0-only */
/* For what a test needs and is not about: cannot fail, or the test ends. */
#ifndef FBC_TEST_MUST_H
#define FBC_TEST_MUST_H

#include <stdio.h>
#include <stdlib.h>

#define MUST(cond) do { \
        if ( !(cond) ) \
        { \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
            abort(); \
        } \
    } while ( 0 )

#endif /* FBC_TEST_MUST_H */
