/* SPDX-License-Identifier: GPL-2.0-only */
/* The EK's certificates in the TPM's NV memory (TCG EK Credential Profile). */
#ifndef FBC_LIB_ATTEST_EKCERT_H
#define FBC_LIB_ATTEST_EKCERT_H

#include "lib/attest/esys.h"
#include "parse/attest/evidence.h"

/* Fills id->cert. */
int FBC_MUST_CHECK fbc_ekcert_read(struct fbc_esys *t,
                                   struct fbc_identity *id,
                                   struct fbc_error *e);

/* Fills id->chain with what there is. */
int FBC_MUST_CHECK fbc_ekcert_chain(struct fbc_esys *t,
                                    struct fbc_identity *id,
                                    struct fbc_error *e);

#endif /* FBC_LIB_ATTEST_EKCERT_H */
