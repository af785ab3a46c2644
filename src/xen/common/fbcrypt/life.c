/* SPDX-License-Identifier: GPL-2.0-only */
/* A protected domain from creation to its end (patch 02). */
#include "private.h"

#include <asm/hvm/nestedhvm.h>

#include <public/sched.h>

#include "core/kdf.h"
#include "core/launch.h"

uint32_t fbc_unprotected_why(const struct domain *d,
                             const xen_domain_handle_t handle)
{
    if ( !fbcrypt_enabled() )
        return XEN_FBCRYPT_WHY_OFF;
    if ( is_system_domain(d) || is_hardware_domain(d) || is_control_domain(d) )
        return XEN_FBCRYPT_WHY_CONTROL;
    /* Only they have the framebuffer that we know how to double. */
    if ( !is_pv_domain(d) && !fbc_is_pvh(d) )
        return XEN_FBCRYPT_WHY_TYPE;
    if ( !fbc_protect_all() && !fbc_kdf_is_uuid(handle) )
        return XEN_FBCRYPT_WHY_HANDLE;

    return 0;
}

int fbcrypt_domain_create(struct domain *d, const xen_domain_handle_t handle)
{
    struct fbcrypt *fb;

    /*
     * Xen does not support nested virtualisation as secure, and dom0 may run
     * what it likes in a domain: none has it, nor a trace's buffers.
     */
    if ( fbcrypt_enabled() && (nestedhvm_enabled(d) || d->vmtrace_size) )
        return -EPERM;

    if ( fbc_unprotected_why(d, handle) )
        return 0;

    fb = xzalloc(struct fbcrypt);
    if ( !fb )
        return -ENOMEM;

    fb->d = d;
    spin_lock_init(&fb->lock);
    memcpy(fb->uuid, handle, FBC_UUID_LEN);
    fb->store_granted = INVALID_MFN;
    fbc_inputbox_session(&fb->input, fbc_opt_plain_input
                                     ? FBC_INPUTBOX_PLAIN
                                     : FBC_INPUTBOX_CLOSED);
    fb->launch.state = FBC_LAUNCH_PENDING;
    fbc_heartbeat_init(fb);
    d->fbcrypt = fb;

    return 0;
}

void fbcrypt_shutdown(struct domain *d, unsigned int reason)
{
    if ( reason == SHUTDOWN_crash )
        d->fbcrypt_crashed = true;
}

bool fbcrypt_may_resume(const struct domain *d)
{
    if ( fbcrypt_enabled() && d->fbcrypt_crashed )
        return false;

    return !d->fbcrypt || d->shutdown_code == SHUTDOWN_suspend;
}

int fbcrypt_vcpu_create(struct vcpu *v)
{
    struct fbcrypt *fb = v->domain->fbcrypt;

    if ( !fb || v->vcpu_id || fb->store_shadow )
        return 0;

    fb->store_shadow = fbc_page_alloc(v->domain);
    if ( !fb->store_shadow )
        return -ENOMEM;

    fb->store_shadow_va = __map_domain_page_global(fb->store_shadow);
    if ( !fb->store_shadow_va )
    {
        fbc_page_free(fb->store_shadow);
        fb->store_shadow = NULL;
        return -ENOMEM;
    }

    return 0;
}

int fbcrypt_domain_teardown(struct domain *d)
{
    struct fbcrypt *fb = d->fbcrypt;
    int rc;

    if ( !fb )
        return 0;

    fbc_heartbeat_stop(fb);

    spin_lock(&fb->lock);
    write_atomic(&fb->dying, true);
    smp_wmb(); /* before pages are redirected no more */
    fbc_account_stop(fb);
    fbc_launch_stop(fb);
    fbc_key_forget(fb);
    rc = fbc_vfb_release(fb);
    if ( !rc )
    {
        fb->vfb.state = FBC_VFB_NONE;
        fbc_kbd_free(fb);
        fbc_store_free(fb);
    }
    spin_unlock(&fb->lock);

    return rc;
}

void fbcrypt_domain_free(struct domain *d)
{
    struct fbcrypt *fb = d->fbcrypt;

    if ( !fb )
        return;

    /* Who reads the log holds RCU's lock on d, and no other. */
    vfree(fb->launch.log);
    fbc_wipe(fb, sizeof(*fb));
    XFREE(d->fbcrypt);
}

/*
 * While it is looked who holds the guest's pages, nothing of dom0 runs: an
 * operation that another vCPU began before the lock has ended then, and no
 * page or grant changes between being looked at and being used.  The domctl
 * lock keeps two vCPUs from pausing each other.
 */
static void pause_others(void)
{
    struct vcpu *v;

    for_each_vcpu ( hardware_domain, v )
        if ( v != current )
            vcpu_pause(v);
}

static void unpause_others(void)
{
    struct vcpu *v;

    for_each_vcpu ( hardware_domain, v )
        if ( v != current )
            vcpu_unpause(v);
}

/* All that the guest will see is latched: nobody else can change it. */
static int settle(struct fbcrypt *fb)
{
    s_time_t start = NOW();
    int rc = fbc_store_latch(fb);

    if ( rc )
        return rc;

    /* A few thousand entries at most, in one step. */
    rc = gnttab_drop_preseeded(fb->d, fb->start.console, fb->console,
                               fb->start.store,
                               page_to_mfn(fb->store_shadow));
    if ( rc )
    {
        printk(XENLOG_WARNING "fbcrypt: %pd: %s\n", fb->d, rc == -E2BIG
               ? "its grant table is too large"
               : "a grant of the builder's is in use");
        fbc_store_unlatch(fb);
    }
    else
        write_atomic(&fb->settled, true);
    fb->longest_step = max(fb->longest_step, NOW() - start);

    return rc;
}

/* Ends dom0's rights. */
static int lock_and_settle(struct fbcrypt *fb)
{
    s_time_t start = NOW();
    int rc;

    pause_others();
    spin_lock(&fb->lock);

    /* From here on nobody can take a new reference; then look for old ones. */
    fb->locked = true;
    smp_mb();

    rc = -EINVAL;
    if ( !fb->d->is_dying && !fb->dying )
        rc = fbc_pvh_check(fb) ?: fbc_account(fb) ?: settle(fb);
    fb->unpause_time += NOW() - start;

    spin_unlock(&fb->lock);
    unpause_others();

    return rc;
}

/* Nobody stands still for this: what is measured cannot change. */
static int measure(struct fbcrypt *fb)
{
    s_time_t start = NOW();
    int rc;

    do {
        spin_lock(&fb->lock);
        rc = fb->d->is_dying || fb->dying ? -EINVAL : fbc_launch_step(fb);
        spin_unlock(&fb->lock);
    } while ( rc == -ERESTART && !hypercall_preempt_check() );

    fb->unpause_time += NOW() - start;

    return rc;
}

int fbcrypt_unpause(struct domain *d)
{
    struct fbcrypt *fb = d->fbcrypt;
    int rc = 0;

    if ( !fb || d->creation_finished || d->controller_pause_count != 1 )
        return 0;

    if ( !fb->settled )
        rc = lock_and_settle(fb);

    return rc ?: measure(fb);
}

bool fbcrypt_locked(const struct domain *d)
{
    return d->fbcrypt && d->fbcrypt->locked;
}
