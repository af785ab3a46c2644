/* SPDX-License-Identifier: GPL-2.0-only */
/* The tenant's side of a shadow. */
#include "parse/shadow/view.h"
#include "core/band.h"
#include "core/pack.h"
#include "core/tile.h"
#include "parse/shadow/rgb.h"
#include "parse/shadow/view_int.h"

#define MANIFEST_PIXELS (FBC_MANIFEST_LEN / 3)

void fbc_view_init(struct fbc_view *v,
                   const uint8_t file[static FBC_SESSION_FILE_LEN])
{
    memset(v, 0, sizeof(*v));
    v->ssse3 = fbc_pack_ssse3();
    memcpy(v->session, file + FBC_SESSION_KEY, FBC_KEY_LEN);
    memcpy(v->uuid, file + FBC_SESSION_UUID, FBC_UUID_LEN);
    memcpy(v->vmm_hash, file + FBC_SESSION_VMM, FBC_HASH_LEN);
    v->launches = fbc_session_launches(file);
    memcpy(v->launch, file + FBC_SESSION_LAUNCH, sizeof(v->launch));
}

static void clear_keys(struct fbc_view_aead *a)
{
    fbc_aead_clear(&a->tile);
    fbc_aead_clear(&a->manifest);
}

void fbc_view_clear(struct fbc_view *v)
{
    if ( v->header.ep.aead != FBC_AEAD_NONE )
        clear_keys(&v->aead[v->use]);
    fbc_wipe(v, sizeof(*v));
}

enum fbc_err fbc_view_header(const uint8_t *shadow, uint32_t swidth,
                             uint32_t sheight, size_t stride,
                             struct fbc_header *h)
{
    uint8_t bytes[FBC_HEADER_LEN];
    struct fbc_header t;
    enum fbc_err err;

    if ( swidth < FBC_MIN_WIDTH || !sheight )
        return FBC_ERR_SIZE;
    if ( stride < (size_t)swidth * 4 )
        return FBC_ERR_STRIDE;

    fbc_pack(bytes, shadow, FBC_HEADER_LEN / 3);
    err = fbc_header_parse(bytes, &t);
    if ( err )
        return err;
    if ( t.ep.geom.swidth != swidth || t.ep.geom.sheight != sheight )
        return FBC_ERR_SIZE;

    *h = t;

    return FBC_OK;
}

static bool same_header(const struct fbc_header *a,
                        const struct fbc_header *b)
{
    uint8_t x[FBC_HEADER_LEN], y[FBC_HEADER_LEN];

    fbc_header_encode(a, x);
    fbc_header_encode(b, y);

    return !memcmp(x, y, sizeof(x));
}

/*
 * The key id depends on all of the epoch: nobody else can make one.  Sets the
 * launch, of which the header says nothing.
 */
static enum fbc_err derive(const struct fbc_view *v, struct fbc_header *h,
                           struct fbc_epoch_keys *keys)
{
    unsigned int i = 0;

    do {
        h->ep.launched = v->launches ? FBC_LAUNCHED_ACCEPTED
                                     : FBC_LAUNCHED_UNTOLD;
        memcpy(h->ep.launch, v->launch[i], FBC_HASH_LEN);
        if ( fbc_kdf_epoch(&h->ep, v->session, keys) )
            return FBC_ERR_CRYPTO;
        if ( fbc_equal(keys->key_id, h->key_id, FBC_KEYID_LEN) )
            return FBC_OK;
    } while ( ++i < v->launches );

    return FBC_ERR_AUTH;
}

/* Keys of an epoch that this view has not seen. */
static enum fbc_err begin_epoch(struct fbc_view *v, struct fbc_header *h)
{
    bool keyed = v->header.ep.aead != FBC_AEAD_NONE;
    struct fbc_view_aead *next = &v->aead[!v->use];
    struct fbc_epoch_keys keys;
    enum fbc_err err = derive(v, h, &keys);

    if ( !err && keyed && h->ep.epoch <= v->header.ep.epoch )
        err = FBC_ERR_STALE;
    if ( !err && fbc_aead_init(&next->tile, h->ep.aead, keys.tile) )
        err = FBC_ERR_CRYPTO;
    else if ( !err &&
              fbc_aead_init(&next->manifest, h->ep.aead, keys.manifest) )
    {
        fbc_aead_clear(&next->tile);
        err = FBC_ERR_CRYPTO;
    }
    if ( !err )
        memcpy(v->input_key, keys.input, FBC_KEY_LEN);
    fbc_wipe(&keys, sizeof(keys));
    if ( err )
        return err;

    if ( keyed )
        clear_keys(&v->aead[v->use]);
    v->use = !v->use;
    v->header = *h;
    v->manifest_counter = 0;
    fbc_vector_init(v->vec, h->ep.epoch, h->ep.geom.tiles);

    return FBC_OK;
}

static void show(const struct fbc_view *v, const struct fbc_view_picture *p,
                 const struct fbc_rect *r)
{
    size_t width = v->header.ep.geom.width;
    uint32_t y;

    if ( v->bgrx )
    {
        fbc_unpack_rect(p->screen + (r->y * width + r->x) * 4, width * 4,
                        v->buf, r->w, r->h, v->ssse3);
        return;
    }
    for ( y = 0; y < r->h; y++ )
        fbc_rgb_swap(p->screen + ((r->y + y) * width + r->x) * 3,
                     v->buf + y * r->w * 3, r->w, v->ssse3);
}

static void update_tile(struct fbc_view *v, const struct fbc_view_picture *p,
                        uint32_t tile, struct fbc_view_stats *st)
{
    const struct fbc_geom *g = &v->header.ep.geom;
    struct fbc_rect r = fbc_geom_tile(g, tile);
    uint64_t newest = fbc_vector_get(v->vec, tile), counter;
    uint8_t record[FBC_RECORD_LEN];
    bool held;

    fbc_view_record(&v->header.ep.geom, p, tile, record);
    counter = fbc_get64(record) & FBC_COUNTER_MAX;
    held = newest && counter == newest &&
           (record[FBC_COUNTER_LEN] & FBC_FLAG_VALID);
    if ( held && !v->recheck )
    {
        st->held++;
        return;
    }

    fbc_pack_rect(v->buf,
                  p->shadow + fbc_geom_srow(r.y) * p->stride + r.x * 4u,
                  p->stride, r.w, r.h, v->ssse3);
    switch ( fbc_tile_open(&v->aead[v->use].tile, v->header.ep.epoch, tile,
                           held ? newest - 1 : newest, r.w, r.h, v->buf,
                           record, &counter) )
    {
    case FBC_OK:
        show(v, p, &r);
        v->changed[tile] = true;
        fbc_vector_set(v->vec, tile, counter);
        if ( held )
            st->held++;
        else
            st->fresh++;
        break;

    case FBC_ERR_AUTH:
        v->bad[tile] = counter;
        st->bad++;
        break;

    default:
        st->pending++;
        break;
    }
}

/* Tiles [first, end) of a band. */
static void update_band(struct fbc_view *v, const struct fbc_view_picture *p,
                        uint32_t first, uint32_t end,
                        struct fbc_view_stats *st)
{
    uint8_t record[FBC_RECORD_LEN];
    uint32_t tile;

    fbc_view_record(&v->header.ep.geom, p, first, record);
    if ( v->header.version != FBC_HEADER_CODED ||
         fbc_record_coding(record) == FBC_CODING_NONE )
    {
        for ( tile = first; tile < end; tile++ )
            update_tile(v, p, tile, st);
        return;
    }

    if ( end - first == v->header.ep.geom.cols )
        fbc_view_coded(v, p, first, record, st);
    else
        st->pending += end - first;
}

static enum fbc_err check_manifest(struct fbc_view *v, const uint8_t *shadow,
                                   struct fbc_manifest *live)
{
    struct fbc_epoch *ep = &v->header.ep;
    uint8_t bytes[FBC_MANIFEST_LEN];
    struct fbc_manifest m;
    enum fbc_err err;

    fbc_pack(bytes, shadow + FBC_MANIFEST_X * 4, MANIFEST_PIXELS);
    err = fbc_manifest_open(&v->aead[v->use].manifest, v->header.version,
                            bytes, v->vec, ep->geom.tiles, &m);
    if ( err )
        return err;
    if ( (m.launched == FBC_LAUNCHED_ACCEPTED) !=
         (ep->launched == FBC_LAUNCHED_ACCEPTED) ||
         (m.launched == FBC_LAUNCHED_ACCEPTED &&
          memcmp(m.launch, ep->launch, FBC_MANIFEST_LAUNCH)) )
        return FBC_ERR_LAUNCH;
    if ( m.counter < v->manifest_counter )
        return FBC_ERR_STALE;

    v->manifest_counter = m.counter;
    ep->launched = m.launched;
    memcpy(ep->launch, m.launch, FBC_MANIFEST_LAUNCH);
    *live = m;

    return FBC_OK;
}

enum fbc_err fbc_view_update(struct fbc_view *v, const uint8_t *shadow,
                             uint32_t swidth, uint32_t sheight, size_t stride,
                             uint32_t tile_limit, uint8_t *screen,
                             struct fbc_view_stats *stats)
{
    struct fbc_view_picture p = { shadow, stride, screen };
    const struct fbc_geom *g = &v->header.ep.geom;
    struct fbc_view_stats st = { .manifest = FBC_ERR_PENDING };
    struct fbc_header h;
    enum fbc_err err;
    uint32_t tile, limit;

    err = fbc_view_header(shadow, swidth, sheight, stride, &h);
    if ( err )
        return err;
    if ( memcmp(h.ep.uuid, v->uuid, FBC_UUID_LEN) )
        return FBC_ERR_WRONG_VM;
    if ( memcmp(h.vmm_id, v->vmm_hash, sizeof(h.vmm_id)) )
        return FBC_ERR_WRONG_VMM;
    if ( h.ep.aead == FBC_AEAD_NONE )
        return FBC_ERR_UNKEYED;

    if ( !same_header(&h, &v->header) )
    {
        err = begin_epoch(v, &h);
        if ( err )
            return err;
        memset(screen, 0, (size_t)g->width * g->height * (v->bgrx ? 4 : 3));
        st.new_epoch = true;
    }

    memset(v->bad, 0, sizeof(v->bad));
    memset(v->changed, 0, sizeof(v->changed));
    limit = tile_limit < g->tiles ? tile_limit : g->tiles;
    for ( tile = 0; tile < limit; tile += g->cols )
        update_band(v, &p, tile,
                    tile + g->cols < limit ? tile + g->cols : limit, &st);
    if ( limit == g->tiles )
        st.manifest = check_manifest(v, shadow, &st.live);
    fbc_wipe(v->buf, sizeof(v->buf));
    fbc_wipe(v->plain, sizeof(v->plain));
    fbc_wipe(&v->coded, sizeof(v->coded));

    *stats = st;

    return FBC_OK;
}
