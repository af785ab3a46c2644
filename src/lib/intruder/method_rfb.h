/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of a VNC client (RFC 6143) as one picture takes. */
#ifndef FBC_LIB_METHOD_RFB_H
#define FBC_LIB_METHOD_RFB_H

#include "core/fbc.h"

struct fbc_rfb {
    int fd;
    uint32_t width, height;
    uint8_t *pixels;            /* BGRX, rows packed, owned here */
};

/*
 * Connects to this machine's TCP port.  0, or an errno (EACCES: a password is
 * wanted) with nothing to close.
 */
int FBC_MUST_CHECK fbc_rfb_open(struct fbc_rfb *c, uint16_t port);

/* The whole screen, once; every wait is at most some seconds. */
int FBC_MUST_CHECK fbc_rfb_capture(struct fbc_rfb *c);
void fbc_rfb_close(struct fbc_rfb *c);

#endif /* FBC_LIB_METHOD_RFB_H */
