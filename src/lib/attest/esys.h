/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TPM, by the TCG's Enhanced System API: a context, what its return codes
 * mean, and objects that are flushed again.
 *
 * Without a resource manager a TPM has room for three objects and as many
 * sessions: whoever loads one flushes it.
 */
#ifndef FBC_LIB_ESYS_H
#define FBC_LIB_ESYS_H

#include "lib/attest/tcti.h"

struct fbc_esys {
    const struct fbc_tss *tss;
    struct fbc_tcti tcti;
    ESYS_CONTEXT *ctx;          /* NULL: not open */
};

/* Connects to the TPM of TPM2TOOLS_TCTI; the struct is zeroed first. */
int FBC_MUST_CHECK fbc_esys_open(struct fbc_esys *t, struct fbc_error *e);
/* Zeroed, it may never have been open. */
void fbc_esys_close(struct fbc_esys *t);

/*
 * Fills *e from the code with which a command (or "TPM") failed and returns
 * -1; 0 for success.
 */
int FBC_MUST_CHECK fbc_esys_check(const struct fbc_esys *t,
                                  const char *command, TSS2_RC rc,
                                  struct fbc_error *e);
/* Adds a hint, unless there is one or the command was not carried out; -1. */
int fbc_esys_hint(const struct fbc_esys *t, struct fbc_error *e,
                  const char *text);
/* The command's first handle is that of nothing. */
bool fbc_esys_absent(TSS2_RC rc);

/* ESYS_TR_NONE is none; *object becomes it. */
void fbc_esys_flush(struct fbc_esys *t, ESYS_TR *object);

/* Wiped and freed; p may be NULL. */
void fbc_esys_free(const struct fbc_esys *t, void *p, size_t len);

#endif /* FBC_LIB_ESYS_H */
