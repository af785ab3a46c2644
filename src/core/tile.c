/* SPDX-License-Identifier: GPL-2.0-only */
/* Sealing and opening of tiles. */
#include "core/tile.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "packing works on little-endian words");

#define AAD_LEN 10

void fbc_nonce(uint8_t nonce[static FBC_NONCE_LEN], uint8_t type,
               uint32_t tile, uint64_t counter)
{
    fbc_put32(nonce, tile << 8 | type);
    fbc_put64(nonce + 4, counter);
}

/* Two pixels in a word: X R G B X R G B <-> 0 0 R G B R G B. */
static uint64_t pack2(uint64_t v)
{
    return (v & 0xffffff) | ((v >> 8) & UINT64_C(0xffffff000000));
}

static uint64_t unpack2(uint64_t v)
{
    return (v & 0xffffff) | ((v & UINT64_C(0xffffff000000)) << 8);
}

static uint64_t load(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));

    return v;
}

static void store(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, sizeof(v));
}

/*
 * Words that overlap cost less than shifting pixels together: of the eight
 * bytes stored or loaded six count.  No byte outside is touched.
 */
void fbc_pack(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    for ( ; pixels >= 8; pixels -= 8, src += 32, dst += 24 )
    {
        uint64_t c = pack2(load(src + 16)), d = pack2(load(src + 24));

        store(dst, pack2(load(src)));
        store(dst + 6, pack2(load(src + 8)));
        store(dst + 12, c);
        store(dst + 16, c >> 32 | d << 16);
    }

    for ( ; pixels; pixels--, src += 4, dst += 3 )
        memcpy(dst, src, 3);
}

void fbc_unpack(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    for ( ; pixels >= 8; pixels -= 8, src += 24, dst += 32 )
    {
        store(dst, unpack2(load(src)));
        store(dst + 8, unpack2(load(src + 6)));
        store(dst + 16, unpack2(load(src + 12)));
        store(dst + 24, unpack2(load(src + 16) >> 16));
    }

    for ( ; pixels; pixels--, src += 3, dst += 4 )
    {
        uint32_t v = src[0] | (uint32_t)src[1] << 8 | (uint32_t)src[2] << 16;

        memcpy(dst, &v, sizeof(v));
    }
}

static void make_aad(uint8_t aad[static AAD_LEN], uint32_t epoch,
                     uint8_t flags, uint16_t w, uint16_t h)
{
    aad[0] = 'T';
    fbc_put32(aad + 1, epoch);
    aad[5] = flags;
    fbc_put16(aad + 6, w);
    fbc_put16(aad + 8, h);
}

enum fbc_err fbc_tile_seal(struct fbc_aead *a, uint32_t epoch, uint32_t tile,
                           uint64_t counter, uint16_t w, uint16_t h,
                           uint8_t *buf, uint8_t record[static FBC_RECORD_LEN])
{
    uint8_t nonce[FBC_NONCE_LEN], aad[AAD_LEN], tag[FBC_TAG_LEN];

    if ( !counter || counter > FBC_COUNTER_MAX || tile >= FBC_MAX_TILES )
        return FBC_ERR_RANGE;

    fbc_nonce(nonce, FBC_NONCE_TILE, tile, counter);
    make_aad(aad, epoch, FBC_FLAG_VALID, w, h);
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
    uint8_t nonce[FBC_NONCE_LEN], aad[AAD_LEN];
    size_t len = (size_t)w * h * 3;

    if ( !(flags & FBC_FLAG_VALID) )
        return FBC_ERR_PENDING;
    if ( c <= newest )
        return FBC_ERR_STALE;

    /* No other codec exists yet: nothing may pass for raw pixels. */
    if ( flags != FBC_FLAG_VALID )
    {
        memset(buf, 0, len);
        return FBC_ERR_AUTH;
    }

    fbc_nonce(nonce, FBC_NONCE_TILE, tile, c);
    make_aad(aad, epoch, flags, w, h);
    if ( fbc_aead_open(a, nonce, aad, sizeof(aad), buf, len, record + 8) )
        return FBC_ERR_AUTH;
    *counter = c;

    return FBC_OK;
}
