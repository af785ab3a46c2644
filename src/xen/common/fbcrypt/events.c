/* SPDX-License-Identifier: GPL-2.0-only */
/* Events on the channels of the store and the framebuffer (patch 03). */
#include "private.h"

/* An event on the framebuffer's channel, either way. */
static int vfb_event(struct fbcrypt *fb, bool from_guest, bool *reverse)
{
    bool more = from_guest;

    while ( more )
    {
        more = fbc_seal_take_events(fb);
        *reverse |= more;
        more |= fbc_seal_pass(fb);

        if ( more && hypercall_preempt_check() )
            return -ERESTART;

        /* Give a dom0 vCPU that waits for the lock its turn. */
        spin_unlock(&fb->lock);
        cpu_relax();
        spin_lock(&fb->lock);

        if ( fb->vfb.state != FBC_VFB_UP )
            return 0;
    }

    fbc_seal_announce(fb);

    return 0;
}

bool fbc_port_is_open(struct domain *d, evtchn_port_t port)
{
    const struct evtchn *chn;
    bool open;

    if ( !port_is_valid(d, port) )
        return false;

    read_lock(&d->event_lock);
    chn = evtchn_from_port(d, port);
    open = chn->state == ECS_UNBOUND || chn->state == ECS_INTERDOMAIN;
    read_unlock(&d->event_lock);

    return open;
}

void fbcrypt_evtchn_close(struct domain *d, evtchn_port_t port)
{
    struct fbcrypt *fb = d->fbcrypt;

    if ( !fb )
        return;

    /*
     * What used the channel is gone, and its page may soon be something else:
     * the next channel of this number must not write to it.
     */
    if ( port == read_atomic(&fb->vfb.port) )
    {
        write_atomic(&fb->vfb.port, 0);
        write_atomic(&fb->redir[FBC_REDIR_VFB].real, 0);
        rcu_assign_pointer(fb->frames, NULL);
    }
    if ( port == read_atomic(&fb->kbd.port) )
        write_atomic(&fb->kbd.port, 0);
}

int fbcrypt_evtchn_send(struct domain *ld, evtchn_port_t lport,
                        struct domain *rd, evtchn_port_t rport)
{
    bool from_guest = ld->fbcrypt, reverse = false;
    struct domain *d = from_guest ? ld : rd;
    evtchn_port_t port = from_guest ? lport : rport;
    struct fbcrypt *fb = d->fbcrypt;
    int rc = 0;

    if ( !fb || !fb->locked || fbc_kicking() )
        return 0;

    /* Disk and network need not wait for the screen. */
    if ( port != read_atomic(&fb->start.port) &&
         port != read_atomic(&fb->vfb.port) &&
         port != read_atomic(&fb->kbd.port) )
        return 0;

    spin_lock(&fb->lock);

    if ( fb->dying )
        ;
    else if ( fb->store && port == fb->start.port )
        rc = fbc_store_pump(fb, from_guest, &reverse);
    else if ( fb->vfb.state == FBC_VFB_UP && port == fb->vfb.port )
        rc = vfb_event(fb, from_guest, &reverse);
    else if ( fb->kbd.page && port == fb->kbd.port )
        rc = fbc_kbd_event(fb, from_guest, &reverse);

    spin_unlock(&fb->lock);

    if ( reverse )
        fbc_kick(rd, rport);

    return rc;
}
