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
    long rc;

    memset(va, 0, PAGE_SIZE);
    rc = arch->pin(va);
    printk("note: pin: %ld\n", rc);
    if ( !rc )
        pinned = va;

    return true;
}

static bool balloon(void *va)
{
    printk("note: given back: %ld\n", arch->give(va));
    given = va;

    return true;
}

const struct arch *post_only(unsigned int i)
{
    return i < 2 ? &pv_arch : NULL;
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
        const uint64_t *p = pinned;

        for ( unsigned int i = 0; i < 512; i++ )
            intact &= !(p[i] & ~0x60UL);
        arch->unpin(pinned);
        pinned = NULL;
    }

    if ( given )
    {
        if ( !arch->take(given) )
            printk("note: the page did not come back\n");
        given = NULL;
    }

    return intact;
}
