/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The server for stock VNC viewers: one picture, many viewers, each with its
 * own pixel format and encoding.
 *
 * Encoding and the bookkeeping of what each viewer has seen is libvncserver's:
 * a library that is kept well beats code of our own, and its peer, a viewer on
 * the tenant's own machine, is far less hostile than dom0, to which we talk
 * with a client of our own (lib/upstream/upstream.h).  It never sees a socket,
 * though: it reads messages that parse/rfb/rfbs.h has cut and found to be
 * harmless, and writes into memory, from where they are sent as the viewer
 * takes them.  So no viewer can block it, and its websockets, file transfer
 * and so on are out of reach.
 *
 * Nothing here blocks.
 */
#ifndef FBC_LIB_VIEWERS_H
#define FBC_LIB_VIEWERS_H

#include <poll.h>

#include "core/geom.h"
#include "lib/base/fail.h"

#define FBC_VIEWERS_MAX 16
#define FBC_VIEWERS_TEXT 4096                   /* bytes of a clipboard */
#define FBC_VIEWERS_NAME 128
#define FBC_VIEWERS_VERSION "RFB 003.008\n"     /* the greeting */

struct fbc_viewers;

struct fbc_viewers_opts {
    const char *name;           /* fbc_viewers_name(); NULL: "" */
    const char *password;       /* NULL: none; 8 characters count; copied */
    bool view_only;             /* key and pointer are never called */

    /*
     * Input, in pixels of the picture.  who, below FBC_VIEWERS_MAX, is one
     * viewer until it goes, and then another one.  keycode: as in QEMU's
     * extended key events; 0: unknown.  A viewer that goes releases its keys
     * and buttons.
     */
    void (*key)(void *arg, unsigned int who, bool down, uint32_t keysym,
                uint32_t keycode);
    void (*pointer)(void *arg, unsigned int who, uint8_t buttons, uint16_t x,
                    uint16_t y);
    /*
     * The text of a viewer's clipboard, ISO 8859-1, of which longer ones are
     * left out; NULL: they are read over.
     */
    void (*text)(void *arg, const uint8_t *text, size_t len);
    /* While it is, viewers are not read: they wait.  May be NULL: never. */
    bool (*busy)(void *arg);
    /* A viewer has been sent what was changed so long ago; may be NULL. */
    void (*shown)(void *arg, uint64_t ns);
    /* A viewer is cut off as its user gave no password; may be NULL. */
    void (*late)(void *arg, uint64_t ns);
    void *arg;
    uint64_t (*clock_ns)(void *arg);    /* for tests; NULL: the real one */
};

struct fbc_viewers_stats {
    uint64_t accepted, refused; /* refused: too many at once */
    uint64_t dropped;           /* broke the protocol, or did not read */
    uint64_t updates, bytes;    /* sent */
};

/* picture as for fbc_viewers_show(). */
int FBC_MUST_CHECK fbc_viewers_new(const struct fbc_viewers_opts *opts,
                                   uint8_t *picture, uint32_t width,
                                   uint32_t height, struct fbc_viewers **v,
                                   struct fbc_error *e);
/* For viewers that come from now on; the first FBC_VIEWERS_NAME - 1 bytes. */
void fbc_viewers_name(struct fbc_viewers *v, const char *name);
/* Says goodbye to all; v may be NULL. */
void fbc_viewers_free(struct fbc_viewers *v);

/*
 * A new viewer on a connected stream socket (TCP, unix, one end of a
 * socketpair), of which it has not read anything yet; greeted:
 * FBC_VIEWERS_VERSION, and nothing else, has been sent.  fd is taken over in
 * any case.  When there are too many, the oldest goes of those that have said
 * nothing, or else have not got through the handshake.  -1: none has, or no
 * memory.
 *
 * A viewer has 10 s for its greeting, as no person has to do with it, and 5
 * minutes for each further step of the handshake, in which somebody may be
 * asked for a password.
 */
int fbc_viewers_add(struct fbc_viewers *v, int fd, bool greeted);
unsigned int fbc_viewers_count(const struct fbc_viewers *v);

/*
 * Shows another picture: 4 bytes a pixel, blue, green, red, unused; rows
 * packed.  It stays the caller's, who draws in it, between calls of
 * fbc_viewers_run(), and says what has changed.  A viewer that cannot follow
 * when the size is another one is dropped.
 */
void fbc_viewers_show(struct fbc_viewers *v, uint8_t *picture, uint32_t width,
                      uint32_t height, uint64_t since);
/* r lies in the picture; since when: CLOCK_MONOTONIC, ns. */
void fbc_viewers_changed(struct fbc_viewers *v, const struct fbc_rect *r,
                         uint64_t since);
/* At most once a second. */
void fbc_viewers_bell(struct fbc_viewers *v);

/*
 * Fills fds, of room for FBC_VIEWERS_MAX, and returns how many it used; hand
 * the same back after poll(), which must not sleep longer than timeout (ms,
 * -1: any time).
 */
size_t fbc_viewers_poll(const struct fbc_viewers *v, struct pollfd *fds);
int fbc_viewers_timeout(const struct fbc_viewers *v);
void fbc_viewers_run(struct fbc_viewers *v, const struct pollfd *fds,
                     size_t n);

void fbc_viewers_stats(const struct fbc_viewers *v,
                       struct fbc_viewers_stats *stats);

#endif /* FBC_LIB_VIEWERS_H */
