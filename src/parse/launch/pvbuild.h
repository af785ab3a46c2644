/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the domain builder of Xen's tools (libxenguest, 4.17 to 4.22) lays out
 * for a 64-bit PV guest, page by page and without the guest: in the normal form
 * of core/launch.h, machine frames being pseudo-physical ones.
 */
#ifndef FBC_PARSE_PVBUILD_H
#define FBC_PARSE_PVBUILD_H

#include "core/launch.h"
#include "parse/launch/pvelf.h"

#define FBC_PVBUILD_MAX_PAGES (UINT64_C(1) << 28)   /* 1 TiB */

struct fbc_pvbuild_seg {
    uint64_t pfn, pages;
    uint64_t vstart;            /* virtual address */
};

/* A range of virtual addresses with its page tables; "to" is in it. */
struct fbc_pvbuild_map {
    uint64_t from, to, pfn;
    uint64_t tables;            /* of all levels, in a row from level[3].pfn */
    struct {
        uint64_t from, to, pfn, tables;
    } level[FBC_LAUNCH_ROOT];
};

struct fbc_pvbuild {
    /* The caller sets these: */
    struct fbc_pvelf kernel;
    uint64_t nr_pages;
    const uint8_t *ramdisk;     /* as it lies in memory; NULL: none */
    uint64_t ramdisk_len;
    const char *cmdline;        /* cut after 1023 bytes, as the builder */

    /* fbc_pvbuild_layout() these: */
    uint64_t pfn_end, virt_end; /* of what is allocated */
    struct fbc_pvbuild_seg kernel_seg, ramdisk_seg, p2m_seg, tables_seg;
    uint64_t start_info, store, console, boot_stack;    /* pages */
    uint64_t hypercall_page;    /* page, or FBC_PVELF_UNSET */
    uint64_t p2m_pages;         /* of p2m_seg, without its tables */
    uint64_t mod_start, mod_len;
    bool p2m_apart;             /* outside of the kernel's mapping */
    unsigned int maps;
    struct fbc_pvbuild_map map[2];
};

/*
 * FBC_ERR_RANGE: memory does not suffice, or addresses that the builder
 * refuses.
 */
enum fbc_err FBC_MUST_CHECK fbc_pvbuild_layout(struct fbc_pvbuild *b);

enum fbc_pvbuild_kind {         /* a page's part in the log */
    FBC_PVBUILD_DATA = 0,
    FBC_PVBUILD_TABLE = 1,
    FBC_PVBUILD_START = 2,
    FBC_PVBUILD_P2M = 3,
    FBC_PVBUILD_CHANNEL = 4,
};

/*
 * Contents of a page; *level is that of a page table.  Pages from pfn_end on
 * are zero.
 */
enum fbc_pvbuild_kind fbc_pvbuild_page(const struct fbc_pvbuild *b,
                                       uint64_t pfn, unsigned int *level,
                                       uint8_t page[static FBC_LAUNCH_PAGE]);

/* First vCPU: fbc_launch_cpu() of it. */
void fbc_pvbuild_cpu(const struct fbc_pvbuild *b,
                     uint8_t out[static FBC_LAUNCH_CPU_LEN]);

/* "kernel", "ramdisk", "page tables", ..., for messages; never NULL. */
const char *fbc_pvbuild_name(const struct fbc_pvbuild *b, uint64_t pfn);

#endif /* FBC_PARSE_PVBUILD_H */
