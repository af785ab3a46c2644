/* SPDX-License-Identifier: GPL-2.0-only */
/* One viewer: what it sends. */
#include "lib/viewers/viewer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#define READ_MAX 65536u             /* in one turn */

/* libvncserver's short answers. */
static void take_answers(struct fbc_viewer *v)
{
    uint8_t buf[4096];
    ssize_t n;

    while ( (n = recv(v->pair, buf, sizeof(buf), MSG_DONTWAIT)) > 0 )
        fbc_viewer_say(v, buf, (size_t)n);
}

/*
 * libvncserver 0.9.14 sends only half of a ZRLE tile that is not compressed
 * when green has 5 bits: such a viewer gets Raw instead.
 */
static void avoid_zrle15(struct fbc_viewer *v)
{
    v->zrle = v->cl->preferredEncoding == rfbEncodingZRLE &&
              v->cl->format.bitsPerPixel == 16 &&
              v->cl->format.greenMax <= 0x1f;
    if ( v->zrle )
        v->cl->preferredEncoding = rfbEncodingRaw;
}

/* One whole message for libvncserver. */
static void serve(struct fbc_viewer *v, const uint8_t *msg, size_t len)
{
    if ( send(v->pair, msg, len, MSG_DONTWAIT | MSG_NOSIGNAL) !=
         (ssize_t)len )
    {
        v->dead = true;
        return;
    }
    if ( v->zrle )
        v->cl->preferredEncoding = rfbEncodingZRLE;
    rfbProcessClientMessage(v->cl);
    avoid_zrle15(v);
    fbc_viewer_check_lost(v, &v->lib);
    take_answers(v);
}

/*
 * libvncserver gets the version at once: it then does not wait to see whether
 * this is a websocket.
 */
static void begin(struct fbc_viewer *v, rfbScreenInfoPtr screen)
{
    uint8_t sent[FBC_RFBS_VERSION_LEN];

    if ( fbc_rfbs_version(v->in) ||
         send(v->pair, v->in, FBC_RFBS_VERSION_LEN,
              MSG_DONTWAIT | MSG_NOSIGNAL) != FBC_RFBS_VERSION_LEN )
    {
        fbc_viewer_drop(v);
        return;
    }

    v->cl = rfbNewClient(screen, v->lib);
    if ( !v->cl )
    {
        v->lib = -1;                    /* closed */
        v->dead = true;
        return;
    }
    v->cl->clientData = v;
    if ( recv(v->pair, sent, sizeof(sent), MSG_DONTWAIT) !=
         (ssize_t)sizeof(sent) )        /* we have sent it already */
        v->dead = true;

    rfbProcessClientMessage(v->cl);
    fbc_viewer_check_lost(v, &v->lib);
    take_answers(v);
}

static void on_key(struct fbc_viewer *v, const struct fbc_rfbs_message *m)
{
    struct fbc_viewer_key k = { m->keysym, m->keycode };
    size_t i;

    for ( i = 0; i < v->nkeys; i++ )
        if ( v->keys[i].keysym == k.keysym && v->keys[i].keycode == k.keycode )
            break;
    if ( m->down && i == v->nkeys && i < FBC_VIEWER_KEYS )
        v->keys[v->nkeys++] = k;
    else if ( !m->down && i < v->nkeys )
        v->keys[i] = v->keys[--v->nkeys];

    v->opts->key(v->opts->arg, v->who, m->down, m->keysym, m->keycode);
}

static void on_pointer(struct fbc_viewer *v, const struct fbc_rfbs_message *m)
{
    v->buttons = m->buttons;
    v->x = m->x;
    v->y = m->y;
    v->opts->pointer(v->opts->arg, v->who, m->buttons, m->x, m->y);
}

static void on_encodings(struct fbc_viewer *v,
                         const struct fbc_rfbs_message *m)
{
    if ( m->key_ext && v->key_ext == FBC_VIEWER_PLAIN_KEYS &&
         !v->opts->view_only )
        v->key_ext = FBC_VIEWER_ASKED;
    v->encodings = true;
    v->resize = m->resize;
    if ( v->old_size && !v->lost )
    {
        v->cl->newFBSizePending = m->resize;
        v->old_size = false;
        if ( !m->resize )
            fbc_viewer_drop(v);
    }
}

static void begin_text(struct fbc_viewer *v, uint32_t len)
{
    v->skip = len;
    v->text_len = 0;
    if ( len && len <= FBC_VIEWERS_TEXT && v->opts->text )
        v->text = malloc(len);
}

/* len bytes of a text are in in[]. */
static void more_text(struct fbc_viewer *v, size_t len)
{
    v->skip -= (uint32_t)len;
    if ( !v->text )
        return;
    memcpy(v->text + v->text_len, v->in, len);
    v->text_len += len;
    if ( v->skip )
        return;
    v->opts->text(v->opts->arg, v->text, v->text_len);
    fbc_viewer_forget_text(v);
}

static void handle(struct fbc_viewer *v, const struct fbc_rfbs_message *m)
{
    switch ( m->kind )
    {
    case FBC_RFBS_SERVER:
        if ( v->old_size && v->in[0] == rfbFramebufferUpdateRequest )
            fbc_viewer_drop(v);         /* of a picture that is gone */
        else
            serve(v, v->in, m->server_len);
        break;

    case FBC_RFBS_ENCODINGS_SET:
        serve(v, v->in, m->server_len);
        on_encodings(v, m);
        break;

    case FBC_RFBS_KEY:
        if ( !v->opts->view_only )
            on_key(v, m);
        break;

    case FBC_RFBS_POINTER:
        if ( !v->opts->view_only )
            on_pointer(v, m);
        break;

    case FBC_RFBS_TEXT:
        begin_text(v, m->skip);
        break;
    }
}

static void consume(struct fbc_viewer *v, size_t len)
{
    v->in_len -= len;
    memmove(v->in, v->in + len, v->in_len);
}

/* How long a message of the handshake is; 0: it is over. */
static size_t handshake_len(const struct fbc_viewer *v)
{
    if ( !v->cl )
        return FBC_RFBS_VERSION_LEN;

    switch ( v->cl->state )
    {
    case RFB_SECURITY_TYPE:  return 1;
    case RFB_AUTHENTICATION: return CHALLENGESIZE;
    case RFB_INITIALISATION: return 1;
    case RFB_NORMAL:         return 0;
    default:                 return SIZE_MAX;
    }
}

/* One message, or a piece of text; false: more bytes are needed. */
static bool step(struct fbc_viewer *v, rfbScreenInfoPtr screen)
{
    size_t len = handshake_len(v);
    struct fbc_rfbs_message m;
    enum fbc_err err;

    if ( v->skip )
    {
        len = v->in_len < v->skip ? v->in_len : v->skip;
        more_text(v, len);
        consume(v, len);
        return v->in_len;
    }

    if ( len )
    {
        if ( v->in_len < len )
            return false;
        if ( v->cl )
            serve(v, v->in, len);
        else
            begin(v, screen);
        v->step = fbc_viewer_now(v->opts);
        consume(v, len);
        return true;
    }

    err = fbc_rfbs_next(v->in, v->in_len, &m);
    if ( err == FBC_ERR_PENDING )
        return false;
    if ( err )
    {
        fbc_viewer_drop(v);
        return false;
    }
    handle(v, &m);
    consume(v, m.len);

    return true;
}

/* All whole messages, while somebody takes them. */
static void steps(struct fbc_viewer *v, rfbScreenInfoPtr screen)
{
    while ( !v->dead && !v->goodbye && !(v->waits = fbc_viewer_busy(v)) &&
            step(v, screen) )
        ;
}

void fbc_viewer_read(struct fbc_viewer *v, rfbScreenInfoPtr screen)
{
    size_t got = 0;

    steps(v, screen);               /* what had to wait */
    while ( !v->dead && !v->goodbye && !v->waits && got < READ_MAX )
    {
        ssize_t n = recv(v->fd, v->in + v->in_len, sizeof(v->in) - v->in_len,
                         MSG_DONTWAIT);

        if ( n < 0 && (errno == EAGAIN || errno == EINTR) )
            return;
        if ( n <= 0 )
        {
            v->dead = true;
            return;
        }
        got += (size_t)n;
        v->in_len += (size_t)n;
        steps(v, screen);
    }
}
