/* SPDX-License-Identifier: GPL-2.0-only */
/* The page of the guest's keyboard, while it is one and afterwards. */
#include "lib/intruder/method.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <xenstore.h>

#include "lib/dom0/domain.h"

#define DEVICE  "device/vkbd/0"
#define WATCH_S 8

/* Tells what it did not get. */
static void *map(struct fbc_method_run *r, xen_pfn_t frame)
{
    int err = 0;
    void *p = xenforeignmemory_map(r->t->fmem, r->t->domid, PROT_READ, 1,
                                   &frame, &err);

    if ( p && !err )
        return p;
    fbc_method_errno(r, p ? err : errno, "keyboard page");
    if ( p )
        xenforeignmemory_unmap(r->t->fmem, p, 1);

    return NULL;
}

void *fbc_method_keyboard_map(struct fbc_method_run *r, xen_pfn_t *frame)
{
    char text[24], *end;

    if ( !fbc_domain_read(r->t->xs, r->t->domid, DEVICE "/page-ref", text,
                          sizeof(text)) )
    {
        fbc_method_say(r, FBC_METHOD_NOTHING, "no keyboard");
        return NULL;
    }
    *frame = strtoull(text, &end, 10);

    return map(r, *frame);
}

void fbc_method_keyboard_unmap(struct fbc_method_run *r, const void *p)
{
    union { const void *in; void *out; } page = { p };

    xenforeignmemory_unmap(r->t->fmem, page.out, 1);
}

void fbc_method_keyboard(struct fbc_method_run *r)
{
    xen_pfn_t frame;
    void *p = fbc_method_keyboard_map(r, &frame);

    if ( !p )
        return;
    if ( !fbc_method_put(r, p, FBC_PAGE) )
        fbc_method_say(r, FBC_METHOD_FRAMES, "one page");
    xenforeignmemory_unmap(r->t->fmem, p, 1);
}

/*
 * Puts the page each time that it is another; returns how often it was.  One
 * without contents is no news.
 */
static unsigned int watch(struct fbc_method_run *r, const void *p)
{
    const struct timespec step = { .tv_nsec = 50000000 };
    static const uint8_t zero[FBC_PAGE];
    uint8_t was[FBC_PAGE], now[FBC_PAGE];
    unsigned int i, n = 0;

    memcpy(was, p, FBC_PAGE);
    for ( i = 0; i < WATCH_S * 20; i++ )
    {
        nanosleep(&step, NULL);
        memcpy(now, p, FBC_PAGE);
        if ( !memcmp(was, now, FBC_PAGE) )
            continue;
        memcpy(was, now, FBC_PAGE);
        if ( !memcmp(now, zero, FBC_PAGE) )
            continue;
        n++;
        if ( fbc_method_put(r, now, FBC_PAGE) )
            break;
    }

    return n;
}

/*
 * A guest whose keyboard dom0 takes away frees the page, and uses it for
 * something else; dom0 has it mapped.
 */
void fbc_method_recycled(struct fbc_method_run *r)
{
    xen_pfn_t frame;
    void *p = fbc_method_keyboard_map(r, &frame), *again;
    unsigned int n;
    char path[64];

    if ( !p )
        return;
    snprintf(path, sizeof(path), "/local/domain/%u/" DEVICE, r->t->domid);
    if ( !xs_rm(r->t->xs, XBT_NULL, path) )
    {
        fbc_method_errno(r, errno, "removal of the keyboard");
        goto out;
    }

    n = watch(r, p);
    again = map(r, frame);
    if ( n )
        fbc_method_say(r, FBC_METHOD_FRAMES, "the page changed %u times "
                       "after the keyboard was gone%s", n,
                       again ? "" : "; no other map");
    else if ( again )
        fbc_method_say(r, FBC_METHOD_NOTHING, "the page has not changed");
    if ( again )
        xenforeignmemory_unmap(r->t->fmem, again, 1);

 out:
    xenforeignmemory_unmap(r->t->fmem, p, 1);
}
