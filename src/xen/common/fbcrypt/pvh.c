/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests with a physical address space of their own: PVH.  They, and dom0, name
 * pages by guest frame, which Xen translates by the guest's p2m.
 */
#include "private.h"

#include <asm/altp2m.h>
#include <asm/p2m.h>
#include <asm/paging.h>

#include <public/hvm/params.h>

/* Entries of the p2m between two checks for preemption. */
#define STEP_ENTRIES    1024

bool fbc_is_pvh(const struct domain *d)
{
    return is_hvm_domain(d) && hap_enabled(d) &&
           d->arch.emulation_flags == X86_EMU_LAPIC;
}

mfn_t fbc_frame_mfn(struct domain *d, uint64_t frame)
{
    struct page_info *pg;
    mfn_t mfn;

    if ( !paging_mode_translate(d) )
        return _mfn(frame);

    pg = fbc_guest_page(d, frame);
    if ( !pg )
        return INVALID_MFN;
    mfn = page_to_mfn(pg);
    put_page(pg);

    return mfn;
}

void fbc_pvh_start(const struct domain *d, struct fbc_start *s)
{
    const uint64_t *param = d->arch.hvm.params;

    s->store = param[HVM_PARAM_STORE_PFN];
    s->console = param[HVM_PARAM_CONSOLE_PFN];
    s->port = param[HVM_PARAM_STORE_EVTCHN];
}

/* What gives others a way to its memory, or Xen a way to see it differently. */
static const char *odd_paging(struct domain *d)
{
    unsigned int i;

    if ( altp2m_active(d) )
        return "alternate p2m";
    if ( paging_mode_log_dirty(d) )
        return "log-dirty mode";
    if ( p2m_get_hostp2m(d)->pod.entry_count )
        return "populate on demand (maxmem= and memory= differ)";
    for ( i = 0; i < ARRAY_SIZE(d->ioreq_server.server); i++ )
        if ( d->ioreq_server.server[i] )
            return "a device model";

    return NULL;
}

int fbc_pvh_check(struct fbcrypt *fb)
{
    struct domain *d = fb->d;
    const struct p2m_domain *p2m;
    const char *odd;
    unsigned int n;

    if ( !is_hvm_domain(d) )
        return 0;

    odd = odd_paging(d);
    if ( odd )
    {
        printk(XENLOG_WARNING "fbcrypt: %pd: %s\n", d, odd);
        return -EINVAL;
    }

    p2m = p2m_get_hostp2m(d);
    for ( n = 0; fb->pvh_checked <= p2m->max_mapped_pfn; n++ )
    {
        p2m_type_t t;
        p2m_access_t a;
        unsigned int order = PAGE_ORDER_4K;
        unsigned long gfn = fb->pvh_checked;

        if ( n >= STEP_ENTRIES )
        {
            if ( hypercall_preempt_check() )
                return -ERESTART;
            n = 0;
        }

        get_gfn_type_access(p2m_get_hostp2m(d), gfn, &t, &a, 0, &order);
        put_gfn(d, gfn);
        if ( t != p2m_ram_rw && t != p2m_mmio_dm && t != p2m_invalid )
        {
            printk(XENLOG_WARNING "fbcrypt: %pd: guest frame %lx is not "
                   "ordinary memory (p2m type %u)\n", d, gfn, t);
            return -EINVAL;
        }
        fb->pvh_checked = (gfn | ((1UL << order) - 1)) + 1;
    }

    return 0;
}
