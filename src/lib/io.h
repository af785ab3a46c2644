/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole reads and writes on file descriptors. */
#ifndef FBC_LIB_IO_H
#define FBC_LIB_IO_H

#include <stddef.h>
#include <sys/types.h>

#include "core/fbc.h"

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
 * SIGINT, SIGTERM and SIGHUP set the flag that this returns, instead of
 * ending the process; a second one ends it.
 */
const volatile int *fbc_catch_stop(void);

#endif /* FBC_LIB_IO_H */
