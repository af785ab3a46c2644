/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection to the TPM (TSS 2.0 TCTI API) through a child process, which
 * can be ended: neither a TPM that hangs nor its transport holds us.
 */
#ifndef FBC_LIB_TCTI_H
#define FBC_LIB_TCTI_H

#include <sys/types.h>

#include "lib/attest/tss.h"

/* From the child; to it without rc. */
struct fbc_tcti_message {
    TSS2_RC rc;                 /* unless 0, no data */
    uint8_t data[TPM2_MAX_RESPONSE_SIZE];
};

struct fbc_tcti {
    TSS2_TCTI_CONTEXT_COMMON_V1 v1;     /* first: all that ESYS knows of */
    const char *conf;           /* value of TPM2TOOLS_TCTI */
    const volatile int *stop;   /* set by a signal: give up */
    pid_t pid;                  /* 0: there is no child */
    int link;
    /* Why it was ended early; FBC_EXIT_OK: it was not. */
    enum fbc_exit gave_up;
    struct fbc_tcti_message message;    /* the last one; wiped at the end */
    size_t len;                 /* of its data */
    bool answered;              /* it is the answer to the last command */
};

/*
 * Reads the environment only.  From here on SIGINT, SIGTERM and SIGHUP make
 * the command under way and all later ones fail.
 */
void fbc_tcti_init(struct fbc_tcti *c);

/* Is it this machine's TPM, and not one behind a socket? */
bool fbc_tcti_on_device(const struct fbc_tcti *c);

/*
 * Connects.  A command, and this, takes 5 minutes at most.  The TCTI's code if
 * that fails, 0 if it does not.
 */
TSS2_RC FBC_MUST_CHECK fbc_tcti_open(struct fbc_tcti *c,
                                     const struct fbc_tss *tss);
/* Also harmless when it is not open. */
void fbc_tcti_close(struct fbc_tcti *c);

#endif /* FBC_LIB_TCTI_H */
