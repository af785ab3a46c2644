/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of the chipset dom0 gets (patches 07, 08 and 11).
 *
 * With the registers that move them read-only, memory, configuration space
 * and power management stay where Xen has found them.
 */
#include "private.h"
#include "compat.h"

#include <xen/acpi.h>
#include <xen/init.h>
#include <xen/iocap.h>
#include <xen/pci.h>
#include <xen/pci_regs.h>
#include <xen/rangeset.h>

#include <asm/mc146818rtc.h>
#include <asm/pci.h>

#include "core/chipset.h"

#define PM1_CNT_LEN     2

/* Power management registers of AMD's FCH: index, then data. */
#define AMD_PM_INDEX    0xcd6

/* The last port of CMOS RAM: a second bank, and further names of the first. */
#define CMOS_LAST       0x77

#define PCI_CLASS_ISA   0x0601

/* Intel's bridge to GPIO pads, and its register that hides it. */
#define P2SB_FUNCTION   1
#define P2SB_CONTROL    0xe0
#define P2SB_HIDE       0x100

#define PCI_CF8         0xcf8
#define FAST_RESET      0x92

static struct fbc_chipset_sleep __ro_after_init sleep;
static struct fbc_chipset_clock __ro_after_init clock;
static uint16_t __ro_after_init amd_index;
static uint16_t __initdata gpio_first, gpio_last;

static uint16_t __init cpu_vendor(void)
{
    if ( boot_cpu_data.x86_vendor & X86_VENDOR_INTEL )
        return FBC_PCI_INTEL;
    if ( boot_cpu_data.x86_vendor & X86_VENDOR_HYGON )
        return FBC_PCI_HYGON;

    return boot_cpu_data.x86_vendor & X86_VENDOR_AMD ? FBC_PCI_AMD : 0;
}

/* Mappings of it can be read and not written, as those of ECAM. */
static void __init read_only(paddr_t start, paddr_t end)
{
    if ( rangeset_add_range(mmio_ro_ranges, PFN_DOWN(start),
                            PFN_DOWN(end - 1)) )
        panic("fbcrypt: no memory for a range\n");
}

static void __init add_pm1(const struct acpi_generic_address *r)
{
    fbc_chipset_add_pm1(&sleep, r->space_id, r->address);
}

/* By all the names that the FADT has for them: they may differ. */
static void __init find_sleep(void)
{
    const struct acpi_table_fadt *f = &acpi_gbl_FADT;
    unsigned int i;

    BUILD_BUG_ON(FBC_ACPI_MEMORY != ACPI_ADR_SPACE_SYSTEM_MEMORY ||
                 FBC_ACPI_PORT != ACPI_ADR_SPACE_SYSTEM_IO);

    add_pm1(&f->xpm1a_control_block);
    add_pm1(&f->xpm1b_control_block);
    add_pm1(&acpi_sinfo.pm1a_cnt_blk);
    add_pm1(&acpi_sinfo.pm1b_cnt_blk);
    fbc_chipset_add_pm1(&sleep, FBC_ACPI_PORT, f->pm1a_control_block);
    fbc_chipset_add_pm1(&sleep, FBC_ACPI_PORT, f->pm1b_control_block);
    fbc_chipset_add_control(&sleep, f->sleep_control.space_id,
                            f->sleep_control.address);

    for ( i = 0; i < sleep.nr_mem; i++ )
        read_only(sleep.mem[i].start, sleep.mem[i].end);

    clock.day = f->day_alarm;
    clock.month = f->month_alarm;
    clock.century = f->century;
}

/* What Xen interprets for as long as it runs: which registers to write. */
static void __init lock_tables(void)
{
    static const char *const __initconst names[] = { ACPI_SIG_ERST,
                                                     ACPI_SIG_HEST };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(names); i++ )
    {
        acpi_physical_address addr;
        acpi_native_uint len;

        if ( ACPI_SUCCESS(acpi_get_table_phys((char *)names[i], 0, &addr,
                                              &len)) && len )
            read_only(addr, addr + len);
    }
}

static void __init lock_bars(pci_sbdf_t sbdf)
{
    unsigned int pos;

    for ( pos = PCI_BASE_ADDRESS_0; pos <= PCI_BASE_ADDRESS_5; )
    {
        uint32_t bar = pci_conf_read32(sbdf, pos);
        uint64_t addr, size;

        if ( !bar || !~bar ||
             (bar & PCI_BASE_ADDRESS_SPACE) != PCI_BASE_ADDRESS_SPACE_MEMORY )
        {
            pos += 4;
            continue;
        }
        pos += 4 * pci_size_mem_bar(sbdf, pos, &addr, &size,
                                    pos == PCI_BASE_ADDRESS_5 ? PCI_BAR_LAST
                                                              : 0);
        if ( addr && size && addr + size > addr )
            read_only(addr, addr + size);
    }
}

/* Not in base address registers of the header. */
static void __init lock_intel(pci_sbdf_t sbdf, uint16_t class)
{
    const uint8_t *reg;
    struct fbc_chipset_window w;

    if ( class == PCI_CLASS_ISA )
        fbc_chipset_gpio(pci_conf_read32(sbdf, 0x48),
                         pci_conf_read32(sbdf, 0x4c), &gpio_first,
                         &gpio_last);
    if ( sbdf.sbdf )
        return;
    for ( reg = fbc_chipset_roots; *reg; reg++ )
        if ( fbc_chipset_root(*reg, pci_conf_read32(sbdf, *reg) |
                              (uint64_t)pci_conf_read32(sbdf, *reg + 4) << 32,
                              &w) )
            read_only(w.start, w.end);
}

static bool __init absent(pci_sbdf_t sbdf)
{
    return pci_conf_read16(sbdf, PCI_VENDOR_ID) == 0xffff;
}

/* Is there anything, and is it read-only now? */
static bool __init lock_function(pci_sbdf_t sbdf)
{
    uint32_t id = pci_conf_read32(sbdf, PCI_VENDOR_ID);
    struct fbc_pci_function f = {
        .bus = sbdf.bus,
        .dev = PCI_SLOT(sbdf.devfn),
        .vendor = id,
        .class = pci_conf_read32(sbdf, PCI_CLASS_REVISION) >> 16,
        .header = pci_conf_read8(sbdf, PCI_HEADER_TYPE) & 0x7f,
    };
    unsigned int pos;

    if ( f.vendor == 0xffff || !f.vendor )
        return false;
    for ( pos = PCI_BASE_ADDRESS_0; pos <= PCI_BASE_ADDRESS_5; pos += 4 )
        f.bars |= pci_conf_read32(sbdf, pos);

    if ( !fbc_chipset_locked(&f) )
        return false;
    lock_bars(sbdf);
    if ( f.vendor == FBC_PCI_INTEL )
        lock_intel(sbdf, f.class);
    if ( pci_ro_device(sbdf.seg, sbdf.bus, sbdf.devfn) )
        panic("fbcrypt: no memory for a PCI device\n");
    printk(XENLOG_INFO "fbcrypt: %pp: %04x:%04x is read-only\n", &sbdf,
           id & 0xffff, id >> 16);

    return true;
}

/*
 * Of the slot of a function that is read-only what does not answer: firmware
 * hides functions there, which a write would bring back.
 */
static void __init lock_absent(pci_sbdf_t sbdf)
{
    bool intel = pci_conf_read16(sbdf, PCI_VENDOR_ID) == FBC_PCI_INTEL;
    bool isa = pci_conf_read16(sbdf, PCI_CLASS_DEVICE) == PCI_CLASS_ISA;

    for ( sbdf.fn = 1; sbdf.fn; sbdf.fn++ )
    {
        if ( !absent(sbdf) )
            continue;
        if ( intel && isa && sbdf.fn == P2SB_FUNCTION )
        {
            /* Its pads may reset a TPM: they are read-only, too. */
            pci_conf_write32(sbdf, P2SB_CONTROL, 0);
            lock_function(sbdf);
            pci_conf_write32(sbdf, P2SB_CONTROL, P2SB_HIDE);
        }
        if ( pci_ro_function(sbdf) )
            panic("fbcrypt: no memory for a PCI function\n");
    }
}

/* All functions, whatever function 0 says of others, or if it is there. */
static void __init lock_segment(unsigned int seg)
{
    unsigned int bus, devfn;

    for ( bus = 0; bus < 256; bus++ )
    {
        for ( devfn = 0; devfn < 256; devfn++ )
            if ( lock_function(PCI_SBDF(seg, bus, devfn)) && !bus &&
                 !PCI_FUNC(devfn) )
                lock_absent(PCI_SBDF(seg, bus, devfn));
        process_pending_softirqs();
    }
}

static void __init lock_ecam(const struct acpi_mcfg_allocation *m)
{
    if ( m->address && m->end_bus_number >= m->start_bus_number )
        read_only(m->address + ((paddr_t)m->start_bus_number << 20),
                  m->address + ((m->end_bus_number + (paddr_t)1) << 20));
}

/*
 * Also what Xen does not use: the hardware decodes it.  Xen's own list, which
 * it may have made without this table, ends where the E820 map does.
 */
static int __init cf_check lock_mcfg(struct acpi_table_header *header)
{
    const struct acpi_mcfg_allocation *m = (void *)header +
                                           sizeof(struct acpi_table_mcfg);
    size_t n;

    if ( header->length < sizeof(struct acpi_table_mcfg) )
        return -EINVAL;

    n = (header->length - sizeof(struct acpi_table_mcfg)) / sizeof(*m);
    while ( n-- )
        lock_ecam(m++);

    return 0;
}

/* Before dom0 is made: its page tables and IOMMU's heed what is read-only. */
static int __init cf_check fbc_chipset_init(void)
{
    const struct fbc_chipset_window *w;
    unsigned int i, j;

    if ( !fbcrypt_enabled() )
        return 0;

    find_sleep();
    lock_tables();
    /* Without such a table there is no error either. */
    acpi_table_parse(ACPI_SIG_MCFG, lock_mcfg);
    if ( cpu_vendor() == FBC_PCI_AMD || cpu_vendor() == FBC_PCI_HYGON )
        amd_index = AMD_PM_INDEX;
    for ( w = fbc_chipset_windows(cpu_vendor()); w->start; w++ )
        read_only(w->start, w->end);

    lock_segment(0);
    for ( i = 0; i < pci_mmcfg_config_num; i++ )
    {
        const struct acpi_mcfg_allocation *m = &pci_mmcfg_config[i];

        lock_ecam(m);
        for ( j = 0; j < i; j++ )
            if ( pci_mmcfg_config[j].pci_segment == m->pci_segment )
                break;
        if ( j == i && m->pci_segment )
            lock_segment(m->pci_segment);
    }

    return 0;
}
__initcall(fbc_chipset_init);

static bool is_cmos(unsigned int port, unsigned int bytes)
{
    return port <= RTC_PORT(1) && port + bytes > RTC_PORT(0);
}

bool fbcrypt_io_filtered(const struct domain *d, unsigned int port)
{
    unsigned int i;

    if ( !is_hardware_domain(d) )
        return false;

    if ( fbcrypt_enabled() && is_cmos(port, 1) )
        return true;

    if ( amd_index && (port == amd_index || port == amd_index + 1) )
        return true;

    for ( i = 0; i < sleep.nr_pm1; i++ )
        if ( port - sleep.pm1[i] < PM1_CNT_LEN )
            return true;

    return false;
}

bool fbcrypt_io_write(unsigned int port, unsigned int bytes, uint32_t *data)
{
    /* That is for who asks fbcrypt_cmos_write(). */
    if ( is_cmos(port, bytes) )
        return !fbcrypt_enabled();

    return fbc_chipset_io_write(sleep.pm1, sleep.nr_pm1, amd_index, port,
                                bytes, data);
}

bool fbcrypt_cmos_write(unsigned int index)
{
    return !fbcrypt_enabled() || fbc_chipset_cmos_write(&clock, index);
}

int __init fbcrypt_dom0_permissions(struct domain *d)
{
    unsigned int i;
    int rc;

    if ( !fbcrypt_enabled() )
        return 0;

    rc = fbc_memory_permissions(d);

    /*
     * The emulation of PV I/O lets dom0 at these, filtered.  No other way to
     * a port asks it, but all ask whether dom0 itself may have the port.
     */
    for ( i = 0; i < sleep.nr_pm1; i++ )
        rc |= ioports_deny_access(d, sleep.pm1[i],
                                  sleep.pm1[i] + PM1_CNT_LEN - 1);
    if ( amd_index )
        rc |= ioports_deny_access(d, amd_index, amd_index + 1);

    /* ACPI without PM1 has one register, whose only use is sleep. */
    if ( sleep.control )
        rc |= ioports_deny_access(d, sleep.control, sleep.control);
    if ( gpio_first )
        rc |= ioports_deny_access(d, gpio_first, gpio_last);

    rc |= ioports_deny_access(d, RTC_PORT(0), CMOS_LAST);

    /*
     * Given to another domain, it would choose the device that Xen's next
     * access goes to.
     */
    rc |= ioports_deny_access(d, PCI_CF8, PCI_CF8 + 3);
    /* Resets processors past the wiping of keys; masks an address line. */
    rc |= ioports_deny_access(d, FAST_RESET, FAST_RESET);

    /* What an AP runs first, and dom0 may read as it may all low memory. */
    rc |= rangeset_add_range(mmio_ro_ranges, paddr_to_pfn(trampoline_phys),
                             paddr_to_pfn(trampoline_phys +
                                          (trampoline_end -
                                           trampoline_start) - 1));

    return rc;
}
