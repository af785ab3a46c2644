/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections of browsers and VNC clients: who is it, and who must go. */
#include "lib/viewers/web_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/random.h"
#include "parse/text/hex.h"

struct fbc_web *fbc_web_new(const struct fbc_web_opts *o, struct fbc_error *e)
{
    uint8_t raw[WEB_TOKEN_TEXT / 2];
    struct fbc_web *w;

    if ( faccessat(o->dir, "vnc.html", R_OK, 0) )
    {
        fbc_fail_errno(e, "vnc.html");
        fbc_hint(e, "Debian's package novnc has it in /usr/share/novnc");
        return NULL;
    }
    if ( fbc_random(raw, sizeof(raw), e) )
        return NULL;
    w = calloc(1, sizeof(*w));
    if ( !w )
    {
        fbc_fail_errno(e, "memory");
        return NULL;
    }

    w->o = *o;
    snprintf(w->host, sizeof(w->host), "%s", o->host);
    w->o.host = w->host;
    *fbc_hex_write(w->token, raw, sizeof(raw)) = '\0';
    fbc_wipe(raw, sizeof(raw));

    return w;
}

void fbc_web_free(struct fbc_web *w)
{
    size_t i;

    if ( !w )
        return;

    for ( i = 0; i < FBC_WEB_CONNECTIONS; i++ )
        web_close(&w->conn[i]);
    fbc_wipe(w->token, sizeof(w->token));
    free(w);
}

void fbc_web_url(const struct fbc_web *w, char url[static FBC_WEB_URL_TEXT])
{
    snprintf(url, FBC_WEB_URL_TEXT, "http://%s:%u/vnc.html?autoconnect=1"
             "&resize=off&path=websockify%%3Ftoken%%3D%s", w->host, w->o.port,
             w->token);
}

static struct web_conn *find_room(struct fbc_web *w)
{
    struct web_conn *oldest = NULL, *c;

    for ( c = w->conn; c < w->conn + FBC_WEB_CONNECTIONS; c++ )
    {
        if ( c->state == WEB_FREE )
            return c;
        if ( c->state != WEB_BRIDGE && (!oldest || c->born < oldest->born) )
            oldest = c;
    }
    if ( oldest )
        web_close(oldest);

    return oldest;
}

static void become_viewer(struct fbc_web *w, struct web_conn *c)
{
    bool greeted = c->state == WEB_GREETED;
    int fd = c->fd;

    c->fd = -1;
    web_close(c);
    (void)w->o.viewer(w->o.ctx, fd, false, greeted);
}

/* The socket is new: there is room for it. */
static void greet(struct web_conn *c, uint64_t now)
{
    static const char version[] = FBC_VIEWERS_VERSION;

    if ( send(c->fd, version, sizeof(version) - 1,
              MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof(version) - 1 )
    {
        web_close(c);
        return;
    }
    c->state = WEB_GREETED;
    c->deadline = c->answer_by = now + WEB_ANSWER_MS;
}

/* When a silent connection is greeted, or one that was is given up, ms. */
static uint64_t patience(const struct fbc_web *w, const struct web_conn *c)
{
    uint64_t end = c->accepted + WEB_SNIFF_MS;
    uint64_t spare = c->accepted + WEB_SPARE_MS;

    if ( c->state == WEB_GREETED )
        return c->answer_by;
    if ( w->loading <= end )
        return end;

    return w->loading < spare ? w->loading : spare;
}

/* Looks at what the peer has said, and leaves it where it is. */
static void sniff(struct fbc_web *w, struct web_conn *c)
{
    static const char rfb[] = "RFB ";
    uint64_t now = web_now(w), end = patience(w, c);
    char first[4];
    ssize_t n;

    n = recv(c->fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT);
    if ( n < 0 && errno != EAGAIN && errno != EINTR )
    {
        web_close(c);
        return;
    }
    if ( n > 0 && memcmp(first, rfb, (size_t)n) )
    {
        c->state = WEB_HEAD;
        c->deadline = now + WEB_HEAD_MS;
        web_request(w, c);
        return;
    }
    if ( n == 0 || (now >= end && (n > 0 || c->state == WEB_GREETED)) )
    {
        web_close(c);
        return;
    }
    if ( n == (ssize_t)sizeof(first) )
    {
        become_viewer(w, c);
        return;
    }
    if ( now >= end )
    {
        greet(c, now);
        return;
    }

    /* poll() would report again and again what was only looked at. */
    c->sniff_later = n > 0;
    c->deadline = c->sniff_later && now + WEB_RESNIFF_MS < end
                  ? now + WEB_RESNIFF_MS : end;
}

void fbc_web_accept(struct fbc_web *w, int fd)
{
    struct web_conn *c = find_room(w);
    int flags = fcntl(fd, F_GETFL);

    if ( !c || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) )
    {
        close(fd);
        return;
    }

    memset(c, 0, offsetof(struct web_conn, in));
    c->state = WEB_SNIFF;
    c->fd = fd;
    c->file = c->viewer = -1;
    c->born = ++w->born;
    c->accepted = web_now(w);
    sniff(w, c);
}

static void drain(struct web_conn *c)
{
    ssize_t n = recv(c->fd, c->in, sizeof(c->in), MSG_DONTWAIT);

    if ( n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) )
        web_close(c);
}

static void advance(struct fbc_web *w, struct web_conn *c)
{
    switch ( c->state )
    {
    case WEB_FREE:
        break;
    case WEB_SNIFF:
    case WEB_GREETED:
        sniff(w, c);
        break;
    case WEB_HEAD:
        web_request(w, c);
        break;
    case WEB_SEND:
        web_finish(w, c);
        break;
    case WEB_DRAIN:
        drain(c);
        break;
    case WEB_BRIDGE:
    case WEB_CLOSING:
        web_ws_io(w, c);
        break;
    }
}

static short events(const struct web_conn *c)
{
    switch ( c->state )
    {
    case WEB_SNIFF:
    case WEB_GREETED:
        return c->sniff_later ? 0 : POLLIN;
    case WEB_SEND:
        return POLLOUT;

    case WEB_BRIDGE:
    case WEB_CLOSING:
        return web_ws_events(c);
    default:
        return POLLIN;
    }
}

/* One that waits for nothing is left out: poll() always tells a hang-up. */
static size_t put_pollfd(struct pollfd *p, int fd, short wanted)
{
    if ( fd < 0 || !wanted )
        return 0;
    *p = (struct pollfd){ .fd = fd, .events = wanted };

    return 1;
}

size_t fbc_web_pollfds(const struct fbc_web *w,
                       struct pollfd fds[static FBC_WEB_POLLFDS])
{
    const struct web_conn *c;
    size_t n = 0;

    for ( c = w->conn; c < w->conn + FBC_WEB_CONNECTIONS; c++ )
    {
        if ( c->state == WEB_FREE )
            continue;
        n += put_pollfd(&fds[n], c->fd, events(c));
        n += put_pollfd(&fds[n], c->viewer, web_ws_viewer_events(c));
    }

    return n;
}

int fbc_web_timeout(const struct fbc_web *w)
{
    uint64_t now = web_now(w), first = UINT64_MAX;
    const struct web_conn *c;

    for ( c = w->conn; c < w->conn + FBC_WEB_CONNECTIONS; c++ )
        if ( c->state != WEB_FREE && c->deadline && c->deadline < first )
            first = c->deadline;
    if ( first == UINT64_MAX )
        return -1;

    return first > now ? (int)(first - now) : 0;
}

static bool ready(const struct web_conn *c, const struct pollfd *fds,
                  size_t n)
{
    size_t i;

    for ( i = 0; i < n; i++ )
        if ( fds[i].revents && (fds[i].fd == c->fd || fds[i].fd == c->viewer) )
            return true;

    return false;
}

void fbc_web_io(struct fbc_web *w, const struct pollfd *fds, size_t n)
{
    bool todo[FBC_WEB_CONNECTIONS];
    struct web_conn *c;
    size_t i;

    /* First, as numbers of closed descriptors are given again. */
    for ( i = 0; i < FBC_WEB_CONNECTIONS; i++ )
        todo[i] = w->conn[i].state != WEB_FREE && ready(&w->conn[i], fds, n);

    for ( i = 0; i < FBC_WEB_CONNECTIONS; i++ )
    {
        c = &w->conn[i];
        if ( todo[i] )
            advance(w, c);
        if ( c->state == WEB_FREE || !c->deadline ||
             web_now(w) < c->deadline )
            continue;
        if ( c->state == WEB_SNIFF || c->state == WEB_GREETED )
            sniff(w, c);
        else if ( c->state == WEB_HEAD )
            web_late(w, c);
        else
            web_close(c);
    }
}
