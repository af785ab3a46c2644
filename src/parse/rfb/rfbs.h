/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages of viewers to an RFB server (RFC 6143 7.1, 7.5; QEMU's extended key
 * event), cut into whole messages and made harmless before a library may see
 * them.
 *
 * Let through are pixel formats that make sense, lossless encodings, requests
 * for updates, keys and the pointer.  Texts of the viewer's clipboard are
 * skipped: they are the tenant's, and upstream is dom0.  Anything else ends
 * the connection.
 */
#ifndef FBC_PARSE_RFBS_H
#define FBC_PARSE_RFBS_H

#include "core/fbc.h"

#define FBC_RFBS_VERSION_LEN 12
#define FBC_RFBS_ENCODINGS   512            /* that a viewer may list */
#define FBC_RFBS_MAX         (4 + 4 * FBC_RFBS_ENCODINGS)
#define FBC_RFBS_MAX_TEXT    (64u << 20)
/* Higher ones only take longer: viewers are near. */
#define FBC_RFBS_COMPRESSION 2

enum fbc_rfbs_kind {
    FBC_RFBS_SERVER,            /* for the library: server_len bytes */
    FBC_RFBS_ENCODINGS_SET,     /* the same, with the flags below */
    FBC_RFBS_KEY,
    FBC_RFBS_POINTER,
    FBC_RFBS_TEXT,              /* skip bytes follow */
};

struct fbc_rfbs_message {
    enum fbc_rfbs_kind kind;
    size_t len;                 /* of the message as received */
    size_t server_len;
    uint32_t skip;

    bool key_ext;               /* wants QEMU's extended key events */
    bool resize;                /* understands a new size of the picture */

    bool down;
    uint32_t keysym, keycode;   /* keycode 0: an ordinary key event */
    uint8_t buttons;
    uint16_t x, y;
};

/*
 * The message at buf, which may be rewritten in place.  FBC_ERR_PENDING: more
 * bytes are needed, up to FBC_RFBS_MAX; FBC_ERR_FORMAT, FBC_ERR_RANGE:
 * not one that is let through.
 */
enum fbc_err FBC_MUST_CHECK fbc_rfbs_next(uint8_t *buf, size_t len,
                                          struct fbc_rfbs_message *m);

/*
 * Rewrites the version that a viewer answered with to one that is known:
 * 3.3, 3.7, 3.8, or Apple's 3.889, which is a protocol of its own.
 */
enum fbc_err FBC_MUST_CHECK
fbc_rfbs_version(uint8_t version[static FBC_RFBS_VERSION_LEN]);

#endif /* FBC_PARSE_RFBS_H */
