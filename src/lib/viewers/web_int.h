/* SPDX-License-Identifier: GPL-2.0-only */
/* What web.c, web_http.c, web_ws.c and web_conn.c share. */
#ifndef FBC_LIB_WEB_INT_H
#define FBC_LIB_WEB_INT_H

#include "lib/viewers/web.h"
#include "parse/web/http.h"
#include "parse/web/ws.h"

#define WEB_TOKEN_TEXT 32u      /* hex digits */
#define WEB_OUT        65536u
#define WEB_FILE_MAX   (16u << 20)

/* Milliseconds. */
#define WEB_SNIFF_MS   5000     /* for a browser to speak first */
#define WEB_RESNIFF_MS 25       /* it said too little to tell */
#define WEB_ANSWER_MS  10000    /* for a VNC client to answer the greeting */
/*
 * Browsers make connections before they know what for.  While one loads the
 * page, a silent connection is given that long to turn out to be such a one.
 */
#define WEB_LOAD_MS    15000    /* since a request with the token */
#define WEB_SPARE_MS   10000    /* after which browsers close spare ones */
#define WEB_HEAD_MS    10000    /* for a whole request */
#define WEB_STALL_MS   30000    /* output that does not move */
#define WEB_CLOSE_MS   2000     /* for the peer to close, too */

enum web_state {
    WEB_FREE,
    WEB_SNIFF,                  /* browser or VNC client? */
    WEB_GREETED,                /* still the question, but RFB was said */
    WEB_HEAD,                   /* reading a request */
    WEB_SEND,                   /* sending a response, then its file */
    WEB_DRAIN,                  /* all is sent: waiting for the peer's end */
    WEB_BRIDGE,                 /* WebSocket, to and from a viewer's socket */
    WEB_CLOSING,                /* close frame sent, waiting for the peer's */
};

struct web_conn {
    enum web_state state;
    int fd;
    uint64_t born;              /* a number that rises with each connection */
    uint64_t deadline;          /* ms; 0: none */
    bool sniff_later;           /* WEB_SNIFF: look again at the deadline */
    uint64_t accepted;          /* ms */
    uint64_t answer_by;         /* WEB_GREETED: ms */
    int file;                   /* WEB_SEND: -1: none */
    uint64_t file_left;
    int viewer;                 /* our end of the socket pair; -1: none */
    struct fbc_ws ws;
    uint8_t *pending;           /* in in[]: for the viewer */
    size_t pending_len;
    size_t in_pos, in_len;
    size_t out_pos, out_len;
    uint8_t in[FBC_HTTP_MAX_HEAD];
    uint8_t out[WEB_OUT];
};

struct fbc_web {
    struct fbc_web_opts o;
    char host[64];
    char token[WEB_TOKEN_TEXT + 1];
    uint64_t born;
    uint64_t loading;           /* ms: a browser loads the page until then */
    struct web_conn conn[FBC_WEB_CONNECTIONS];
};

uint64_t web_now(const struct fbc_web *w);
void web_close(struct web_conn *c);

/* Lets the connection send out[], then the file, then end. */
void web_finish(struct fbc_web *w, struct web_conn *c);

/*
 * Sends what it can of out[] and moves the deadline when something went.
 * False: the connection was closed.
 */
bool web_flush(struct fbc_web *w, struct web_conn *c);

/* Reads a request and answers it when it is whole; late: answers it now. */
void web_request(struct fbc_web *w, struct web_conn *c);
void web_late(struct fbc_web *w, struct web_conn *c);

/*
 * Takes text into out[] as far as it fits; the response's headers are bounded
 * by construction.
 */
void web_put(struct web_conn *c, const char *text, ...)
    __attribute__((__format__(printf, 2, 3)));

/*
 * The hashes of a page's inline scripts and styles, for its policy: " 'sha256-
 * ...'" each, in script and style.  fd stays at its start.  False: the page
 * cannot be read, or has too many.
 */
#define WEB_HASHES_TEXT 2048u
struct web_hashes {
    char script[WEB_HASHES_TEXT], style[WEB_HASHES_TEXT];
};
bool FBC_MUST_CHECK web_hash_page(int fd, size_t len, struct web_hashes *h);

/* Does the path name the bridge? */
bool web_ws_is(const struct fbc_http *r);

/*
 * Upgrades a request whose origin and token are good.  200: done; else the
 * status to refuse it with.
 */
int web_ws_open(struct fbc_web *w, struct web_conn *c,
                const struct fbc_http *r);

/* Which of POLLIN and POLLOUT the connection and its viewer wait for. */
short web_ws_events(const struct web_conn *c);
short web_ws_viewer_events(const struct web_conn *c);

/* Moves bytes both ways until nothing moves any more. */
void web_ws_io(struct fbc_web *w, struct web_conn *c);

#endif /* FBC_LIB_WEB_INT_H */
