/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's side, in dom0, with tpm2-tools: keys, quotes, activation, the NV
 * index.  Nothing here is trusted by anybody: the verifier checks it all.
 */
#ifndef FBC_LIB_ATTEST_HOST_H
#define FBC_LIB_ATTEST_HOST_H

#include "lib/attest/tpm2tools.h"
#include "parse/attest/enrol.h"

struct fbc_host_tpm {
    struct fbc_tools tools;
    const char *ek;             /* handle or context file */
};

/* Opens tools and EK: the persistent one, or one made for this run. */
int FBC_MUST_CHECK fbc_host_open(struct fbc_host_tpm *h,
                                 struct fbc_identity *id,
                                 struct fbc_error *e);
void fbc_host_close(struct fbc_host_tpm *h);

/* Fills id->cert from the TPM's NV memory. */
int FBC_MUST_CHECK fbc_host_cert(struct fbc_host_tpm *h,
                                 struct fbc_identity *id,
                                 struct fbc_error *e);

/* Fills id->chain from there, with what there is. */
int FBC_MUST_CHECK fbc_host_chain(struct fbc_host_tpm *h,
                                  struct fbc_identity *id,
                                  struct fbc_error *e);

/* A new AK under the EK, not loaded. */
int FBC_MUST_CHECK fbc_host_make_ak(struct fbc_host_tpm *h, struct fbc_ak *ak,
                                    struct fbc_error *e);

/* Loads the AK for what follows, and puts it into id. */
int FBC_MUST_CHECK fbc_host_load_ak(struct fbc_host_tpm *h,
                                    const struct fbc_ak *ak,
                                    struct fbc_identity *id,
                                    struct fbc_error *e);

/* Quotes with the loaded AK: quote, signature, PCR values. */
int FBC_MUST_CHECK
fbc_host_quote(struct fbc_host_tpm *h,
               const uint8_t nonce[static FBC_TPM_NONCE_LEN],
               struct fbc_evidence *ev, struct fbc_error *e);

/* The secret of a challenge to the loaded AK. */
int FBC_MUST_CHECK fbc_host_activate(struct fbc_host_tpm *h,
                                     const struct fbc_challenge *c,
                                     uint8_t secret[static FBC_SECRET_LEN],
                                     struct fbc_error *e);

#endif /* FBC_LIB_ATTEST_HOST_H */
