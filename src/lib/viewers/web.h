/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Viewers on one TCP port: browsers, which are served noVNC's files and RFB
 * over WebSocket, and plain VNC clients, which wait for the server to speak
 * first.  Either way a viewer comes out as a socket that speaks RFB.  The
 * first bytes decide which it is.  A client that is silent for 5 s, or, as
 * browsers keep connections in reserve, for up to 10 s while a page was opened
 * a moment ago, is greeted as one for VNC; if it then speaks HTTP, it is
 * answered in that.
 *
 * A page of any site may send requests to this machine's loopback, and the
 * address of any name may be changed to it.  So the Host header must be an
 * address of loopback or the one listened on; an Origin header must be of that
 * host; WebSockets need an Origin; and they, and the pages, need the token of
 * the URL.  Scripts, styles and images are served without it: they are public
 * files of Debian's, and the page has no way to hand the token to each.
 *
 * The policy of a page allows files of dir, and the scripts and styles that
 * are written in the page itself, by their hashes: which there are differs
 * from version to version of noVNC.
 *
 * Driven by poll(); every connection is bounded in memory and time.  System
 * calls after fbc_web_new(): openat2 below dir, fstat, read, pread64,
 * recvfrom, sendto, shutdown, fcntl, setsockopt (TCP_NODELAY), socketpair,
 * close, and those of malloc().
 */
#ifndef FBC_LIB_WEB_H
#define FBC_LIB_WEB_H

#include <poll.h>

#include "lib/base/fail.h"
#include "lib/viewers/viewers.h"

#define FBC_WEB_CONNECTIONS 32
#define FBC_WEB_POLLFDS     (2 * FBC_WEB_CONNECTIONS)
#define FBC_WEB_URL_TEXT    192

struct fbc_web;

struct fbc_web_opts {
    int dir;                    /* where vnc.html is; stays the caller's */
    const char *host;           /* listened on, as in a URL: "127.0.0.1" */
    uint16_t port;
    /*
     * A viewer has come: fd, non-blocking, is handed over; web: one end of
     * a socket pair, else the very connection; greeted: FBC_VIEWERS_VERSION
     * was sent to it.  -1: no more are wanted; fd is closed already.
     */
    int (*viewer)(void *ctx, int fd, bool web, bool greeted);
    void *ctx;
    uint64_t (*clock_ms)(void *ctx);    /* for tests; NULL: the real one */
};

/* Draws the token.  NULL with *e filled when dir holds no noVNC. */
struct fbc_web *fbc_web_new(const struct fbc_web_opts *o, struct fbc_error *e);
void fbc_web_free(struct fbc_web *w);

/* The URL for the user to open. */
void fbc_web_url(const struct fbc_web *w, char url[static FBC_WEB_URL_TEXT]);

/*
 * Takes a connection over.  When there are too many, it is closed, or pushes
 * out the oldest one that has not become a viewer.
 */
void fbc_web_accept(struct fbc_web *w, int fd);

/* Fills fds; returns how many. */
size_t fbc_web_pollfds(const struct fbc_web *w,
                       struct pollfd fds[static FBC_WEB_POLLFDS]);

/* Milliseconds that poll() may wait; -1: for ever. */
int fbc_web_timeout(const struct fbc_web *w);

/* After poll(), with the pollfds as fbc_web_pollfds() filled them. */
void fbc_web_io(struct fbc_web *w, const struct pollfd *fds, size_t n);

#endif /* FBC_LIB_WEB_H */
