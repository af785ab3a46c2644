/* SPDX-License-Identifier: GPL-2.0-only */
/* WebSockets: the handshake, and the bridge to a viewer's socket. */
#include "lib/viewers/web_int.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room in out[] for the answer to a client's control frame. */
#define CONTROL_ROOM (FBC_WS_MAX_HEADER + FBC_WS_MAX_CONTROL)
/* What is read from the viewer's side at once; pings find room behind it. */
#define VIEWER_CHUNK (WEB_OUT - FBC_WS_MAX_HEADER - 8 * CONTROL_ROOM)

#define SHA1_LEN    20
#define ACCEPT_TEXT 29          /* base64 of a SHA-1, and NUL */

bool web_ws_is(const struct fbc_http *r)
{
    return !strcmp(r->path, "websockify");
}

/* Sec-WebSocket-Accept, RFC 6455 4.2.2 */
static int accept_key(struct fbc_http_span key, char out[static ACCEPT_TEXT])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[FBC_WS_KEY_TEXT + sizeof(guid) - 1];
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    memcpy(text, key.p, FBC_WS_KEY_TEXT);
    memcpy(text + FBC_WS_KEY_TEXT, guid, sizeof(guid) - 1);
    if ( !EVP_Digest(text, sizeof(text), sum, &len, EVP_sha1(), NULL) ||
         len != SHA1_LEN )
        return -1;
    EVP_EncodeBlock((unsigned char *)out, sum, SHA1_LEN);

    return 0;
}

int web_ws_open(struct fbc_web *w, struct web_conn *c,
                const struct fbc_http *r)
{
    struct fbc_http_span key = r->header[FBC_HTTP_WS_KEY];
    struct fbc_http_span protocol = r->header[FBC_HTTP_WS_PROTOCOL];
    char accept[ACCEPT_TEXT];
    int pair[2], yes = 1;

    if ( r->head )
        return 405;
    if ( !fbc_http_is_nocase(r->header[FBC_HTTP_UPGRADE], "websocket") ||
         !fbc_http_lists(r->header[FBC_HTTP_CONNECTION], "upgrade") ||
         !fbc_http_is(r->header[FBC_HTTP_WS_VERSION], "13") )
        return 426;
    if ( !key.p || !fbc_ws_key_ok(key.p, key.len) ||
         (protocol.p && !fbc_http_lists(protocol, "binary")) )
        return 400;
    if ( accept_key(key, accept) ||
         socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                    pair) )
        return 500;
    if ( w->o.viewer(w->o.ctx, pair[1], true, false) )
    {
        close(pair[0]);
        return 503;
    }

    web_put(c, "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: %s\r\n"
            "%s\r\n", accept,
            protocol.p ? "Sec-WebSocket-Protocol: binary\r\n" : "");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    c->viewer = pair[0];
    c->state = WEB_BRIDGE;
    c->deadline = 0;
    c->in_pos = r->len;
    fbc_ws_begin(&c->ws);
    web_ws_io(w, c);

    return 200;
}

static void put_frame(struct web_conn *c, enum fbc_ws_opcode opcode,
                      const uint8_t *payload, size_t len)
{
    c->out_len += fbc_ws_header(c->out + c->out_len, opcode, len);
    memcpy(c->out + c->out_len, payload, len);
    c->out_len += len;
}

/* Starts the closing handshake, or ends it when the peer has. */
static void put_close(struct fbc_web *w, struct web_conn *c, uint16_t code)
{
    uint8_t payload[2] = { (uint8_t)(code >> 8), (uint8_t)code };

    put_frame(c, FBC_WS_CLOSE, payload, code == FBC_WS_NO_CODE ? 0 : 2);
    c->state = WEB_CLOSING;
    c->deadline = web_now(w) + WEB_CLOSE_MS;
    if ( c->viewer >= 0 )
        close(c->viewer);
    c->viewer = -1;
    c->pending_len = 0;
}

static bool has_control_room(const struct web_conn *c)
{
    return sizeof(c->out) - c->out_len >= CONTROL_ROOM;
}

short web_ws_events(const struct web_conn *c)
{
    short events = c->out_len ? POLLOUT : 0;

    if ( !c->pending_len && has_control_room(c) )
        /* Frames that are here already come to nobody's notice. */
        events |= c->in_pos < c->in_len ? POLLOUT : POLLIN;

    return events;
}

short web_ws_viewer_events(const struct web_conn *c)
{
    return (short)((c->out_len ? 0 : POLLIN) |
                   (c->pending_len ? POLLOUT : 0));
}

/* True when something moved. */
static bool from_viewer(struct fbc_web *w, struct web_conn *c)
{
    uint8_t header[FBC_WS_MAX_HEADER];
    ssize_t n;
    size_t h;

    if ( c->state != WEB_BRIDGE || c->out_len )
        return false;
    n = recv(c->viewer, c->out + FBC_WS_MAX_HEADER, VIEWER_CHUNK,
             MSG_DONTWAIT);
    if ( n < 0 && (errno == EAGAIN || errno == EINTR) )
        return false;
    if ( n <= 0 )
    {
        put_close(w, c, FBC_WS_GOING_AWAY);
        return true;
    }

    h = fbc_ws_header(header, FBC_WS_BINARY, (uint64_t)n);
    c->out_pos = FBC_WS_MAX_HEADER - h;
    memcpy(c->out + c->out_pos, header, h);
    c->out_len = FBC_WS_MAX_HEADER + (size_t)n;

    return true;
}

/* False: the viewer takes no more for now. */
static bool to_viewer(struct fbc_web *w, struct web_conn *c)
{
    ssize_t n;

    while ( c->pending_len )
    {
        n = send(c->viewer, c->pending, c->pending_len,
                 MSG_NOSIGNAL | MSG_DONTWAIT);
        if ( n < 0 && errno == EINTR )
            continue;
        if ( n < 0 && errno == EAGAIN )
            return false;
        if ( n < 0 )
        {
            put_close(w, c, FBC_WS_GOING_AWAY);
            return true;
        }
        c->pending += n;
        c->pending_len -= (size_t)n;
    }

    return true;
}

static void take_event(struct fbc_web *w, struct web_conn *c,
                       enum fbc_ws_event event)
{
    switch ( event )
    {
    case FBC_WS_MORE:
        break;

    case FBC_WS_GOT_DATA:
        if ( c->state == WEB_BRIDGE )
        {
            c->pending = c->ws.data;
            c->pending_len = c->ws.data_len;
        }
        break;

    case FBC_WS_GOT_PING:
        if ( c->state == WEB_BRIDGE )
            put_frame(c, FBC_WS_PONG, c->ws.control, c->ws.control_len);
        break;

    case FBC_WS_GOT_CLOSE:
    case FBC_WS_FAILED:
        if ( c->state == WEB_BRIDGE )
            put_close(w, c, c->ws.code);
        web_finish(w, c);
        break;
    }
}

/* Takes what the browser has sent.  True when something moved. */
static bool from_browser(struct fbc_web *w, struct web_conn *c)
{
    size_t used;
    ssize_t n;

    if ( c->pending_len || !has_control_room(c) )
        return false;

    if ( c->in_pos == c->in_len )
    {
        n = recv(c->fd, c->in, sizeof(c->in), MSG_DONTWAIT);
        if ( n < 0 && (errno == EAGAIN || errno == EINTR) )
            return false;
        if ( n <= 0 )
        {
            web_close(c);
            return false;
        }
        c->in_pos = 0;
        c->in_len = (size_t)n;
    }
    take_event(w, c, fbc_ws_next(&c->ws, c->in + c->in_pos,
                                 c->in_len - c->in_pos, &used));
    c->in_pos += used;

    return true;
}

void web_ws_io(struct fbc_web *w, struct web_conn *c)
{
    unsigned int turns = 0;
    bool moved = true;

    /* Some turns only, as there are other connections. */
    while ( moved && turns++ < 64 )
    {
        if ( !web_flush(w, c) )
            return;
        moved = to_viewer(w, c) && from_browser(w, c);
        if ( c->state != WEB_BRIDGE && c->state != WEB_CLOSING )
            return;
        moved |= from_viewer(w, c);
    }
}
