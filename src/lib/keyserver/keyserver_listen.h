/* SPDX-License-Identifier: GPL-2.0-only */
/* The key server's listening socket: a given one, or one of its own. */
#ifndef FBC_LIB_KEYSERVER_LISTEN_H
#define FBC_LIB_KEYSERVER_LISTEN_H

#include "lib/base/fail.h"

#define FBC_KS_LISTEN_TEXT 64

/*
 * Returns a listening TCP socket, non-blocking, or -1.  If the service
 * manager has passed one (sd_listen_fds(3)), that is it, and address, which
 * is ADDRESS:PORT or [ADDRESS]:PORT, is not used.  text: where it listens.
 */
int FBC_MUST_CHECK fbc_ks_listen(const char *address,
                                 char text[static FBC_KS_LISTEN_TEXT],
                                 bool *passed, struct fbc_error *e);

/* The same of its own in any case. */
int FBC_MUST_CHECK fbc_ks_listen_at(const char *address,
                                    char text[static FBC_KS_LISTEN_TEXT],
                                    struct fbc_error *e);

#endif /* FBC_LIB_KEYSERVER_LISTEN_H */
