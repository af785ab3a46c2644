/* SPDX-License-Identifier: GPL-2.0-only */
/* RFB client: updates and their rectangles (RFC 6143 7.6.1, 7.8). */
#include "parse/rfb/rfbc_int.h"

#define RECT_HEAD    12
#define ENDLESS      0xffff     /* number of rectangles: see LastRect */
#define SCREEN_LEN   16
#define ENCODING_JPEG 21
/* Honest servers send no place of the screen twice in one update. */
#define MAX_COVER    2
#define CACHE_LINE   64
#define PREFETCH_MAX 4096

static enum fbc_err unwanted(struct fbc_rfbc *c)
{
    switch ( c->encoding )
    {
    case FBC_RFB_COPYRECT:
        return fbc_rfbc_refuse(c, FBC_ERR_ALGORITHM,
                               "the server sends CopyRect, which was not "
                               "asked for", -1);
    case ENCODING_JPEG:
        return fbc_rfbc_refuse(c, FBC_ERR_ALGORITHM,
                               "the server sends JPEG: a lossy picture cannot "
                               "be decrypted", -1);
    }

    return fbc_rfbc_refuse(c, FBC_ERR_ALGORITHM,
                           "the server sends an encoding which was not asked "
                           "for", c->encoding);
}

/*
 * QEMU cuts Tight at level 0 into rectangles of 32 x 16: of a large picture,
 * none of their rows is in the cache, nor is guessed by the CPU.
 */
static void prefetch(const struct fbc_rfbc *c)
{
    const uint32_t bytes = c->rect.w * 4u;
    uint32_t x, y;

    if ( bytes * c->rect.h > PREFETCH_MAX )
        return;
    for ( y = 0; y < c->rect.h; y++ )
        for ( x = 0; x < bytes; x += CACHE_LINE )
            __builtin_prefetch(fbc_rfbc_at(c, 0, y) + x, 1);
}

/* Pixels are to come for c->rect. */
static enum fbc_err begin_rect(struct fbc_rfbc *c)
{
    const struct fbc_rect *r = &c->rect;

    switch ( c->encoding )
    {
    case FBC_RFB_RAW:
    case FBC_RFB_HEXTILE:
    case FBC_RFB_ZLIB:
    case FBC_RFB_TIGHT:
    case FBC_RFB_ZRLE:
        break;

    default:
        return unwanted(c);
    }

    if ( !c->pic )
        return fbc_rfbc_refuse(c, FBC_ERR_NOMEM, "no picture", -1);
    if ( !r->w || !r->h || (uint32_t)r->x + r->w > c->width ||
         (uint32_t)r->y + r->h > c->height )
        return fbc_rfbc_refuse(c, FBC_ERR_RANGE,
                               "a rectangle is empty or outside the screen",
                               -1);
    c->area += (uint32_t)r->w * r->h;
    if ( c->area > (uint64_t)c->width * c->height * MAX_COVER )
        return fbc_rfbc_refuse(c, FBC_ERR_RANGE,
                               "an update covers the screen again and again",
                               -1);

    c->rects++;
    c->pixels += (uint32_t)r->w * r->h;
    c->stage = 0;
    c->decoded = false;
    c->inner.have = 0;
    memset(&c->zip, 0, sizeof(c->zip));
    fbc_raster_begin(&c->raster, fbc_rfbc_at(c, 0, 0), c->stride, r->w, r->h);
    prefetch(c);
    c->state = FBC_RFBC_PIXELS;

    return FBC_OK;
}

static enum fbc_err resize(struct fbc_rfbc *c)
{
    if ( c->rect.w == c->width && c->rect.h == c->height )
        return FBC_OK;
    if ( c->resized )
        return fbc_rfbc_refuse(c, FBC_ERR_SIZE,
                               "the screen changes its size twice in one "
                               "update", -1);
    c->resized = true;

    return fbc_rfbc_size(c, c->rect.w, c->rect.h);
}

static enum fbc_err rect_head(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p;

    if ( !c->rects_left )
    {
        c->state = FBC_RFBC_MESSAGE;
        c->event = FBC_RFBC_UPDATE;
        return FBC_OK;
    }

    p = fbc_gather(&c->gather, s, RECT_HEAD);
    if ( !p )
        return FBC_ERR_PENDING;
    c->rect = (struct fbc_rect){ fbc_get_be16(p), fbc_get_be16(p + 2),
                                 fbc_get_be16(p + 4), fbc_get_be16(p + 6) };
    c->encoding = (int32_t)fbc_get_be32(p + 8);

    switch ( c->encoding )
    {
    case FBC_RFB_LAST_RECT:
        c->rects_left = 0;
        return FBC_OK;

    case FBC_RFB_QEMU_KEY:
        c->qemu_key = true;
        c->rects_left--;
        return FBC_OK;

    case FBC_RFB_DESKTOP_SIZE:
        c->rects_left--;
        return resize(c);

    case FBC_RFB_EXT_DESKTOP_SIZE:
        c->state = FBC_RFBC_SCREENS;
        /* x: who asked; y: not 0, it was us and in vain. */
        return c->rect.y ? FBC_OK : resize(c);
    }

    return begin_rect(c);
}

static enum fbc_err pixels(struct fbc_rfbc *c, struct fbc_src *s)
{
    enum fbc_err err;

    switch ( c->encoding )
    {
    case FBC_RFB_RAW:
        err = fbc_rfbc_raw(c, s);
        break;
    case FBC_RFB_HEXTILE:
        err = fbc_rfbc_hextile(c, s);
        break;
    case FBC_RFB_ZLIB:
        err = fbc_rfbc_zlib(c, s);
        break;
    case FBC_RFB_TIGHT:
        err = fbc_rfbc_tight(c, s);
        break;
    default:
        err = fbc_rfbc_zrle(c, s);
        break;
    }

    if ( !err && fbc_rfbc_unzipped(c) )
    {
        c->state = FBC_RFBC_RECT;
        c->rects_left--;
    }

    return err;
}

static enum fbc_err screens(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 4);

    if ( !p )
        return FBC_ERR_PENDING;
    c->skip = *p * SCREEN_LEN;
    c->state = FBC_RFBC_SKIP_SCREENS;

    return FBC_OK;
}

static enum fbc_err skip_screens(struct fbc_rfbc *c, struct fbc_src *s)
{
    enum fbc_err err = fbc_rfbc_skip(c, s);

    if ( !err )
    {
        c->rects_left--;
        c->state = FBC_RFBC_RECT;
    }

    return err;
}

static enum fbc_err update_head(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 3);

    if ( !p )
        return FBC_ERR_PENDING;
    c->rects_left = fbc_get_be16(p + 1);
    if ( c->rects_left == ENDLESS )
        c->rects_left = UINT32_MAX;
    c->area = 0;
    c->resized = false;
    c->state = FBC_RFBC_RECT;

    return FBC_OK;
}

enum fbc_err fbc_rfbc_update(struct fbc_rfbc *c, struct fbc_src *s)
{
    switch ( c->state )
    {
    case FBC_RFBC_HEAD:
        return update_head(c, s);
    case FBC_RFBC_RECT:
        return rect_head(c, s);
    case FBC_RFBC_PIXELS:
        return pixels(c, s);
    case FBC_RFBC_SCREENS:
        return screens(c, s);
    default:
        return skip_screens(c, s);
    }
}
