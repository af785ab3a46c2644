/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The server's side of RFB, for tests: encoders with a choice of how, so that
 * every way that a client must know can be had.  Whatever fails ends the
 * program.  Pictures are as in parse/rfb/rfbpix.h.
 */
#ifndef FBC_TEST_RFBENC_H
#define FBC_TEST_RFBENC_H

#include <zlib.h>

#include "parse/rfb/rfbc.h"

struct rfb_buf {
    uint8_t *p;
    size_t len, cap;
};

void rfb_put(struct rfb_buf *b, const void *data, size_t len);
void rfb_put8(struct rfb_buf *b, unsigned int v);
void rfb_put16(struct rfb_buf *b, unsigned int v);
void rfb_put32(struct rfb_buf *b, uint32_t v);
void rfb_buf_free(struct rfb_buf *b);

enum rfb_how {
    RFB_PLAIN,                  /* all pixels as they are */
    RFB_SOLID,                  /* one colour, where it is one */
    RFB_PALETTE,                /* Tight: 2 to 256; ZRLE: 2 to 16, packed;
                                   Hextile: two colours, subrectangles */
    RFB_RLE,                    /* ZRLE */
    RFB_PALETTE_RLE,            /* ZRLE: 2 to 127 */
    RFB_COLOURED,               /* Hextile: subrectangles of any colour */
    RFB_GRADIENT,               /* Tight */
};

struct rfb_enc {
    int32_t encoding;
    enum rfb_how how;           /* what cannot be done so is done plainly */
    int level;                  /* of zlib */
    unsigned int stream;        /* of Tight */
    uint8_t reset;              /* Tight: streams to begin anew, bits */
    z_stream z[FBC_INFLATE_STREAMS];
    bool begun[FBC_INFLATE_STREAMS];
};

void rfb_enc_end(struct rfb_enc *e);

/* Message head of an update with n rectangles. */
void rfb_update(struct rfb_buf *b, unsigned int n);
/* Rectangle head only. */
void rfb_rect_head(struct rfb_buf *b, const struct fbc_rect *r,
                   int32_t encoding);
/* A whole rectangle. */
void rfb_rect(struct rfb_buf *b, struct rfb_enc *e, const uint8_t *pic,
              size_t stride, const struct fbc_rect *r);
/* What goes through zlib, with the stream's end of block. */
void rfb_deflate(struct rfb_enc *e, unsigned int stream, struct rfb_buf *out,
                 const void *data, size_t len);
void rfb_tight_len(struct rfb_buf *b, size_t len);

/* Version 3.minor up to ServerInit, without security. */
void rfb_hello(struct rfb_buf *b, unsigned int minor, unsigned int width,
               unsigned int height);
void rfb_server_init(struct rfb_buf *b, unsigned int width,
                     unsigned int height);

#endif /* FBC_TEST_RFBENC_H */
