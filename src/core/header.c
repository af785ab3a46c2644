/* SPDX-License-Identifier: GPL-2.0-only */
/* The header and manifest of a shadow. */
#include "header.h"
#include "crc32.h"
#include "tile.h"

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
    fbc_put16(out + OFF_VERSION, FBC_HEADER_VERSION);
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

static bool is_zero(const uint8_t *p, size_t len)
{
    uint8_t any = 0;

    while ( len-- )
        any |= *p++;

    return !any;
}

enum fbc_err fbc_header_parse(const uint8_t in[static FBC_HEADER_LEN],
                              struct fbc_header *h)
{
    struct fbc_header t;
    enum fbc_err err;

    if ( memcmp(in, magic, sizeof(magic)) )
        return FBC_ERR_MAGIC;
    if ( fbc_get16(in + OFF_VERSION) != FBC_HEADER_VERSION )
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

    t.ep.aead = (enum fbc_aead_id)in[OFF_AEAD];
    t.ep.epoch = fbc_get32(in + OFF_EPOCH);
    memcpy(t.ep.uuid, in + OFF_UUID, FBC_UUID_LEN);
    memcpy(t.ep.salt, in + OFF_SALT, FBC_SALT_LEN);
    memcpy(t.key_id, in + OFF_KEY_ID, FBC_KEYID_LEN);
    memcpy(t.vmm_id, in + OFF_VMM_ID, sizeof(t.vmm_id));

    /* Without a key there is no epoch, salt nor key id. */
    if ( t.ep.aead == FBC_AEAD_NONE &&
         !is_zero(in + OFF_EPOCH, OFF_VMM_ID - OFF_EPOCH) )
        return FBC_ERR_RESERVED;

    *h = t;

    return FBC_OK;
}

void fbc_vector_init(uint8_t *vec, uint32_t epoch, uint32_t tiles)
{
    memset(vec, 0, FBC_VECTOR_LEN((size_t)tiles));
    fbc_put32(vec, epoch);
}

void fbc_vector_set(uint8_t *vec, uint32_t tile, uint64_t counter)
{
    uint8_t bytes[8];

    fbc_put64(bytes, counter);
    memcpy(vec + FBC_VECTOR_LEN((size_t)tile), bytes, FBC_COUNTER_LEN);
}

uint64_t fbc_vector_get(const uint8_t *vec, uint32_t tile)
{
    uint8_t bytes[8] = { 0 };

    memcpy(bytes, vec + FBC_VECTOR_LEN((size_t)tile), FBC_COUNTER_LEN);

    return fbc_get64(bytes);
}

/* Byte offsets in the manifest's ciphertext. */
#define OFF_TIME      0
#define OFF_ACK       8
#define OFF_CHALLENGE (OFF_ACK + 2 * FBC_INPUT_SLOTS)
#define OFF_RESERVED  (OFF_CHALLENGE + 8)

enum fbc_err fbc_manifest_seal(struct fbc_aead *a,
                               const struct fbc_manifest *m,
                               const uint8_t *vec, uint32_t tiles,
                               uint8_t out[static FBC_MANIFEST_LEN])
{
    uint8_t body[FBC_MANIFEST_BODY] = { 0 };
    uint8_t nonce[FBC_NONCE_LEN], tag[FBC_TAG_LEN];
    unsigned int i;

    if ( !m->counter || m->counter > FBC_COUNTER_MAX )
        return FBC_ERR_RANGE;

    fbc_put64(body + OFF_TIME, m->time_ns);
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
        fbc_put16(body + OFF_ACK + 2 * i, m->ack[i]);
    fbc_put64(body + OFF_CHALLENGE, m->challenge);

    fbc_nonce(nonce, FBC_NONCE_MANIFEST, 0, m->counter);
    if ( fbc_aead_seal(a, nonce, vec, FBC_VECTOR_LEN((size_t)tiles), body,
                       sizeof(body), tag) )
        return FBC_ERR_CRYPTO;

    fbc_put64(out, m->counter);
    memcpy(out + 8, body, sizeof(body));
    memcpy(out + 8 + sizeof(body), tag, sizeof(tag));

    return FBC_OK;
}

enum fbc_err fbc_manifest_open(struct fbc_aead *a,
                               const uint8_t in[static FBC_MANIFEST_LEN],
                               const uint8_t *vec, uint32_t tiles,
                               struct fbc_manifest *m)
{
    uint64_t counter = fbc_get64(in);
    uint8_t body[FBC_MANIFEST_BODY], nonce[FBC_NONCE_LEN];
    unsigned int i;

    if ( !counter )
        return FBC_ERR_PENDING;
    if ( counter > FBC_COUNTER_MAX )
        return FBC_ERR_AUTH;

    memcpy(body, in + 8, sizeof(body));
    fbc_nonce(nonce, FBC_NONCE_MANIFEST, 0, counter);
    if ( fbc_aead_open(a, nonce, vec, FBC_VECTOR_LEN((size_t)tiles), body,
                       sizeof(body), in + 8 + sizeof(body)) )
        return FBC_ERR_AUTH;
    if ( !is_zero(body + OFF_RESERVED, sizeof(body) - OFF_RESERVED) )
        return FBC_ERR_RESERVED;

    m->counter = counter;
    m->time_ns = fbc_get64(body + OFF_TIME);
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
        m->ack[i] = fbc_get16(body + OFF_ACK + 2 * i);
    m->challenge = fbc_get64(body + OFF_CHALLENGE);

    return FBC_OK;
}
