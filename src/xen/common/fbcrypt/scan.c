/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mappings that the domain builder left behind.  Counting references cannot
 * tell dom0's from the guest's own, so dom0's page tables are read.
 */
#include "private.h"

#include <asm/flushtlb.h>

static unsigned int scan_l1(const struct fbcrypt *fb, struct page_info *l1,
                            mfn_t console)
{
    const uint64_t *table = map_domain_page(page_to_mfn(l1));
    unsigned int i, hits = 0;

    for ( i = 0; i < L1_PAGETABLE_ENTRIES; i++ )
    {
        uint64_t e = read_atomic(&table[i]);
        mfn_t mfn = maddr_to_mfn(e & PADDR_MASK & PAGE_MASK);

        if ( !(e & _PAGE_PRESENT) || !mfn_valid(mfn) ||
             page_get_owner(mfn_to_page(mfn)) != fb->d ||
             (mfn_to_page(mfn)->count_info & PGC_extra) ||
             mfn_eq(mfn, console) )
            continue;

        if ( !hits++ )
            printk(XENLOG_WARNING
                   "fbcrypt: %pd: dom0 still maps %"PRI_mfn"\n",
                   fb->d, mfn_x(mfn));
    }
    unmap_domain_page(table);

    return hits;
}

int fbc_scan_mappings(struct fbcrypt *fb)
{
    struct domain *dom0 = hardware_domain;
    struct page_info *pg;
    unsigned int hits = 0;

    if ( !is_pv_domain(dom0) || paging_mode_enabled(dom0) )
    {
        printk(XENLOG_WARNING "fbcrypt: %pd: dom0 must be a PV domain on its "
               "own page tables\n",
               fb->d);
        return -EOPNOTSUPP;
    }

    spin_lock(&dom0->page_alloc_lock);
    page_list_for_each ( pg, &dom0->page_list )
        if ( (pg->u.inuse.type_info & (PGT_type_mask | PGT_validated)) ==
             (PGT_l1_page_table | PGT_validated) )
            hits += scan_l1(fb, pg, fb->console);
    spin_unlock(&dom0->page_alloc_lock);

    /* dom0 may have zapped an entry and kept its translation. */
    flush_tlb_mask(&cpu_online_map);

    return hits ? -EBUSY : 0;
}
