/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a TPM's device cannot be used. */
#ifndef FBC_LIB_TPMDEVICE_H
#define FBC_LIB_TPMDEVICE_H

#include "lib/base/fail.h"

/*
 * After no connection was made by the TCTI "device:PATH": -1 with *e, which
 * says that it may not be used, or is in use; else 0.
 */
int FBC_MUST_CHECK fbc_tpm_device(const char *tcti, struct fbc_error *e);

#endif /* FBC_LIB_TPMDEVICE_H */
