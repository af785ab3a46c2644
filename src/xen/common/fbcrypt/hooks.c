/* SPDX-License-Identifier: GPL-2.0-only */
/* What the hooks in the rest of Xen call (include/xen/fbcrypt.h). */
#include "private.h"

#include <xen/acpi.h>
#include <xen/init.h>
#include <xen/iocap.h>
#include <xen/param.h>
#include <xen/percpu.h>

#include <public/domctl.h>
#include <public/platform.h>
#include <public/sysctl.h>

#include "tpm.h"

static bool __ro_after_init opt_fbcrypt = true;
bool __ro_after_init fbc_opt_iommu = true;

/* fbcrypt=<bool>,no-iommu */
static int __init cf_check parse_fbcrypt(const char *s)
{
    int rc = 0;

    do {
        const char *end = strchr(s, ',') ?: strchr(s, '\0');
        int val = parse_bool(s, end);

        if ( val >= 0 )
            opt_fbcrypt = val;
        else if ( (val = parse_boolean("iommu", s, end)) >= 0 )
            fbc_opt_iommu = val;
        else
            rc = -EINVAL;

        s = end + 1;
    } while ( s[-1] );

    return rc;
}
custom_param("fbcrypt", parse_fbcrypt);

/* Set around an event of our own: it must not come back to the hook. */
static DEFINE_PER_CPU(bool, kicking);

static DEFINE_RCU_READ_LOCK(fbc_frames_lock);

int fbcrypt_domain_create(struct domain *d)
{
    struct fbcrypt *fb;

    /* Only PV guests have the framebuffer that we know how to double. */
    if ( !opt_fbcrypt || is_system_domain(d) || is_hardware_domain(d) ||
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

/*
 * What a toolstack may do to a protected guest.  Everything else reads or
 * writes its memory or registers, or gives somebody else the means.
 */
int fbcrypt_domctl(const struct domain *d, unsigned int cmd)
{
    if ( !fbcrypt_protected(d) )
        return 0;

    switch ( cmd )
    {
    case XEN_DOMCTL_pausedomain:
    case XEN_DOMCTL_unpausedomain:
    case XEN_DOMCTL_resumedomain:
    case XEN_DOMCTL_destroydomain:
    case XEN_DOMCTL_getdomaininfo:
    case XEN_DOMCTL_getvcpuinfo:
    case XEN_DOMCTL_max_mem:
    case XEN_DOMCTL_scheduler_op:
    case XEN_DOMCTL_setvcpuaffinity:
    case XEN_DOMCTL_getvcpuaffinity:
    case XEN_DOMCTL_setnodeaffinity:
    case XEN_DOMCTL_getnodeaffinity:
    case XEN_DOMCTL_settimeoffset:
    case XEN_DOMCTL_get_address_size:
    case XEN_DOMCTL_gettscinfo:
        return 0;

    /* Not even while it is being built. */
    case XEN_DOMCTL_set_target:
    case XEN_DOMCTL_assign_device:
    case XEN_DOMCTL_vm_event_op:
    case XEN_DOMCTL_mem_sharing_op:
    case XEN_DOMCTL_vmtrace_op:
    case XEN_DOMCTL_setdebugging:
        return -EPERM;
    }

    return d->fbcrypt->locked ? -EPERM : 0;
}

bool fbcrypt_enabled(void)
{
    return opt_fbcrypt;
}

/*
 * Sleep is Xen's to refuse, not dom0's to enter: memory would stay, and
 * firmware would resume where dom0 says.
 */
uint32_t fbcrypt_io_write(unsigned int port, unsigned int bytes, uint32_t data)
{
    const struct acpi_generic_address *pm1[] = { &acpi_sinfo.pm1a_cnt_blk,
                                                 &acpi_sinfo.pm1b_cnt_blk };
    unsigned int i;

    if ( !opt_fbcrypt )
        return data;

    for ( i = 0; i < ARRAY_SIZE(pm1); i++ )
    {
        /* SLP_EN is bit 13. */
        uint64_t at = pm1[i]->address + 1;

        if ( pm1[i]->address && port <= at && at < port + bytes )
            data &= ~(0x20u << (8 * (at - port)));
    }

    return data;
}

int __init fbcrypt_dom0_permissions(struct domain *d)
{
    int rc = fbc_tpm_permissions(d);

    /* What an AP runs first. */
    if ( opt_fbcrypt )
        rc |= iomem_deny_access(d, paddr_to_pfn(trampoline_phys),
                                paddr_to_pfn(trampoline_phys +
                                             (trampoline_end -
                                              trampoline_start) - 1));

    return rc;
}

int fbcrypt_sysctl(unsigned int cmd)
{
    if ( !opt_fbcrypt )
        return 0;

    switch ( cmd )
    {
    /* Registers and stacks in a log, addresses in a trace, for dom0 to read. */
    case XEN_SYSCTL_debug_keys:
    case XEN_SYSCTL_tbuf_op:
    /* A page that is put back on line is not scrubbed. */
    case XEN_SYSCTL_page_offline_op:
    /* A processor starts in memory below 1 MiB. */
    case XEN_SYSCTL_cpu_hotplug:
        return -EPERM;
    }

    return 0;
}

int fbcrypt_platform_op(unsigned int cmd)
{
    if ( !opt_fbcrypt )
        return 0;

    switch ( cmd )
    {
    /* The machine goes through firmware, or a processor through low memory. */
    case XENPF_enter_acpi_sleep:
    case XENPF_cpu_online:
    case XENPF_cpu_offline:
    case XENPF_cpu_hotadd:
    case XENPF_core_parking:
    /* Code of somebody else's at the highest privilege. */
    case XENPF_efi_runtime_call:
    case XENPF_microcode_update:
    /* Names an I/O port which Xen then writes. */
    case XENPF_set_processor_pminfo:
    /* Memory that has been anywhere. */
    case XENPF_mem_hotadd:
        return -EPERM;
    }

    return 0;
}

void fbc_kick(struct domain *ld, evtchn_port_t lport)
{
    this_cpu(kicking) = true;
    evtchn_send(ld, lport);
    this_cpu(kicking) = false;
}

/* An event on the framebuffer's channel, either way. */
static int vfb_event(struct fbcrypt *fb, bool from_guest)
{
    bool more = from_guest;

    while ( more )
    {
        more = fbc_seal_take_events(fb);
        more |= fbc_seal_step(fb);

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

int fbcrypt_evtchn_send(struct domain *ld, evtchn_port_t lport,
                        struct domain *rd, evtchn_port_t rport)
{
    bool from_guest = ld->fbcrypt, reverse = false;
    struct domain *d = from_guest ? ld : rd;
    evtchn_port_t port = from_guest ? lport : rport;
    struct fbcrypt *fb = d->fbcrypt;
    int rc = 0;

    if ( !fb || !fb->locked || this_cpu(kicking) )
        return 0;

    /* Disk and network need not wait for the screen. */
    if ( port != read_atomic(&fb->store_port) &&
         port != read_atomic(&fb->vfb.port) )
        return 0;

    spin_lock(&fb->lock);

    if ( fb->dying )
        ;
    else if ( fb->store && port == fb->store_port )
        rc = fbc_store_pump(fb, from_guest, &reverse);
    else if ( fb->vfb.state == FBC_VFB_UP && port == fb->vfb.port )
        rc = vfb_event(fb, from_guest);

    spin_unlock(&fb->lock);

    if ( reverse )
        fbc_kick(rd, rport);

    return rc;
}

mfn_t fbcrypt_redirect(struct domain *d, mfn_t mfn)
{
    struct fbcrypt *fb = d->fbcrypt;
    unsigned int i;

    if ( !fb )
        return mfn;

    for ( i = 0; i < FBC_REDIRS; i++ )
    {
        unsigned long real = read_atomic(&fb->redir[i].real);

        if ( !real || real != mfn_x(mfn) )
            continue;
        smp_rmb();
        atomic_inc(&fb->redirected);
        return _mfn(read_atomic(&fb->redir[i].shadow));
    }

    return mfn;
}

/* Frames of the framebuffer; a few hundred, and grants of them are rare. */
bool fbc_is_vfb_frame(struct fbcrypt *fb, mfn_t mfn)
{
    const struct fbc_frames *f;
    unsigned int i;
    bool found = false;

    rcu_read_lock(&fbc_frames_lock);
    f = rcu_dereference(fb->frames);
    for ( i = 0; f && i < f->nr && !found; i++ )
        found = mfn_eq(f->mfn[i], mfn);
    rcu_read_unlock(&fbc_frames_lock);

    return found;
}

bool fbcrypt_map_denied(struct domain *owner, const struct page_info *pg)
{
    struct fbcrypt *fb = owner->fbcrypt;
    mfn_t mfn = page_to_mfn(pg);

    /* Shadows are the only extra pages of a PV guest. */
    if ( !fb || !fb->locked || (pg->count_info & PGC_extra) )
        return false;

    if ( mfn_x(mfn) == read_atomic(&fb->vkbd) && !is_special_page(pg) &&
         !fbc_is_vfb_frame(fb, mfn) )
        return false;

    atomic_inc(&fb->denied);

    return true;
}

int fbcrypt_grant_frame(struct domain *rd, grant_ref_t ref,
                        struct page_info **pg, mfn_t *mfn)
{
    struct fbcrypt *fb = rd->fbcrypt;
    mfn_t to;

    if ( !fb || rd == current->domain )
        return GNTST_okay;

    /*
     * Before the guest runs, the reserved reference says which page is the
     * store's; the first unpause compares it with what the guest will use.
     */
    if ( !fb->locked && ref == GNTTAB_RESERVED_XENSTORE )
    {
        if ( !fb->store_shadow )
            return GNTST_permission_denied;
        fb->store_granted = *mfn;
        to = page_to_mfn(fb->store_shadow);
    }
    else
        to = fbcrypt_redirect(rd, *mfn);

    if ( mfn_eq(to, *mfn) )
    {
        if ( !fbc_is_vfb_frame(fb, *mfn) )
            return GNTST_okay;
        atomic_inc(&fb->denied);
        return GNTST_permission_denied;
    }

    if ( !get_page(mfn_to_page(to), rd) )
        return GNTST_permission_denied;
    if ( !(mfn_to_page(to)->count_info & PGC_extra) )
    {
        /* The shadow has just gone, and the frame is the guest's again. */
        put_page(mfn_to_page(to));
        return GNTST_permission_denied;
    }
    put_page(*pg);
    *pg = mfn_to_page(to);
    *mfn = to;

    return GNTST_okay;
}
