/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the domain builder of Xen's tools (libxenguest and libxl, 4.17.6 to
 * 4.22) lays out for a PVH guest, page by page and without the guest.
 */
#ifndef FBC_PARSE_PVHBUILD_H
#define FBC_PARSE_PVHBUILD_H

#include "core/launch.h"
#include "parse/launch/acpi.h"
#include "parse/launch/pvelf.h"

#define FBC_PVHBUILD_E820 6     /* entries, at most */
#define FBC_PVHBUILD_RUNS 5     /* of pages, at most */

/* Xen's names of E820 types. */
enum { FBC_E820_RAM = 1, FBC_E820_RESERVED = 2, FBC_E820_ACPI = 3,
       FBC_E820_NVS = 4 };

struct fbc_pvhbuild {
    /* The caller sets these: */
    struct fbc_pvelf kernel;    /* fbc_pvelf_parse_pvh() */
    uint64_t nr_pages;          /* memory, without what the builder adds */
    const uint8_t *ramdisk;     /* as it lies in memory; NULL: none */
    uint64_t ramdisk_len;
    const char *cmdline;        /* NULL or empty: none */
    const struct fbc_acpi *acpi;        /* built */
    bool nvs;                   /* ACPI's pages are NVS: Xen 4.21 and newer */

    /* fbc_pvhbuild_layout() these: */
    uint64_t kernel_pfn, kernel_pages;
    uint64_t start_pfn, start_pages, start_len;
    uint64_t ramdisk_pfn, ramdisk_pages;
    uint64_t store, console, ident_pt;  /* pages */
    uint64_t rsdp;              /* address */
    unsigned int nr_e820;
    struct {
        uint64_t addr, size;
        uint32_t type;
    } e820[FBC_PVHBUILD_E820];
    unsigned int nr_runs;
    struct {
        uint64_t first, count;
    } run[FBC_PVHBUILD_RUNS];
};

/* FBC_ERR_RANGE: memory does not suffice, or addresses are refused. */
enum fbc_err FBC_MUST_CHECK fbc_pvhbuild_layout(struct fbc_pvhbuild *b);

/* Contents of a page that the guest has; store's and console's are zero. */
void fbc_pvhbuild_page(const struct fbc_pvhbuild *b, uint64_t pfn,
                       uint8_t page[static FBC_LAUNCH_PAGE]);

/* May a page have contents?  Those that may not are zero. */
bool fbc_pvhbuild_used(const struct fbc_pvhbuild *b, uint64_t pfn);

/* First vCPU: fbc_launch_cpu() of it. */
void fbc_pvhbuild_cpu(const struct fbc_pvhbuild *b,
                      uint8_t out[static FBC_LAUNCH_CPU_LEN]);

/* "kernel", "ramdisk", "ACPI tables", ..., for messages; never NULL. */
const char *fbc_pvhbuild_name(const struct fbc_pvhbuild *b, uint64_t pfn);

#endif /* FBC_PARSE_PVHBUILD_H */
