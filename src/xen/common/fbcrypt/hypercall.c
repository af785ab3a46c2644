/* SPDX-License-Identifier: GPL-2.0-only */
/* Hypercall 43 (public/fbcrypt.h). */
#include "private.h"

#include <xen/guest_access.h>
#include <xen/hypercall.h>

#include "core/launch.h"

/* Continuation of set_key: the key is in, the screen is being sealed. */
#define OP_CONTINUE 0x80000000u

static long get_vmm(XEN_GUEST_HANDLE_PARAM(void) arg)
{
    xen_fbcrypt_vmm_t out = { .abi_version = XEN_FBCRYPT_ABI_VERSION,
                              .domid = DOMID_SELF };
    const struct domain *d;

    out.flags = fbc_vmm_flags;
    out.aead = fbc_aead_pixels;
    out.rdseed_starved = ACCESS_ONCE(fbc_entropy_starved);
    memcpy(out.public_key, fbc_vmm_public, sizeof(out.public_key));

    rcu_read_lock(&domlist_read_lock);
    for_each_domain ( d )
        out.domains += d->fbcrypt != NULL;
    rcu_read_unlock(&domlist_read_lock);

    return copy_to_guest(guest_handle_cast(arg, xen_fbcrypt_vmm_t), &out, 1)
           ? -EFAULT : 0;
}

/*
 * Seals what is due after a new key, step by step: a pass, so that another vCPU
 * of the guest cannot have tiles due faster than dom0's seals them.
 */
static int seal_all(struct fbcrypt *fb)
{
    evtchn_port_t port = 0;
    bool told = false;

    for ( ; ; )
    {
        bool more = false;

        spin_lock(&fb->lock);
        if ( !fb->dying && fb->vfb.state == FBC_VFB_UP &&
             read_atomic(&fb->vfb.port) )
        {
            more = fbc_seal_step(fb);
            if ( !more )
            {
                told = fbc_seal_announce(fb);
                port = fb->vfb.port;
            }
        }
        spin_unlock(&fb->lock);

        if ( !more )
            break;
        if ( hypercall_preempt_check() )
            return -ERESTART;
    }

    if ( told )
        fbc_kick(fb->d, port);

    return 0;
}

static long set_key(xen_fbcrypt_setkey_t *op, struct fbcrypt *fb)
{
    enum fbc_err err;

    spin_lock(&fb->lock);
    if ( fb->dying || fb->launch.state == FBC_LAUNCH_PENDING )
        err = FBC_ERR_PENDING;
    else
        err = op->blob_len > sizeof(op->blob)
              ? FBC_ERR_LENGTH : fbc_key_accept(fb, op->blob, op->blob_len);
    if ( !err && fb->vfb.state == FBC_VFB_UP )
    {
        err = fbc_seal_new_epoch(fb);
        fbc_seal_begin(fb);
        /* The blob is used up; the heartbeat tries again. */
        if ( err == FBC_ERR_NO_ENTROPY )
            err = FBC_OK;
    }
    op->epoch = fb->epoch;
    spin_unlock(&fb->lock);

    if ( !err )
        fbc_heartbeat_start(fb);

    op->result = err;

    return err ? -EACCES : 0;
}

static long send_input(xen_fbcrypt_input_t *op, struct fbcrypt *fb)
{
    evtchn_port_t port = 0;

    spin_lock(&fb->lock);
    op->result = fbc_kbd_record(fb, op->record, &port);
    spin_unlock(&fb->lock);

    if ( port )
        fbc_kick_back(fb->d, port);

    return op->result ? -EACCES : 0;
}

static uint32_t state_of(const struct fbcrypt *fb)
{
    if ( fb->dying || fb->d->is_dying )
        return XEN_FBCRYPT_STATE_DYING;
    if ( !fb->d->creation_finished )
        return XEN_FBCRYPT_STATE_BUILDING;
    if ( fb->vfb.state == FBC_VFB_REFUSED )
        return XEN_FBCRYPT_STATE_REFUSED;
    if ( fb->vfb.state != FBC_VFB_UP )
        return XEN_FBCRYPT_STATE_NO_VFB;

    return fb->vfb.engine->header.ep.aead == FBC_AEAD_NONE
           ? XEN_FBCRYPT_STATE_BLACK : XEN_FBCRYPT_STATE_SEALED;
}

static void get_status(struct fbcrypt *fb, xen_fbcrypt_status_t *st)
{
    const struct fbc_vfb *v = &fb->vfb;

    spin_lock(&fb->lock);

    st->state = state_of(fb);
    st->reason = v->reason;
    st->epoch = fb->epoch;
    st->keyed = fb->keyed;
    st->bound = fb->bound;
    st->seq = fb->seq;
    memcpy(st->uuid, fb->uuid, sizeof(st->uuid));
    st->events = fb->events;
    st->bad_events = fb->bad_events;
    st->input_events = fb->kbd.ring.passed;
    st->bad_input = fb->kbd.ring.dropped + fb->kbd.ring.lost;
    st->input_mode = fb->input.mode;
    st->input_records = fb->input.stats.taken;
    st->input_refused = fb->input.stats.refused;
    st->input_full = fb->input.stats.full;
    st->input_discarded = fb->input.stats.discarded;
    /* Coding takes a time that depends on what is coded. */
    st->seal_cycles = fbc_opt_console ? 0 : fb->cycles;
    st->maps_redirected = atomic_read(&fb->redirected);
    st->maps_denied = atomic_read(&fb->denied);
    st->pages = v->shadow_held + !!fb->store_shadow + !!fb->kbd.shadow;
    st->heap_bytes = sizeof(*fb);
    st->unpause_ns = fb->unpause_time;
    st->unpause_step_ns = fb->longest_step;
    st->launch_step_bytes = fb->launch.most;

    if ( v->state == FBC_VFB_UP )
    {
        const struct fbc_shadow *s = v->engine;

        st->shadow_pages = v->pixel_pages;
        st->heap_bytes += sizeof(*s) + (s->cells ? sizeof(*s->cells) : 0) +
                          v->meta_tiles * FBC_COUNTER_LEN +
                          v->meta_tiles / 4 +
                          (v->fb.pages + v->shadow_pages) * sizeof(mfn_t);
        st->width = v->geom.width;
        st->height = v->geom.height;
        st->line_length = v->fb.line_length;
        st->shadow_width = v->geom.swidth;
        st->shadow_height = v->geom.sheight;
        st->tiles = v->geom.tiles;
        st->aead = s->header.ep.aead;
        memcpy(st->key_id, s->header.key_id, sizeof(st->key_id));
        memcpy(st->salt, s->header.ep.salt, sizeof(st->salt));
        st->counter = s->counter;
        st->tiles_sealed = s->stats.tiles;
        st->bytes_sealed = s->stats.bytes;
        st->manifests = s->stats.manifests;
        st->max_step_bytes = s->stats.max_step;
    }

    spin_unlock(&fb->lock);
}

/* The log does not change, nor go before d, once its state is known. */
static long get_launch(const struct fbcrypt *fb, xen_fbcrypt_launch_t *op,
                       XEN_GUEST_HANDLE_PARAM(void) arg)
{
    XEN_GUEST_HANDLE_PARAM(char) out = guest_handle_cast(arg, char);
    uint32_t offset = op->offset, n = 0;

    op->state = read_atomic(&fb->launch.state);
    smp_rmb();
    op->log_len = 0;
    if ( op->state != FBC_LAUNCH_PENDING && fb->launch.log )
    {
        op->log_len = fb->launch.len;
        memcpy(op->digest, fb->launch.digest, sizeof(op->digest));
        if ( offset < op->log_len )
            n = min_t(uint32_t, op->log_len - offset, XEN_FBCRYPT_LAUNCH_CHUNK);
    }
    op->chunk = n;

    if ( copy_to_guest(guest_handle_cast(arg, xen_fbcrypt_launch_t), op, 1) ||
         copy_to_guest_offset(out, sizeof(*op),
                              (const char *)fb->launch.log + offset, n) )
        return -EFAULT;

    return 0;
}

static long domain_op(unsigned int cmd, domid_t domid,
                      XEN_GUEST_HANDLE_PARAM(void) arg)
{
    struct domain *d = rcu_lock_domain_by_id(domid);
    xen_fbcrypt_status_t st = { .abi_version = XEN_FBCRYPT_ABI_VERSION,
                                .domid = domid };
    xen_fbcrypt_launch_t launch;
    xen_fbcrypt_setkey_t op;
    xen_fbcrypt_input_t input;
    long rc = -EOPNOTSUPP;

    if ( !d )
        return -ESRCH;
    if ( !d->fbcrypt && cmd != XEN_FBCRYPT_get_status )
        goto out;

    switch ( cmd )
    {
    case XEN_FBCRYPT_get_status:
        if ( d->fbcrypt )
            get_status(d->fbcrypt, &st);
        else
        {
            st.state = XEN_FBCRYPT_STATE_UNPROTECTED;
            st.reason = fbc_unprotected_why(d, d->handle);
        }
        rc = copy_to_guest(guest_handle_cast(arg, xen_fbcrypt_status_t), &st,
                           1) ? -EFAULT : 0;
        break;

    case XEN_FBCRYPT_send_input:
        rc = -EFAULT;
        if ( copy_from_guest(&input,
                             guest_handle_cast(arg, xen_fbcrypt_input_t), 1) )
            break;
        input.domid = domid;
        input.pad = 0;
        rc = send_input(&input, d->fbcrypt);
        if ( copy_to_guest(guest_handle_cast(arg, xen_fbcrypt_input_t),
                           &input, 1) )
            rc = rc ?: -EFAULT;
        break;

    case XEN_FBCRYPT_get_launch:
        rc = -EFAULT;
        if ( copy_from_guest(&launch,
                             guest_handle_cast(arg, xen_fbcrypt_launch_t), 1) )
            break;
        launch.abi_version = XEN_FBCRYPT_ABI_VERSION;
        launch.domid = domid;
        launch.pad = 0;
        memset(launch.digest, 0, sizeof(launch.digest));
        rc = get_launch(d->fbcrypt, &launch, arg);
        break;

    case XEN_FBCRYPT_set_key:
        rc = -EFAULT;
        if ( copy_from_guest(&op, guest_handle_cast(arg, xen_fbcrypt_setkey_t),
                             1) )
            break;
        op.abi_version = XEN_FBCRYPT_ABI_VERSION;
        op.domid = domid;
        op.pad = 0;
        rc = set_key(&op, d->fbcrypt);
        if ( copy_to_guest(guest_handle_cast(arg, xen_fbcrypt_setkey_t), &op,
                           1) )
            rc = rc ?: -EFAULT;
        if ( rc )
            break;
        fallthrough;
    case XEN_FBCRYPT_set_key | OP_CONTINUE:
        rc = seal_all(d->fbcrypt);
        break;
    }

 out:
    rcu_unlock_domain(d);

    return rc;
}

long do_fbcrypt_op(unsigned int cmd, XEN_GUEST_HANDLE_PARAM(void) arg)
{
    xen_fbcrypt_head_t head;
    long rc;

    if ( !is_control_domain(current->domain) )
        return -EPERM;

    if ( copy_from_guest(&head, guest_handle_cast(arg, xen_fbcrypt_head_t),
                         1) )
        return -EFAULT;

    if ( head.abi_version != XEN_FBCRYPT_ABI_VERSION )
    {
        head.abi_version = XEN_FBCRYPT_ABI_VERSION;
        return copy_to_guest(guest_handle_cast(arg, xen_fbcrypt_head_t), &head,
                             1) ? -EFAULT : -EILSEQ;
    }

    if ( head.pad )
        return -EINVAL;

    switch ( cmd )
    {
    case XEN_FBCRYPT_get_vmm:
        rc = get_vmm(arg);
        break;

    case XEN_FBCRYPT_set_key:
    case XEN_FBCRYPT_set_key | OP_CONTINUE:
    case XEN_FBCRYPT_get_status:
    case XEN_FBCRYPT_send_input:
    case XEN_FBCRYPT_get_launch:
        rc = domain_op(cmd, head.domid, arg);
        break;

    default:
        rc = -ENOSYS;
        break;
    }

    if ( rc == -ERESTART )
        rc = hypercall_create_continuation(__HYPERVISOR_fbcrypt_op, "ih",
                                           cmd | OP_CONTINUE, arg);

    return rc;
}
