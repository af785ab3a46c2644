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
 * May the write of bytes (1, 2 or 4) at port pass?  pm1 is an array of n
 * addresses of PM1 control registers; index is AMD's index register of power
 * management, which its data register follows, or 0.  *data loses what would
 * put the machine to sleep.
 */
bool fbc_chipset_io_write(const uint16_t *pm1, unsigned int n, uint16_t index,
                          unsigned int port, unsigned int bytes,
                          uint32_t *data);

#endif /* FBC_CORE_CHIPSET_H */
