/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest may do to the pages of a device once it is connected. */

#include "info.h"

static const char *const names[NR_POST] = {
    "pin-page", "pin-fb", "balloon-page", "balloon-fb", "fields", "dirs",
    "index",
};

static void *pinned, *given;

const char *post_name(unsigned int i)
{
    return names[i];
}

/* An empty, pinned L1 table: any write by others would be a mapping. */
static bool pin(void *va)
{
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE,
                            .arg1.mfn = va_to_mfn(va) };
    long rc;

    memset(va, 0, PAGE_SIZE);
    map_frame(va, va_to_mfn(va), PTE_RO);
    rc = hyp_mmuext(&op);
    printk("note: pin: %ld\n", rc);
    if ( rc )
        map_frame(va, va_to_mfn(va), PTE_RW);
    else
        pinned = va;

    return true;
}

static bool balloon(void *va)
{
    xen_pfn_t mfn = va_to_mfn(va);
    struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

    set_xen_guest_handle(r.extent_start, &mfn);
    map_frame(va, 0, 0);
    printk("note: given back: %ld\n",
           hyp_memory(XENMEM_decrease_reservation, &r));
    given = va;

    return true;
}

bool post_apply(struct pvdev *dev, unsigned int i)
{
    bool vfb = !strcmp(dev->type, "vfb");
    struct xenfb_page *p = dev->page;

    switch ( i )
    {
    case 0:
        return pin(dev->page);

    case 1:
        return vfb && pin(fb.mem);

    case 2:
        return balloon(dev->page);

    case 3:
        return vfb && balloon(fb.mem);

    case 4:
        if ( !vfb )
            return false;
        p->width = 0x7fffffff;
        p->height = 0x7fffffff;
        p->line_length = 0xffffffff;
        p->mem_length = 0xffffffff;
        p->depth = 255;
        return true;

    case 5:
        if ( !vfb )
            return false;
        p->pd[0] = ~0UL;
        memset(fb.pd, 0xff, PAGE_SIZE);
        return true;

    default: /* the indices are at the same place in both devices' pages */
        p->in_cons = 0xffffffff;
        p->in_prod = 0;
        p->out_cons = 0x80000000;
        p->out_prod = 0x7fffffff;
        return true;
    }
}

bool post_undo(void)
{
    bool intact = true;

    if ( pinned )
    {
        struct mmuext_op op = { .cmd = MMUEXT_UNPIN_TABLE,
                                .arg1.mfn = va_to_mfn(pinned) };
        const uint64_t *p = pinned;

        for ( unsigned int i = 0; i < 512; i++ )
            intact &= !(p[i] & ~0x60UL);
        hyp_mmuext(&op);
        map_frame(pinned, va_to_mfn(pinned), PTE_RW);
        pinned = NULL;
    }

    if ( given )
    {
        xen_pfn_t frame = (uint64_t)given / PAGE_SIZE;
        struct xen_memory_reservation r = { .nr_extents = 1,
                                            .domid = DOMID_SELF };

        set_xen_guest_handle(r.extent_start, &frame);
        if ( hyp_memory(XENMEM_populate_physmap, &r) == 1 )
        {
            ((uint64_t *)si->mfn_list)[(uint64_t)given / PAGE_SIZE] = frame;
            map_frame(given, frame, PTE_RW);
        }
        else
            printk("note: the page did not come back\n");
        given = NULL;
    }

    return intact;
}
