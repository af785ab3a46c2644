/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the parts of the RFB client. */
#ifndef FBC_LIB_UPSTREAM_INT_H
#define FBC_LIB_UPSTREAM_INT_H

#include "lib/upstream/upstream.h"
#include "lib/upstream/zstreams.h"
#include "parse/rfb/rfbc.h"

#define FBC_UPSTREAM_IN    65536u
#define FBC_UPSTREAM_OUT   65536u

struct fbc_upstream {
    int fd;
    bool view_only;
    bool ready;
    bool requested;             /* and no update with pixels since */
    bool hold;                  /* no input until a request */
    bool worked;                /* the decoder stopped to let others work */
    bool stuck;                 /* out has run over */
    uint64_t rects;             /* when the last update was complete */
    uint8_t *pic;
    size_t pic_len;
    size_t in_pos, in_len;      /* what is left in in[] */
    size_t out_pos, out_len;    /* the part of out[] still to send */
    struct fbc_upstream_stats stats;
    char password[FBC_UPSTREAM_PASSWORD_MAX + 1];
    struct fbc_rfbc rfb;
    struct fbc_zstreams z;
    uint8_t in[FBC_UPSTREAM_IN];
    uint8_t out[FBC_UPSTREAM_OUT];
};

/* Queues bytes for the server. */
void fbc_upstream_put(struct fbc_upstream *u, const void *data, size_t len);

#endif /* FBC_LIB_UPSTREAM_INT_H */
