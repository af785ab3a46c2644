/* SPDX-License-Identifier: GPL-2.0-only */
/* A band of few colours, in few bytes. */
#include "core/cells.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "indices are packed in little-endian words");
_Static_assert(FBC_CELLS_FRONT + FBC_CELLS_MAX * 66 + 4 <= FBC_CODED_MAX,
               "every pattern has room, and what is too much of the last");

/* A nibble is a pixel, the left one in the lowest bits; a word has two rows. */
#define ONES      UINT64_C(0x1111111111111111)
#define CELL_FULL 0xffffu
#define NO_COLOUR FBC_CELLS_COLOURS

void fbc_cells_begin(struct fbc_cells *c)
{
    c->colours = c->cells = c->glyphs = 0;
    c->full = false;
    c->patterns = 0;
    memset(c->hash, 0, sizeof(c->hash));
    memset(c->slot, 0, sizeof(c->slot));
}

/* Not one of those that were found at once. */
static uint32_t find_or_add(struct fbc_cells *c, uint32_t colour, uint32_t at)
{
    /* Of the slots at most 16 are taken. */
    for ( ; c->hash[at]; at = (at + 1) % sizeof(c->hash) )
        if ( c->colour[c->hash[at] - 1] == colour )
            return c->hash[at] - 1u;

    if ( c->colours == FBC_CELLS_COLOURS )
        return FBC_CELLS_COLOURS;
    c->colour[c->colours++] = colour;
    c->hash[at] = (uint8_t)c->colours;

    return c->colours - 1;
}

/* The colour's index; FBC_CELLS_COLOURS if there is no room for it. */
static uint32_t index_of(struct fbc_cells *c, uint32_t colour)
{
    const uint32_t at = colour * 0x9e3779b1u >> 25;
    const uint32_t i = c->hash[at];

    return i && c->colour[i - 1] == colour ? i - 1
                                           : find_or_add(c, colour, at);
}

/*
 * Up to 8 pixels as a word.  Each is read as four bytes, but for the tile's
 * last one, after which there may be none.  False: too many colours.
 */
static bool index_word(struct fbc_cells *c, const uint8_t *px, uint32_t n,
                       bool last, uint32_t *word)
{
    uint32_t i, all = 0, full = 0;

    for ( i = 0; i < n - last; i++, px += 3 )
    {
        uint32_t v = index_of(c, fbc_get32(px) & 0xffffff);

        full |= v;
        all |= v << i * 4;
    }
    if ( last )
    {
        uint32_t v = index_of(c, fbc_get16(px) | (uint32_t)px[2] << 16);

        full |= v;
        all |= v << i * 4;
    }
    *word = all;

    return !(full & FBC_CELLS_COLOURS);
}

static bool make_index(struct fbc_cells *c, const uint8_t *px, uint32_t w,
                       uint32_t h)
{
    const uint8_t *end = px + w * h * 3;
    uint32_t x, y, n;

    for ( y = 0; y < h; y++ )
        for ( x = 0; x < w; x += FBC_CELL_W, px += n * 3 )
        {
            n = w - x < FBC_CELL_W ? w - x : FBC_CELL_W;
            if ( !index_word(c, px, n, px + n * 3 == end,
                             &c->row[x / FBC_CELL_W][y]) )
                return false;
        }

    return true;
}

/* In each nibble that is not 0, 1. */
static uint64_t not_zero(uint64_t word)
{
    word |= word >> 2;
    word |= word >> 1;

    return word & ONES;
}

/* Of two rows a byte each: the lowest bits of the nibbles, side by side. */
static uint64_t squeeze(uint64_t word)
{
    word = (word | word >> 3) & UINT64_C(0x0303030303030303);
    word = (word | word >> 6) & UINT64_C(0x000f000f000f000f);
    word = (word | word >> 12) & UINT64_C(0x000000ff000000ff);

    return (word | word >> 24) & 0xffff;
}

/* Which rows are not as the one above, and they. */
static void put_pattern(struct fbc_cells *c, const uint32_t *row, uint32_t h,
                        uint32_t bytes)
{
    uint8_t *head = c->plain + FBC_CELLS_FRONT + c->patterns, *p = head + 2;
    uint32_t y, above = 0, mask = 0;

    for ( y = 0; y < h; y++ )
    {
        const uint32_t differs = row[y] != above;

        /* What is too much is written again, and there is room. */
        fbc_put32(p, row[y]);
        p += differs * bytes;
        mask |= differs << y;
        above = row[y];
    }
    fbc_put16(head, (uint16_t)mask);
    c->patterns += (size_t)(p - head);
}

static void put_glyph(struct fbc_cells *c, const uint64_t g[static 2],
                      uint32_t h)
{
    uint32_t row[FBC_TILE_H], y;

    for ( y = 0; y < h; y++ )
        row[y] = g[y / 8] >> y % 8 * 8 & 0xff;
    put_pattern(c, row, h, FBC_CELL_GLYPH_ROW);
}

/* The glyph's number, from 1 on; written if it is a new one. */
static uint32_t glyph_of(struct fbc_cells *c, const uint64_t g[static 2],
                         uint32_t h)
{
    const uint64_t mix = (g[0] ^ (g[1] << 29 | g[1] >> 35)) *
                         UINT64_C(0x9e3779b97f4a7c15);
    uint32_t at, i;

    /* Of the slots less than a third are taken. */
    for ( at = (uint32_t)(mix >> 54); (i = c->slot[at]) != 0;
          at = (at + 1) % FBC_CELLS_SLOTS )
        if ( c->glyph[i - 1][0] == g[0] && c->glyph[i - 1][1] == g[1] )
            return i;

    c->glyph[c->glyphs][0] = g[0];
    c->glyph[c->glyphs][1] = g[1];
    c->slot[at] = (uint16_t)++c->glyphs;
    put_glyph(c, g, h);

    return c->glyphs;
}

/*
 * What differs from the first pixel's colour a has an index of a xor d, where
 * there are two colours: then d is all that is in any of the differences.
 */
static void add_cell(struct fbc_cells *c, const uint32_t *row, uint32_t w,
                     uint32_t h)
{
    const uint64_t mask = w >= FBC_CELL_W
                          ? ~UINT64_C(0)
                          : ((UINT64_C(1) << w * 4) - 1) *
                            UINT64_C(0x100000001);
    const uint32_t a = row[0] & 0xf;
    uint64_t diff[FBC_TILE_H / 2], any = 0, odd = 0, g[2] = { 0, 0 };
    uint32_t y, d, n;

    for ( y = 0; y < FBC_TILE_H / 2; y++ )
    {
        const uint64_t rows = row[y * 2] | (uint64_t)row[y * 2 + 1] << 32;

        diff[y] = (rows ^ a * ONES) & mask;
        if ( y * 2 + 1 >= h )
            diff[y] &= y * 2 < h ? 0xffffffffu : 0;
        any |= diff[y];
    }
    any |= any >> 32;
    any |= any >> 16;
    any |= any >> 8;
    d = (any | any >> 4) & 0xf;

    for ( y = 0; y < FBC_TILE_H / 2; y++ )
    {
        const uint64_t not_a = not_zero(diff[y]);

        odd |= diff[y] ^ not_a * d;
        g[y / 4] |= squeeze(not_a) << y % 4 * 16;
    }

    if ( odd )
    {
        n = CELL_FULL;
        put_pattern(c, row, h, FBC_CELL_FULL_ROW);
    }
    else
        n = d ? glyph_of(c, g, h) : 0;
    c->cell[c->cells] = (uint16_t)n;
    c->pair[c->cells++] = (uint8_t)(a | (a ^ d) << 4);
}

void fbc_cells_add(struct fbc_cells *c, const uint8_t *px, uint32_t w,
                   uint32_t h)
{
    uint32_t x;

    if ( c->full || !make_index(c, px, w, h) )
    {
        c->full = true;
        return;
    }
    for ( x = 0; x < w; x += FBC_CELL_W )
        add_cell(c, c->row[x / FBC_CELL_W], w - x, h);
}

/*
 * Runs of cells that have the same two colours, each as long as can be: a blank
 * cell has the first colour only, one in full has none of them.
 */
static size_t put_runs(const struct fbc_cells *c, uint8_t *out)
{
    uint32_t a = NO_COLOUR, b = NO_COLOUR, n = 0, i;
    size_t len = 0;

    for ( i = 0; i <= c->cells; i++ )
    {
        uint32_t first = NO_COLOUR, second = NO_COLOUR;

        if ( i < c->cells && c->cell[i] != CELL_FULL )
            first = c->pair[i] & 0xf;
        if ( first != NO_COLOUR && c->cell[i] )
            second = c->pair[i] >> 4;

        if ( i == c->cells || n == FBC_CELLS_RUN ||
             (first != NO_COLOUR && a != NO_COLOUR && first != a) ||
             (second != NO_COLOUR && b != NO_COLOUR && second != b) )
        {
            a = a == NO_COLOUR ? 0 : a;
            out[len++] = (uint8_t)(n - 1);
            out[len++] = (uint8_t)(a | (b == NO_COLOUR ? a : b) << 4);
            a = b = NO_COLOUR;
            n = 0;
        }
        a = first == NO_COLOUR ? a : first;
        b = second == NO_COLOUR ? b : second;
        n++;
    }

    return len;
}

static size_t put_numbers(const struct fbc_cells *c, uint8_t *out)
{
    const uint32_t bits = fbc_cells_bits(c->glyphs);
    uint32_t word = 0, have = 0, i;
    size_t len = 0;

    for ( i = 0; i < c->cells; i++ )
    {
        word |= (c->cell[i] == CELL_FULL ? c->glyphs + 1u : c->cell[i]) << have;
        for ( have += bits; have >= 8; have -= 8, word >>= 8 )
            out[len++] = (uint8_t)word;
    }
    if ( have )
        out[len++] = (uint8_t)word;

    return len;
}

size_t fbc_cells_end(struct fbc_cells *c)
{
    uint8_t *const code = c->plain + FBC_CODED_HEAD;
    size_t len = 0;
    uint32_t i;

    if ( c->full || !c->cells )
        goto out;

    code[0] = (uint8_t)(c->colours - 1);
    for ( i = 0; i < c->colours; i++ )
    {
        fbc_put16(code + 1 + i * 3, (uint16_t)c->colour[i]);
        code[3 + i * 3] = (uint8_t)(c->colour[i] >> 16);
    }
    len = FBC_CELLS_HEAD(c->colours);
    fbc_put16(code + len - 2, (uint16_t)c->glyphs);
    len += put_runs(c, code + len);
    len += put_numbers(c, code + len);
    memmove(code + len, c->plain + FBC_CELLS_FRONT, c->patterns);
    len += c->patterns;

 out:
    fbc_put16(c->plain, (uint16_t)len);

    return len;
}
