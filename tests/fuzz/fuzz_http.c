/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A request head.  What is taken has a plain path, spans inside the head, and
 * wanted more at every shorter length; the query is looked into as well.
 */
#include <stdlib.h>

#include "parse/web/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if ( !ok )
        abort();
}

static void check_span(const char *text, size_t len, struct fbc_http_span s)
{
    must(!s.p || (s.p >= text && s.len <= len &&
                  s.p <= text + (len - s.len)));
}

static void check_path(const char *path)
{
    const char *p;

    for ( p = path; *p; p++ )
    {
        must(*p >= 0x20 && *p <= 0x7e && *p != '\\');
        if ( p == path || p[-1] == '/' )
            must(*p != '.' && *p != '/');
    }
    must(p == path || p[-1] != '/');
}

static void check_param(const struct fbc_http *r)
{
    char out[40];
    size_t i;

    if ( !fbc_http_param(r->query, "token", out, sizeof(out)) )
        must(!out[0]);
    for ( i = 0; out[i]; i++ )
        must(i < sizeof(out) && out[i] >= 0x20 && out[i] <= 0x7e);
}

static void check_taken(const char *text, size_t size,
                        const struct fbc_http *r)
{
    struct fbc_http again;
    size_t i;

    must(r->len >= 4 && r->len <= size && r->len <= FBC_HTTP_MAX_HEAD);
    for ( i = 0; i < 4; i++ )
        must(text[r->len - 4 + i] == "\r\n\r\n"[i]);
    for ( i = 0; i < r->len; i++ )
        must((uint8_t)text[i] >= 0x20 || text[i] == '\t' ||
             text[i] == '\r' || text[i] == '\n');
    check_span(text, r->len, r->query);
    for ( i = 0; i < FBC_HTTP_HEADERS; i++ )
        check_span(text, r->len, r->header[i]);
    must(r->header[FBC_HTTP_HOST].p &&
         !r->header[FBC_HTTP_TRANSFER_ENCODING].p);
    check_path(r->path);
    check_param(r);

    for ( i = 0; i < r->len; i += 1 + i / 8 )
        must(fbc_http_parse(text, i, &again) == 0);
    must(fbc_http_parse(text, r->len, &again) == 200);
    must(again.len == r->len && again.query.p == r->query.p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size ? size : 1);
    struct fbc_http r;
    int status;

    must(text);
    memcpy(text, data, size);
    status = fbc_http_parse(text, size, &r);
    switch ( status )
    {
    case 200:
        check_taken(text, size, &r);
        break;

    case 0:
        must(size < FBC_HTTP_MAX_HEAD);
        break;

    default:
        must(status == 400 || status == 404 || status == 405 ||
             status == 414 || status == 431 || status == 501 ||
             status == 505);
        break;
    }
    free(text);

    return 0;
}
