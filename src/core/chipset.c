/* SPDX-License-Identifier: GPL-2.0-only */
/* What of the chipset dom0 must not write. */
#include "core/chipset.h"

#define CLASS_HOST_BRIDGE   0x0600
#define CLASS_ISA_BRIDGE    0x0601
#define CLASS_OTHER_BRIDGE  0x0680
#define CLASS_OTHER_MEMORY  0x0580
#define CLASS_OTHER_SYSTEM  0x0880

#define HEADER_NORMAL       0

/* AMD's data fabric: the memory map of a node each. */
#define AMD_FABRIC          0x18

/* SLP_TYP and SLP_EN, bits 10 to 13 of PM1_CNT: ACPI 6.5, 4.8.3.2.1. */
#define SLEEP_HIGH          0x3cu

/* CMOS RAM: the last of the clock's own registers; why there was a reset. */
#define CMOS_CLOCK_LAST     0x0d
#define CMOS_SHUTDOWN       0x0f

bool fbc_chipset_locked(const struct fbc_pci_function *f)
{
    bool intel = f->vendor == FBC_PCI_INTEL;
    bool amd = f->vendor == FBC_PCI_AMD || f->vendor == FBC_PCI_HYGON;

    /* Buses and windows of bridges are dom0's to assign. */
    if ( f->header != HEADER_NORMAL )
        return false;

    if ( amd && !f->bus && f->dev >= AMD_FABRIC )
        return true;

    switch ( f->class )
    {
    /* PCIEXBAR, PAM, SMRAM, TOLUD; AMD's window into all its registers. */
    case CLASS_HOST_BRIDGE:
    /* PMBASE, RCBA, the decoding of ports. */
    case CLASS_ISA_BRIDGE:
        return true;

    /* PIIX4's power management; elsewhere, this class has real devices. */
    case CLASS_OTHER_BRIDGE:
        return !f->bus;

    /* Power management controller, and the bridge to pads and GPIO. */
    case CLASS_OTHER_MEMORY:
        return intel && !f->bus;

    /* Address decoders of servers, on buses of the processor's own. */
    case CLASS_OTHER_SYSTEM:
        return intel && !f->bars;
    }

    return false;
}

const struct fbc_chipset_window *fbc_chipset_windows(uint16_t vendor)
{
    static const struct fbc_chipset_window none[] = { { 0, 0 } };
    /* Memory controller, DMI, root complex; trusted execution. */
    static const struct fbc_chipset_window intel[] = {
        { 0xfed10000, 0xfed40000 }, { 0, 0 }
    };
    /* Power management, GPIO, reset of the fusion controller hub. */
    static const struct fbc_chipset_window amd[] = {
        { 0xfed80000, 0xfed82000 }, { 0, 0 }
    };

    switch ( vendor )
    {
    case FBC_PCI_INTEL:
        return intel;
    case FBC_PCI_AMD:
    case FBC_PCI_HYGON:
        return amd;
    }

    return none;
}

/* PXPEPBAR, MCHBAR and DMIBAR of clients; a server has others there. */
#define EPBAR       0x40
#define MCHBAR      0x48
#define DMIBAR      0x68
const uint8_t fbc_chipset_roots[] = { EPBAR, MCHBAR, DMIBAR, 0 };

/* Where firmware puts them: a value elsewhere may have another meaning. */
#define ROOTS_START 0xfe000000u
#define ROOTS_END   0xff000000u

bool fbc_chipset_root(uint8_t reg, uint64_t value,
                      struct fbc_chipset_window *w)
{
    uint64_t start = value & ~(uint64_t)0xfff, size = 0x1000;

    /* 32 KiB; 128 since Tiger Lake, and then at a multiple of them. */
    if ( reg == MCHBAR )
        size = start & 0x1ffff ? 0x8000 : 0x20000;

    if ( !(value & 1) || start & (size - 1) || start < ROOTS_START ||
         start + size > ROOTS_END )
        return false;

    w->start = start;
    w->end = start + size;

    return true;
}

#define GPIO_DECODED    0x10u
/* Three sets of registers; what follows may be another device's. */
#define GPIO_LEN        0x4cu

bool fbc_chipset_gpio(uint32_t base, uint32_t control, uint16_t *first,
                      uint16_t *last)
{
    uint32_t port = base & 0xffc0;

    if ( !(base & 1) || base > 0xffff || !port || !(control & GPIO_DECODED) )
        return false;

    *first = (uint16_t)port;
    *last = port + GPIO_LEN - 1 > 0xffff ? 0xffff
                                         : (uint16_t)(port + GPIO_LEN - 1);

    return true;
}

static void add_memory(struct fbc_chipset_sleep *s, uint64_t address,
                       unsigned int len)
{
    if ( address + len < address || s->nr_mem > FBC_PM1_NAMES )
        return;
    s->mem[s->nr_mem].start = address;
    s->mem[s->nr_mem++].end = address + len;
}

void fbc_chipset_add_pm1(struct fbc_chipset_sleep *s, uint8_t space,
                         uint64_t address)
{
    if ( !address )
        return;
    if ( space == FBC_ACPI_MEMORY )
        add_memory(s, address, 2);
    else if ( space == FBC_ACPI_PORT && address <= 0xffff &&
              s->nr_pm1 < FBC_PM1_NAMES )
        s->pm1[s->nr_pm1++] = (uint16_t)address;
}

void fbc_chipset_add_control(struct fbc_chipset_sleep *s, uint8_t space,
                             uint64_t address)
{
    if ( !address )
        return;
    if ( space == FBC_ACPI_MEMORY )
        add_memory(s, address, 1);
    else if ( space == FBC_ACPI_PORT && address <= 0xffff )
        s->control = (uint16_t)address;
}

bool fbc_chipset_io_write(const uint16_t *pm1, unsigned int n, uint16_t index,
                          unsigned int port, unsigned int bytes,
                          uint32_t *data)
{
    unsigned int i;

    if ( index && port <= index + 1u && index + 1u < port + bytes )
        return false;

    for ( i = 0; i < n; i++ )
    {
        unsigned int high = pm1[i] + 1u;

        if ( pm1[i] && port <= high && high < port + bytes )
            *data &= ~(SLEEP_HIGH << (8 * (high - port)));
    }

    return true;
}

bool fbc_chipset_cmos_write(const struct fbc_chipset_clock *clock,
                            uint8_t index)
{
    return index <= CMOS_CLOCK_LAST ||
           (index > CMOS_SHUTDOWN &&
            (index == clock->day || index == clock->month ||
             index == clock->century));
}
