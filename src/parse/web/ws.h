/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The server's side of WebSocket framing (RFC 6455), binary messages only.
 * Fed with whatever chunks come; payload is unmasked where it lies, nothing is
 * collected but the payload of control frames.
 */
#ifndef FBC_PARSE_WS_H
#define FBC_PARSE_WS_H

#include "core/fbc.h"

#define FBC_WS_KEY_TEXT    24u          /* characters */
#define FBC_WS_MAX_CONTROL 125u
#define FBC_WS_MAX_HEADER  10u          /* of a server's frame */
#define FBC_WS_MAX_MESSAGE (1u << 20)   /* bytes a client's message may have */

enum fbc_ws_opcode {
    FBC_WS_CONTINUE = 0,
    FBC_WS_TEXT = 1,
    FBC_WS_BINARY = 2,
    FBC_WS_CLOSE = 8,
    FBC_WS_PING = 9,
    FBC_WS_PONG = 10,
};

/* RFC 6455 7.4.1 */
enum fbc_ws_code {
    FBC_WS_NORMAL = 1000,
    FBC_WS_GOING_AWAY = 1001,
    FBC_WS_PROTOCOL = 1002,
    FBC_WS_UNACCEPTABLE = 1003,         /* text */
    FBC_WS_NO_CODE = 1005,              /* never on the wire */
    FBC_WS_BAD_DATA = 1007,             /* a reason that is not UTF-8 */
    FBC_WS_TOO_BIG = 1009,
};

enum fbc_ws_event {
    FBC_WS_MORE,        /* all input is used up */
    FBC_WS_GOT_DATA,    /* data, data_len: the next bytes of the stream */
    FBC_WS_GOT_PING,    /* control, control_len: what a pong must carry */
    FBC_WS_GOT_CLOSE,   /* code: the client's, or FBC_WS_NO_CODE */
    FBC_WS_FAILED,      /* code: what to close the connection with */
};

struct fbc_ws {
    uint8_t *data;                  /* in the caller's buffer */
    size_t data_len;
    uint8_t control[FBC_WS_MAX_CONTROL];
    uint8_t control_len;
    uint16_t code;
    /* Private from here on. */
    uint8_t header[14], have, need;
    uint8_t opcode;
    bool message, over;             /* inside a fragmented one; closed */
    uint8_t mask[4];
    uint32_t left, done;            /* payload bytes of this frame */
    uint32_t message_len;
};

void fbc_ws_begin(struct fbc_ws *ws);

/*
 * Takes bytes from buf, which it unmasks in place, until there is something
 * to tell; *used: how many.  To be called again with the rest.  Pongs are
 * swallowed.  After FBC_WS_GOT_CLOSE and FBC_WS_FAILED all input is ignored.
 */
enum fbc_ws_event FBC_MUST_CHECK
fbc_ws_next(struct fbc_ws *ws, uint8_t *buf, size_t len, size_t *used);

/* The header of an unfragmented server frame; returns its length. */
size_t fbc_ws_header(uint8_t out[static FBC_WS_MAX_HEADER],
                     enum fbc_ws_opcode opcode, uint64_t payload_len);

/* Is this a Sec-WebSocket-Key: 16 bytes in canonical base64? */
bool fbc_ws_key_ok(const char *key, size_t len);

#endif /* FBC_PARSE_WS_H */
