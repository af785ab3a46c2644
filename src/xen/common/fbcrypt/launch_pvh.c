/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measures a PVH guest.
 *
 * It can name what is in its p2m, and nothing else: so all of that is walked,
 * and holes count as well, because a page that is missing reads as all ones and
 * forgets what is written to it.  Each page is the guest's own, and has one
 * frame number.  What memory the guest has besides, in no p2m, as where libxl
 * puts an ACPI table in the place of a page, nobody can reach, the guest no
 * more than dom0: such pages are not looked at, nor counted.
 */
#include "launch_int.h"

#include <asm/hvm/irq.h>
#include <asm/p2m.h>

#include <public/hvm/params.h>
#include <public/sched.h>

/* Does the builder set this parameter, or Xen, as here? */
static bool known_param(unsigned int i, uint64_t value)
{
    switch ( i )
    {
    case HVM_PARAM_STORE_PFN: case HVM_PARAM_CONSOLE_PFN:
    case HVM_PARAM_IDENT_PT:
        return true;            /* in the log */

    /* dom0's, which it has chosen; the guest asks for them. */
    case HVM_PARAM_STORE_EVTCHN: case HVM_PARAM_CONSOLE_EVTCHN:
        return true;

    /* Where Xen would put a ring for a helper of dom0's, which it may not. */
    case HVM_PARAM_IOREQ_PFN: case HVM_PARAM_BUFIOREQ_PFN:
    case HVM_PARAM_PAGING_RING_PFN: case HVM_PARAM_MONITOR_RING_PFN:
    case HVM_PARAM_SHARING_RING_PFN:
        return true;

    case HVM_PARAM_TIMER_MODE:
        return true;            /* the guest's time is dom0's anyhow */

    case HVM_PARAM_TRIPLE_FAULT_REASON:
        return value == SHUTDOWN_reboot;
    }

    return !value;
}

static enum fbc_launch_state look_at_params(const struct domain *d,
                                            uint64_t *detail)
{
    unsigned int i;

    for ( i = 0; i < HVM_NR_PARAMS; i++ )
        if ( !known_param(i, d->arch.hvm.params[i]) )
        {
            *detail = i;
            return FBC_LAUNCH_PARAM;
        }

    return FBC_LAUNCH_OK;
}

static enum fbc_launch_state look_at_cpus(struct domain *d,
                                          uint64_t *detail)
{
    struct vcpu *v;

    *detail = fbc_launch_odd_hvm_cpu(d->vcpu[0]);
    if ( !*detail && !list_empty(&d->arch.hvm.pinned_cacheattr_ranges) )
        *detail = FBC_LAUNCH_CPU_CACHE;
    if ( !*detail && hvm_domain_irq(d)->callback_via_type )
        *detail = FBC_LAUNCH_CPU_CALLBACKS;
    if ( *detail )
        return FBC_LAUNCH_CPU;

    for_each_vcpu ( d, v )
        if ( v->vcpu_id && fbc_launch_odd_hvm_other(v) )
        {
            *detail = v->vcpu_id;
            return FBC_LAUNCH_VCPU;
        }

    return FBC_LAUNCH_OK;
}

/*
 * The page at a frame of the guest's; INVALID_MFN: it is not its alone.  *hole:
 * that of 2^n pages in which there is none, else 0.
 */
static mfn_t own_mfn(struct domain *d, uint64_t gfn, unsigned long *hole)
{
    unsigned int order = PAGE_ORDER_4K;
    const struct page_info *pg;
    p2m_access_t a;
    p2m_type_t t;
    mfn_t mfn = get_gfn_type_access(p2m_get_hostp2m(d), gfn, &t, &a, 0,
                                    &order);

    put_gfn(d, gfn);
    *hole = t == p2m_mmio_dm || t == p2m_invalid ? 1UL << order : 0;

    if ( t != p2m_ram_rw || a != p2m_access_rwx || !mfn_valid(mfn) )
        return INVALID_MFN;
    pg = mfn_to_page(mfn);
    if ( page_get_owner(pg) != d ||
         (pg->count_info & (PGC_extra | PGC_xen_heap)) ||
         get_gpfn_from_mfn(mfn_x(mfn)) != gfn )
        return INVALID_MFN;

    return mfn;
}

/* Pages that are not hashed: others than these three are. */
static enum fbc_launch_state look_at_start(struct domain *d,
                                           struct fbc_measure *m,
                                           uint64_t *detail)
{
    const uint64_t *param = d->arch.hvm.params;
    const struct cpu_user_regs *regs = &d->vcpu[0]->arch.user_regs;
    unsigned long hole;
    const void *p;
    mfn_t mfn;

    *detail = m->start = regs->rbx >> PAGE_SHIFT;
    mfn = own_mfn(d, m->start, &hole);
    if ( (regs->rbx & ~PAGE_MASK) || mfn_eq(mfn, INVALID_MFN) )
        return FBC_LAUNCH_START;
    p = fbc_map_page(mfn);
    memcpy(m->start_info, p, FBC_LAUNCH_PAGE);
    unmap_domain_page(p);

    m->store = param[HVM_PARAM_STORE_PFN];
    m->console = param[HVM_PARAM_CONSOLE_PFN];
    *detail = m->store;
    if ( m->store == m->console || m->store == m->start ||
         m->console == m->start ||
         mfn_eq(own_mfn(d, m->store, &hole), INVALID_MFN) ||
         mfn_eq(own_mfn(d, m->console, &hole), INVALID_MFN) )
        return FBC_LAUNCH_CHANNEL;

    if ( param[HVM_PARAM_IDENT_PT] & ~PAGE_MASK )
    {
        *detail = HVM_PARAM_IDENT_PT;
        return FBC_LAUNCH_PARAM;
    }
    fbc_launch_cpu(m->cpu, regs->rip, 0, regs->rbx,
                   param[HVM_PARAM_IDENT_PT] >> PAGE_SHIFT, d->vm_assist);

    return FBC_LAUNCH_OK;
}

enum fbc_launch_state fbc_measure_pvh_begin(struct domain *d,
                                            struct fbc_measure *m,
                                            uint64_t *detail)
{
    if ( !fbc_is_pvh(d) )
        return FBC_LAUNCH_TYPE;

    return look_at_params(d, detail) ?: look_at_cpus(d, detail) ?:
           look_at_start(d, m, detail);
}

static enum fbc_launch_state look_at_page(struct fbc_measure *m, mfn_t mfn)
{
    const void *p;

    if ( mfn_eq(mfn, INVALID_MFN) )
        return FBC_LAUNCH_FRAME;
    if ( !fbc_launch_have(&m->log, m->pfn) )
        return FBC_LAUNCH_TOO_MUCH;
    if ( m->pfn == m->start || m->pfn == m->store || m->pfn == m->console )
        return FBC_LAUNCH_OK;

    p = fbc_map_page(mfn);
    if ( !fbc_launch_is_zero(p) )
    {
        memcpy(m->log.link.page, p, PAGE_SIZE);
        fbc_launch_page(&m->log, m->pfn, FBC_LAUNCH_DATA);
    }
    unmap_domain_page(p);

    return FBC_LAUNCH_OK;
}

enum fbc_launch_state fbc_measure_pvh_pages(struct domain *d,
                                            struct fbc_measure *m,
                                            uint64_t *detail)
{
    uint64_t most = m->log.hashed + FBC_STEP_BYTES - FBC_LAUNCH_PAGE_COST;
    enum fbc_launch_state state = FBC_LAUNCH_OK;
    unsigned int seen = 0;

    while ( m->pfn <= p2m_get_hostp2m(d)->max_mapped_pfn )
    {
        unsigned long hole;
        mfn_t mfn;

        *detail = m->pfn;
        if ( m->log.hashed > most || seen++ >= FBC_MEASURE_STEP_PAGES )
            return FBC_LAUNCH_PENDING;
        if ( !fbc_measure_grow(m) )
            return FBC_LAUNCH_RESOURCES;

        mfn = own_mfn(d, m->pfn, &hole);
        if ( !hole )
            state = look_at_page(m, mfn);
        if ( state )
            return state;
        m->pfn = hole ? (m->pfn | (hole - 1)) + 1 : m->pfn + 1;
    }

    return FBC_LAUNCH_OK;
}
