/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes 0 and 1: width and height of a tile.  Then what it is said to have
 * sealed, as authentic; and the same bytes as its pixels.  What opens has at
 * most 16 colours, and the coder's code of it opens as the same; so do pixels
 * that have no more.
 */
#include <stdlib.h>

#include "core/palette.h"
#include "core/tile.h"
#include "parse/shadow/coded.h"
#include "fuzzin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if ( !ok )
        abort();
}

static uint32_t colours(const uint8_t *px, size_t len)
{
    uint32_t seen[FBC_PALETTE_COLOURS + 1], n = 0, i;

    for ( ; len && n <= FBC_PALETTE_COLOURS; len -= 3, px += 3 )
    {
        uint32_t c = px[0] | px[1] << 8 | (uint32_t)px[2] << 16;

        for ( i = 0; i < n && seen[i] != c; i++ )
            ;
        if ( i == n )
            seen[n++] = c;
    }

    return n;
}

/* Codes a tile; 0: too many colours.  No byte is written outside. */
static size_t code(const uint8_t *px, uint32_t w, uint32_t h, uint8_t *plain)
{
    uint8_t *out = malloc(FBC_PALETTE_MAX), back[FBC_TILE_BYTES];
    size_t len = (size_t)w * h * 3, n;

    must(out);
    n = fbc_palette_code(px, w, h, out);
    must(n <= FBC_PALETTE_MAX);
    must(!n == (colours(px, len) > FBC_PALETTE_COLOURS));
    if ( n )
    {
        memset(plain, 0, FBC_CODED_MAX);
        fbc_put16(plain, (uint16_t)n);
        memcpy(plain + FBC_CODED_HEAD, out, n);
        must(!fbc_coded_open(plain, FBC_CODED_MAX, w, h, back));
        must(!memcmp(back, px, len));
    }
    free(out);

    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct in in = { data, size };
    uint32_t w = 1 + u8(&in) % FBC_TILE_W, h = 1 + u8(&in) % FBC_TILE_H;
    size_t len = (size_t)w * h * 3, i;
    uint8_t *px = malloc(len), *copy = malloc(in.left ? in.left : 1);
    uint8_t plain[FBC_CODED_MAX];

    must(px && copy);
    memset(px, 0xee, len);
    memcpy(copy, in.p, in.left);
    switch ( fbc_coded_open(copy, in.left, w, h, px) )
    {
    case FBC_OK:
        must(colours(px, len) <= FBC_PALETTE_COLOURS);
        must(code(px, w, h, plain));
        break;

    case FBC_ERR_PENDING:
        must(px[0] == 0xee && px[len - 1] == 0xee);
        break;

    case FBC_ERR_LENGTH:
    case FBC_ERR_RESERVED:
    case FBC_ERR_RANGE:
        must(fbc_is_zero(px, len) || (px[0] == 0xee && px[len - 1] == 0xee));
        break;

    default:
        abort();
    }

    /* Small numbers, so that colours come again. */
    for ( i = 0; i < len; i++ )
        px[i] = in.left ? in.p[i % in.left] : 0;
    code(px, w, h, plain);
    free(px);
    free(copy);

    return 0;
}
