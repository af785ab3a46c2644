/* SPDX-License-Identifier: GPL-2.0-only */
/* The honest scenarios: picture, rects, resize, input and others. */

#include "pvguest.h"

#include <xen/io/kbdif.h>

enum verdict no_backend(void)
{
    detail("no vfb or its backend does not connect");

    return ERROR;
}

enum verdict ring_stuck(void)
{
    detail("the backend does not consume events");

    return FAILURE;
}

enum verdict run_picture(void)
{
    static const struct
    {
        const char *name;
        enum pub_style style;
    } styles[] = {
        { "linux", PUB_LINUX },       { "odd-absolute", PUB_ABSOLUTE },
        { "odd-aborted", PUB_ABORTED },   { "odd-no-tx", PUB_NO_TX },
        { "odd-reversed", PUB_REVERSED }, { "odd-nul", PUB_NUL },
        { "odd-zeros", PUB_ZEROS },   { "odd-rewritten", PUB_REWRITTEN },
    };
    char word[32];

    if ( arg_str("style", word, sizeof(word)) )
        for ( unsigned int i = 0; i < ARRAY_SIZE(styles); i++ )
            if ( !strcmp(word, styles[i].name) )
                fb.dev.style = styles[i].style;

    if ( !fb_connect(&fb) )
        return no_backend();
    draw_picture(&fb, arg_long("seed", 1));
    if ( !fb_update_all(&fb) )
        return ring_stuck();
    detail("crc=%08x", fb_crc(&fb));

    return SUCCESS;
}

enum verdict run_rects(void)
{
    long count = arg_long("count", 1000), delay = arg_long("delay", 0);
    uint32_t max = arg_long("max", 200);
    struct rng rng;

    if ( !fb_connect(&fb) || !max )
        return no_backend();
    draw_clear(&fb);
    if ( !fb_update_all(&fb) )
        return ring_stuck();
    printk("start\n");
    sleep_ms(arg_long("hold", 0));

    rng_seed(&rng, arg_long("seed", 1));
    for ( long i = 1; i <= count; i++ )
    {
        struct rect r = draw_rect(&fb, &rng, max);

        if ( !fb_update(&fb, r.x, r.y, r.w, r.h) )
            return ring_stuck();
        if ( !(i % 100) )
            printk("rects %ld\n", i);
        if ( delay )
            sleep_ms(delay);
    }
    detail("crc=%08x", fb_crc(&fb));

    return SUCCESS;
}

/* Shows a picture, and waits for dom0's word. */
static enum verdict picture_until_step(void)
{
    if ( !fb_connect(&fb) )
        return no_backend();
    draw_picture(&fb, arg_long("seed", 1));
    if ( !fb_update_all(&fb) )
        return ring_stuck();
    printk("start\n");
    while ( !xs_read_long("data", "step", 0) )
        sleep_ms(100);

    return SUCCESS;
}

/* Says that all has changed, many times in a row, and then changes it. */
enum verdict run_again(void)
{
    long count = arg_long("count", 1000);
    enum verdict v = picture_until_step();

    if ( v != SUCCESS )
        return v;
    for ( long i = 0; i < count; i++ )
        if ( !fb_update_all(&fb) )
            return ring_stuck();
    draw_picture(&fb, arg_long("seed", 1) + 1);
    if ( !fb_update_all(&fb) )
        return ring_stuck();
    detail("untold=%u crc=%08x", fb.untold, fb_crc(&fb));

    return SUCCESS;
}

static bool flooding = true, flooded;
static long poured;                 /* events put into the ring */

/* Says that all has changed whenever the ring has room; tells nobody. */
static void flood(void)
{
    uint32_t prod = fb.info->out_prod;

    if ( !READ_ONCE(flooding) )
    {
        WRITE_ONCE(flooded, true);
        return;
    }
    if ( prod - READ_ONCE(fb.info->out_cons) >= XENFB_OUT_RING_LEN )
        return;
    XENFB_OUT_RING_REF(fb.info, prod).update = (struct xenfb_update){
        XENFB_TYPE_UPDATE, 0, 0, fb.width, fb.height
    };
    wmb();
    WRITE_ONCE(fb.info->out_prod, prod + 1);
    WRITE_ONCE(poured, poured + 1);
}

/* One vCPU draws faster than the other, which tells of it, is sealed. */
enum verdict run_flood(void)
{
    long count = arg_long("count", 200);
    enum verdict v = picture_until_step();

    if ( v != SUCCESS )
        return v;
    if ( !smp_start(flood) )
    {
        detail("no second vCPU");
        return ERROR;
    }
    /* However late the other vCPU gets a processor, both do COUNT. */
    for ( long i = 0; i < count || READ_ONCE(poured) < count; i++ )
        evt_send(fb.dev.port);
    WRITE_ONCE(flooding, false);
    while ( !READ_ONCE(flooded) )
        sleep_ms(10);
    draw_picture(&fb, arg_long("seed", 1) + 1);
    if ( !fb_update_all(&fb) )
        return ring_stuck();
    detail("crc=%08x", fb_crc(&fb));

    return SUCCESS;
}

enum verdict run_resize(void)
{
    static const struct
    {
        int32_t w, h;
        uint32_t stride, offset;
    } steps[] = {
        { 800, 600, 3200, 0 }, { 640, 480, 2560, 0 },
        { 640, 480, 3200, 0 }, { 720, 400, 2880, 0x10000 },
        { 333, 222, 1332, 64 }, { 800, 600, 3200, 0 },
    };

    if ( !fb_connect(&fb) )
        return no_backend();
    if ( fb.mem_length < 0x1d5000 )
    {
        detail("mem= is too small");
        return ERROR;
    }
    if ( !xs_read_long(fb.dev.backend, "feature-resize", 0) )
        printk("note: the backend does not offer feature-resize\n");

    for ( long i = 0; i < (long)ARRAY_SIZE(steps); i++ )
    {
        uint64_t until;
        uint32_t crc;

        if ( i && !fb_resize(&fb, steps[i].w, steps[i].h, steps[i].stride,
                             steps[i].offset) )
            return ring_stuck();
        draw_picture(&fb, arg_long("seed", 1) + i);
        if ( !fb_update_all(&fb) )
            return ring_stuck();
        crc = fb_crc(&fb);
        printk("step %ld %dx%d stride=%u offset=%u crc=%08x\n", i, fb.width,
               fb.height, fb.stride, fb.offset, crc);
        detail("crc=%08x", crc);
        until = now_ms() + arg_long("hold", 3000);
        while ( now_ms() < until && xs_read_long("data", "step", 0) <= i )
            sleep_ms(100);
    }

    return SUCCESS;
}

enum verdict run_reconnect(void)
{
    long count = arg_long("count", 10);

    for ( long i = 0; i <= count; i++ )
    {
        uint32_t crc;

        if ( !fb_connect(&fb) )
            return no_backend();
        draw_picture(&fb, arg_long("seed", 1) + i);
        if ( !fb_update_all(&fb) )
            return ring_stuck();
        crc = fb_crc(&fb);
        printk("connection %ld crc=%08x\n", i, crc);
        detail("crc=%08x", crc);
        sleep_ms(arg_long("hold", 0));
    }

    return SUCCESS;
}

static void print_event(const union xenkbd_in_event *ev)
{
    switch ( ev->type )
    {
    case XENKBD_TYPE_MOTION:
        printk("motion %d %d %d\n", ev->motion.rel_x, ev->motion.rel_y,
               ev->motion.rel_z);
        break;

    case XENKBD_TYPE_KEY:
        printk("key %u %u\n", ev->key.keycode, ev->key.pressed);
        break;

    case XENKBD_TYPE_POS:
        printk("pos %d %d %d\n", ev->pos.abs_x, ev->pos.abs_y, ev->pos.rel_z);
        break;

    default:
        printk("other %u\n", ev->type);
        break;
    }
}

static struct pvdev kbd;

/* A picture, and a keyboard. */
static bool kbd_connect(void)
{
    if ( !fb_connect(&fb) || !dev_find(&kbd, "vkbd") )
        return false;
    draw_picture(&fb, arg_long("seed", 1));
    fb_update_all(&fb);

    kbd.page = arena_pages(1);
    if ( !dev_publish(&kbd) ||
         !dev_wait_backend(&kbd, 1 << XenbusStateConnected, 60000) )
        return false;
    dev_set_state(&kbd, XenbusStateConnected);
    printk("ready\n");

    return true;
}

/* What there is until the wait is over or so many events were. */
static enum verdict take_input(void (*take)(const union xenkbd_in_event *ev))
{
    uint64_t until = now_ms() + arg_long("wait", 60000);
    long events = 0, count = arg_long("count", 0);
    struct xenkbd_page *page;

    if ( !kbd_connect() )
        return no_backend();
    page = kbd.page;

    while ( now_ms() < until && (!count || events < count) )
    {
        uint32_t prod, cons = page->in_cons;

        evt_clear(kbd.port);
        fb_service(&fb);
        prod = READ_ONCE(page->in_prod);
        if ( prod == cons )
        {
            uint64_t soon = now_ms() + 1000;

            evt_wait(kbd.port, soon < until ? soon : until);
            continue;
        }
        if ( prod - cons > XENKBD_IN_RING_LEN )
        {
            detail("in_prod %u, in_cons %u", prod, cons);
            return FAILURE;
        }
        for ( ; cons != prod; cons++, events++ )
            take(&XENKBD_IN_RING_REF(page, cons));
        mb();
        WRITE_ONCE(page->in_cons, cons);
        evt_send(kbd.port);
    }
    detail("events=%ld", events);

    return SUCCESS;
}

enum verdict run_input(void)
{
    return take_input(print_event);
}

/* All of the screen anew for each key: the upper byte is how many there were. */
static void redraw(const union xenkbd_in_event *ev)
{
    static uint32_t n;
    uint64_t begun, drawn, told;

    if ( ev->type != XENKBD_TYPE_KEY || !ev->key.pressed )
        return;

    begun = now_us();
    n++;
    for ( int32_t y = 0; y < fb.height; y++ )
        for ( int32_t x = 0; x < fb.width; x++ )
            fb_row(&fb, y)[x] = n << 16 | ((x * 7 + y * 13) & 0xffff);
    drawn = now_us();
    fb_update_all(&fb);
    told = now_us();
    printk("redraw %u drawn=%u told=%u\n", n, (unsigned int)(drawn - begun),
           (unsigned int)(told - drawn));
}

enum verdict run_redraw(void)
{
    return take_input(redraw);
}

enum verdict run_recycled(void)
{
    static const char word[] = "LANTERN ";
    uint64_t until = now_ms() + arg_long("wait", 60000);
    char *page;

    if ( !kbd_connect() )
        return no_backend();
    page = kbd.page;
    while ( xs_read_long(kbd.dir, "state", 0) )
    {
        if ( now_ms() >= until )
        {
            detail("the keyboard stays");
            return ERROR;
        }
        sleep_ms(100);
    }
    for ( unsigned int i = 0; i < PAGE_SIZE; i++ )
        page[i] = word[i % 8];
    printk("recycled\n");
    sleep_ms(arg_long("hold", 3000));
    for ( unsigned int i = 0; i < PAGE_SIZE; i++ )
        if ( page[i] != word[i % 8] )
        {
            detail("byte %u is not what was written", i);
            return FAILURE;
        }

    return SUCCESS;
}
