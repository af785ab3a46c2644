/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frame as fbc-leakcheck looks at it: the screen's pixels alone, three bytes
 * each, rows packed.  Of a shadow (core/header.h) the header and metadata
 * rows, which are public, and the padding columns are left out.
 */
#ifndef FBC_LIB_LEAKSCREEN_H
#define FBC_LIB_LEAKSCREEN_H

#include "core/band.h"
#include "core/geom.h"
#include "lib/base/fail.h"

struct fbc_leak_record {
    uint64_t counter;           /* 0: never sealed */
    enum fbc_coding coding;     /* of a band, with its first tile */
};

struct fbc_leak_screen {
    uint32_t width, height;     /* pixels */
    bool shadow;                /* its first row holds our header */
    bool keyed;                 /* and says that a key is set */
    uint32_t cols, bands;       /* tiles of FBC_TILE_W x FBC_TILE_H */
    uint8_t *px;                /* blue, green, red */
    size_t cap;
    bool coded;                 /* bands may be coded; then, of each tile: */
    struct fbc_leak_record *record;
    uint32_t records;           /* room for so many */
};

/*
 * pixels: width * 4 bytes a row, sizes as fbc_frame_parse() leaves them.  A
 * header that is being rewritten (wrong checksum, but magic and a size that
 * fits the frame) is a header, too.
 */
int FBC_MUST_CHECK fbc_leak_screen_take(struct fbc_leak_screen *s,
                                        const uint8_t *pixels,
                                        uint32_t width, uint32_t height,
                                        struct fbc_error *e);
void fbc_leak_screen_free(struct fbc_leak_screen *s);

static inline bool fbc_leak_screen_like(const struct fbc_leak_screen *a,
                                        const struct fbc_leak_screen *b)
{
    return a->width == b->width && a->height == b->height &&
           a->shadow == b->shadow;
}

/* tile < cols * bands. */
static inline struct fbc_rect
fbc_leak_screen_tile(const struct fbc_leak_screen *s, uint32_t tile)
{
    uint32_t x = tile % s->cols * FBC_TILE_W, y = tile / s->cols * FBC_TILE_H;
    uint32_t w = s->width - x, h = s->height - y;

    return (struct fbc_rect){
        (uint16_t)x, (uint16_t)y,
        (uint16_t)(w < FBC_TILE_W ? w : FBC_TILE_W),
        (uint16_t)(h < FBC_TILE_H ? h : FBC_TILE_H),
    };
}

static inline const uint8_t *
fbc_leak_screen_at(const struct fbc_leak_screen *s, uint32_t x, uint32_t y)
{
    return s->px + ((size_t)y * s->width + x) * 3;
}

#endif /* FBC_LIB_LEAKSCREEN_H */
