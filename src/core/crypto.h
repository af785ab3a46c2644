/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The primitives that core uses.  Two backends implement this page:
 * crypto-bearssl.c (hypervisor, tests) and crypto-openssl.c (tools).
 *
 * All functions return 0, or -1 with the outputs wiped.  Lengths are bytes.
 * Nothing here allocates in the BearSSL backend.
 */
#ifndef FBC_CORE_CRYPTO_H
#define FBC_CORE_CRYPTO_H

#include "core/fbc.h"

/* Values are on the wire: shadow header, key blob (RFC 9180 7.3). */
enum fbc_aead_id {
    FBC_AEAD_NONE = 0,               /* header only: no key set yet */
    FBC_AEAD_AES256_GCM = 2,
    FBC_AEAD_CHACHA20_POLY1305 = 3,
};

/* Room for the largest context of either backend (checked at build). */
#define FBC_AEAD_CTX_LEN 512

/* May hold pointers: never copied; cleared before it is keyed again. */
struct fbc_aead {
    enum fbc_aead_id id;
    uint8_t ctx[FBC_AEAD_CTX_LEN] __attribute__((__aligned__(16)));
};

/* Known to this backend; in constant time on every CPU. */
bool fbc_aead_available(enum fbc_aead_id id);

/* Not slowed down by a CPU that lacks AES instructions. */
bool fbc_aead_fast(enum fbc_aead_id id);

int FBC_MUST_CHECK fbc_aead_init(struct fbc_aead *a, enum fbc_aead_id id,
                                 const uint8_t key[static FBC_KEY_LEN]);

/*
 * In place.  buf must be private memory: it is passed over more than once.
 * In Xen the caller holds the FPU for
 * FBC_AEAD_AES256_GCM; ChaCha20-Poly1305 touches no vector register.
 */
int FBC_MUST_CHECK fbc_aead_seal(struct fbc_aead *a,
                                 const uint8_t nonce[static FBC_NONCE_LEN],
                                 const void *aad, size_t aad_len,
                                 void *buf, size_t len,
                                 uint8_t tag[static FBC_TAG_LEN]);

/* On a bad tag buf is zeroed: no unauthenticated byte is ever returned. */
int FBC_MUST_CHECK fbc_aead_open(struct fbc_aead *a,
                                 const uint8_t nonce[static FBC_NONCE_LEN],
                                 const void *aad, size_t aad_len,
                                 void *buf, size_t len,
                                 const uint8_t tag[static FBC_TAG_LEN]);

void fbc_aead_clear(struct fbc_aead *a);

/*
 * AEAD_AES_256_CCM_8 (RFC 6655; CCM is that of RFC 3610, SP 800-38C): its tag
 * has 8 bytes, so whoever opens must bound how many wrong ones it looks at.
 * In place, on private memory, at most FBC_CCM8_MAX bytes.  Under a key, a
 * nonce seals one message.
 *
 * Each call makes the key schedule anew; in constant time on every CPU.  The
 * BearSSL backend touches no vector register.
 */
#define FBC_CCM8_TAG_LEN 8
#define FBC_CCM8_MAX     ((1u << 24) - 1)

int FBC_MUST_CHECK fbc_ccm8_seal(const uint8_t key[static FBC_KEY_LEN],
                                 const uint8_t nonce[static FBC_NONCE_LEN],
                                 const void *aad, size_t aad_len,
                                 void *buf, size_t len,
                                 uint8_t tag[static FBC_CCM8_TAG_LEN]);

/* On a bad tag buf is zeroed, as above. */
int FBC_MUST_CHECK fbc_ccm8_open(const uint8_t key[static FBC_KEY_LEN],
                                 const uint8_t nonce[static FBC_NONCE_LEN],
                                 const void *aad, size_t aad_len,
                                 void *buf, size_t len,
                                 const uint8_t tag[static FBC_CCM8_TAG_LEN]);

int FBC_MUST_CHECK fbc_sha256(const void *data, size_t len,
                              uint8_t out[static FBC_HASH_LEN]);
int FBC_MUST_CHECK fbc_hkdf_extract(const void *salt, size_t salt_len,
                                    const void *ikm, size_t ikm_len,
                                    uint8_t prk[static FBC_HASH_LEN]);
/* len <= 255 * 32 */
int FBC_MUST_CHECK fbc_hkdf_expand(const uint8_t prk[static FBC_HASH_LEN],
                                   const void *info, size_t info_len,
                                   void *out, size_t len);

/* RFC 7748; refuses an all-zero result. */
int FBC_MUST_CHECK fbc_x25519(uint8_t out[static FBC_KEY_LEN],
                              const uint8_t scalar[static FBC_KEY_LEN],
                              const uint8_t point[static FBC_KEY_LEN]);
int FBC_MUST_CHECK fbc_x25519_public(uint8_t out[static FBC_KEY_LEN],
                                     const uint8_t scalar[static FBC_KEY_LEN]);

#endif /* FBC_CORE_CRYPTO_H */
