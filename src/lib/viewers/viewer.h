/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One viewer of lib/viewers/viewers.h: what lies between its socket and
 * libvncserver.
 *
 *   socket --> in --> (cut, filtered) --> pair --> libvncserver
 *   socket <-- out <------ answers ------ pair <--     |
 *               ^-------------- updates ---------------+
 *
 * libvncserver blocks when a message is not complete or cannot be written, for
 * seconds.  So its socket is one end of a socketpair into which we put whole
 * messages and from which we take its short answers; and while it sends an
 * update, its socket is a file in memory (cl->sock is a public member, and
 * there is one thread), which always takes everything.
 */
#ifndef FBC_LIB_VIEWER_H
#define FBC_LIB_VIEWER_H

#include <rfb/rfb.h>
#include <rfb/rfbregion.h>      /* or FB_UPDATE_PENDING() guesses its types */

#include "lib/viewers/viewers.h"
#include "parse/rfb/rfbs.h"

#define FBC_VIEWER_KEYS 16          /* remembered as pressed */
#define FBC_VIEWER_OUT  (32u << 20) /* the largest picture, raw, and more */

struct fbc_viewer {
    const struct fbc_viewers_opts *opts;
    struct fbc_viewers_stats *stats;
    unsigned int who;
    int fd;
    int lib, pair;                  /* libvncserver's end, and ours */
    int out;                        /* the file in memory */
    uint8_t *map;                   /* of it */
    size_t out_len, out_off;        /* bytes in it, of these sent */
    size_t out_room;                /* that the file has at least */
    size_t out_most;                /* that its memory may hold */
    rfbClientPtr cl;                /* NULL until the version has come */
    bool lost;                      /* cl has closed its socket */

    uint8_t in[FBC_RFBS_MAX];
    size_t in_len;
    uint32_t skip;                  /* bytes of a text to come */
    uint8_t *text;                  /* what has come of it; NULL: not wanted */
    size_t text_len;
    bool waits;                     /* in holds messages, for who is busy */

    bool dead;                      /* to be freed */
    bool dropped;                   /* and not because it wanted to go */
    bool goodbye;                   /* dead when out is sent */
    bool encodings;                 /* has sent them */
    bool resize;                    /* and can follow a new size */
    bool zrle;                      /* wanted, but Raw is sent */
    bool old_size;                  /* does not know the current size */
    enum {
        FBC_VIEWER_PLAIN_KEYS,
        FBC_VIEWER_ASKED,           /* for QEMU's key events */
        FBC_VIEWER_TOLD,            /* that they are understood */
    } key_ext;

    uint64_t step;                  /* ns: when this of the handshake began */
    uint64_t moved;                 /* ns: last byte that was sent */
    uint64_t since;                 /* first change not sent yet; 0: none */
    uint64_t sending;               /* since, of the update in out */

    struct fbc_viewer_key {
        uint32_t keysym, keycode;
    } keys[FBC_VIEWER_KEYS];
    size_t nkeys;
    uint8_t buttons;
    uint16_t x, y;
};

uint64_t fbc_viewer_now(const struct fbc_viewers_opts *opts);

/* Takes over fd in any case.  NULL: no memory, no descriptors. */
struct fbc_viewer *fbc_viewer_new(int fd, bool greeted, unsigned int who,
                                  const struct fbc_viewers_opts *opts,
                                  struct fbc_viewers_stats *stats);
/* Releases keys and buttons; not while libvncserver is at work for it. */
void fbc_viewer_free(struct fbc_viewer *v);

/* Wipes and frees it. */
void fbc_viewer_forget_text(struct fbc_viewer *v);

/* Marks it to be freed: it broke the rules. */
void fbc_viewer_drop(struct fbc_viewer *v);

/* Does it have to wait with what it sends? */
bool fbc_viewer_busy(const struct fbc_viewer *v);
short fbc_viewer_events(const struct fbc_viewer *v);
/* Takes what came, and hands it to libvncserver. */
void fbc_viewer_read(struct fbc_viewer *v, rfbScreenInfoPtr screen);
/* Lets libvncserver send what is due, when all that came before is gone. */
void fbc_viewer_update(struct fbc_viewer *v);
void fbc_viewer_write(struct fbc_viewer *v);
/* The update that is due without libvncserver; false: this one needs it. */
bool fbc_viewer_raw(struct fbc_viewer *v);

/* Gives memory back that was not used for a while. */
void fbc_viewer_tidy(struct fbc_viewer *v, uint64_t now);

/* Puts bytes into its stream, between messages. */
void fbc_viewer_say(struct fbc_viewer *v, const void *data, size_t len);

/* Has libvncserver given it up?  Then it has closed *fd, cl's socket. */
void fbc_viewer_check_lost(struct fbc_viewer *v, int *fd);

/* The picture has another size now; libvncserver knows. */
void fbc_viewer_resized(struct fbc_viewer *v);

#endif /* FBC_LIB_VIEWER_H */
