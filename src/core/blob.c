/* SPDX-License-Identifier: GPL-2.0-only */
/* Sealing, reading and opening of wrapped session keys. */
#include "core/blob.h"
#include "core/hpke.h"
#include "core/kdf.h"

enum {
    OFF_MAGIC = 0,
    OFF_VERSION = 4,
    OFF_KEM = 6,
    OFF_KDF = 8,
    OFF_AEAD = 10,
    OFF_FLAGS = 12,
    OFF_UUID = 16,
    OFF_SEQ = 32,
    OFF_NOT_AFTER = 40,
    OFF_OWNER = 48,
    OFF_VMM = 80,
    OFF_ENC = 112,
    OFF_LAUNCH = FBC_BLOB_AAD_LEN,      /* version 2 */
};

/* Inside the sealed part: key, two zero bytes, refresh_ms, input, zeros. */
#define SEALED_LEN      48
#define SEALED_ZERO     32
#define SEALED_REFRESH  34
#define SEALED_INPUT    36
#define SEALED_RESERVED 37

static const uint8_t magic[4] = { 'F', 'B', 'K', '1' };

#define INFO_PREFIX "fbcrypt-hpke-v1"
#define INFO_PREFIX_LEN (sizeof(INFO_PREFIX) - 1)
#define INFO_LEN (INFO_PREFIX_LEN + FBC_UUID_LEN + FBC_HASH_LEN)

_Static_assert(FBC_BLOB_AAD_LEN + SEALED_LEN + FBC_TAG_LEN == FBC_BLOB_LEN,
               "blob layout");
_Static_assert(FBC_BLOB_LEN + FBC_HASH_LEN == FBC_BLOB_BOUND_LEN,
               "blob layout, version 2");
_Static_assert(INFO_LEN <= FBC_HPKE_INFO_MAX, "HPKE info");

static bool is_bound(const uint8_t *blob)
{
    return fbc_get16(blob + OFF_VERSION) == FBC_BLOB_BOUND_VERSION;
}

/* What is authenticated in the clear, and stands before the sealed part. */
static size_t aad_len(const uint8_t *blob)
{
    return FBC_BLOB_AAD_LEN + (is_bound(blob) ? FBC_HASH_LEN : 0);
}

static void make_info(uint8_t info[static INFO_LEN], const uint8_t *blob)
{
    memcpy(info, INFO_PREFIX, INFO_PREFIX_LEN);
    memcpy(info + INFO_PREFIX_LEN, blob + OFF_UUID, FBC_UUID_LEN);
    memcpy(info + INFO_PREFIX_LEN + FBC_UUID_LEN, blob + OFF_VMM,
           FBC_HASH_LEN);
}

enum fbc_err
fbc_blob_seal(uint8_t blob[static FBC_BLOB_LEN],
              const struct fbc_session *session, uint64_t seq,
              uint64_t not_after, const uint8_t owner_sk[static FBC_KEY_LEN],
              const uint8_t vmm_pub[static FBC_KEY_LEN],
              const uint8_t sk_e[static FBC_KEY_LEN])
{
    uint8_t b[FBC_BLOB_MAX] = { 0 }, info[INFO_LEN], *sealed;
    struct fbc_hpke hpke;
    struct fbc_aead aead;
    enum fbc_err err = FBC_ERR_CRYPTO;

    memcpy(b + OFF_MAGIC, magic, sizeof(magic));
    fbc_put16(b + OFF_VERSION, session->bound ? FBC_BLOB_BOUND_VERSION
                                              : FBC_BLOB_VERSION);
    if ( session->bound )
    {
        fbc_put32(b + OFF_FLAGS, FBC_BLOB_FLAG_LAUNCH);
        memcpy(b + OFF_LAUNCH, session->launch, FBC_HASH_LEN);
    }
    fbc_put16(b + OFF_KEM, FBC_HPKE_KEM_X25519);
    fbc_put16(b + OFF_KDF, FBC_HPKE_KDF_SHA256);
    fbc_put16(b + OFF_AEAD, FBC_BLOB_AEAD);
    fbc_put64(b + OFF_SEQ, seq);
    fbc_put64(b + OFF_NOT_AFTER, not_after);
    if ( fbc_x25519_public(b + OFF_OWNER, owner_sk) ||
         fbc_kdf_uuid(b + OFF_OWNER, b + OFF_UUID) ||
         fbc_sha256(vmm_pub, FBC_KEY_LEN, b + OFF_VMM) )
        return err;

    make_info(info, b);
    err = fbc_hpke_setup_sender(&hpke, FBC_BLOB_AEAD, vmm_pub, owner_sk, sk_e,
                                info, sizeof(info), b + OFF_ENC);
    if ( err )
        return err;

    sealed = b + aad_len(b);
    memcpy(sealed, session->key, FBC_KEY_LEN);
    fbc_put16(sealed + SEALED_REFRESH, session->refresh_ms);
    sealed[SEALED_INPUT] = session->sealed_input;

    err = FBC_ERR_CRYPTO;
    if ( !fbc_aead_init(&aead, FBC_BLOB_AEAD, hpke.key) )
    {
        if ( !fbc_aead_seal(&aead, hpke.base_nonce, b, aad_len(b), sealed,
                            SEALED_LEN, sealed + SEALED_LEN) )
        {
            memcpy(blob, b, fbc_blob_len(session));
            err = FBC_OK;
        }
        fbc_aead_clear(&aead);
    }
    fbc_wipe(&hpke, sizeof(hpke));
    fbc_wipe(b, sizeof(b));

    return err;
}

static enum fbc_err check_form(const uint8_t *blob, size_t len)
{
    uint16_t aead, version;
    uint32_t flags;

    if ( len != FBC_BLOB_LEN && len != FBC_BLOB_BOUND_LEN )
        return FBC_ERR_LENGTH;
    if ( memcmp(blob + OFF_MAGIC, magic, sizeof(magic)) )
        return FBC_ERR_MAGIC;
    version = fbc_get16(blob + OFF_VERSION);
    if ( version != FBC_BLOB_VERSION && version != FBC_BLOB_BOUND_VERSION )
        return FBC_ERR_VERSION;
    if ( len != aad_len(blob) + SEALED_LEN + FBC_TAG_LEN )
        return FBC_ERR_LENGTH;

    aead = fbc_get16(blob + OFF_AEAD);
    if ( fbc_get16(blob + OFF_KEM) != FBC_HPKE_KEM_X25519 ||
         fbc_get16(blob + OFF_KDF) != FBC_HPKE_KDF_SHA256 ||
         (aead != FBC_AEAD_AES256_GCM && aead != FBC_AEAD_CHACHA20_POLY1305) )
        return FBC_ERR_ALGORITHM;

    flags = fbc_get32(blob + OFF_FLAGS);
    if ( is_bound(blob) )
        return flags == FBC_BLOB_FLAG_LAUNCH ||
               (!flags && fbc_is_zero(blob + OFF_LAUNCH, FBC_HASH_LEN))
               ? FBC_OK : FBC_ERR_RESERVED;

    return flags ? FBC_ERR_RESERVED : FBC_OK;
}

static enum fbc_err check_owner(const uint8_t *blob)
{
    uint8_t uuid[FBC_UUID_LEN];

    if ( fbc_kdf_uuid(blob + OFF_OWNER, uuid) )
        return FBC_ERR_CRYPTO;

    return fbc_equal(blob + OFF_UUID, uuid, FBC_UUID_LEN)
           ? FBC_OK : FBC_ERR_WRONG_OWNER;
}

enum fbc_err fbc_blob_parse(const uint8_t *blob, size_t len,
                            struct fbc_blob_info *info)
{
    enum fbc_err err = check_form(blob, len);

    if ( !err )
        err = check_owner(blob);
    if ( err )
        return err;

    info->flags = fbc_get32(blob + OFF_FLAGS);
    memcpy(info->uuid, blob + OFF_UUID, FBC_UUID_LEN);
    info->seq = fbc_get64(blob + OFF_SEQ);
    info->not_after = fbc_get64(blob + OFF_NOT_AFTER);
    memcpy(info->owner_pub, blob + OFF_OWNER, FBC_KEY_LEN);
    memcpy(info->vmm_hash, blob + OFF_VMM, FBC_HASH_LEN);
    memset(info->launch, 0, FBC_HASH_LEN);
    if ( is_bound(blob) )
        memcpy(info->launch, blob + OFF_LAUNCH, FBC_HASH_LEN);

    return FBC_OK;
}

/* Authenticates and decrypts the sealed part into out. */
static enum fbc_err open_sealed(const uint8_t *blob,
                                const uint8_t vmm_sk[static FBC_KEY_LEN],
                                uint8_t out[static SEALED_LEN])
{
    enum fbc_aead_id id = fbc_get16(blob + OFF_AEAD);
    uint8_t info[INFO_LEN];
    struct fbc_hpke hpke;
    struct fbc_aead aead;
    enum fbc_err err;

    if ( !fbc_aead_available(id) )
        return FBC_ERR_CRYPTO;

    make_info(info, blob);
    err = fbc_hpke_setup_recipient(&hpke, id, blob + OFF_ENC, vmm_sk,
                                   blob + OFF_OWNER, info, sizeof(info));
    if ( err )
        return err;

    memcpy(out, blob + aad_len(blob), SEALED_LEN);
    err = FBC_ERR_CRYPTO;
    if ( !fbc_aead_init(&aead, id, hpke.key) )
    {
        err = fbc_aead_open(&aead, hpke.base_nonce, blob, aad_len(blob), out,
                            SEALED_LEN, blob + aad_len(blob) + SEALED_LEN)
              ? FBC_ERR_AUTH : FBC_OK;
        fbc_aead_clear(&aead);
    }
    fbc_wipe(&hpke, sizeof(hpke));

    return err;
}

enum fbc_err
fbc_blob_open(const uint8_t *blob, size_t len,
              const uint8_t uuid[static FBC_UUID_LEN], uint64_t last_seq,
              const uint8_t vmm_sk[static FBC_KEY_LEN],
              const uint8_t vmm_pub[static FBC_KEY_LEN],
              struct fbc_session *session, uint64_t *seq)
{
    uint8_t hash[FBC_HASH_LEN], sealed[SEALED_LEN];
    enum fbc_err err = check_form(blob, len);
    unsigned int i;

    if ( err )
        return err;
    if ( !fbc_equal(blob + OFF_UUID, uuid, FBC_UUID_LEN) )
        return FBC_ERR_WRONG_VM;
    err = check_owner(blob);
    if ( err )
        return err;
    if ( fbc_sha256(vmm_pub, FBC_KEY_LEN, hash) )
        return FBC_ERR_CRYPTO;
    if ( !fbc_equal(blob + OFF_VMM, hash, FBC_HASH_LEN) )
        return FBC_ERR_WRONG_VMM;
    if ( fbc_get64(blob + OFF_SEQ) <= last_seq )
        return FBC_ERR_REPLAY;

    err = open_sealed(blob, vmm_sk, sealed);
    if ( err )
        goto out;

    err = FBC_ERR_RESERVED;
    if ( fbc_get16(sealed + SEALED_ZERO) || sealed[SEALED_INPUT] > 1 )
        goto out;
    for ( i = SEALED_RESERVED; i < SEALED_LEN; i++ )
        if ( sealed[i] )
            goto out;

    memcpy(session->key, sealed, FBC_KEY_LEN);
    session->refresh_ms = fbc_get16(sealed + SEALED_REFRESH);
    session->sealed_input = sealed[SEALED_INPUT];
    session->bound = fbc_get32(blob + OFF_FLAGS) & FBC_BLOB_FLAG_LAUNCH;
    memset(session->launch, 0, FBC_HASH_LEN);
    if ( session->bound )
        memcpy(session->launch, blob + OFF_LAUNCH, FBC_HASH_LEN);
    *seq = fbc_get64(blob + OFF_SEQ);
    err = FBC_OK;

 out:
    fbc_wipe(sealed, sizeof(sealed));

    return err;
}

bool fbc_blob_fits(const struct fbc_session *session, uint32_t state,
                   const uint8_t digest[static FBC_HASH_LEN])
{
    return !session->bound ||
           (!state && fbc_equal(session->launch, digest, FBC_HASH_LEN));
}
