/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the known hosts of a client are, whatever version wrote them. */
#ifndef FBC_LIB_KEYCLIENT_KNOWN_H
#define FBC_LIB_KEYCLIENT_KNOWN_H

#include "lib/keyclient/keyclient.h"

/* The file that a names, or the default; an old one is converted. */
int FBC_MUST_CHECK fbc_keyclient_known(const struct fbc_keyclient_args *a,
                                       char path[static PATH_MAX],
                                       struct fbc_error *e);

/*
 * Beside the default file, older versions pinned hosts that are known directly
 * in files hosts/NAME.vmm.  If there is one, *found: adopt makes it a record,
 * forget does not; it is renamed.
 */
int FBC_MUST_CHECK fbc_keyclient_adopt(const struct fbc_keyclient_args *a,
                                       const char *path, const char *name,
                                       bool *found, struct fbc_error *e);
int FBC_MUST_CHECK fbc_keyclient_drop(const struct fbc_keyclient_args *a,
                                      const char *path, const char *name,
                                      bool *found, struct fbc_error *e);

#endif /* FBC_LIB_KEYCLIENT_KNOWN_H */
