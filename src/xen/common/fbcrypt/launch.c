/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measures what a guest is about to start with (core/launch.h).  dom0 has no
 * page of it any more and can get none: tables, P2M list, p2m and M2P stay as
 * they are while this goes on, step by step, with dom0 running in between.
 */
#include "launch_int.h"

#include <xen/softirq.h>
#include <xen/vmap.h>

#define FIRST_ROOM 256          /* entries; doubled when they are used up */
#define CLEARED_AT_ONCE 512     /* pages, between two looks for softirqs */

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
    if ( !fbc_own_page(d, pagetable_get_mfn(v->arch.guest_table), &root) )
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

    if ( (va & ~PAGE_MASK) || !fbc_data_page(d, mfn, &m->start) )
        return FBC_LAUNCH_START;
    *detail = m->start;
    p = fbc_map_page(mfn);
    memcpy(si, p, FBC_LAUNCH_PAGE);
    unmap_domain_page(p);
    if ( fbc_get64(si + FBC_LAUNCH_SI_SHARED) != virt_to_maddr(d->shared_info) )
        return FBC_LAUNCH_START;

    *detail = domain_tot_pages(d);
    if ( fbc_get64(si + FBC_LAUNCH_SI_NR_PAGES) != *detail )
        return FBC_LAUNCH_SIZE;

    *detail = 0;
    if ( !fbc_data_page(d, _mfn(fbc_get64(si + FBC_LAUNCH_SI_STORE)),
                    &m->store) ||
         !fbc_data_page(d, _mfn(fbc_get64(si + FBC_LAUNCH_SI_CONSOLE)),
                    &m->console) )
        return FBC_LAUNCH_CHANNEL;

    m->p2m_va = fbc_get64(si + FBC_LAUNCH_SI_MFN_LIST);
    if ( (m->p2m_va & ~PAGE_MASK) ||
         !fbc_data_page(d, fbc_va_to_mfn(d, m->p2m_va), &m->p2m_first) )
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
    ok = m->nr_e820 <= FBC_MEASURE_E820;
    if ( ok )
        memcpy(m->e820, d->arch.e820, m->nr_e820 * sizeof(m->e820[0]));
    spin_unlock(&d->arch.e820_lock);
    BUILD_BUG_ON(sizeof(m->e820[0]) != FBC_LAUNCH_E820_LEN);

    return ok ? FBC_LAUNCH_OK : FBC_LAUNCH_TOO_MUCH;
}

/* All but the pages. */
static enum fbc_launch_state begin(struct fbcrypt *fb, uint64_t *detail)
{
    struct domain *d = fb->d;
    bool pvh = is_hvm_domain(d);
    struct fbc_measure *m;
    enum fbc_launch_state state;
    void *entries;

    if ( !pvh && (!is_pv_64bit_domain(d) || paging_mode_enabled(d)) )
        return FBC_LAUNCH_TYPE;

    m = xzalloc(struct fbc_measure);
    entries = vmalloc(FIRST_ROOM * FBC_LAUNCH_ENTRY_LEN);
    if ( !m || !entries )
    {
        xfree(m);
        vfree(entries);
        return FBC_LAUNCH_RESOURCES;
    }
    if ( pvh )
        fbc_launch_begin_pvh(&m->log, entries, FIRST_ROOM);
    else
        fbc_launch_begin(&m->log, entries, FIRST_ROOM, domain_tot_pages(d));
    fb->launch.work = m;

    if ( pvh )
        state = fbc_measure_pvh_begin(d, m, detail);
    else
        state = look_at_cpus(d, m, detail) ?: look_at_start(d, m, detail);
    state = state ?: look_at_e820(d, m);
    if ( state )
        return state;

    fbc_launch_fact(&m->log, FBC_LAUNCH_LOG_CPU, 0, 1, m->cpu,
                    sizeof(m->cpu));
    fbc_launch_fact(&m->log, FBC_LAUNCH_LOG_E820, 0, m->nr_e820, m->e820,
                    m->nr_e820 * sizeof(m->e820[0]));
    fbc_launch_fact(&m->log, FBC_LAUNCH_LOG_START, m->start, 1, m->start_info,
                    sizeof(m->start_info));
    if ( !pvh )
        fbc_launch_range(&m->log, FBC_LAUNCH_LOG_P2M, m->p2m_first,
                         fbc_p2m_pages(d));
    fbc_launch_range(&m->log, FBC_LAUNCH_LOG_CHANNEL, m->store, 1);
    fbc_launch_range(&m->log, FBC_LAUNCH_LOG_CHANNEL, m->console, 1);

    return FBC_LAUNCH_OK;
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

void fbc_launch_stop(struct fbcrypt *fb)
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
        state = is_hvm_domain(fb->d)
                ? fbc_measure_pvh_pages(fb->d, fb->launch.work, &detail)
                : fbc_measure_pages(fb->d, fb->launch.work, &detail);
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

    fbc_launch_stop(fb);
    if ( fb->launch.state )
        printk(XENLOG_WARNING "fbcrypt: %pd: not measured: %u, %#"PRIx64"\n",
               fb->d, fb->launch.state, detail);

    return 0;
}

bool fbcrypt_may_start(const struct domain *d)
{
    return !d->fbcrypt || d->fbcrypt->launch.state != FBC_LAUNCH_PENDING;
}

void fbcrypt_populated(const struct domain *d, struct page_info *pg,
                       unsigned int order)
{
    unsigned long i;

    if ( !d->fbcrypt || d->creation_finished )
        return;

    for ( i = 0; i < 1UL << order; i++ )
    {
        /* The caller preempts between extents, which may have a GiB each. */
        if ( !(i % CLEARED_AT_ONCE) )
            process_pending_softirqs();
        clear_domain_page(page_to_mfn(pg + i));
    }
}
