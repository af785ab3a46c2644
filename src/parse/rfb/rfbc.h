/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An RFB client (RFC 6143) towards a hostile server: what the server sends,
 * and what must be answered to get that far.
 *
 * It takes bytes in pieces of any size, with the same result however they are
 * cut.  It allocates nothing: the picture is the caller's, inflate is
 * injected.  The server is asked for 32 bits a pixel, as the picture has them,
 * and for no lossy encoding: one wrong bit of a ciphertext makes its whole tile
 * unreadable.  Clipboard texts are read over.
 *
 * CopyRect would be safe, as each tile is verified afterwards.  It is not
 * asked for, and refused, as it is of no use: what the hypervisor seals anew
 * never equals what was elsewhere before.
 */
#ifndef FBC_PARSE_RFBC_H
#define FBC_PARSE_RFBC_H

#include "core/be.h"
#include "core/geom.h"
#include "parse/rfb/rfbpix.h"

/* Limits of QEMU's VNC servers (ui/vnc.h: 2560x2048, later 2160 rows). */
#define FBC_RFBC_MAX_WIDTH  2560
#define FBC_RFBC_MAX_HEIGHT 2160
#define FBC_RFBC_MAX_TEXT   (1u << 20)  /* longer ones end the connection */
#define FBC_RFBC_MAX_NAME   65536
#define FBC_RFBC_REASON     100         /* of the server's own words */
#define FBC_RFBC_OUT        160
#define FBC_RFBC_SCRATCH    32768

enum fbc_rfb_encoding {
    FBC_RFB_RAW = 0,
    FBC_RFB_COPYRECT = 1,
    FBC_RFB_HEXTILE = 5,
    FBC_RFB_ZLIB = 6,
    FBC_RFB_TIGHT = 7,
    FBC_RFB_ZRLE = 16,
    FBC_RFB_DESKTOP_SIZE = -223,
    FBC_RFB_LAST_RECT = -224,
    FBC_RFB_COMPRESS_0 = -256,
    FBC_RFB_QEMU_KEY = -258,
    FBC_RFB_EXT_DESKTOP_SIZE = -308,
};

/* Streams 0 to 3 are Tight's. */
enum { FBC_INFLATE_ZLIB = 4, FBC_INFLATE_ZRLE = 5, FBC_INFLATE_STREAMS = 6 };

struct fbc_inflate {
    void *arg;
    /*
     * Advances *in and *in_len, puts at most *out_len bytes into out and says
     * in *out_len how many, also on failure.  0, or -1: not a zlib stream.
     */
    int (*run)(void *arg, unsigned int stream, const uint8_t **in,
               size_t *in_len, uint8_t *out, size_t *out_len);
    int (*reset)(void *arg, unsigned int stream);
};

enum fbc_rfbc_event {
    FBC_RFBC_NONE,              /* the input is used up */
    FBC_RFBC_WORKED,            /* work_max is: call again */
    FBC_RFBC_AUTH,              /* answer with fbc_rfbc_auth() */
    FBC_RFBC_SIZE,              /* answer with fbc_rfbc_picture() */
    FBC_RFBC_UPDATE,            /* a FramebufferUpdate is complete */
    FBC_RFBC_BELL,
};

struct fbc_rfbc {
    /* Set by fbc_rfbc_init() or before the first fbc_rfbc_feed(). */
    struct fbc_inflate inflate;
    bool shared, password;
    int32_t prefer;             /* enum fbc_rfb_encoding */
    uint32_t work_max;          /* pixels and bytes in one call, about */

    /* Results. */
    uint32_t width, height;
    bool qemu_key;              /* the server takes extended key events */
    uint64_t rects, pixels;
    uint8_t challenge[16];
    const char *why;            /* of a refusal; static */
    int64_t why_number;         /* to be appended, -1: none */
    char reason[FBC_RFBC_REASON + 1];   /* the server's; printable ASCII */

    /* To be sent, then out_len reset by the caller. */
    uint8_t out[FBC_RFBC_OUT];
    uint32_t out_len;

    /* Private from here on. */
    uint8_t *pic;
    size_t stride;
    enum fbc_rfbc_state {
        FBC_RFBC_VERSION, FBC_RFBC_SECURITY_33, FBC_RFBC_TYPES,
        FBC_RFBC_TYPE, FBC_RFBC_CHALLENGE, FBC_RFBC_RESULT,
        FBC_RFBC_REASON_LEN, FBC_RFBC_REASON_TEXT, FBC_RFBC_INIT,
        FBC_RFBC_NAME, FBC_RFBC_MESSAGE, FBC_RFBC_HEAD, FBC_RFBC_RECT,
        FBC_RFBC_PIXELS, FBC_RFBC_SCREENS, FBC_RFBC_SKIP_SCREENS,
        FBC_RFBC_CUT_HEAD, FBC_RFBC_CUT_TEXT, FBC_RFBC_FAILED,
    } state;
    enum fbc_rfbc_event event;
    struct fbc_gather gather;   /* of the connection */
    struct fbc_gather inner;    /* of what was inflated */
    uint32_t work;
    uint8_t minor;              /* 3, 7 or 8 */
    uint8_t types;              /* security types to come */
    uint8_t offered;            /* bits: 1 none, 2 VNC authentication */
    uint32_t skip;              /* bytes to come of what state says */

    uint32_t rects_left;        /* of this update, with the current one */
    bool resized;               /* in this update */
    uint64_t area;              /* of this update */
    struct fbc_rect rect;
    int32_t encoding;

    uint8_t stage;              /* of the encoding's decoder */
    struct fbc_raster raster;   /* of the rectangle, or of a tile */
    uint32_t palette[256];
    uint32_t colours, have;     /* in the palette; of these, come */
    uint16_t tx, ty, tw, th;    /* a tile, from the rectangle's corner */
    bool decoded;               /* all pixels are there */
    struct fbc_rfbc_zip {
        unsigned int stream;
        uint32_t left;          /* compressed bytes to come */
        bool more;              /* inflate may hold back output */
    } zip;
    struct fbc_rfbc_tight {
        uint8_t control, filter;
        uint8_t len_bytes;      /* of the length, come */
        uint32_t len;
    } tight;
    struct fbc_rfbc_hextile {
        uint8_t mask, subrects;
        uint32_t bg, fg;
    } hextile;
    struct fbc_rfbc_zrle {
        uint8_t stage, sub;
        uint32_t colour, run;
    } zrle;
    uint8_t scratch[FBC_RFBC_SCRATCH];
};

void fbc_rfbc_init(struct fbc_rfbc *c);

/*
 * Takes bytes from *in until the caller has something to do, named in
 * *event.  After a failure there is no going on; c->why says what is wrong.
 * FBC_ERR_AUTH: the server wants none of us; c->reason may say why.
 */
enum fbc_err FBC_MUST_CHECK fbc_rfbc_feed(struct fbc_rfbc *c,
                                          struct fbc_src *in,
                                          enum fbc_rfbc_event *event);

/* The challenge, encrypted with the password. */
void fbc_rfbc_auth(struct fbc_rfbc *c, const uint8_t response[static 16]);

/* c->width * c->height pixels; stride in bytes.  The old one is not used. */
void fbc_rfbc_picture(struct fbc_rfbc *c, uint8_t *pic, size_t stride);

/* The server is past the handshake. */
static inline bool fbc_rfbc_ready(const struct fbc_rfbc *c)
{
    return c->pic;
}

#endif /* FBC_PARSE_RFBC_H */
