/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of a VNC client (RFC 6143) as one picture takes. */
#include "lib/intruder/method_rfb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "parse/picture/framehdr.h"

#define WAIT_S      10
#define NAME_MAX_LEN (1u << 16)
#define SECURITY_NONE 1

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
    return be16(p) << 16 | be16(p + 2);
}

static int get_bytes(const struct fbc_rfb *c, void *buf, size_t len)
{
    ssize_t n = fbc_read(c->fd, buf, len, NULL);

    if ( n == (ssize_t)len )
        return 0;

    return n < 0 && errno != EAGAIN ? errno : n < 0 ? ETIMEDOUT : EPIPE;
}

static int put_bytes(const struct fbc_rfb *c, const void *buf, size_t len)
{
    return fbc_write(c->fd, buf, len) ? errno : 0;
}

static int skip(const struct fbc_rfb *c, uint32_t len)
{
    uint8_t buf[256];
    int rc = 0;

    if ( len > NAME_MAX_LEN )
        return EPROTO;
    while ( len && !rc )
    {
        uint32_t n = len < sizeof(buf) ? len : sizeof(buf);

        rc = get_bytes(c, buf, n);
        len -= n;
    }

    return rc;
}

/* Version and security; no password. */
static int greet(const struct fbc_rfb *c)
{
    uint8_t buf[256], n, i;
    int rc = get_bytes(c, buf, 12);

    if ( rc )
        return rc;
    if ( memcmp(buf, "RFB 003.00", 10) || buf[10] < '8' )
        return EPROTO;
    rc = put_bytes(c, "RFB 003.008\n", 12) ?: get_bytes(c, &n, 1) ?:
         get_bytes(c, buf, n);
    if ( rc )
        return rc;
    for ( i = 0; i < n && buf[i] != SECURITY_NONE; i++ )
        ;
    if ( i == n )
        return EACCES;
    buf[0] = SECURITY_NONE;
    rc = put_bytes(c, buf, 1) ?: get_bytes(c, buf, 4);

    return rc ?: (be32(buf) ? EACCES : 0);
}

/* Shared session, 32 bits a pixel as in a frame stream, raw rectangles. */
static int start(struct fbc_rfb *c)
{
    static const uint8_t format[20] = { 0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0,
                                        255, 0, 255, 16, 8, 0 };
    static const uint8_t encodings[8] = { 2, 0, 0, 1, 0, 0, 0, 0 };
    static const uint8_t shared = 1;
    uint8_t init[24];
    int rc = greet(c) ?: put_bytes(c, &shared, 1) ?:
             get_bytes(c, init, sizeof(init)) ?: skip(c, be32(init + 20));

    if ( rc )
        return rc;
    c->width = be16(init);
    c->height = be16(init + 2);
    if ( !c->width || !c->height ||
         (uint64_t)c->width * c->height > FBC_FRAME_MAX_PIXELS )
        return EPROTO;
    c->pixels = calloc((size_t)c->width * c->height, 4);
    if ( !c->pixels )
        return ENOMEM;

    return put_bytes(c, format, sizeof(format)) ?:
           put_bytes(c, encodings, sizeof(encodings));
}

int fbc_rfb_open(struct fbc_rfb *c, uint16_t port)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const struct timeval wait = { .tv_sec = WAIT_S };
    int rc;

    memset(c, 0, sizeof(*c));
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if ( c->fd < 0 )
        return errno;
    if ( setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ||
         setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) ||
         connect(c->fd, (const struct sockaddr *)&at, sizeof(at)) )
        rc = errno;
    else
        rc = start(c);
    if ( rc )
        fbc_rfb_close(c);

    return rc;
}

void fbc_rfb_close(struct fbc_rfb *c)
{
    close(c->fd);
    free(c->pixels);
    c->pixels = NULL;
}

static int rectangle(struct fbc_rfb *c, uint64_t *covered)
{
    uint32_t x, y, w, h;
    uint8_t head[12];
    int rc = get_bytes(c, head, sizeof(head));

    if ( rc )
        return rc;
    x = be16(head);
    y = be16(head + 2);
    w = be16(head + 4);
    h = be16(head + 6);
    if ( be32(head + 8) || x + w > c->width || y + h > c->height )
        return EPROTO;
    *covered += (uint64_t)w * h;
    for ( ; h && !rc; h--, y++ )
        rc = get_bytes(c, c->pixels + ((size_t)y * c->width + x) * 4, w * 4);

    return rc;
}

static int message(struct fbc_rfb *c, uint64_t *covered)
{
    uint8_t head[8];
    uint32_t i;
    int rc = get_bytes(c, head, 1);

    if ( rc )
        return rc;
    switch ( head[0] )
    {
    case 0:                     /* FramebufferUpdate */
        rc = get_bytes(c, head, 3);
        for ( i = rc ? 0 : be16(head + 1); i && !rc; i-- )
            rc = rectangle(c, covered);
        return rc;

    case 2:                     /* Bell */
        return 0;

    case 3:                     /* ServerCutText */
        return get_bytes(c, head, 7) ?: skip(c, be32(head + 3));
    }

    return EPROTO;
}

int fbc_rfb_capture(struct fbc_rfb *c)
{
    const uint8_t all[10] = { 3, 0, 0, 0, 0, 0, (uint8_t)(c->width >> 8),
                              (uint8_t)c->width, (uint8_t)(c->height >> 8),
                              (uint8_t)c->height };
    uint64_t covered = 0;
    int rc = put_bytes(c, all, sizeof(all));

    while ( !rc && covered < (uint64_t)c->width * c->height )
        rc = message(c, &covered);

    return rc;
}
