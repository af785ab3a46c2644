/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables that are other than the builder's, while they are data still. */
#include "lab.h"
#include "frames.h"

/* The entry of a level (1 to 4) for va; NULL. */
static uint64_t *entry(struct lab *lab, uint64_t va, int level)
{
    uint64_t e = lab_mfn(lab, lab->dom->pgtables_seg.pfn) << 12, *t;
    int i;

    for ( i = 4; ; i-- )
    {
        t = lab_map_mfn(lab, (e & FRAME) >> 12);
        if ( !t )
            return NULL;
        t += va >> (3 + 9 * i) & (ENTRIES - 1);
        if ( i == level )
            return t;
        e = *t;
        if ( !(e & 1) )
            return NULL;
    }
}

static uint64_t entry_va(const struct lab *lab)
{
    return xc_dom_virt_entry(lab->dom);
}

/* Frames that the entry of the kernel's first page is to name. */
static int frame(struct lab *lab, const char *name)
{
    uint64_t *e = entry(lab, entry_va(lab), 1);
    xen_pfn_t mfn = 0;
    int rc = 0;

    if ( !e )
        return lab_refused(lab, "page table");
    if ( !strcmp(name, "pte-other") )
        mfn = lab_mfn(lab, lab_last(lab));
    else if ( !strcmp(name, "pte-domain") )
        rc = lab_other_frame(lab, &mfn);
    else if ( !strcmp(name, "pte-dom0") )
        rc = frame_of_dom0(lab, &mfn);
    else if ( !strcmp(name, "pte-shared-info") )
        mfn = lab->dom->shared_info_mfn;
    else if ( !strcmp(name, "pte-grants") )
        rc = frame_of_grants(lab, &mfn);
    else if ( !strcmp(name, "pte-shadow") )
        rc = frame_of_shadow(lab, &mfn);
    else if ( !strcmp(name, "pte-device") )
    {
        mfn = 0xa0;     /* VGA's */
        if ( xc_domain_iomem_permission(lab->xc, lab->domid, mfn, 1, 1) )
            rc = lab_refused(lab, "iomem");
    }
    if ( !rc )
        *e = (*e & ~FRAME) | mfn << 12;

    return rc;
}

static int flags(struct lab *lab, const char *name)
{
    uint64_t *e, va = entry_va(lab);

    if ( !strcmp(name, "pte-nx") )
    {
        e = entry(lab, va, 1);
        if ( e )
            *e |= NX;
    }
    else if ( !strcmp(name, "pte-ro") )
    {
        e = entry(lab, va, 1);
        if ( e )
            *e &= ~UINT64_C(2);
    }
    else if ( !strcmp(name, "pte-global") )
    {
        e = entry(lab, va, 1);
        if ( e )
            *e |= 0x200;        /* a bit that is software's */
    }
    else if ( !strcmp(name, "table-rw") )
    {
        /* Tables are mapped, too, read-only. */
        e = entry(lab, xc_dom_virt_base(lab->dom) +
                       lab->dom->pgtables_seg.pfn * PAGE, 1);
        if ( e )
            *e |= 2;
    }
    else if ( !strcmp(name, "pte-gone") )
    {
        e = entry(lab, va + PAGE, 1);
        if ( e )
            *e = 0;
    }
    else
    {
        /* Not present: the processor does not look at the rest. */
        e = entry(lab, UINT64_C(5) << 39, 4);
        if ( e )
            *e = 0x1234000;
    }

    return e ? 0 : lab_refused(lab, "page table");
}

/* All that is mapped is mapped once more. */
static int alias(struct lab *lab, const char *name)
{
    int level = !strcmp(name, "l2-alias") ? 2 : !strcmp(name, "l3-alias") ? 3
                                                                          : 4;
    uint64_t *from = entry(lab, entry_va(lab), level);
    uint64_t *to = entry(lab, UINT64_C(300) << (3 + 9 * level), level);

    if ( !from || !to )
        return lab_refused(lab, "page table");
    *to = *from;

    return 0;
}

/* A root table besides, which nothing names. */
static int second_root(struct lab *lab, const char *name)
{
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L4_TABLE };
    uint64_t *from = lab_map(lab, lab->dom->pgtables_seg.pfn);
    uint64_t *to = lab_map(lab, lab_last(lab));

    (void)name;
    if ( !from || !to )
        return lab_refused(lab, "page table");
    memcpy(to, from, PAGE / 2);
    lab_release(lab);
    op.arg1.mfn = lab_mfn(lab, lab_last(lab));

    return xc_mmuext_op(lab->xc, &op, 1, lab->domid) < 0
           ? lab_refused(lab, "pin") : 0;
}

static int empty_table(struct lab *lab, const char *name)
{
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE };

    (void)name;
    op.arg1.mfn = lab_mfn(lab, lab_last(lab));

    return xc_mmuext_op(lab->xc, &op, 1, lab->domid) < 0
           ? lab_refused(lab, "pin") : 0;
}

/* By the hypercall, dom0's page into the guest's table. */
static int update(struct lab *lab, const char *name)
{
    uint64_t at, e = lab_walk(lab, entry_va(lab), &at);
    uint32_t owner = lab->domid;
    xen_pfn_t mfn = (e & FRAME) >> 12;

    if ( !e )
        return lab_refused(lab, "page table");
    if ( !strcmp(name, "update-domain") )
    {
        if ( lab_other_frame(lab, &mfn) )
            return -1;
        owner = lab->other;
    }
    lab_release(lab);

    return lab_update(lab, at, (e & ~FRAME) | mfn << 12 | NX,
                      (lab->domid + 1) << 16 | owner);
}

const struct attack table_attacks[] = {
    { "pte-other", TABLES, frame, NULL },
    { "pte-domain", TABLES, frame, NULL },
    { "pte-dom0", TABLES, frame, NULL },
    { "pte-shared-info", TABLES, frame, NULL },
    { "pte-grants", TABLES, frame, NULL },
    { "pte-shadow", TABLES, frame, NULL },
    { "pte-device", TABLES, frame, NULL },
    { "pte-nx", TABLES, flags, NULL },
    { "pte-ro", TABLES, flags, NULL },
    { "pte-global", TABLES, flags, NULL },
    { "pte-gone", TABLES, flags, NULL },
    { "table-rw", TABLES, flags, NULL },
    { "l4-garbage", TABLES, flags, NULL },
    { "l2-alias", TABLES, alias, NULL },
    { "l3-alias", TABLES, alias, NULL },
    { "l4-alias", TABLES, alias, NULL },
    { "second-root", BUILT, second_root, NULL },
    { "empty-table", BUILT, empty_table, NULL },
    { "update-own", BUILT, update, NULL },
    { "update-domain", BUILT, update, NULL },
    { .name = NULL }
};
