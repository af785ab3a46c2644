/* SPDX-License-Identifier: GPL-2.0-only */
/* Owner fingerprints and the keys of an epoch. */
#include "core/kdf.h"

#define UUID_PREFIX "fbcrypt-uuid-v1"
#define KEY_PREFIX  "fbcrypt v1 "
#define PREFIX_LEN(s) (sizeof(s) - 1)

#define LABEL_MAX 8
#define INFO_MAX  (PREFIX_LEN(KEY_PREFIX) + LABEL_MAX + 1 + FBC_UUID_LEN + \
                   4 + 8 + 1 + FBC_HASH_LEN)

bool fbc_kdf_is_uuid(const uint8_t uuid[static FBC_UUID_LEN])
{
    return (uuid[6] & 0xf0) == 0x80 && (uuid[8] & 0xc0) == 0x80;
}

int fbc_kdf_uuid(const uint8_t owner_pub[static FBC_KEY_LEN],
                 uint8_t uuid[static FBC_UUID_LEN])
{
    uint8_t in[PREFIX_LEN(UUID_PREFIX) + FBC_KEY_LEN], hash[FBC_HASH_LEN];

    memcpy(in, UUID_PREFIX, PREFIX_LEN(UUID_PREFIX));
    memcpy(in + PREFIX_LEN(UUID_PREFIX), owner_pub, FBC_KEY_LEN);
    if ( fbc_sha256(in, sizeof(in), hash) )
        return -1;

    memcpy(uuid, hash, FBC_UUID_LEN);
    uuid[6] = (uuid[6] & 0x0f) | 0x80;
    uuid[8] = (uuid[8] & 0x3f) | 0x80;

    return 0;
}

static int expand(const uint8_t prk[static FBC_HASH_LEN],
                  const struct fbc_epoch *e, const char *label,
                  size_t label_len, uint8_t key[static FBC_KEY_LEN])
{
    uint8_t info[INFO_MAX], *p = info;

    memcpy(p, KEY_PREFIX, PREFIX_LEN(KEY_PREFIX));
    p += PREFIX_LEN(KEY_PREFIX);
    memcpy(p, label, label_len);
    p += label_len;
    *p++ = 0;
    memcpy(p, e->uuid, FBC_UUID_LEN);
    p += FBC_UUID_LEN;
    fbc_put32(p, e->epoch);
    fbc_put16(p + 4, e->geom.width);
    fbc_put16(p + 6, e->geom.height);
    fbc_put16(p + 8, FBC_TILE_W);
    fbc_put16(p + 10, FBC_TILE_H);
    p[12] = (uint8_t)e->aead;
    p += 13;
    if ( e->launched == FBC_LAUNCHED_ACCEPTED )
    {
        memcpy(p, e->launch, FBC_HASH_LEN);
        p += FBC_HASH_LEN;
    }

    return fbc_hkdf_expand(prk, info, (size_t)(p - info), key, FBC_KEY_LEN);
}

#define EXPAND(label, key) expand(prk, e, label, PREFIX_LEN(label), key)

int fbc_kdf_epoch(const struct fbc_epoch *e,
                  const uint8_t session[static FBC_KEY_LEN],
                  struct fbc_epoch_keys *keys)
{
    uint8_t prk[FBC_HASH_LEN], confirm[FBC_KEY_LEN];
    struct fbc_epoch_keys k;
    int rc = -1;

    if ( e->aead != FBC_AEAD_AES256_GCM &&
         e->aead != FBC_AEAD_CHACHA20_POLY1305 )
        return -1;

    if ( fbc_hkdf_extract(e->salt, FBC_SALT_LEN, session, FBC_KEY_LEN, prk) ||
         EXPAND("tile", k.tile) || EXPAND("manifest", k.manifest) ||
         EXPAND("input", k.input) || EXPAND("confirm", confirm) )
        goto out;

    memcpy(k.key_id, confirm, FBC_KEYID_LEN);
    *keys = k;
    rc = 0;

 out:
    fbc_wipe(prk, sizeof(prk));
    fbc_wipe(confirm, sizeof(confirm));
    fbc_wipe(&k, sizeof(k));

    return rc;
}
