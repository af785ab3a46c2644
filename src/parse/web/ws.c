/* SPDX-License-Identifier: GPL-2.0-only */
/* The server's side of WebSocket framing. */
#include "parse/web/ws.h"

#define FIN  0x80u
#define RSV  0x70u
#define MASK 0x80u

void fbc_ws_begin(struct fbc_ws *ws)
{
    memset(ws, 0, sizeof(*ws));
    ws->need = 2;
}

static enum fbc_ws_event fail(struct fbc_ws *ws, enum fbc_ws_code code)
{
    ws->over = true;
    ws->code = (uint16_t)code;

    return FBC_WS_FAILED;
}

static bool is_control(const struct fbc_ws *ws)
{
    return ws->opcode >= FBC_WS_CLOSE;
}

/* The first two bytes: what the frame is, and how long its header is. */
static enum fbc_ws_event start_frame(struct fbc_ws *ws)
{
    uint8_t len = ws->header[1] & 0x7f;
    bool fin = ws->header[0] & FIN;

    ws->opcode = ws->header[0] & 0x0f;
    if ( (ws->header[0] & RSV) || !(ws->header[1] & MASK) )
        return fail(ws, FBC_WS_PROTOCOL);

    switch ( ws->opcode )
    {
    case FBC_WS_CLOSE:
    case FBC_WS_PING:
    case FBC_WS_PONG:
        if ( !fin || len > FBC_WS_MAX_CONTROL )
            return fail(ws, FBC_WS_PROTOCOL);
        break;

    case FBC_WS_BINARY:
    case FBC_WS_CONTINUE:
        if ( ws->message != (ws->opcode == FBC_WS_CONTINUE) )
            return fail(ws, FBC_WS_PROTOCOL);
        ws->message = !fin;
        break;

    case FBC_WS_TEXT:
        return fail(ws, FBC_WS_UNACCEPTABLE);

    default:
        return fail(ws, FBC_WS_PROTOCOL);
    }

    ws->need = (uint8_t)(2 + 4 + (len == 126 ? 2 : len == 127 ? 8 : 0));

    return FBC_WS_MORE;
}

/* The whole header is there. */
static enum fbc_ws_event end_header(struct fbc_ws *ws)
{
    uint64_t len = ws->header[1] & 0x7f, least = 0;
    uint8_t i, form = (uint8_t)(ws->need - 6);

    if ( form )
    {
        least = form == 2 ? 126 : 65536;
        len = 0;
        for ( i = 0; i < form; i++ )
            len = (len << 8) | ws->header[2 + i];
    }
    if ( len < least || len >> 63 )
        return fail(ws, FBC_WS_PROTOCOL);
    if ( !is_control(ws) )
    {
        if ( ws->opcode == FBC_WS_BINARY )
            ws->message_len = 0;
        if ( len > FBC_WS_MAX_MESSAGE - ws->message_len )
            return fail(ws, FBC_WS_TOO_BIG);
        ws->message_len += (uint32_t)len;
    }

    memcpy(ws->mask, ws->header + 2 + form, 4);
    ws->left = (uint32_t)len;
    ws->done = 0;

    return FBC_WS_MORE;
}

/* RFC 3629 */
static bool is_utf8(const uint8_t *p, size_t len)
{
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    size_t i, more;
    uint32_t v;

    while ( len )
    {
        v = *p++;
        len--;
        more = v < 0x80 ? 0 : v >= 0xc2 && v < 0xe0 ? 1
               : v >= 0xe0 && v < 0xf0 ? 2 : v >= 0xf0 && v < 0xf5 ? 3 : 4;
        if ( more > 3 || more > len )
            return false;
        if ( more )
            v &= 0x3fu >> more;
        for ( i = 0; i < more; i++, p++ )
        {
            if ( (*p & 0xc0) != 0x80 )
                return false;
            v = (v << 6) | (*p & 0x3f);
        }
        if ( v < least[more] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000) )
            return false;
        len -= more;
    }

    return true;
}

/* RFC 6455 7.4, and what IANA has added to it */
static bool code_allowed(uint16_t code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 &&
            code != 1006) || (code >= 3000 && code <= 4999);
}

static enum fbc_ws_event end_control(struct fbc_ws *ws)
{
    ws->control_len = (uint8_t)ws->done;
    if ( ws->opcode == FBC_WS_PONG )
        return FBC_WS_MORE;
    if ( ws->opcode == FBC_WS_PING )
        return FBC_WS_GOT_PING;

    ws->code = FBC_WS_NO_CODE;
    if ( ws->control_len )
    {
        ws->code = (uint16_t)((ws->control[0] << 8) | ws->control[1]);
        if ( ws->control_len < 2 || !code_allowed(ws->code) )
            return fail(ws, FBC_WS_PROTOCOL);
        if ( !is_utf8(ws->control + 2, ws->control_len - 2u) )
            return fail(ws, FBC_WS_BAD_DATA);
    }
    ws->over = true;

    return FBC_WS_GOT_CLOSE;
}

/* At most len bytes of payload; returns how many. */
static size_t unmask(struct fbc_ws *ws, uint8_t *p, size_t len)
{
    size_t i, n = len < ws->left ? len : ws->left;

    for ( i = 0; i < n; i++ )
        p[i] ^= ws->mask[(ws->done + i) & 3];
    if ( is_control(ws) )
        memcpy(ws->control + ws->done, p, n);
    ws->done += (uint32_t)n;
    ws->left -= (uint32_t)n;

    return n;
}

enum fbc_ws_event fbc_ws_next(struct fbc_ws *ws, uint8_t *buf, size_t len,
                              size_t *used)
{
    enum fbc_ws_event event = FBC_WS_MORE;
    size_t pos = 0, n;

    while ( !ws->over && pos < len && event == FBC_WS_MORE )
    {
        if ( ws->have < ws->need )
        {
            ws->header[ws->have++] = buf[pos++];
            if ( ws->have < ws->need )
                continue;
            event = ws->have == 2 ? start_frame(ws) : end_header(ws);
            if ( ws->have < ws->need || event != FBC_WS_MORE )
                continue;
        }

        n = unmask(ws, buf + pos, len - pos);
        pos += n;
        if ( n && !is_control(ws) )
        {
            ws->data = buf + pos - n;
            ws->data_len = n;
            event = FBC_WS_GOT_DATA;
        }
        if ( !ws->left )
        {
            ws->have = 0;
            ws->need = 2;
            if ( is_control(ws) )
                event = end_control(ws);
        }
    }
    *used = ws->over ? len : pos;

    return event;
}

size_t fbc_ws_header(uint8_t out[static FBC_WS_MAX_HEADER],
                     enum fbc_ws_opcode opcode, uint64_t payload_len)
{
    size_t form = payload_len < 126 ? 0 : payload_len < 65536 ? 2 : 8, i;

    out[0] = (uint8_t)(FIN | opcode);
    out[1] = (uint8_t)(!form ? payload_len : form == 2 ? 126 : 127);
    for ( i = 0; i < form; i++ )
        out[2 + i] = (uint8_t)(payload_len >> (8 * (form - 1 - i)));

    return 2 + form;
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '+' || c == '/';
}

bool fbc_ws_key_ok(const char *key, size_t len)
{
    size_t i;

    if ( len != FBC_WS_KEY_TEXT || key[22] != '=' || key[23] != '=' )
        return false;
    for ( i = 0; i < 22; i++ )
        if ( !is_base64(key[i]) )
            return false;

    /* Two bits are left over, which are zero. */
    return key[21] == 'A' || key[21] == 'Q' || key[21] == 'g' ||
           key[21] == 'w';
}
