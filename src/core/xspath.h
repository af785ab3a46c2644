/* SPDX-License-Identifier: GPL-2.0-only */
/* A path of XenStore, or what else a request says, read from its front. */
#ifndef FBC_CORE_XSPATH_H
#define FBC_CORE_XSPATH_H

#include "core/fbc.h"

struct fbc_text {
    const uint8_t *p;
    size_t len;
};

/* Takes s off the front of t. */
static inline bool fbc_text_skip(struct fbc_text *t, const char *s)
{
    size_t i;

    for ( i = 0; s[i]; i++ )
        if ( i == t->len || t->p[i] != (uint8_t)s[i] )
            return false;

    t->p += i;
    t->len -= i;

    return true;
}

static inline bool fbc_text_is(struct fbc_text t, const char *s)
{
    return fbc_text_skip(&t, s) && !t.len;
}

/* Takes a canonical decimal number off the front of t. */
static inline bool fbc_text_skip_number(struct fbc_text *t, uint64_t *value)
{
    uint64_t v = 0;
    size_t i;

    for ( i = 0; i < t->len && t->p[i] >= '0' && t->p[i] <= '9'; i++ )
    {
        unsigned int digit = t->p[i] - '0';

        if ( i && !v )
            return false;       /* leading zero */
        if ( v > (~(uint64_t)0 - digit) / 10 )
            return false;
        v = v * 10 + digit;
    }
    if ( !i )
        return false;

    t->p += i;
    t->len -= i;
    *value = v;

    return true;
}

/* Takes off the front what names the guest's own directory in full, if any. */
static inline bool fbc_text_own(struct fbc_text *path, uint16_t domid)
{
    uint64_t id;

    return !fbc_text_skip(path, "/local/domain/") ||
           (fbc_text_skip_number(path, &id) && id == domid &&
            fbc_text_skip(path, "/"));
}

#endif /* FBC_CORE_XSPATH_H */
