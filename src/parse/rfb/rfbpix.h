/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes that come in pieces, and pixels that they become.
 *
 * A picture has 4 bytes a pixel: blue, green, red, unused.  A colour is these
 * as a little-endian number.
 */
#ifndef FBC_PARSE_RFBPIX_H
#define FBC_PARSE_RFBPIX_H

#include "core/fbc.h"

/* Bytes that came and are not parsed yet. */
struct fbc_src {
    const uint8_t *p;
    size_t len;
};

#define FBC_GATHER_MAX 24

/* The beginning of a piece whose rest has not come. */
struct fbc_gather {
    uint8_t buf[FBC_GATHER_MAX];
    uint8_t have;
};

/*
 * n <= FBC_GATHER_MAX bytes in one place, taken from the source; NULL when
 * not all have come: then the source is empty.
 */
const uint8_t *fbc_gather(struct fbc_gather *g, struct fbc_src *s, size_t n);

/* A rectangle of a picture that is filled row by row. */
struct fbc_raster {
    uint8_t *row;
    size_t stride;              /* bytes */
    uint32_t bytes;             /* in a row of the rectangle */
    uint32_t off;               /* bytes of this row that are done */
    uint32_t rows;              /* left, with this one */
    bool first;                 /* this is the first row */
};

/* w and h are not 0. */
void fbc_raster_begin(struct fbc_raster *r, uint8_t *first, size_t stride,
                      uint32_t w, uint32_t h);

static inline bool fbc_raster_done(const struct fbc_raster *r)
{
    return !r->rows;
}

/* Pixels left. */
static inline uint32_t fbc_raster_left(const struct fbc_raster *r)
{
    return r->rows ? r->rows * (r->bytes / 4) - r->off / 4 : 0;
}

/* Pixels left in this row; the place of the next one.  Not when done. */
static inline uint32_t fbc_raster_row_left(const struct fbc_raster *r)
{
    return (r->bytes - r->off) / 4;
}

static inline uint8_t *fbc_raster_at(const struct fbc_raster *r)
{
    return r->row + r->off;
}

/* n <= fbc_raster_row_left() pixels have been written there. */
void fbc_raster_advance(struct fbc_raster *r, uint32_t n);

/* Takes what it can: 4 bytes a pixel; 3 bytes: blue first, or red first. */
void fbc_raster_bgrx(struct fbc_raster *r, struct fbc_src *s);
void fbc_raster_bgr(struct fbc_raster *r, struct fbc_gather *g,
                    struct fbc_src *s);
void fbc_raster_rgb(struct fbc_raster *r, struct fbc_gather *g,
                    struct fbc_src *s);

/* n <= fbc_raster_left() pixels of one colour. */
void fbc_raster_run(struct fbc_raster *r, uint32_t colour, uint32_t n);

/*
 * Indices of 1, 2, 4 or 8 bits into a palette of n colours, rows padded to
 * whole bytes.  FBC_ERR_RANGE: an index that is not below n.
 */
enum fbc_err FBC_MUST_CHECK fbc_raster_indexed(struct fbc_raster *r,
                                               struct fbc_src *s,
                                               unsigned int bits,
                                               const uint32_t *palette,
                                               unsigned int n);

void fbc_fill(uint8_t *first, size_t stride, uint32_t w, uint32_t h,
              uint32_t colour);

static inline uint32_t fbc_colour_bgr(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static inline uint32_t fbc_colour_rgb(const uint8_t *p)
{
    return p[2] | (uint32_t)p[1] << 8 | (uint32_t)p[0] << 16;
}

#endif /* FBC_PARSE_RFBPIX_H */
