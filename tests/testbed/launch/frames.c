/* SPDX-License-Identifier: GPL-2.0-only */
/* Found by looking: dom0 is told neither. */
#include "frames.h"

#include <xen/grant_table.h>

#define BATCH  512
#define FRAMES 0x80000          /* of the testbed's machine, and more */

int frame_of_dom0(struct lab *lab, xen_pfn_t *mfn)
{
    for ( *mfn = 0x8000; *mfn < FRAMES; *mfn += 0x100 )
    {
        int err = 1;
        void *p = xenforeignmemory_map(lab->fmem, DOMID_SELF, PROT_READ, 1,
                                       mfn, &err);

        if ( p )
            xenforeignmemory_unmap(lab->fmem, p, 1);
        if ( p && !err )
            return 0;
    }

    return lab_refused(lab, "dom0's frames");
}

int frame_of_grants(struct lab *lab, xen_pfn_t *mfn)
{
    struct {
        struct gnttab_setup_table op;
        xen_pfn_t frame;
    } *arg = xencall_alloc_buffer(lab->call, sizeof(*arg));
    int rc;

    memset(arg, 0, sizeof(*arg));
    arg->op.dom = (domid_t)lab->domid;
    arg->op.nr_frames = 1;
    set_xen_guest_handle_raw(arg->op.frame_list, &arg->frame);
    rc = xencall3(lab->call, __HYPERVISOR_grant_table_op,
                  GNTTABOP_setup_table, (uintptr_t)&arg->op, 1);
    *mfn = arg->frame;
    rc = rc || arg->op.status ? lab_refused(lab, "grant table") : 0;
    xencall_free_buffer(lab->call, arg);

    return rc;
}

static bool is_memory(const struct lab *lab, xen_pfn_t mfn)
{
    xen_pfn_t i;

    for ( i = 0; i < lab->dom->total_pages; i++ )
        if ( lab->dom->pv_p2m[i] == mfn )
            return true;

    return false;
}

/* Only what is the guest's can be mapped as the guest's. */
int frame_of_shadow(struct lab *lab, xen_pfn_t *mfn)
{
    xen_pfn_t frame[BATCH], first, grants;
    int err[BATCH], i;

    if ( frame_of_grants(lab, &grants) )
        return -1;
    for ( first = 0; first < FRAMES; first += BATCH )
    {
        void *p;

        for ( i = 0; i < BATCH; i++ )
            frame[i] = first + (xen_pfn_t)i;
        p = xenforeignmemory_map(lab->fmem, lab->domid, PROT_READ, BATCH,
                                 frame, err);
        if ( !p )
            continue;
        xenforeignmemory_unmap(lab->fmem, p, BATCH);
        for ( i = 0; i < BATCH; i++ )
            if ( !err[i] && frame[i] != lab->dom->shared_info_mfn &&
                 frame[i] != grants && !is_memory(lab, frame[i]) )
            {
                *mfn = frame[i];
                return 0;
            }
    }

    return lab_refused(lab, "shadow");
}
