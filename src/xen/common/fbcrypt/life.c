/* SPDX-License-Identifier: GPL-2.0-only */
/* A protected domain from creation to its end (patch 02). */
#include "private.h"

int fbcrypt_domain_create(struct domain *d)
{
    struct fbcrypt *fb;

    /* Only PV guests have the framebuffer that we know how to double. */
    if ( !fbcrypt_enabled() || is_system_domain(d) || is_hardware_domain(d) ||
         is_control_domain(d) || !is_pv_domain(d) )
        return 0;

    fb = xzalloc(struct fbcrypt);
    if ( !fb )
        return -ENOMEM;

    fb->d = d;
    spin_lock_init(&fb->lock);
    fb->store_granted = INVALID_MFN;
    fbc_heartbeat_init(fb);
    d->fbcrypt = fb;

    return 0;
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
    fb->dying = true;
    fbc_key_forget(fb);
    rc = fbc_vfb_release(fb);
    if ( !rc )
    {
        fb->vfb.state = FBC_VFB_NONE;
        fbc_store_free(fb);
    }
    spin_unlock(&fb->lock);

    return rc;
}

void fbcrypt_domain_free(struct domain *d)
{
    if ( d->fbcrypt )
        fbc_wipe(d->fbcrypt, sizeof(*d->fbcrypt));
    XFREE(d->fbcrypt);
}

/*
 * While its mappings are looked for, nothing of dom0 runs: another vCPU could
 * write grants after they were dropped, and be rid of its mapping of the table
 * before the scan.  The domctl lock keeps two vCPUs from pausing each other.
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

int fbcrypt_unpause(struct domain *d)
{
    struct fbcrypt *fb = d->fbcrypt;
    s_time_t start = NOW();
    int rc = 0;

    if ( !fb || d->creation_finished || d->controller_pause_count != 1 )
        return 0;

    /* A second try would find what dom0 has changed since the first. */
    if ( fb->refused )
        return -EPERM;

    pause_others();
    spin_lock(&fb->lock);

    /* From here on no new mapping can come; then look for old ones. */
    fb->locked = true;
    smp_mb();
    memcpy(fb->uuid, d->handle, FBC_UUID_LEN);

    if ( d->is_dying || fb->dying )
        rc = -EINVAL;
    else
        rc = fbc_store_latch(fb);
    if ( !rc )
        rc = gnttab_drop_preseeded(d, fb->console, fb->store_granted,
                                   page_to_mfn(fb->store_shadow));
    if ( rc == -EBUSY )
        printk(XENLOG_WARNING "fbcrypt: %pd: a grant of the builder's is in "
               "use\n", d);
    if ( !rc )
        rc = fbc_scan_mappings(fb);
    fb->unpause_time = NOW() - start;
    fb->refused = rc;

    spin_unlock(&fb->lock);
    unpause_others();

    return rc;
}

bool fbcrypt_locked(const struct domain *d)
{
    return d->fbcrypt && d->fbcrypt->locked;
}
