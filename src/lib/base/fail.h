/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors, as library functions hand them to a tool.
 *
 * Library functions return 0, or -1 with *e filled; they neither print nor
 * exit, and leave their outputs untouched on failure.
 */
#ifndef FBC_LIB_FAIL_H
#define FBC_LIB_FAIL_H

#include "core/fbc.h"

/* Exit status of every tool; in every man page: do not reorder. */
enum fbc_exit {
    FBC_EXIT_OK = 0,            /* done, or the answer is yes */
    FBC_EXIT_NO = 1,            /* the answer is no */
    FBC_EXIT_USAGE = 2,
    FBC_EXIT_INPUT = 3,         /* bad input */
    FBC_EXIT_ENV = 4,           /* no Xen, no TPM, no permission, no space */
    FBC_EXIT_VERSION = 5,       /* version mismatch */
    FBC_EXIT_TIMEOUT = 6,
};

struct fbc_error {
    enum fbc_exit status;
    char what[160];             /* the thing: a file, a domain, an option */
    char why[160];
    char hint[200];             /* what to do; may be empty */
};

/* Fills *e (hint empty) and returns -1, to be used as "return fbc_fail(". */
int fbc_fail(struct fbc_error *e, enum fbc_exit status, const char *what,
             const char *why, ...) __attribute__((__format__(printf, 4, 5)));

/* The same with strerror(errno) and FBC_EXIT_ENV. */
int fbc_fail_errno(struct fbc_error *e, const char *what);

/* The same for a refusal by core: FBC_EXIT_VERSION, _ENV or _INPUT. */
int fbc_fail_core(struct fbc_error *e, const char *what, enum fbc_err err);

/* Adds a hint to a filled *e and returns -1. */
int fbc_hint(struct fbc_error *e, const char *hint, ...)
    __attribute__((__format__(printf, 2, 3)));

#endif /* FBC_LIB_FAIL_H */
