/* SPDX-License-Identifier: GPL-2.0-only */
/* The sealing engine of one screen: its tiles, a few at a time. */
#include "core/pack.h"
#include "core/shadow_int.h"

void fbc_shadow_pixels(struct fbc_shadow *s, const struct fbc_rect *r)
{
    fbc_pack_rect(s->buf, s->fb + (size_t)r->y * s->line_length + r->x * 4,
                  s->line_length, r->w, r->h, s->ssse3);
}

enum fbc_err fbc_shadow_count(struct fbc_shadow *s)
{
    /* A used counter is gone even when the primitive fails. */
    if ( s->counter >= FBC_COUNTER_MAX )
        return FBC_ERR_EXPIRED;
    s->counter++;

    return FBC_OK;
}

void fbc_shadow_record(struct fbc_shadow *s, uint32_t tile,
                       const uint8_t record[static FBC_RECORD_LEN])
{
    const struct fbc_geom *g = &s->geom;
    const uint32_t row = fbc_geom_meta_row(g, tile / g->cols);

    /* x86 keeps stores in order; the compiler must too. */
    __asm__ __volatile__ ( "" ::: "memory" );
    fbc_unpack(fbc_shadow_row(s, row) + tile % g->cols * FBC_TILE_W * 4,
               record, FBC_RECORD_PIXELS);
}

enum fbc_err fbc_shadow_seal_tile(struct fbc_shadow *s, uint32_t tile)
{
    const struct fbc_rect r = fbc_geom_tile(&s->geom, tile);
    uint8_t record[FBC_RECORD_LEN];
    enum fbc_err err = fbc_shadow_count(s);

    if ( err )
        return err;

    fbc_shadow_pixels(s, &r);
    err = fbc_tile_seal(&s->aead[s->use].tile, s->header.ep.epoch, tile,
                        s->counter, r.w, r.h, s->buf, record);
    if ( err )
    {
        fbc_wipe(s->buf, sizeof(s->buf));
        return err;
    }

    fbc_unpack_rect(fbc_shadow_row(s, fbc_geom_srow(r.y)) + r.x * 4,
                    s->geom.swidth * 4u, s->buf, r.w, r.h, s->ssse3);
    fbc_shadow_record(s, tile, record);
    fbc_vector_set(s->vec, tile, s->counter);
    s->stats.tiles++;
    s->stats.bytes += (size_t)r.w * r.h * 3;

    return FBC_OK;
}

enum fbc_err fbc_shadow_step_tiles(struct fbc_shadow *s, uint32_t max_bytes,
                                   uint32_t *done)
{
    uint32_t looked = 0;

    while ( s->due && looked < s->geom.tiles )
    {
        const uint32_t tile = s->cursor;
        enum fbc_err err;

        if ( fbc_bit(s->dirty, tile) )
        {
            const struct fbc_rect r = fbc_geom_tile(&s->geom, tile);

            if ( !fbc_shadow_room(*done, max_bytes) )
                break;

            err = fbc_shadow_seal_tile(s, tile);
            if ( err )
                return err;

            fbc_shadow_not_due(s, tile);
            *done += (uint32_t)r.w * r.h * 4;
        }

        looked++;
        s->cursor = tile + 1 < s->geom.tiles ? tile + 1 : 0;
    }

    return FBC_OK;
}
