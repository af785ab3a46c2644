/* SPDX-License-Identifier: GPL-2.0-only */
/* Random bytes from the kernel. */
#ifndef FBC_LIB_RANDOM_H
#define FBC_LIB_RANDOM_H

#include "lib/base/fail.h"

/* Blocks until the kernel's generator is seeded. */
int FBC_MUST_CHECK fbc_random(void *out, size_t len, struct fbc_error *e);

#endif /* FBC_LIB_RANDOM_H */
