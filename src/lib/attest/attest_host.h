/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's side, in dom0: the TPM with its EK.  Nothing here is trusted by
 * anybody: the verifier checks it all.
 */
#ifndef FBC_LIB_ATTEST_HOST_H
#define FBC_LIB_ATTEST_HOST_H

#include "lib/attest/esys.h"
#include "parse/attest/evidence.h"

struct fbc_host_tpm {
    struct fbc_esys tpm;
    ESYS_TR ek, ak;             /* 0, ESYS_TR_NONE: not loaded */
    bool made_ek;               /* for this run: not the persistent one */
    TPMS_CONTEXT *saved_ak;     /* what becomes of the AK between quotes */
};

/* Opens TPM and EK. */
int FBC_MUST_CHECK fbc_host_open(struct fbc_host_tpm *h,
                                 struct fbc_identity *id,
                                 struct fbc_error *e);
/* With h->tpm open: the persistent EK, or one made for this run. */
int FBC_MUST_CHECK fbc_host_ek(struct fbc_host_tpm *h,
                               struct fbc_identity *id, struct fbc_error *e);
/* Flushes all that was loaded.  Zeroed, it may never have been open. */
void fbc_host_close(struct fbc_host_tpm *h);

/*
 * A session for uses of the EK: its policy asks for the (empty) authorization
 * value of the endorsement hierarchy.  fbc_esys_flush() it.
 */
int FBC_MUST_CHECK fbc_host_session(struct fbc_host_tpm *h, ESYS_TR *session,
                                    struct fbc_error *e);

/*
 * Lets go of the TPM, which may admit one user at a time, and keeps the loaded
 * AK as the TPM's own encrypted context.
 */
int FBC_MUST_CHECK fbc_host_rest(struct fbc_host_tpm *h, struct fbc_error *e);
/*
 * After a rest, takes the TPM again with that AK, for quotes; the EK is not
 * there.  A reset in between is an error: close, and open anew.
 */
int FBC_MUST_CHECK fbc_host_wake(struct fbc_host_tpm *h, struct fbc_error *e);

#endif /* FBC_LIB_ATTEST_HOST_H */
