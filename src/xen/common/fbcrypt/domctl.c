/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations of a toolstack on one domain (patch 06). */
#include "private.h"

#include <public/domctl.h>

#include "core/kdf.h"

/* What may be done to every domain, also to one that is dying. */
static bool on_any(unsigned int cmd)
{
    switch ( cmd )
    {
    case XEN_DOMCTL_pausedomain:
    case XEN_DOMCTL_unpausedomain:
    case XEN_DOMCTL_destroydomain:
    case XEN_DOMCTL_getdomaininfo:
#ifdef XEN_DOMCTL_get_domain_state /* since 4.21 */
    case XEN_DOMCTL_get_domain_state:
#endif
    case XEN_DOMCTL_getvcpuinfo:
        return true;
    }

    return false;
}

/*
 * What a toolstack may do to a protected guest.  Everything else reads or
 * writes its memory or registers, gives somebody else the means, or leaves
 * something with the guest that is not measured, such as an interrupt.
 */
static int on_protected(const struct domain *d, unsigned int cmd)
{
    switch ( cmd )
    {
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

    /* While it is being built; measured, or checked, at its first unpause. */
    case XEN_DOMCTL_max_vcpus:
    case XEN_DOMCTL_set_address_size:
    case XEN_DOMCTL_get_cpu_policy:
    case XEN_DOMCTL_set_cpu_policy:
    case XEN_DOMCTL_settscinfo:
    case XEN_DOMCTL_setvnumainfo:
    case XEN_DOMCTL_shadow_op:
    case XEN_DOMCTL_get_paging_mempool_size:
    case XEN_DOMCTL_set_paging_mempool_size:
    case XEN_DOMCTL_hypercall_init:
    case XEN_DOMCTL_getvcpucontext:
    case XEN_DOMCTL_setvcpucontext:
    case XEN_DOMCTL_get_ext_vcpucontext:
    case XEN_DOMCTL_set_ext_vcpucontext:
    case XEN_DOMCTL_getvcpuextstate:
    case XEN_DOMCTL_setvcpuextstate:
    case XEN_DOMCTL_get_vcpu_msrs:
    case XEN_DOMCTL_set_vcpu_msrs:
    case XEN_DOMCTL_gethvmcontext:
    case XEN_DOMCTL_gethvmcontext_partial:
    case XEN_DOMCTL_sethvmcontext:
        return d->fbcrypt->locked ? -EPERM : 0;

    case XEN_DOMCTL_resumedomain:
        return fbcrypt_may_resume(d) ? 0 : -EPERM;
    }

    return -EPERM;
}

/*
 * What a toolstack may do to any other domain, which may be one that dom0 made
 * to attack Xen from: what xl and libxl do.
 */
static int on_ordinary(unsigned int cmd)
{
    switch ( cmd )
    {
    /* Its life, besides. */
    case XEN_DOMCTL_createdomain:
    case XEN_DOMCTL_max_vcpus:
    case XEN_DOMCTL_max_mem:
    case XEN_DOMCTL_setdomainhandle:
    case XEN_DOMCTL_set_address_size:
    case XEN_DOMCTL_get_address_size:
    case XEN_DOMCTL_set_cpu_policy:
    case XEN_DOMCTL_get_cpu_policy:
    case XEN_DOMCTL_settscinfo:
    case XEN_DOMCTL_gettscinfo:
    case XEN_DOMCTL_settimeoffset:
    case XEN_DOMCTL_setvnumainfo:
    case XEN_DOMCTL_hypercall_init:
    case XEN_DOMCTL_set_paging_mempool_size:
    case XEN_DOMCTL_get_paging_mempool_size:
    case XEN_DOMCTL_set_target:
    case XEN_DOMCTL_set_virq_handler:
    case XEN_DOMCTL_resumedomain:
    case XEN_DOMCTL_soft_reset:
    case XEN_DOMCTL_soft_reset_cont:
    case XEN_DOMCTL_sendtrigger:
    /* Where it runs. */
    case XEN_DOMCTL_scheduler_op:
    case XEN_DOMCTL_setvcpuaffinity:
    case XEN_DOMCTL_getvcpuaffinity:
    case XEN_DOMCTL_setnodeaffinity:
    case XEN_DOMCTL_getnodeaffinity:
    /* Its state: built, saved, restored, dumped. */
    case XEN_DOMCTL_setvcpucontext:
    case XEN_DOMCTL_getvcpucontext:
    case XEN_DOMCTL_set_ext_vcpucontext:
    case XEN_DOMCTL_get_ext_vcpucontext:
    case XEN_DOMCTL_setvcpuextstate:
    case XEN_DOMCTL_getvcpuextstate:
    case XEN_DOMCTL_set_vcpu_msrs:
    case XEN_DOMCTL_get_vcpu_msrs:
    case XEN_DOMCTL_sethvmcontext:
    case XEN_DOMCTL_gethvmcontext:
    case XEN_DOMCTL_gethvmcontext_partial:
    case XEN_DOMCTL_getpageframeinfo3:
    case XEN_DOMCTL_shadow_op:
    case XEN_DOMCTL_subscribe:
    /* Its devices. */
    case XEN_DOMCTL_assign_device:
    case XEN_DOMCTL_deassign_device:
    case XEN_DOMCTL_test_assign_device:
    case XEN_DOMCTL_get_device_group:
    case XEN_DOMCTL_bind_pt_irq:
    case XEN_DOMCTL_unbind_pt_irq:
    case XEN_DOMCTL_memory_mapping:
    case XEN_DOMCTL_ioport_mapping:
    case XEN_DOMCTL_iomem_permission:
    case XEN_DOMCTL_ioport_permission:
    case XEN_DOMCTL_irq_permission:
        return 0;
    }

    /*
     * Not: vm_event_op, monitor_op, set_access_required (Xen takes lengths and
     * registers from who answers); vmtrace_op, mem_sharing_op; debug_op,
     * setdebugging, the debugger's; set_broken_page_p2m, audit_p2m;
     * psr_cmt_op, psr_alloc (caches of all guests); what only Arm has.
     */
    return -EPERM;
}

/* What d had may be freed already, and what it is given would stay. */
bool fbcrypt_is_over(const struct domain *d, unsigned int cmd)
{
    return fbcrypt_enabled() && d->is_dying && !on_any(cmd);
}

int fbcrypt_domctl(const struct domain *d, const struct xen_domctl *op)
{
    if ( on_any(op->cmd) )
        return 0;

    if ( d && fbcrypt_protected(d) )
        return on_protected(d, op->cmd);

    if ( !fbcrypt_enabled() )
        return 0;

    /* What is protected was so from creation. */
    if ( op->cmd == XEN_DOMCTL_setdomainhandle &&
         fbc_kdf_is_uuid(op->u.setdomainhandle.handle) )
        return -EPERM;

    return on_ordinary(op->cmd);
}
