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

/* What vCPU 1 moves there and back, while it may. */
static void *volatile juggled[3];
static volatile bool may_juggle, juggles;

static void juggle(void)
{
    juggles = may_juggle;
    if ( !juggles )
        return;
    for ( unsigned int i = 0; i < ARRAY_SIZE(juggled); i++ )
        if ( !arch->move(SPARE, juggled[i]) )
            arch->move(juggled[i], SPARE);
}

/* Returns when all pages are where they belong, or do not have to be. */
static void let_juggle(bool may)
{
    may_juggle = may;
    while ( juggles != may )
        asm volatile ( "pause" );
}

/* One connection while its pages move: are they found by the backend? */
static bool juggling_connects(void)
{
    bool connected;

    arena_switch();
    if ( !fb_alloc(&fb) )
        return false;
    draw_picture(&fb, arg_long("seed", 1));
    juggled[0] = fb.info;
    juggled[1] = fb.pd;
    juggled[2] = fb.mem;

    let_juggle(true);
    connected = dev_publish(&fb.dev) &&
                dev_wait_backend(&fb.dev, 1 << XenbusStateConnected,
                                 arg_long("wait", 1000));
    if ( connected )
        dev_set_state(&fb.dev, XenbusStateConnected);
    for ( unsigned int i = 0; i < 20; i++ )
        evt_send(fb.dev.port);
    let_juggle(false);

    return connected;
}

enum verdict run_juggling(void)
{
    long count = arg_long("count", 10), connected = 0;

    if ( !arch->move )
    {
        printk("SKIP juggling pvh-only\n");
        detail("not for this kind of guest");
        return ERROR;
    }
    if ( !dev_find(&fb.dev, "vfb") || !smp_start(juggle) )
    {
        detail("no vfb, or no second vCPU");
        return ERROR;
    }

    for ( long i = 1; i <= count; i++ )
    {
        bool ok = juggling_connects();

        connected += ok;
        printk("juggling %ld backend=%d\n", i, dev_backend_state(&fb.dev));
        if ( !dev_close(&fb.dev) )
        {
            detail("connection %ld: the backend does not close", i);
            return ERROR;
        }
    }

    /* An honest one at last. */
    arena_switch();
    if ( !fb_alloc(&fb) || !dev_publish(&fb.dev) || !fb_handshake(&fb, 60000) )
    {
        detail("it does not connect any more");
        return FAILURE;
    }
    draw_picture(&fb, arg_long("seed", 1) + 1);
    fb_update_all(&fb);
    detail("connected=%ld crc=%08x", connected, fb_crc(&fb));

    return SUCCESS;
}
