/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who holds a page of a guest that is about to run for the first time?  Nobody
 * is suspected: the references to all of its pages are added up, and those
 * that its own page tables, vCPUs and pins hold are subtracted.  What is left
 * is held by somebody else, whoever that is and however he came by it.
 *
 * A guest with a p2m holds no reference, but for the one of allocation: what is
 * mapped there is checked by pvh.c.
 *
 * It may take many calls, with dom0 running in between.  Once a domain is
 * locked nobody can take a new reference or change the guest's tables, so a
 * page that was found free of others stays so.
 */
#include "private.h"
#include "compat.h"

#include <asm/flushtlb.h>

/* Work between two checks for preemption: a page is 1, a page table's 32. */
#define STEP_WORK   1024
#define TABLE_WORK  32

#define PATIENCE    SECONDS(2)

/* Is a reference to it counted?  Shadows and the console's page may be held. */
static bool counted(const struct fbcrypt *fb, const struct page_info *pg)
{
    return page_get_owner(pg) == fb->d && !(pg->count_info & PGC_extra) &&
           !mfn_eq(page_to_mfn(pg), fb->console);
}

/* References that the entries of a validated page table hold. */
static unsigned int held_by_table(const struct fbcrypt *fb, mfn_t mfn,
                                  unsigned long type)
{
    const uint64_t *table = map_domain_page(mfn);
    unsigned int i, n = 0;

    for ( i = 0; i < L1_PAGETABLE_ENTRIES; i++ )
    {
        mfn_t to = maddr_to_mfn(table[i] & PADDR_MASK & PAGE_MASK);

        if ( !(table[i] & _PAGE_PRESENT) || !mfn_valid(to) )
            continue;
        /* Xen's own slots, and a table that maps itself, hold none. */
        if ( type == PGT_l4_page_table && !is_guest_l4_slot(fb->d, i) )
            continue;
        if ( type != PGT_l1_page_table && mfn_eq(to, mfn) )
            continue;
        n += counted(fb, mfn_to_page(to));
    }
    unmap_domain_page(table);

    return n;
}

/*
 * Adds what this page says of others.  A table that is half taken down holds
 * nobody knows what.
 */
static int look_at(struct fbcrypt *fb, const struct page_info *pg,
                   unsigned int *work)
{
    unsigned long count = read_atomic(&pg->count_info);
    unsigned long type = read_atomic(&pg->u.inuse.type_info);

    ++*work;
    if ( counted(fb, pg) )
        fb->account.others += (count & PGC_count_mask) -
                              !!(count & PGC_allocated) -
                              !!(type & PGT_pinned);

    if ( (type & PGT_type_mask) < PGT_l1_page_table ||
         (type & PGT_type_mask) > PGT_l4_page_table )
        return 0;
    if ( type & PGT_partial )
        return -EBUSY;
    if ( type & PGT_validated )
    {
        fb->account.others -= held_by_table(fb, page_to_mfn(pg),
                                            type & PGT_type_mask);
        *work += TABLE_WORK;
    }

    return 0;
}

/* The pages that are not the guest's memory: a handful, and its vCPUs. */
static int look_at_rest(struct fbcrypt *fb)
{
    const struct page_info *pg;
    const struct vcpu *v;
    unsigned int work = 0;
    int rc = 0;

    page_list_for_each ( pg, &fb->d->xenpage_list )
        rc = rc ?: look_at(fb, pg, &work);

    for_each_vcpu ( fb->d, v )
    {
        const pagetable_t root[] = { v->arch.guest_table,
                                     v->arch.guest_table_user };
        unsigned int i;

        for ( i = 0; i < ARRAY_SIZE(root); i++ )
            if ( !pagetable_is_null(root[i]) )
                fb->account.others -= counted(fb, pagetable_get_page(root[i]));
    }

    return rc;
}

/*
 * Pages until the step is full.  Referenced is the last that was looked at, not
 * the next: so our own reference is in no sum.
 */
static int step(struct fbcrypt *fb)
{
    struct domain *d = fb->d;
    struct page_info *held = fb->account.last, *pg;
    unsigned int work = 0;
    int rc = 0;

    fbc_page_alloc_lock(d);

    fb->account.last = NULL;
    if ( !held )
        rc = look_at_rest(fb);

    for ( pg = held ? page_list_next(held, &d->page_list)
                    : page_list_first(&d->page_list);
          pg && !rc; pg = page_list_next(pg, &d->page_list) )
    {
        rc = look_at(fb, pg, &work);

        /* One that is just being freed cannot be held. */
        if ( work >= STEP_WORK && get_page(pg, d) )
        {
            fb->account.last = pg;
            break;
        }
    }

    fbc_page_alloc_unlock(d);

    if ( held )
        put_page(held);

    return rc;
}

void fbc_account_stop(struct fbcrypt *fb)
{
    if ( fb->account.last )
        put_page(fb->account.last);
    memset(&fb->account, 0, sizeof(fb->account));
}

/* A vCPU of dom0's that owes the release of a table of the guest's. */
static bool owes_a_table(const struct domain *d)
{
    const struct vcpu *v;

    for_each_vcpu ( hardware_domain, v )
        if ( v->arch.old_guest_table &&
             page_get_owner(v->arch.old_guest_table) == d )
            return true;

    return false;
}

int fbc_account(struct fbcrypt *fb)
{
    int rc = 0;

    if ( !fb->account.since )
        fb->account.since = NOW();

    do {
        s_time_t start = NOW();

        if ( !fb->account.last )
        {
            /* Released later, it would not hold what is subtracted here. */
            rc = owes_a_table(fb->d) ? -EBUSY : 0;
            fb->account.others = 0;
            fb->console = fbc_frame_mfn(fb->d,
                gnttab_seeded_frame(fb->d, GNTTAB_RESERVED_CONSOLE));
        }
        rc = rc ?: step(fb);
        fb->longest_step = max(fb->longest_step, NOW() - start);

        /*
         * Any domain that asks for a page of somebody else's holds it until
         * it is refused: look again, for a while.
         */
        if ( !rc && !fb->account.last && fb->account.others &&
             (fb->account.others < 0 ||
              NOW() - fb->account.since > PATIENCE) )
        {
            printk(XENLOG_WARNING "fbcrypt: %pd: %ld references to its pages "
                   "are not its own\n", fb->d, fb->account.others);
            rc = -EBUSY;
        }
        if ( rc || (!fb->account.last && !fb->account.others) )
            break;
    } while ( !hypercall_preempt_check() );

    if ( !rc && (fb->account.last || fb->account.others) )
        return -ERESTART;
    fbc_account_stop(fb);

    /* Somebody may have zapped an entry and kept its translation. */
    if ( !rc )
        flush_tlb_mask(&cpu_online_map);

    return rc;
}
