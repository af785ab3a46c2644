/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes and segments over pages (libelf-loader.c). */
#include "parse/launch/overlay.h"

#define PAGE ((uint64_t)FBC_LAUNCH_PAGE)

void fbc_overlay(uint8_t page[static FBC_LAUNCH_PAGE], uint64_t pfn,
                 uint64_t at, const uint8_t *data, uint64_t len)
{
    uint64_t start = pfn * PAGE, skip = at < start ? start - at : 0;
    uint64_t to = at > start ? at - start : 0;
    uint64_t n;

    if ( skip >= len || to >= PAGE )
        return;
    n = len - skip < PAGE - to ? len - skip : PAGE - to;
    if ( data )
        memcpy(page + to, data + skip, n);
    else
        memset(page + to, 0, n);
}

void fbc_overlay_kernel(uint8_t page[static FBC_LAUNCH_PAGE], uint64_t pfn,
                        uint64_t kernel_pfn, const struct fbc_pvelf *k)
{
    uint32_t i;

    /* In the file's order: where two overlap the later one wins. */
    for ( i = 0; i < k->segments; i++ )
    {
        uint64_t at = kernel_pfn * PAGE + (k->segment[i].paddr - k->pstart);

        fbc_overlay(page, pfn, at, k->image + k->segment[i].offset,
                    k->segment[i].filesz);
        fbc_overlay(page, pfn, at + k->segment[i].filesz, NULL,
                    k->segment[i].memsz - k->segment[i].filesz);
    }
}
