/* SPDX-License-Identifier: GPL-2.0-only */
/* The RFB client towards a hostile server. */
#include "lib/upstream/upstream_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/upstream/vncauth.h"

/* In one call of fbc_upstream_io(): bytes read, pixels and bytes decoded. */
#define READ_MAX (16 * FBC_UPSTREAM_IN)
#define WORK_MAX (8u << 20)
#define EVENT_WORK 128          /* an event, in the same unit */

static const char server[] = "VNC server";

static void unmap(struct fbc_upstream *u)
{
    if ( u->pic )
        munmap(u->pic, u->pic_len);
    u->pic = NULL;
}

/* Pages of its own: black, and of no cost until they are written. */
static int new_picture(struct fbc_upstream *u, struct fbc_error *e)
{
    size_t stride = u->rfb.width * 4u, len = stride * u->rfb.height;
    void *p;

    unmap(u);
    p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
             -1, 0);
    if ( p == MAP_FAILED )
        return fbc_fail(e, FBC_EXIT_ENV, server, "no memory for its screen");
    u->pic = p;
    u->pic_len = len;
    fbc_rfbc_picture(&u->rfb, p, stride);

    return 0;
}

int fbc_upstream_new(int fd, const struct fbc_upstream_opts *opts,
                     struct fbc_upstream **u, struct fbc_error *e)
{
    static const int32_t encodings[] = {
        [FBC_UPSTREAM_TIGHT] = FBC_RFB_TIGHT,
        [FBC_UPSTREAM_ZRLE] = FBC_RFB_ZRLE,
        [FBC_UPSTREAM_ZLIB] = FBC_RFB_ZLIB,
        [FBC_UPSTREAM_HEXTILE] = FBC_RFB_HEXTILE,
        [FBC_UPSTREAM_RAW] = FBC_RFB_RAW,
    };
    int flags = fcntl(fd, F_GETFL);
    struct fbc_upstream *n;

    if ( flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 )
        return fbc_fail_errno(e, server);
    n = calloc(1, sizeof(*n));
    if ( !n )
        return fbc_fail(e, FBC_EXIT_ENV, server, "no memory");

    n->fd = fd;
    n->view_only = opts->view_only;
    fbc_rfbc_init(&n->rfb);
    n->rfb.inflate = fbc_zstreams_inflate(&n->z);
    n->rfb.shared = opts->shared;
    n->rfb.prefer = encodings[opts->prefer];
    if ( opts->password )
    {
        n->rfb.password = true;
        strncpy(n->password, opts->password, FBC_UPSTREAM_PASSWORD_MAX);
    }
    *u = n;

    return 0;
}

void fbc_upstream_free(struct fbc_upstream *u)
{
    if ( !u )
        return;
    close(u->fd);
    fbc_zstreams_end(&u->z);
    unmap(u);
    fbc_wipe(u->password, sizeof(u->password));
    free(u);
}

int fbc_upstream_fd(const struct fbc_upstream *u)
{
    return u->fd;
}

bool fbc_upstream_pending(const struct fbc_upstream *u)
{
    return u->stuck || (!u->hold && (u->in_len || u->worked));
}

short fbc_upstream_events(const struct fbc_upstream *u)
{
    return (short)((u->hold || u->in_len ? 0 : POLLIN) |
                   (u->out_len ? POLLOUT : 0));
}

static int closed(struct fbc_error *e)
{
    return fbc_fail(e, FBC_EXIT_ENV, server, "closed the connection");
}

/* 1: something was read; 0: nothing is there. */
static int fill(struct fbc_upstream *u, struct fbc_error *e)
{
    ssize_t n = recv(u->fd, u->in, sizeof(u->in), MSG_DONTWAIT);

    if ( !n )
        return closed(e);
    if ( n < 0 )
        return errno == EAGAIN || errno == EINTR ? 0
                                                 : fbc_fail_errno(e, server);
    u->in_pos = 0;
    u->in_len = (size_t)n;
    u->stats.bytes_in += (uint64_t)n;

    return 1;
}

static int drain(struct fbc_upstream *u, struct fbc_error *e)
{
    ssize_t n;

    if ( u->stuck )
        return fbc_fail(e, FBC_EXIT_ENV, server,
                        "does not read what it is sent");
    if ( !u->out_len )
        return 0;
    n = send(u->fd, u->out + u->out_pos, u->out_len,
             MSG_DONTWAIT | MSG_NOSIGNAL);
    if ( n < 0 )
        return errno == EAGAIN || errno == EINTR ? 0
                                                 : fbc_fail_errno(e, server);
    u->stats.bytes_out += (uint64_t)n;
    u->out_pos += (size_t)n;
    u->out_len -= (size_t)n;
    if ( !u->out_len )
        u->out_pos = 0;

    return 0;
}

/* Somebody has to do this, or it goes on. */
static int hint_refused(const struct fbc_rfbc *c, enum fbc_err err,
                        struct fbc_error *e)
{
    if ( err == FBC_ERR_ALGORITHM && c->offered & 2 )
        return fbc_hint(e, "the VM has vncpasswd=: give --password-file");
    if ( err == FBC_ERR_ALGORITHM )
        return fbc_hint(e, "the VM's VNC server must be without TLS and SASL");
    if ( err == FBC_ERR_AUTH && c->password && c->offered & 2 )
        return fbc_hint(e, "is it that of the VM's vncpasswd=, of which 8 "
                        "characters count?");
    if ( err == FBC_ERR_AUTH )
        return fbc_hint(e, "are there too many connections to it?");

    return -1;
}

static int explain(const struct fbc_rfbc *c, enum fbc_err err,
                   struct fbc_error *e)
{
    enum fbc_exit status = err == FBC_ERR_AUTH || err == FBC_ERR_NOMEM
                           ? FBC_EXIT_ENV
                           : err == FBC_ERR_VERSION ? FBC_EXIT_VERSION
                                                    : FBC_EXIT_INPUT;

    if ( c->reason[0] )
        return fbc_fail(e, status, server, "%s: %s", c->why, c->reason);
    if ( c->why_number != -1 )
        return fbc_fail(e, status, server, "%s: %lld", c->why,
                        (long long)c->why_number);

    return fbc_fail(e, status, server, "%s", c->why);
}

static int refused(const struct fbc_upstream *u, enum fbc_err err,
                   struct fbc_error *e)
{
    explain(&u->rfb, err, e);

    return u->ready ? -1 : hint_refused(&u->rfb, err, e);
}

static int authenticate(struct fbc_upstream *u, struct fbc_error *e)
{
    uint8_t response[FBC_VNCAUTH_LEN];

    if ( fbc_vncauth(u->password, u->rfb.challenge, response) )
        return fbc_fail(e, FBC_EXIT_ENV, server, "OpenSSL cannot do DES");
    fbc_rfbc_auth(&u->rfb, response);

    return 0;
}

static int sized(struct fbc_upstream *u, unsigned int *what,
                 struct fbc_error *e)
{
    if ( new_picture(u, e) )
        return -1;
    if ( !u->ready )
        *what |= FBC_UPSTREAM_READY;
    u->ready = true;

    return 0;
}

static void updated(struct fbc_upstream *u, unsigned int *what)
{
    *what |= FBC_UPSTREAM_UPDATE;
    u->stats.updates++;
    if ( u->rfb.resized )
        *what |= FBC_UPSTREAM_RESIZED;
    if ( u->rfb.resized || u->rfb.rects != u->rects )
    {
        u->rects = u->rfb.rects;
        u->requested = false;
        u->hold = true;
    }
}

/* Decodes what is in in[]; 1: no more of it in this call. */
static int decode(struct fbc_upstream *u, uint32_t *work, unsigned int *what,
                  struct fbc_error *e)
{
    struct fbc_src src = { u->in + u->in_pos, u->in_len };
    enum fbc_rfbc_event event;
    enum fbc_err err;
    uint32_t done;

    u->rfb.work_max = *work;
    err = fbc_rfbc_feed(&u->rfb, &src, &event);
    done = u->rfb.work + EVENT_WORK;
    *work -= done < *work ? done : *work;
    u->in_pos += u->in_len - src.len;
    u->in_len = src.len;
    u->worked = event == FBC_RFBC_WORKED;
    if ( err )
        return refused(u, err, e);

    switch ( event )
    {
    case FBC_RFBC_NONE:
        break;

    case FBC_RFBC_WORKED:
        return 1;

    case FBC_RFBC_AUTH:
        if ( authenticate(u, e) )
            return -1;
        break;

    case FBC_RFBC_SIZE:
        if ( sized(u, what, e) )
            return -1;
        break;

    case FBC_RFBC_UPDATE:
        updated(u, what);
        break;

    case FBC_RFBC_BELL:
        *what |= FBC_UPSTREAM_BELL;
        break;
    }
    fbc_upstream_put(u, u->rfb.out, u->rfb.out_len);
    u->rfb.out_len = 0;

    return *what & ~(unsigned int)FBC_UPSTREAM_BELL ? 1 : 0;
}

int fbc_upstream_io(struct fbc_upstream *u, short revents, unsigned int *what,
                    struct fbc_error *e)
{
    uint32_t work = WORK_MAX;
    unsigned int seen = FBC_UPSTREAM_NOTHING;
    size_t got = 0;
    int rc = 0;

    *what = FBC_UPSTREAM_NOTHING;
    if ( u->hold && revents & (POLLHUP | POLLERR) )
        return closed(e);

    while ( !u->hold && !rc )
    {
        if ( !u->in_len && !u->worked )
        {
            if ( got >= READ_MAX )
                break;
            rc = fill(u, e);
            if ( rc <= 0 )
                break;
            got += u->in_len;
        }
        rc = decode(u, &work, &seen, e);
    }
    if ( rc < 0 || drain(u, e) )
        return -1;
    *what = seen;

    return 0;
}

const uint8_t *fbc_upstream_picture(const struct fbc_upstream *u,
                                    uint32_t *width, uint32_t *height,
                                    size_t *stride)
{
    if ( !u->ready )
        return NULL;
    *width = u->rfb.width;
    *height = u->rfb.height;
    *stride = u->rfb.stride;

    return u->pic;
}

void fbc_upstream_stats(const struct fbc_upstream *u,
                        struct fbc_upstream_stats *stats)
{
    *stats = u->stats;
    stats->rects = u->rfb.rects;
    stats->pixels = u->rfb.pixels;
}
