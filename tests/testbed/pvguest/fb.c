/* SPDX-License-Identifier: GPL-2.0-only */
/* Framebuffer frontend: pages, connection, event ring. */

#include "fb.h"

#define PD_ENTRIES (PAGE_SIZE / sizeof(uint64_t))
#define MAX_WIDTH 4096 /* fb_crc()'s line buffer */

bool fb_alloc(struct fb *fb)
{
    long w = arg_long("w", 800), h = arg_long("h", 600);
    long stride = arg_long("stride", w * 4);
    uint64_t mem = arg_long("mem", 2) << 20;
    unsigned int pages, dirs;

    if ( w < 1 || w > MAX_WIDTH || h < 1 || h > 4096 || stride < w * 4 )
        return false;
    if ( mem < (uint64_t)stride * h )
        mem = ((uint64_t)stride * h + 0x1fffff) & ~0x1fffffUL;
    pages = mem / PAGE_SIZE;
    dirs = (pages + PD_ENTRIES - 1) / PD_ENTRIES;

    fb->info = fb->dev.page = arena_pages(1);
    fb->pd = arena_pages(dirs);
    fb->mem = arena_pages(pages);
    if ( !fb->info || !fb->pd || !fb->mem )
        return false;

    for ( unsigned int i = 0; i < pages; i++ )
        fb->pd[i] = va_to_frame(fb->mem + i * PAGE_SIZE);
    for ( unsigned int i = 0; i < dirs; i++ )
        fb->info->pd[i] = va_to_frame(fb->pd + i * PD_ENTRIES);

    fb->mem_length = mem;
    fb->width = w;
    fb->height = h;
    fb->stride = stride;
    fb->offset = 0;
    fb->info->width = w;
    fb->info->height = h;
    fb->info->line_length = stride;
    fb->info->mem_length = mem;
    fb->info->depth = 32;

    return true;
}

bool fb_handshake(struct fb *fb, uint64_t ms)
{
    if ( !dev_wait_backend(&fb->dev, 1 << XenbusStateConnected, ms) )
        return false;
    fb->update_wanted = xs_read_long(fb->dev.backend, "request-update", 0);
    dev_set_state(&fb->dev, XenbusStateConnected);

    return true;
}

bool fb_connect(struct fb *fb)
{
    if ( fb->info )
    {
        if ( !dev_close(&fb->dev) )
            return false;
        arena_switch();
    }
    else if ( !dev_find(&fb->dev, "vfb") )
        return false;

    return fb_alloc(fb) && dev_publish(&fb->dev) && fb_handshake(fb, 60000);
}

void fb_service(struct fb *fb)
{
    uint32_t prod = READ_ONCE(fb->info->in_prod);

    if ( prod == fb->info->in_cons )
        return;
    WRITE_ONCE(fb->info->in_cons, prod);
    mb();
    evt_send(fb->dev.port);
}

bool fb_put(struct fb *fb, const union xenfb_out_event *ev)
{
    uint32_t prod = fb->info->out_prod;
    uint64_t until = now_ms() + 60000, soon;

    for ( ; ; )
    {
        evt_clear(fb->dev.port);
        fb_service(fb);
        if ( prod - READ_ONCE(fb->info->out_cons) < XENFB_OUT_RING_LEN )
            break;
        if ( now_ms() >= until )
            return false;
        soon = now_ms() + 10000;
        evt_wait(fb->dev.port, soon);
        if ( now_ms() >= soon )
            fb->untold++;
    }

    XENFB_OUT_RING_REF(fb->info, prod) = *ev;
    wmb();
    WRITE_ONCE(fb->info->out_prod, prod + 1);
    mb();
    evt_send(fb->dev.port);

    return true;
}

bool fb_update(struct fb *fb, int32_t x, int32_t y, int32_t w, int32_t h)
{
    union xenfb_out_event ev = { .update = { XENFB_TYPE_UPDATE, x, y, w, h } };

    return fb_put(fb, &ev);
}

bool fb_update_all(struct fb *fb)
{
    return fb_update(fb, 0, 0, fb->width, fb->height);
}

bool fb_resize(struct fb *fb, int32_t w, int32_t h, uint32_t stride,
               uint32_t offset)
{
    union xenfb_out_event ev = {
        .resize = { XENFB_TYPE_RESIZE, w, h, stride, 32, offset },
    };

    fb->width = w;
    fb->height = h;
    fb->stride = stride;
    fb->offset = offset;

    return fb_put(fb, &ev);
}
