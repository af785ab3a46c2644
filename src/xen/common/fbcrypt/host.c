/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations on the host as a whole that dom0 may have carried out (patches 07
 * and 10): lists of what somebody has read and found harmless in 4.17 to 4.22.
 * None of them takes a machine address, an I/O port or an MSR from dom0.
 */
#include "private.h"

#include <public/arch-x86/xen-mca.h>
#include <public/hypfs.h>
#include <public/platform.h>
#include <public/sysctl.h>

int fbcrypt_sysctl(const struct xen_sysctl *op)
{
    if ( !fbcrypt_enabled() )
        return 0;

    switch ( op->cmd )
    {
    /* Facts about the machine and its domains; Xen's log. */
    case XEN_SYSCTL_readconsole:
    case XEN_SYSCTL_physinfo:
    case XEN_SYSCTL_cputopoinfo:
    case XEN_SYSCTL_numainfo:
    case XEN_SYSCTL_pcitopoinfo:
    case XEN_SYSCTL_availheap:
    case XEN_SYSCTL_getcpuinfo:
    case XEN_SYSCTL_getdomaininfolist:
    case XEN_SYSCTL_sched_id:
    /* What a guest's CPU may look like. */
#ifdef XEN_SYSCTL_get_cpu_levelling_caps /* until 4.21 */
    case XEN_SYSCTL_get_cpu_levelling_caps:
#endif
    case XEN_SYSCTL_get_cpu_featureset:
    case XEN_SYSCTL_get_cpu_policy:
    /* Who runs where and when; how fast, by governors and numbers only. */
    case XEN_SYSCTL_scheduler_op:
    case XEN_SYSCTL_get_pmstat:
    case XEN_SYSCTL_pm_op:
        return 0;

    /*
     * Not: to move a domain to another pool, which frees what domctls that run
     * meanwhile still look at.
     */
    case XEN_SYSCTL_cpupool_op:
        return op->u.cpupool_op.op == XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN
               ? -EPERM : 0;
    }

    /*
     * Not: debug_keys, tbuf_op (registers, stacks and addresses for dom0 to
     * read); page_offline_op (whole pages by machine address); cpu_hotplug (a
     * processor starts in memory below 1 MiB); livepatch_op; perfc_op,
     * lockprof_op, coverage_op, psr_cmt_op, psr_alloc (what guests do, seen
     * through counters and caches).
     */
    return -EPERM;
}

int fbcrypt_platform_op(unsigned int cmd)
{
    if ( !fbcrypt_enabled() )
        return 0;

    switch ( cmd )
    {
    /* The wall clock. */
    case XENPF_settime32:
    case XENPF_settime64:
    /* Facts about processors, caches of memory, and what firmware left. */
    case XENPF_get_cpuinfo:
    case XENPF_get_cpu_version:
    case XENPF_read_memtype:
    case XENPF_firmware_info:
#ifdef XENPF_get_ucode_revision /* since 4.18 */
    case XENPF_get_dom0_console:
    case XENPF_get_ucode_revision:
#endif
        return 0;
    }

    /*
     * Not: enter_acpi_sleep, cpu_online, cpu_offline, cpu_hotadd, core_parking
     * (the machine goes through firmware, or a processor through low memory);
     * efi_runtime_call, microcode_update and _update2 (code of somebody else's
     * at the highest privilege); add_memtype, del_memtype (memory under Xen
     * becomes uncached, or write-only); set_processor_pminfo (I/O ports and
     * MSRs which Xen then writes); mem_hotadd; resource_op (MSRs); get_symbol;
     * platform_quirk, change_freq, getidletime (no dom0 of today asks).
     */
    return -EPERM;
}

int fbcrypt_mca(unsigned int cmd)
{
    if ( !fbcrypt_enabled() )
        return 0;

    switch ( cmd )
    {
    /* What the hardware has reported, and on which processor. */
    case XEN_MC_fetch:
    case XEN_MC_notifydomain:
    case XEN_MC_physcpuinfo:
        return 0;
    }

    /* Not: errors that dom0 invents, at addresses of its choice. */
    return -EPERM;
}

int fbcrypt_hypfs_op(unsigned int cmd)
{
    if ( !fbcrypt_enabled() )
        return 0;

    switch ( cmd )
    {
    case XEN_HYPFS_OP_get_version:
    case XEN_HYPFS_OP_read:
        return 0;
    }

    /* Not: options of the command line, which was measured. */
    return -EPERM;
}
