/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opening AES-256-GCM by another library than OpenSSL.  crypto-openssl.c takes
 * it where a program is linked with one: make IPSEC_MB=1 links those that open
 * screens with gcm-ipsec-mb.c.
 */
#ifndef FBC_CRYPTO_GCM_H
#define FBC_CRYPTO_GCM_H

#include "core/crypto.h"

struct fbc_gcm;

/* NULL: not with this CPU, or no memory.  Threads may call it. */
__attribute__((__weak__))
struct fbc_gcm *fbc_gcm_new(const uint8_t key[static FBC_KEY_LEN]);

/*
 * In place, at most INT_MAX bytes; makes the tag, which the caller compares.
 * Should the library refuse, tag stays as it was.
 */
__attribute__((__weak__))
void fbc_gcm_open(struct fbc_gcm *g, const uint8_t nonce[static FBC_NONCE_LEN],
                  const void *aad, size_t aad_len, void *buf, size_t len,
                  uint8_t tag[static FBC_TAG_LEN]);

/* Wiped. */
__attribute__((__weak__))
void fbc_gcm_free(struct fbc_gcm *g);

#endif /* FBC_CRYPTO_GCM_H */
