/* SPDX-License-Identifier: GPL-2.0-only */
/* Tiles of few colours, in few bytes. */
#include "core/palette.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "indices are packed in little-endian words");

#define SLOTS    128u
#define COLUMNS  (FBC_TILE_W / 8)
#define ONES     0x11111111u    /* a nibble is a pixel, a word a column's row */

/* Pixels as indices into the palette, the left one in the lowest bits. */
struct indexed {
    uint32_t colour[FBC_PALETTE_COLOURS];
    uint32_t colours;
    uint8_t slot[SLOTS];        /* by hash: index + 1, or 0 */
    uint32_t row[FBC_TILE_H][COLUMNS];
};

/* Not one of those that were found at once. */
static uint32_t find_or_add(struct indexed *t, uint32_t colour, uint32_t at)
{
    /* Of 128 slots at most 16 are taken. */
    for ( ; t->slot[at]; at = (at + 1) % SLOTS )
        if ( t->colour[t->slot[at] - 1] == colour )
            return t->slot[at] - 1u;

    if ( t->colours == FBC_PALETTE_COLOURS )
        return FBC_PALETTE_COLOURS;
    t->colour[t->colours++] = colour;
    t->slot[at] = (uint8_t)t->colours;

    return t->colours - 1;
}

/* The colour's index; FBC_PALETTE_COLOURS if there is no room for it. */
static uint32_t index_of(struct indexed *t, uint32_t colour)
{
    const uint32_t at = colour * 0x9e3779b1u >> 25;
    const uint32_t i = t->slot[at];

    return i && t->colour[i - 1] == colour ? i - 1
                                           : find_or_add(t, colour, at);
}

/*
 * Up to 8 pixels as a word.  Each is read as four bytes, but for the tile's
 * last one, after which there may be none.  False: too many colours.
 */
static bool index_word(struct indexed *t, const uint8_t *px, uint32_t n,
                       bool last, uint32_t *word)
{
    uint32_t i, all = 0, full = 0;

    for ( i = 0; i < n - last; i++, px += 3 )
    {
        uint32_t v = index_of(t, fbc_get32(px) & 0xffffff);

        full |= v;
        all |= v << i * 4;
    }
    if ( last )
    {
        uint32_t v = index_of(t, fbc_get16(px) | (uint32_t)px[2] << 16);

        full |= v;
        all |= v << i * 4;
    }
    *word = all;

    return !(full & FBC_PALETTE_COLOURS);
}

static bool make_index(struct indexed *t, const uint8_t *px, uint32_t w,
                       uint32_t h)
{
    const uint8_t *end = px + w * h * 3;
    uint32_t x, y, n;

    memset(t, 0, sizeof(*t));
    for ( y = 0; y < h; y++ )
        for ( x = 0; x < w; x += 8, px += n * 3 )
        {
            n = w - x < 8 ? w - x : 8;
            if ( !index_word(t, px, n, px + n * 3 == end, &t->row[y][x / 8]) )
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

/* The nibbles of a column that are pixels, as 1. */
static uint32_t pixels_of(uint32_t w, uint32_t column)
{
    const uint32_t n = w - column * 8;

    return n >= 8 ? ONES : ONES & ((1u << n * 4) - 1);
}

/*
 * The two colours of each column of 8 pixels, as text has them: the first one
 * that comes in the lower bits.  False if a column has more.
 */
static bool find_pairs(const struct indexed *t, uint32_t w, uint32_t h,
                       uint8_t pair[static COLUMNS])
{
    uint32_t c, y, odd = 0;

    for ( c = 0; c < (w + 7) / 8; c++ )
    {
        const uint32_t mask = pixels_of(w, c), a = t->row[0][c] & 0xf;
        uint32_t b = a;

        for ( y = 0; y < h; y++ )
        {
            const uint32_t word = t->row[y][c];
            const uint32_t not_a = other(word, a) & mask;

            if ( a == b && not_a )
                b = word >> __builtin_ctz(not_a) & 0xf;
            odd |= not_a & other(word, b);
        }
        pair[c] = (uint8_t)(a | b << 4);
    }

    return !odd;
}

/* The lowest bits bits of each nibble, side by side. */
static uint32_t squeeze(uint32_t word, uint32_t bits)
{
    if ( bits == 4 )
        return word;
    if ( bits == 1 )
        word = (word | word >> 3) & 0x03030303;
    else
        word = (word | word >> 2) & 0x0f0f0f0f;
    word = (word | word >> (bits == 1 ? 6 : 4)) & 0x00ff00ff;

    return bits == 1 ? (word | word >> 12) & 0xff
                     : (word | word >> 8) & 0xffff;
}

/* Rows of bits bits a pixel; with pair, 1 bit: is it the second colour? */
static size_t put_rows(const struct indexed *t, uint32_t w, uint32_t h,
                       uint32_t bits, const uint8_t *pair, uint32_t *repeats,
                       uint8_t *out)
{
    const size_t row_len = (w * bits + 7) / 8;
    size_t len = 0;
    uint32_t c, y;

    *repeats = 0;
    for ( y = 0; y < h; y++ )
    {
        uint8_t row[FBC_TILE_W / 2 + 4];

        for ( c = 0; c < (w + 7) / 8; c++ )
        {
            uint32_t word = t->row[y][c];

            if ( pair )
                word = other(word, pair[c] & 0xf) & pixels_of(w, c);
            /* What is too much is written again. */
            fbc_put32(row + c * bits, squeeze(word, bits));
        }

        if ( y && !memcmp(t->row[y], t->row[y - 1], sizeof(t->row[y])) )
            *repeats |= 1u << y;
        else
        {
            memcpy(out + len, row, row_len);
            len += row_len;
        }
    }

    return len;
}

size_t fbc_palette_code(const uint8_t *px, uint32_t w, uint32_t h,
                        uint8_t out[static FBC_PALETTE_MAX])
{
    struct indexed t;
    uint8_t pair[COLUMNS] = { 0 };
    uint32_t i, repeats, bits = 1;
    size_t len = 0;
    bool pairs;

    if ( !make_index(&t, px, w, h) )
        goto out;
    pairs = find_pairs(&t, w, h, pair) && t.colours > 2;
    if ( t.colours > 2 && !pairs )
        bits = t.colours > 4 ? 4 : 2;

    out[0] = (uint8_t)(t.colours - 1) | (pairs ? FBC_PALETTE_PAIRS : 0);
    for ( i = 0; i < t.colours; i++ )
    {
        fbc_put16(out + 1 + i * 3, (uint16_t)t.colour[i]);
        out[3 + i * 3] = (uint8_t)(t.colour[i] >> 16);
    }
    len = FBC_PALETTE_HEAD(t.colours);
    if ( pairs )
    {
        memcpy(out + len, pair, (w + 7) / 8);
        len += (w + 7) / 8;
    }
    len += put_rows(&t, w, h, bits, pairs ? pair : NULL, &repeats, out + len);
    fbc_put16(out + FBC_PALETTE_HEAD(t.colours) - 2, (uint16_t)repeats);

 out:
    fbc_wipe(&t, sizeof(t));
    fbc_wipe(pair, sizeof(pair));

    return len;
}
