/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HPKE (RFC 9180), single shot, DHKEM(X25519, HKDF-SHA256) with HKDF-SHA256,
 * modes base and auth.  The sequence number of the AEAD is 0 throughout.
 */
#ifndef FBC_CORE_HPKE_H
#define FBC_CORE_HPKE_H

#include "core/crypto.h"
#include "core/fbc.h"

#define FBC_HPKE_KEM_X25519  0x0020
#define FBC_HPKE_KDF_SHA256  0x0001
/* The AEAD ids are enum fbc_aead_id: 2 AES-256-GCM, 3 ChaCha20-Poly1305. */

#define FBC_HPKE_INFO_MAX 128   /* longer info: FBC_ERR_LENGTH */

/* RFC 9180 key schedule outputs, exposed for the vectors' sake. */
struct fbc_hpke {
    uint8_t key[FBC_KEY_LEN];
    uint8_t base_nonce[FBC_NONCE_LEN];
};

/*
 * skE is the ephemeral secret: fresh random bytes from the caller.  skS NULL
 * selects mode_base.  enc is the ephemeral public key that travels.
 */
enum fbc_err FBC_MUST_CHECK
fbc_hpke_setup_sender(struct fbc_hpke *ctx, enum fbc_aead_id aead,
                      const uint8_t pk_r[static FBC_KEY_LEN],
                      const uint8_t *sk_s,
                      const uint8_t sk_e[static FBC_KEY_LEN],
                      const void *info, size_t info_len,
                      uint8_t enc[static FBC_KEY_LEN]);
/*
 * pk_s NULL selects mode_base.  FBC_ERR_AUTH: enc or pk_s is a point of small
 * order.
 */
enum fbc_err FBC_MUST_CHECK
fbc_hpke_setup_recipient(struct fbc_hpke *ctx, enum fbc_aead_id aead,
                         const uint8_t enc[static FBC_KEY_LEN],
                         const uint8_t sk_r[static FBC_KEY_LEN],
                         const uint8_t *pk_s, const void *info,
                         size_t info_len);

#endif /* FBC_CORE_HPKE_H */
