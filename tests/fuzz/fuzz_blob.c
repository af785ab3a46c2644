/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Key blobs from a hostile dom0.  The first byte of an input says how far the
 * rest is repaired before it is opened: SEAL reaches the sealed part.
 */
#include <stdlib.h>

#include "core/blob.h"
#include "core/hpke.h"
#include "core/kdf.h"

#define REPAIR 1                /* names the right VM, owner, hypervisor */
#define SEAL   2                /* and is sealed by the owner */

#define OFF_AEAD   10
#define OFF_UUID   16
#define OFF_OWNER  48
#define OFF_VMM    80
#define OFF_ENC    112
#define SEALED     64       /* bytes at the end, the tag with them */
#define TAG        16
#define LAST_SEQ   1000

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t owner_sk[FBC_KEY_LEN], owner_pub[FBC_KEY_LEN];
static uint8_t vmm_sk[FBC_KEY_LEN], vmm_pub[FBC_KEY_LEN];
static uint8_t uuid[FBC_UUID_LEN];

static void init(void)
{
    memset(owner_sk, 0x11, sizeof(owner_sk));
    memset(vmm_sk, 0x22, sizeof(vmm_sk));
    CHECK(!fbc_x25519_public(owner_pub, owner_sk));
    CHECK(!fbc_x25519_public(vmm_pub, vmm_sk));
    CHECK(!fbc_kdf_uuid(owner_pub, uuid));
}

static void repair(uint8_t *blob)
{
    memcpy(blob + OFF_UUID, uuid, sizeof(uuid));
    memcpy(blob + OFF_OWNER, owner_pub, sizeof(owner_pub));
    CHECK(!fbc_sha256(vmm_pub, sizeof(vmm_pub), blob + OFF_VMM));
}

static bool seal(uint8_t *blob, size_t len)
{
    enum fbc_aead_id id = fbc_get16(blob + OFF_AEAD);
    uint8_t info[15 + FBC_UUID_LEN + FBC_HASH_LEN], sk_e[FBC_KEY_LEN];
    struct fbc_hpke h;
    struct fbc_aead a;

    memcpy(info, "fbcrypt-hpke-v1", 15);
    memcpy(info + 15, blob + OFF_UUID, FBC_UUID_LEN);
    memcpy(info + 15 + FBC_UUID_LEN, blob + OFF_VMM, FBC_HASH_LEN);
    memcpy(sk_e, blob + OFF_ENC, sizeof(sk_e));
    if ( fbc_hpke_setup_sender(&h, id, vmm_pub, owner_sk, sk_e, info,
                               sizeof(info), blob + OFF_ENC) )
        return false;
    CHECK(!fbc_aead_init(&a, id, h.key));
    CHECK(!fbc_aead_seal(&a, h.base_nonce, blob, len - SEALED,
                         blob + len - SEALED, SEALED - TAG,
                         blob + len - TAG));
    fbc_aead_clear(&a);

    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fbc_session session, before;
    struct fbc_blob_info info;
    uint64_t seq = 0;
    enum fbc_err parsed, opened;
    bool sealed = false, whole;
    uint8_t *blob;
    size_t len;

    if ( !owner_sk[0] )
        init();
    if ( !size )
        return 0;

    len = size - 1;
    blob = malloc(len ? len : 1);
    CHECK(blob);
    memcpy(blob, data + 1, len);
    whole = len == FBC_BLOB_LEN || len == FBC_BLOB_BOUND_LEN;
    if ( whole && (data[0] & (REPAIR | SEAL)) )
        repair(blob);
    if ( whole && (data[0] & SEAL) )
        sealed = seal(blob, len);

    memset(&session, 0xa5, sizeof(session));
    before = session;
    parsed = fbc_blob_parse(blob, len, &info);
    opened = fbc_blob_open(blob, len, uuid, LAST_SEQ, vmm_sk, vmm_pub,
                           &session, &seq);

    CHECK(!sealed || opened != FBC_ERR_AUTH);
    if ( opened )
        CHECK(!memcmp(&session, &before, sizeof(session)) && !seq);
    else
        CHECK(!parsed && seq > LAST_SEQ && seq == info.seq &&
              info.flags <= FBC_BLOB_FLAG_LAUNCH &&
              session.bound == (info.flags == FBC_BLOB_FLAG_LAUNCH) &&
              !memcmp(info.uuid, uuid, sizeof(uuid)) &&
              !memcmp(info.owner_pub, owner_pub, sizeof(owner_pub)));
    free(blob);

    return 0;
}
