/* SPDX-License-Identifier: GPL-2.0-only */
/* Records (parse/text/record.h) on disk. */
#ifndef FBC_LIB_ATTEST_FILE_H
#define FBC_LIB_ATTEST_FILE_H

#include "lib/base/outfile.h"
#include "parse/attest/evidence.h"
#include "parse/attest/golden.h"

/* out: the record's struct. */
int FBC_MUST_CHECK fbc_record_read(const struct fbc_record *r,
                                   const char *path, void *out,
                                   struct fbc_error *e);
/* Of one that is its owner's alone: see fbc_check_private(). */
int FBC_MUST_CHECK fbc_record_read_secret(const struct fbc_record *r,
                                          const char *path, const char *what,
                                          void *out, struct fbc_error *e);
int FBC_MUST_CHECK fbc_golden_read(const char *path, struct fbc_golden *g,
                                   struct fbc_error *e);

/*
 * Comment lines (each with "# " and '\n'; may be empty) and the record.  path
 * "-" is standard output; a file that exists is an error unless replace.
 */
int FBC_MUST_CHECK fbc_record_write(const struct fbc_record *r,
                                    const void *in, const char *comment,
                                    const char *path, bool replace,
                                    struct fbc_error *e);

/*
 * The same, but for the name, which fbc_outfile_commit() gives: on the disk,
 * or gone out already where it is standard output.
 */
int FBC_MUST_CHECK fbc_record_put(const struct fbc_record *r, const void *in,
                                  const char *comment, const char *path,
                                  struct fbc_outfile *out,
                                  struct fbc_error *e);

/* Firmware that extends no SHA-256 bank; returns -1. */
int fbc_fail_untouched(struct fbc_error *e, const char *path);

/* Says why a record in a file was refused; returns -1. */
int fbc_fail_record(struct fbc_error *e, const char *path, enum fbc_err err,
                    unsigned int line);

#endif /* FBC_LIB_ATTEST_FILE_H */
