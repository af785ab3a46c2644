/* SPDX-License-Identifier: GPL-2.0-only */
/* The tenant's side of a shadow: bands that are coded. */
#include "core/band.h"
#include "core/pack.h"
#include "parse/shadow/rgb.h"
#include "parse/shadow/view_int.h"

/* The tile in v->buf, where the screen is not the same; says so. */
static void show_changed(struct fbc_view *v, const struct fbc_view_picture *p,
                         uint32_t tile, const struct fbc_rect *r)
{
    const size_t width = v->header.ep.geom.width, depth = v->bgrx ? 4 : 3;
    uint8_t row[FBC_TILE_W * 4];
    uint32_t y;

    for ( y = 0; y < r->h; y++ )
    {
        uint8_t *to = p->screen + ((r->y + y) * width + r->x) * depth;
        const uint8_t *from = v->buf + y * r->w * 3;

        if ( v->bgrx )
            fbc_unpack_rect(row, sizeof(row), from, r->w, 1, v->ssse3);
        else
            fbc_rgb_swap(row, from, r->w, v->ssse3);
        if ( !memcmp(to, row, r->w * depth) )
            continue;
        memcpy(to, row, r->w * depth);
        v->changed[tile] = true;
    }
    fbc_wipe(row, sizeof(row));
}

/* Authentic pixels in v->coded, or why not. */
static enum fbc_err open_band(struct fbc_view *v,
                              const struct fbc_view_picture *p,
                              uint32_t first, uint64_t newest,
                              const uint8_t record[static FBC_RECORD_LEN],
                              uint64_t *counter)
{
    const struct fbc_geom *g = &v->header.ep.geom;
    const struct fbc_rect r = fbc_geom_tile(g, first);
    const enum fbc_coding coding = fbc_record_coding(record);
    uint8_t none[FBC_RECORD_LEN];
    enum fbc_err err;
    uint32_t i;

    if ( !fbc_has_coding(coding, g->width, r.h) )
        return FBC_ERR_AUTH;
    for ( i = 1; i < g->cols; i++ )
    {
        fbc_view_record(g, p, first + i, none);
        if ( !fbc_is_zero(none, sizeof(none)) )
            return FBC_ERR_AUTH;
    }

    fbc_band_get(v->plain, p->shadow + fbc_geom_srow(r.y) * p->stride,
                 p->stride, r.h, fbc_coding_len(coding, g->width));
    err = fbc_band_open(&v->aead[v->use].tile, v->header.version,
                        v->header.ep.epoch, first, newest, g->width, r.h,
                        v->plain, record, counter);
    if ( err )
        return err;
    err = fbc_coded_open(&v->coded, v->plain,
                         fbc_coding_len(coding, g->width), g->width, r.h);

    return !err || err == FBC_ERR_PENDING ? err : FBC_ERR_AUTH;
}

void fbc_view_coded(struct fbc_view *v, const struct fbc_view_picture *p,
                    uint32_t first,
                    const uint8_t record[static FBC_RECORD_LEN],
                    struct fbc_view_stats *st)
{
    const struct fbc_geom *g = &v->header.ep.geom;
    uint64_t counter = fbc_get64(record) & FBC_COUNTER_MAX, newest = 0;
    uint32_t tile, same = 0;
    bool held;

    for ( tile = first; tile < first + g->cols; tile++ )
    {
        const uint64_t c = fbc_vector_get(v->vec, tile);

        newest = c > newest ? c : newest;
        same += c == counter;
    }
    held = counter && same == g->cols;
    if ( held && !v->recheck )
    {
        st->held += g->cols;
        return;
    }

    switch ( open_band(v, p, first, held ? newest - 1 : newest, record,
                       &counter) )
    {
    case FBC_OK:
        for ( tile = first; tile < first + g->cols; tile++ )
        {
            const struct fbc_rect r = fbc_geom_tile(g, tile);

            fbc_coded_tile(&v->coded, r.x, r.w, v->buf);
            show_changed(v, p, tile, &r);
            fbc_vector_set(v->vec, tile, counter);
        }
        if ( held )
            st->held += g->cols;
        else
            st->fresh += g->cols;
        break;

    case FBC_ERR_AUTH:
        for ( tile = first; tile < first + g->cols; tile++ )
            v->bad[tile] = counter;
        st->bad += g->cols;
        break;

    default:
        st->pending += g->cols;
        break;
    }
}
