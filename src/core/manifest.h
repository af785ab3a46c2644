/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The manifest of a shadow, in its first row (fbc-formats(5)): what the whole
 * screen is at one time, authenticated.
 */
#ifndef FBC_CORE_MANIFEST_H
#define FBC_CORE_MANIFEST_H

#include "core/input.h"
#include "core/kdf.h"
#include "core/tile.h"

#define FBC_MANIFEST_X    64        /* pixel column of the manifest */
#define FBC_MANIFEST_LEN  96        /* counter 8, ciphertext 72, tag 16 */
#define FBC_MANIFEST_BODY 72
#define FBC_MANIFEST_BODY_1 56      /* under a header of version 1 */
#define FBC_MANIFEST_LAUNCH 16      /* bytes of the launch digest */

/* Of sealed input; all 0 while there was none. */
struct fbc_manifest_input {
    uint16_t ack[FBC_INPUT_SLOTS];  /* low bits of the last counter taken */
    uint16_t conn[FBC_INPUT_SLOTS]; /* and of its hello's seq; 0: none */
    uint64_t challenge;             /* last one seen | slot << 56; 0: none */
    uint8_t gap;                    /* bit n: in slot n the next record or a
                                       later one was refused since the last
                                       one was taken */
};

struct fbc_manifest {
    uint64_t counter;               /* same number space as the tiles' */
    uint64_t time_ns;               /* hypervisor time since boot */
    struct fbc_manifest_input input;
    enum fbc_launched launched;     /* UNTOLD under version 1, and only there */
    uint8_t launch[FBC_MANIFEST_LAUNCH];    /* its first bytes, or 0 */
};

/*
 * The manifest's AAD is LE32(epoch) followed by the 7-byte counters of all
 * tiles, 0 for a tile never sealed: it verifies only against exactly the
 * current screen.  A counter vector keeps that string ready to use.
 */
#define FBC_VECTOR_HEAD 4
#define FBC_VECTOR_LEN(tiles) (FBC_VECTOR_HEAD + (tiles) * FBC_COUNTER_LEN)

void fbc_vector_init(uint8_t *vec, uint32_t epoch, uint32_t tiles);
void fbc_vector_set(uint8_t *vec, uint32_t tile, uint64_t counter);
uint64_t fbc_vector_get(const uint8_t *vec, uint32_t tile);

/*
 * a is keyed with fbc_epoch_keys.manifest; version is the header's.
 * FBC_ERR_RANGE: counter or launched cannot be.
 */
enum fbc_err FBC_MUST_CHECK
fbc_manifest_seal(struct fbc_aead *a, uint16_t version,
                  const struct fbc_manifest *m, const uint8_t *vec,
                  uint32_t tiles, uint8_t out[static FBC_MANIFEST_LEN]);
/*
 * FBC_ERR_PENDING: never written.  FBC_ERR_AUTH: torn, stale or forged.
 * FBC_ERR_RESERVED: authentic, of a later version.
 */
enum fbc_err FBC_MUST_CHECK
fbc_manifest_open(struct fbc_aead *a, uint16_t version,
                  const uint8_t in[static FBC_MANIFEST_LEN],
                  const uint8_t *vec, uint32_t tiles, struct fbc_manifest *m);

#endif /* FBC_CORE_MANIFEST_H */
