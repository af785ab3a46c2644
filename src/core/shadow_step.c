/* SPDX-License-Identifier: GPL-2.0-only */
/* The sealing engine of one screen: its tiles, a few at a time. */
#include "core/shadow.h"
#include "core/pack.h"
#include "core/palette.h"

#define TILE_PX_BYTES (FBC_TILE_W * FBC_TILE_H * 4)

static bool is_set(const uint8_t *map, uint32_t tile)
{
    return map[tile / 8] & 1u << tile % 8;
}

static void set(uint8_t *map, uint32_t tile)
{
    map[tile / 8] |= (uint8_t)(1u << tile % 8);
}

static void not_due(struct fbc_shadow *s, uint32_t tile)
{
    if ( !is_set(s->dirty, tile) )
        return;
    s->dirty[tile / 8] &= (uint8_t)~(1u << tile % 8);
    s->dirty_tiles--;
}

/* The guest's pixels, read once. */
static void take_pixels(struct fbc_shadow *s, const struct fbc_rect *r)
{
    fbc_pack_rect(s->buf, s->fb + (size_t)r->y * s->line_length + r->x * 4,
                  s->line_length, r->w, r->h, s->ssse3);
}

static enum fbc_coding more(enum fbc_coding a, enum fbc_coding b)
{
    if ( a == FBC_CODING_NONE || b == FBC_CODING_NONE )
        return FBC_CODING_NONE;

    return a > b ? a : b;
}

/* The code takes the pixels' place; too many colours leave them there. */
static enum fbc_coding code(struct fbc_shadow *s, const struct fbc_rect *r,
                            size_t *len)
{
    *len = fbc_palette_code(s->buf, r->w, r->h, s->buf + FBC_CODED_HEAD);

    return fbc_coding_for(*len, r->w, r->h);
}

/*
 * Pixels become what is sealed of them, and zeros.  Of a tile that has no room
 * any more nothing is, in as many bytes, and all of the update comes again:
 * which one it was is not to be seen.
 */
static void make_plain(struct fbc_shadow *s, const struct fbc_rect *r,
                       enum fbc_coding coding)
{
    size_t n, all = (size_t)r->w * r->h * 3;

    if ( more(code(s, r, &n), coding) != coding )
    {
        n = 0;
        s->update.missed = true;
    }
    fbc_put16(s->buf, (uint16_t)n);
    memset(s->buf + FBC_CODED_HEAD + n, 0, all - FBC_CODED_HEAD - n);
}

static enum fbc_err seal_one(struct fbc_shadow *s, uint32_t tile,
                             enum fbc_coding coding, uint32_t *px_bytes)
{
    struct fbc_rect r = fbc_geom_tile(&s->geom, tile);
    const size_t all = (size_t)r.w * r.h * 3;
    uint8_t record[FBC_RECORD_LEN], *meta;
    enum fbc_err err;

    /* A used counter is gone even when the primitive fails. */
    if ( s->counter >= FBC_COUNTER_MAX )
        return FBC_ERR_EXPIRED;
    s->counter++;

    take_pixels(s, &r);
    if ( fbc_coding_len(coding, r.w, r.h) == all )
        coding = FBC_CODING_NONE;
    else
        make_plain(s, &r, coding);
    err = fbc_tile_seal(&s->aead[s->use].tile, s->header.ep.epoch, tile,
                        s->counter, r.w, r.h, coding, s->buf, record);
    if ( err )
    {
        fbc_wipe(s->buf, sizeof(s->buf));
        return err;
    }

    fbc_unpack_rect(fbc_shadow_row(s, fbc_geom_srow(r.y)) + r.x * 4,
                    s->geom.swidth * 4u, s->buf, r.w, r.h, s->ssse3);

    /* x86 keeps stores in order; the compiler must too: record last. */
    __asm__ __volatile__ ( "" ::: "memory" );
    meta = fbc_shadow_row(s, fbc_geom_meta_row(&s->geom,
                                               tile / s->geom.cols));
    fbc_unpack(meta + r.x * 4, record, FBC_RECORD_PIXELS);

    fbc_vector_set(s->vec, tile, s->counter);
    s->stats.tiles++;
    s->stats.bytes += all;
    *px_bytes = (uint32_t)r.w * r.h * 4;

    return FBC_OK;
}

/* Is there room for another tile in this step? */
static bool room(uint32_t done, uint32_t max_bytes)
{
    return !done || done + TILE_PX_BYTES <= max_bytes;
}

/* Raw tiles, as they come. */
static enum fbc_err step_raw(struct fbc_shadow *s, uint32_t max_bytes,
                             uint32_t *done)
{
    uint32_t looked = 0;

    while ( s->dirty_tiles && looked < s->geom.tiles )
    {
        uint32_t tile = s->cursor, bytes = 0;
        enum fbc_err err;

        if ( is_set(s->dirty, tile) )
        {
            if ( !room(*done, max_bytes) )
                break;

            err = seal_one(s, tile, FBC_CODING_NONE, &bytes);
            if ( err )
                return err;

            not_due(s, tile);
            *done += bytes;
        }

        looked++;
        s->cursor = tile + 1 < s->geom.tiles ? tile + 1 : 0;
    }

    return FBC_OK;
}

/* Which tiles, and what coding do they need?  False: the step is over. */
static bool look(struct fbc_shadow *s, uint8_t *mine, uint32_t max_bytes,
                 uint32_t *done)
{
    struct fbc_shadow_update *u = &s->update;

    for ( ; u->next < s->geom.tiles; u->next++ )
    {
        struct fbc_rect r = fbc_geom_tile(&s->geom, u->next);
        size_t len;

        if ( !is_set(s->dirty, u->next) )
            continue;
        if ( !room(*done, max_bytes) )
            return false;

        if ( u->coding != FBC_CODING_NONE )
        {
            take_pixels(s, &r);
            u->coding = more(u->coding, code(s, &r, &len));
            *done += (uint32_t)r.w * r.h * 4;
        }
        not_due(s, u->next);
        set(mine, u->next);
    }

    u->next = 0;
    u->phase = FBC_UPDATE_SEAL;

    return true;
}

static enum fbc_err seal(struct fbc_shadow *s, const uint8_t *mine,
                         uint32_t max_bytes, uint32_t *done)
{
    struct fbc_shadow_update *u = &s->update;
    uint32_t bytes, tile;

    for ( ; u->next < s->geom.tiles; u->next++ )
    {
        enum fbc_err err;

        if ( !is_set(mine, u->next) )
            continue;
        if ( !room(*done, max_bytes) )
            return FBC_OK;

        err = seal_one(s, u->next, u->coding, &bytes);
        if ( err )
            return err;
        not_due(s, u->next);
        *done += bytes;
    }

    for ( tile = 0; u->missed && tile < s->geom.tiles; tile++ )
        if ( is_set(mine, tile) && !is_set(s->dirty, tile) )
        {
            set(s->dirty, tile);
            s->dirty_tiles++;
        }
    u->phase = FBC_UPDATE_NONE;

    return FBC_OK;
}

static enum fbc_err step_coded(struct fbc_shadow *s, uint32_t max_bytes,
                               uint32_t *done)
{
    struct fbc_shadow_update *u = &s->update;
    const size_t half = fbc_shadow_dirty_len(&s->geom) / 2;
    uint8_t *mine = s->dirty + half;

    if ( u->phase == FBC_UPDATE_NONE && s->dirty_tiles )
    {
        /* What had no room may grow again: then it finds enough. */
        u->coding = u->missed ? FBC_CODING_NONE : FBC_CODING_192;
        u->missed = false;
        u->phase = FBC_UPDATE_LOOK;
        u->next = 0;
        memset(mine, 0, half);
    }
    if ( u->phase == FBC_UPDATE_LOOK && !look(s, mine, max_bytes, done) )
        return FBC_OK;
    if ( u->phase == FBC_UPDATE_SEAL )
        return seal(s, mine, max_bytes, done);

    return FBC_OK;
}

enum fbc_err fbc_shadow_step(struct fbc_shadow *s, uint32_t max_bytes)
{
    uint32_t done = 0;
    enum fbc_err err = s->console ? step_coded(s, max_bytes, &done)
                                  : step_raw(s, max_bytes, &done);

    if ( !err && done > s->stats.max_step )
        s->stats.max_step = done;

    return err;
}
