/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tiles of few colours, in few bytes (fbc-formats(5), "Coded tiles"): a
 * palette, and of each row that is not the one above it 1, 2 or 4 bits a
 * pixel.  How long coding takes depends on how many pixels there are, and very
 * little on what they show: dom0 can tell when a tile was sealed.
 */
#ifndef FBC_CORE_PALETTE_H
#define FBC_CORE_PALETTE_H

#include "core/fbc.h"
#include "core/geom.h"

#define FBC_PALETTE_COLOURS 16

/*
 * First byte: colours - 1, and how pixels tell them apart.  Then the palette,
 * the rows that repeat (LE16), with FBC_PALETTE_PAIRS the pair of each column
 * of 8 pixels, then rows.
 */
#define FBC_PALETTE_COUNT 0x0f
#define FBC_PALETTE_PAIRS 0x10
#define FBC_PALETTE_HEAD(n) (1 + (n) * 3 + 2)

/* Longest code of a tile: 16 colours, 4 bits a pixel. */
#define FBC_PALETTE_MAX (FBC_PALETTE_HEAD(FBC_PALETTE_COLOURS) + \
                         FBC_TILE_W * FBC_TILE_H / 2)

/*
 * Codes w * h packed pixels, at most a tile; the length, or 0 if they have too
 * many colours.  out may be where the pixels are: they are read first.
 */
size_t fbc_palette_code(const uint8_t *px, uint32_t w, uint32_t h,
                        uint8_t out[static FBC_PALETTE_MAX]);

#endif /* FBC_CORE_PALETTE_H */
