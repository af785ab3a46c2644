/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests of browsers: who may ask, and noVNC's files. */
#include "lib/viewers/web_int.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 403, for what came by another name or port than ours. */
#define FOREIGN 1403

static const struct { int status; const char *phrase, *why; } refusals[] = {
    { 400, "Bad Request", "The request is malformed." },
    { 403, "Forbidden", "Open the complete URL that fbc-vncproxy printed." },
    { FOREIGN, "Forbidden", "This is served by the name and port that "
      "fbc-vncproxy printed only: forward its port under the same number." },
    { 404, "Not Found", "There is no such file." },
    { 405, "Method Not Allowed", "GET and HEAD only." },
    { 408, "Request Timeout", "The request took too long." },
    { 414, "URI Too Long", "The path is too long." },
    { 426, "Upgrade Required", "WebSocket, version 13, only." },
    { 431, "Request Header Fields Too Large",
      "Too many or too long headers: cookies of other pages, perhaps." },
    { 501, "Not Implemented", "Requests must not have a body." },
    { 503, "Service Unavailable", "There are too many viewers." },
    { 505, "HTTP Version Not Supported",
      "HTTP/1.1 or 1.0 only; WebSocket by 1.1 only." },
    { 500, "Internal Server Error", "The file cannot be read." },
};

static void put_common(struct web_conn *c)
{
    web_put(c, "Connection: close\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "X-Frame-Options: DENY\r\n"
            "Referrer-Policy: no-referrer\r\n"
            "Cross-Origin-Opener-Policy: same-origin\r\n"
            "Cross-Origin-Resource-Policy: same-origin\r\n");
}

static void refuse(struct fbc_web *w, struct web_conn *c, int status,
                   bool head)
{
    size_t i = 0;

    while ( refusals[i].status != status && refusals[i].status != 500 )
        i++;

    web_put(c, "HTTP/1.1 %d %s\r\n", refusals[i].status % 1000,
            refusals[i].phrase);
    put_common(c);
    web_put(c, "Content-Security-Policy: default-src 'none'; "
            "frame-ancestors 'none'\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: %zu\r\n", strlen(refusals[i].why) + 1);
    if ( status == 405 )
        web_put(c, "Allow: GET, HEAD\r\n");
    if ( status == 426 )
        web_put(c, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
    web_put(c, "\r\n");
    if ( !head )
        web_put(c, "%s\n", refusals[i].why);
    web_finish(w, c);
}

/* Is the Host header ours?  name with the port; without it when it is 80. */
static bool is_host(const struct fbc_web *w, struct fbc_http_span host,
                    const char *name)
{
    char want[80];

    snprintf(want, sizeof(want), "%s:%u", name, w->o.port);

    return fbc_http_is(host, want) ||
           (w->o.port == 80 && fbc_http_is(host, name));
}

static bool host_ok(const struct fbc_web *w, struct fbc_http_span host)
{
    return is_host(w, host, "127.0.0.1") || is_host(w, host, "localhost") ||
           is_host(w, host, "[::1]") || is_host(w, host, w->host);
}

/* "http://" and the host, which is a short one by now. */
static bool origin_ok(struct fbc_http_span origin, struct fbc_http_span host)
{
    char want[96];

    snprintf(want, sizeof(want), "http://%.*s", (int)host.len, host.p);

    return fbc_http_is(origin, want);
}

static bool token_ok(const struct fbc_web *w, struct fbc_http_span query)
{
    char token[WEB_TOKEN_TEXT + 1];

    return fbc_http_param(query, "token", token, sizeof(token)) &&
           strlen(token) == WEB_TOKEN_TEXT &&
           fbc_equal(token, w->token, WEB_TOKEN_TEXT);
}

/* A page has the token where noVNC finds it: in path=websockify?token=. */
static bool page_token_ok(const struct fbc_web *w, struct fbc_http_span query)
{
    struct fbc_http_span inner;
    char path[80];

    if ( !fbc_http_param(query, "path", path, sizeof(path)) )
        return false;
    inner.p = strchr(path, '?');
    if ( !inner.p )
        return false;
    inner.len = strlen(++inner.p);

    return token_ok(w, inner);
}

static const struct { const char *end, *type; } types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".json", "application/json" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".ico", "image/x-icon" },
    { ".woff", "font/woff" },
    { ".woff2", "font/woff2" },
    { ".ttf", "font/ttf" },
    { ".oga", "audio/ogg" },
    { ".mp3", "audio/mpeg" },
};

/* NULL: a kind of file that no page needs, and that is not served. */
static const char *type_of(const char *path)
{
    size_t i, len = strlen(path), end;

    for ( i = 0; i < sizeof(types) / sizeof(types[0]); i++ )
    {
        end = strlen(types[i].end);
        if ( len > end && !strcmp(path + len - end, types[i].end) )
            return types[i].type;
    }

    return NULL;
}

static bool is_page(const char *type)
{
    return type && !strncmp(type, "text/html", 9);
}

/* Never outside of dir, whatever links there are. */
static int open_below(int dir, const char *path)
{
    struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };

    return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

static int send_file(struct fbc_web *w, struct web_conn *c,
                     const struct fbc_http *r)
{
    const struct fbc_http_span *host = &r->header[FBC_HTTP_HOST];
    const char *type = type_of(r->path);
    struct web_hashes inlined = { "", "" };
    struct stat st;

    if ( !type )
        return 404;
    c->file = open_below(w->o.dir, r->path);
    if ( c->file < 0 )
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
               errno == EXDEV || errno == EACCES ? 404 : 500;
    if ( fstat(c->file, &st) || !S_ISREG(st.st_mode) ||
         st.st_size > (off_t)WEB_FILE_MAX )
        return 404;
    if ( is_page(type) &&
         !web_hash_page(c->file, (size_t)st.st_size, &inlined) )
        return 500;

    web_put(c, "HTTP/1.1 200 OK\r\n");
    put_common(c);
    web_put(c, "Content-Security-Policy: default-src 'none'; "
            "script-src 'self'%s; style-src 'self'%s; img-src 'self' data:; "
            "font-src 'self'; media-src 'self'; connect-src 'self' ws://%.*s;"
            " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            "\r\n", inlined.script, inlined.style, (int)host->len, host->p);
    web_put(c, "Content-Type: %s\r\nContent-Length: %llu\r\n\r\n", type,
            (unsigned long long)st.st_size);
    if ( !r->head )
        c->file_left = (uint64_t)st.st_size;
    web_finish(w, c);

    return 200;
}

/* A whole request: 200 when it is being answered. */
static int answer(struct fbc_web *w, struct web_conn *c,
                  const struct fbc_http *r)
{
    struct fbc_http_span host = r->header[FBC_HTTP_HOST];
    struct fbc_http_span origin = r->header[FBC_HTTP_ORIGIN];
    const char *type = type_of(r->path);

    if ( !host_ok(w, host) || (origin.p && !origin_ok(origin, host)) )
        return FOREIGN;
    if ( web_ws_is(r) && r->minor < 1 )
        return 505;
    if ( web_ws_is(r) )
        return origin.p && token_ok(w, r->query) ? web_ws_open(w, c, r) : 403;
    if ( !r->path[0] || is_page(type) )
    {
        if ( !page_token_ok(w, r->query) )
            return 403;
        w->loading = web_now(w) + WEB_LOAD_MS;
    }

    return send_file(w, c, r);
}

static void dispatch(struct fbc_web *w, struct web_conn *c, int status,
                     const struct fbc_http *r)
{
    if ( status == 200 )
        status = answer(w, c, r);
    if ( status == 200 )
        return;

    if ( c->file >= 0 )
        close(c->file);
    c->file = -1;
    refuse(w, c, status, r->head);
}

void web_request(struct fbc_web *w, struct web_conn *c)
{
    struct fbc_http r;
    int status = 0;
    ssize_t n;

    while ( !status )
    {
        /* A full buffer has been refused. */
        n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len,
                 MSG_DONTWAIT);
        if ( n < 0 && (errno == EAGAIN || errno == EINTR) )
            return;
        if ( n <= 0 )
        {
            web_close(c);
            return;
        }
        c->in_len += (size_t)n;
        status = fbc_http_parse((const char *)c->in, c->in_len, &r);
    }
    dispatch(w, c, status, &r);
}

void web_late(struct fbc_web *w, struct web_conn *c)
{
    refuse(w, c, 408, false);
}
