/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A WebSocket client's bytes, whole and cut as the first byte says: the same
 * must be told both ways.
 */
#include <stdlib.h>

#include "parse/web/ws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if ( !ok )
        abort();
}

struct told {
    uint8_t *bytes;             /* data, pings and their lengths */
    size_t len;
    size_t data;
    unsigned int pings;
    unsigned int end;           /* event and code; 0: goes on */
};

static void append(struct told *t, const uint8_t *p, size_t n)
{
    memcpy(t->bytes + t->len, p, n);
    t->len += n;
}

static void feed(struct fbc_ws *ws, struct told *t, uint8_t *buf, size_t len)
{
    enum fbc_ws_event event;
    size_t pos = 0, used;

    for ( ; ; )
    {
        event = fbc_ws_next(ws, buf + pos, len - pos, &used);
        must(used <= len - pos);
        if ( event == FBC_WS_MORE )
        {
            must(used == len - pos);
            return;
        }
        must(used && !t->end);
        if ( event == FBC_WS_GOT_DATA )
        {
            must(ws->data_len && ws->data >= buf + pos &&
                 ws->data + ws->data_len == buf + pos + used);
            append(t, ws->data, ws->data_len);
            t->data += ws->data_len;
        }
        else if ( event == FBC_WS_GOT_PING )
        {
            must(ws->control_len <= FBC_WS_MAX_CONTROL);
            append(t, ws->control, ws->control_len);
            t->pings++;
        }
        else
        {
            must(ws->code >= 1000 && ws->code <= 4999);
            t->end = (unsigned int)event << 16 | ws->code;
        }
        pos += used;
    }
}

static void run(struct told *t, const uint8_t *data, size_t size, size_t cut)
{
    struct fbc_ws ws;
    size_t pos, n;
    uint8_t *buf;

    memset(t, 0, sizeof(*t));
    t->bytes = malloc(size + 1);
    must(t->bytes);
    fbc_ws_begin(&ws);
    for ( pos = 0; pos < size; pos += n )
    {
        n = size - pos < cut ? size - pos : cut;
        buf = malloc(n);
        must(buf);
        memcpy(buf, data + pos, n);
        feed(&ws, t, buf, n);
        free(buf);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct told whole, cut;
    uint8_t header[FBC_WS_MAX_HEADER];

    if ( !size )
        return 0;

    run(&whole, data + 1, size - 1, size);
    run(&cut, data + 1, size - 1, (size_t)data[0] % 32 + 1);
    must(whole.len == cut.len && whole.data == cut.data &&
         whole.pings == cut.pings && whole.end == cut.end &&
         !memcmp(whole.bytes, cut.bytes, whole.len));
    free(whole.bytes);
    free(cut.bytes);

    must(fbc_ws_header(header, FBC_WS_BINARY, size) == (size < 126 ? 2
         : size < 65536 ? 4 : 10));
    if ( size > FBC_WS_KEY_TEXT )
        must(!fbc_ws_key_ok((const char *)data, size));
    else if ( fbc_ws_key_ok((const char *)data, size) )
        must(data[23] == '=');

    return 0;
}
