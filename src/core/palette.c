/* SPDX-License-Identifier: GPL-2.0-only */
/* Tiles of few colours, in few bytes. */
#include "core/palette.h"

#define SLOTS      256u
#define ROW_BYTES  (FBC_TILE_W / 2)
#define COLUMNS    (FBC_TILE_W / 8)

/* Pixels as indices into the palette, two a byte, the left one below. */
struct indexed {
    uint32_t colour[FBC_PALETTE_COLOURS];
    uint32_t colours;
    uint8_t slot[SLOTS];        /* by hash: index + 1, or 0 */
    uint8_t row[FBC_TILE_H][ROW_BYTES];
};

/* The colour's index; it is added if there is room, else FBC_PALETTE_COLOURS. */
static uint32_t index_of(struct indexed *t, uint32_t colour)
{
    uint32_t at = colour * 0x9e3779b1u >> 24;

    /* Of 256 slots at most 16 are taken. */
    for ( ; t->slot[at]; at = (at + 1) % SLOTS )
        if ( t->colour[t->slot[at] - 1] == colour )
            return t->slot[at] - 1u;

    if ( t->colours == FBC_PALETTE_COLOURS )
        return FBC_PALETTE_COLOURS;
    t->colour[t->colours++] = colour;
    t->slot[at] = (uint8_t)t->colours;

    return t->colours - 1;
}

static bool make_index(struct indexed *t, const uint8_t *px, uint32_t w,
                       uint32_t h)
{
    uint32_t x, y;

    memset(t, 0, sizeof(*t));
    for ( y = 0; y < h; y++ )
        for ( x = 0; x < w; x++, px += 3 )
        {
            uint32_t i = index_of(t, px[0] | px[1] << 8 |
                                     (uint32_t)px[2] << 16);

            if ( i == FBC_PALETTE_COLOURS )
                return false;
            t->row[y][x / 2] |= (uint8_t)(i << x % 2 * 4);
        }

    return true;
}

static uint32_t pixel(const struct indexed *t, uint32_t x, uint32_t y)
{
    return t->row[y][x / 2] >> x % 2 * 4 & 0xfu;
}

/*
 * The two colours of each column of 8 pixels, as text has them: the first one
 * that comes in the lower bits.  False if a column has more.
 */
static bool find_pairs(const struct indexed *t, uint32_t w, uint32_t h,
                       uint8_t pair[static COLUMNS])
{
    uint32_t x, y, odd = 0;

    for ( x = 0; x < w; x += 8 )
        pair[x / 8] = (uint8_t)(pixel(t, x, 0) * 0x11);
    for ( y = 0; y < h; y++ )
        for ( x = 0; x < w; x++ )
        {
            uint8_t *p = &pair[x / 8];
            uint32_t i = pixel(t, x, y), a = *p & 0xfu, b = *p >> 4;

            /* A second colour, where there was one so far. */
            if ( i != a && a == b )
                *p = (uint8_t)(a | i << 4);
            odd |= i != a && a != b && i != b;
        }

    return !odd;
}

/* Rows of bits bits a pixel; with pair, 1 bit: is it the second colour? */
static size_t put_rows(const struct indexed *t, uint32_t w, uint32_t h,
                       uint32_t bits, const uint8_t *pair, uint32_t *repeats,
                       uint8_t *out)
{
    const size_t row_len = (w * bits + 7) / 8;
    size_t len = 0;
    uint32_t x, y;

    *repeats = 0;
    for ( y = 0; y < h; y++ )
    {
        uint8_t row[ROW_BYTES] = { 0 };

        for ( x = 0; x < w; x++ )
        {
            uint32_t v = pixel(t, x, y);

            if ( pair )
                v = v != (pair[x / 8] & 0xfu);
            row[x * bits / 8] |= (uint8_t)(v << x * bits % 8);
        }

        if ( y && !memcmp(t->row[y], t->row[y - 1], ROW_BYTES) )
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
