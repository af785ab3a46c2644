/* SPDX-License-Identifier: GPL-2.0-only */
/* What dom0 may make of a guest by XenStore. */
#include "core/xsdoor.h"
#include "core/xspath.h"

/* What neither shows nor types anything, and leads no further. */
static const char *const classes[] = {
    "vbd/", "vif/", "console/", "suspend/", "9pfs/", "vscsi/", "vtpm/",
};
/* One of each, which is looked after; nothing lies deeper than its keys. */
static const char *const single[] = { "vfb/", "vkbd/" };

/* What dom0 writes into "control", and what guests tell there. */
static const char *const controls[] = { "feature-", "platform-feature-" };

#define XS_READ 2               /* enum xsd_sockmsg_type */

/* A longer name may go on with anything past what is seen of it. */
#define NAME_MAX_LEN 32

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static bool refuses_device(struct fbc_text path)
{
    size_t i, slash = 0;

    while ( slash < path.len && path.p[slash] != '/' )
        slash++;
    if ( slash == path.len )    /* the list of a class */
        return path.len > NAME_MAX_LEN;

    for ( i = 0; i < NR(classes); i++ )
        if ( fbc_text_skip(&path, classes[i]) )
            return false;

    for ( i = 0; i < NR(single); i++ )
        if ( fbc_text_skip(&path, single[i]) )
        {
            if ( fbc_text_is(path, "0") )
                return false;
            if ( !fbc_text_skip(&path, "0/") )
                return true;
            for ( slash = 0; slash < path.len; slash++ )
                if ( path.p[slash] == '/' )
                    return true;

            return path.len > NAME_MAX_LEN;
        }

    return true;
}

/* A watch may stand on what is not there, and tells nothing else. */
static bool refuses_control(uint32_t type, struct fbc_text path)
{
    size_t i;

    for ( i = 0; i < NR(controls); i++ )
        if ( fbc_text_skip(&path, controls[i]) )
            return false;

    return type == XS_READ && !fbc_text_is(path, "shutdown");
}

bool fbc_xsdoor_refuses(uint32_t type, const uint8_t *path, size_t len,
                        uint16_t domid)
{
    struct fbc_text t = { path, 0 };

    while ( t.len < len && path[t.len] )
        t.len++;

    if ( !fbc_text_own(&t, domid) )
        return false;
    if ( fbc_text_skip(&t, "device/") )
        return refuses_device(t);
    if ( fbc_text_skip(&t, "control/") )
        return refuses_control(type, t);

    return fbc_text_skip(&t, "backend/");
}

void fbc_xsdoor_asked(struct fbc_xsdoor *d, uint32_t id, bool refused)
{
    d->id[d->nr] = id;
    d->shut |= (uint32_t)refused << d->nr;
    d->nr++;
    d->refused += refused;
}

bool fbc_xsdoor_answer(struct fbc_xsdoor *d, uint32_t id)
{
    bool refused = true;
    uint32_t i, below;

    /* A guest that uses a number twice has its answers in its order. */
    for ( i = 0; i < d->nr && d->id[i] != id; i++ )
        ;
    if ( i < d->nr )
    {
        below = ((uint32_t)1 << i) - 1;
        refused = d->shut >> i & 1;
        d->shut = (d->shut & below) | (d->shut >> 1 & ~below);
        d->nr--;
        memmove(&d->id[i], &d->id[i + 1], (d->nr - i) * sizeof(d->id[0]));
    }

    return !refused;
}
