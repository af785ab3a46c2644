/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measures what a guest is about to start with (core/launch.h).  dom0 has no
 * page of it any more and can get none: tables, P2M list and M2P stay as they
 * are while this goes on, step by step, with dom0 running in between.
 *
 * No page is taken on the builder's word.  Each entry of the P2M list names a
 * page of the guest whose M2P entry names it back, and there are as many as the
 * guest has pages: so each page has one number, and all are looked at.
 */
#include "private.h"

#include <xen/vmap.h>

#include <asm/flushtlb.h>

#include "core/launch.h"

/* Looked at between two checks for preemption, if nothing is to be hashed. */
#define STEP_PAGES  1024

#define FIRST_ROOM  256         /* entries; doubled when they are used up */
#define P2M_ENTRIES 512         /* of a page */
#define MAX_E820    128

struct fbc_measure {
    struct fbc_launch log;
    uint64_t pfn;               /* next */
    uint64_t p2m_va, p2m_first;
    uint64_t start, store, console;     /* pages that are not hashed here */
    uint8_t cpu[FBC_LAUNCH_CPU_LEN];
    unsigned int nr_e820;
    struct e820entry e820[MAX_E820];
    uint8_t start_info[FBC_LAUNCH_PAGE];
};

/* A page of the guest's memory, and its number; NULL: it is no such page. */
static const struct page_info *own_page(const struct domain *d, mfn_t mfn,
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

static bool data_page(const struct domain *d, mfn_t mfn, uint64_t *pfn)
{
    const struct page_info *pg = own_page(d, mfn, pfn);

    return pg && !level_of(pg);
}

/* dom0 may have written past the cache: see what the guest will see. */
static const void *map_page(mfn_t mfn)
{
    const void *p = map_domain_page(mfn);

    if ( read_atomic(&mfn_to_page(mfn)->u.inuse.type_info) &
         PGT_non_coherent )
        cache_flush(p, PAGE_SIZE);

    return p;
}

static enum fbc_launch_state look_at_cpus(const struct domain *d,
                                          struct fbc_measure *m,
                                          uint64_t *detail)
{
    const struct vcpu *v;
    uint64_t root;

    *detail = fbc_launch_odd_cpu(d->vcpu[0]);
    if ( *detail )
        return FBC_LAUNCH_CPU;

    for_each_vcpu ( d, v )
        if ( v->vcpu_id && fbc_launch_set_up(v) )
        {
            *detail = v->vcpu_id;
            return FBC_LAUNCH_VCPU;
        }

    v = d->vcpu[0];
    if ( !own_page(d, pagetable_get_mfn(v->arch.guest_table), &root) )
    {
        *detail = FBC_LAUNCH_CPU_ROOT;
        return FBC_LAUNCH_CPU;
    }
    fbc_launch_cpu(m->cpu, v->arch.user_regs.rip, v->arch.user_regs.rsp,
                   v->arch.user_regs.rsi, root, d->vm_assist);

    return FBC_LAUNCH_OK;
}

/* start_info, and where it says that P2M list, store and console are. */
static enum fbc_launch_state look_at_start(const struct domain *d,
                                           struct fbc_measure *m,
                                           uint64_t *detail)
{
    unsigned long va = d->vcpu[0]->arch.user_regs.rsi;
    mfn_t mfn = fbc_va_to_mfn(d, va);
    uint8_t *si = m->start_info;
    const void *p;

    if ( (va & ~PAGE_MASK) || !data_page(d, mfn, &m->start) )
        return FBC_LAUNCH_START;
    *detail = m->start;
    p = map_page(mfn);
    memcpy(si, p, FBC_LAUNCH_PAGE);
    unmap_domain_page(p);
    if ( fbc_get64(si + FBC_LAUNCH_SI_SHARED) != virt_to_maddr(d->shared_info) )
        return FBC_LAUNCH_START;

    *detail = domain_tot_pages(d);
    if ( fbc_get64(si + FBC_LAUNCH_SI_NR_PAGES) != *detail )
        return FBC_LAUNCH_SIZE;

    *detail = 0;
    if ( !data_page(d, _mfn(fbc_get64(si + FBC_LAUNCH_SI_STORE)),
                    &m->store) ||
         !data_page(d, _mfn(fbc_get64(si + FBC_LAUNCH_SI_CONSOLE)),
                    &m->console) )
        return FBC_LAUNCH_CHANNEL;

    m->p2m_va = fbc_get64(si + FBC_LAUNCH_SI_MFN_LIST);
    if ( (m->p2m_va & ~PAGE_MASK) ||
         !data_page(d, fbc_va_to_mfn(d, m->p2m_va), &m->p2m_first) )
        return FBC_LAUNCH_P2M;
    fbc_launch_start_normalise(si, m->store, m->console);

    return FBC_LAUNCH_OK;
}

static enum fbc_launch_state look_at_e820(struct domain *d,
                                          struct fbc_measure *m)
{
    bool ok;

    spin_lock(&d->arch.e820_lock);
    m->nr_e820 = d->arch.nr_e820;
    ok = m->nr_e820 <= MAX_E820;
    if ( ok )
        memcpy(m->e820, d->arch.e820, m->nr_e820 * sizeof(m->e820[0]));
    spin_unlock(&d->arch.e820_lock);
    BUILD_BUG_ON(sizeof(m->e820[0]) != FBC_LAUNCH_E820_LEN);

    return ok ? FBC_LAUNCH_OK : FBC_LAUNCH_TOO_MUCH;
}

static uint64_t p2m_pages(const struct domain *d)
{
    return DIV_ROUND_UP(domain_tot_pages(d), P2M_ENTRIES);
}

/* All but the pages. */
static enum fbc_launch_state begin(struct fbcrypt *fb, uint64_t *detail)
{
    struct domain *d = fb->d;
    struct fbc_measure *m;
    enum fbc_launch_state state;
    void *entries;

    if ( !is_pv_64bit_domain(d) || paging_mode_enabled(d) )
        return FBC_LAUNCH_TYPE;

    m = xzalloc(struct fbc_measure);
    entries = vmalloc(FIRST_ROOM * FBC_LAUNCH_ENTRY_LEN);
    if ( !m || !entries )
    {
        xfree(m);
        vfree(entries);
        return FBC_LAUNCH_RESOURCES;
    }
    fbc_launch_begin(&m->log, entries, FIRST_ROOM, domain_tot_pages(d));
    fb->launch.work = m;

    state = look_at_cpus(d, m, detail) ?: look_at_start(d, m, detail) ?:
            look_at_e820(d, m);
    if ( state )
        return state;

    fbc_launch_fact(&m->log, FBC_LAUNCH_LOG_CPU, 0, 1, m->cpu,
                    sizeof(m->cpu));
    fbc_launch_fact(&m->log, FBC_LAUNCH_LOG_E820, 0, m->nr_e820, m->e820,
                    m->nr_e820 * sizeof(m->e820[0]));
    fbc_launch_fact(&m->log, FBC_LAUNCH_LOG_START, m->start, 1, m->start_info,
                    sizeof(m->start_info));
    fbc_launch_range(&m->log, FBC_LAUNCH_LOG_P2M, m->p2m_first, p2m_pages(d));
    fbc_launch_range(&m->log, FBC_LAUNCH_LOG_CHANNEL, m->store, 1);
    fbc_launch_range(&m->log, FBC_LAUNCH_LOG_CHANNEL, m->console, 1);

    return FBC_LAUNCH_OK;
}

/* The page of the P2M list that has m->pfn; NULL: it is not one. */
static const uint64_t *map_p2m(const struct domain *d, struct fbc_measure *m)
{
    uint64_t i = m->pfn / P2M_ENTRIES, pfn, left;
    mfn_t mfn = fbc_va_to_mfn(d, m->p2m_va + i * PAGE_SIZE);
    const uint64_t *p2m;

    if ( !data_page(d, mfn, &pfn) || pfn != m->p2m_first + i )
        return NULL;
    p2m = map_page(mfn);

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
            if ( !own_page(d, _mfn(fbc_launch_pte_frame(e)), &pfn) )
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

    pg = own_page(d, mfn, &pfn);
    if ( !pg || pfn != m->pfn )
        return FBC_LAUNCH_FRAME;
    level = level_of(pg);
    if ( level < 0 )
        return FBC_LAUNCH_TABLE;
    if ( pfn == m->start || pfn == m->store || pfn == m->console ||
         pfn - m->p2m_first < p2m_pages(d) )
        return level ? FBC_LAUNCH_TABLE : FBC_LAUNCH_OK;

    p = map_page(mfn);
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

static bool grow(struct fbc_measure *m)
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

/* FBC_LAUNCH_PENDING: there are more pages. */
static enum fbc_launch_state look_at_pages(const struct domain *d,
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
        if ( m->log.hashed > most || seen++ >= STEP_PAGES )
            state = FBC_LAUNCH_PENDING;
        else if ( !grow(m) )
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

/* The log in one piece; nothing but its header if not even that is known. */
static void keep(struct fbcrypt *fb, enum fbc_launch_state state,
                 uint64_t detail)
{
    struct fbc_measure *m = fb->launch.work, *none = NULL;
    uint8_t header[FBC_LAUNCH_HEADER_LEN], *p;
    size_t entries, e820 = 0;

    if ( !m )
        m = none = xzalloc(struct fbc_measure);
    if ( !m )
        goto out;
    state = fbc_launch_end(&m->log, state, detail, header, fb->launch.digest);
    entries = m->log.nr * FBC_LAUNCH_ENTRY_LEN;
    fb->launch.len = sizeof(header) + entries;
    if ( entries )
    {
        e820 = m->nr_e820 * sizeof(m->e820[0]);
        fb->launch.len += sizeof(m->cpu) + e820 + sizeof(m->start_info);
    }

    fb->launch.log = p = vmalloc(fb->launch.len);
    if ( p )
    {
        memcpy(p, header, sizeof(header));
        p += sizeof(header);
        if ( entries )
        {
            memcpy(p, m->log.entries, entries);
            p += entries;
            memcpy(p, m->cpu, sizeof(m->cpu));
            p += sizeof(m->cpu);
            memcpy(p, m->e820, e820);
            memcpy(p + e820, m->start_info, sizeof(m->start_info));
        }
    }
    else
        fb->launch.len = 0;
    xfree(none);

 out:
    smp_wmb();
    write_atomic(&fb->launch.state, state);
}

static void stop_work(struct fbcrypt *fb)
{
    if ( fb->launch.work )
        vfree(fb->launch.work->log.entries);
    XFREE(fb->launch.work);
}

int fbc_launch_step(struct fbcrypt *fb)
{
    enum fbc_launch_state state;
    s_time_t start = NOW();
    uint64_t detail = 0, before = 0;

    if ( fb->launch.state != FBC_LAUNCH_PENDING )
        return 0;

    if ( fb->launch.work )
    {
        before = fb->launch.work->log.hashed;
        state = look_at_pages(fb->d, fb->launch.work, &detail);
    }
    else
        state = begin(fb, &detail) ?: FBC_LAUNCH_PENDING;

    if ( state != FBC_LAUNCH_PENDING )
        keep(fb, state, state ? detail : 0);
    if ( fb->launch.work )
        fb->launch.most = max(fb->launch.most,
                              fb->launch.work->log.hashed - before);
    fb->longest_step = max(fb->longest_step, NOW() - start);
    if ( state == FBC_LAUNCH_PENDING )
        return -ERESTART;

    stop_work(fb);
    if ( fb->launch.state )
        printk(XENLOG_WARNING "fbcrypt: %pd: not measured: %u, %#"PRIx64"\n",
               fb->d, fb->launch.state, detail);

    return 0;
}

void fbc_launch_free(struct fbcrypt *fb)
{
    stop_work(fb);
    vfree(fb->launch.log);
    fb->launch.log = NULL;
    fb->launch.len = 0;
}

bool fbcrypt_may_start(const struct domain *d)
{
    return !d->fbcrypt || d->fbcrypt->launch.state != FBC_LAUNCH_PENDING;
}

void fbcrypt_populated(const struct domain *d, struct page_info *pg,
                       unsigned int order)
{
    unsigned long i;

    if ( d->fbcrypt && !d->creation_finished )
        for ( i = 0; i < 1UL << order; i++ )
            clear_domain_page(page_to_mfn(pg + i));
}
