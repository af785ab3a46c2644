/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Geometry of a screen and of its shadow (fbc-formats(5), "Shadow").
 *
 * A screen of width x height pixels is cut into bands of 16 rows and tiles of
 * 64 columns; the last tile of a band may be narrower, the last band shorter.
 * The shadow has a header row, then for each band its pixel rows followed by
 * one metadata row.  Shadow coordinates are "s"-prefixed.  Units are pixels.
 */
#ifndef FBC_CORE_GEOM_H
#define FBC_CORE_GEOM_H

#include "core/fbc.h"

#define FBC_TILE_W       64
#define FBC_TILE_H       16
#define FBC_TILE_BYTES   (FBC_TILE_W * FBC_TILE_H * 3)
#define FBC_MIN_WIDTH    96     /* header row: 32 px header, manifest at 64 */
#define FBC_MAX_SWIDTH   2560   /* QEMU ui/vnc.h VNC_MAX_WIDTH */
#define FBC_MAX_SHEIGHT  2048   /* QEMU ui/vnc.h VNC_MAX_HEIGHT */
#define FBC_MAX_TILES    4840   /* 40 columns x 121 bands */

struct fbc_geom {
    uint16_t width, height;     /* the guest's screen */
    uint16_t swidth, sheight;   /* the shadow; swidth is a multiple of 16 */
    uint16_t cols, bands;       /* tiles across, bands down */
    uint32_t tiles;             /* cols * bands */
};

/* w == 0 means empty. */
struct fbc_rect {
    uint16_t x, y, w, h;
};

/* FBC_ERR_SIZE when QEMU's VNC server could not serve the shadow. */
enum fbc_err FBC_MUST_CHECK fbc_geom_init(struct fbc_geom *g, uint32_t width,
                                          uint32_t height);

/* Pixels covered by a tile on the guest's screen.  tile < g->tiles. */
struct fbc_rect fbc_geom_tile(const struct fbc_geom *g, uint32_t tile);

/* Shadow row of a screen row; shadow row of a band's metadata. */
static inline uint32_t fbc_geom_srow(uint32_t y)
{
    return 1 + y + y / FBC_TILE_H;
}

uint32_t fbc_geom_meta_row(const struct fbc_geom *g, uint32_t band);

/* Clamps any signed rectangle to the screen; w == 0 when nothing is left. */
struct fbc_rect fbc_geom_clamp(const struct fbc_geom *g, int32_t x, int32_t y,
                               int32_t w, int32_t h);

/* Tiles touched by a clamped, non-empty rectangle: columns and bands. */
struct fbc_rect fbc_geom_tiles_of(const struct fbc_rect *r);

/* Shadow rectangle of such a block of tiles with its metadata rows. */
struct fbc_rect fbc_geom_srect(const struct fbc_geom *g,
                               const struct fbc_rect *tiles);

/* Smallest rectangle holding both; either may be empty. */
struct fbc_rect fbc_rect_union(const struct fbc_rect *a,
                               const struct fbc_rect *b);

#endif /* FBC_CORE_GEOM_H */
