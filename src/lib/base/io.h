/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole reads and writes: of file descriptors, and of files. */
#ifndef FBC_LIB_IO_H
#define FBC_LIB_IO_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "lib/base/fail.h"

/*
 * Reads until len bytes are there or the input ends; returns how many there
 * are, or -1 with errno.  stop, when not NULL and *stop is set by a signal
 * handler, makes an interrupted read end the input.
 */
ssize_t FBC_MUST_CHECK fbc_read(int fd, void *buf, size_t len,
                                const volatile int *stop);

/* 0, or -1 with errno. */
int FBC_MUST_CHECK fbc_write(int fd, const void *buf, size_t len);

/*
 * Reads a whole file of at most max bytes; path "-" is standard input.  The
 * buffer is fbc_secret_alloc()ed with max + 1 bytes: fbc_secret_free() it.
 */
int FBC_MUST_CHECK fbc_file_read(const char *path, size_t max, uint8_t **data,
                                 size_t *len, struct fbc_error *e);

/*
 * A regular file with a secret must be its owner's alone; what: the secret,
 * as in "password is open to others".
 */
int FBC_MUST_CHECK fbc_check_private(const struct stat *st, const char *path,
                                     const char *what, struct fbc_error *e);

/* fbc_file_read() of such a file; standard input is nobody else's. */
int FBC_MUST_CHECK fbc_file_read_secret(const char *path, const char *what,
                                        size_t max, uint8_t **data,
                                        size_t *len, struct fbc_error *e);

/*
 * SIGINT, SIGTERM and SIGHUP, unless they are ignored, set the flag that this
 * returns, instead of ending the process; the second of a kind ends it and
 * leaves no unfinished output behind.
 */
const volatile int *fbc_catch_stop(void);

#endif /* FBC_LIB_IO_H */
