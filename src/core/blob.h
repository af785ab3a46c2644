/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wrapped session key: 208 bytes from the owner to one hypervisor for one
 * VM (fbc-formats(5), "Key blob").  HPKE mode_auth, AES-256-GCM,
 * info = "fbcrypt-hpke-v1" || uuid || SHA-256(VMM public key),
 * aad = the blob's first 144 bytes.
 */
#ifndef FBC_CORE_BLOB_H
#define FBC_CORE_BLOB_H

#include "core/crypto.h"
#include "core/fbc.h"

#define FBC_BLOB_LEN      208
#define FBC_BLOB_AAD_LEN  144
#define FBC_BLOB_VERSION  1

struct fbc_session {
    uint8_t key[FBC_KEY_LEN];
    uint16_t refresh_ms;        /* wanted heartbeat, 0: hypervisor's choice */
    bool sealed_input;          /* nothing that dom0 types, from the start */
};

struct fbc_blob_info {          /* the readable part */
    uint32_t flags;
    uint8_t uuid[FBC_UUID_LEN];
    uint64_t seq;               /* ms since 1970 at the owner */
    uint64_t not_after;         /* s since 1970, advice only; 0: none */
    uint8_t owner_pub[FBC_KEY_LEN];
    uint8_t vmm_hash[FBC_HASH_LEN];
};

/* fbc_blob_seal() writes this one; fbc_blob_open() takes ChaCha20, too. */
#define FBC_BLOB_AEAD FBC_AEAD_AES256_GCM

/* Owner's side.  sk_e: 32 fresh random bytes.  Sets uuid from owner_sk. */
enum fbc_err FBC_MUST_CHECK
fbc_blob_seal(uint8_t blob[static FBC_BLOB_LEN],
              const struct fbc_session *session, uint64_t seq,
              uint64_t not_after, const uint8_t owner_sk[static FBC_KEY_LEN],
              const uint8_t vmm_pub[static FBC_KEY_LEN],
              const uint8_t sk_e[static FBC_KEY_LEN]);

/* Reads what is not secret and checks it against itself; no key needed. */
enum fbc_err FBC_MUST_CHECK fbc_blob_parse(const uint8_t *blob, size_t len,
                                           struct fbc_blob_info *info);

/*
 * Hypervisor's side.  Checks, in this order: length, magic, version,
 * algorithms, reserved bits, WRONG_VM, WRONG_OWNER, WRONG_VMM, REPLAY
 * (seq <= last_seq), AUTH.  *session and *seq are written only on success.
 * In Xen the caller holds the FPU, as for fbc_aead_init().
 */
enum fbc_err FBC_MUST_CHECK
fbc_blob_open(const uint8_t *blob, size_t len,
              const uint8_t uuid[static FBC_UUID_LEN], uint64_t last_seq,
              const uint8_t vmm_sk[static FBC_KEY_LEN],
              const uint8_t vmm_pub[static FBC_KEY_LEN],
              struct fbc_session *session, uint64_t *seq);

#endif /* FBC_CORE_BLOB_H */
