/* SPDX-License-Identifier: GPL-2.0-only */
/* Can the hypervisor have this machine's TPM to itself? */
#ifndef FBC_LIB_ACPITPM_H
#define FBC_LIB_ACPITPM_H

#include "lib/base/fail.h"

#define FBC_ACPI_TPM2 "/sys/firmware/acpi/tables/TPM2"

/*
 * Refuses (FBC_EXIT_NO) a TPM whose start method in the ACPI table TPM2 (TCG
 * ACPI Specification) is neither 6, FIFO, nor 7, CRB: those that are started
 * by ACPI methods are out of the hypervisor's control.  A table that is not
 * there, or cannot be read, says nothing.
 */
int FBC_MUST_CHECK fbc_acpi_tpm_check(const char *path, struct fbc_error *e);

#endif /* FBC_LIB_ACPITPM_H */
