/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sealing and opening of tiles.
 *
 * A tile's pixels are packed row by row, three bytes each (blue, green, red,
 * as in memory), sealed in a private buffer and spread into the shadow's rows
 * with every fourth byte 0.  Its record (fbc-formats(5)) holds counter, flags
 * and tag.  Nonce = 01 || LE24(tile) || LE64(counter), and no counter is used
 * twice under a key.
 */
#ifndef FBC_CORE_TILE_H
#define FBC_CORE_TILE_H

#include "core/crypto.h"
#include "core/fbc.h"
#include "core/geom.h"

#define FBC_RECORD_LEN    24        /* counter 7, flags 1, tag 16 */
#define FBC_RECORD_PIXELS 8
#define FBC_FLAG_VALID    0x80
#define FBC_FLAG_CODING   0x07      /* of a band: core/band.h */
#define FBC_COUNTER_LEN   7         /* counters are 56 bits */
#define FBC_COUNTER_MAX   ((1ull << 56) - 1)
#define FBC_NONCE_TILE     1
#define FBC_NONCE_MANIFEST 2
#define FBC_NONCE_INPUT    3        /* core/input.c; tile is the slot */
#define FBC_NONCE_BAND     4        /* core/band.c */

#define FBC_AAD_LEN        10

void fbc_nonce(uint8_t nonce[static FBC_NONCE_LEN], uint8_t type,
               uint32_t tile, uint64_t counter);
/* What a record says besides; label is 'T', of a tile, or 'B', of a band. */
void fbc_aad(uint8_t aad[static FBC_AAD_LEN], uint8_t label, uint32_t epoch,
             uint8_t flags, uint16_t w, uint16_t h);

/*
 * Seals w * h * 3 bytes in place and fills the record.  The caller owns buf
 * (private memory) and hands out each counter once.
 */
enum fbc_err FBC_MUST_CHECK
fbc_tile_seal(struct fbc_aead *a, uint32_t epoch, uint32_t tile,
              uint64_t counter, uint16_t w, uint16_t h, uint8_t *buf,
              uint8_t record[static FBC_RECORD_LEN]);

/*
 * FBC_ERR_PENDING: never sealed; FBC_ERR_STALE: counter <= newest held (pass
 * 0 to take any); FBC_ERR_AUTH: torn or forged, buf is zeroed.  *counter is
 * written only on success.
 */
enum fbc_err FBC_MUST_CHECK
fbc_tile_open(struct fbc_aead *a, uint32_t epoch, uint32_t tile,
              uint64_t newest, uint16_t w, uint16_t h, uint8_t *buf,
              const uint8_t record[static FBC_RECORD_LEN], uint64_t *counter);

#endif /* FBC_CORE_TILE_H */
