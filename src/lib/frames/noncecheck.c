/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks for two contents under one nonce. */
#include "lib/frames/noncecheck.h"

#include <stdlib.h>

#include "core/band.h"
#include "core/pack.h"
#include "core/tile.h"

struct fbc_noncecheck_entry {   /* counter 0 is never used: free slot */
    uint64_t key_id, counter;
    uint32_t tile;
    uint8_t tag[FBC_TAG_LEN];
};

void fbc_noncecheck_init(struct fbc_noncecheck *c, const uint8_t *session)
{
    memset(c, 0, sizeof(*c));
    c->session = session;
}

void fbc_noncecheck_clear(struct fbc_noncecheck *c)
{
    fbc_aead_clear(&c->aead);
    free(c->table);
    fbc_wipe(c, sizeof(*c));
}

static struct fbc_noncecheck_entry *
lookup(struct fbc_noncecheck_entry *table, size_t size,
       const struct fbc_noncecheck_entry *want)
{
    uint64_t h = (want->counter * UINT64_C(0x9e3779b97f4a7c15)) ^
                 want->key_id ^ want->tile;
    size_t i = (size_t)((h ^ (h >> 29)) & (size - 1));

    while ( table[i].counter &&
            (table[i].counter != want->counter ||
             table[i].tile != want->tile ||
             table[i].key_id != want->key_id) )
        i = (i + 1) & (size - 1);

    return &table[i];
}

static int grow(struct fbc_noncecheck *c)
{
    size_t i, size = c->size ? c->size * 2 : 4096;
    struct fbc_noncecheck_entry *t = calloc(size, sizeof(*t));

    if ( !t )
        return -1;
    for ( i = 0; i < c->size; i++ )
        if ( c->table[i].counter )
            *lookup(t, size, &c->table[i]) = c->table[i];
    free(c->table);
    c->table = t;
    c->size = size;

    return 0;
}

static int note(struct fbc_noncecheck *c, uint32_t tile, uint64_t counter,
                const uint8_t *tag)
{
    struct fbc_noncecheck_entry want = {
        .key_id = fbc_get64(c->header.key_id),
        .counter = counter,
        .tile = tile,
    }, *have;

    if ( c->used * 2 >= c->size && grow(c) )
        return -1;

    c->seen++;
    have = lookup(c->table, c->size, &want);
    if ( !have->counter )
    {
        memcpy(want.tag, tag, FBC_TAG_LEN);
        *have = want;
        c->used++;
    }
    else if ( memcmp(have->tag, tag, FBC_TAG_LEN) && !c->reused++ )
    {
        c->tile = tile;
        c->counter = counter;
    }

    return 0;
}

static enum fbc_err use_keys(struct fbc_noncecheck *c,
                             const struct fbc_header *h)
{
    struct fbc_epoch_keys keys;
    int rc;

    if ( c->keyed && c->header.ep.epoch == h->ep.epoch &&
         !memcmp(c->header.ep.salt, h->ep.salt, FBC_SALT_LEN) )
        return FBC_OK;

    if ( c->keyed )
        fbc_aead_clear(&c->aead);
    c->keyed = false;
    rc = fbc_kdf_epoch(&h->ep, c->session, &keys) ||
         fbc_aead_init(&c->aead, h->ep.aead, keys.tile);
    fbc_wipe(&keys, sizeof(keys));
    if ( rc )
        return FBC_ERR_CRYPTO;
    c->header = *h;
    c->keyed = true;

    return FBC_OK;
}

/* A tile as it is, or with a band's first one all of a band that is coded. */
static bool is_authentic(struct fbc_noncecheck *c, const struct fbc_header *h,
                         const uint8_t *shadow, size_t stride, uint32_t tile,
                         const uint8_t record[static FBC_RECORD_LEN],
                         uint64_t *counter)
{
    const struct fbc_geom *g = &h->ep.geom;
    const struct fbc_rect r = fbc_geom_tile(g, tile);
    const enum fbc_coding coding = fbc_record_coding(record);
    const uint8_t *px = shadow + fbc_geom_srow(r.y) * stride + r.x * 4u;

    if ( coding == FBC_CODING_NONE )
    {
        fbc_pack_rect(c->buf, px, stride, r.w, r.h, false);
        return !fbc_tile_open(&c->aead, h->ep.epoch, tile, 0, r.w, r.h,
                              c->buf, record, counter);
    }

    if ( r.x || !fbc_has_coding(coding, g->width, r.h) )
        return false;
    fbc_band_get(c->buf, px, stride, r.h, fbc_coding_len(coding, g->width));

    return !fbc_band_open(&c->aead, h->version, h->ep.epoch, tile, 0,
                          g->width, r.h, c->buf, record, counter);
}

enum fbc_err fbc_noncecheck_feed(struct fbc_noncecheck *c,
                                 const struct fbc_header *h,
                                 const uint8_t *shadow, size_t stride)
{
    const struct fbc_geom *g = &h->ep.geom;
    enum fbc_err err = use_keys(c, h);
    uint32_t tile;

    for ( tile = 0; !err && tile < g->tiles; tile++ )
    {
        const uint32_t meta = fbc_geom_meta_row(g, tile / g->cols);
        uint8_t record[FBC_RECORD_LEN];
        uint64_t counter;

        fbc_pack(record, shadow + meta * stride +
                         tile % g->cols * FBC_TILE_W * 4, FBC_RECORD_PIXELS);
        if ( !is_authentic(c, h, shadow, stride, tile, record, &counter) )
            continue;
        if ( note(c, tile, counter, record + FBC_RECORD_LEN - FBC_TAG_LEN) )
            err = FBC_ERR_NOMEM;
    }
    fbc_wipe(c->buf, sizeof(c->buf));

    return err;
}
