/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sealing engine of one screen: reads the guest's pixels, writes the
 * shadow.  Both are flat mappings.  The shadow is write-only here: dom0 may
 * change it at any time.  No function locks; the caller serialises.  In Xen it
 * holds the FPU around fbc_shadow_step(), whatever the AEAD, and around
 * fbc_shadow_key() and fbc_shadow_manifest() when the AEAD needs it; no other
 * function uses a vector register.
 */
#ifndef FBC_CORE_SHADOW_H
#define FBC_CORE_SHADOW_H

#include "core/band.h"
#include "core/cells.h"
#include "core/fbc.h"
#include "core/fbif.h"
#include "core/geom.h"
#include "core/header.h"
#include "core/manifest.h"
#include "core/tile.h"

/* New salt and epoch are due after this many messages (fbc-formats(5)). */
#define FBC_REKEY_COUNTER (1ull << 38)

#define FBC_PENDING_MAX 16

struct fbc_shadow {
    struct fbc_geom geom;
    const uint8_t *fb;          /* guest: first pixel */
    uint32_t line_length;       /* guest: bytes */
    uint8_t *out;               /* shadow: swidth * sheight * 4 bytes */

    struct fbc_header header;   /* aead NONE: black, nothing is sealed */
    /* Contexts do not move once keyed: the next epoch uses the other pair. */
    struct fbc_shadow_aead {
        struct fbc_aead tile, manifest;
    } aead[2];
    uint8_t use;
    uint8_t input_key[FBC_KEY_LEN]; /* fbc_epoch_keys.input */
    uint64_t counter;           /* last one used in this epoch */
    uint8_t *vec;               /* FBC_VECTOR_LEN(tiles) */
    /* One bit a tile, with console a band; then as many of the update's. */
    uint8_t *dirty;
    uint32_t due, cursor;       /* how many bits are set; next tile */
    bool console;               /* bands are coded; set before _init() */
    /*
     * Then bands are sealed in updates, of one coding each: what is due at its
     * beginning is looked at, and then sealed.
     */
    struct fbc_shadow_update {
        enum { FBC_UPDATE_NONE, FBC_UPDATE_LOOK, FBC_UPDATE_SEAL } phase;
        uint32_t next;          /* tile; those to its left are in cells */
        enum fbc_coding coding;
        bool missed;            /* drawn on meanwhile, a band had no room */
    } update;
    bool manifest_due;
    bool ssse3;                 /* fbc_pack_ssse3() */

    /* Shadow rectangles that dom0 has not been told of, oldest first. */
    struct fbc_rect pending[FBC_PENDING_MAX];
    uint32_t pendings;

    struct fbc_shadow_stats {
        uint64_t tiles, bytes;  /* sealed; bytes of 24-bit pixels */
        uint64_t manifests;
        uint64_t max_step;      /* bytes of 32-bit pixels in one step */
    } stats;

    uint8_t buf[FBC_TILE_BYTES];
    struct fbc_cells cells;     /* of a band that is being coded */
};

/* Bytes that vec and dirty need for a geometry. */
static inline size_t fbc_shadow_vec_len(const struct fbc_geom *g)
{
    return FBC_VECTOR_LEN((size_t)g->tiles);
}

static inline size_t fbc_shadow_dirty_len(const struct fbc_geom *g)
{
    return 2 * ((g->tiles + 7) / 8);
}

static inline uint8_t *fbc_shadow_row(const struct fbc_shadow *s, uint32_t y)
{
    return s->out + (size_t)y * s->geom.swidth * 4;
}

static inline size_t fbc_shadow_bytes(const struct fbc_geom *g)
{
    return (size_t)g->swidth * g->sheight * 4;
}

/*
 * Sets all fields but stats and console, and writes an unkeyed header.  A new
 * shadow must be zero; one that held another layout need not.
 */
void fbc_shadow_init(struct fbc_shadow *s, const struct fbc_geom *g,
                     const uint8_t *fb, uint32_t line_length, uint8_t *out,
                     uint8_t *vec, uint8_t *dirty,
                     const uint8_t uuid[static FBC_UUID_LEN],
                     const uint8_t vmm_hash[static FBC_HASH_LEN]);

/*
 * Begins an epoch: keys from salt and session key, header rewritten, every
 * tile due.  On failure nothing has changed.  The salt must be fresh.
 * launch: FBC_HASH_LEN bytes, or NULL if launched is of no digest.
 */
enum fbc_err FBC_MUST_CHECK
fbc_shadow_key(struct fbc_shadow *s, enum fbc_aead_id aead, uint32_t epoch,
               const uint8_t salt[static FBC_SALT_LEN],
               const uint8_t session[static FBC_KEY_LEN],
               enum fbc_launched launched, const uint8_t *launch);

/* The guest says that it drew here.  r may be empty. */
void fbc_shadow_damage(struct fbc_shadow *s, const struct fbc_rect *r);

static inline bool fbc_shadow_busy(const struct fbc_shadow *s)
{
    return s->due || s->update.phase != FBC_UPDATE_NONE;
}

/*
 * shadow_step.c.  Seals due tiles, or looks at them, at most max_bytes of
 * 32-bit pixels but at least one tile; fbc_shadow_busy() tells whether more are
 * due.  A primitive that fails leaves the tile, or the band, due and the shadow
 * as it was: FBC_ERR_CRYPTO.
 */
enum fbc_err FBC_MUST_CHECK fbc_shadow_step(struct fbc_shadow *s,
                                            uint32_t max_bytes);

/* Seals the manifest of what the shadow shows now.  input NULL: all 0. */
enum fbc_err FBC_MUST_CHECK
fbc_shadow_manifest(struct fbc_shadow *s, uint64_t time_ns,
                    const struct fbc_manifest_input *input);

/*
 * Takes the oldest rectangle to announce; false when there is none, or while
 * tiles are due.
 */
bool fbc_shadow_pending(struct fbc_shadow *s, struct fbc_rect *srect);

/* Wipes all keys. */
void fbc_shadow_clear(struct fbc_shadow *s);

#endif /* FBC_CORE_SHADOW_H */
