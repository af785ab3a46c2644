/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes that come in pieces, and pixels that they become. */
#include "parse/rfb/rfbpix.h"
#include "core/pack.h"

const uint8_t *fbc_gather(struct fbc_gather *g, struct fbc_src *s, size_t n)
{
    const uint8_t *p = s->p;
    size_t take;

    if ( !g->have && s->len >= n )
    {
        s->p += n;
        s->len -= n;
        return p;
    }

    take = n - g->have < s->len ? n - g->have : s->len;
    memcpy(g->buf + g->have, p, take);
    g->have += (uint8_t)take;
    s->p += take;
    s->len -= take;
    if ( g->have < n )
        return NULL;
    g->have = 0;

    return g->buf;
}

void fbc_raster_begin(struct fbc_raster *r, uint8_t *first, size_t stride,
                      uint32_t w, uint32_t h)
{
    *r = (struct fbc_raster){ .row = first, .stride = stride, .bytes = w * 4,
                              .rows = h, .first = true };
}

static void advance(struct fbc_raster *r, uint32_t bytes)
{
    r->off += bytes;
    if ( r->off < r->bytes )
        return;
    r->off = 0;
    r->rows--;
    r->first = false;
    if ( r->rows )
        r->row += r->stride;
}

void fbc_raster_advance(struct fbc_raster *r, uint32_t n)
{
    advance(r, n * 4);
}

void fbc_raster_bgrx(struct fbc_raster *r, struct fbc_src *s)
{
    while ( r->rows && s->len )
    {
        uint32_t n = r->bytes - r->off;

        if ( n > s->len )
            n = (uint32_t)s->len;
        memcpy(r->row + r->off, s->p, n);
        s->p += n;
        s->len -= n;
        advance(r, n);
    }
}

/* Each load takes one byte too many: the last pixel is not loaded so. */
static void unpack_rgb(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    uint32_t v;

    for ( ; pixels > 1; pixels--, src += 3, dst += 4 )
    {
        memcpy(&v, src, sizeof(v));
        v = __builtin_bswap32(v) >> 8;
        memcpy(dst, &v, sizeof(v));
    }

    if ( pixels )
        fbc_put32(dst, fbc_colour_rgb(src));
}

static void raster3(struct fbc_raster *r, struct fbc_gather *g,
                    struct fbc_src *s,
                    void (*unpack)(uint8_t *, const uint8_t *, size_t))
{
    while ( r->rows && s->len )
    {
        uint32_t n = fbc_raster_row_left(r);
        const uint8_t *p = s->p;

        if ( n > s->len / 3 )
            n = (uint32_t)(s->len / 3);
        if ( g->have || !n )
        {
            p = fbc_gather(g, s, 3);
            if ( !p )
                return;
            n = 1;
        }
        else
        {
            s->p += n * 3;
            s->len -= n * 3;
        }
        unpack(fbc_raster_at(r), p, n);
        fbc_raster_advance(r, n);
    }
}

void fbc_raster_bgr(struct fbc_raster *r, struct fbc_gather *g,
                    struct fbc_src *s)
{
    raster3(r, g, s, fbc_unpack);
}

void fbc_raster_rgb(struct fbc_raster *r, struct fbc_gather *g,
                    struct fbc_src *s)
{
    raster3(r, g, s, unpack_rgb);
}

static void fill_row(uint8_t *p, uint32_t colour, uint32_t n)
{
    for ( ; n; n--, p += 4 )
        fbc_put32(p, colour);
}

void fbc_raster_run(struct fbc_raster *r, uint32_t colour, uint32_t n)
{
    while ( n && r->rows )
    {
        uint32_t k = fbc_raster_row_left(r);

        if ( k > n )
            k = n;
        fill_row(fbc_raster_at(r), colour, k);
        fbc_raster_advance(r, k);
        n -= k;
    }
}

enum fbc_err fbc_raster_indexed(struct fbc_raster *r, struct fbc_src *s,
                                unsigned int bits, const uint32_t *palette,
                                unsigned int n)
{
    unsigned int mask = (1u << bits) - 1, shift;
    uint32_t in_row, i, k;
    uint8_t *dst;

    while ( r->rows && s->len )
    {
        in_row = fbc_raster_row_left(r);
        dst = fbc_raster_at(r);
        k = in_row < 8 / bits ? in_row : 8 / bits;
        for ( i = 0, shift = 8; i < k; i++ )
        {
            unsigned int index;

            shift -= bits;
            index = *s->p >> shift & mask;
            if ( index >= n )
                return FBC_ERR_RANGE;
            fbc_put32(dst + i * 4, palette[index]);
        }
        s->p++;
        s->len--;
        fbc_raster_advance(r, k);
    }

    return FBC_OK;
}

void fbc_fill(uint8_t *first, size_t stride, uint32_t w, uint32_t h,
              uint32_t colour)
{
    for ( ; h; h--, first += stride )
        fill_row(first, colour, w);
}
