/* SPDX-License-Identifier: GPL-2.0-only */
/* What the attacks use to reach a guest that is being built. */
#include "lab.h"

#include <sched.h>

int lab_refused(struct lab *lab, const char *op)
{
    lab->op = op;

    return -1;
}

void *lab_map_mfn(struct lab *lab, xen_pfn_t mfn)
{
    int prot = PROT_READ | PROT_WRITE, err;
    void *p;

    if ( lab->nr_mapped == sizeof(lab->mapped) / sizeof(lab->mapped[0]) )
        return errno = ENOSPC, NULL;

    /* A page table that is in use can only be read. */
    for ( ; ; prot = PROT_READ )
    {
        err = 0;
        p = xenforeignmemory_map(lab->fmem, lab->domid, prot, 1, &mfn, &err);
        if ( p && !err )
            break;
        if ( p )
            xenforeignmemory_unmap(lab->fmem, p, 1);
        errno = err ? -err : errno;
        if ( !(prot & PROT_WRITE) )
            return NULL;
    }
    lab->mapped[lab->nr_mapped++] = p;

    return p;
}

void *lab_map(struct lab *lab, xen_pfn_t pfn)
{
    return lab_map_mfn(lab, lab_mfn(lab, pfn));
}

void lab_release(struct lab *lab)
{
    while ( lab->nr_mapped )
        xenforeignmemory_unmap(lab->fmem, lab->mapped[--lab->nr_mapped], 1);
}

uint64_t lab_walk(struct lab *lab, uint64_t va, uint64_t *at)
{
    uint64_t e = lab->dom->pgtables_seg.pfn
                 ? lab_mfn(lab, lab->dom->pgtables_seg.pfn) << 12 : 0;
    int shift;

    for ( shift = 39; shift >= 12; shift -= 9 )
    {
        const uint64_t *t = lab_map_mfn(lab, (e & FRAME) >> 12);
        unsigned int i = va >> shift & (ENTRIES - 1);

        if ( !t )
            return 0;
        *at = (e & FRAME) + 8 * i;
        e = t[i];
        if ( !(e & 1) )
            break;
    }

    return e;
}

void *lab_map_va(struct lab *lab, uint64_t va)
{
    uint64_t at, e = lab_walk(lab, va, &at);

    return e & 1 ? lab_map_mfn(lab, (e & FRAME) >> 12) : NULL;
}

xen_pfn_t lab_mfn(const struct lab *lab, xen_pfn_t pfn)
{
    return lab->dom->pv_p2m[pfn];
}

xen_pfn_t lab_last(const struct lab *lab)
{
    return lab->dom->total_pages - 1;
}

start_info_t *lab_start(struct lab *lab)
{
    return lab_map(lab, lab->dom->start_info_pfn);
}

int lab_update(struct lab *lab, uint64_t ptr, uint64_t val, uint32_t owners)
{
    struct mmu_update *u = xencall_alloc_buffer(lab->call, sizeof(*u));
    int rc;

    if ( !u )
        return lab_refused(lab, "buffer");
    u->ptr = ptr;
    u->val = val;
    rc = xencall4(lab->call, __HYPERVISOR_mmu_update, (uintptr_t)u, 1, 0,
                  owners);
    xencall_free_buffer(lab->call, u);

    return rc ? lab_refused(lab, "mmu_update") : 0;
}

int lab_set_m2p(struct lab *lab, xen_pfn_t mfn, uint64_t pfn)
{
    return lab_update(lab, mfn << 12 | MMU_MACHPHYS_UPDATE, pfn, lab->domid);
}

int lab_domctl(struct lab *lab, struct xen_domctl *op, const char *what)
{
    op->domain = (domid_t)lab->domid;

    return xc_domctl(lab->xc, op) ? lab_refused(lab, what) : 0;
}

int lab_other_frame(struct lab *lab, xen_pfn_t *mfn)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };

    *mfn = 0;
    if ( xc_domain_create(lab->xc, &lab->other, &config) ||
         xc_domain_max_vcpus(lab->xc, lab->other, 1) ||
         xc_domain_setmaxmem(lab->xc, lab->other, 1024) ||
         xc_domain_populate_physmap_exact(lab->xc, lab->other, 1, 0, 0, mfn) )
        return lab_refused(lab, "another domain");

    return 0;
}

int lab_grant(struct lab *lab, uint32_t ref, xen_pfn_t frame, uint16_t flags)
{
    void *p = NULL;
    grant_entry_v1_t *e;
    xenforeignmemory_resource_handle *h = xenforeignmemory_map_resource(
        lab->fmem, lab->domid, XENMEM_resource_grant_table,
        XENMEM_resource_grant_table_id_shared, 0, 1, &p,
        PROT_READ | PROT_WRITE, 0);

    if ( !h )
        return lab_refused(lab, "grant table");
    e = p;
    e[ref].frame = (uint32_t)frame;
    e[ref].domid = 0;
    e[ref].flags = flags;
    xenforeignmemory_unmap_resource(lab->fmem, h);

    return 0;
}

int lab_dom0_page(struct lab *lab, xen_pfn_t *mfn)
{
    *mfn = 0;

    return xc_domain_setmaxmem(lab->xc, 0, 1u << 21) ||
           xc_domain_increase_reservation_exact(lab->xc, DOMID_SELF, 1, 0, 0,
                                                mfn)
           ? lab_refused(lab, "dom0's page") : 0;
}

void lab_cpu(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof(set), &set);
}
