/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's pages, and those that dom0 may map in their place. */
#include "private.h"

#include <asm/p2m.h>

struct page_info *fbc_guest_page(struct domain *d, uint64_t frame)
{
    p2m_type_t t;
    struct page_info *pg = get_page_from_gfn(d, frame, &t, P2M_ALLOC);

    if ( pg && (t != p2m_ram_rw || page_get_owner(pg) != d ||
                is_special_page(pg)) )
    {
        put_page(pg);
        return NULL;
    }

    return pg;
}

uint64_t fbc_shadow_frame(const struct domain *d, mfn_t mfn)
{
    return mfn_x(mfn) | (paging_mode_translate(d) ? FBC_SHADOW_GFN : 0);
}

/*
 * Owned by d (what the mapping code asks for) but outside its allowance, and
 * pinned as writable memory: otherwise the guest, or dom0 for it, could turn
 * the frame into a page table while Xen writes to it.  Cleared before d owns
 * it, because from then on dom0 may map it.
 */
struct page_info *fbc_page_alloc(struct domain *d)
{
    struct page_info *pg = alloc_domheap_page(d, MEMF_no_owner);

    if ( !pg )
        return NULL;

    clear_domain_page(page_to_mfn(pg));

    pg->count_info = PGC_extra;
    if ( assign_page(pg, 0, d, MEMF_no_refcount) )
    {
        pg->count_info = 0;
        free_domheap_page(pg);
        return NULL;
    }

    if ( !get_page_and_type(pg, d, PGT_writable_page) )
    {
        /* Somebody guessed the frame and is making a page table of it. */
        put_page_alloc_ref(pg);
        return NULL;
    }

    return pg;
}

void fbc_page_free(struct page_info *pg)
{
    put_page_alloc_ref(pg);
    put_page_and_type(pg);
}
