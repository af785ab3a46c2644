/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ELF image of a 64-bit kernel, PV or PVH, or of a 32-bit one, PVH, as
 * firmware is, as Xen's libelf reads it: loadable segments and Xen's notes (Xen
 * public/elfnote.h).
 */
#ifndef FBC_PARSE_PVELF_H
#define FBC_PARSE_PVELF_H

#include "core/fbc.h"

#define FBC_PVELF_MAX_SEGMENTS 64
#define FBC_PVELF_UNSET UINT64_C(0xffffffffffffffff)

struct fbc_pvelf {
    const uint8_t *image;
    uint32_t segments;          /* loadable, in the order of the file */
    struct {
        uint64_t paddr, offset, filesz, memsz;
    } segment[FBC_PVELF_MAX_SEGMENTS];
    uint64_t pstart, pend;      /* physical addresses that they span */

    uint64_t virt_base, entry;
    uint64_t kstart, kend;      /* virtual, of pstart and pend */
    uint64_t hypercall_page;    /* virtual, or FBC_PVELF_UNSET */
    uint64_t p2m_base;          /* note INIT_P2M, or FBC_PVELF_UNSET */
    bool unmapped_initrd;       /* note MOD_START_PFN */
    uint64_t phys_entry;        /* note PHYS32_ENTRY, or FBC_PVELF_UNSET */
    bool rsdp_anywhere;         /* PVH: ACPI need not be found below 1 MiB */
};

/*
 * image stays the caller's and must outlive *k.  FBC_ERR_MAGIC: no ELF file;
 * FBC_ERR_VERSION: not of x86-64, no notes of Xen's that make it a PV kernel,
 * or a symbol table that the builder is to append; FBC_ERR_LENGTH: cut short;
 * FBC_ERR_RANGE: addresses that the builder refuses.
 */
enum fbc_err FBC_MUST_CHECK fbc_pvelf_parse(const uint8_t *image, size_t len,
                                            struct fbc_pvelf *k);

/*
 * The same for PVH, where a file may be of 32 bits: addresses are physical
 * ones, and a kernel without note PHYS32_ENTRY is FBC_ERR_VERSION.
 */
enum fbc_err FBC_MUST_CHECK fbc_pvelf_parse_pvh(const uint8_t *image,
                                                size_t len,
                                                struct fbc_pvelf *k);

#endif /* FBC_PARSE_PVELF_H */
