/* SPDX-License-Identifier: GPL-2.0-only */
/* What a PVH guest may do to pages in use: they get other frame numbers. */

#include "info.h"

static const char *const names[NR_MOVE] = {
    "move-page", "move-fb", "replace-page", "replace-fb", "move-store",
    "move-shared",
};

static void *moved, *replaced, *source;

const char *move_name(unsigned int i)
{
    return names[i];
}

const struct arch *move_only(unsigned int i)
{
    (void)i;

    return &pvh_arch;
}

static bool move(void *va)
{
    long rc = arch->move(SPARE, va);

    printk("note: moved: %ld\n", rc);
    if ( !rc )
        moved = va;

    return true;
}

/* The page that was there goes back to Xen, if nobody else has it. */
static bool replace(void *va)
{
    long rc;

    source = arena_pages(1);
    if ( !source )
        return false;
    memset(source, 0x5a, PAGE_SIZE);
    rc = arch->move(va, source);
    printk("note: replaced: %ld\n", rc);
    if ( !rc )
        replaced = va;

    return true;
}

bool move_apply(struct pvdev *dev, unsigned int i)
{
    bool vfb = !strcmp(dev->type, "vfb");
    void *shared;

    switch ( i )
    {
    case 0:
        return move(dev->page);

    case 1:
        return vfb && move(fb.mem);

    case 2:
        return replace(dev->page);

    case 3:
        return vfb && replace(fb.mem);

    case 4:
        move(xs_ring);
        if ( moved )
            xs_ring = SPARE;
        return true;

    default: /* there and back, as time is read from that page */
        shared = frame_to_va(start.shared_frame);
        arch->map_shared_info(SPARE);
        arch->map_shared_info(shared);
        return true;
    }
}

bool move_undo(void)
{
    bool intact = true;

    if ( moved )
    {
        if ( arch->move(moved, SPARE) )
            printk("note: the page did not come back\n");
        else if ( xs_ring == SPARE )
            xs_ring = moved;
        moved = NULL;
    }

    if ( replaced )
    {
        const uint8_t *p = replaced;

        for ( unsigned int i = 0; i < PAGE_SIZE; i++ )
            intact &= p[i] == 0x5a;
        if ( !arch->take(source) )
            printk("note: no page for the one that moved\n");
        replaced = NULL;
    }

    return intact;
}
