/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes 0 to 2: width and height of a band.  Then what it is said to have
 * sealed, as authentic; and the same bytes as its pixels.  What opens has at
 * most 16 colours, and the coder's code of it is the same; so do pixels that
 * have no more come back.
 */
#include <stdlib.h>

#include "core/band.h"
#include "parse/shadow/coded.h"
#include "fuzzin.h"

#define BAND_BYTES ((size_t)FBC_MAX_SWIDTH * FBC_TILE_H * 3)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if ( !ok )
        abort();
}

static uint32_t colours(const uint8_t *px, size_t len)
{
    uint32_t seen[FBC_CELLS_COLOURS + 1], n = 0, i;

    for ( ; len && n <= FBC_CELLS_COLOURS; len -= 3, px += 3 )
    {
        uint32_t c = px[0] | px[1] << 8 | (uint32_t)px[2] << 16;

        for ( i = 0; i < n && seen[i] != c; i++ )
            ;
        if ( i == n )
            seen[n++] = c;
    }

    return n;
}

/* All tiles of a band: from px, or to it.  No byte is touched outside. */
static void each_tile(struct fbc_cells *to, const struct fbc_coded *from,
                      uint8_t *px, uint32_t width, uint32_t h)
{
    uint32_t x, y, w;

    for ( x = 0; x < width; x += w )
    {
        uint8_t *tile;

        w = width - x < FBC_TILE_W ? width - x : FBC_TILE_W;
        tile = malloc(w * h * 3);
        must(tile);
        if ( from )
            fbc_coded_tile(from, x, w, tile);
        for ( y = 0; y < h; y++ )
        {
            uint8_t *p = px + (y * width + x) * 3;

            if ( from )
                memcpy(p, tile + y * w * 3, w * 3);
            else
                memcpy(tile + y * w * 3, p, w * 3);
        }
        if ( to )
            fbc_cells_add(to, tile, w, h);
        free(tile);
    }
}

/* Codes a band; 0: too many colours. */
static size_t code(struct fbc_cells *cells, uint8_t *px, uint32_t w,
                   uint32_t h)
{
    size_t n;

    fbc_cells_begin(cells);
    each_tile(cells, NULL, px, w, h);
    n = fbc_cells_end(cells);
    must(n <= FBC_CELLS_CODE((w + 7) / 8));
    must(!n == (colours(px, (size_t)w * h * 3) > FBC_CELLS_COLOURS));

    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t px[BAND_BYTES], back[BAND_BYTES];
    struct fbc_coded *c = malloc(sizeof(*c));
    struct fbc_cells *cells = malloc(sizeof(*cells));
    struct in in = { data, size };
    uint32_t w = 1 + (u8(&in) | (uint32_t)u8(&in) << 8) % FBC_MAX_SWIDTH;
    uint32_t h = 1 + u8(&in) % FBC_TILE_H;
    size_t len = (size_t)w * h * 3, i, n;
    uint8_t *copy = malloc(in.left ? in.left : 1);

    must(c && cells && copy);
    memcpy(copy, in.p, in.left);
    switch ( fbc_coded_open(c, copy, in.left, w, h) )
    {
    case FBC_OK:
        each_tile(NULL, c, px, w, h);
        n = code(cells, px, w, h);
        must(n && n == fbc_get16(copy) &&
             !memcmp(copy, cells->plain, FBC_CODED_HEAD + n));
        break;

    case FBC_ERR_PENDING:
    case FBC_ERR_LENGTH:
    case FBC_ERR_RESERVED:
    case FBC_ERR_RANGE:
        break;

    default:
        abort();
    }

    /* Small numbers, so that colours come again. */
    for ( i = 0; i < len; i++ )
        px[i] = in.left ? in.p[i % in.left] : 0;
    n = code(cells, px, w, h);
    if ( n )
    {
        must(!fbc_coded_open(c, cells->plain, FBC_CODED_HEAD + n, w, h));
        each_tile(NULL, c, back, w, h);
        must(!memcmp(back, px, len));
    }
    free(c);
    free(cells);
    free(copy);

    return 0;
}
