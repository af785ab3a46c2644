/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verifier: from evidence to an answer, check by check, without a TPM and
 * without a network.
 */
#ifndef FBC_LIB_ATTEST_VERIFY_H
#define FBC_LIB_ATTEST_VERIFY_H

#include "lib/verify/attest_cert.h"
#include "parse/attest/enrol.h"
#include "parse/attest/golden.h"

#define FBC_GOLDEN_MAX 8

struct fbc_attest {
    const struct fbc_evidence *evidence;
    /* Hold the evidence against these; NULL or 0: not checked. */
    struct fbc_roots *roots;
    const struct fbc_host *host;
    const uint8_t *nonce;               /* FBC_TPM_NONCE_LEN bytes */
    const struct fbc_golden *golden;    /* any one of them must fit */
    size_t goldens;
    bool require_overwrite;             /* of memory, at a reset */
};

enum fbc_answer { FBC_NOT_CHECKED, FBC_YES, FBC_NO };

struct fbc_check {
    enum fbc_answer answer;
    enum fbc_reason reason;             /* OK unless the answer is no */
    char expected[160], found[160];     /* may be empty */
};

struct fbc_verdict {
    bool ok;                            /* every check says yes */
    enum fbc_reason reason;             /* of the first that says no */
    struct fbc_check check[FBC_CHECKS];
    bool have_quote;                    /* signed, and of the right form */
    struct fbc_tpm_quote quote;
    bool new_boot, new_key;             /* since the host record */
    bool overwrites;            /* memory, at a reset; if that is checked */
    const struct fbc_golden *golden;    /* that which fits, or nearly does */
};

/* Makes all checks that can be made; those that depend on one that said no
   stay unchecked. */
void fbc_attest_check(const struct fbc_attest *a, struct fbc_verdict *v);

/* The verdict on evidence that could not be parsed. */
void fbc_attest_unreadable(enum fbc_err err, unsigned int line,
                           struct fbc_verdict *v);

/*
 * The first checks alone, EK certificate, EK and AK, as at enrolment: v->ok
 * tells whether all three say yes.
 */
void fbc_attest_identity(struct fbc_roots *roots,
                         const struct fbc_identity *id,
                         struct fbc_verdict *v);

/*
 * A verdict of no as an error: the reason, what is known besides of an EK's
 * certificate, and what to do.  Returns -1.
 */
int fbc_fail_verdict(struct fbc_error *e, enum fbc_exit status,
                     const char *what, const struct fbc_verdict *v);

/* Counters and hypervisor key of an accepted quote, for the host record. */
void fbc_host_update(struct fbc_host *h, const struct fbc_evidence *ev,
                     const struct fbc_verdict *v);

#endif /* FBC_LIB_ATTEST_VERIFY_H */
