/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is used of intel-ipsec-mb: its AES-256-GCM for CPUs with AES, PCLMULQDQ
 * and SSE4.1, lib/sse_t1/gcm256_api_by8_sse.asm.  It touches no other vector
 * registers than xmm0 to xmm15, and leaves zeros in them.  In place or not;
 * aligned or not.
 */
#ifndef FBC_CRYPTO_IPSEC_MB_H
#define FBC_CRYPTO_IPSEC_MB_H

#include "core/fbc.h"

/* lib/include/gcm_keys_sse_avx.asm */
struct imb_gcm_key {
    uint8_t rounds[15][16];     /* the caller's: AES-256, for encryption */
    uint8_t powers[16][16];     /* of the hash key */
};

/* lib/include/gcm_defines.asm; of one message */
struct imb_gcm_state {
    uint64_t words[11];
};

/* The powers from the rounds. */
void aes_gcm_precomp_256_sse(struct imb_gcm_key *key);

/* 12 bytes of nonce.  Decryption makes a tag, which the caller compares. */
void aes_gcm_enc_256_sse(const struct imb_gcm_key *key,
                         struct imb_gcm_state *state, void *out,
                         const void *in, uint64_t len, const uint8_t *nonce,
                         const void *aad, uint64_t aad_len, uint8_t *tag,
                         uint64_t tag_len);
void aes_gcm_dec_256_sse(const struct imb_gcm_key *key,
                         struct imb_gcm_state *state, void *out,
                         const void *in, uint64_t len, const uint8_t *nonce,
                         const void *aad, uint64_t aad_len, uint8_t *tag,
                         uint64_t tag_len);

#endif /* FBC_CRYPTO_IPSEC_MB_H */
