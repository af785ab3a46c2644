/* SPDX-License-Identifier: GPL-2.0-only */
/* One viewer: what is sent to it. */
#include "lib/viewers/viewer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/be.h"
#include "lib/base/clock.h"
#include "parse/rfb/rfbc.h"

#define TIDY_NS   FBC_NS_PER_S      /* memory is kept so long */
#define SEND_MAX  (4u << 20)        /* to one viewer, in one turn */

static const uint8_t our_version[] = FBC_VIEWERS_VERSION;

uint64_t fbc_viewer_now(const struct fbc_viewers_opts *opts)
{
    return opts->clock_ns ? opts->clock_ns(opts->arg) : fbc_clock_ns();
}

void fbc_viewer_drop(struct fbc_viewer *v)
{
    v->dead = v->dropped = true;
}

void fbc_viewer_say(struct fbc_viewer *v, const void *data, size_t len)
{
    const uint8_t *p = data;

    if ( v->dead )
        return;
    if ( len > FBC_VIEWER_OUT - v->out_len )
    {
        fbc_viewer_drop(v);
        return;
    }
    while ( len )
    {
        ssize_t n = pwrite(v->out, p, len, (off_t)v->out_len);

        if ( n < 0 && errno == EINTR )
            continue;
        if ( n <= 0 )
        {
            v->dead = true;
            return;
        }
        p += n;
        len -= (size_t)n;
        v->out_len += (size_t)n;
    }
}

/* Descriptors that libvncserver may put into an fd_set. */
static bool open_files(struct fbc_viewer *v)
{
    int pair[2];

    if ( socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                    pair) )
        return false;
    v->lib = pair[0];
    v->pair = pair[1];

    v->out = memfd_create("fbc-viewer", MFD_CLOEXEC);
    if ( v->out < 0 || v->out >= FD_SETSIZE || v->lib >= FD_SETSIZE )
        return false;
    v->map = mmap(NULL, FBC_VIEWER_OUT, PROT_READ | PROT_WRITE,
                  MAP_SHARED, v->out, 0);

    return v->map != MAP_FAILED;
}

struct fbc_viewer *fbc_viewer_new(int fd, bool greeted, unsigned int who,
                                  const struct fbc_viewers_opts *opts,
                                  struct fbc_viewers_stats *stats)
{
    struct fbc_viewer *v = calloc(1, sizeof(*v));
    int one = 1;

    if ( !v )
    {
        close(fd);
        return NULL;
    }
    v->opts = opts;
    v->stats = stats;
    v->who = who;
    v->fd = fd;
    v->lib = v->pair = v->out = -1;
    v->map = MAP_FAILED;
    v->step = v->moved = fbc_viewer_now(opts);
    if ( !open_files(v) )
    {
        fbc_viewer_free(v);
        return NULL;
    }

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if ( !greeted )
        fbc_viewer_say(v, our_version, FBC_RFBS_VERSION_LEN);

    return v;
}

static void release_input(struct fbc_viewer *v)
{
    size_t i;

    for ( i = 0; i < v->nkeys; i++ )
        v->opts->key(v->opts->arg, v->who, false, v->keys[i].keysym,
                     v->keys[i].keycode);
    v->nkeys = 0;
    if ( v->buttons )
        v->opts->pointer(v->opts->arg, v->who, 0, v->x, v->y);
    v->buttons = 0;
}

void fbc_viewer_forget_text(struct fbc_viewer *v)
{
    if ( v->text )
        explicit_bzero(v->text, v->text_len);
    free(v->text);
    v->text = NULL;
    v->text_len = 0;
}

void fbc_viewer_free(struct fbc_viewer *v)
{
    if ( !v )
        return;

    release_input(v);
    if ( v->cl )
    {
        if ( !v->lost )
            rfbCloseClient(v->cl);      /* closes v->lib */
        rfbClientConnectionGone(v->cl);
    }
    else if ( v->lib >= 0 )
        close(v->lib);
    if ( v->map != MAP_FAILED )
        munmap(v->map, FBC_VIEWER_OUT);
    if ( v->out >= 0 )
        close(v->out);
    if ( v->pair >= 0 )
        close(v->pair);
    close(v->fd);
    explicit_bzero(v->in, sizeof(v->in));
    fbc_viewer_forget_text(v);
    free(v);
}

bool fbc_viewer_busy(const struct fbc_viewer *v)
{
    return v->opts->busy && v->opts->busy(v->opts->arg);
}

short fbc_viewer_events(const struct fbc_viewer *v)
{
    return (short)((fbc_viewer_busy(v) ? 0 : POLLIN) |
                   (v->out_off < v->out_len ? POLLOUT : 0));
}

void fbc_viewer_check_lost(struct fbc_viewer *v, int *fd)
{
    if ( v->cl->sock != RFB_INVALID_SOCKET )
        return;

    *fd = -1;
    v->lost = v->goodbye = v->dropped = true;   /* it may have said why */
}

/*
 * A FramebufferUpdate of no pixels tells that we know QEMU's key events.  It
 * must not be the first: there are tools that save what they have then.
 */
static void tell_keys(struct fbc_viewer *v)
{
    uint8_t hello[4 + 12] = { rfbFramebufferUpdate, 0, 0, 1 };

    fbc_put_be32(hello + 12, (uint32_t)FBC_RFB_QEMU_KEY);
    fbc_viewer_say(v, hello, sizeof(hello));
    v->key_ext = FBC_VIEWER_TOLD;
}

/* libvncserver's update into the file; false: it has lost the viewer. */
static bool encode(struct fbc_viewer *v)
{
    off_t end;

    if ( lseek(v->out, 0, SEEK_SET) < 0 )
        return false;
    v->cl->sock = v->out;
    rfbUpdateClient(v->cl);
    fbc_viewer_check_lost(v, &v->out);
    if ( v->lost )
    {
        close(v->lib);
        v->lib = -1;
        return false;
    }
    v->cl->sock = v->lib;
    end = lseek(v->out, 0, SEEK_CUR);
    if ( end < 0 || end > FBC_VIEWER_OUT )
        return false;
    v->out_len = (size_t)end;

    return true;
}

void fbc_viewer_update(struct fbc_viewer *v)
{
    if ( v->dead || v->goodbye || !v->cl || v->cl->state != RFB_NORMAL ||
         v->old_size || v->out_len || !FB_UPDATE_PENDING(v->cl) ||
         sraRgnEmpty(v->cl->requestedRegion) )
        return;

    if ( !fbc_viewer_raw(v) && !encode(v) )
    {
        fbc_viewer_drop(v);
        return;
    }
    if ( !v->out_len )
        return;                 /* what has changed was not asked for */
    if ( v->key_ext == FBC_VIEWER_ASKED )
        tell_keys(v);
    if ( sraRgnEmpty(v->cl->modifiedRegion) )
    {
        v->sending = v->since;
        v->since = 0;
    }
    v->stats->updates++;
}

static void all_sent(struct fbc_viewer *v)
{
    if ( v->out_len > v->out_most )
        v->out_most = v->out_len;
    v->out_len = v->out_off = 0;
    v->dead |= v->goodbye;
    if ( v->sending && v->opts->shown )
        v->opts->shown(v->opts->arg, v->moved - v->sending);
    v->sending = 0;
}

void fbc_viewer_write(struct fbc_viewer *v)
{
    size_t sent = 0;

    while ( !v->dead && v->out_off < v->out_len && sent < SEND_MAX )
    {
        ssize_t n = send(v->fd, v->map + v->out_off, v->out_len - v->out_off,
                         MSG_DONTWAIT | MSG_NOSIGNAL);

        if ( n < 0 && (errno == EAGAIN || errno == EINTR) )
            return;
        if ( n <= 0 )
        {
            v->dead = true;
            return;
        }
        v->moved = fbc_viewer_now(v->opts);
        v->stats->bytes += (uint64_t)n;
        v->out_off += (size_t)n;
        sent += (size_t)n;
    }
    if ( v->out_off == v->out_len )
        all_sent(v);
}

void fbc_viewer_tidy(struct fbc_viewer *v, uint64_t now)
{
    if ( !v->out_most || v->out_len || now - v->moved < TIDY_NS )
        return;
    (void)!ftruncate(v->out, 0);
    v->out_room = v->out_most = 0;
}

void fbc_viewer_resized(struct fbc_viewer *v)
{
    if ( !v->cl || v->cl->state != RFB_NORMAL )
        return;

    if ( !v->encodings )
        v->old_size = true;
    else if ( !v->resize )
        fbc_viewer_drop(v);
}
