/* SPDX-License-Identifier: GPL-2.0-only */
/* RFB client: Hextile (RFC 6143 7.7.4). */
#include "parse/rfb/rfbc_int.h"

#define TILE 16

enum {
    MASK_RAW = 1,
    MASK_BACKGROUND = 2,
    MASK_FOREGROUND = 4,
    MASK_SUBRECTS = 8,
    MASK_COLOURED = 16,
    MASK_ALL = 31,
};

enum { BEGIN, TILE_MASK, TILE_HEAD, TILE_RAW, TILE_SUBRECTS };

static void next(struct fbc_rfbc *c)
{
    fbc_rfbc_next_tile(c, TILE);
    c->stage = TILE_MASK;
}

static enum fbc_err mask(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 1);

    if ( !p )
        return FBC_ERR_PENDING;
    if ( *p & ~MASK_ALL )
        return fbc_rfbc_refuse(c, FBC_ERR_RESERVED,
                               "Hextile: unknown kind of tile", *p);
    c->hextile.mask = *p;
    c->stage = TILE_HEAD;
    if ( *p & MASK_RAW )
    {
        fbc_raster_begin(&c->raster, fbc_rfbc_at(c, c->tx, c->ty), c->stride,
                         c->tw, c->th);
        c->stage = TILE_RAW;
    }

    return FBC_OK;
}

/* Colours and the number of subrectangles, as far as there are any. */
static enum fbc_err head(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t m = c->hextile.mask;
    const unsigned int len = (m & MASK_BACKGROUND ? 4 : 0) +
                             (m & MASK_FOREGROUND ? 4 : 0) +
                             (m & MASK_SUBRECTS ? 1 : 0);
    const uint8_t *p = fbc_gather(&c->gather, s, len);

    if ( !p )
        return FBC_ERR_PENDING;
    if ( m & MASK_BACKGROUND )
    {
        c->hextile.bg = fbc_colour_bgr(p);
        p += 4;
    }
    if ( m & MASK_FOREGROUND )
    {
        c->hextile.fg = fbc_colour_bgr(p);
        p += 4;
    }
    c->hextile.subrects = m & MASK_SUBRECTS ? *p : 0;

    fbc_fill(fbc_rfbc_at(c, c->tx, c->ty), c->stride, c->tw, c->th,
             c->hextile.bg);
    c->work += (uint32_t)c->tw * c->th;
    c->stage = TILE_SUBRECTS;

    return FBC_OK;
}

static enum fbc_err subrects(struct fbc_rfbc *c, struct fbc_src *s)
{
    const bool coloured = c->hextile.mask & MASK_COLOURED;
    const uint8_t *p;

    for ( ; c->hextile.subrects; c->hextile.subrects-- )
    {
        uint32_t x, y, w, h;

        p = fbc_gather(&c->gather, s, coloured ? 6 : 2);
        if ( !p )
            return FBC_ERR_PENDING;
        if ( coloured )
        {
            c->hextile.fg = fbc_colour_bgr(p);
            p += 4;
        }
        x = p[0] >> 4;
        y = p[0] & 15;
        w = (p[1] >> 4) + 1;
        h = (p[1] & 15) + 1;
        if ( x + w > c->tw || y + h > c->th )
            return fbc_rfbc_refuse(c, FBC_ERR_RANGE,
                                   "Hextile: a subrectangle outside its tile",
                                   -1);
        fbc_fill(fbc_rfbc_at(c, c->tx + x, c->ty + y), c->stride, w, h,
                 c->hextile.fg);
        c->work += w * h;
    }
    next(c);

    return FBC_OK;
}

enum fbc_err fbc_rfbc_hextile(struct fbc_rfbc *c, struct fbc_src *s)
{
    switch ( c->stage )
    {
    case BEGIN:
        c->hextile.bg = c->hextile.fg = 0;
        fbc_rfbc_first_tile(c, TILE);
        c->stage = TILE_MASK;
        return FBC_OK;

    case TILE_MASK:
        return mask(c, s);

    case TILE_HEAD:
        return head(c, s);

    case TILE_RAW:
        fbc_raster_bgrx(&c->raster, s);
        if ( !fbc_raster_done(&c->raster) )
            return FBC_ERR_PENDING;
        next(c);
        return FBC_OK;
    }

    return subrects(c, s);
}
