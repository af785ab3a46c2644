/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rate limits by key (an address, a name), in memory of fixed size: so many
 * a second, and ten seconds' worth at once.  When there are more keys than
 * room, some are forgotten early.
 */
#ifndef FBC_LIB_KEYSERVER_RATE_H
#define FBC_LIB_KEYSERVER_RATE_H

#include "lib/base/fail.h"

struct fbc_rate;

/* per_second 0: no limit. */
int FBC_MUST_CHECK fbc_rate_new(struct fbc_rate **out,
                                unsigned int per_second,
                                struct fbc_error *e);
void fbc_rate_free(struct fbc_rate *r);

/* 0: go on; else the seconds to wait, at least 1.  Thread-safe. */
unsigned int FBC_MUST_CHECK fbc_rate_take(struct fbc_rate *r, const void *key,
                                          size_t len, uint64_t now_ns);

#endif /* FBC_LIB_KEYSERVER_RATE_H */
