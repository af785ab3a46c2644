/* SPDX-License-Identifier: GPL-2.0-only */
/* Coded bands, back to pixels. */
#include "parse/shadow/coded.h"

static uint32_t cells_of(const struct fbc_coded *c)
{
    return (c->width + FBC_CELL_W - 1) / FBC_CELL_W;
}

static enum fbc_err take_head(struct fbc_coded *c, size_t n, size_t *at)
{
    if ( n < 1 )
        return FBC_ERR_LENGTH;
    c->colours = (c->code[0] & 0xf) + 1u;
    *at = FBC_CELLS_HEAD((size_t)c->colours);
    if ( n < *at )
        return FBC_ERR_LENGTH;
    c->glyphs = fbc_get16(c->code + *at - 2);

    return c->glyphs <= cells_of(c) ? FBC_OK : FBC_ERR_RANGE;
}

static enum fbc_err take_runs(struct fbc_coded *c, size_t n, size_t *at)
{
    uint32_t cell = 0, i;

    while ( cell < cells_of(c) )
    {
        const uint8_t *run = c->code + *at;

        if ( n - *at < 2 )
            return FBC_ERR_LENGTH;
        if ( run[0] + 1u > cells_of(c) - cell ||
             (run[1] & 0xfu) >= c->colours || run[1] >> 4u >= c->colours )
            return FBC_ERR_RANGE;
        for ( i = 0; i <= run[0]; i++ )
            c->pair[cell++] = run[1];
        *at += 2;
    }

    return FBC_OK;
}

/* A pattern that is wholly there, of colours that are. */
static enum fbc_err take_pattern(const struct fbc_coded *c, bool full,
                                 size_t n, size_t *at)
{
    const uint8_t *p = c->code + *at;
    size_t len, i;

    if ( n - *at < 2 )
        return FBC_ERR_LENGTH;
    if ( fbc_get16(p) >> c->h )
        return FBC_ERR_RANGE;
    len = (size_t)__builtin_popcount(fbc_get16(p)) *
          (full ? FBC_CELL_FULL_ROW : FBC_CELL_GLYPH_ROW);
    if ( n - *at - 2 < len )
        return FBC_ERR_LENGTH;
    for ( i = 2; full && i < 2 + len; i++ )
        if ( (p[i] & 0xfu) >= c->colours || p[i] >> 4u >= c->colours )
            return FBC_ERR_RANGE;
    *at += 2 + len;

    return FBC_OK;
}

/* Numbers of cells, and behind them patterns, each where it comes first. */
static enum fbc_err take_cells(struct fbc_coded *c, size_t n, size_t *at)
{
    const uint32_t bits = fbc_cells_bits(c->glyphs);
    const uint8_t *numbers = c->code + *at;
    uint32_t have = 0, word = 0, seen = 0, cell;
    enum fbc_err err;

    if ( n - *at < (cells_of(c) * bits + 7) / 8 )
        return FBC_ERR_LENGTH;
    *at += (cells_of(c) * bits + 7) / 8;

    for ( cell = 0; cell < cells_of(c); cell++ )
    {
        uint32_t v;

        for ( ; have < bits; have += 8 )
            word |= (uint32_t)*numbers++ << have;
        v = word & ((1u << bits) - 1);
        word >>= bits;
        have -= bits;

        c->in_full[cell] = v == c->glyphs + 1;
        if ( v > c->glyphs + 1 || (v > seen + 1 && !c->in_full[cell]) )
            return FBC_ERR_RANGE;
        c->pattern[cell] = v && v <= seen ? c->glyph[v - 1] : 0;
        if ( !v || c->pattern[cell] )
            continue;

        c->pattern[cell] = (uint16_t)*at;
        if ( !c->in_full[cell] )
            c->glyph[seen++] = (uint16_t)*at;
        err = take_pattern(c, c->in_full[cell], n, at);
        if ( err )
            return err;
    }

    return *at == n && seen == c->glyphs ? FBC_OK : FBC_ERR_LENGTH;
}

/* w pixels of a cell's rows. */
static void draw_cell(const struct fbc_coded *c, uint32_t cell, uint32_t w,
                      size_t stride, uint8_t *px)
{
    const uint32_t bits = c->in_full[cell] ? 4 : 1;
    const uint8_t *p = c->code + c->pattern[cell];
    const uint32_t mask = c->pattern[cell] ? fbc_get16(p) : 0;
    uint32_t y, x, row = 0;

    p += 2;
    for ( y = 0; y < c->h; y++, px += stride )
    {
        if ( mask >> y & 1 )
        {
            row = bits == 1 ? *p : fbc_get32(p);
            p += bits;
        }
        for ( x = 0; x < w; x++ )
        {
            uint32_t i = row >> x * bits & ((1u << bits) - 1);

            if ( bits == 1 )
                i = i ? c->pair[cell] >> 4u : c->pair[cell] & 0xfu;
            memcpy(px + x * 3, c->code + 1 + i * 3, 3);
        }
    }
}

void fbc_coded_tile(const struct fbc_coded *c, uint32_t x, uint32_t w,
                    uint8_t *px)
{
    uint32_t at;

    for ( at = 0; at < w; at += FBC_CELL_W )
        draw_cell(c, (x + at) / FBC_CELL_W,
                  w - at < FBC_CELL_W ? w - at : FBC_CELL_W, w * 3,
                  px + at * 3);
}

/* There is one code for a band: so nothing is left to choose. */
static bool is_the_code(struct fbc_coded *c, size_t n)
{
    uint8_t px[FBC_TILE_BYTES];
    uint32_t x, w;
    bool same;

    fbc_cells_begin(&c->again);
    for ( x = 0; x < c->width; x += w )
    {
        w = c->width - x < FBC_TILE_W ? c->width - x : FBC_TILE_W;
        fbc_coded_tile(c, x, w, px);
        fbc_cells_add(&c->again, px, w, c->h);
    }
    same = fbc_cells_end(&c->again) == n &&
           !memcmp(c->again.plain + FBC_CODED_HEAD, c->code, n);
    fbc_wipe(px, sizeof(px));

    return same;
}

enum fbc_err fbc_coded_open(struct fbc_coded *c, const uint8_t *plain,
                            size_t len, uint32_t width, uint32_t h)
{
    enum fbc_err err;
    size_t n, at = 0;

    if ( len < FBC_CODED_HEAD )
        return FBC_ERR_LENGTH;
    n = fbc_get16(plain);
    if ( n > len - FBC_CODED_HEAD )
        return FBC_ERR_LENGTH;
    if ( !fbc_is_zero(plain + FBC_CODED_HEAD + n, len - FBC_CODED_HEAD - n) )
        return FBC_ERR_RESERVED;
    if ( !n )
        return FBC_ERR_PENDING;

    c->code = plain + FBC_CODED_HEAD;
    c->width = width;
    c->h = h;
    err = take_head(c, n, &at);
    if ( !err )
        err = take_runs(c, n, &at);
    if ( !err )
        err = take_cells(c, n, &at);
    if ( !err && !is_the_code(c, n) )
        err = FBC_ERR_RESERVED;

    return err;
}
