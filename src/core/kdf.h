/* SPDX-License-Identifier: GPL-2.0-only */
/* Owner fingerprints, an epoch's keys (fbc-formats(5), "Key derivation"). */
#ifndef FBC_CORE_KDF_H
#define FBC_CORE_KDF_H

#include "core/crypto.h"
#include "core/fbc.h"
#include "core/geom.h"

#define FBC_SALT_LEN 32

/*
 * The UUID of an owner's VM: UUIDv8 (RFC 9562) of the first 16 bytes of
 * SHA-256("fbcrypt-uuid-v1" || owner public key).
 */
bool fbc_kdf_is_uuid(const uint8_t uuid[static FBC_UUID_LEN]);
int FBC_MUST_CHECK fbc_kdf_uuid(const uint8_t owner_pub[static FBC_KEY_LEN],
                                uint8_t uuid[static FBC_UUID_LEN]);

/*
 * What is known of how the guest started (core/launch.h), and whether its
 * owner asked for that.
 */
enum fbc_launched {
    FBC_LAUNCHED_UNTOLD = 0,        /* nothing is */
    FBC_LAUNCHED_ANY = 1,           /* its digest; the session's key took any */
    FBC_LAUNCHED_ACCEPTED = 2,      /* the session's key asked for its digest */
    FBC_LAUNCHED_UNMEASURED = 3,    /* it has none */
};

/* Every key of an epoch is bound to this. */
struct fbc_epoch {
    uint32_t epoch;
    enum fbc_aead_id aead;
    uint8_t uuid[FBC_UUID_LEN];
    uint8_t salt[FBC_SALT_LEN];
    struct fbc_geom geom;
    enum fbc_launched launched;
    uint8_t launch[FBC_HASH_LEN];   /* the digest, if there is one */
};

struct fbc_epoch_keys {
    uint8_t tile[FBC_KEY_LEN];
    uint8_t manifest[FBC_KEY_LEN];
    uint8_t input[FBC_KEY_LEN];     /* fbc_input_hello(), _accept() */
    uint8_t key_id[FBC_KEYID_LEN];
};

/*
 * PRK = HKDF-Extract(salt, session key);
 * K(label) = HKDF-Expand(PRK, "fbcrypt v1 " || label || 00 || uuid ||
 *            LE32(epoch) || LE16(width, height, 64, 16) || aead ||
 *            launch digest, if it is one that was accepted, 32).
 * key_id is the first 8 bytes of K("confirm").
 */
int FBC_MUST_CHECK fbc_kdf_epoch(const struct fbc_epoch *e,
                                 const uint8_t session[static FBC_KEY_LEN],
                                 struct fbc_epoch_keys *keys);

#endif /* FBC_CORE_KDF_H */
