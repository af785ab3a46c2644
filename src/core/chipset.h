/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which registers of the chipset say where memory, configuration space and
 * power management are: dom0 must not write them.
 *
 * By kind, not by model: the functions in which Intel, AMD and Hygon put such
 * registers, and what nobody drives but through them.
 */
#ifndef FBC_CORE_CHIPSET_H
#define FBC_CORE_CHIPSET_H

#include "core/fbc.h"

enum {
    FBC_PCI_INTEL = 0x8086,
    FBC_PCI_AMD   = 0x1022,
    FBC_PCI_HYGON = 0x1d94,
};

/* A PCI function, from the header of its configuration space. */
struct fbc_pci_function {
    uint8_t bus, dev;
    uint16_t vendor;
    uint16_t class;             /* base class and sub-class */
    uint8_t header;             /* type, without the multi-function bit */
    bool bars;                  /* one of its base address registers is set */
};

/* Is its configuration space to be read-only for dom0? */
bool fbc_chipset_locked(const struct fbc_pci_function *f);

/* Physical addresses, whole pages. */
struct fbc_chipset_window {
    uint64_t start, end;        /* end is the first byte behind */
};

/*
 * Registers at fixed physical addresses that are to be read-only, for the
 * vendor of the CPU (FBC_PCI_*); ends where start is 0.
 */
const struct fbc_chipset_window *fbc_chipset_windows(uint16_t vendor);

/*
 * Registers in the configuration space of Intel's 00:00.0 that may hold the
 * base address of the memory controller, the root complex or the link between
 * them; ends with 0.  And of what is there: with the value of such a register,
 * 64 bits, the pages that are to be read-only.  False: it is none, or none of
 * a processor whose registers are so.
 */
extern const uint8_t fbc_chipset_roots[];
bool fbc_chipset_root(uint8_t reg, uint64_t value,
                      struct fbc_chipset_window *w);

/*
 * Ports of the pins of Intel's ICH and early PCH, by which a TPM may be reset,
 * from the registers at 48h and 4Ch of its bridge to ISA: *first to *last.
 * False: it has none there, or does not decode them.
 */
bool fbc_chipset_gpio(uint32_t base, uint32_t control, uint16_t *first,
                      uint16_t *last);

/* What puts the machine to sleep: PM1a and PM1b control, by three names. */
#define FBC_PM1_NAMES 6

struct fbc_chipset_sleep {
    uint16_t pm1[FBC_PM1_NAMES];        /* ports of 16 bits, to be filtered */
    unsigned int nr_pm1;
    uint16_t control;                   /* port of 8 bits, not to be given; 0:
                                           there is none */
    struct fbc_chipset_window mem[FBC_PM1_NAMES + 1];   /* to be read-only; not
                                                           whole pages */
    unsigned int nr_mem;
};

/*
 * Adds a register of the FADT to *s, which is zero at first: PM1 control, or
 * sleep control of hardware-reduced ACPI.  space is ACPI's address space;
 * address 0, and other spaces than memory and ports, are ignored, and so is
 * more than FBC_PM1_NAMES.
 */
enum { FBC_ACPI_MEMORY = 0, FBC_ACPI_PORT = 1 };
void fbc_chipset_add_pm1(struct fbc_chipset_sleep *s, uint8_t space,
                         uint64_t address);
void fbc_chipset_add_control(struct fbc_chipset_sleep *s, uint8_t space,
                             uint64_t address);

/*
 * May the write of bytes (1, 2 or 4) at port pass?  pm1 is an array of n
 * addresses of PM1 control registers; index is AMD's index register of power
 * management, which its data register follows, or 0.  *data loses what would
 * put the machine to sleep, or tell the firmware after a reset that it slept.
 */
bool fbc_chipset_io_write(const uint16_t *pm1, unsigned int n, uint16_t index,
                          unsigned int port, unsigned int bytes,
                          uint32_t *data);

/* Where the FADT puts more of the clock into CMOS RAM; 0: nowhere. */
struct fbc_chipset_clock {
    uint8_t day, month;         /* of the alarm */
    uint8_t century;
};

/*
 * May dom0 write byte index of CMOS RAM?  The clock it may set; the rest tells
 * the firmware what to do at a reset.
 */
bool fbc_chipset_cmos_write(const struct fbc_chipset_clock *clock,
                            uint8_t index);

#endif /* FBC_CORE_CHIPSET_H */
