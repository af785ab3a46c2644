/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations that dom0 may not have carried out (patches 06 to 08). */
#include "private.h"

#include <xen/acpi.h>
#include <xen/init.h>
#include <xen/iocap.h>

#include <public/domctl.h>
#include <public/platform.h>
#include <public/sysctl.h>

#include "tpm.h"

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

/*
 * Sleep is Xen's to refuse, not dom0's to enter: memory would stay, and
 * firmware would resume where dom0 says.
 */
uint32_t fbcrypt_io_write(unsigned int port, unsigned int bytes, uint32_t data)
{
    const struct acpi_generic_address *pm1[] = { &acpi_sinfo.pm1a_cnt_blk,
                                                 &acpi_sinfo.pm1b_cnt_blk };
    unsigned int i;

    if ( !fbcrypt_enabled() )
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
    if ( fbcrypt_enabled() )
        rc |= iomem_deny_access(d, paddr_to_pfn(trampoline_phys),
                                paddr_to_pfn(trampoline_phys +
                                             (trampoline_end -
                                              trampoline_start) - 1));

    return rc;
}

int fbcrypt_sysctl(unsigned int cmd)
{
    if ( !fbcrypt_enabled() )
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
    if ( !fbcrypt_enabled() )
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
