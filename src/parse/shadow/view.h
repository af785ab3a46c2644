/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tenant's side of a shadow: takes pictures of it as they come (torn,
 * stale or hostile) and keeps the newest verified screen.  No pixel that has
 * not been authenticated is ever written to the screen.
 */
#ifndef FBC_PARSE_VIEW_H
#define FBC_PARSE_VIEW_H

#include "core/fbc.h"
#include "core/geom.h"
#include "core/header.h"
#include "core/manifest.h"
#include "parse/shadow/coded.h"
#include "parse/text/keytext.h"

struct fbc_view_stats {         /* of one fbc_view_update() */
    uint32_t fresh;             /* tiles newly verified */
    uint32_t held;              /* same counter as held, not looked at again */
    uint32_t pending;           /* never sealed, counter older than held, or
                                   left out of its update */
    uint32_t bad;               /* tag does not verify: torn or forged */
    bool new_epoch;
    enum fbc_err manifest;      /* FBC_OK: the whole screen is current;
                                   FBC_ERR_STALE: replayed; FBC_ERR_LAUNCH:
                                   authentic, of another launch */
    struct fbc_manifest live;   /* valid when manifest == FBC_OK */
};

struct fbc_view {
    uint8_t session[FBC_KEY_LEN];
    uint8_t uuid[FBC_UUID_LEN];
    uint8_t vmm_hash[FBC_HASH_LEN];
    /* Digests of which the guest must have one; none: any. */
    uint8_t launch[FBC_SESSION_LAUNCHES][FBC_HASH_LEN];
    unsigned int launches;
    /*
     * Of the epoch in use; aead NONE: none yet.  Its launch is ACCEPTED, with
     * the digest that its keys prove, or UNTOLD until a manifest says what it
     * is: then the digest is FBC_MANIFEST_LAUNCH bytes long.
     */
    struct fbc_header header;
    uint64_t manifest_counter;  /* newest verified */
    /* Contexts do not move once keyed: the next epoch uses the other pair. */
    struct fbc_view_aead {
        struct fbc_aead tile, manifest;
    } aead[2];
    uint8_t use;
    uint8_t input_key[FBC_KEY_LEN];     /* fbc_epoch_keys.input, of that */
    uint8_t vec[FBC_VECTOR_LEN(FBC_MAX_TILES)];
    /* Counters that tiles of the last update claimed and did not prove. */
    uint64_t bad[FBC_MAX_TILES];        /* 0: none */
    /* By the last update: it may look different, of a coded band it does. */
    bool changed[FBC_MAX_TILES];
    uint8_t buf[FBC_TILE_BYTES];
    uint8_t plain[FBC_CODED_MAX];       /* of a band, and what it stands for */
    struct fbc_coded coded;
    bool ssse3;                 /* fbc_pack_ssse3() */
    bool recheck;               /* verify held tiles again (dump analysis) */
    bool bgrx;                  /* screens have 4 bytes a pixel, see below */
};

/* file: the payload of a session key file. */
void fbc_view_init(struct fbc_view *v,
                   const uint8_t file[static FBC_SESSION_FILE_LEN]);
void fbc_view_clear(struct fbc_view *v);

/*
 * Reads the header of a picture: 4 bytes a pixel, memory order blue, green,
 * red, unused; stride in bytes.  swidth and sheight must be the picture's.
 */
enum fbc_err FBC_MUST_CHECK
fbc_view_header(const uint8_t *shadow, uint32_t swidth, uint32_t sheight,
                size_t stride, struct fbc_header *h);

/*
 * screen: geom.width * geom.height * 3 bytes, red, green, blue, rows packed;
 * with bgrx, which is faster, * 4 bytes, blue, green, red, 0.
 * The caller sizes it from fbc_view_header(); a new epoch clears it first.
 * Tiles [0, tile_limit) are opened, the rest left as they are; the manifest
 * is looked at only when these are all tiles.  A coded band is opened if it is
 * within the limit, and has one counter for its tiles.
 * FBC_ERR_WRONG_VM, FBC_ERR_WRONG_VMM, FBC_ERR_UNKEYED, FBC_ERR_AUTH (key id
 * does not match: another session key, or launch), FBC_ERR_STALE (an epoch
 * that is over), FBC_ERR_SIZE, FBC_ERR_CHECKSUM ...: the picture is of no use
 * and nothing has changed.
 */
enum fbc_err FBC_MUST_CHECK
fbc_view_update(struct fbc_view *v, const uint8_t *shadow, uint32_t swidth,
                uint32_t sheight, size_t stride, uint32_t tile_limit,
                uint8_t *screen, struct fbc_view_stats *stats);

#endif /* FBC_PARSE_VIEW_H */
