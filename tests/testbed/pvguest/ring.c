/* SPDX-License-Identifier: GPL-2.0-only */
/* hostile-ring and racing: events, indices and fields which lie. */

#include "pvguest.h"

#define MAX 0x7fffffff
#define MIN (-MAX - 1)

static const struct
{
    const char *name;
    int32_t x, y, w, h;
} updates[] = {
    { "x-negative", -1, 0, 10, 10 },
    { "y-negative", 0, -1, 10, 10 },
    { "x-min", MIN, 0, 10, 10 },
    { "y-min", 0, MIN, 10, 10 },
    { "x-min-w-max", MIN, 0, MAX, 10 },
    { "y-min-h-max", 0, MIN, 10, MAX },
    { "x-max", MAX, 0, 1, 1 },
    { "y-max", 0, MAX, 1, 1 },
    { "x-max-w-max", MAX, 0, MAX, 10 },
    { "y-max-h-max", 0, MAX, 10, MAX },
    { "sum-overflows-to-0", MAX, MAX, MIN, MIN },
    { "sum-overflows-inside", MAX - 5, 0, MAX, 10 },
    { "w-negative", 10, 10, -5, 10 },
    { "h-negative", 10, 10, 10, -5 },
    { "w-min", 10, 10, MIN, 10 },
    { "h-min", 10, 10, 10, MIN },
    { "all-min", MIN, MIN, MIN, MIN },
    { "all-max", MAX, MAX, MAX, MAX },
    { "zero", 0, 0, 0, 0 },
    { "w-zero", 10, 10, 0, 10 },
    { "h-zero", 10, 10, 10, 0 },
    { "at-right-edge", 800, 0, 1, 600 },
    { "at-bottom-edge", 0, 600, 800, 1 },
    { "over-right-edge", 799, 0, 2, 600 },
    { "over-bottom-edge", 0, 599, 800, 2 },
    { "one-more", 0, 0, 801, 601 },
    { "huge", 0, 0, MAX, MAX },
    { "x-65536", 65536, 0, 65536, 1 },
    { "all-around", -1, -1, 802, 602 },
};

static const struct
{
    const char *name;
    int32_t w, h, stride, depth, offset;
} resizes[] = {
    { "w-zero", 0, 600, 3200, 32, 0 },
    { "h-zero", 800, 0, 3200, 32, 0 },
    { "all-zero", 0, 0, 0, 0, 0 },
    { "w-negative", -800, 600, 3200, 32, 0 },
    { "h-negative", 800, -600, 3200, 32, 0 },
    { "w-max", MAX, 600, 3200, 32, 0 },
    { "h-max", 800, MAX, 3200, 32, 0 },
    { "w-min", MIN, 600, 3200, 32, 0 },
    { "h-min", 800, MIN, 3200, 32, 0 },
    { "all-max", MAX, MAX, MAX, 32, 0 },
    { "all-max-offset", MAX, MAX, MAX, 32, MAX },
    { "w-65536-stride-262144", 65536, 8, 262144, 32, 0 },
    { "stride-zero", 800, 600, 0, 32, 0 },
    { "stride-small", 800, 600, 3196, 32, 0 },
    { "stride-odd", 800, 600, 3201, 32, 0 },
    { "stride-negative", 800, 600, -3200, 32, 0 },
    { "stride-max", 800, 600, MAX, 32, 0 },
    { "stride-min", 800, 600, MIN, 32, 0 },
    { "product-overflows", 16384, 65536, 65536, 32, 0 },
    { "depth-0", 800, 600, 3200, 0, 0 },
    { "depth-8", 800, 600, 3200, 8, 0 },
    { "depth-16", 800, 600, 3200, 16, 0 },
    { "depth-24", 800, 600, 3200, 24, 0 },
    { "depth-31", 800, 600, 3200, 31, 0 },
    { "depth-negative", 800, 600, 3200, -32, 0 },
    { "depth-max", 800, 600, 3200, MAX, 0 },
    { "offset-odd", 800, 400, 3200, 32, 3 },
    { "offset-negative", 800, 600, 3200, 32, -4 },
    { "offset-min", 800, 600, 3200, 32, MIN },
    { "offset-max", 800, 600, 3200, 32, MAX },
    { "offset-at-end", 800, 600, 3200, 32, 0x200000 },
    { "offset-last-pixel", 1, 1, 4, 32, 0x1ffffc },
    { "h-one-more", 800, 656, 3200, 32, 0 },
    { "w-2561", 2561, 100, 10244, 32, 0 },
    { "h-2049", 16, 2049, 64, 32, 0 },
    { "tiny", 1, 1, 4, 32, 0 },
};

static const struct
{
    const char *name;
    bool of_prod;     /* move out_prod, or set out_cons */
    uint32_t value;
} indices[] = {
    { "prod-ring-size", true, XENFB_OUT_RING_LEN },
    { "prod-ring-size-plus-1", true, XENFB_OUT_RING_LEN + 1 },
    { "prod-1000", true, 1000 },
    { "prod-half", true, 0x80000000 },
    { "prod-backwards-1", true, -1 },
    { "prod-backwards-51", true, -XENFB_OUT_RING_LEN },
    { "prod-backwards-52", true, -XENFB_OUT_RING_LEN - 1 },
    { "cons-0", false, 0 },
    { "cons-max", false, 0xffffffff },
    { "cons-half", false, 0x80000000 },
};

static void put_type(uint8_t type)
{
    union xenfb_out_event ev;

    memset(&ev, 0xff, sizeof(ev));
    ev.type = type;
    fb_put(&fb, &ev);
}

/* Back to an empty ring, whatever the other side believes. */
static void resync(void)
{
    WRITE_ONCE(fb.info->out_prod, READ_ONCE(fb.info->out_cons));
    mb();
    evt_send(fb.dev.port);
}

static void wild_indices(void)
{
    for ( unsigned int i = 0; i < ARRAY_SIZE(indices); i++ )
    {
        uint32_t *p = indices[i].of_prod ? &fb.info->out_prod
                                         : &fb.info->out_cons;

        WRITE_ONCE(*p, indices[i].value + (indices[i].of_prod ? *p : 0));
        mb();
        evt_send(fb.dev.port);
        sleep_ms(50);
        resync();
        printk("case index-%s\n", indices[i].name);
    }

    for ( unsigned int i = 0; i < 4; i++ )
    {
        static const uint32_t in[] = { 1, 26, 0x80000000, 0xffffffff };

        WRITE_ONCE(fb.info->in_cons, fb.info->in_prod + in[i]);
        evt_send(fb.dev.port);
        WRITE_ONCE(fb.info->in_prod, in[i]);
        evt_send(fb.dev.port);
        printk("case index-in-%u\n", i);
    }
    WRITE_ONCE(fb.info->in_cons, READ_ONCE(fb.info->in_prod));
}

enum verdict run_hostile_ring(void)
{
    if ( !fb_connect(&fb) )
    {
        detail("no vfb or its backend does not connect");
        return ERROR;
    }
    draw_picture(&fb, arg_long("seed", 1));
    fb_update_all(&fb);

    for ( unsigned int i = 0; i < ARRAY_SIZE(updates); i++ )
    {
        fb_update(&fb, updates[i].x, updates[i].y, updates[i].w, updates[i].h);
        printk("case update-%s\n", updates[i].name);
    }
    for ( unsigned int i = 0; i < ARRAY_SIZE(resizes); i++ )
    {
        union xenfb_out_event ev = {
            .resize = { XENFB_TYPE_RESIZE, resizes[i].w, resizes[i].h,
                        resizes[i].stride, resizes[i].depth,
                        resizes[i].offset },
        };

        fb_put(&fb, &ev);
        fb_update_all(&fb);
        sleep_ms(arg_long("delay", 20));
        printk("case resize-%s\n", resizes[i].name);
    }
    for ( unsigned int i = 0; i < 256; i++ )
        if ( i != XENFB_TYPE_UPDATE && i != XENFB_TYPE_RESIZE )
            put_type(i);
    printk("case type-unknown\n");
    wild_indices();

    /* Whatever happened above, an honest guest from here on. */
    resync();
    if ( !fb_resize(&fb, fb.width, fb.height, fb.stride, fb.offset) )
    {
        detail("the backend does not consume events any more");
        return FAILURE;
    }
    draw_picture(&fb, arg_long("seed", 1) + 1);
    fb_update_all(&fb);
    detail("alive crc=%08x", fb_crc(&fb));

    return SUCCESS;
}

static struct rng race_rng;

static void flip(void)
{
    static const uint32_t wild[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff,
                                     800, 600, 3200, 65536 };
    uint32_t n = rng_next(&race_rng), v = wild[(n >> 8) % ARRAY_SIZE(wild)];
    struct xenfb_page *p = fb.info;
    union xenfb_out_event *ev = &XENFB_OUT_RING_REF(p, n >> 20);

    switch ( n % 12 )
    {
    case 0: WRITE_ONCE(p->width, v); break;
    case 1: WRITE_ONCE(p->height, v); break;
    case 2: WRITE_ONCE(p->line_length, v); break;
    case 3: WRITE_ONCE(p->mem_length, v); break;
    case 4: WRITE_ONCE(p->depth, v); break;
    case 5: WRITE_ONCE(p->pd[(n >> 16) & 1], v); break;
    case 6: WRITE_ONCE(fb.pd[(n >> 16) % 512], v); break;
    case 7: WRITE_ONCE(p->out_prod, p->out_cons + (n >> 16) % 64); break;
    case 8: WRITE_ONCE(p->out_cons, v); break;
    case 9: WRITE_ONCE(p->in_cons, v); break;
    case 10: WRITE_ONCE(ev->type, 2 + ((n >> 16) & 1)); break;
    default:
        WRITE_ONCE(ev->update.x, v);
        WRITE_ONCE(ev->update.width, n);
        WRITE_ONCE(ev->resize.stride, wild[(n >> 12) % ARRAY_SIZE(wild)]);
        WRITE_ONCE(ev->resize.depth, 32);
        break;
    }
}

enum verdict run_racing(void)
{
    long count = arg_long("count", 100000);
    bool smp;

    if ( !fb_connect(&fb) )
    {
        detail("no vfb or its backend does not connect");
        return ERROR;
    }
    draw_picture(&fb, arg_long("seed", 1));
    fb_update_all(&fb);

    rng_seed(&race_rng, arg_long("seed", 1));
    smp = smp_start(flip);
    printk("racing vcpus=%d\n", smp + 1);
    for ( long i = 1; i <= count; i++ )
    {
        if ( !smp )
            flip();
        evt_send(fb.dev.port);
        if ( !(i % 10000) )
            printk("racing %ld\n", i);
    }
    detail("alive vcpus=%d", smp + 1);

    return SUCCESS;
}
