/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The RFB client towards a hostile server: one connection, never blocking.
 *
 * Bytes are decoded by parse/rfb/rfbc.h; this adds the socket, zlib, the
 * memory and VNC authentication.  Memory is the picture and less than 1 MiB,
 * whatever the server claims.  Clipboards are read over, and none is sent.
 * The picture is only what the server says: it is a shadow to be verified
 * (parse/shadow/view.h), never to be shown.
 *
 * Once an update has changed the picture, no more input is taken until
 * fbc_upstream_request(): the picture stands still while it is verified, and
 * a server cannot make the caller verify more often than it asks for.
 *
 * The loop of a caller:
 *
 *   poll(fbc_upstream_fd(u), fbc_upstream_events(u),
 *        fbc_upstream_pending(u) ? 0 : time-out);
 *   if ( fbc_upstream_io(u, revents, &what, &e) )
 *       say why, fbc_upstream_free(u);
 *   if ( what & FBC_UPSTREAM_RESIZED ) fbc_upstream_request(u, false);
 *   else if ( what & FBC_UPSTREAM_UPDATE ) verify, now or later, then
 *       fbc_upstream_request(u, true);
 *
 * Time-outs are the caller's: of the handshake (until READY), and of whatever
 * liveness it wants.  OpenSSL must have been set up before the process gives
 * up opening files.
 */
#ifndef FBC_LIB_UPSTREAM_H
#define FBC_LIB_UPSTREAM_H

#include "core/geom.h"
#include "lib/base/fail.h"

#define FBC_UPSTREAM_PASSWORD_MAX 8             /* more is of no use to VNC */

struct fbc_upstream;

enum fbc_upstream_encoding {        /* which one to ask for first */
    FBC_UPSTREAM_TIGHT,             /* level 0: three bytes a pixel, stored */
    FBC_UPSTREAM_ZRLE,
    FBC_UPSTREAM_ZLIB,
    FBC_UPSTREAM_HEXTILE,
    FBC_UPSTREAM_RAW,
};

struct fbc_upstream_opts {
    const char *password;           /* NULL: none; copied */
    bool shared;                    /* other viewers may stay connected */
    bool view_only;                 /* send functions do nothing */
    enum fbc_upstream_encoding prefer;
};

enum fbc_upstream_what {            /* bits */
    FBC_UPSTREAM_NOTHING = 0,
    FBC_UPSTREAM_READY = 1,         /* size is known, picture is black */
    FBC_UPSTREAM_UPDATE = 2,        /* a whole FramebufferUpdate was applied;
                                       it may have changed nothing */
    FBC_UPSTREAM_RESIZED = 4,       /* picture is new, and black */
    FBC_UPSTREAM_BELL = 8,
};

struct fbc_upstream_stats {
    uint64_t bytes_in, bytes_out;
    uint64_t updates;               /* FramebufferUpdates */
    uint64_t rects;                 /* with pixels */
    uint64_t pixels;
};

/*
 * Takes over fd, a connected stream socket, and makes it non-blocking.  On
 * failure fd is still the caller's.
 */
int FBC_MUST_CHECK fbc_upstream_new(int fd,
                                    const struct fbc_upstream_opts *opts,
                                    struct fbc_upstream **u,
                                    struct fbc_error *e);

/* Closes and wipes; u may be NULL. */
void fbc_upstream_free(struct fbc_upstream *u);

int fbc_upstream_fd(const struct fbc_upstream *u);

/* POLLIN and POLLOUT as wanted now. */
short fbc_upstream_events(const struct fbc_upstream *u);

/* There is work without waiting for fd: call fbc_upstream_io(u, 0, ...). */
bool fbc_upstream_pending(const struct fbc_upstream *u);

/*
 * Reads, decodes and writes what is there: bounded work, a few milliseconds at
 * most.  *what is set also on failure, to NOTHING.  After a failure (closed by
 * the server: status FBC_EXIT_ENV; refused: FBC_EXIT_INPUT) only
 * fbc_upstream_free() and the statistics are of use.
 */
int FBC_MUST_CHECK fbc_upstream_io(struct fbc_upstream *u, short revents,
                                   unsigned int *what, struct fbc_error *e);

/*
 * 4 bytes a pixel: blue, green, red, unused.  NULL before READY.  Valid until
 * the next fbc_upstream_io(), which may also change its size.  stride: bytes.
 */
const uint8_t *fbc_upstream_picture(const struct fbc_upstream *u,
                                    uint32_t *width, uint32_t *height,
                                    size_t *stride);

/*
 * Asks for an update of the whole screen: incremental, of what has changed.
 * Does nothing before READY.
 */
void fbc_upstream_request(struct fbc_upstream *u, bool incremental);

/*
 * Input for the guest.  Nothing is merged or dropped: a server that does not
 * read makes the next fbc_upstream_io() fail.  Before READY, and with
 * view_only, they do nothing.
 */
void fbc_upstream_key(struct fbc_upstream *u, bool down, uint32_t keysym);
/* Sends a plain key when the server has not announced QEMU's extension. */
void fbc_upstream_key_ext(struct fbc_upstream *u, bool down, uint32_t keysym,
                          uint32_t keycode);
/* Clamped to the screen. */
void fbc_upstream_pointer(struct fbc_upstream *u, uint8_t buttons, uint32_t x,
                          uint32_t y);

void fbc_upstream_stats(const struct fbc_upstream *u,
                        struct fbc_upstream_stats *stats);

#endif /* FBC_LIB_UPSTREAM_H */
