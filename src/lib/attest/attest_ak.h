/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's attestation key, under its EK: made, loaded, used. */
#ifndef FBC_LIB_ATTEST_AK_H
#define FBC_LIB_ATTEST_AK_H

#include "lib/attest/attest_host.h"
#include "parse/attest/enrol.h"

/* A new one, not loaded. */
int FBC_MUST_CHECK fbc_ak_make(struct fbc_host_tpm *h, struct fbc_ak *ak,
                               struct fbc_error *e);

/* Loads it for what follows, and puts it into id. */
int FBC_MUST_CHECK fbc_ak_load(struct fbc_host_tpm *h,
                               const struct fbc_ak *ak,
                               struct fbc_identity *id, struct fbc_error *e);

/* Quotes with the loaded AK: quote, signature, PCR values. */
int FBC_MUST_CHECK fbc_ak_quote(struct fbc_host_tpm *h,
                                const uint8_t nonce[static FBC_TPM_NONCE_LEN],
                                struct fbc_evidence *ev,
                                struct fbc_error *e);

/* The secret of a challenge to the loaded AK. */
int FBC_MUST_CHECK fbc_ak_activate(struct fbc_host_tpm *h,
                                   const struct fbc_challenge *c,
                                   uint8_t secret[static FBC_SECRET_LEN],
                                   struct fbc_error *e);

#endif /* FBC_LIB_ATTEST_AK_H */
