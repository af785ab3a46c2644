/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PV or PVH kernel, laid out in a guest: what the layout counts lies where it
 * says, and page tables name pages of the guest only.
 */
#include <stdlib.h>

#include "fuzzin.h"
#include "parse/launch/pvbuild.h"
#include "parse/launch/pvhbuild.h"

#define MAX_PAGES   16384u
#define MAX_RAMDISK 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_table(const struct fbc_pvbuild *b, const uint8_t *page)
{
    unsigned int i;

    for ( i = 0; i < 512; i++ )
    {
        uint64_t e = fbc_get64(page + 8 * i);

        if ( e && (!fbc_launch_pte_present(e) ||
                   fbc_launch_pte_frame(e) >= b->pfn_end) )
            abort();
    }
}

static void pvh(const struct in *in, uint64_t nr_pages,
                const uint8_t *ramdisk, uint64_t ramdisk_len, uint8_t *page)
{
    static const struct fbc_acpi acpi = { .pages = 7 };
    struct fbc_pvhbuild b = {
        .acpi = &acpi, .nr_pages = nr_pages, .ramdisk = ramdisk,
        .ramdisk_len = ramdisk_len, .cmdline = "quiet",
    };
    uint8_t cpu[FBC_LAUNCH_CPU_LEN];
    unsigned int i;
    uint64_t n;

    if ( fbc_pvelf_parse_pvh(in->p, in->left, &b.kernel) ||
         fbc_pvhbuild_layout(&b) )
        return;
    if ( b.start_pfn + b.start_pages > nr_pages ||
         b.ramdisk_pfn + b.ramdisk_pages > nr_pages ||
         b.kernel_pfn + b.kernel_pages > nr_pages ||
         b.nr_e820 > FBC_PVHBUILD_E820 || b.nr_runs > FBC_PVHBUILD_RUNS )
        abort();
    for ( i = 0; i < b.nr_runs; i++ )
        for ( n = 0; n < b.run[i].count; n++ )
            if ( fbc_pvhbuild_used(&b, b.run[i].first + n) )
                fbc_pvhbuild_page(&b, b.run[i].first + n, page);
    fbc_pvhbuild_cpu(&b, cpu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t ramdisk[MAX_RAMDISK] = { 1 };
    static uint8_t page[FBC_LAUNCH_PAGE] __attribute__((__aligned__(8)));
    struct in in = { data, size };
    struct fbc_pvbuild b = { .cmdline = "quiet" };
    uint8_t cpu[FBC_LAUNCH_CPU_LEN];
    uint64_t pfn, tables = 0, special = 0;
    unsigned int level, i;

    b.nr_pages = u32(&in) % MAX_PAGES;
    b.ramdisk_len = u32(&in) % MAX_RAMDISK;
    if ( b.ramdisk_len )
        b.ramdisk = ramdisk;
    pvh(&in, b.nr_pages, b.ramdisk, b.ramdisk_len, page);
    if ( fbc_pvelf_parse(in.p, in.left, &b.kernel) || fbc_pvbuild_layout(&b) )
        return 0;

    if ( b.pfn_end > b.nr_pages )
        abort();
    for ( pfn = 0; pfn < b.pfn_end; pfn++ )
    {
        enum fbc_pvbuild_kind kind = fbc_pvbuild_page(&b, pfn, &level, page);

        special += kind == FBC_PVBUILD_START || kind == FBC_PVBUILD_CHANNEL;
        if ( kind != FBC_PVBUILD_TABLE )
            continue;
        if ( level < 1 || level > FBC_LAUNCH_ROOT )
            abort();
        tables++;
        check_table(&b, page);
    }
    for ( i = 0; i < b.maps; i++ )
        tables -= b.map[i].tables;
    if ( special != 3 || tables )
        abort();
    fbc_pvbuild_cpu(&b, cpu);

    return 0;
}
