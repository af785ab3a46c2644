/* SPDX-License-Identifier: GPL-2.0-only */
/* A band of few colours, in few bytes. */
#include "core/cells.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "indices are packed in little-endian words");
_Static_assert(FBC_CELLS_FRONT + FBC_CELLS_MAX * 66 + 4 <= FBC_CODED_MAX,
               "every pattern has room, and what is too much of the last");

#define COLUMNS   (FBC_TILE_W / FBC_CELL_W)
#define ONES      0x11111111u   /* a nibble is a pixel, a word a cell's row */
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
                             &c->row[y][x / FBC_CELL_W]) )
                return false;
        }

    return true;
}

/* In each nibble that is not v's, 1. */
static uint32_t other(uint32_t word, uint32_t v)
{
    word ^= v * ONES;
    word |= word >> 2;
    word |= word >> 1;

    return word & ONES;
}

/* The lowest bits of the nibbles, side by side. */
static uint32_t squeeze(uint32_t word)
{
    word = (word | word >> 3) & 0x03030303;
    word = (word | word >> 6) & 0x000f000f;

    return (word | word >> 12) & 0xff;
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

/* The glyph's number, from 1 on; written if it is a new one. */
static uint32_t glyph_of(struct fbc_cells *c, const uint32_t *row, uint32_t h)
{
    uint64_t g[2] = { 0, 0 }, mix;
    uint32_t y, at, i;

    for ( y = 0; y < h; y++ )
        g[y / 8] |= (uint64_t)row[y] << y % 8 * 8;
    mix = (g[0] ^ (g[1] << 29 | g[1] >> 35)) * UINT64_C(0x9e3779b97f4a7c15);

    /* Of the slots less than a third are taken. */
    for ( at = (uint32_t)(mix >> 54); (i = c->slot[at]) != 0;
          at = (at + 1) % FBC_CELLS_SLOTS )
        if ( c->glyph[i - 1][0] == g[0] && c->glyph[i - 1][1] == g[1] )
            return i;

    c->glyph[c->glyphs][0] = g[0];
    c->glyph[c->glyphs][1] = g[1];
    c->slot[at] = (uint16_t)++c->glyphs;
    put_pattern(c, row, h, FBC_CELL_GLYPH_ROW);

    return c->glyphs;
}

/* The first colour is that of the first pixel; its pixels are 0. */
static void add_cell(struct fbc_cells *c, uint32_t column, uint32_t w,
                     uint32_t h)
{
    const uint32_t mask = w >= FBC_CELL_W ? ONES : ONES & ((1u << w * 4) - 1);
    const uint32_t a = c->row[0][column] & 0xf;
    uint32_t bit[FBC_TILE_H], all[FBC_TILE_H];
    uint32_t b = a, odd = 0, y, n;

    for ( y = 0; y < h; y++ )
    {
        const uint32_t word = c->row[y][column];
        const uint32_t not_a = other(word, a) & mask;

        if ( a == b && not_a )
            b = word >> __builtin_ctz(not_a) & 0xf;
        odd |= not_a & other(word, b);
        bit[y] = squeeze(not_a);
        all[y] = word;
    }

    if ( odd )
    {
        n = CELL_FULL;
        put_pattern(c, all, h, FBC_CELL_FULL_ROW);
    }
    else
        n = a == b ? 0 : glyph_of(c, bit, h);
    c->cell[c->cells] = (uint16_t)n;
    c->pair[c->cells++] = (uint8_t)(a | b << 4);
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
        add_cell(c, x / FBC_CELL_W, w - x, h);
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
