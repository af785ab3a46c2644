/* SPDX-License-Identifier: GPL-2.0-only */
/* Which frames are the guest's memory, and in what order; its memory map. */
#include "lab.h"
#include "frames.h"

/* The entry of the P2M list. */
static uint64_t *p2m(struct lab *lab, xen_pfn_t pfn)
{
    uint64_t *list = lab_map(lab, lab->dom->p2m_seg.pfn + pfn / ENTRIES);

    return list ? list + pfn % ENTRIES : NULL;
}

static int list(struct lab *lab, const char *name)
{
    xen_pfn_t last = lab_last(lab), mfn = INVALID_MFN;
    uint64_t *e = p2m(lab, last);
    int rc = 0;

    if ( !e )
        return lab_refused(lab, "page");
    if ( !strcmp(name, "p2m-shadow") )
        rc = frame_of_shadow(lab, &mfn) ?: lab_set_m2p(lab, mfn, last);
    else if ( !strcmp(name, "p2m-domain") )
        rc = lab_other_frame(lab, &mfn);
    else if ( !strcmp(name, "p2m-dom0") )
        rc = frame_of_dom0(lab, &mfn);
    else if ( !strcmp(name, "p2m-shared-info") )
        mfn = lab->dom->shared_info_mfn,
        rc = lab_set_m2p(lab, mfn, last);
    else if ( !strcmp(name, "p2m-twice") )
        mfn = lab_mfn(lab, last - 1);
    if ( !rc )
        *e = mfn;

    return rc;
}

/* Two pages exchange their frames, in one table or in both. */
static int swap(struct lab *lab, const char *name)
{
    xen_pfn_t a = lab->dom->kernel_seg.pfn, b = lab_last(lab);
    uint64_t *ea = p2m(lab, a), *eb = p2m(lab, b), t;

    if ( !ea || !eb )
        return lab_refused(lab, "page");
    if ( strcmp(name, "p2m-swap") )
    {
        if ( lab_set_m2p(lab, *ea, b) || lab_set_m2p(lab, *eb, a) )
            return -1;
    }
    if ( strcmp(name, "m2p-swap") )
        t = *ea, *ea = *eb, *eb = t;

    return 0;
}

static int m2p(struct lab *lab, const char *name)
{
    xen_pfn_t last = lab_last(lab);

    return lab_set_m2p(lab, lab_mfn(lab, last), !strcmp(name, "m2p-none")
                       ? ~UINT64_C(0) : last - 1);
}

static int count(struct lab *lab, const char *name)
{
    xen_pfn_t mfn = lab_mfn(lab, lab_last(lab)), pfn = lab_last(lab) + 1;

    if ( !strcmp(name, "one-less") )
    {
        if ( xc_domain_decrease_reservation_exact(lab->xc, lab->domid, 1, 0,
                                                  &mfn) )
            return lab_refused(lab, "take");
    }
    else if ( xc_domain_populate_physmap_exact(lab->xc, lab->domid, 1, 0, 0,
                                               &pfn) )
        return lab_refused(lab, "populate");

    return 0;
}

/* A frame for another, after which list and M2P agree again. */
static int replaced(struct lab *lab, const char *name)
{
    xen_pfn_t last = lab_last(lab), old = lab_mfn(lab, last), new = last;
    uint64_t *e = p2m(lab, last);

    if ( !e )
        return lab_refused(lab, "page");
    if ( xc_domain_decrease_reservation_exact(lab->xc, lab->domid, 1, 0,
                                              &old) )
        return lab_refused(lab, "take");
    if ( xc_domain_populate_physmap_exact(lab->xc, lab->domid, 1, 0, 0, &new) )
        return lab_refused(lab, "populate");
    *e = new;
    lab->dom->pv_p2m[last] = new;
    if ( !strcmp(name, "replaced-full") )
    {
        uint8_t *p = lab_map(lab, last);

        if ( !p )
            return lab_refused(lab, "page");
        p[PAGE - 1] = 1;
    }

    return 0;
}

static int map(struct lab *lab, const char *name)
{
    struct e820entry e[128] = { { 0, 0, 1 } };
    uint32_t nr = 1, i;

    e[0].size = (uint64_t)lab->files.maxmem << 20;
    if ( !strcmp(name, "e820-two") )
        e[nr++] = (struct e820entry){ 1u << 30, 4096, 2 };
    else if ( !strcmp(name, "e820-size") )
        e[0].size -= 4096;
    else if ( !strcmp(name, "e820-type") )
        e[0].type = 2;
    else
        for ( nr = 128, i = 1; i < nr; i++ )
            e[i] = (struct e820entry){ (uint64_t)i << 30, 4096, 2 };

    return xc_domain_set_memory_map(lab->xc, lab->domid, e, nr)
           ? lab_refused(lab, "memory map") : 0;
}

/* Grant 8 invites a page; dom0 gives one that it has got for this. */
static int transfer(struct lab *lab, const char *name)
{
    struct gnttab_transfer *t = xencall_alloc_buffer(lab->call, sizeof(*t));
    xen_pfn_t mfn = 0;
    int rc = 0;

    (void)name;
    if ( lab_grant(lab, 8, lab_last(lab) + 1, GTF_accept_transfer) ||
         lab_dom0_page(lab, &mfn) )
        return -1;
    memset(t, 0, sizeof(*t));
    t->mfn = mfn;
    t->domid = (domid_t)lab->domid;
    t->ref = 8;
    if ( xencall3(lab->call, __HYPERVISOR_grant_table_op, GNTTABOP_transfer,
                  (uintptr_t)t, 1) || t->status )
    {
        errno = t->status == GNTST_permission_denied ? EPERM
              : t->status ? -t->status : errno;
        rc = lab_refused(lab, "transfer");
    }
    xencall_free_buffer(lab->call, t);

    return rc;
}

/* Of other kinds of guests. */
static int kind(struct lab *lab, const char *name)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_set_address_size };

    if ( !strcmp(name, "32-bit") )
    {
        op.u.address_size.size = 32;
        return lab_domctl(lab, &op, "32 bits");
    }
    op.cmd = XEN_DOMCTL_shadow_op;
    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY;

    return lab_domctl(lab, &op, "log-dirty");
}

static int vnuma(struct lab *lab, const char *name)
{
    xen_vmemrange_t range = { 0, (uint64_t)lab->files.memory << 20, 0, 0 };
    unsigned int distance[1] = { 10 }, vcpu[2] = { 0, 0 }, node[1] = { 0 };

    (void)name;
    return xc_domain_setvnuma(lab->xc, lab->domid, 1, 1, 2, &range, distance,
                              vcpu, node) ? lab_refused(lab, "vNUMA") : 0;
}

const struct attack page_attacks[] = {
    { "p2m-shadow", BUILT, list, NULL },
    { "p2m-domain", BUILT, list, NULL },
    { "p2m-dom0", BUILT, list, NULL },
    { "p2m-shared-info", BUILT, list, NULL },
    { "p2m-none", BUILT, list, NULL },
    { "p2m-twice", BUILT, list, NULL },
    { "p2m-swap", BUILT, swap, NULL },
    { "m2p-swap", BUILT, swap, NULL },
    { "both-swap", BUILT, swap, NULL },
    { "m2p-none", BUILT, m2p, NULL },
    { "m2p-twice", BUILT, m2p, NULL },
    { "one-less", BUILT, count, NULL },
    { "one-more", BUILT, count, NULL },
    { "replaced", BUILT, replaced, NULL },
    { "replaced-full", BUILT, replaced, NULL },
    { "e820-two", BUILT, map, NULL },
    { "e820-size", BUILT, map, NULL },
    { "e820-type", BUILT, map, NULL },
    { "e820-many", BUILT, map, NULL },
    { "transfer", BUILT, transfer, NULL },
    { "32-bit", FILES, kind, NULL },
    { "log-dirty", BUILT, kind, NULL },
    { "vnuma", BUILT, vnuma, NULL },
    { .name = NULL }
};
