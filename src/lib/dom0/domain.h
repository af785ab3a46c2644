/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains as users name them, through XenStore. */
#ifndef FBC_LIB_DOMAIN_H
#define FBC_LIB_DOMAIN_H

#include "lib/base/fail.h"

struct xs_handle;

/* FBC_EXIT_ENV when there is no XenStore. */
struct xs_handle *fbc_xs_open(struct fbc_error *e);

/*
 * Domain id of a number or of a name.  As in xl, what consists of digits is
 * an id; it is not looked up.  FBC_EXIT_INPUT: no such domain, several of
 * that name, an id out of range.
 */
int FBC_MUST_CHECK fbc_domain_find(const char *domain, uint16_t *domid,
                                   struct fbc_error *e);

/*
 * Reads a node below /local/domain/DOMID as text without control characters.
 * 1: it is there, 0: it is not.
 */
int fbc_domain_read(struct xs_handle *xs, uint16_t domid, const char *node,
                    char *out, size_t len);

#endif /* FBC_LIB_DOMAIN_H */
