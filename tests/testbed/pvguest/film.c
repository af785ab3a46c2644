/* SPDX-License-Identifier: GPL-2.0-only */
/* What moves: a window that is dragged, a film in a window. */

#include "pvguest.h"

#define DESKTOP 0x306090
#define TITLE   0x204060
#define TITLE_H 20

static uint32_t min(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Pixel of a window with lines of what looks like text, from its corner on. */
static uint32_t window_pixel(uint32_t x, uint32_t y)
{
    uint32_t row = (y - TITLE_H) % 16, n;

    if ( y < TITLE_H )
        return TITLE;
    if ( row < 3 || row > 12 || x % 8 == 7 )
        return 0xffffff;
    n = (x / 8 * 2654435761u ^ (y - TITLE_H) * 40503u) >> (x % 8 + 8);

    return n & 1 ? 0 : 0xffffff;
}

static void draw_window(struct rect at)
{
    for ( int32_t y = 0; y < at.h; y++ )
        for ( int32_t x = 0; x < at.w; x++ )
            fb_row(&fb, at.y + y)[at.x + x] = window_pixel(x, y);
}

static void clear(struct rect r)
{
    for ( int32_t y = r.y; y < r.y + r.h; y++ )
        for ( int32_t x = r.x; x < r.x + r.w; x++ )
            fb_row(&fb, y)[x] = DESKTOP;
}

/* Back and forth between 0 and most. */
static int32_t bounce(uint32_t way, uint32_t most)
{
    if ( !most )
        return 0;
    way %= 2 * most;

    return way < most ? way : 2 * most - way;
}

static bool drag(struct rect *now, uint32_t step)
{
    struct rect was = *now, both;

    now->x = bounce(step * 8, fb.width - now->w);
    now->y = bounce(step * 3, fb.height - now->h);
    both.x = was.x < now->x ? was.x : now->x;
    both.y = was.y < now->y ? was.y : now->y;
    both.w = was.w + (was.x > now->x ? was.x - now->x : now->x - was.x);
    both.h = was.h + (was.y > now->y ? was.y - now->y : now->y - was.y);
    clear(was);
    draw_window(*now);

    return fb_update(&fb, both.x, both.y, both.w, both.h);
}

static bool film(struct rect *at, uint32_t step)
{
    static struct rng rng;

    if ( step == 1 )
        rng_seed(&rng, arg_long("seed", 1));
    for ( int32_t y = 0; y < at->h; y++ )
        for ( int32_t x = 0; x < at->w; x++ )
            fb_row(&fb, at->y + y)[at->x + x] =
                (((x + 2 * step) & 0xff) << 16 | ((y + step) & 0xff) << 8 |
                 ((x + y) & 0xff)) ^ (rng_next(&rng) & 0x070707);

    return fb_update(&fb, at->x, at->y, at->w, at->h);
}

static enum verdict play(struct rect at,
                         bool (*show)(struct rect *at, uint32_t step))
{
    long count = arg_long("count", 100), delay = arg_long("delay", 100);

    at.w = min(at.w, fb.width);
    at.h = min(at.h, fb.height);
    at.x = min(at.x, fb.width - at.w);
    at.y = min(at.y, fb.height - at.h);
    clear((struct rect){ 0, 0, fb.width, fb.height });
    draw_window(at);
    if ( !fb_update_all(&fb) )
        return ring_stuck();
    printk("start\n");
    while ( !xs_read_long("data", "step", 0) )
        sleep_ms(100);

    for ( long i = 1; i <= count; i++ )
    {
        if ( !show(&at, i) )
            return ring_stuck();
        sleep_ms(delay);
    }
    detail("crc=%08x", fb_crc(&fb));

    return SUCCESS;
}

enum verdict run_drag(void)
{
    if ( !fb_connect(&fb) )
        return no_backend();

    return play((struct rect){ 0, 0, 400, 300 }, drag);
}

enum verdict run_film(void)
{
    if ( !fb_connect(&fb) )
        return no_backend();

    return play((struct rect){ 240, 180, 320, 240 }, film);
}
