/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory is not I/O memory.  dom0 may hand on, and have mapped into any domain,
 * what it has itself: RAM, in which Xen and all guests live, is taken from it
 * at boot, and is not mapped as if it were a device's.  Low memory it may read.
 */
#include "private.h"

#include <xen/init.h>
#include <xen/iocap.h>
#include <xen/rangeset.h>

#include <asm/e820.h>

/* 1 MiB: below it Xen allocates nothing. */
#define LOW_PAGES   0x100UL

static struct rangeset *__ro_after_init ram;

/* A PVH dom0's low memory is mapped before this. */
int __init fbc_memory_permissions(struct domain *d)
{
    unsigned int i;
    int rc = 0;

    ram = rangeset_new(NULL, "RAM", 0);
    if ( !ram )
        return -ENOMEM;

    for ( i = 0; i < e820.nr_map; i++ )
    {
        const struct e820entry *e = &e820.map[i];
        /* Xen uses whole pages only; firmware may use the rest. */
        unsigned long first = PFN_UP(e->addr),
                      end = PFN_DOWN(e->addr + e->size);

        if ( e->type != E820_RAM || first >= end )
            continue;
        rc |= rangeset_add_range(ram, first, end - 1);
        /* Linux looks for firmware's tables there; processors start there. */
        if ( first < LOW_PAGES )
            rc |= rangeset_add_range(mmio_ro_ranges, first,
                                     min(end, LOW_PAGES) - 1);
        if ( end > LOW_PAGES )
            rc |= iomem_deny_access(d, max(first, LOW_PAGES), end - 1);
    }

    return rc;
}

bool fbcrypt_mmio_denied(const struct domain *d, mfn_t mfn,
                         unsigned int order)
{
    unsigned long first = mfn_x(mfn);

    /* There is none while dom0 is not made, or where nothing is protected. */
    if ( !ram ||
         !rangeset_overlaps_range(ram, first, first + (1UL << order) - 1) )
        return false;

    /* A page that Xen gives d in place of a device's: the local APIC's. */
    return order || !mfn_valid(mfn) || page_get_owner(mfn_to_page(mfn)) != d;
}
