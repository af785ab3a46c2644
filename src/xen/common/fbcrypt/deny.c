/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations that dom0 may not have carried out (patches 07 and 08). */
#include "private.h"

#include <xen/acpi.h>
#include <xen/init.h>
#include <xen/iocap.h>

#include <public/platform.h>
#include <public/sysctl.h>

#include "tpm.h"

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
    int rc = fbc_tpm_permissions(d) | fbc_memory_permissions(d);

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
