/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sealing and opening of coded bands (fbc-formats(5), "Coded bands").
 *
 * What is sealed is LE16(length), so many bytes of code (core/cells.h) and
 * zeros, in all as many as the coding says.  It stands row by row in a block of
 * pixels as high as the band, from its first pixel on; the other pixels are 0.
 * The band's record is that of its first tile, the others are 0.
 * Nonce = 04 || LE24(first tile) || LE64(counter): the counter is one more than
 * that of whatever was sealed before, so none comes again.
 */
#ifndef FBC_CORE_BAND_H
#define FBC_CORE_BAND_H

#include "core/cells.h"
#include "core/crypto.h"
#include "core/fbc.h"
#include "core/geom.h"
#include "core/tile.h"

/*
 * One of an update, for all of its bands.  The first two hold text, as far as
 * it has not too many glyphs, the first one as many as a line of it mostly has;
 * the third one any cells of two colours each, the fourth all that has a code.
 */
enum fbc_coding {
    FBC_CODING_NONE = 0,            /* tiles, each sealed as it is */
    FBC_CODING_LINE = 1,            /* every band has room for it */
    FBC_CODING_1536 = 2,
    FBC_CODING_TEXT = 3,
    FBC_CODING_ANY = 4,
};
#define FBC_CODINGS 5

/* The block is so many pixels wide, or twice ...: QEMU compares as many. */
#define FBC_CODED_COLUMN 16

/* Bytes that a coding seals of a band, a multiple of 3.  Not of CODING_NONE. */
static inline size_t fbc_coding_len(enum fbc_coding coding, uint32_t width)
{
    const size_t cells = (width + FBC_CELL_W - 1) / FBC_CELL_W;
    const size_t len = coding == FBC_CODING_LINE ? (cells + 15) / 16 * 48 + 240
                       : coding == FBC_CODING_1536 ? 1536
                       : coding == FBC_CODING_TEXT ? cells * 24 + 48
                       : cells * 72 + 48;

    return coding >= FBC_CODING_TEXT && len < 1536 ? 1536 : len;
}

/* Pixels across the block of so many bytes. */
static inline uint32_t fbc_coded_width(size_t len, uint32_t h)
{
    const size_t column = (size_t)FBC_CODED_COLUMN * 3 * h;

    return (uint32_t)((len + column - 1) / column) * FBC_CODED_COLUMN;
}

/* Is it a coding, and does such a band have room for it? */
static inline bool fbc_has_coding(unsigned int coding, uint32_t width,
                                  uint32_t h)
{
    return coding != FBC_CODING_NONE && coding < FBC_CODINGS &&
           fbc_coded_width(fbc_coding_len((enum fbc_coding)coding, width),
                           h) <= width;
}

/*
 * The first one for a band with a code so long, 0 being none: it fits, or there
 * is no room for the coding, so that such a band is sealed as tiles under it.
 */
enum fbc_coding fbc_coding_for(size_t code, uint32_t width, uint32_t h);

/* What the record of a band's first tile says; authentic once it was opened. */
static inline enum fbc_coding
fbc_record_coding(const uint8_t record[static FBC_RECORD_LEN])
{
    return record[FBC_COUNTER_LEN] & FBC_FLAG_VALID
           ? (enum fbc_coding)(record[FBC_COUNTER_LEN] & FBC_FLAG_CODING)
           : FBC_CODING_NONE;
}

/*
 * Seals fbc_coding_len() bytes in place and fills the record; tile is the
 * band's first one.  The caller owns buf (private memory) and hands out each
 * counter once.  FBC_ERR_RANGE: also if the band cannot have the coding.
 */
enum fbc_err FBC_MUST_CHECK
fbc_band_seal(struct fbc_aead *a, uint32_t epoch, uint32_t tile,
              uint64_t counter, uint16_t width, uint16_t h,
              enum fbc_coding coding, uint8_t *buf,
              uint8_t record[static FBC_RECORD_LEN]);

/*
 * version is the header's: bands are coded only under FBC_HEADER_CODED.  buf
 * has FBC_CODED_MAX bytes, of which the first fbc_coding_len() are opened.
 * Errors and *counter as of fbc_tile_open().
 */
enum fbc_err FBC_MUST_CHECK
fbc_band_open(struct fbc_aead *a, uint16_t version, uint32_t epoch,
              uint32_t tile, uint64_t newest, uint16_t width, uint16_t h,
              uint8_t buf[static FBC_CODED_MAX],
              const uint8_t record[static FBC_RECORD_LEN], uint64_t *counter);

/*
 * Between buf and the band's pixels in a shadow: px is the first one, rows lie
 * stride bytes apart.  put writes all of the band, zeros behind the block.
 */
void fbc_band_put(uint8_t *px, size_t stride, uint32_t width, uint32_t h,
                  const uint8_t *buf, size_t len);
void fbc_band_get(uint8_t *buf, const uint8_t *px, size_t stride, uint32_t h,
                  size_t len);

#endif /* FBC_CORE_BAND_H */
