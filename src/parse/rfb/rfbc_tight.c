/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RFB client: Tight, without JPEG (rfbproto, "Tight Encoding").  Pixels are
 * three bytes, red first.  At compression level 0 some servers leave zlib out,
 * as TurboVNC's do, others send stored blocks, as QEMU does.
 */
#include "parse/rfb/rfbc_int.h"

#define STREAMS        4
#define MIN_COMPRESSED 12       /* shorter data come as they are */
#define LEN_BYTES      3

/* Control byte: low half, streams to reset; high half, one of these. */
enum {
    KIND_FILTER = 4,            /* bit: a filter byte follows */
    KIND_STREAM = 3,            /* bits */
    KIND_FILL = 8,              /* from here on they are no bits */
    KIND_JPEG = 9,
    KIND_PLAIN = 10,            /* with or without KIND_FILTER: no zlib */
};

enum { FILTER_COPY = 0, FILTER_PALETTE = 1, FILTER_GRADIENT = 2 };

enum { BEGIN, FILL, FILTER, COLOURS, PALETTE, DATA_BEGIN, DATA_LEN, DATA,
       DATA_PLAIN };

static enum fbc_err begin(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 1);
    unsigned int i, kind;

    if ( !p )
        return FBC_ERR_PENDING;

    for ( i = 0; i < STREAMS; i++ )
        if ( *p & 1u << i && c->inflate.reset(c->inflate.arg, i) )
            return fbc_rfbc_refuse(c, FBC_ERR_NOMEM, "zlib failed", -1);

    kind = *p >> 4;
    if ( kind == KIND_JPEG )
        return fbc_rfbc_refuse(c, FBC_ERR_ALGORITHM,
                               "the server sends JPEG: a lossy picture cannot "
                               "be decrypted", -1);
    if ( kind > KIND_FILL && (kind & ~KIND_FILTER) != KIND_PLAIN )
        return fbc_rfbc_refuse(c, FBC_ERR_RESERVED,
                               "Tight: unknown kind of rectangle", kind);

    c->tight.control = (uint8_t)kind;
    c->tight.filter = FILTER_COPY;
    c->tight.len = 0;
    c->tight.len_bytes = 0;
    c->have = 0;
    c->stage = kind == KIND_FILL ? FILL : kind & KIND_FILTER ? FILTER
                                                             : DATA_BEGIN;

    return FBC_OK;
}

static enum fbc_err fill(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 3);

    if ( !p )
        return FBC_ERR_PENDING;
    fbc_raster_run(&c->raster, fbc_colour_rgb(p), fbc_raster_left(&c->raster));
    c->work += (uint32_t)c->rect.w * c->rect.h;
    c->decoded = true;

    return FBC_OK;
}

static enum fbc_err filter(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 1);

    if ( !p )
        return FBC_ERR_PENDING;
    if ( *p > FILTER_GRADIENT )
        return fbc_rfbc_refuse(c, FBC_ERR_RESERVED, "Tight: unknown filter",
                               *p);
    c->tight.filter = *p;
    c->stage = *p == FILTER_PALETTE ? COLOURS : DATA_BEGIN;

    return FBC_OK;
}

static enum fbc_err colours(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 1);

    if ( !p )
        return FBC_ERR_PENDING;
    c->colours = *p + 1u;
    if ( c->colours < 2 )
        return fbc_rfbc_refuse(c, FBC_ERR_RANGE,
                               "Tight: a palette of one colour", -1);
    c->stage = PALETTE;

    return FBC_OK;
}

static enum fbc_err palette(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p;

    for ( ; c->have < c->colours; c->have++ )
    {
        p = fbc_gather(&c->gather, s, 3);
        if ( !p )
            return FBC_ERR_PENDING;
        c->palette[c->have] = fbc_colour_rgb(p);
    }
    c->stage = DATA_BEGIN;

    return FBC_OK;
}

/* Bytes of the rectangle before compression. */
static uint32_t data_size(const struct fbc_rfbc *c)
{
    uint32_t row = c->rect.w * 3u;

    if ( c->tight.filter == FILTER_PALETTE )
        row = c->colours == 2 ? (c->rect.w + 7u) / 8 : c->rect.w;

    return row * c->rect.h;
}

static enum fbc_err data_begin(struct fbc_rfbc *c)
{
    c->stage = data_size(c) < MIN_COMPRESSED ? DATA_PLAIN : DATA_LEN;

    return FBC_OK;
}

/* Seven bits a byte, the lowest first; the third byte has eight. */
static enum fbc_err data_len(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 1);
    bool more;

    if ( !p )
        return FBC_ERR_PENDING;
    more = c->tight.len_bytes + 1 < LEN_BYTES && *p & 128;
    c->tight.len |= (uint32_t)(more ? *p & 127 : *p)
                    << 7 * c->tight.len_bytes;
    c->tight.len_bytes++;
    if ( more )
        return FBC_OK;

    if ( c->tight.control > KIND_FILL )
    {
        c->stage = DATA_PLAIN;
        return c->tight.len == data_size(c) ? FBC_OK : fbc_rfbc_refuse(
            c, FBC_ERR_LENGTH, "Tight: wrong length for the rectangle",
            c->tight.len);
    }
    c->stage = DATA;

    return fbc_rfbc_unzip_begin(c, c->tight.control & KIND_STREAM,
                                c->tight.len);
}

static uint32_t clamp(int32_t v)
{
    return v < 0 ? 0 : v > 255 ? 255 : (uint32_t)v;
}

/* Each colour less what left + above - above left would make it. */
static enum fbc_err gradient(struct fbc_rfbc *c, struct fbc_src *s)
{
    static const uint8_t zero[4];
    struct fbc_raster *r = &c->raster;
    unsigned int i;

    while ( !fbc_raster_done(r) )
    {
        const uint8_t *p = fbc_gather(&c->inner, s, 3);
        uint8_t *px = fbc_raster_at(r);
        const uint8_t *left = r->off ? px - 4 : zero;
        const uint8_t *up = r->first ? zero : px - r->stride;
        const uint8_t *corner = r->off && !r->first ? up - 4 : zero;

        if ( !p )
            return FBC_ERR_PENDING;
        for ( i = 0; i < 3; i++ )
            px[i] = (uint8_t)(p[2 - i] + clamp(left[i] + up[i] - corner[i]));
        px[3] = 0;
        fbc_raster_advance(r, 1);
    }

    return FBC_OK;
}

static enum fbc_err data(struct fbc_rfbc *c, struct fbc_src *s)
{
    enum fbc_err err = FBC_OK;

    switch ( c->tight.filter )
    {
    case FILTER_PALETTE:
        if ( fbc_raster_indexed(&c->raster, s, c->colours == 2 ? 1 : 8,
                                c->palette, c->colours) )
            return fbc_rfbc_refuse(c, FBC_ERR_RANGE,
                                   "Tight: no such colour in the palette", -1);
        break;

    case FILTER_GRADIENT:
        err = gradient(c, s);
        break;

    default:
        fbc_raster_rgb(&c->raster, &c->inner, s);
        break;
    }

    c->decoded = fbc_raster_done(&c->raster);

    return err ? err : c->decoded ? FBC_OK : FBC_ERR_PENDING;
}

enum fbc_err fbc_rfbc_tight(struct fbc_rfbc *c, struct fbc_src *s)
{
    switch ( c->stage )
    {
    case BEGIN:
        return begin(c, s);
    case FILL:
        return fill(c, s);
    case FILTER:
        return filter(c, s);
    case COLOURS:
        return colours(c, s);
    case PALETTE:
        return palette(c, s);
    case DATA_BEGIN:
        return data_begin(c);
    case DATA_LEN:
        return data_len(c, s);
    case DATA:
        return fbc_rfbc_unzip(c, s, data);
    }

    return data(c, s);
}
