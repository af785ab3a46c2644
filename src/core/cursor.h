/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes that are taken one after the other; bad once any was missing. */
#ifndef FBC_CORE_CURSOR_H
#define FBC_CORE_CURSOR_H

#include "core/fbc.h"

struct fbc_cursor {
    const uint8_t *p;
    size_t left;
    bool bad;
};

/* n bytes, or NULL. */
static inline const uint8_t *fbc_take(struct fbc_cursor *c, size_t n)
{
    const uint8_t *p = c->p;

    if ( c->bad || c->left < n )
    {
        c->bad = true;
        return NULL;
    }
    c->p += n;
    c->left -= n;

    return p;
}

/* A big-endian number of n bytes, at most 8; 0 if they are missing. */
static inline uint64_t fbc_take_number(struct fbc_cursor *c, size_t n)
{
    const uint8_t *p = fbc_take(c, n);
    uint64_t v = 0;

    while ( p && n-- )
        v = v << 8 | *p++;

    return v;
}

#endif /* FBC_CORE_CURSOR_H */
