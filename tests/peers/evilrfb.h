/* SPDX-License-Identifier: GPL-2.0-only */
/* The one client of the malicious server: RFB 3.3 to 3.8, so far honest. */
#ifndef FBC_TEST_EVILRFB_H
#define FBC_TEST_EVILRFB_H

#include "evilshadow.h"
#include "lib/upstream/vncauth.h"
#include "../unit/rfbenc.h"

struct evil_client {
    /* Of all clients. */
    unsigned int minor;         /* of the protocol's version: 3, 7, 8 */
    const char *password;       /* NULL: none */
    bool huge;                  /* claim a screen of 8192x8192 */
    struct evil *shadow;
    struct rfb_enc enc;

    int fd;                     /* -1: none */
    struct rfb_buf out;         /* not sent yet */
    size_t out_pos;
    uint8_t in[1 << 17];
    size_t in_len;
    bool ready;                 /* past the handshake */
    int stage;                  /* of it */
    bool asked, whole;          /* for an update; for all of it */
    bool resized;               /* the client must be told */
    bool mute, closing;         /* nothing more; nothing after out */
    uint64_t begun;             /* first honest update; 0: none yet */
    uint8_t *has;               /* what the client has got */
    uint8_t challenge[FBC_VNCAUTH_LEN];
};

/* Milliseconds, never 0. */
uint64_t evil_now(void);

void evil_client_begin(struct evil_client *c, int fd);
void evil_client_drop(struct evil_client *c);

/* When fd is readable, writable; both may drop the client. */
void evil_client_receive(struct evil_client *c);
void evil_client_transmit(struct evil_client *c);

/* Sends what has changed, if that was asked for. */
void evil_client_update(struct evil_client *c);

/* The shadow has another size now. */
void evil_client_resized(struct evil_client *c);

#endif /* FBC_TEST_EVILRFB_H */
