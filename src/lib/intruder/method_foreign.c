/* SPDX-License-Identifier: GPL-2.0-only */
/* Foreign mappings: mmu_update with another domain as the frames' owner. */
#include "lib/intruder/method.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#define BATCH 512

struct owner {
    xenforeignmemory_handle *fmem;
    uint32_t domid;
};

static int read_page(void *arg, uint64_t frame, uint8_t page[static FBC_PAGE])
{
    const struct owner *o = arg;
    xen_pfn_t pfn = frame;
    int err = 0;
    void *p = xenforeignmemory_map(o->fmem, o->domid, PROT_READ, 1, &pfn,
                                   &err);

    if ( !p )
        return errno ?: EINVAL;
    if ( !err )
        memcpy(page, p, FBC_PAGE);
    xenforeignmemory_unmap(o->fmem, p, 1);

    return err < 0 ? -err : err;
}

void fbc_method_foreign(struct fbc_method_run *r)
{
    struct owner o = { r->t->fmem, r->t->domid };

    fbc_method_walk(r, read_page, &o);
}

/* Frames of the guest, said to belong to somebody else. */
void fbc_method_misname(struct fbc_method_run *r)
{
    static const uint32_t names[] = { DOMID_SELF, DOMID_IO, DOMID_XEN };
    size_t i;

    for ( i = 0; i < sizeof(names) / sizeof(names[0]) && !r->frames; i++ )
    {
        struct owner o = { r->t->fmem, names[i] };

        fbc_method_walk(r, read_page, &o);
    }
}

long fbc_foreign_sweep(struct fbc_victim *t,
                       int (*seen)(void *arg, uint64_t frame, const void *p),
                       void *arg)
{
    xen_pfn_t frame[BATCH];
    int err[BATCH], i, stop = 0;
    long refused = 0;
    uint64_t first;

    for ( first = 0; first < t->frames && !stop; first += BATCH )
    {
        const uint8_t *p;

        for ( i = 0; i < BATCH; i++ )
            frame[i] = first + (uint64_t)i;
        p = xenforeignmemory_map(t->fmem, t->domid, PROT_READ, BATCH, frame,
                                 err);
        if ( !p && errno == ESRCH )
            return -1;
        for ( i = 0; p && i < BATCH && !stop; i++ )
            if ( !err[i] )
                stop = seen(arg, frame[i], p + (size_t)i * FBC_PAGE);
            else if ( err[i] == -EPERM || err[i] == EPERM )
                refused++;
        if ( p )
            xenforeignmemory_unmap(t->fmem, (void *)p, BATCH);
    }

    return refused;
}

static int put_page(void *arg, uint64_t frame, const void *p)
{
    (void)frame;

    return fbc_method_put(arg, p, FBC_PAGE);
}

void fbc_method_pages(struct fbc_method_run *r)
{
    long refused = fbc_foreign_sweep(r->t, put_page, r);

    if ( refused < 0 )
        return fbc_method_errno(r, errno, "foreign map");
    if ( refused )
        r->err = EPERM;
    fbc_method_say(r, refused ? FBC_METHOD_DENIED : FBC_METHOD_NOTHING,
                   "%" PRIu64 " pages, %ld of others: EPERM",
                   r->bytes / FBC_PAGE, refused);
}
