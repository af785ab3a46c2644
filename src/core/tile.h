/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sealing and opening of tiles.
 *
 * A tile's pixels are packed row by row, three bytes each (blue, green, red,
 * as in memory), sealed in a private buffer and spread into the shadow's rows
 * with every fourth byte 0.  Its record (fbc-formats(5)) holds counter, flags
 * and tag.  Nonce = 01 || LE24(tile) || LE64(counter), and no counter is used
 * twice under a key.
 *
 * Coded tiles seal LE16(length), so many bytes of code (core/palette.h) and
 * zeros, as many in all as their coding says: they stand where the first
 * pixels would, and the rest of the tile is 0.
 */
#ifndef FBC_CORE_TILE_H
#define FBC_CORE_TILE_H

#include "core/crypto.h"
#include "core/fbc.h"
#include "core/geom.h"

#define FBC_RECORD_LEN    24        /* counter 7, flags 1, tag 16 */
#define FBC_RECORD_PIXELS 8
#define FBC_FLAG_VALID    0x80
#define FBC_FLAG_CODING    0x03
#define FBC_COUNTER_LEN   7         /* counters are 56 bits */
#define FBC_COUNTER_MAX   ((1ull << 56) - 1)
#define FBC_NONCE_TILE     1
#define FBC_NONCE_MANIFEST 2
#define FBC_NONCE_INPUT    3        /* core/input.c; tile is the slot */

/*
 * One of an update, for all of its tiles.  192 bytes are a row of a tile, 576
 * are three and hold the longest code.  A tile that has no more bytes than that
 * is not coded.
 */
enum fbc_coding {
    FBC_CODING_NONE = 0,
    FBC_CODING_192 = 1,            /* 192 bytes */
    FBC_CODING_576 = 2,            /* 576 bytes */
};
#define FBC_CODED_ROW  (FBC_TILE_W * 3)
#define FBC_CODED_MAX  (3 * FBC_CODED_ROW)
#define FBC_CODED_HEAD 2            /* the length */

/* Bytes that a coding seals of a tile of w * h pixels. */
static inline size_t fbc_coding_len(enum fbc_coding coding, uint32_t w,
                                   uint32_t h)
{
    const size_t all = (size_t)w * h * 3;
    const size_t len = coding == FBC_CODING_192 ? FBC_CODED_ROW
                       : coding == FBC_CODING_576 ? FBC_CODED_MAX : all;

    return len < all ? len : all;
}

/* The first that has room for a code so long, 0 being none. */
static inline enum fbc_coding fbc_coding_for(size_t code, uint32_t w,
                                             uint32_t h)
{
    const size_t all = (size_t)w * h * 3;

    if ( all <= FBC_CODED_ROW ||
         (code && FBC_CODED_HEAD + code <= FBC_CODED_ROW) )
        return FBC_CODING_192;
    if ( all <= FBC_CODED_MAX || code )
        return FBC_CODING_576;

    return FBC_CODING_NONE;
}

/* What the record of a tile says, which is authentic once it was opened. */
static inline enum fbc_coding
fbc_record_coding(const uint8_t record[static FBC_RECORD_LEN])
{
    return (enum fbc_coding)(record[FBC_COUNTER_LEN] & FBC_FLAG_CODING);
}

void fbc_nonce(uint8_t nonce[static FBC_NONCE_LEN], uint8_t type,
               uint32_t tile, uint64_t counter);

/*
 * Seals fbc_coding_len() bytes in place and fills the record.  The caller owns
 * buf (private memory) and hands out each counter once.  FBC_ERR_RANGE: the
 * coding, too, if the tile must be raw.
 */
enum fbc_err FBC_MUST_CHECK
fbc_tile_seal(struct fbc_aead *a, uint32_t epoch, uint32_t tile,
              uint64_t counter, uint16_t w, uint16_t h, enum fbc_coding coding,
              uint8_t *buf, uint8_t record[static FBC_RECORD_LEN]);

/*
 * version is the header's: tiles are coded only under FBC_HEADER_CODED.  buf
 * has w * h * 3 bytes, of which the first fbc_coding_len() are opened.
 * FBC_ERR_PENDING: never sealed; FBC_ERR_STALE: counter <= newest held (pass
 * 0 to take any); FBC_ERR_AUTH: torn or forged, buf is zeroed.  *counter is
 * written only on success.
 */
enum fbc_err FBC_MUST_CHECK
fbc_tile_open(struct fbc_aead *a, uint16_t version, uint32_t epoch,
              uint32_t tile, uint64_t newest, uint16_t w, uint16_t h,
              uint8_t *buf, const uint8_t record[static FBC_RECORD_LEN],
              uint64_t *counter);

#endif /* FBC_CORE_TILE_H */
