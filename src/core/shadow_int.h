/* SPDX-License-Identifier: GPL-2.0-only */
/* What shadow_step.c has of shadow_tile.c, and both of them use. */
#ifndef FBC_CORE_SHADOW_INT_H
#define FBC_CORE_SHADOW_INT_H

#include "core/shadow.h"

static inline bool fbc_bit(const uint8_t *map, uint32_t i)
{
    return map[i / 8] & 1u << i % 8;
}

static inline void fbc_bit_set(uint8_t *map, uint32_t i)
{
    map[i / 8] |= (uint8_t)(1u << i % 8);
}

/* A tile, or with console a band. */
static inline void fbc_shadow_not_due(struct fbc_shadow *s, uint32_t i)
{
    if ( !fbc_bit(s->dirty, i) )
        return;
    s->dirty[i / 8] &= (uint8_t)~(1u << i % 8);
    s->due--;
}

/* Is there room for another tile in this step, of so many bytes? */
static inline bool fbc_shadow_room(uint32_t done, uint32_t max_bytes)
{
    return !done || done + FBC_TILE_W * FBC_TILE_H * 4 <= max_bytes;
}

/* The guest's pixels of a tile into s->buf, read once. */
void fbc_shadow_pixels(struct fbc_shadow *s, const struct fbc_rect *r);

/* A number of its own for what is sealed next: FBC_ERR_EXPIRED. */
enum fbc_err FBC_MUST_CHECK fbc_shadow_count(struct fbc_shadow *s);

/* Writes the record last, for whoever reads meanwhile. */
void fbc_shadow_record(struct fbc_shadow *s, uint32_t tile,
                       const uint8_t record[static FBC_RECORD_LEN]);

/* Seals a tile as it is.  Which of them are due is the caller's. */
enum fbc_err FBC_MUST_CHECK fbc_shadow_seal_tile(struct fbc_shadow *s,
                                                 uint32_t tile);

/* fbc_shadow_step() without console: tiles as they come; adds to *done. */
enum fbc_err FBC_MUST_CHECK
fbc_shadow_step_tiles(struct fbc_shadow *s, uint32_t max_bytes,
                      uint32_t *done);

#endif /* FBC_CORE_SHADOW_INT_H */
