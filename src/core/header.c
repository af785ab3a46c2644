/* SPDX-License-Identifier: GPL-2.0-only */
/* The header of a shadow. */
#include "core/header.h"
#include "core/crc32.h"

static const uint8_t magic[4] = { 'F', 'B', 'S', '1' };

/* Byte offsets in the header. */
#define OFF_VERSION 4
#define OFF_LAYOUT  6
#define OFF_AEAD    7
#define OFF_SIZE    8       /* width, height, tile width, tile height */
#define OFF_UUID    16
#define OFF_EPOCH   32
#define OFF_SALT    36
#define OFF_KEY_ID  68
#define OFF_VMM_ID  76
#define OFF_CRC     92

_Static_assert(OFF_EPOCH == OFF_UUID + FBC_UUID_LEN, "header");
_Static_assert(OFF_KEY_ID == OFF_SALT + FBC_SALT_LEN, "header");
_Static_assert(OFF_VMM_ID == OFF_KEY_ID + FBC_KEYID_LEN, "header");
_Static_assert(OFF_CRC == OFF_VMM_ID + FBC_HASH_LEN / 2, "header");
_Static_assert(FBC_HEADER_LEN == OFF_CRC + 4, "header");

void fbc_header_encode(const struct fbc_header *h,
                       uint8_t out[static FBC_HEADER_LEN])
{
    const struct fbc_epoch *e = &h->ep;

    memcpy(out, magic, sizeof(magic));
    fbc_put16(out + OFF_VERSION, h->version);
    out[OFF_LAYOUT] = FBC_LAYOUT_INTERLEAVED;
    out[OFF_AEAD] = (uint8_t)e->aead;
    fbc_put16(out + OFF_SIZE, e->geom.width);
    fbc_put16(out + OFF_SIZE + 2, e->geom.height);
    fbc_put16(out + OFF_SIZE + 4, FBC_TILE_W);
    fbc_put16(out + OFF_SIZE + 6, FBC_TILE_H);
    memcpy(out + OFF_UUID, e->uuid, FBC_UUID_LEN);
    fbc_put32(out + OFF_EPOCH, e->epoch);
    memcpy(out + OFF_SALT, e->salt, FBC_SALT_LEN);
    memcpy(out + OFF_KEY_ID, h->key_id, FBC_KEYID_LEN);
    memcpy(out + OFF_VMM_ID, h->vmm_id, sizeof(h->vmm_id));
    fbc_put32(out + OFF_CRC, fbc_crc32(0, out, OFF_CRC));
}

enum fbc_err fbc_header_parse(const uint8_t in[static FBC_HEADER_LEN],
                              struct fbc_header *h)
{
    struct fbc_header t;
    enum fbc_err err;

    if ( memcmp(in, magic, sizeof(magic)) )
        return FBC_ERR_MAGIC;
    if ( !fbc_get16(in + OFF_VERSION) ||
         fbc_get16(in + OFF_VERSION) > FBC_HEADER_CODED )
        return FBC_ERR_VERSION;
    if ( fbc_get32(in + OFF_CRC) != fbc_crc32(0, in, OFF_CRC) )
        return FBC_ERR_CHECKSUM;
    if ( in[OFF_LAYOUT] != FBC_LAYOUT_INTERLEAVED ||
         fbc_get16(in + OFF_SIZE + 4) != FBC_TILE_W ||
         fbc_get16(in + OFF_SIZE + 6) != FBC_TILE_H )
        return FBC_ERR_VERSION;

    switch ( in[OFF_AEAD] )
    {
    case FBC_AEAD_NONE:
    case FBC_AEAD_AES256_GCM:
    case FBC_AEAD_CHACHA20_POLY1305:
        break;

    default:
        return FBC_ERR_ALGORITHM;
    }

    memset(&t, 0, sizeof(t));
    err = fbc_geom_init(&t.ep.geom, fbc_get16(in + OFF_SIZE),
                        fbc_get16(in + OFF_SIZE + 2));
    if ( err )
        return err;

    t.version = fbc_get16(in + OFF_VERSION);
    t.ep.aead = (enum fbc_aead_id)in[OFF_AEAD];
    t.ep.epoch = fbc_get32(in + OFF_EPOCH);
    memcpy(t.ep.uuid, in + OFF_UUID, FBC_UUID_LEN);
    memcpy(t.ep.salt, in + OFF_SALT, FBC_SALT_LEN);
    memcpy(t.key_id, in + OFF_KEY_ID, FBC_KEYID_LEN);
    memcpy(t.vmm_id, in + OFF_VMM_ID, sizeof(t.vmm_id));

    /* Without a key there is no epoch, salt nor key id. */
    if ( t.ep.aead == FBC_AEAD_NONE &&
         !fbc_is_zero(in + OFF_EPOCH, OFF_VMM_ID - OFF_EPOCH) )
        return FBC_ERR_RESERVED;

    *h = t;

    return FBC_OK;
}
