/* SPDX-License-Identifier: GPL-2.0-only */
/* Authorization values of the TPM's hierarchies, from files. */
#ifndef FBC_LIB_ATTEST_AUTH_H
#define FBC_LIB_ATTEST_AUTH_H

#include "lib/attest/esys.h"

/*
 * 1 to 32 letters, digits, '.', '-', '_'; a newline may follow.  *auth is a
 * secret of the caller's.
 */
int FBC_MUST_CHECK fbc_auth_read(const char *path, TPM2B_AUTH *auth,
                                 struct fbc_error *e);

/*
 * Sets a hierarchy's value unless it has one, which is then taken to be this
 * one, and uses it from here on.
 */
int FBC_MUST_CHECK fbc_auth_set(struct fbc_esys *t, ESYS_TR hierarchy,
                                bool is_set, const TPM2B_AUTH *auth,
                                struct fbc_error *e);

#endif /* FBC_LIB_ATTEST_AUTH_H */
