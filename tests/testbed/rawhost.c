/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations on the host through which dom0 would get at every guest: a line
 * each, its name and an errno or "done".
 *
 * rawhost iomem   of the frames from 1 MiB to the end of memory, those that dom0
 *                 may hand on to a domain as a device's: "N of M"
 * rawhost ioapic PIN   reads this pin's entry of the first IO-APIC; "rawhost
 *                      ioapic-write PIN" masks it
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xencall.h>
#include <xenctrl.h>
#include <xenguest.h>
#include <xenforeignmemory.h>
#include <xen/hypfs.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sysctl.h>
#include <xen/arch-x86/xen-mca.h>

#include "written.h"

/* Of no Xen yet. */
#define UNKNOWN 1000
/* RAM below 1 MiB, which dom0 may read. */
#define LOW_FRAME 0x10

static void say(const char *what, int rc)
{
    printf("%s %s\n", what, rc ? strerrorname_np(errno) : "done");
}

static void platform(xencall_handle *x, const char *what, uint32_t cmd)
{
    struct xen_platform_op *op = xencall_alloc_buffer(x, sizeof(*op));

    /* Arguments that do no harm where the operation is carried out. */
    memset(op, 0, sizeof(*op));
    op->cmd = cmd;
    op->interface_version = XENPF_INTERFACE_VERSION;
    if ( cmd == XENPF_efi_runtime_call )
        op->u.efi_runtime_call.function = XEN_EFI_get_time;
    if ( cmd == XENPF_enter_acpi_sleep )
        op->u.enter_acpi_sleep.sleep_state = 0xff;
    say(what, xencall1(x, __HYPERVISOR_platform_op, (uintptr_t)op));
    xencall_free_buffer(x, op);
}

static void sysctl_unknown(xencall_handle *x)
{
    struct xen_sysctl *op = xencall_alloc_buffer(x, sizeof(*op));

    memset(op, 0, sizeof(*op));
    op->cmd = UNKNOWN;
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    say("sysctl-unknown", xencall1(x, __HYPERVISOR_sysctl, (uintptr_t)op));
    xencall_free_buffer(x, op);
}

/* Sets an option of the command line to what the testbed gives it anyway. */
static void change_option(xencall_handle *x)
{
    static const char path[] = "/params/loglvl", value[] = "warning";
    char *buf = xencall_alloc_buffer(x, sizeof(path) + sizeof(value));

    memcpy(buf, path, sizeof(path));
    memcpy(buf + sizeof(path), value, sizeof(value));
    say("option",
        xencall5(x, __HYPERVISOR_hypfs_op, XEN_HYPFS_OP_write_contents,
                 (uintptr_t)buf, sizeof(path),
                 (uintptr_t)(buf + sizeof(path)), sizeof(value)));
    xencall_free_buffer(x, buf);
}

/* xc_domain_memory_mapping() has another errno of its own afterwards. */
static int map_low_frame(xencall_handle *x, uint32_t domid)
{
    struct xen_domctl *op = xencall_alloc_buffer(x, sizeof(*op));
    int rc;

    memset(op, 0, sizeof(*op));
    op->cmd = XEN_DOMCTL_memory_mapping;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = (domid_t)domid;
    op->u.memory_mapping.first_gfn = LOW_FRAME;
    op->u.memory_mapping.first_mfn = LOW_FRAME;
    op->u.memory_mapping.nr_mfns = 1;
    op->u.memory_mapping.add_mapping = DPCI_ADD_MAPPING;
    rc = xencall1(x, __HYPERVISOR_domctl, (uintptr_t)op);
    xencall_free_buffer(x, op);

    return rc;
}

/* A domain of dom0's gets ports of PCI's, and low memory, as a device's. */
static void helper(xc_interface *xc, xencall_handle *x)
{
    struct xen_domctl_createdomain config = {
        .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
        .max_vcpus = 1, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .arch.emulation_flags = XEN_X86_EMU_LAPIC,
    };
    uint32_t domid = 0;

    if ( xc_domain_create(xc, &domid, &config) )
    {
        perror("rawhost: helper");
        return;
    }
    if ( xc_domain_max_vcpus(xc, domid, 1) ||
         xc_shadow_control(xc, domid, XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION,
                           &(unsigned int){ 4 }, 0) < 0 )
        perror("rawhost: helper");
    say("helper-ports", xc_domain_ioport_mapping(xc, domid, 0xcf8, 0xcf8, 4,
                                                 DPCI_ADD_MAPPING));
    say("helper-cmos", xc_domain_ioport_mapping(xc, domid, 0x70, 0x70, 2,
                                                DPCI_ADD_MAPPING));
    xc_domain_iomem_permission(xc, domid, LOW_FRAME, 1, 1);
    say("helper-frame", map_low_frame(x, domid));
    xc_domain_destroy(xc, domid);
}

/* No MSR at all is to be written. */
static void machine_check(xencall_handle *x)
{
    struct xen_mc *op = xencall_alloc_buffer(x, sizeof(*op));

    memset(op, 0, sizeof(*op));
    op->cmd = XEN_MC_msrinject;
    op->interface_version = XEN_MCA_INTERFACE_VERSION;
    say("machine-check", xencall1(x, __HYPERVISOR_mca, (uintptr_t)op));
    xencall_free_buffer(x, op);
}

/* Frames below 1 MiB that dom0 may read, and write: processors start in one. */
static void low_memory(void)
{
    xenforeignmemory_handle *f = xenforeignmemory_open(NULL, 0);
    int mapped = 0, writable = 0;
    xen_pfn_t frame;

    for ( frame = 0; f && frame < 256; frame++ )
    {
        int err = 1;
        void *p = xenforeignmemory_map(f, DOMID_IO, PROT_READ | PROT_WRITE, 1,
                                       &frame, &err);

        if ( p && !err )
        {
            mapped++;
            writable += written((uint8_t *)p + 4095);
        }
        if ( p )
            xenforeignmemory_unmap(f, p, 1);
    }
    printf("low-memory %d\nlow-memory-written %d\n", mapped, writable);
}

static int iomem(xc_interface *xc)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };
    unsigned long frame, last, n = 0;
    const unsigned long first = 256, step = 8;
    uint32_t domid = 0;

    if ( xc_maximum_ram_page(xc, &last) ||
         xc_domain_create(xc, &domid, &config) )
    {
        perror("rawhost: helper");
        return 2;
    }
    for ( frame = first; frame + step <= last + 1; frame += step )
        if ( !xc_domain_iomem_permission(xc, domid, frame, step, 1) )
            n += step;
    printf("%lu of %lu\n", n, last + 1 - first);
    xc_domain_destroy(xc, domid);

    return 0;
}

static void ioapic(const char *how, uint32_t pin)
{
    bool write = !strcmp(how, "ioapic-write");
    xencall_handle *x = xencall_open(NULL, 0);
    struct physdev_apic *op = xencall_alloc_buffer(x, sizeof(*op));

    op->apic_physbase = 0xfec00000;
    op->reg = 0x10 + 2 * pin;
    op->value = 1u << 16;       /* masked */
    say(how, xencall2(x, __HYPERVISOR_physdev_op, write ? PHYSDEVOP_apic_write
                                                        : PHYSDEVOP_apic_read,
                      (uintptr_t)op));
}

int main(int argc, char **argv)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    xencall_handle *x = xencall_open(NULL, 0);
    uint32_t status;
    char key = 'h';

    if ( !xc || !x )
        return 2;
    if ( argc == 2 && !strcmp(argv[1], "iomem") )
        return iomem(xc);
    if ( argc == 3 && !strncmp(argv[1], "ioapic", 6) )
    {
        ioapic(argv[1], (uint32_t)strtoul(argv[2], NULL, 0));
        return 0;
    }
    say("page-offline", xc_query_page_offline_status(xc, 256, 256, &status));
    say("cpu-offline", xc_cpu_offline(xc, 1));
    say("cpu-online", xc_cpu_online(xc, 1));
    say("debug-keys", xc_send_debug_keys(xc, &key));
    say("trace", xc_tbuf_disable(xc));
    platform(x, "cpu-online-2", XENPF_cpu_online);
    platform(x, "cpu-hotadd", XENPF_cpu_hotadd);
    platform(x, "core-parking", XENPF_core_parking);
    platform(x, "efi-runtime", XENPF_efi_runtime_call);
    platform(x, "microcode", XENPF_microcode_update);
    platform(x, "pminfo", XENPF_set_processor_pminfo);
    platform(x, "sleep", XENPF_enter_acpi_sleep);
    platform(x, "mem-hotadd", XENPF_mem_hotadd);
    platform(x, "memtype", XENPF_add_memtype);
    platform(x, "msr", XENPF_resource_op);
    platform(x, "symbol", XENPF_get_symbol);
    platform(x, "platform-unknown", UNKNOWN);
    sysctl_unknown(x);
    machine_check(x);
    change_option(x);
    helper(xc, x);
    low_memory();

    return 0;
}
