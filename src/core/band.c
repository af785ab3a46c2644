/* SPDX-License-Identifier: GPL-2.0-only */
/* Sealing and opening of coded bands. */
#include "core/band.h"
#include "core/header.h"
#include "core/pack.h"

#define LEAST (FBC_MIN_WIDTH / FBC_CELL_W)

/* 24 bytes a cell and 48, and 72: enough for the least and the most cells. */
_Static_assert(FBC_CODED_HEAD + FBC_CELLS_TEXT(LEAST) <= LEAST * 24 + 48 &&
               FBC_CODED_HEAD + FBC_CELLS_TEXT(FBC_CELLS_MAX) <=
               FBC_CELLS_MAX * 24 + 48, "every text has room");
_Static_assert(FBC_CODED_HEAD + FBC_CELLS_CODE(LEAST) <= LEAST * 72 + 48 &&
               FBC_CODED_HEAD + FBC_CELLS_CODE(FBC_CELLS_MAX) <=
               FBC_CODED_MAX, "every code has room");

enum fbc_coding fbc_coding_for(size_t code, uint32_t width, uint32_t h)
{
    unsigned int i;

    for ( i = FBC_CODING_LINE; i < FBC_CODINGS; i++ )
        if ( !fbc_has_coding(i, width, h) ||
             (code && FBC_CODED_HEAD + code <=
              fbc_coding_len((enum fbc_coding)i, width)) )
            return (enum fbc_coding)i;

    return FBC_CODING_NONE;
}

enum fbc_err fbc_band_seal(struct fbc_aead *a, uint32_t epoch, uint32_t tile,
                           uint64_t counter, uint16_t width, uint16_t h,
                           enum fbc_coding coding, uint8_t *buf,
                           uint8_t record[static FBC_RECORD_LEN])
{
    const uint8_t flags = FBC_FLAG_VALID | (uint8_t)coding;
    uint8_t nonce[FBC_NONCE_LEN], aad[FBC_AAD_LEN], tag[FBC_TAG_LEN];

    if ( !counter || counter > FBC_COUNTER_MAX || tile >= FBC_MAX_TILES ||
         !fbc_has_coding(coding, width, h) )
        return FBC_ERR_RANGE;

    fbc_nonce(nonce, FBC_NONCE_BAND, tile, counter);
    fbc_aad(aad, 'B', epoch, flags, width, h);
    if ( fbc_aead_seal(a, nonce, aad, sizeof(aad), buf,
                       fbc_coding_len(coding, width), tag) )
        return FBC_ERR_CRYPTO;

    fbc_put64(record, counter);
    record[FBC_COUNTER_LEN] = flags;
    memcpy(record + 8, tag, FBC_TAG_LEN);

    return FBC_OK;
}

enum fbc_err fbc_band_open(struct fbc_aead *a, uint16_t version,
                           uint32_t epoch, uint32_t tile, uint64_t newest,
                           uint16_t width, uint16_t h,
                           uint8_t buf[static FBC_CODED_MAX],
                           const uint8_t record[static FBC_RECORD_LEN],
                           uint64_t *counter)
{
    const uint64_t c = fbc_get64(record) & FBC_COUNTER_MAX;
    const uint8_t flags = record[FBC_COUNTER_LEN];
    const unsigned int coding = flags & (uint8_t)~FBC_FLAG_VALID;
    uint8_t nonce[FBC_NONCE_LEN], aad[FBC_AAD_LEN];

    if ( !(flags & FBC_FLAG_VALID) )
        return FBC_ERR_PENDING;
    if ( c <= newest )
        return FBC_ERR_STALE;

    /* Nothing else may pass for a code. */
    if ( version != FBC_HEADER_CODED || !fbc_has_coding(coding, width, h) )
    {
        memset(buf, 0, FBC_CODED_MAX);
        return FBC_ERR_AUTH;
    }

    fbc_nonce(nonce, FBC_NONCE_BAND, tile, c);
    fbc_aad(aad, 'B', epoch, flags, width, h);
    if ( fbc_aead_open(a, nonce, aad, sizeof(aad), buf,
                       fbc_coding_len((enum fbc_coding)coding, width),
                       record + 8) )
    {
        memset(buf, 0, FBC_CODED_MAX);
        return FBC_ERR_AUTH;
    }
    *counter = c;

    return FBC_OK;
}

/* Bytes of the block's rows: the last ones may be shorter, or empty. */
static size_t row_len(size_t left, uint32_t width)
{
    return left < width * 3u ? left : width * 3u;
}

void fbc_band_put(uint8_t *px, size_t stride, uint32_t width, uint32_t h,
                  const uint8_t *buf, size_t len)
{
    const uint32_t block = fbc_coded_width(len, h);
    uint32_t y;

    for ( y = 0; y < h; y++, px += stride )
    {
        const size_t n = row_len(len, block);

        fbc_unpack(px, buf, n / 3);
        memset(px + n / 3 * 4, 0, (width - n / 3) * 4);
        buf += n;
        len -= n;
    }
}

void fbc_band_get(uint8_t *buf, const uint8_t *px, size_t stride, uint32_t h,
                  size_t len)
{
    const uint32_t block = fbc_coded_width(len, h);
    uint32_t y;

    for ( y = 0; y < h; y++, px += stride )
    {
        const size_t n = row_len(len, block);

        fbc_pack(buf, px, n / 3);
        buf += n;
        len -= n;
    }
}
