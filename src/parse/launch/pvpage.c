/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the builder writes into a page: libelf-loader.c, and setup_pgtables_*()
 * and start_info_x86_64() of xg_dom_x86.c; and what Xen adds to it.
 */
#include "parse/launch/overlay.h"
#include "parse/launch/pvbuild.h"

#define PAGE    ((uint64_t)FBC_LAUNCH_PAGE)
#define ENTRIES 512

/*
 * Present, writable, user; accessed and dirty count as 0.  Xen gives the last
 * level the bit that tells the kernel's pages from its processes'.
 */
#define PTE_RW           UINT64_C(0x002)
#define PTE_TABLE        UINT64_C(0x007)
#define PTE_GUEST_KERNEL (UINT64_C(1) << 52)
#define PTE_PAGE         (PTE_TABLE | PTE_GUEST_KERNEL)

#define SIF_MOD_START_PFN (1u << 3)     /* Xen public/xen.h */

#define HYPERVISOR_IRET  23

/* Xen writes it (xen/arch/x86/pv/hypercall.c). */
static void hypercall_page(uint8_t *page)
{
    static const uint8_t call[] = {
        0x51, 0x41, 0x53, 0xb8, 0, 0, 0, 0, 0x0f, 0x05,
        0x41, 0x5b, 0x59, 0xc3,
    };
    static const uint8_t iret[] = {
        0x51, 0x41, 0x53, 0x50, 0xb8, HYPERVISOR_IRET, 0, 0, 0, 0x0f, 0x05,
    };
    unsigned int i;

    memset(page, 0xcc, PAGE);
    for ( i = 0; i < PAGE / 32; i++, page += 32 )
        if ( i == HYPERVISOR_IRET )
            memcpy(page, iret, sizeof(iret));
        else
        {
            memcpy(page, call, sizeof(call));
            page[4] = (uint8_t)i;
        }
}

static void start_page(const struct fbc_pvbuild *b, uint8_t *page)
{
    static const char magic[] = "xen-3.0-x86_64";
    size_t len = b->cmdline ? strlen(b->cmdline) : 0;

    memcpy(page + FBC_LAUNCH_SI_MAGIC, magic, sizeof(magic));
    fbc_put64(page + FBC_LAUNCH_SI_NR_PAGES, b->nr_pages);
    fbc_put64(page + FBC_LAUNCH_SI_PT_BASE, b->tables_seg.vstart);
    fbc_put64(page + FBC_LAUNCH_SI_NR_PT, b->map[0].tables);
    fbc_put64(page + FBC_LAUNCH_SI_MFN_LIST, b->p2m_seg.vstart);
    if ( b->p2m_apart )
    {
        fbc_put64(page + FBC_LAUNCH_SI_P2M_FIRST, b->p2m_seg.pfn);
        fbc_put64(page + FBC_LAUNCH_SI_P2M_NR, b->p2m_seg.pages);
    }
    if ( b->ramdisk )
    {
        if ( b->kernel.unmapped_initrd )
            fbc_put32(page + FBC_LAUNCH_SI_FLAGS, SIF_MOD_START_PFN);
        fbc_put64(page + FBC_LAUNCH_SI_MOD_START, b->mod_start);
        fbc_put64(page + FBC_LAUNCH_SI_MOD_LEN, b->mod_len);
    }
    if ( len > FBC_LAUNCH_SI_CMDLINE_LEN - 1 )
        len = FBC_LAUNCH_SI_CMDLINE_LEN - 1;
    if ( len )
        memcpy(page + FBC_LAUNCH_SI_CMDLINE, b->cmdline, len);
    fbc_launch_start_normalise(page, b->store, b->console);
}

static bool is_table(const struct fbc_pvbuild *b, uint64_t pfn)
{
    unsigned int m;

    for ( m = 0; m < b->maps; m++ )
        if ( pfn - b->map[m].level[FBC_LAUNCH_ROOT - 1].pfn <
             b->map[m].tables )
            return true;

    return false;
}

/* Entries of the table'th table of level l (0 the lowest) of a mapping. */
static void fill(const struct fbc_pvbuild *b, const struct fbc_pvbuild_map *in,
                 unsigned int l, uint64_t table, uint8_t *page)
{
    unsigned int m, shift = 12 + 9 * l;
    uint64_t from = in->level[l].from, to = in->level[l].to;

    for ( m = 0; m < b->maps; m++ )
    {
        const struct fbc_pvbuild_map *map = &b->map[m];
        uint64_t f = l ? map->level[l - 1].from : map->from;
        uint64_t t = l ? map->level[l - 1].to : map->to;
        uint64_t pfn = l ? map->level[l - 1].pfn : map->pfn;
        uint64_t lo = from > f ? from : f, hi = to < t ? to : t;
        uint64_t first = (lo - from) >> shift, last = (hi - from) >> shift;
        uint64_t p;

        if ( (l && !map->level[l - 1].tables) || f >= to || t <= from )
            continue;
        pfn += (lo - f) >> shift;
        for ( p = first > table * ENTRIES ? first : table * ENTRIES;
              p <= last && p < (table + 1) * ENTRIES; p++ )
        {
            uint64_t to_pfn = pfn + (p - first);
            uint64_t prot = l ? PTE_TABLE : PTE_PAGE;

            if ( !l && is_table(b, to_pfn) )
                prot &= ~PTE_RW;
            fbc_put64(page + p % ENTRIES * 8, fbc_launch_pte(prot, to_pfn));
        }
    }
}

/* Level of the page table that pfn is, 1 to 4; fills in its page. */
static unsigned int table_page(const struct fbc_pvbuild *b, uint64_t pfn,
                               uint8_t *page)
{
    unsigned int m, l;

    for ( m = 0; m < b->maps; m++ )
        for ( l = 0; l < FBC_LAUNCH_ROOT; l++ )
        {
            uint64_t table = pfn - b->map[m].level[l].pfn;

            if ( table >= b->map[m].level[l].tables )
                continue;
            fill(b, &b->map[m], l, table, page);
            return l + 1;
        }

    return 0;
}

enum fbc_pvbuild_kind fbc_pvbuild_page(const struct fbc_pvbuild *b,
                                       uint64_t pfn, unsigned int *level,
                                       uint8_t page[static FBC_LAUNCH_PAGE])
{
    memset(page, 0, PAGE);
    *level = 0;

    if ( pfn == b->start_info )
    {
        start_page(b, page);
        return FBC_PVBUILD_START;
    }
    if ( pfn == b->store || pfn == b->console )
        return FBC_PVBUILD_CHANNEL;
    if ( pfn - b->p2m_seg.pfn < b->p2m_pages )
        return FBC_PVBUILD_P2M;
    if ( is_table(b, pfn) )
    {
        *level = table_page(b, pfn, page);
        return *level ? FBC_PVBUILD_TABLE : FBC_PVBUILD_DATA;
    }
    if ( pfn - b->kernel_seg.pfn < b->kernel_seg.pages )
        fbc_overlay_kernel(page, pfn, b->kernel_seg.pfn, &b->kernel);
    else if ( b->ramdisk && pfn - b->ramdisk_seg.pfn < b->ramdisk_seg.pages )
        fbc_overlay(page, pfn, b->ramdisk_seg.pfn * PAGE, b->ramdisk,
                    b->ramdisk_len);
    if ( pfn == b->hypercall_page )
        hypercall_page(page);

    return FBC_PVBUILD_DATA;
}
