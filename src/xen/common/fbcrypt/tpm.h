/* SPDX-License-Identifier: GPL-2.0-only */
/* The TPM, from the hypervisor's boot to dom0's (tpm.c).  No locking. */
#ifndef __FBCRYPT_TPM_H__
#define __FBCRYPT_TPM_H__

#include "core/tpm2.h"

/*
 * False: none that works.  Waits are bounded: 5 s for a command, 26 s for all.
 * Until fbc_tpm_close(false) dom0 is not to have it.
 */
bool fbc_tpm_open(struct fbc_tpm *t);

/* After fbc_tpm_open(): its interface, for a log. */
const char *fbc_tpm_kind(void);

/*
 * Must be called.  exposed: dom0 must not reach it, and is not told of it, if
 * this boot can be attested.
 */
void fbc_tpm_close(bool exposed);

/* After that: takes the TPM away from d if it must not reach it. */
int fbc_tpm_permissions(struct domain *d);

#endif /* __FBCRYPT_TPM_H__ */
