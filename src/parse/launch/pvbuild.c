/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the builder puts things: xc_dom_build_image() of xg_dom_core.c, and
 * count_pgtables() and alloc_*() of xg_dom_x86.c, which say what is odd here.
 */
#include "parse/launch/pvbuild.h"

#define PAGE       ((uint64_t)FBC_LAUNCH_PAGE)
#define VIRT_MASK  ((UINT64_C(1) << 48) - 1)
#define PADDING    (512 * 1024 / FBC_LAUNCH_PAGE)
#define TOP        (FBC_LAUNCH_ROOT - 1)

static enum fbc_err alloc(struct fbc_pvbuild *b, uint64_t pages)
{
    if ( pages > b->nr_pages - b->pfn_end )
        return FBC_ERR_RANGE;
    b->pfn_end += pages;
    b->virt_end += pages * PAGE;

    return FBC_OK;
}

static enum fbc_err alloc_to(struct fbc_pvbuild *b, uint64_t boundary)
{
    if ( boundary % PAGE || boundary < b->virt_end )
        return FBC_ERR_RANGE;

    return alloc(b, (boundary - b->virt_end) / PAGE);
}

static enum fbc_err alloc_seg(struct fbc_pvbuild *b,
                              struct fbc_pvbuild_seg *seg, uint64_t size)
{
    seg->pfn = b->pfn_end;
    seg->pages = size / PAGE + !!(size % PAGE);
    seg->vstart = b->virt_end;

    return alloc(b, seg->pages);
}

/* The part of a level's range that has tables from earlier mappings. */
static enum fbc_err trim(const struct fbc_pvbuild *b, unsigned int l,
                         uint64_t *from, uint64_t *to)
{
    unsigned int m;

    for ( m = 0; m < b->maps; m++ )
    {
        uint64_t f = b->map[m].level[l].from, t = b->map[m].level[l].to;

        if ( f == t )
            continue;
        if ( *from >= f && *to <= t )
        {
            *from = *to = 0;
            break;
        }
        if ( *from < f && *to > t )
            return FBC_ERR_RANGE;
        if ( *from >= f && *from <= t )
            *from = t + 1;
        if ( *to >= f && *to <= t )
            *to = f - 1;
    }

    return FBC_OK;
}

/* Fills in the next map; the caller counts it when it is to stay. */
static enum fbc_err count_tables(struct fbc_pvbuild *b, uint64_t from,
                                 uint64_t to, uint64_t pfn)
{
    struct fbc_pvbuild_map *map = &b->map[b->maps];
    enum fbc_err err;
    unsigned int l, m;

    if ( to < from || (to - from) / PAGE + pfn >= b->nr_pages )
        return FBC_ERR_RANGE;
    for ( m = 0; m < b->maps; m++ )
        if ( from < b->map[m].to && to > b->map[m].from )
            return FBC_ERR_RANGE;

    memset(map, 0, sizeof(*map));
    map->from = from & VIRT_MASK;
    map->to = to & VIRT_MASK;
    if ( map->to < map->from )
        return FBC_ERR_RANGE;

    for ( l = TOP; ; l-- )
    {
        unsigned int bits = 12 + (l + 1) * 9;
        uint64_t mask = (UINT64_C(1) << bits) - 1;

        map->level[l].pfn = b->pfn_end + map->tables;
        if ( l == TOP )
        {
            /* The first mapping has the root. */
            if ( b->maps == 0 )
            {
                map->level[l].to = VIRT_MASK;
                map->level[l].tables = 1;
                map->tables++;
            }
            continue;
        }

        map->level[l].from = map->from & ~mask;
        map->level[l].to = map->to | mask;
        err = trim(b, l, &map->level[l].from, &map->level[l].to);
        if ( err )
            return err;
        if ( map->level[l].from < map->level[l].to )
            map->level[l].tables =
                ((map->level[l].to - map->level[l].from) >> bits) + 1;
        map->tables += map->level[l].tables;
        if ( !l )
            break;
    }

    return FBC_OK;
}

/* The kernel's mapping ends at a multiple of 4 MiB, 512 KiB away at least. */
static enum fbc_err alloc_tables(struct fbc_pvbuild *b, uint64_t *virt_end)
{
    struct fbc_pvbuild_map *map = &b->map[0];
    uint64_t pages = PADDING + 1, to;
    enum fbc_err err;

    for ( ; ; )
    {
        to = (b->virt_end + pages * PAGE) | ((UINT64_C(1) << 22) - 1);
        err = count_tables(b, b->kernel.virt_base, to, 0);
        if ( err )
            return err;
        pages = map->tables + PADDING + 1;
        if ( b->virt_end + pages * PAGE <= to + 1 )
            break;
    }
    map->pfn = 0;
    b->maps = 1;
    *virt_end = to + 1;

    return alloc_seg(b, &b->tables_seg, map->tables * PAGE);
}

static enum fbc_err alloc_p2m(struct fbc_pvbuild *b)
{
    uint64_t size = (b->nr_pages * 8 + PAGE - 1) & ~(PAGE - 1);
    enum fbc_err err;

    b->p2m_pages = size / PAGE;
    if ( b->p2m_apart )
    {
        uint64_t from = b->kernel.p2m_base;
        struct fbc_pvbuild_map *map = &b->map[1];
        unsigned int l;

        err = count_tables(b, from, from + size - 1, b->pfn_end);
        if ( err )
            return err;
        map->pfn = b->pfn_end;
        for ( l = 0; l <= TOP; l++ )
            map->level[l].pfn += size / PAGE;
        b->maps = 2;
        size += map->tables * PAGE;
    }
    err = alloc_seg(b, &b->p2m_seg, size);
    if ( b->p2m_apart )
        b->p2m_seg.vstart = b->kernel.p2m_base;

    return err;
}

static enum fbc_err alloc_ramdisk(struct fbc_pvbuild *b)
{
    enum fbc_err err = alloc_seg(b, &b->ramdisk_seg, b->ramdisk_len);

    b->mod_start = b->ramdisk_seg.vstart;
    b->mod_len = b->ramdisk_len;
    if ( b->kernel.unmapped_initrd )
    {
        b->mod_start = b->ramdisk_seg.pfn;
        b->mod_len = b->ramdisk_seg.pages * PAGE;
    }

    return err;
}

enum fbc_err fbc_pvbuild_layout(struct fbc_pvbuild *b)
{
    const struct fbc_pvelf *k = &b->kernel;
    enum fbc_err err = FBC_OK;
    uint64_t virt_end = 0;

    if ( !b->nr_pages || b->nr_pages > FBC_PVBUILD_MAX_PAGES )
        return FBC_ERR_RANGE;

    b->pfn_end = 0;
    b->maps = 0;
    b->virt_end = k->virt_base;
    b->p2m_apart = k->p2m_base < k->virt_base && !(k->p2m_base % PAGE);

    if ( k->kstart )
        err = alloc_to(b, k->kstart);
    err = err ?: alloc_seg(b, &b->kernel_seg, k->kend - k->kstart);
    if ( b->ramdisk && !k->unmapped_initrd )
        err = err ?: alloc_ramdisk(b);
    if ( !b->p2m_apart )
        err = err ?: alloc_p2m(b);

    b->start_info = b->pfn_end;
    b->store = b->pfn_end + 1;
    b->console = b->pfn_end + 2;
    err = err ?: alloc(b, 3);
    err = err ?: alloc_tables(b, &virt_end);
    b->boot_stack = b->pfn_end;
    err = err ?: alloc(b, 1);
    err = err ?: alloc_to(b, virt_end);

    if ( b->ramdisk && k->unmapped_initrd )
        err = err ?: alloc_ramdisk(b);
    if ( b->p2m_apart )
        err = err ?: alloc_p2m(b);

    b->hypercall_page = k->hypercall_page == FBC_PVELF_UNSET
                        ? FBC_PVELF_UNSET
                        : (k->hypercall_page - k->virt_base) / PAGE;

    return err;
}

static bool in(const struct fbc_pvbuild_seg *seg, uint64_t pfn)
{
    return pfn - seg->pfn < seg->pages;
}

const char *fbc_pvbuild_name(const struct fbc_pvbuild *b, uint64_t pfn)
{
    return pfn >= b->pfn_end ? "free memory" :
           pfn == b->hypercall_page ? "hypercall page" :
           in(&b->kernel_seg, pfn) ? "kernel" :
           in(&b->ramdisk_seg, pfn) ? "ramdisk" :
           in(&b->tables_seg, pfn) ? "page tables" :
           in(&b->p2m_seg, pfn) ? pfn - b->p2m_seg.pfn < b->p2m_pages
                                  ? "P2M list" : "page tables" :
           pfn == b->start_info ? "start_info" :
           pfn == b->store ? "store page" :
           pfn == b->console ? "console page" :
           pfn == b->boot_stack ? "boot stack" : "padding";
}

void fbc_pvbuild_cpu(const struct fbc_pvbuild *b,
                     uint8_t out[static FBC_LAUNCH_CPU_LEN])
{
    uint64_t base = b->kernel.virt_base;

    fbc_launch_cpu(out, b->kernel.entry, base + (b->boot_stack + 1) * PAGE,
                   base + b->start_info * PAGE, b->tables_seg.pfn, 0);
}
