/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A band of few colours, in few bytes (fbc-formats(5), "Coded bands"): a
 * palette, and cells of 8 pixels across, of two colours each as text has them.
 * A cell is the number of its glyph, which is written where it comes first; one
 * of more colours is written in full.
 *
 * How long it takes depends on how many pixels there are, and besides on how
 * many glyphs differ, how many cells have more than two colours and how often
 * the pair of colours changes, each a few dozen instructions to the thousand
 * that a cell takes anyway; and on whether there are too many colours, which
 * the size tells as well.  dom0 can tell when a band was sealed.
 */
#ifndef FBC_CORE_CELLS_H
#define FBC_CORE_CELLS_H

#include "core/fbc.h"
#include "core/geom.h"

#define FBC_CELLS_COLOURS 16
#define FBC_CELL_W        8
#define FBC_CELLS_MAX     (FBC_MAX_SWIDTH / FBC_CELL_W)
#define FBC_CELLS_RUN     256       /* cells that share a pair of colours */

/* Colours - 1, palette, number of glyphs. */
#define FBC_CELLS_HEAD(n) (1 + (n) * 3 + 2)

/* No code of n cells is longer; of two colours a cell, of any. */
#define FBC_CELLS_TEXT(n) (FBC_CELLS_HEAD(FBC_CELLS_COLOURS) + (n) * 22u)
#define FBC_CELLS_CODE(n) (FBC_CELLS_HEAD(FBC_CELLS_COLOURS) + (n) * 67u + 8)

/* What is sealed: LE16(length of the code), the code, zeros (core/band.h). */
#define FBC_CODED_HEAD 2
#define FBC_CODED_MAX  (FBC_MAX_SWIDTH * 9 + 48)

/* Before the patterns: length, head, runs, numbers of 9 bits. */
#define FBC_CELLS_FRONT \
    (FBC_CODED_HEAD + FBC_CELLS_HEAD(FBC_CELLS_COLOURS) + \
     FBC_CELLS_MAX * 2 + FBC_CELLS_MAX * 9 / 8)
#define FBC_CELLS_SLOTS 1024

/* Working memory, of one band; it holds what the band shows. */
struct fbc_cells {
    uint32_t colour[FBC_CELLS_COLOURS];
    uint32_t colours;
    bool full;                  /* there were more of them */
    uint8_t hash[128];          /* of a colour: index + 1, or 0 */
    /* A tile's pixels, by cells and rows, as indices of four bits each. */
    uint32_t row[FBC_TILE_W / FBC_CELL_W][FBC_TILE_H];

    uint32_t cells, glyphs;
    uint16_t cell[FBC_CELLS_MAX];       /* 0 blank, glyph, or CELL_FULL */
    uint8_t pair[FBC_CELLS_MAX];        /* its two colours */
    uint64_t glyph[FBC_CELLS_MAX][2];   /* a byte a row, of those that differ */
    uint16_t slot[FBC_CELLS_SLOTS];     /* by hash: glyph, from 1 on, or 0 */
    size_t patterns;            /* bytes of them, from FBC_CELLS_FRONT on */
    uint8_t plain[FBC_CODED_MAX];       /* length and code */
};

/* A pattern's rows that are not as the one above; above the first one is 0. */
#define FBC_CELL_GLYPH_ROW 1        /* bytes: a bit a pixel */
#define FBC_CELL_FULL_ROW  4        /* four bits a pixel */

/* Bits of a cell's number: there are a blank, glyphs, and cells in full. */
static inline uint32_t fbc_cells_bits(uint32_t glyphs)
{
    return 32u - (uint32_t)__builtin_clz(glyphs + 1);
}

void fbc_cells_begin(struct fbc_cells *c);

/*
 * w * h packed pixels to the right of those before, at most a tile.  All but
 * the last ones are a multiple of 8 pixels wide, in all FBC_CELLS_MAX cells.
 */
void fbc_cells_add(struct fbc_cells *c, const uint8_t *px, uint32_t w,
                   uint32_t h);

/*
 * The length of the code, which follows it in c->plain; 0 if there are too many
 * colours.  What stands behind is not 0.
 */
size_t fbc_cells_end(struct fbc_cells *c);

#endif /* FBC_CORE_CELLS_H */
