/* SPDX-License-Identifier: GPL-2.0-only */
/* Coded tiles, back to pixels. */
#include "parse/shadow/coded.h"
#include "core/palette.h"
#include "core/tile.h"

struct code {
    const uint8_t *palette, *pair, *rows;
    uint32_t colours, repeats, bits;
};

/* Lengths before contents: all that rows() reads is there after this. */
static enum fbc_err take_apart(const uint8_t *code, size_t len, uint32_t w,
                               uint32_t h, struct code *c)
{
    const uint32_t columns = (w + 7) / 8;
    size_t want;
    uint32_t y;

    if ( len < 1 )
        return FBC_ERR_LENGTH;
    if ( code[0] & ~(FBC_PALETTE_COUNT | FBC_PALETTE_PAIRS) )
        return FBC_ERR_RESERVED;
    c->colours = (code[0] & FBC_PALETTE_COUNT) + 1u;
    want = FBC_PALETTE_HEAD((size_t)c->colours);
    if ( len < want )
        return FBC_ERR_LENGTH;
    c->palette = code + 1;
    c->repeats = fbc_get16(code + want - 2);
    if ( c->repeats & 1 || c->repeats >> h )
        return FBC_ERR_RESERVED;

    c->bits = c->colours > 4 ? 4 : c->colours > 2 ? 2 : 1;
    c->pair = NULL;
    if ( code[0] & FBC_PALETTE_PAIRS )
    {
        c->bits = 1;
        c->pair = code + want;
        want += columns;
    }
    c->rows = code + want;
    for ( y = 0; y < h; y++ )
        if ( !(c->repeats >> y & 1) )
            want += (w * c->bits + 7) / 8;

    return len == want ? FBC_OK : FBC_ERR_LENGTH;
}

static enum fbc_err row(const struct code *c, const uint8_t *bytes,
                        uint32_t w, uint8_t *px)
{
    uint32_t x;

    for ( x = 0; x < w; x++, px += 3 )
    {
        uint32_t i = bytes[x * c->bits / 8] >> x * c->bits % 8 &
                     ((1u << c->bits) - 1);

        if ( c->pair )
            i = i ? c->pair[x / 8] >> 4 : c->pair[x / 8] & 0xfu;
        if ( i >= c->colours )
            return FBC_ERR_RANGE;
        memcpy(px, c->palette + i * 3, 3);
    }

    /* What is left of the last byte. */
    if ( w * c->bits % 8 && bytes[w * c->bits / 8] >> w * c->bits % 8 )
        return FBC_ERR_RESERVED;

    return FBC_OK;
}

static enum fbc_err rows(const struct code *c, uint32_t w, uint32_t h,
                         uint8_t *px)
{
    const uint8_t *from = c->rows;
    enum fbc_err err = FBC_OK;
    uint32_t y;

    for ( y = 0; !err && y < h; y++, px += w * 3 )
    {
        if ( c->repeats >> y & 1 )
            memcpy(px, px - w * 3, w * 3);
        else
        {
            err = row(c, from, w, px);
            from += (w * c->bits + 7) / 8;
        }
    }

    return err;
}

enum fbc_err fbc_coded_open(const uint8_t *plain, size_t len, uint32_t w,
                            uint32_t h, uint8_t *px)
{
    enum fbc_err err;
    struct code c;
    size_t n;

    if ( len < FBC_CODED_HEAD )
        return FBC_ERR_LENGTH;
    n = fbc_get16(plain);
    if ( n > len - FBC_CODED_HEAD )
        return FBC_ERR_LENGTH;
    if ( !fbc_is_zero(plain + FBC_CODED_HEAD + n, len - FBC_CODED_HEAD - n) )
        return FBC_ERR_RESERVED;
    if ( !n )
        return FBC_ERR_PENDING;

    err = take_apart(plain + FBC_CODED_HEAD, n, w, h, &c);
    if ( !err )
        err = rows(&c, w, h, px);
    if ( err )
        memset(px, 0, (size_t)w * h * 3);

    return err;
}
