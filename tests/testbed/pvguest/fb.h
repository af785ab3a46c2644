/* SPDX-License-Identifier: GPL-2.0-only */
/* The framebuffer frontend and what is drawn into it. */
#ifndef PVGUEST_FB_H
#define PVGUEST_FB_H

#include "xenbus.h"

#include <xen/io/fbif.h>

struct fb
{
    struct pvdev dev;
    struct xenfb_page *info; /* dev.page */
    uint64_t *pd;            /* the page directories, one after the other */
    uint8_t *mem;            /* mem_length bytes */
    uint32_t mem_length;
    /* Geometry we draw with; info has what the backend was told first. */
    int32_t width, height;
    uint32_t stride, offset;
    bool update_wanted;
    unsigned int untold;     /* waited 10 s for an event that says: room */
};

/*
 * Takes pages and fills the info page from the arguments w= h= (800x600),
 * stride= (4 * w) and mem= (MiB, 2, more if w, h and stride need it).
 */
bool fb_alloc(struct fb *fb);

/* Closes the old connection, if any, allocates, publishes, connects. */
bool fb_connect(struct fb *fb);

/* After dev_publish(): wait for the backend, then state Connected. */
bool fb_handshake(struct fb *fb, uint64_t ms);

/* Consumes in-events, as Linux does. */
void fb_service(struct fb *fb);

/* Raw out-event; fb_put() waits for room and notifies. */
bool fb_put(struct fb *fb, const union xenfb_out_event *ev);
bool fb_update(struct fb *fb, int32_t x, int32_t y, int32_t w, int32_t h);
bool fb_update_all(struct fb *fb);
bool fb_resize(struct fb *fb, int32_t w, int32_t h, uint32_t stride,
               uint32_t offset);

/* draw.c */
uint32_t *fb_row(struct fb *fb, int32_t y);
void draw_clear(struct fb *fb);
void draw_picture(struct fb *fb, uint32_t seed);

/* One random rectangle of at most max x max pixels. */
struct rect
{
    int32_t x, y, w, h;
};
struct rect draw_rect(struct fb *fb, struct rng *rng, uint32_t max);

/* zlib crc32 of R, G, B of each pixel, row by row. */
uint32_t fb_crc(struct fb *fb);

#endif
