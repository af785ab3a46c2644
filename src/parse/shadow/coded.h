/* SPDX-License-Identifier: GPL-2.0-only */
/* Coded bands, back to pixels (core/cells.h; fbc-formats(5)). */
#ifndef FBC_PARSE_CODED_H
#define FBC_PARSE_CODED_H

#include "core/cells.h"
#include "core/fbc.h"

struct fbc_coded {
    const uint8_t *code;        /* the caller's */
    uint32_t width, h;          /* pixels of the band */
    uint32_t colours, glyphs;
    uint32_t colour[FBC_CELLS_COLOURS];
    uint16_t pattern[FBC_CELLS_MAX];    /* where each cell's is; 0: blank */
    uint8_t pair[FBC_CELLS_MAX];        /* its colours: lower, upper bits */
    bool in_full[FBC_CELLS_MAX];        /* it has more */
    uint16_t glyph[FBC_CELLS_MAX];      /* where each glyph is */
};

/*
 * plain: what a coded band sealed, len bytes, authentic; it stays in use.  The
 * band has at most FBC_CELLS_MAX cells across and FBC_TILE_H rows.  FBC_OK: the
 * code is the one that core/cells.h makes of the pixels that it stands for.
 *
 * FBC_ERR_PENDING: no pixels this time, they come with the next update.
 * FBC_ERR_LENGTH, FBC_ERR_RANGE (not a colour, a cell or a glyph),
 * FBC_ERR_RESERVED (not as it is made): nothing that a hypervisor writes.
 */
enum fbc_err FBC_MUST_CHECK fbc_coded_open(struct fbc_coded *c,
                                           const uint8_t *plain, size_t len,
                                           uint32_t width, uint32_t h);

/*
 * Once it was opened: w packed pixels of each row from column x on, which is a
 * multiple of FBC_TILE_W; at most a tile, within the band.
 */
void fbc_coded_tile(const struct fbc_coded *c, uint32_t x, uint32_t w,
                    uint8_t *px);

#endif /* FBC_PARSE_CODED_H */
