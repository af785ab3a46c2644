/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations of a toolstack on one domain (patch 06). */
#include "private.h"

#include <public/domctl.h>

#include "core/kdf.h"

/*
 * What a toolstack may do to a protected guest.  Everything else reads or
 * writes its memory or registers, or gives somebody else the means.
 */
static int on_protected(const struct domain *d, unsigned int cmd)
{
    switch ( cmd )
    {
    case XEN_DOMCTL_pausedomain:
    case XEN_DOMCTL_unpausedomain:
    case XEN_DOMCTL_resumedomain:
    case XEN_DOMCTL_destroydomain:
    case XEN_DOMCTL_getdomaininfo:
#ifdef XEN_DOMCTL_get_domain_state /* since 4.21 */
    case XEN_DOMCTL_get_domain_state:
#endif
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
    case XEN_DOMCTL_setdomainhandle:
    /* Xen would send the event under a lock of its own. */
    case XEN_DOMCTL_subscribe:
        return -EPERM;
    }

    return d->fbcrypt->locked ? -EPERM : 0;
}

int fbcrypt_domctl(const struct domain *d, const struct xen_domctl *op)
{
    if ( fbcrypt_protected(d) )
        return on_protected(d, op->cmd);

    /* What is protected was so from creation. */
    if ( op->cmd == XEN_DOMCTL_setdomainhandle && fbcrypt_enabled() &&
         fbc_kdf_is_uuid(op->u.setdomainhandle.handle) )
        return -EPERM;

    return 0;
}
