/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xc_dom_build_image() of xg_dom_core.c; alloc_magic_pages_hvm() and
 * bootlate_hvm() of xg_dom_x86.c; domain_construct_memmap() of libxl_x86.c.
 */
#include "parse/launch/pvhbuild.h"

#include "parse/launch/overlay.h"

#define PAGE         ((uint64_t)FBC_LAUNCH_PAGE)
#define FOUR_GIB     (UINT64_C(1) << 32)
#define SPECIAL      UINT64_C(0xfeff8)  /* page */
#define SPECIALS     8
#define SPECIAL_STORE   (SPECIAL + 4)
#define SPECIAL_IDENT   (SPECIAL + 6)
#define SPECIAL_CONSOLE (SPECIAL + 7)
#define HOLE         FBC_ACPI_INFO      /* up to 4 GiB */
#define RSDP_LOW     (0x100000 - FBC_ACPI_RSDP_LEN)

#define MODULES      2
#define MODULE_LEN   32
#define MODULE_CMDLINE 1024
#define MEMMAP_LEN   24

#define START_MAGIC  0x336ec578u

static size_t cmdline_len(const struct fbc_pvhbuild *b)
{
    return b->cmdline ? strlen(b->cmdline) : 0;
}

/* With its NUL, in words of 8 bytes; none if there is no command line. */
static uint64_t cmdline_room(const struct fbc_pvhbuild *b)
{
    size_t len = cmdline_len(b);

    return len ? (len + 1 + 7) & ~(uint64_t)7 : 0;
}

static uint64_t pages_of(uint64_t bytes)
{
    return bytes / PAGE + !!(bytes % PAGE);
}

static void add_e820(struct fbc_pvhbuild *b, uint64_t addr, uint64_t size,
                     uint32_t type)
{
    b->e820[b->nr_e820].addr = addr;
    b->e820[b->nr_e820].size = size;
    b->e820[b->nr_e820++].type = type;
}

static void add_run(struct fbc_pvhbuild *b, uint64_t first, uint64_t count)
{
    unsigned int n = b->nr_runs;

    if ( n && b->run[n - 1].first + b->run[n - 1].count == first )
        b->run[n - 1].count += count;
    else
    {
        b->run[n].first = first;
        b->run[n].count = count;
        b->nr_runs++;
    }
}

static void map_memory(struct fbc_pvhbuild *b)
{
    uint64_t low = b->nr_pages * PAGE, high = 0;
    uint32_t type = b->nvs ? FBC_E820_NVS : FBC_E820_ACPI;

    if ( low > HOLE )
    {
        high = low - HOLE;
        low = HOLE;
    }
    b->rsdp = b->kernel.rsdp_anywhere
              ? FBC_ACPI_INFO + (1 + b->acpi->pages) * PAGE : RSDP_LOW;

    add_e820(b, 0, low, FBC_E820_RAM);
    add_e820(b, SPECIAL * PAGE, SPECIALS * PAGE, FBC_E820_RESERVED);
    add_e820(b, b->rsdp & ~(PAGE - 1),
             FBC_ACPI_RSDP_LEN + (b->rsdp & (PAGE - 1)), type);
    add_e820(b, FBC_ACPI_INFO, PAGE, type);
    add_e820(b, FBC_ACPI_INFO + PAGE, b->acpi->pages * PAGE, type);
    if ( high )
        add_e820(b, FOUR_GIB, high, FBC_E820_RAM);

    add_run(b, 0, low / PAGE);
    add_run(b, FBC_ACPI_INFO / PAGE,
            1 + b->acpi->pages + b->kernel.rsdp_anywhere);
    add_run(b, SPECIAL, SPECIALS);
    if ( high )
        add_run(b, FOUR_GIB / PAGE, high / PAGE);
}

static enum fbc_err take(const struct fbc_pvhbuild *b, uint64_t *end,
                         uint64_t pages, uint64_t *pfn)
{
    if ( pages > b->nr_pages - *end )
        return FBC_ERR_RANGE;
    *pfn = *end;
    *end += pages;

    return FBC_OK;
}

enum fbc_err fbc_pvhbuild_layout(struct fbc_pvhbuild *b)
{
    const struct fbc_pvelf *k = &b->kernel;
    uint64_t end = k->kstart / PAGE;
    bool late = k->unmapped_initrd;
    enum fbc_err err;

    if ( k->kstart % PAGE || b->nr_pages >> 28 || end > b->nr_pages ||
         cmdline_len(b) > 65536 )
        return FBC_ERR_RANGE;
    b->nr_e820 = b->nr_runs = 0;
    map_memory(b);

    b->kernel_pages = pages_of(k->kend - k->kstart);
    b->ramdisk_pages = b->ramdisk ? pages_of(b->ramdisk_len) : 0;
    err = take(b, &end, b->kernel_pages, &b->kernel_pfn);
    if ( !err && !late )
        err = take(b, &end, b->ramdisk_pages, &b->ramdisk_pfn);
    b->start_len = FBC_LAUNCH_HSI_LEN + cmdline_room(b) +
                   MODULES * (MODULE_LEN + MODULE_CMDLINE) +
                   b->nr_e820 * MEMMAP_LEN;
    b->start_pages = pages_of(b->start_len);
    err = err ?: take(b, &end, b->start_pages, &b->start_pfn);
    if ( !err && late )
        err = take(b, &end, b->ramdisk_pages, &b->ramdisk_pfn);
    /* All of that is below the hole, as libxenguest maps it. */
    if ( err || end > HOLE / PAGE )
        return FBC_ERR_RANGE;

    b->store = SPECIAL_STORE;
    b->console = SPECIAL_CONSOLE;
    b->ident_pt = SPECIAL_IDENT;

    return FBC_OK;
}

static uint64_t start_at(const struct fbc_pvhbuild *b)
{
    return b->start_pfn * PAGE;
}

static void put(const struct fbc_pvhbuild *b, uint64_t pfn, uint8_t *page,
                uint64_t offset, const void *data, uint64_t len)
{
    fbc_overlay(page, pfn, start_at(b) + offset, data, len);
}

/* start_info, and what lies behind it. */
static void start_page(const struct fbc_pvhbuild *b, uint64_t pfn,
                       uint8_t *page)
{
    uint64_t modlist = FBC_LAUNCH_HSI_LEN + cmdline_room(b);
    uint64_t memmap = modlist + MODULES * (MODULE_LEN + MODULE_CMDLINE);
    uint8_t si[FBC_LAUNCH_HSI_LEN] = { 0 }, e[MEMMAP_LEN] = { 0 };
    unsigned int i;

    fbc_put32(si + FBC_LAUNCH_HSI_MAGIC, START_MAGIC);
    fbc_put32(si + FBC_LAUNCH_HSI_VERSION, 1);
    if ( cmdline_room(b) )
        fbc_put64(si + FBC_LAUNCH_HSI_CMDLINE,
                  start_at(b) + FBC_LAUNCH_HSI_LEN);
    fbc_put64(si + FBC_LAUNCH_HSI_RSDP, b->rsdp);
    fbc_put64(si + FBC_LAUNCH_HSI_MEMMAP, start_at(b) + memmap);
    fbc_put32(si + FBC_LAUNCH_HSI_NR_MEMMAP, b->nr_e820);
    if ( b->ramdisk && b->ramdisk_len )
    {
        fbc_put32(si + FBC_LAUNCH_HSI_NR_MODS, 1);
        fbc_put64(si + FBC_LAUNCH_HSI_MODLIST, start_at(b) + modlist);
        fbc_put64(e, b->ramdisk_pfn * PAGE);
        fbc_put64(e + 8, b->ramdisk_len);
        put(b, pfn, page, modlist, e, sizeof(e));
    }
    put(b, pfn, page, 0, si, sizeof(si));
    if ( cmdline_room(b) )
        put(b, pfn, page, FBC_LAUNCH_HSI_LEN, b->cmdline, cmdline_len(b));

    memset(e, 0, sizeof(e));
    for ( i = 0; i < b->nr_e820; i++ )
    {
        fbc_put64(e, b->e820[i].addr);
        fbc_put64(e + 8, b->e820[i].size);
        fbc_put32(e + 16, b->e820[i].type);
        put(b, pfn, page, memmap + i * MEMMAP_LEN, e, sizeof(e));
    }
}

static uint64_t acpi_pages(const struct fbc_pvhbuild *b)
{
    return 1 + b->acpi->pages + b->kernel.rsdp_anywhere;
}

enum part { NOTHING, KERNEL, RAMDISK, START, IDENT, ACPI, RSDP, CHANNEL };

static enum part part_of(const struct fbc_pvhbuild *b, uint64_t pfn)
{
    if ( pfn == b->store || pfn == b->console )
        return CHANNEL;
    if ( pfn == b->ident_pt )
        return IDENT;
    if ( pfn == b->rsdp / PAGE )
        return RSDP;
    if ( pfn - FBC_ACPI_INFO / PAGE < acpi_pages(b) )
        return ACPI;
    if ( pfn - b->kernel_pfn < b->kernel_pages )
        return KERNEL;
    if ( pfn - b->start_pfn < b->start_pages )
        return START;
    if ( pfn - b->ramdisk_pfn < b->ramdisk_pages )
        return RAMDISK;

    return NOTHING;
}

bool fbc_pvhbuild_used(const struct fbc_pvhbuild *b, uint64_t pfn)
{
    return part_of(b, pfn) != NOTHING;
}

void fbc_pvhbuild_page(const struct fbc_pvhbuild *b, uint64_t pfn,
                       uint8_t page[static FBC_LAUNCH_PAGE])
{
    const struct fbc_acpi *a = b->acpi;
    uint32_t i;

    memset(page, 0, PAGE);
    switch ( part_of(b, pfn) )
    {
    case KERNEL:
        fbc_overlay_kernel(page, pfn, b->kernel_pfn, &b->kernel);
        break;
    case RAMDISK:
        fbc_overlay(page, pfn, b->ramdisk_pfn * PAGE, b->ramdisk,
                    b->ramdisk_len);
        break;
    case START:
        start_page(b, pfn, page);
        break;
    case IDENT:
        /* 4 MiB each: present, writable, user, accessed, dirty, large. */
        for ( i = 0; i < PAGE / 4; i++ )
            fbc_put32(page + 4 * i, i << 22 | 0xe7);
        break;
    case RSDP:
        fbc_overlay(page, pfn, b->rsdp, a->rsdp, sizeof(a->rsdp));
        break;
    case ACPI:
        fbc_overlay(page, pfn, FBC_ACPI_INFO, a->info, sizeof(a->info));
        fbc_overlay(page, pfn, FBC_ACPI_INFO + PAGE, a->tables,
                    a->pages * PAGE);
        break;
    case CHANNEL:
    case NOTHING:
        break;
    }
}

void fbc_pvhbuild_cpu(const struct fbc_pvhbuild *b,
                      uint8_t out[static FBC_LAUNCH_CPU_LEN])
{
    fbc_launch_cpu(out, b->kernel.entry, 0, start_at(b), b->ident_pt, 0);
}

const char *fbc_pvhbuild_name(const struct fbc_pvhbuild *b, uint64_t pfn)
{
    static const char *const names[] = {
        [NOTHING] = "free memory", [KERNEL] = "kernel", [RAMDISK] = "ramdisk",
        [START] = "start_info", [IDENT] = "identity page table",
        [ACPI] = "ACPI tables", [RSDP] = "ACPI root pointer",
        [CHANNEL] = "channel",
    };

    if ( pfn - SPECIAL < SPECIALS && part_of(b, pfn) == NOTHING )
        return "special pages";

    return names[part_of(b, pfn)];
}
