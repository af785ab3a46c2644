/* SPDX-License-Identifier: GPL-2.0-only */
/* The verifier's answer, for programs and for people. */
#ifndef FBC_LIB_ATTEST_REPORT_H
#define FBC_LIB_ATTEST_REPORT_H

#include <stdio.h>

#include "lib/verify/attest_verify.h"

/*
 * One JSON object, fbcrypt/attest-verify/1.  a->evidence and a->host may be
 * NULL, e is NULL unless something failed; the fields are the same always.
 */
void fbc_attest_json(FILE *f, const struct fbc_attest *a,
                     const struct fbc_verdict *v, const struct fbc_error *e);

/* A line a check: what was expected, what was found, what to do. */
void fbc_attest_explain(FILE *f, const struct fbc_verdict *v);

#endif /* FBC_LIB_ATTEST_REPORT_H */
