/* SPDX-License-Identifier: GPL-2.0-only */
/* Sealing and opening of tiles. */
#include "core/tile.h"

void fbc_nonce(uint8_t nonce[static FBC_NONCE_LEN], uint8_t type,
               uint32_t tile, uint64_t counter)
{
    fbc_put32(nonce, tile << 8 | type);
    fbc_put64(nonce + 4, counter);
}

void fbc_aad(uint8_t aad[static FBC_AAD_LEN], uint8_t label, uint32_t epoch,
             uint8_t flags, uint16_t w, uint16_t h)
{
    aad[0] = label;
    fbc_put32(aad + 1, epoch);
    aad[5] = flags;
    fbc_put16(aad + 6, w);
    fbc_put16(aad + 8, h);
}

enum fbc_err fbc_tile_seal(struct fbc_aead *a, uint32_t epoch, uint32_t tile,
                           uint64_t counter, uint16_t w, uint16_t h,
                           uint8_t *buf, uint8_t record[static FBC_RECORD_LEN])
{
    uint8_t nonce[FBC_NONCE_LEN], aad[FBC_AAD_LEN], tag[FBC_TAG_LEN];

    if ( !counter || counter > FBC_COUNTER_MAX || tile >= FBC_MAX_TILES )
        return FBC_ERR_RANGE;

    fbc_nonce(nonce, FBC_NONCE_TILE, tile, counter);
    fbc_aad(aad, 'T', epoch, FBC_FLAG_VALID, w, h);
    if ( fbc_aead_seal(a, nonce, aad, sizeof(aad), buf, (size_t)w * h * 3,
                       tag) )
        return FBC_ERR_CRYPTO;

    fbc_put64(record, counter);
    record[FBC_COUNTER_LEN] = FBC_FLAG_VALID;
    memcpy(record + 8, tag, FBC_TAG_LEN);

    return FBC_OK;
}

enum fbc_err fbc_tile_open(struct fbc_aead *a, uint32_t epoch, uint32_t tile,
                           uint64_t newest, uint16_t w, uint16_t h,
                           uint8_t *buf,
                           const uint8_t record[static FBC_RECORD_LEN],
                           uint64_t *counter)
{
    uint64_t c = fbc_get64(record) & FBC_COUNTER_MAX;
    uint8_t flags = record[FBC_COUNTER_LEN];
    uint8_t nonce[FBC_NONCE_LEN], aad[FBC_AAD_LEN];
    size_t len = (size_t)w * h * 3;

    if ( !(flags & FBC_FLAG_VALID) )
        return FBC_ERR_PENDING;
    if ( c <= newest )
        return FBC_ERR_STALE;

    /* Nothing else, as a band's code, may pass for pixels. */
    if ( flags != FBC_FLAG_VALID )
    {
        memset(buf, 0, len);
        return FBC_ERR_AUTH;
    }

    fbc_nonce(nonce, FBC_NONCE_TILE, tile, c);
    fbc_aad(aad, 'T', epoch, flags, w, h);
    if ( fbc_aead_open(a, nonce, aad, sizeof(aad), buf, len, record + 8) )
        return FBC_ERR_AUTH;
    *counter = c;

    return FBC_OK;
}
