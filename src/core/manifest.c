/* SPDX-License-Identifier: GPL-2.0-only */
/* The manifest of a shadow, and the vector of counters that it covers. */
#include "core/manifest.h"

/* Byte offsets in the manifest's ciphertext. */
#define OFF_TIME      0
#define OFF_ACK       8
#define OFF_CHALLENGE (OFF_ACK + 2 * FBC_INPUT_SLOTS)
#define OFF_CONN      (OFF_CHALLENGE + 8)
#define OFF_GAP       (OFF_CONN + 2 * FBC_INPUT_SLOTS)
#define OFF_LAUNCHED  (OFF_GAP + 1)     /* version 2, as the rest */
#define OFF_RESERVED  (OFF_LAUNCHED + 1)
#define OFF_LAUNCH    (OFF_RESERVED + 6)

_Static_assert(8 + FBC_MANIFEST_BODY + FBC_TAG_LEN == FBC_MANIFEST_LEN,
               "manifest");
_Static_assert(OFF_LAUNCH == FBC_MANIFEST_BODY_1, "manifest");
_Static_assert(OFF_LAUNCH + FBC_MANIFEST_LAUNCH == FBC_MANIFEST_BODY,
               "manifest");

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

static size_t body_len(uint16_t version)
{
    return version == 1 ? FBC_MANIFEST_BODY_1 : FBC_MANIFEST_BODY;
}

/* What version 2 says of the launch; all else, 0 in a short one, is 0. */
static bool well_formed(uint16_t version, const uint8_t *body)
{
    if ( version == 1 )
        return fbc_is_zero(body + OFF_LAUNCHED,
                           FBC_MANIFEST_BODY - OFF_LAUNCHED);
    if ( !fbc_is_zero(body + OFF_RESERVED, OFF_LAUNCH - OFF_RESERVED) )
        return false;

    switch ( body[OFF_LAUNCHED] )
    {
    case FBC_LAUNCHED_ANY:
    case FBC_LAUNCHED_ACCEPTED:
        return true;

    case FBC_LAUNCHED_UNMEASURED:
        return fbc_is_zero(body + OFF_LAUNCH, FBC_MANIFEST_LAUNCH);
    }

    return false;
}

enum fbc_err fbc_manifest_seal(struct fbc_aead *a, uint16_t version,
                               const struct fbc_manifest *m,
                               const uint8_t *vec, uint32_t tiles,
                               uint8_t out[static FBC_MANIFEST_LEN])
{
    uint8_t body[FBC_MANIFEST_BODY] = { 0 };
    uint8_t nonce[FBC_NONCE_LEN], tag[FBC_TAG_LEN];
    const size_t len = body_len(version);
    unsigned int i;

    if ( !m->counter || m->counter > FBC_COUNTER_MAX )
        return FBC_ERR_RANGE;
    memcpy(body + OFF_LAUNCH, m->launch, FBC_MANIFEST_LAUNCH);
    body[OFF_LAUNCHED] = (uint8_t)m->launched;
    if ( !well_formed(version, body) )
        return FBC_ERR_RANGE;

    fbc_put64(body + OFF_TIME, m->time_ns);
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
    {
        fbc_put16(body + OFF_ACK + 2 * i, m->input.ack[i]);
        fbc_put16(body + OFF_CONN + 2 * i, m->input.conn[i]);
    }
    fbc_put64(body + OFF_CHALLENGE, m->input.challenge);
    body[OFF_GAP] = m->input.gap;

    fbc_nonce(nonce, FBC_NONCE_MANIFEST, 0, m->counter);
    if ( fbc_aead_seal(a, nonce, vec, FBC_VECTOR_LEN((size_t)tiles), body,
                       len, tag) )
        return FBC_ERR_CRYPTO;

    memset(out, 0, FBC_MANIFEST_LEN);
    fbc_put64(out, m->counter);
    memcpy(out + 8, body, len);
    memcpy(out + 8 + len, tag, sizeof(tag));

    return FBC_OK;
}

enum fbc_err fbc_manifest_open(struct fbc_aead *a, uint16_t version,
                               const uint8_t in[static FBC_MANIFEST_LEN],
                               const uint8_t *vec, uint32_t tiles,
                               struct fbc_manifest *m)
{
    uint64_t counter = fbc_get64(in);
    uint8_t body[FBC_MANIFEST_BODY] = { 0 }, nonce[FBC_NONCE_LEN];
    const size_t len = body_len(version);
    unsigned int i;

    if ( !counter )
        return FBC_ERR_PENDING;
    if ( counter > FBC_COUNTER_MAX )
        return FBC_ERR_AUTH;

    memcpy(body, in + 8, len);
    fbc_nonce(nonce, FBC_NONCE_MANIFEST, 0, counter);
    if ( fbc_aead_open(a, nonce, vec, FBC_VECTOR_LEN((size_t)tiles), body,
                       len, in + 8 + len) )
        return FBC_ERR_AUTH;
    if ( !well_formed(version, body) )
        return FBC_ERR_RESERVED;

    m->counter = counter;
    m->time_ns = fbc_get64(body + OFF_TIME);
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
    {
        m->input.ack[i] = fbc_get16(body + OFF_ACK + 2 * i);
        m->input.conn[i] = fbc_get16(body + OFF_CONN + 2 * i);
    }
    m->input.challenge = fbc_get64(body + OFF_CHALLENGE);
    m->input.gap = body[OFF_GAP];
    m->launched = (enum fbc_launched)body[OFF_LAUNCHED];
    memcpy(m->launch, body + OFF_LAUNCH, FBC_MANIFEST_LAUNCH);

    return FBC_OK;
}
