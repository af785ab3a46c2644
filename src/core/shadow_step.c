/* SPDX-License-Identifier: GPL-2.0-only */
/* The sealing engine of one screen, a few tiles at a time; its updates. */
#include "core/shadow_int.h"

static enum fbc_coding more(enum fbc_coding a, enum fbc_coding b)
{
    if ( a == FBC_CODING_NONE || b == FBC_CODING_NONE )
        return FBC_CODING_NONE;

    return a > b ? a : b;
}

static bool first_of_band(const struct fbc_shadow *s, uint32_t tile)
{
    return !(tile % s->geom.cols);
}

/*
 * The tile's pixels, behind those of the tiles to its left.  True if it is the
 * band's last one: then the code is there, of *len bytes, 0 if there is none.
 */
static bool code_tile(struct fbc_shadow *s, uint32_t tile, size_t *len)
{
    const struct fbc_rect r = fbc_geom_tile(&s->geom, tile);

    if ( first_of_band(s, tile) )
        fbc_cells_begin(s->cells);
    fbc_shadow_pixels(s, &r);
    fbc_cells_add(s->cells, s->buf, r.w, r.h);
    if ( !first_of_band(s, tile + 1) )
        return false;
    *len = fbc_cells_end(s->cells);

    return true;
}

static enum fbc_err seal_band(struct fbc_shadow *s, uint32_t band,
                              uint32_t h, size_t code)
{
    const struct fbc_geom *g = &s->geom;
    const enum fbc_coding coding = s->update.coding;
    const size_t len = fbc_coding_len(coding, g->width);
    const uint32_t tile = band * g->cols;
    uint8_t record[FBC_RECORD_LEN], *plain = s->cells->plain;
    enum fbc_err err = fbc_shadow_count(s);
    uint32_t i;

    if ( err )
        return err;

    /*
     * Of a band that has no room any more nothing is sealed, in as many bytes,
     * and all of the update comes again: which one it was is not to be seen.
     */
    if ( !code || FBC_CODED_HEAD + code > len )
    {
        code = 0;
        fbc_put16(plain, 0);
        s->update.missed = true;
    }
    memset(plain + FBC_CODED_HEAD + code, 0, len - FBC_CODED_HEAD - code);
    err = fbc_band_seal(&s->aead[s->use].tile, s->header.ep.epoch, tile,
                        s->counter, g->width, (uint16_t)h, coding, plain,
                        record);
    if ( err )
    {
        fbc_wipe(s->cells, sizeof(*s->cells));
        return err;
    }

    fbc_band_put(fbc_shadow_row(s, fbc_geom_srow(band * FBC_TILE_H)),
                 g->swidth * 4u, g->width, h, plain, len);
    memset(fbc_shadow_row(s, fbc_geom_meta_row(g, band)) +
           FBC_RECORD_PIXELS * 4, 0, (g->swidth - FBC_RECORD_PIXELS) * 4u);
    fbc_shadow_record(s, tile, record);
    for ( i = 0; i < g->cols; i++ )
        fbc_vector_set(s->vec, tile + i, s->counter);
    s->stats.tiles += g->cols;
    s->stats.bytes += (size_t)g->width * h * 3;

    return FBC_OK;
}

/* If it is due: what is drawn from now on comes again. */
static void take(struct fbc_shadow *s, uint8_t *mine, uint32_t band)
{
    if ( fbc_bit(s->dirty, band) )
        fbc_bit_set(mine, band);
    fbc_shadow_not_due(s, band);
}

/* Which bands, and what coding do they need?  False: the step is over. */
static bool look(struct fbc_shadow *s, uint8_t *mine, uint32_t max_bytes,
                 uint32_t *done)
{
    struct fbc_shadow_update *u = &s->update;
    size_t len;

    for ( ; u->next < s->geom.tiles; u->next++ )
    {
        const struct fbc_rect r = fbc_geom_tile(&s->geom, u->next);
        const uint32_t band = u->next / s->geom.cols;

        if ( first_of_band(s, u->next) &&
             (u->coding == FBC_CODING_NONE || !fbc_bit(s->dirty, band)) )
        {
            take(s, mine, band);
            u->next += s->geom.cols - 1u;
            continue;
        }
        if ( !fbc_shadow_room(*done, max_bytes) )
            return false;

        if ( first_of_band(s, u->next) )
            take(s, mine, band);
        if ( code_tile(s, u->next, &len) )
            u->coding = more(u->coding,
                             fbc_coding_for(len, s->geom.width, r.h));
        *done += (uint32_t)r.w * r.h * 4;
    }

    u->next = 0;
    u->phase = FBC_UPDATE_SEAL;

    return true;
}

static enum fbc_err seal_one(struct fbc_shadow *s, uint32_t tile, uint32_t h)
{
    enum fbc_err err;
    size_t len;

    if ( !fbc_has_coding(s->update.coding, s->geom.width, h) )
        return fbc_shadow_seal_tile(s, tile);
    if ( !code_tile(s, tile, &len) )
        return FBC_OK;

    err = seal_band(s, tile / s->geom.cols, h, len);
    if ( err )
        s->update.next -= s->geom.cols - 1u;

    return err;
}

static enum fbc_err seal(struct fbc_shadow *s, const uint8_t *mine,
                         uint32_t max_bytes, uint32_t *done)
{
    struct fbc_shadow_update *u = &s->update;
    uint32_t band;

    for ( ; u->next < s->geom.tiles; u->next++ )
    {
        const struct fbc_rect r = fbc_geom_tile(&s->geom, u->next);
        enum fbc_err err;

        band = u->next / s->geom.cols;
        if ( !fbc_bit(mine, band) )
        {
            u->next += s->geom.cols - 1u;
            continue;
        }
        if ( !fbc_shadow_room(*done, max_bytes) )
            return FBC_OK;

        if ( first_of_band(s, u->next) )
            fbc_shadow_not_due(s, band);
        err = seal_one(s, u->next, r.h);
        if ( err )
            return err;
        *done += (uint32_t)r.w * r.h * 4;
    }

    for ( band = 0; u->missed && band < s->geom.bands; band++ )
        if ( fbc_bit(mine, band) && !fbc_bit(s->dirty, band) )
        {
            fbc_bit_set(s->dirty, band);
            s->due++;
        }
    u->phase = FBC_UPDATE_NONE;

    return FBC_OK;
}

static enum fbc_err step_update(struct fbc_shadow *s, uint32_t max_bytes,
                                uint32_t *done)
{
    struct fbc_shadow_update *u = &s->update;
    const size_t half = fbc_shadow_dirty_len(&s->geom) / 2;
    uint8_t *mine = s->dirty + half;

    if ( u->phase == FBC_UPDATE_NONE && s->due )
    {
        /* What had no room may grow again: then it finds enough. */
        u->coding = u->missed ? FBC_CODING_NONE : FBC_CODING_LINE;
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
    enum fbc_err err = s->cells
                       ? step_update(s, max_bytes, &done)
                       : fbc_shadow_step_tiles(s, max_bytes, &done);

    if ( !err && done > s->stats.max_step )
        s->stats.max_step = done;

    return err;
}
