/* SPDX-License-Identifier: GPL-2.0-only */
/* RFB client: ZRLE (RFC 6143 7.7.6).  Pixels are three bytes, blue first. */
#include "parse/rfb/rfbc_int.h"

#define TILE 64

enum {
    SUB_RAW = 0,
    SUB_SOLID = 1,
    SUB_PACKED_MAX = 16,        /* 2 to 16: so many colours, packed */
    SUB_RLE = 128,
    SUB_PALETTE_RLE = 130,      /* 128 + number of colours */
};

enum { BEGIN, DATA };

enum {
    TILE_SUB, TILE_PALETTE, TILE_RAW, TILE_PACKED, TILE_COLOUR, TILE_INDEX,
    TILE_RUN
};

static void next(struct fbc_rfbc *c)
{
    fbc_rfbc_next_tile(c, TILE);
    c->zrle.stage = TILE_SUB;
}

static enum fbc_err sub(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->inner, s, 1);

    if ( !p )
        return FBC_ERR_PENDING;

    fbc_raster_begin(&c->raster, fbc_rfbc_at(c, c->tx, c->ty), c->stride,
                     c->tw, c->th);
    c->work += (uint32_t)c->tw * c->th;
    c->zrle.sub = *p;
    c->have = 0;
    if ( *p == SUB_RAW )
        c->zrle.stage = TILE_RAW;
    else if ( *p <= SUB_PACKED_MAX )
    {
        c->colours = *p;
        c->zrle.stage = TILE_PALETTE;
    }
    else if ( *p == SUB_RLE )
        c->zrle.stage = TILE_COLOUR;
    else if ( *p >= SUB_PALETTE_RLE )
    {
        c->colours = *p - SUB_RLE;
        c->zrle.stage = TILE_PALETTE;
    }
    else
        return fbc_rfbc_refuse(c, FBC_ERR_RESERVED,
                               "ZRLE: unknown kind of tile", *p);

    return FBC_OK;
}

static enum fbc_err palette(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p;

    for ( ; c->have < c->colours; c->have++ )
    {
        p = fbc_gather(&c->inner, s, 3);
        if ( !p )
            return FBC_ERR_PENDING;
        c->palette[c->have] = fbc_colour_bgr(p);
    }

    if ( c->zrle.sub == SUB_SOLID )
    {
        fbc_raster_run(&c->raster, c->palette[0], fbc_raster_left(&c->raster));
        next(c);
    }
    else
        c->zrle.stage = c->zrle.sub <= SUB_PACKED_MAX ? TILE_PACKED
                                                      : TILE_INDEX;

    return FBC_OK;
}

static enum fbc_err bad_index(struct fbc_rfbc *c)
{
    return fbc_rfbc_refuse(c, FBC_ERR_RANGE, "ZRLE: no such colour in the "
                           "palette", -1);
}

static enum fbc_err packed(struct fbc_rfbc *c, struct fbc_src *s)
{
    const unsigned int bits = c->colours == 2 ? 1 : c->colours <= 4 ? 2 : 4;

    if ( fbc_raster_indexed(&c->raster, s, bits, c->palette, c->colours) )
        return bad_index(c);
    if ( !fbc_raster_done(&c->raster) )
        return FBC_ERR_PENDING;
    next(c);

    return FBC_OK;
}

/* n pixels of c->zrle.colour; then what comes next. */
static void draw(struct fbc_rfbc *c, uint32_t n)
{
    fbc_raster_run(&c->raster, c->zrle.colour, n);
    if ( fbc_raster_done(&c->raster) )
        next(c);
    else
        c->zrle.stage = c->zrle.sub == SUB_RLE ? TILE_COLOUR : TILE_INDEX;
}

static void begin_run(struct fbc_rfbc *c)
{
    c->zrle.run = 1;
    c->zrle.stage = TILE_RUN;
}

static enum fbc_err colour(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->inner, s, 3);

    if ( !p )
        return FBC_ERR_PENDING;
    c->zrle.colour = fbc_colour_bgr(p);
    begin_run(c);

    return FBC_OK;
}

static enum fbc_err colour_index(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->inner, s, 1);

    if ( !p )
        return FBC_ERR_PENDING;
    if ( (*p & 127u) >= c->colours )
        return bad_index(c);
    c->zrle.colour = c->palette[*p & 127];
    if ( *p & 128 )
        begin_run(c);
    else
        draw(c, 1);

    return FBC_OK;
}

/* Lengths are one less than the sum of bytes, the last of which is not 255. */
static enum fbc_err take_run(struct fbc_rfbc *c, struct fbc_src *s)
{
    uint8_t b;

    do {
        const uint8_t *p = fbc_gather(&c->inner, s, 1);

        if ( !p )
            return FBC_ERR_PENDING;
        b = *p;
        c->zrle.run += b;
        if ( c->zrle.run > fbc_raster_left(&c->raster) )
            return fbc_rfbc_refuse(c, FBC_ERR_RANGE,
                                   "ZRLE: a run is longer than its tile", -1);
    } while ( b == 255 );
    draw(c, c->zrle.run);

    return FBC_OK;
}

static enum fbc_err tiles(struct fbc_rfbc *c, struct fbc_src *s)
{
    switch ( c->zrle.stage )
    {
    case TILE_SUB:
        return sub(c, s);

    case TILE_PALETTE:
        return palette(c, s);

    case TILE_RAW:
        fbc_raster_bgr(&c->raster, &c->inner, s);
        if ( !fbc_raster_done(&c->raster) )
            return FBC_ERR_PENDING;
        next(c);
        return FBC_OK;

    case TILE_PACKED:
        return packed(c, s);

    case TILE_COLOUR:
        return colour(c, s);

    case TILE_INDEX:
        return colour_index(c, s);
    }

    return take_run(c, s);
}

enum fbc_err fbc_rfbc_zrle(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p;

    if ( c->stage == DATA )
        return fbc_rfbc_unzip(c, s, tiles);

    p = fbc_gather(&c->gather, s, 4);
    if ( !p )
        return FBC_ERR_PENDING;
    c->stage = DATA;
    c->zrle.stage = TILE_SUB;
    fbc_rfbc_first_tile(c, TILE);

    return fbc_rfbc_unzip_begin(c, FBC_INFLATE_ZRLE, fbc_get_be32(p));
}
