/* SPDX-License-Identifier: GPL-2.0-only */
/* Where viewers connect to: this machine only. */
#ifndef FBC_LIB_LISTEN_H
#define FBC_LIB_LISTEN_H

#include "lib/base/fail.h"

#define FBC_LISTEN_PATH 108         /* of a unix socket, with NUL */
#define FBC_LISTEN_TEXT 128

struct fbc_listen {
    char path[FBC_LISTEN_PATH];     /* unix socket; "": TCP */
    char host[16];                  /* "127.0.0.1" or "[::1]" */
    uint16_t port;                  /* 0: any */
};

/*
 * ADDRESS:PORT, where the address is 127.0.0.1, [::1] or localhost (the
 * first), or, with a '/', the path of a unix socket.  Other addresses are
 * refused.
 */
int FBC_MUST_CHECK fbc_listen_parse(const char *text, struct fbc_listen *l,
                                    struct fbc_error *e);

/*
 * Returns a listening socket, non-blocking, or -1.  Fills in the port.  A unix
 * socket has mode 0600; one that nobody listens on any more is replaced.
 */
int FBC_MUST_CHECK fbc_listen_open(struct fbc_listen *l, struct fbc_error *e);

/* As viewers are told: the path, or ADDRESS:PORT. */
void fbc_listen_text(const struct fbc_listen *l,
                     char text[static FBC_LISTEN_TEXT]);

#endif /* FBC_LIB_LISTEN_H */
