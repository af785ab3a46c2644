/* SPDX-License-Identifier: GPL-2.0-only */
/* Coded bands, back to pixels. */
#include "parse/shadow/coded.h"

static uint32_t cells_of(const struct fbc_coded *c)
{
    return (c->width + FBC_CELL_W - 1) / FBC_CELL_W;
}

static uint32_t cell_width(const struct fbc_coded *c, uint32_t cell)
{
    const uint32_t left = c->width - cell * FBC_CELL_W;

    return left < FBC_CELL_W ? left : FBC_CELL_W;
}

static enum fbc_err take_head(struct fbc_coded *c, size_t n, size_t *at)
{
    uint32_t i, j;

    if ( n < 1 )
        return FBC_ERR_LENGTH;
    if ( c->code[0] >> 4 )
        return FBC_ERR_RESERVED;
    c->colours = c->code[0] + 1u;
    *at = FBC_CELLS_HEAD((size_t)c->colours);
    if ( n < *at )
        return FBC_ERR_LENGTH;
    for ( i = 0; i < c->colours; i++ )
    {
        c->colour[i] = fbc_get16(c->code + 1 + i * 3) |
                       (uint32_t)c->code[3 + i * 3] << 16;
        for ( j = 0; j < i; j++ )
            if ( c->colour[j] == c->colour[i] )
                return FBC_ERR_RESERVED;
    }
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

/* As the coder makes them: of cells that are in full, of glyphs, and blank. */
static bool runs_are_right(const struct fbc_coded *c, const uint8_t *run)
{
    const uint32_t none = FBC_CELLS_COLOURS;
    uint32_t cell = 0;

    while ( cell < cells_of(c) )
    {
        uint32_t a = none, b = none, n = 0;

        for ( ; cell < cells_of(c) && n < FBC_CELLS_RUN; cell++, n++ )
        {
            const uint32_t first = c->pair[cell] & 0xf;
            const uint32_t second = c->pair[cell] >> 4;
            const bool glyph = c->pattern[cell] && !c->in_full[cell];

            if ( c->in_full[cell] )
                continue;
            if ( (a != none && a != first) ||
                 (glyph && b != none && b != second) )
                break;
            a = first;
            b = glyph ? second : b;
        }
        a = a == none ? 0 : a;
        b = b == none ? a : b;
        if ( run[0] != n - 1 || run[1] != (a | b << 4) )
            return false;
        run += 2;
    }

    return true;
}

/* Its rows, and whether they are as the coder would have them. */
static bool pattern_is_right(const struct fbc_coded *c, uint32_t cell,
                             const uint8_t *p)
{
    const uint32_t mask = fbc_get16(p), w = cell_width(c, cell);
    const bool full = c->in_full[cell];
    const uint32_t bits = full ? 4 : 1;
    uint32_t y, x, row = 0, above = 0, a = 0, b = 0, seen = 1;

    p += 2;
    for ( y = 0; y < c->h; y++, above = row )
    {
        if ( mask >> y & 1 )
        {
            row = full ? fbc_get32(p) : *p;
            p += full ? FBC_CELL_FULL_ROW : FBC_CELL_GLYPH_ROW;
            if ( row == above || (uint64_t)row >> w * bits )
                return false;
        }
        if ( !y )
            a = row & ((1u << bits) - 1);
        for ( x = 0; full && seen < 3 && x < w; x++ )
        {
            const uint32_t v = row >> x * 4 & 0xf;

            if ( v == a || (seen == 2 && v == b) )
                continue;
            b = v;
            seen++;
        }
    }

    return full ? seen == 3 : mask && !a;
}

/* A pattern that is wholly there, of colours that are. */
static enum fbc_err take_pattern(const struct fbc_coded *c, uint32_t cell,
                                 size_t n, size_t *at)
{
    const bool full = c->in_full[cell];
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

    return pattern_is_right(c, cell, p) ? FBC_OK : FBC_ERR_RESERVED;
}

/* The newest glyph, of so many bytes, is another one than those before. */
static bool glyph_is_new(const struct fbc_coded *c, uint32_t seen, size_t len)
{
    const uint8_t *p = c->code + c->glyph[seen];
    uint32_t i;

    for ( i = 0; i < seen; i++ )
        if ( !memcmp(c->code + c->glyph[i], p, 2) &&
             !memcmp(c->code + c->glyph[i], p, len) )
            return false;

    return true;
}

/* Numbers of cells, and behind them patterns, each where it comes first. */
static enum fbc_err take_cells(struct fbc_coded *c, size_t n, size_t *at)
{
    const uint32_t bits = fbc_cells_bits(c->glyphs);
    const uint8_t *numbers = c->code + *at;
    uint32_t have = 0, word = 0, seen = 0, cell;

    if ( n - *at < (cells_of(c) * bits + 7) / 8 )
        return FBC_ERR_LENGTH;
    *at += (cells_of(c) * bits + 7) / 8;

    for ( cell = 0; cell < cells_of(c); cell++ )
    {
        const size_t begin = *at;
        enum fbc_err err;
        uint32_t v;

        for ( ; have < bits; have += 8 )
            word |= (uint32_t)*numbers++ << have;
        v = word & ((1u << bits) - 1);
        word >>= bits;
        have -= bits;

        c->in_full[cell] = v == c->glyphs + 1;
        if ( v > c->glyphs + 1 || (v > seen + 1 && !c->in_full[cell]) )
            return FBC_ERR_RANGE;
        /* A glyph has two colours. */
        if ( v && !c->in_full[cell] &&
             (c->pair[cell] & 0xf) == c->pair[cell] >> 4 )
            return FBC_ERR_RESERVED;
        c->pattern[cell] = v && v <= seen ? c->glyph[v - 1] : 0;
        /* The last cell may be narrower than the one that it is from. */
        if ( c->pattern[cell] && cell_width(c, cell) < FBC_CELL_W &&
             !pattern_is_right(c, cell, c->code + c->pattern[cell]) )
            return FBC_ERR_RESERVED;
        if ( !v || c->pattern[cell] )
            continue;

        c->pattern[cell] = (uint16_t)begin;
        err = take_pattern(c, cell, n, at);
        if ( err )
            return err;
        if ( c->in_full[cell] )
            continue;
        c->glyph[seen] = (uint16_t)begin;
        if ( !glyph_is_new(c, seen++, *at - begin) )
            return FBC_ERR_RESERVED;
    }
    if ( word )
        return FBC_ERR_RESERVED;

    return *at == n && seen == c->glyphs ? FBC_OK : FBC_ERR_LENGTH;
}

/* A cell's rows: an index of four bits for each pixel. */
static void get_rows(const struct fbc_coded *c, uint32_t cell,
                     uint32_t row[static FBC_TILE_H])
{
    const uint8_t *p = c->code + c->pattern[cell];
    const uint32_t mask = c->pattern[cell] ? fbc_get16(p) : 0;
    const uint32_t a = c->pair[cell] & 0xf, d = a ^ c->pair[cell] >> 4;
    uint32_t y, x, now = c->in_full[cell] ? 0 : a * 0x11111111u;

    p += 2;
    for ( y = 0; y < c->h; y++ )
    {
        if ( mask >> y & 1 && c->in_full[cell] )
        {
            now = fbc_get32(p);
            p += FBC_CELL_FULL_ROW;
        }
        else if ( mask >> y & 1 )
        {
            now = a * 0x11111111u;
            for ( x = 0; x < FBC_CELL_W; x++ )
                now ^= d * (*p >> x & 1) << x * 4;
            p += FBC_CELL_GLYPH_ROW;
        }
        row[y] = now;
    }
}

/*
 * All colours come, in their order, tile by tile: looks no further than where
 * the last one does.
 */
static bool colours_are_right(const struct fbc_coded *c)
{
    uint32_t row[FBC_TILE_W / FBC_CELL_W][FBC_TILE_H];
    uint32_t first, y, i, x, seen = 0;

    for ( first = 0; first < cells_of(c) && seen < c->colours;
          first += FBC_TILE_W / FBC_CELL_W )
    {
        const uint32_t left = cells_of(c) - first;
        const uint32_t n = left < FBC_TILE_W / FBC_CELL_W
                           ? left : FBC_TILE_W / FBC_CELL_W;

        for ( i = 0; i < n; i++ )
            get_rows(c, first + i, row[i]);
        for ( y = 0; y < c->h; y++ )
            for ( i = 0; i < n; i++ )
                for ( x = 0; x < cell_width(c, first + i); x++ )
                {
                    const uint32_t v = row[i][y] >> x * 4 & 0xf;

                    if ( v > seen )
                        return false;
                    seen += v == seen;
                }
    }

    return seen == c->colours;
}

/* w pixels of a cell's row, each of four bits, or one. */
static void draw_row(const struct fbc_coded *c, uint32_t cell, uint32_t row,
                     uint32_t w, uint8_t *px)
{
    const uint32_t first = c->colour[c->pair[cell] & 0xf];
    const uint32_t other = first ^ c->colour[c->pair[cell] >> 4];
    uint32_t x, v[FBC_CELL_W];

    for ( x = 0; x < FBC_CELL_W; x++ )
        v[x] = c->in_full[cell] ? c->colour[row >> x * 4 & 0xf]
                                : first ^ (other & -(row >> x & 1));

    /* The fourth byte of each lies below the next one. */
    for ( x = 0; x + 1 < w; x++, px += 3 )
        fbc_put32(px, v[x]);
    fbc_put16(px, (uint16_t)v[x]);
    px[2] = (uint8_t)(v[x] >> 16);
}

static void draw_cell(const struct fbc_coded *c, uint32_t cell, uint32_t w,
                      size_t stride, uint8_t *px)
{
    const uint8_t *p = c->code + c->pattern[cell];
    const uint32_t mask = c->pattern[cell] ? fbc_get16(p) : 0;
    uint32_t y;

    p += 2;
    if ( !(mask & 1) )
        draw_row(c, cell, 0, w, px);
    for ( y = 0; y < c->h; y++, px += stride )
    {
        if ( !(mask >> y & 1) )
        {
            if ( y )
                memcpy(px, px - stride, w * 3);
            continue;
        }
        draw_row(c, cell, c->in_full[cell] ? fbc_get32(p) : *p, w, px);
        p += c->in_full[cell] ? FBC_CELL_FULL_ROW : FBC_CELL_GLYPH_ROW;
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

enum fbc_err fbc_coded_open(struct fbc_coded *c, const uint8_t *plain,
                            size_t len, uint32_t width, uint32_t h)
{
    enum fbc_err err;
    size_t n, at = 0, runs;

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
    runs = at;
    if ( !err )
        err = take_runs(c, n, &at);
    if ( !err )
        err = take_cells(c, n, &at);

    /* There is one code for a band. */
    if ( !err && (!runs_are_right(c, c->code + runs) ||
                  !colours_are_right(c)) )
        err = FBC_ERR_RESERVED;

    return err;
}
