/* SPDX-License-Identifier: GPL-2.0-only */
/* The one client of the malicious server. */
#include "evilrfb.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint64_t evil_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000 + 1;
}

void evil_client_drop(struct evil_client *c)
{
    const int32_t encoding = c->enc.encoding;

    close(c->fd);
    rfb_buf_free(&c->out);
    rfb_enc_end(&c->enc);
    free(c->has);
    memset(&c->fd, 0, sizeof(*c) - offsetof(struct evil_client, fd));
    c->enc.encoding = encoding;
    c->fd = -1;
}

void evil_client_begin(struct evil_client *c, int fd)
{
    char version[16];

    c->fd = fd;
    puts("client");
    snprintf(version, sizeof(version), "RFB 003.%03u\n", c->minor % 1000);
    rfb_put(&c->out, version, 12);
}

static void offer_security(struct evil_client *c)
{
    const unsigned int type = c->password ? 2 : 1;

    if ( c->minor == 3 )
        rfb_put32(&c->out, type);
    else
        rfb_put16(&c->out, 1 << 8 | type);
}

static void send_challenge(struct evil_client *c)
{
    memset(c->challenge, 0x5a, sizeof(c->challenge));
    rfb_put(&c->out, c->challenge, sizeof(c->challenge));
}

enum { H_VERSION, H_TYPE, H_RESPONSE, H_INIT };

/* Bytes used; 0: more are needed. */
static size_t handshake(struct evil_client *c)
{
    static const size_t need[] = { 12, 1, FBC_VNCAUTH_LEN, 1 };
    uint8_t want[FBC_VNCAUTH_LEN];
    const int stage = c->stage;

    if ( c->in_len < need[stage] )
        return 0;
    switch ( stage )
    {
    case H_VERSION:
        offer_security(c);
        if ( c->minor == 3 && c->password )
            send_challenge(c);
        c->stage = c->minor > 3 ? H_TYPE : c->password ? H_RESPONSE : H_INIT;
        break;

    case H_TYPE:
        c->stage = c->password ? H_RESPONSE : H_INIT;
        if ( c->password )
            send_challenge(c);
        else if ( c->minor >= 8 )
            rfb_put32(&c->out, 0);
        break;

    case H_RESPONSE:
        c->stage = H_INIT;
        if ( fbc_vncauth(c->password, c->challenge, want) ||
             memcmp(want, c->in, sizeof(want)) )
        {
            rfb_put32(&c->out, 1);
            if ( c->minor >= 8 )
            {
                rfb_put32(&c->out, 14);
                rfb_put(&c->out, "wrong password", 14);
            }
            c->closing = true;
        }
        else
            rfb_put32(&c->out, 0);
        break;

    default:
        if ( c->huge )
            rfb_server_init(&c->out, 8192, 8192);
        else
            rfb_server_init(&c->out, c->shadow->g.swidth,
                            c->shadow->g.sheight);
        c->has = calloc(1, fbc_shadow_bytes(&c->shadow->g));
        c->ready = c->whole = true;
        break;
    }

    return need[stage];
}

/* Bytes used; 0: more are needed. */
static size_t message(struct evil_client *c)
{
    const uint8_t *p = c->in;
    size_t len = 0, n;

    switch ( p[0] )
    {
    case 0: len = 20; break;
    case 2: len = c->in_len < 4 ? 4 : 4 + fbc_get_be16(p + 2) * 4u; break;
    case 3: len = 10; break;
    case 4: len = 8; break;
    case 5: len = 6; break;
    case 6: len = c->in_len < 8 ? 8 : 8 + fbc_get_be32(p + 4); break;
    case 255: len = 12; break;
    default: errx(3, "message %u from the client", p[0]);
    }
    if ( len > sizeof(c->in) )
        errx(3, "message of %zu bytes from the client", len);
    if ( c->in_len < len )
        return 0;

    switch ( p[0] )
    {
    case 3:
        c->asked = true;
        c->whole |= !p[1];
        break;
    case 4:
        printf("key %u %#x\n", p[1], fbc_get_be32(p + 4));
        break;
    case 5:
        printf("pointer %u %u %u\n", p[1], fbc_get_be16(p + 2),
               fbc_get_be16(p + 4));
        evil_pointer(c->shadow, fbc_get_be16(p + 2), fbc_get_be16(p + 4));
        break;
    case 6:
        printf("text ");
        for ( n = 8; n < len; n++ )
            putchar(p[n] >= ' ' && p[n] <= '~' ? p[n] : '?');
        putchar('\n');
        break;
    case 255:
        printf("extkey %u %#x %#x\n", fbc_get_be16(p + 2),
               fbc_get_be32(p + 4), fbc_get_be32(p + 8));
        break;
    }

    return len;
}

void evil_client_receive(struct evil_client *c)
{
    ssize_t got = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len,
                       MSG_DONTWAIT);
    size_t n;

    if ( got < 0 && (errno == EAGAIN || errno == EINTR) )
        return;
    if ( got <= 0 )
    {
        evil_client_drop(c);
        return;
    }
    c->in_len += (size_t)got;
    while ( c->in_len && !c->closing &&
            (n = c->ready ? message(c) : handshake(c)) != 0 )
    {
        c->in_len -= n;
        memmove(c->in, c->in + n, c->in_len);
    }
}

void evil_client_transmit(struct evil_client *c)
{
    ssize_t n = send(c->fd, c->out.p + c->out_pos, c->out.len - c->out_pos,
                     MSG_DONTWAIT | MSG_NOSIGNAL);

    if ( n < 0 && (errno == EAGAIN || errno == EINTR) )
        return;
    if ( n > 0 )
        c->out_pos += (size_t)n;
    if ( c->out_pos == c->out.len )
        c->out_pos = c->out.len = 0;
    if ( n < 0 || (!c->out.len && c->closing) )
        evil_client_drop(c);
}

/* Blocks of the shadow that the client has not got: tiles, and row 0. */
static bool block(const struct evil_client *c, uint32_t i, struct fbc_rect *r)
{
    const struct fbc_geom *g = &c->shadow->g;
    uint32_t y;

    if ( !i )
        *r = (struct fbc_rect){ 0, 0, g->swidth, 1 };
    else
    {
        struct fbc_rect t = fbc_geom_tile(g, i - 1);

        *r = (struct fbc_rect){ t.x, (uint16_t)fbc_geom_srow(t.y), t.w,
                                (uint16_t)(t.h + 1) };
        /* Up to the edge: records may be wider than the last tile. */
        if ( i % g->cols == 0 )
            r->w = (uint16_t)(g->swidth - t.x);
    }

    for ( y = r->y; y < (uint32_t)r->y + r->h; y++ )
    {
        const size_t at = ((size_t)y * g->swidth + r->x) * 4;

        if ( c->whole ||
             memcmp(c->has + at, c->shadow->shown + at, r->w * 4u) )
            return true;
    }

    return false;
}

static unsigned int changed(struct evil_client *c)
{
    struct fbc_rect r;
    unsigned int n = 0;
    uint32_t i;

    for ( i = 0; i <= c->shadow->g.tiles; i++ )
        n += block(c, i, &r);

    return n;
}

void evil_client_update(struct evil_client *c)
{
    const unsigned int n = changed(c);
    struct fbc_rect r;
    uint32_t i;

    if ( c->resized )
    {
        rfb_update(&c->out, 1);
        rfb_rect_head(&c->out, &(struct fbc_rect){ 0, 0, c->shadow->g.swidth,
                                                  c->shadow->g.sheight },
                      FBC_RFB_DESKTOP_SIZE);
        c->resized = false;
        return;
    }
    if ( !c->asked || !n )
        return;
    rfb_update(&c->out, n);
    for ( i = 0; i <= c->shadow->g.tiles; i++ )
        if ( block(c, i, &r) )
            rfb_rect(&c->out, &c->enc, c->shadow->shown,
                     c->shadow->g.swidth * 4u, &r);
    memcpy(c->has, c->shadow->shown, fbc_shadow_bytes(&c->shadow->g));
    c->asked = c->whole = false;
    if ( !c->begun )
        c->begun = evil_now();
}

void evil_client_resized(struct evil_client *c)
{
    free(c->has);
    c->has = calloc(1, fbc_shadow_bytes(&c->shadow->g));
    c->whole = c->resized = true;
}
