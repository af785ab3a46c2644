/* SPDX-License-Identifier: GPL-2.0-only */
/* The sealing engine of one screen: all but its tiles. */
#include "core/shadow.h"
#include "core/pack.h"
#include "core/tile.h"

static bool test_and_mark(uint8_t *map, uint32_t bit)
{
    uint8_t mask = (uint8_t)(1u << (bit % 8));
    bool was = map[bit / 8] & mask;

    map[bit / 8] |= mask;

    return was;
}

static void write_header(struct fbc_shadow *s)
{
    uint8_t bytes[FBC_HEADER_LEN];

    fbc_header_encode(&s->header, bytes);
    fbc_unpack(fbc_shadow_row(s, 0), bytes, FBC_HEADER_LEN / 3);
}

/* Announces a shadow rectangle; when the list is full the last one grows. */
static void announce(struct fbc_shadow *s, const struct fbc_rect *r)
{
    struct fbc_rect *last;

    if ( s->pendings < FBC_PENDING_MAX )
    {
        s->pending[s->pendings++] = *r;
        return;
    }

    last = &s->pending[FBC_PENDING_MAX - 1];
    *last = fbc_rect_union(last, r);
}

static void announce_all(struct fbc_shadow *s)
{
    s->pending[0] = (struct fbc_rect){ 0, 0, s->geom.swidth,
                                       s->geom.sheight };
    s->pendings = 1;
}

void fbc_shadow_init(struct fbc_shadow *s, const struct fbc_geom *g,
                     const uint8_t *fb, uint32_t line_length, uint8_t *out,
                     uint8_t *vec, uint8_t *dirty,
                     const uint8_t uuid[static FBC_UUID_LEN],
                     const uint8_t vmm_hash[static FBC_HASH_LEN])
{
    struct fbc_shadow_stats stats = s->stats;
    bool console = s->console;

    fbc_wipe(s, sizeof(*s));
    s->stats = stats;
    s->console = console;
    s->geom = *g;
    s->fb = fb;
    s->line_length = line_length;
    s->out = out;
    s->vec = vec;
    s->dirty = dirty;
    s->ssse3 = fbc_pack_ssse3();
    s->header.version = console ? FBC_HEADER_CODED : FBC_HEADER_VERSION;
    s->header.ep.aead = FBC_AEAD_NONE;
    s->header.ep.geom = *g;
    memcpy(s->header.ep.uuid, uuid, FBC_UUID_LEN);
    memcpy(s->header.vmm_id, vmm_hash, sizeof(s->header.vmm_id));
    fbc_vector_init(vec, 0, g->tiles);
    memset(dirty, 0, fbc_shadow_dirty_len(g));
    write_header(s);
    announce_all(s);
}

enum fbc_err fbc_shadow_key(struct fbc_shadow *s, enum fbc_aead_id aead,
                            uint32_t epoch,
                            const uint8_t salt[static FBC_SALT_LEN],
                            const uint8_t session[static FBC_KEY_LEN],
                            enum fbc_launched launched, const uint8_t *launch)
{
    struct fbc_header h = s->header;
    struct fbc_shadow_aead *next = &s->aead[!s->use];
    struct fbc_epoch_keys keys;
    enum fbc_err err = FBC_ERR_CRYPTO;
    uint32_t band;

    h.ep.aead = aead;
    h.ep.epoch = epoch;
    memcpy(h.ep.salt, salt, FBC_SALT_LEN);
    h.ep.launched = launched;
    if ( launch )
        memcpy(h.ep.launch, launch, FBC_HASH_LEN);
    else
        memset(h.ep.launch, 0, FBC_HASH_LEN);

    if ( fbc_kdf_epoch(&h.ep, session, &keys) )
        goto out;
    if ( fbc_aead_init(&next->tile, aead, keys.tile) )
        goto out;
    if ( fbc_aead_init(&next->manifest, aead, keys.manifest) )
    {
        fbc_aead_clear(&next->tile);
        goto out;
    }

    memcpy(h.key_id, keys.key_id, FBC_KEYID_LEN);
    fbc_shadow_clear(s);
    memcpy(s->input_key, keys.input, FBC_KEY_LEN);
    s->use = !s->use;
    s->header = h;
    s->counter = 0;
    fbc_vector_init(s->vec, epoch, s->geom.tiles);

    /* Header first: a viewer must know the epoch before its tiles come. */
    memset(fbc_shadow_row(s, 0), 0, (size_t)s->geom.swidth * 4);
    for ( band = 0; band < s->geom.bands; band++ )
        memset(fbc_shadow_row(s, fbc_geom_meta_row(&s->geom, band)), 0,
               (size_t)s->geom.swidth * 4);
    write_header(s);

    memset(s->dirty, 0, fbc_shadow_dirty_len(&s->geom));
    s->due = 0;
    s->cursor = 0;
    memset(&s->update, 0, sizeof(s->update));
    fbc_shadow_damage(s, &(struct fbc_rect){ 0, 0, s->geom.width,
                                             s->geom.height });
    announce_all(s);
    err = FBC_OK;

 out:
    fbc_wipe(&keys, sizeof(keys));

    return err;
}

void fbc_shadow_damage(struct fbc_shadow *s, const struct fbc_rect *r)
{
    struct fbc_rect t, sr;
    uint32_t x, y, cols;

    if ( !r->w || !r->h || s->header.ep.aead == FBC_AEAD_NONE )
        return;

    t = fbc_geom_tiles_of(r);
    if ( s->console )
    {
        t.x = 0;
        t.w = s->geom.cols;
    }
    cols = s->console ? 1 : s->geom.cols;
    for ( y = t.y; y < (uint32_t)t.y + t.h; y++ )
        for ( x = t.x; x < t.x + (s->console ? 1u : t.w); x++ )
            if ( !test_and_mark(s->dirty, y * cols + x) )
                s->due++;

    s->manifest_due = true;
    sr = fbc_geom_srect(&s->geom, &t);
    announce(s, &sr);
}

enum fbc_err fbc_shadow_manifest(struct fbc_shadow *s, uint64_t time_ns,
                                 const struct fbc_manifest_input *input)
{
    const struct fbc_epoch *ep = &s->header.ep;
    struct fbc_manifest m = { .time_ns = time_ns, .launched = ep->launched };
    uint8_t bytes[FBC_MANIFEST_LEN];
    struct fbc_rect r = { FBC_MANIFEST_X, 0, 32, 1 };
    enum fbc_err err;

    if ( ep->aead == FBC_AEAD_NONE )
        return FBC_ERR_UNKEYED;
    if ( s->counter >= FBC_COUNTER_MAX )
        return FBC_ERR_EXPIRED;

    m.counter = ++s->counter;
    if ( input )
        m.input = *input;
    memcpy(m.launch, ep->launch, FBC_MANIFEST_LAUNCH);
    err = fbc_manifest_seal(&s->aead[s->use].manifest, s->header.version, &m,
                            s->vec, s->geom.tiles, bytes);
    if ( err )
        return err;

    fbc_unpack(fbc_shadow_row(s, 0) + FBC_MANIFEST_X * 4, bytes,
               sizeof(bytes) / 3);
    s->manifest_due = false;
    s->stats.manifests++;
    announce(s, &r);

    return FBC_OK;
}

bool fbc_shadow_pending(struct fbc_shadow *s, struct fbc_rect *srect)
{
    /* Told now, dom0 would read tiles that are still the old ones. */
    if ( !s->pendings || fbc_shadow_busy(s) )
        return false;

    *srect = s->pending[0];
    s->pendings--;
    memmove(s->pending, s->pending + 1, s->pendings * sizeof(s->pending[0]));

    return true;
}

void fbc_shadow_clear(struct fbc_shadow *s)
{
    if ( s->header.ep.aead != FBC_AEAD_NONE )
    {
        fbc_aead_clear(&s->aead[s->use].tile);
        fbc_aead_clear(&s->aead[s->use].manifest);
    }
    fbc_wipe(s->input_key, sizeof(s->input_key));
    fbc_wipe(s->buf, sizeof(s->buf));
    fbc_wipe(&s->cells, sizeof(s->cells));
}
