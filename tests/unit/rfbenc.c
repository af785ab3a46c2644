/* SPDX-License-Identifier: GPL-2.0-only */
/* The server's side of RFB, for tests. */
#include "rfbenc.h"
#include "must.h"

#include <stdio.h>
#include <stdlib.h>

/* A rectangle's pixels, one after the other, as colours. */
struct area {
    uint32_t w, h;
    uint32_t *px;
    uint32_t palette[256];
    unsigned int colours;       /* 257: more than fit */
};

void rfb_put(struct rfb_buf *b, const void *data, size_t len)
{
    if ( len > b->cap - b->len )
    {
        b->cap = (b->len + len) * 2 + 4096;
        b->p = realloc(b->p, b->cap);
        MUST(b->p);
    }
    if ( len )
        memcpy(b->p + b->len, data, len);
    b->len += len;
}

void rfb_put8(struct rfb_buf *b, unsigned int v)
{
    const uint8_t c = (uint8_t)v;

    rfb_put(b, &c, 1);
}

void rfb_put16(struct rfb_buf *b, unsigned int v)
{
    rfb_put8(b, v >> 8);
    rfb_put8(b, v);
}

void rfb_put32(struct rfb_buf *b, uint32_t v)
{
    rfb_put16(b, v >> 16);
    rfb_put16(b, v);
}

void rfb_buf_free(struct rfb_buf *b)
{
    free(b->p);
    memset(b, 0, sizeof(*b));
}

void rfb_enc_end(struct rfb_enc *e)
{
    unsigned int i;

    for ( i = 0; i < FBC_INFLATE_STREAMS; i++ )
        if ( e->begun[i] )
            deflateEnd(&e->z[i]);
    memset(e, 0, sizeof(*e));
}

void rfb_deflate(struct rfb_enc *e, unsigned int stream, struct rfb_buf *out,
                 const void *data, size_t len)
{
    z_stream *z = &e->z[stream];
    uint8_t piece[65536];

    if ( !e->begun[stream] )
        MUST(deflateInit(z, e->level) == Z_OK);
    e->begun[stream] = true;
    z->next_in = (Bytef *)(uintptr_t)data;
    z->avail_in = (uInt)len;
    do {
        z->next_out = piece;
        z->avail_out = sizeof(piece);
        MUST(deflate(z, Z_SYNC_FLUSH) == Z_OK);
        rfb_put(out, piece, sizeof(piece) - z->avail_out);
    } while ( !z->avail_out );
}

static void put_bgr(struct rfb_buf *b, uint32_t c)
{
    const uint8_t p[3] = { (uint8_t)c, (uint8_t)(c >> 8), (uint8_t)(c >> 16) };

    rfb_put(b, p, 3);
}

static void put_rgb(struct rfb_buf *b, uint32_t c)
{
    const uint8_t p[3] = { (uint8_t)(c >> 16), (uint8_t)(c >> 8), (uint8_t)c };

    rfb_put(b, p, 3);
}

static void put_bgrx(struct rfb_buf *b, uint32_t c)
{
    put_bgr(b, c);
    rfb_put8(b, 0);
}

static unsigned int index_of(const struct area *a, uint32_t c)
{
    unsigned int i;

    for ( i = 0; i < a->colours && a->palette[i] != c; i++ )
        ;

    return i;
}

static struct area area(const uint8_t *pic, size_t stride, uint32_t x,
                        uint32_t y, uint32_t w, uint32_t h)
{
    struct area a = { .w = w, .h = h };
    uint32_t i;

    a.px = malloc(w * h * sizeof(*a.px));
    MUST(a.px);
    for ( i = 0; i < w * h; i++ )
    {
        a.px[i] = fbc_colour_bgr(pic + (y + i / w) * stride +
                                 (x + i % w) * 4);
        if ( a.colours <= 256 && index_of(&a, a.px[i]) == a.colours &&
             a.colours++ < 256 )
            a.palette[a.colours - 1] = a.px[i];
    }

    return a;
}

/* Indices of bits each, rows padded to whole bytes. */
static void put_packed(struct rfb_buf *b, const struct area *a,
                       unsigned int bits)
{
    uint32_t x, y;

    for ( y = 0; y < a->h; y++ )
    {
        unsigned int v = 0, have = 0;

        for ( x = 0; x < a->w; x++ )
        {
            v = v << bits | index_of(a, a->px[y * a->w + x]);
            have += bits;
            if ( have == 8 )
            {
                rfb_put8(b, v);
                v = have = 0;
            }
        }
        if ( have )
            rfb_put8(b, v << (8 - have));
    }
}

/* Each pixel that is not bg as a subrectangle as wide as it goes. */
static unsigned int subrects(struct rfb_buf *b, const struct area *a,
                             uint32_t bg, bool coloured)
{
    unsigned int n = 0;
    uint32_t x, y, w;

    for ( y = 0; y < a->h; y++ )
        for ( x = 0; x < a->w; x += w )
        {
            const uint32_t *p = a->px + y * a->w + x;

            for ( w = 1; x + w < a->w && p[w] == p[0]; w++ )
                ;
            if ( p[0] == bg )
                continue;
            if ( coloured )
                put_bgrx(b, p[0]);
            rfb_put8(b, x << 4 | y);
            rfb_put8(b, (w - 1) << 4);
            n++;
        }

    return n;
}

static void hextile_tile(struct rfb_buf *b, const struct rfb_enc *e,
                         const struct area *a)
{
    struct rfb_buf subs = { 0 };
    unsigned int n = 256;
    uint32_t i;
    const bool coloured = e->how == RFB_COLOURED;

    if ( e->how == RFB_SOLID && a->colours == 1 )
    {
        rfb_put8(b, 2);
        put_bgrx(b, a->palette[0]);
        return;
    }
    if ( coloured || (e->how == RFB_PALETTE && a->colours == 2) )
        n = subrects(&subs, a, a->palette[0], coloured);
    if ( n < 256 )
    {
        rfb_put8(b, 2 | 8 | (coloured ? 16 : 4));
        put_bgrx(b, a->palette[0]);
        if ( !coloured )
            put_bgrx(b, a->palette[1]);
        rfb_put8(b, n);
        rfb_put(b, subs.p, subs.len);
    }
    else
    {
        rfb_put8(b, 1);
        for ( i = 0; i < a->w * a->h; i++ )
            put_bgrx(b, a->px[i]);
    }
    rfb_buf_free(&subs);
}

static void put_run(struct rfb_buf *b, uint32_t n)
{
    for ( n--; n >= 255; n -= 255 )
        rfb_put8(b, 255);
    rfb_put8(b, n);
}

static void zrle_tile(struct rfb_buf *b, const struct rfb_enc *e,
                      const struct area *a)
{
    const bool pal_rle = e->how == RFB_PALETTE_RLE && a->colours > 1 &&
                         a->colours < 128;
    uint32_t i, n;

    if ( a->colours == 1 && e->how == RFB_SOLID )
    {
        rfb_put8(b, 1);
        put_bgr(b, a->palette[0]);
    }
    else if ( e->how == RFB_PALETTE && a->colours > 1 && a->colours <= 16 )
    {
        rfb_put8(b, a->colours);
        for ( i = 0; i < a->colours; i++ )
            put_bgr(b, a->palette[i]);
        put_packed(b, a, a->colours == 2 ? 1 : a->colours <= 4 ? 2 : 4);
    }
    else if ( pal_rle || e->how == RFB_RLE )
    {
        rfb_put8(b, pal_rle ? 128 + a->colours : 128);
        for ( i = 0; pal_rle && i < a->colours; i++ )
            put_bgr(b, a->palette[i]);
        for ( i = 0; i < a->w * a->h; i += n )
        {
            for ( n = 1; i + n < a->w * a->h && a->px[i + n] == a->px[i];
                  n++ )
                ;
            if ( pal_rle )
                rfb_put8(b, index_of(a, a->px[i]) | (n > 1 ? 128 : 0));
            else
                put_bgr(b, a->px[i]);
            if ( !pal_rle || n > 1 )
                put_run(b, n);
        }
    }
    else
    {
        rfb_put8(b, 0);
        for ( i = 0; i < a->w * a->h; i++ )
            put_bgr(b, a->px[i]);
    }
}

static void tiles(struct rfb_buf *b, struct rfb_enc *e, const uint8_t *pic,
                  size_t stride, const struct fbc_rect *r, uint32_t size)
{
    uint32_t x, y;

    for ( y = 0; y < r->h; y += size )
        for ( x = 0; x < r->w; x += size )
        {
            struct area a = area(pic, stride, r->x + x, r->y + y,
                                 r->w - x < size ? r->w - x : size,
                                 r->h - y < size ? r->h - y : size);

            if ( size == 16 )
                hextile_tile(b, e, &a);
            else
                zrle_tile(b, e, &a);
            free(a.px);
        }
}

void rfb_tight_len(struct rfb_buf *b, size_t len)
{
    rfb_put8(b, (len & 127) | (len > 127 ? 128 : 0));
    if ( len > 127 )
        rfb_put8(b, (len >> 7 & 127) | (len > 16383 ? 128 : 0));
    if ( len > 16383 )
        rfb_put8(b, (unsigned int)(len >> 14));
}

static uint32_t gradient(const struct area *a, uint32_t i)
{
    const bool left = i % a->w, up = i >= a->w;
    uint32_t out = 0;
    int shift, v;

    for ( shift = 0; shift < 24; shift += 8 )
    {
        v = (left ? a->px[i - 1] >> shift & 255 : 0) +
            (up ? a->px[i - a->w] >> shift & 255 : 0);
        v -= left && up ? a->px[i - a->w - 1] >> shift & 255 : 0;
        v = v < 0 ? 0 : v > 255 ? 255 : v;
        out |= (((a->px[i] >> shift) - (uint32_t)v) & 255) << shift;
    }

    return out;
}

static void tight(struct rfb_buf *b, struct rfb_enc *e, const uint8_t *pic,
                  size_t stride, const struct fbc_rect *r)
{
    struct area a = area(pic, stride, r->x, r->y, r->w, r->h);
    struct rfb_buf data = { 0 }, packed = { 0 };
    uint32_t i;

    for ( i = 0; i < 4; i++ )
        if ( e->reset & 1u << i && e->begun[i] )
            MUST(deflateReset(&e->z[i]) == Z_OK);

    if ( e->how == RFB_SOLID && a.colours == 1 )
    {
        rfb_put8(b, 0x80 | e->reset);
        put_rgb(b, a.palette[0]);
    }
    else if ( e->how == RFB_PALETTE && a.colours > 1 && a.colours <= 256 )
    {
        rfb_put8(b, 0x40 | e->stream << 4 | e->reset);
        rfb_put8(b, 1);
        rfb_put8(b, a.colours - 1);
        for ( i = 0; i < a.colours; i++ )
            put_rgb(b, a.palette[i]);
        put_packed(&data, &a, a.colours == 2 ? 1 : 8);
    }
    else
    {
        rfb_put8(b, (e->how == RFB_GRADIENT ? 0x40u : 0) | e->stream << 4 |
                    e->reset);
        if ( e->how == RFB_GRADIENT )
            rfb_put8(b, 2);
        for ( i = 0; i < a.w * a.h; i++ )
            put_rgb(&data, e->how == RFB_GRADIENT ? gradient(&a, i)
                                                  : a.px[i]);
    }
    e->reset = 0;

    if ( data.len >= 12 )
    {
        rfb_deflate(e, e->stream, &packed, data.p, data.len);
        rfb_tight_len(b, packed.len);
        rfb_put(b, packed.p, packed.len);
    }
    else
        rfb_put(b, data.p, data.len);
    rfb_buf_free(&data);
    rfb_buf_free(&packed);
    free(a.px);
}

static void put_zipped(struct rfb_buf *b, struct rfb_enc *e,
                       unsigned int stream, const struct rfb_buf *data)
{
    struct rfb_buf packed = { 0 };

    rfb_deflate(e, stream, &packed, data->p, data->len);
    rfb_put32(b, (uint32_t)packed.len);
    rfb_put(b, packed.p, packed.len);
    rfb_buf_free(&packed);
}

static void raw(struct rfb_buf *b, const uint8_t *pic, size_t stride,
                const struct fbc_rect *r)
{
    uint32_t y;

    for ( y = r->y; y < (uint32_t)r->y + r->h; y++ )
        rfb_put(b, pic + y * stride + r->x * 4u, r->w * 4u);
}

void rfb_update(struct rfb_buf *b, unsigned int n)
{
    rfb_put16(b, 0);
    rfb_put16(b, n);
}

void rfb_rect_head(struct rfb_buf *b, const struct fbc_rect *r,
                   int32_t encoding)
{
    rfb_put16(b, r->x);
    rfb_put16(b, r->y);
    rfb_put16(b, r->w);
    rfb_put16(b, r->h);
    rfb_put32(b, (uint32_t)encoding);
}

void rfb_rect(struct rfb_buf *b, struct rfb_enc *e, const uint8_t *pic,
              size_t stride, const struct fbc_rect *r)
{
    struct rfb_buf data = { 0 };

    rfb_rect_head(b, r, e->encoding);
    switch ( e->encoding )
    {
    case FBC_RFB_RAW:
        raw(b, pic, stride, r);
        break;
    case FBC_RFB_HEXTILE:
        tiles(b, e, pic, stride, r, 16);
        break;
    case FBC_RFB_ZLIB:
        raw(&data, pic, stride, r);
        put_zipped(b, e, FBC_INFLATE_ZLIB, &data);
        break;
    case FBC_RFB_ZRLE:
        tiles(&data, e, pic, stride, r, 64);
        put_zipped(b, e, FBC_INFLATE_ZRLE, &data);
        break;
    case FBC_RFB_TIGHT:
        tight(b, e, pic, stride, r);
        break;
    default:
        MUST(!"encoding");
    }
    rfb_buf_free(&data);
}

void rfb_server_init(struct rfb_buf *b, unsigned int width,
                     unsigned int height)
{
    static const uint8_t format[16] = { 32, 24, 0, 1, 0, 255, 0, 255, 0, 255,
                                        16, 8, 0 };

    rfb_put16(b, width);
    rfb_put16(b, height);
    rfb_put(b, format, sizeof(format));
    rfb_put32(b, 4);
    rfb_put(b, "test", 4);
}

void rfb_hello(struct rfb_buf *b, unsigned int minor, unsigned int width,
               unsigned int height)
{
    char version[16];

    snprintf(version, sizeof(version), "RFB 003.%03u\n", minor % 1000);
    rfb_put(b, version, 12);
    if ( minor == 3 )
        rfb_put32(b, 1);
    else
    {
        rfb_put8(b, 1);
        rfb_put8(b, 1);
    }
    if ( minor >= 8 )
        rfb_put32(b, 0);
    rfb_server_init(b, width, height);
}
