/* SPDX-License-Identifier: GPL-2.0-only */
/* What view.c and view_band.c share. */
#ifndef FBC_PARSE_VIEW_INT_H
#define FBC_PARSE_VIEW_INT_H

#include "core/pack.h"
#include "core/tile.h"
#include "parse/shadow/view.h"

/* A picture of a shadow, and the screen that it updates. */
struct fbc_view_picture {
    const uint8_t *shadow;
    size_t stride;
    uint8_t *screen;
};

static inline void fbc_view_record(const struct fbc_geom *g,
                                   const struct fbc_view_picture *p,
                                   uint32_t tile,
                                   uint8_t record[static FBC_RECORD_LEN])
{
    fbc_pack(record, p->shadow +
                     fbc_geom_meta_row(g, tile / g->cols) * p->stride +
                     tile % g->cols * FBC_TILE_W * 4, FBC_RECORD_PIXELS);
}

/* All of a band that is coded, as the record of its first tile says. */
void fbc_view_coded(struct fbc_view *v, const struct fbc_view_picture *p,
                    uint32_t first,
                    const uint8_t record[static FBC_RECORD_LEN],
                    struct fbc_view_stats *st);

#endif /* FBC_PARSE_VIEW_INT_H */
