/* SPDX-License-Identifier: GPL-2.0-only */
/* The TPM's registers, and waiting for them. */
#include "private.h"

#include <xen/softirq.h>
#include <xen/vmap.h>

#include "tpm_io.h"

struct tpm_io __initdata tpm_io;

bool __init tpm_map(struct tpm_area *a, paddr_t start, size_t len)
{
    paddr_t p;

    /* Below 1 MiB ioremap() gives what iounmap() cannot take. */
    if ( start < MB(1) || !len || start + len < start ||
         (start + len) >> paddr_bits )
        return false;
    for ( p = start; p < start + len; p = (p | ~PAGE_MASK) + 1 )
        if ( page_is_ram_type(paddr_to_pfn(p), RAM_TYPE_CONVENTIONAL) )
            return false;

    a->start = start;
    a->len = len;
    a->va = ioremap(start, len);

    return a->va;
}

/* Timekeeping goes on meanwhile. */
void __init tpm_pause(void)
{
    process_pending_softirqs();
    cpu_relax();
}

bool __init tpm_await(const struct tpm_area *a, unsigned int reg, bool byte,
                      uint32_t mask, uint32_t want)
{
    do {
        uint32_t v = byte ? readb(a->va + reg) : readl(a->va + reg);

        if ( (v & mask) == want )
            return true;
        tpm_pause();
    } while ( NOW() < tpm_io.limit );

    return false;
}
