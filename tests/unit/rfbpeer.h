/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An RFB client (parse/rfb/rfbc.h) with what it needs, in heap blocks of
 * exactly the right size, and a log of what it reports.
 */
#ifndef FBC_TEST_RFBPEER_H
#define FBC_TEST_RFBPEER_H

#include <stdlib.h>

#include "lib/upstream/zstreams.h"
#include "parse/rfb/rfbc.h"
#include "must.h"

struct peer {
    struct fbc_rfbc c;
    struct fbc_zstreams z;
    uint8_t *pic;
    uint8_t sent[512];          /* by the client, in the handshake */
    size_t sent_len;
    unsigned int sizes, updates, bells, auths, worked;
};

static inline void peer_init(struct peer *p)
{
    memset(p, 0, sizeof(*p));
    fbc_rfbc_init(&p->c);
    p->c.inflate = fbc_zstreams_inflate(&p->z);
}

static inline void peer_free(struct peer *p)
{
    fbc_zstreams_end(&p->z);
    free(p->pic);
}

static inline void peer_event(struct peer *p, enum fbc_rfbc_event event)
{
    static const uint8_t response[16] = "0123456789abcdef";

    switch ( event )
    {
    case FBC_RFBC_NONE:
        break;
    case FBC_RFBC_WORKED:
        p->worked++;
        break;
    case FBC_RFBC_AUTH:
        p->auths++;
        fbc_rfbc_auth(&p->c, response);
        break;
    case FBC_RFBC_SIZE:
        p->sizes++;
        free(p->pic);
        p->pic = calloc(p->c.height, p->c.width * 4u);
        MUST(p->pic);
        fbc_rfbc_picture(&p->c, p->pic, p->c.width * 4u);
        break;
    case FBC_RFBC_UPDATE:
        p->updates++;
        break;
    case FBC_RFBC_BELL:
        p->bells++;
        break;
    }

    MUST(p->c.out_len <= sizeof(p->sent) - p->sent_len);
    memcpy(p->sent + p->sent_len, p->c.out, p->c.out_len);
    p->sent_len += p->c.out_len;
    p->c.out_len = 0;
}

/* All of one piece. */
static inline enum fbc_err peer_piece(struct peer *p, const uint8_t *data,
                                      size_t len)
{
    uint8_t *copy = malloc(len + !len);
    struct fbc_src src = { copy, len };
    enum fbc_rfbc_event event;
    enum fbc_err err;

    MUST(copy);
    if ( len )
        memcpy(copy, data, len);
    do {
        err = fbc_rfbc_feed(&p->c, &src, &event);
        peer_event(p, event);
    } while ( !err && event != FBC_RFBC_NONE );
    MUST(err || !src.len);
    free(copy);

    return err;
}

/* In pieces of 1 to max bytes; max 0: in one. */
static inline enum fbc_err peer_feed(struct peer *p, const uint8_t *data,
                                     size_t len, size_t max)
{
    static uint32_t seed = 1;
    enum fbc_err err = FBC_OK;
    size_t n;

    if ( !max )
        return peer_piece(p, data, len);
    for ( ; len && !err; data += n, len -= n )
    {
        seed = seed * 1664525 + 1013904223;
        n = 1 + (seed >> 8) % max;
        if ( n > len )
            n = len;
        err = peer_piece(p, data, n);
    }

    return err;
}

#endif /* FBC_TEST_RFBPEER_H */
