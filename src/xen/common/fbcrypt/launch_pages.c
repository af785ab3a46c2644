/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks at each page of a guest that is being measured.
 *
 * No page is taken on the builder's word.  Each entry of the P2M list names a
 * page of the guest whose M2P entry names it back, and there are as many as the
 * guest has pages: so each page has one number, and all are looked at.
 */
#include "launch_int.h"

#include <xen/vmap.h>

#include <asm/flushtlb.h>

#define P2M_ENTRIES 512         /* of a page */

const struct page_info *fbc_own_page(const struct domain *d, mfn_t mfn,
                                     uint64_t *pfn)
{
    const struct page_info *pg;

    if ( !mfn_valid(mfn) )
        return NULL;
    pg = mfn_to_page(mfn);
    if ( page_get_owner(pg) != d ||
         (pg->count_info & (PGC_extra | PGC_xen_heap)) )
        return NULL;
    *pfn = get_gpfn_from_mfn(mfn_x(mfn));

    return *pfn < domain_tot_pages(d) ? pg : NULL;
}

/* 0 data, 1 to 4 a page table, -1 neither the one nor the other. */
static int level_of(const struct page_info *pg)
{
    unsigned long type = read_atomic(&pg->u.inuse.type_info);

    if ( type & PGT_partial )
        return -1;
    if ( !(type & PGT_count_mask) )
        return 0;

    switch ( type & PGT_type_mask )
    {
    case PGT_l1_page_table: case PGT_l2_page_table:
    case PGT_l3_page_table: case PGT_l4_page_table:
        BUILD_BUG_ON(PGT_l2_page_table - PGT_l1_page_table !=
                     PGT_l1_page_table);
        return type & PGT_validated
               ? (type & PGT_type_mask) / PGT_l1_page_table : -1;

    case PGT_seg_desc_page:
        return -1;
    }

    return 0;
}

bool fbc_data_page(const struct domain *d, mfn_t mfn, uint64_t *pfn)
{
    const struct page_info *pg = fbc_own_page(d, mfn, pfn);

    return pg && !level_of(pg);
}

uint64_t fbc_p2m_pages(const struct domain *d)
{
    return DIV_ROUND_UP(domain_tot_pages(d), P2M_ENTRIES);
}

const void *fbc_map_page(mfn_t mfn)
{
    const void *p = map_domain_page(mfn);

    if ( read_atomic(&mfn_to_page(mfn)->u.inuse.type_info) &
         PGT_non_coherent )
        cache_flush(p, PAGE_SIZE);

    return p;
}

/* The page of the P2M list that has m->pfn; NULL: it is not one. */
static const uint64_t *map_p2m(const struct domain *d, struct fbc_measure *m)
{
    uint64_t i = m->pfn / P2M_ENTRIES, pfn, left;
    mfn_t mfn = fbc_va_to_mfn(d, m->p2m_va + i * PAGE_SIZE);
    const uint64_t *p2m;

    if ( !fbc_data_page(d, mfn, &pfn) || pfn != m->p2m_first + i )
        return NULL;
    p2m = fbc_map_page(mfn);

    left = domain_tot_pages(d) - i * P2M_ENTRIES;
    if ( left < P2M_ENTRIES &&
         !fbc_is_zero(p2m + left, (P2M_ENTRIES - left) * sizeof(*p2m)) )
    {
        unmap_domain_page(p2m);
        return NULL;
    }

    return p2m;
}

/* Frames become pages; false: there is one that is not the guest's. */
static bool normalise_table(const struct domain *d, uint8_t *to,
                            const uint64_t *table, unsigned int level)
{
    unsigned int i;

    for ( i = 0; i < L1_PAGETABLE_ENTRIES; i++, to += 8 )
    {
        uint64_t e = table[i], pfn;

        BUILD_BUG_ON(ROOT_PAGETABLE_FIRST_XEN_SLOT != 256 ||
                     ROOT_PAGETABLE_LAST_XEN_SLOT != 271);
        if ( level == FBC_LAUNCH_ROOT && fbc_launch_xen_slot(i) )
            e = 0;
        else if ( fbc_launch_pte_present(e) )
        {
            if ( !fbc_own_page(d, _mfn(fbc_launch_pte_frame(e)), &pfn) )
                return false;
            e = fbc_launch_pte(e, pfn);
        }
        fbc_put64(to, e);
    }

    return true;
}

static enum fbc_launch_state look_at_page(const struct domain *d,
                                          struct fbc_measure *m, mfn_t mfn)
{
    enum fbc_launch_state state = FBC_LAUNCH_OK;
    const struct page_info *pg;
    uint64_t pfn;
    const void *p;
    int level;

    pg = fbc_own_page(d, mfn, &pfn);
    if ( !pg || pfn != m->pfn )
        return FBC_LAUNCH_FRAME;
    level = level_of(pg);
    if ( level < 0 )
        return FBC_LAUNCH_TABLE;
    if ( pfn == m->start || pfn == m->store || pfn == m->console ||
         pfn - m->p2m_first < fbc_p2m_pages(d) )
        return level ? FBC_LAUNCH_TABLE : FBC_LAUNCH_OK;

    p = fbc_map_page(mfn);
    if ( level )
    {
        if ( normalise_table(d, m->log.link.page, p, level) )
            fbc_launch_page(&m->log, pfn, level);
        else
            state = FBC_LAUNCH_ENTRY;
    }
    else if ( !fbc_launch_is_zero(p) )
    {
        memcpy(m->log.link.page, p, PAGE_SIZE);
        fbc_launch_page(&m->log, pfn, 0);
    }
    unmap_domain_page(p);

    return state;
}

bool fbc_measure_grow(struct fbc_measure *m)
{
    struct fbc_launch *l = &m->log;
    void *entries;

    if ( !fbc_launch_full(l) )
        return true;
    entries = vmalloc(2 * l->room * FBC_LAUNCH_ENTRY_LEN);
    if ( !entries )
        return false;
    memcpy(entries, l->entries, l->nr * FBC_LAUNCH_ENTRY_LEN);
    vfree(l->entries);
    l->entries = entries;
    l->room *= 2;

    return true;
}

enum fbc_launch_state fbc_measure_pages(const struct domain *d,
                                        struct fbc_measure *m,
                                        uint64_t *detail)
{
    enum fbc_launch_state state = FBC_LAUNCH_OK;
    uint64_t most = m->log.hashed + FBC_STEP_BYTES - FBC_LAUNCH_PAGE_COST;
    unsigned int seen = 0;
    const uint64_t *p2m = NULL;

    while ( !state && m->pfn < domain_tot_pages(d) )
    {
        *detail = m->pfn;
        if ( m->log.hashed > most || seen++ >= FBC_MEASURE_STEP_PAGES )
            state = FBC_LAUNCH_PENDING;
        else if ( !fbc_measure_grow(m) )
            state = FBC_LAUNCH_RESOURCES;
        else if ( !p2m && !(p2m = map_p2m(d, m)) )
            state = FBC_LAUNCH_P2M;
        else
            state = look_at_page(d, m, _mfn(p2m[m->pfn % P2M_ENTRIES]));
        if ( state )
            break;
        if ( !(++m->pfn % P2M_ENTRIES) )
        {
            unmap_domain_page(p2m);
            p2m = NULL;
        }
    }
    unmap_domain_page(p2m);

    return state;
}
