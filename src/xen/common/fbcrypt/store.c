/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The XenStore page: xenstored maps a shadow of it, from its first map on, so
 * that dom0 can neither hide a guest's request from us nor put one in its
 * place.  Taking requests in the guest's own hypercall also undoes Linux's
 * elision of events: it always finds the ring consumed.
 */
#include "private.h"

#include <public/xen.h>

mfn_t fbc_va_to_mfn(const struct domain *d, unsigned long va)
{
    mfn_t mfn = pagetable_get_mfn(d->vcpu[0]->arch.guest_table);
    unsigned int level;

    for ( level = 4; level; level-- )
    {
        const uint64_t *table;
        uint64_t e;

        if ( !mfn_valid(mfn) )
            return INVALID_MFN;

        table = map_domain_page(mfn);
        e = read_atomic(&table[(va >> (PAGE_SHIFT + 9 * (level - 1))) & 511]);
        unmap_domain_page(table);

        if ( !(e & _PAGE_PRESENT) || (level > 1 && (e & _PAGE_PSE)) )
            return INVALID_MFN;
        mfn = maddr_to_mfn(e & PADDR_MASK & PAGE_MASK);
    }

    return mfn;
}

/* The guest is going to read this from the page that %rsi points to. */
static int read_start_info(const struct domain *d, struct fbc_start *s)
{
    unsigned long va = d->vcpu[0]->arch.user_regs.rsi;
    mfn_t mfn = fbc_va_to_mfn(d, va);
    const start_info_t *si;
    struct page_info *pg;
    int rc = -EINVAL;

    if ( (va & ~PAGE_MASK) > PAGE_SIZE - sizeof(*si) || !mfn_valid(mfn) )
        return -EINVAL;

    pg = mfn_to_page(mfn);
    if ( !get_page(pg, (struct domain *)d) )
        return -EINVAL;

    si = map_domain_page(mfn) + (va & ~PAGE_MASK);
    if ( !strncmp(si->magic, "xen-3.0", 7) )
    {
        s->store = si->store_mfn;
        s->port = si->store_evtchn;
        s->console = si->console.domU.mfn;
        rc = 0;
    }
    unmap_domain_page(si);
    put_page(pg);

    return rc;
}

/* One vCPU, and it starts where the builder said. */
static bool starts_on_vcpu0(const struct domain *d)
{
    const struct vcpu *v;

    if ( is_pv_domain(d) && (paging_mode_enabled(d) || is_pv_32bit_domain(d)) )
        return false;

    for_each_vcpu ( d, v )
        if ( v->is_initialised != !v->vcpu_id )
            return false;

    return d->vcpu[0];
}

static bool ordinary_page(struct domain *d, uint64_t frame)
{
    struct page_info *pg = fbc_guest_page(d, frame);

    if ( pg )
        put_page(pg);

    return pg;
}

/* The other end of a port of d's is dom0's, or will be. */
static bool remote_is_dom0(struct domain *d, evtchn_port_t port)
{
    const struct evtchn *chn;
    bool ok = false;

    if ( !port_is_valid(d, port) )
        return false;

    read_lock(&d->event_lock);
    chn = evtchn_from_port(d, port);
    if ( chn->state == ECS_UNBOUND )
        ok = chn->u.unbound.remote_domid == hardware_domain->domain_id;
    else if ( chn->state == ECS_INTERDOMAIN )
        ok = chn->u.interdomain.remote_dom == hardware_domain;
    read_unlock(&d->event_lock);

    return ok;
}

int fbc_store_latch(struct fbcrypt *fb)
{
    struct domain *d = fb->d;
    struct fbc_start *s = &fb->start;
    mfn_t mfn, console;
    int rc = 0;

    if ( !starts_on_vcpu0(d) || !fb->store_shadow )
    {
        printk(XENLOG_WARNING "fbcrypt: %pd: not one vCPU that is set up\n",
               d);
        return -EINVAL;
    }

    if ( is_hvm_domain(d) )
        fbc_pvh_start(d, s);
    else
        rc = read_start_info(d, s);
    if ( rc )
    {
        printk(XENLOG_WARNING "fbcrypt: %pd: no start_info behind rsi\n", d);
        return rc;
    }

    mfn = fbc_frame_mfn(d, s->store);
    console = fbc_frame_mfn(d, s->console);

    /* The console's page is the one that may be held by others. */
    if ( !mfn_eq(console, fb->console) || mfn_eq(mfn, fb->console) ||
         !ordinary_page(d, s->console) )
    {
        printk(XENLOG_WARNING "fbcrypt: %pd: console page %"PRI_mfn
               " is not one\n", d, mfn_x(console));
        return -EINVAL;
    }

    /* No xenstored for this domain: then no framebuffer either. */
    if ( mfn_eq(fb->store_granted, INVALID_MFN) )
    {
        s->store = ~0UL;
        return 0;
    }

    if ( !mfn_eq(mfn, fb->store_granted) || !ordinary_page(d, s->store) ||
         !remote_is_dom0(d, s->port) )
    {
        printk(XENLOG_WARNING "fbcrypt: %pd: store page is %"PRI_mfn
               " for the guest but %"PRI_mfn" for dom0\n",
               d, mfn_x(mfn), mfn_x(fb->store_granted));
        return -EINVAL;
    }

    if ( !get_page_and_type(mfn_to_page(mfn), d, PGT_writable_page) )
        return -EINVAL;

    fb->store_va = map_domain_page_global(mfn);
    if ( !fb->store_va )
    {
        put_page_and_type(mfn_to_page(mfn));
        return -ENOMEM;
    }

    fb->store = mfn_to_page(mfn);
    fbc_xsring_init(&fb->xs, d->domain_id, fb->store_va, fb->store_shadow_va);
    fbc_xsring_answers(&fb->xs, fb->store_va, fb->store_shadow_va);
    fb->redir[FBC_REDIR_STORE].shadow =
        mfn_x(page_to_mfn(fb->store_shadow));
    smp_wmb();
    fb->redir[FBC_REDIR_STORE].real = mfn_x(mfn);

    return 0;
}

/* enum xenbus_state: the frontend has published everything. */
static bool published(const struct fbc_xs_write *w)
{
    return w->key == FBC_XS_STATE && w->valid &&
           (w->value == 3 || w->value == 4);
}

static void note(struct fbcrypt *fb, const struct fbc_xs_write *w)
{
    switch ( w->key )
    {
    case FBC_XS_PAGE_REF:
        fb->dev[w->dev].page = w->valid ? w->value : ~0ul;
        fb->dev[w->dev].have_page = true;
        break;

    case FBC_XS_EVENT_CHANNEL:
        fb->dev[w->dev].port = w->valid ? w->value : 0;
        fb->dev[w->dev].have_port = true;
        break;

    case FBC_XS_STATE:
        if ( !published(w) || !fb->dev[w->dev].have_page ||
             !fb->dev[w->dev].have_port )
            break;
        fb->dev[w->dev].have_page = fb->dev[w->dev].have_port = false;
        if ( w->dev == FBC_XS_VKBD )
            fbc_kbd_publish(fb, fb->dev[w->dev].page, fb->dev[w->dev].port);
        else
            fbc_vfb_arm(fb);
        break;

    default:
        break;
    }
}

/* Once: who asks why a device is missing finds it in Xen's log. */
static void tell_refused(struct fbcrypt *fb)
{
    if ( fb->told_refused || !fb->xs.xs.door.refused )
        return;
    fb->told_refused = true;
    printk(XENLOG_WARNING "fbcrypt: %pd: does not see a device or backend that"
           " dom0 made for it\n", fb->d);
}

int fbc_store_pump(struct fbcrypt *fb, bool from_guest, bool *reverse)
{
    struct fbc_xs_write w;
    bool moved;
    int rc;

    if ( !fb->store )
        return 0;

    if ( fbc_xsring_answers(&fb->xs, fb->store_va, fb->store_shadow_va) &&
         from_guest )
        *reverse = true;

    for ( ; ; )
    {
        if ( fbc_vfb_arming(fb) )
        {
            /* xenstored learns of the page when it is safe to map. */
            if ( !from_guest )
                return 0;
            rc = fbc_vfb_arm_step(fb);
            if ( rc )
                return rc;
        }

        moved = fbc_xsring_requests(&fb->xs, fb->store_va,
                                    fb->store_shadow_va, &w);
        if ( moved && !from_guest )
            *reverse = true;
        if ( !moved )
            return 0;
        note(fb, &w);
        tell_refused(fb);

        /* Another vCPU of the guest may be writing all the time. */
        if ( hypercall_preempt_check() )
            return -ERESTART;
    }
}

void fbc_store_unlatch(struct fbcrypt *fb)
{
    write_atomic(&fb->redir[FBC_REDIR_STORE].real, 0);

    if ( fb->store )
    {
        unmap_domain_page_global(fb->store_va);
        put_page_and_type(fb->store);
        fb->store = NULL;
        fb->store_va = NULL;
    }
}

void fbc_store_free(struct fbcrypt *fb)
{
    fbc_store_unlatch(fb);

    if ( fb->store_shadow )
    {
        unmap_domain_page_global(fb->store_shadow_va);
        fbc_page_free(fb->store_shadow);
        fb->store_shadow = NULL;
        fb->store_shadow_va = NULL;
    }
}
