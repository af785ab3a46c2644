/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keyboard's page.  dom0 maps a shadow of it: a page that Linux once
 * published is freed and used again when the keyboard goes, and whoever had it
 * mapped would see what comes there.  Events are copied whole, and only those
 * that make sense.
 */
#include "private.h"

static void release(struct fbc_kbd *k)
{
    write_atomic(&k->port, 0);
    if ( !k->page )
        return;

    unmap_domain_page_global(k->va);
    put_page(k->page);
    k->page = NULL;
    k->va = NULL;
}

/* One for as long as the domain lives: dom0 may keep it mapped. */
static bool have_shadow(struct fbcrypt *fb)
{
    struct fbc_kbd *k = &fb->kbd;

    if ( !k->shadow )
    {
        struct page_info *pg = fbc_page_alloc(fb->d);
        void *va = pg ? __map_domain_page_global(pg) : NULL;

        if ( !va )
        {
            if ( pg )
                fbc_page_free(pg);
            return false;
        }
        k->shadow = pg;
        k->shadow_va = va;
    }
    memset(k->shadow_va, 0, PAGE_SIZE);

    return true;
}

static bool is_mapped(struct domain *d, mfn_t mfn)
{
    grant_ref_t ref = 0;
    mfn_t mapped;

    do {
        mapped = gnttab_next_mapped(d, &ref);
        if ( mfn_eq(mapped, mfn) )
            return true;
    } while ( !mfn_eq(mapped, INVALID_MFN) );

    return false;
}

void fbc_kbd_publish(struct fbcrypt *fb, uint64_t frame, uint64_t port)
{
    struct fbc_kbd *k = &fb->kbd;
    struct page_info *pg;

    write_atomic(&fb->redir[FBC_REDIR_KBD].real, 0);
    release(k);

    if ( port > UINT32_MAX || !port_is_valid(fb->d, port) )
        return;
    pg = fbc_guest_page(fb->d, frame);
    if ( !pg )
        return;
    if ( pg == fb->store || pg == fb->vfb.info ||
         mfn_eq(page_to_mfn(pg), fb->console) ||
         fbc_is_vfb_frame(fb, page_to_mfn(pg)) )
    {
        put_page(pg);
        return;
    }

    k->va = have_shadow(fb) ? __map_domain_page_global(pg) : NULL;
    if ( !k->va )
    {
        put_page(pg);
        return;
    }

    write_atomic(&k->port, port);
    smp_mb();
    if ( !fbc_port_is_open(fb->d, port) )
    {
        write_atomic(&k->port, 0);
        unmap_domain_page_global(k->va);
        k->va = NULL;
        put_page(pg);
        return;
    }

    k->page = pg;
    write_atomic(&k->ref, gnttab_find_frame(fb->d, frame));
    fbc_kbdring_init(&k->ring, k->va);
    write_atomic(&fb->redir[FBC_REDIR_KBD].shadow,
                 mfn_x(page_to_mfn(k->shadow)));
    smp_wmb();
    write_atomic(&fb->redir[FBC_REDIR_KBD].real, mfn_x(page_to_mfn(pg)));

    /*
     * No backend maps it before it is told where it is.  Linux would free the
     * page some day, mapped or not.
     */
    if ( is_mapped(fb->d, page_to_mfn(pg)) )
    {
        printk(XENLOG_WARNING "fbcrypt: %pd: its keyboard's page is mapped "
               "already\n", fb->d);
        domain_crash(fb->d);
    }
}

/* The guest may have made its page something else meanwhile: false. */
static bool get_ring(struct fbcrypt *fb, struct fbc_kbdif_limits *limits)
{
    bool up = fb->vfb.state == FBC_VFB_UP;

    limits->width = up ? fb->vfb.geom.width : 0;
    limits->height = up ? fb->vfb.geom.height : 0;
    if ( get_page_type(fb->kbd.page, PGT_writable_page) )
        return true;

    release(&fb->kbd);

    return false;
}

int fbc_kbd_event(struct fbcrypt *fb, bool from_guest, bool *reverse)
{
    struct fbc_kbd *k = &fb->kbd;
    struct fbc_kbdif_limits limits;
    unsigned int tell;

    if ( !get_ring(fb, &limits) )
        return 0;
    tell = fbc_kbdring_pump(&k->ring, k->va, k->shadow_va, &limits,
                            &fb->input, NOW());
    put_page_type(k->page);

    if ( tell & FBC_KBDRING_RECORD )
        fbc_heartbeat_record(fb);

    /* What waited for room comes as the guest makes some. */
    if ( from_guest )
        *reverse = tell & FBC_KBDRING_TELL_GUEST;
    else if ( !(tell & FBC_KBDRING_TELL_GUEST) )
        return FBCRYPT_EVTCHN_SWALLOW;

    return 0;
}

enum fbc_err fbc_kbd_record(struct fbcrypt *fb, const uint8_t *record,
                            evtchn_port_t *port)
{
    struct fbc_kbd *k = &fb->kbd;
    struct fbc_kbdif_limits limits;
    unsigned int done;
    enum fbc_err err;

    if ( fb->dying || !k->page || !read_atomic(&k->port) ||
         !get_ring(fb, &limits) )
        return FBC_ERR_PENDING;
    err = fbc_kbdring_record(&k->ring, k->va, record, &limits, &fb->input,
                             NOW(), &done);
    put_page_type(k->page);
    if ( err )
        return err;

    fbc_heartbeat_record(fb);
    if ( done & FBC_KBDRING_TELL_GUEST )
        *port = k->port;

    return FBC_OK;
}

void fbc_kbd_free(struct fbcrypt *fb)
{
    struct fbc_kbd *k = &fb->kbd;

    write_atomic(&fb->redir[FBC_REDIR_KBD].real, 0);
    release(k);
    if ( k->shadow )
    {
        unmap_domain_page_global(k->shadow_va);
        fbc_page_free(k->shadow);
        k->shadow = NULL;
        k->shadow_va = NULL;
    }
}
