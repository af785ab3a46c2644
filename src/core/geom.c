/* SPDX-License-Identifier: GPL-2.0-only */
/* Geometry of a screen and of its shadow. */
#include "core/geom.h"

#define BAND_ROWS (FBC_TILE_H + 1u)     /* pixel rows and metadata row */

enum fbc_err fbc_geom_init(struct fbc_geom *g, uint32_t width,
                           uint32_t height)
{
    uint32_t swidth, sheight, cols, bands;

    if ( width < FBC_MIN_WIDTH || width > FBC_MAX_SWIDTH ||
         !height || height > FBC_MAX_SHEIGHT )
        return FBC_ERR_SIZE;

    bands = (height + FBC_TILE_H - 1) / FBC_TILE_H;
    cols = (width + FBC_TILE_W - 1) / FBC_TILE_W;
    swidth = (width + 15) & ~15u;
    sheight = 1 + height + bands;
    if ( sheight > FBC_MAX_SHEIGHT )
        return FBC_ERR_SIZE;

    g->width = (uint16_t)width;
    g->height = (uint16_t)height;
    g->swidth = (uint16_t)swidth;
    g->sheight = (uint16_t)sheight;
    g->cols = (uint16_t)cols;
    g->bands = (uint16_t)bands;
    g->tiles = cols * bands;

    return FBC_OK;
}

static uint32_t min32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t max32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* The rectangle between two corners, the second one outside. */
static struct fbc_rect rect(uint32_t x1, uint32_t y1, uint32_t x2,
                            uint32_t y2)
{
    return (struct fbc_rect){ (uint16_t)x1, (uint16_t)y1,
                              (uint16_t)(x2 - x1), (uint16_t)(y2 - y1) };
}

struct fbc_rect fbc_geom_tile(const struct fbc_geom *g, uint32_t tile)
{
    uint32_t x = tile % g->cols * FBC_TILE_W;
    uint32_t y = tile / g->cols * FBC_TILE_H;

    return rect(x, y, min32(x + FBC_TILE_W, g->width),
                min32(y + FBC_TILE_H, g->height));
}

uint32_t fbc_geom_meta_row(const struct fbc_geom *g, uint32_t band)
{
    /* The last band may be shorter; its row is the shadow's last. */
    return min32((band + 1) * BAND_ROWS, g->sheight - 1u);
}

struct fbc_rect fbc_geom_clamp(const struct fbc_geom *g, int32_t x, int32_t y,
                               int32_t w, int32_t h)
{
    int64_t x2 = (int64_t)x + w, y2 = (int64_t)y + h;

    if ( x < 0 )
        x = 0;
    if ( y < 0 )
        y = 0;
    if ( x2 > g->width )
        x2 = g->width;
    if ( y2 > g->height )
        y2 = g->height;
    if ( x2 <= x || y2 <= y )
        return (struct fbc_rect){ 0, 0, 0, 0 };

    return rect((uint32_t)x, (uint32_t)y, (uint32_t)x2, (uint32_t)y2);
}

struct fbc_rect fbc_geom_tiles_of(const struct fbc_rect *r)
{
    return rect(r->x / FBC_TILE_W, r->y / FBC_TILE_H,
                ((uint32_t)r->x + r->w - 1) / FBC_TILE_W + 1,
                ((uint32_t)r->y + r->h - 1) / FBC_TILE_H + 1);
}

struct fbc_rect fbc_geom_srect(const struct fbc_geom *g,
                               const struct fbc_rect *tiles)
{
    uint32_t x2 = ((uint32_t)tiles->x + tiles->w) * FBC_TILE_W;
    uint32_t last = (uint32_t)tiles->y + tiles->h - 1;

    return rect((uint32_t)tiles->x * FBC_TILE_W, 1 + tiles->y * BAND_ROWS,
                min32(x2, g->swidth), fbc_geom_meta_row(g, last) + 1);
}

struct fbc_rect fbc_rect_union(const struct fbc_rect *a,
                               const struct fbc_rect *b)
{
    if ( !a->w || !a->h )
        return *b;
    if ( !b->w || !b->h )
        return *a;

    return rect(min32(a->x, b->x), min32(a->y, b->y),
                max32((uint32_t)a->x + a->w, (uint32_t)b->x + b->w),
                max32((uint32_t)a->y + a->h, (uint32_t)b->y + b->h));
}
