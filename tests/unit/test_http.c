/* SPDX-License-Identifier: GPL-2.0-only */
/* The head of an HTTP request: what is taken, and what is refused how. */
#include "vec.h"

#include <stdio.h>
#include <stdlib.h>

#include "parse/web/http.h"

#define REQUEST(line, headers) line "\r\nHost: h\r\n" headers "\r\n"
#define GET(target) REQUEST("GET " target " HTTP/1.1", "")

/* From an exact heap copy, so that a sanitizer sees a read past the end. */
static int parse(const char *text, size_t len, struct fbc_http *r, char **copy)
{
    *copy = malloc(len ? len : 1);
    assert_non_null(*copy);
    memcpy(*copy, text, len);

    return fbc_http_parse(*copy, len, r);
}

static int status_of(const char *text, size_t len)
{
    struct fbc_http r;
    char *copy;
    int status = parse(text, len, &r, &copy);

    free(copy);

    return status;
}

static void assert_span(struct fbc_http_span s, const char *want)
{
    if ( !want )
        assert_null(s.p);
    else if ( !fbc_http_is(s, want) )
        fail_msg("%.*s, not %s", (int)s.len, s.p ? s.p : "", want);
}

static const char browser[] =
    "GET /websockify?token=0123 HTTP/1.1\r\n"
    "Host: 127.0.0.1:5999\r\n"
    "Connection: keep-alive, Upgrade\r\n"
    "Pragma: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) \xc3\xa9\r\n"
    "Upgrade:\twebsocket \t\r\n"
    "Origin: http://127.0.0.1:5999\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "X-Empty:\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    "\r\n";

static void whole(void **state)
{
    struct fbc_http r;
    char *copy;

    (void)state;
    assert_int_equal(parse(browser, sizeof(browser) - 1, &r, &copy), 200);
    assert_int_equal(r.len, sizeof(browser) - 1);
    assert_false(r.head);
    assert_string_equal(r.path, "websockify");
    assert_span(r.query, "token=0123");
    assert_span(r.header[FBC_HTTP_HOST], "127.0.0.1:5999");
    assert_span(r.header[FBC_HTTP_UPGRADE], "websocket");
    assert_span(r.header[FBC_HTTP_ORIGIN], "http://127.0.0.1:5999");
    assert_span(r.header[FBC_HTTP_WS_VERSION], "13");
    assert_span(r.header[FBC_HTTP_WS_KEY], "dGhlIHNhbXBsZSBub25jZQ==");
    assert_span(r.header[FBC_HTTP_WS_PROTOCOL], NULL);
    assert_span(r.header[FBC_HTTP_CONTENT_LENGTH], NULL);
    assert_true(fbc_http_lists(r.header[FBC_HTTP_CONNECTION], "upgrade"));
    free(copy);
}

static void prefixes(void **state)
{
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(browser) - 1; i++ )
        assert_int_equal(status_of(browser, i), 0);
}

/* What follows the head is not looked at. */
static void followed(void **state)
{
    static const char text[] = GET("/x") "\0\n garbage";
    struct fbc_http r;
    char *copy;

    (void)state;
    assert_int_equal(parse(text, sizeof(text) - 1, &r, &copy), 200);
    assert_int_equal(r.len, sizeof(GET("/x")) - 1);
    assert_string_equal(r.path, "x");
    assert_span(r.query, NULL);
    free(copy);
}

static void paths(void **state)
{
    static const struct { const char *text, *path; } cases[] = {
        { GET("/"), "" },
        { GET("/?"), "" },
        { GET("/a/b.c"), "a/b.c" },
        { GET("/a%2Eb%20c%25d"), "a.b c%d" },
        { GET("/a%252Fb"), "a%2Fb" },
        { GET("/a..b/c."), "a..b/c." },
        { GET("/a?../\\%00"), "a" },
        { GET("/%7e!$&'()*+,;=:@"), "~!$&'()*+,;=:@" },
    };
    struct fbc_http r;
    char *copy;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        if ( parse(cases[i].text, strlen(cases[i].text), &r, &copy) != 200 )
            fail_msg("%s", cases[i].text);
        assert_string_equal(r.path, cases[i].path);
        free(copy);
    }
}

static void refused(void **state)
{
    static const struct { int status; const char *text; } cases[] = {
        /* the request line */
        { 400, "\r\n" },
        { 400, "\r\nGET / HTTP/1.1\r\n" },
        { 400, " GET / HTTP/1.1\r\n" },
        { 400, "GET\r\n" },
        { 400, "GET \r\n" },
        { 400, "GET /\r\n" },
        { 400, "GET / \r\n" },
        { 400, "GET  / HTTP/1.1\r\n" },
        { 400, "GET /  HTTP/1.1\r\n" },
        { 400, "GET\t/ HTTP/1.1\r\n" },
        { 400, "GET / HTTP/1.1 \r\n" },
        { 400, "GET / HTTP/1.10\r\n" },
        { 400, "GET / HTTP/11\r\n" },
        { 400, "GET / HTTP/1,1\r\n" },
        { 400, "GET / HTTP/x.1\r\n" },
        { 400, "GET / http/1.1\r\n" },
        { 400, "GET / XTTP/1.1\r\n" },
        { 400, "GET /a b HTTP/1.1\r\n" },
        { 400, "G(T / HTTP/1.1\r\n" },
        { 400, "RFB 003.008\n" },
        { 400, "\x16\x03\x01\x02" },
        { 400, "GET / HTTP/1.1\n" },
        { 400, "GET / HTTP/1.1\rHost: h\r\n\r\n" },
        { 200, REQUEST("GET / HTTP/1.0", "") },
        { 505, REQUEST("GET / HTTP/1.2", "") },
        { 505, REQUEST("GET / HTTP/0.9", "") },
        { 505, REQUEST("GET / HTTP/2.0", "") },
        { 405, REQUEST("POST / HTTP/1.1", "") },
        { 405, REQUEST("get / HTTP/1.1", "") },
        { 405, REQUEST("GETS / HTTP/1.1", "") },
        { 405, REQUEST("GE / HTTP/1.1", "") },
        { 405, REQUEST("OPTIONS * HTTP/1.1", "") },
        { 405, REQUEST("CONNECT a:1 HTTP/1.1", "") },
        { 405, REQUEST("POST / HTTP/1.1", "Content-Length: 3\r\n") },
        /* the target */
        { 400, GET("") },
        { 400, GET("a") },
        { 400, GET("*") },
        { 400, GET("?a") },
        { 400, GET("http://h/") },
        { 400, GET("/#a") },
        { 400, GET("/a?b#c") },
        { 400, GET("/\xc3\xa9") },
        { 400, GET("/a?\xff") },
        { 400, GET("/a?\x7f") },
        { 400, GET("//") },
        { 400, GET("//a") },
        { 400, GET("/a//b") },
        { 400, GET("/a/") },
        { 400, GET("/.") },
        { 400, GET("/..") },
        { 400, GET("/../a") },
        { 400, GET("/a/../b") },
        { 400, GET("/a/./b") },
        { 400, GET("/a/..") },
        { 400, GET("/.a/..") },
        { 400, GET("/%2e%2e/a") },
        { 400, GET("/.%2E/a") },
        { 400, GET("/a%2fb") },
        { 400, GET("/a%2Fb") },
        { 400, GET("/a\\b") },
        { 400, GET("/a%5cb") },
        { 400, GET("/a%00") },
        { 400, GET("/a%0d%0a") },
        { 400, GET("/a%7f") },
        { 400, GET("/a%80") },
        { 400, GET("/a%") },
        { 400, GET("/a%2") },
        { 400, GET("/a%2g") },
        { 400, GET("/a%g2") },
        { 400, GET("/a%-1") },
        { 404, GET("/.a") },
        { 404, GET("/a/.b") },
        { 404, GET("/...") },
        { 404, GET("/%2eht") },
        { 404, GET("/.git/config") },
        /* headers */
        { 400, "GET / HTTP/1.1\r\n\r\n" },
        { 400, REQUEST("GET / HTTP/1.1", "Host: h\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "hOST:\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "Origin: a\r\nOrigin: a\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "Upgrade: a\r\nUpgrade: a\r\n") },
        { 400, REQUEST("GET / HTTP/1.1",
                       "Connection: a\r\nX: y\r\nConnection: a\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "Sec-WebSocket-Key: a\r\n"
                       "Sec-WebSocket-Key: a\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "Sec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Version: 13\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "Sec-WebSocket-Protocol: a\r\n"
                       "sec-websocket-protocol: a\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "Content-Length: 0\r\n"
                       "Content-Length: 0\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "Content-Length: 1\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "Content-Length: 00\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "Content-Length:\r\n") },
        { 501, REQUEST("GET / HTTP/1.1", "Transfer-Encoding: chunked\r\n") },
        { 501, REQUEST("GET / HTTP/1.1", "Transfer-Encoding:\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "X\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", ": x\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "X : y\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", " X: y\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "X: y\r\n z\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "X: y\r\n\tz\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "X(: y\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "\xc3\xa9: y\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "X: y\nZ: z\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "X: y\rZ: z\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "X: y\r\rZ: z\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "X: y\x01\r\n") },
        { 400, REQUEST("GET / HTTP/1.1", "X: y\x7f\r\n") },
    };
    static const char nul[] = REQUEST("GET / HTTP/1.1", "X: y\0z\r\n");
    static const char path_nul[] = GET("/a\0b");
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        int have = status_of(cases[i].text, strlen(cases[i].text));

        if ( have != cases[i].status )
            fail_msg("%d, not %d: %s", have, cases[i].status, cases[i].text);
    }
    assert_int_equal(status_of(nul, sizeof(nul) - 1), 400);
    assert_int_equal(status_of(path_nul, sizeof(path_nul) - 1), 400);
}

static void taken(void **state)
{
    static const char *const cases[] = {
        REQUEST("HEAD / HTTP/1.1", ""),
        REQUEST("GET / HTTP/1.1", "Content-Length: 0\r\n"),
        REQUEST("GET / HTTP/1.1", "X: y\r\nX: y\r\n"),
        REQUEST("GET / HTTP/1.1", "X:y\r\nY:\t\r\n"),
        REQUEST("GET /a?\"<>[]^`{|}'%zz+ HTTP/1.1", ""),
    };
    struct fbc_http r;
    char *copy;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        if ( parse(cases[i], strlen(cases[i]), &r, &copy) != 200 )
            fail_msg("%s", cases[i]);
        assert_int_equal(r.head, i == 0);
        free(copy);
    }
}

static void limits(void **state)
{
    static const char start[] = "GET /a HTTP/1.1\r\nHost: h\r\nX: ";
    char text[FBC_HTTP_MAX_HEAD + 2];
    size_t i, n;

    (void)state;
    for ( n = FBC_HTTP_MAX_HEAD; n <= FBC_HTTP_MAX_HEAD + 1; n++ )
    {
        memset(text, 'x', sizeof(text));
        memcpy(text, start, sizeof(start) - 1);
        assert_int_equal(status_of(text, FBC_HTTP_MAX_HEAD - 1), 0);
        memcpy(text + n - 4, "\r\n\r\n", 4);
        assert_int_equal(status_of(text, n), n > FBC_HTTP_MAX_HEAD ? 431
                         : 200);
    }

    for ( i = FBC_HTTP_MAX_HEADERS; i <= FBC_HTTP_MAX_HEADERS + 1; i++ )
    {
        int len = sprintf(text, "GET /a HTTP/1.1\r\nHost: h\r\n");

        for ( n = 1; n < i; n++ )
            len += sprintf(text + len, "X: y\r\n");
        len += sprintf(text + len, "\r\n");
        assert_int_equal(status_of(text, (size_t)len),
                         i > FBC_HTTP_MAX_HEADERS ? 431 : 200);
    }

    /* Neither the length as sent nor the decoded one gets past the bound. */
    for ( n = FBC_HTTP_MAX_PATH - 1; n <= FBC_HTTP_MAX_PATH; n++ )
    {
        int len = sprintf(text, "GET /");

        memset(text + len, 'a', n);
        len += (int)n;
        sprintf(text + len, " HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_int_equal(status_of(text, strlen(text)),
                         n < FBC_HTTP_MAX_PATH ? 200 : 414);

        len = sprintf(text, "GET /");
        for ( i = 0; i < n; i++ )
            len += sprintf(text + len, "%%61");
        sprintf(text + len, " HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_int_equal(status_of(text, strlen(text)),
                         n < FBC_HTTP_MAX_PATH ? 200 : 414);
    }
}

static void params(void **state)
{
    static const struct { const char *query, *want; } cases[] = {
        { "t=abc", "abc" },
        { "x=1&t=abc&y=2", "abc" },
        { "t=", "" },
        { "tt=1&t=2&ttt=3", "2" },
        { "t=a%3Db%26c", "a=b&c" },
        { "t=a+b", "a+b" },
        { "t=a=b", "a=b" },
        { "&&t=1&&", "1" },
        { "t=1234567", "1234567" },
        { "", NULL },
        { "t", NULL },
        { "T=1", NULL },
        { "xt=1", NULL },
        { "t=1&t=1", NULL },
        { "t=1&x&t=", NULL },
        { "t=%", NULL },
        { "t=%4", NULL },
        { "t=%00", NULL },
        { "t=a%0a", NULL },
        { "t=%ff", NULL },
        { "t=\x80", NULL },
        { "t=12345678", NULL },
    };
    struct fbc_http_span none = { 0 };
    char out[8];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        struct fbc_http_span q = { cases[i].query, strlen(cases[i].query) };
        bool found;

        memset(out, 'x', sizeof(out));
        found = fbc_http_param(q, "t", out, sizeof(out));
        if ( found != !!cases[i].want ||
             strcmp(out, found ? cases[i].want : "") )
            fail_msg("%s: %d %s", cases[i].query, found, out);
    }
    assert_false(fbc_http_param(none, "t", out, sizeof(out)));
}

static struct fbc_http_span span(const char *s)
{
    return (struct fbc_http_span){ s, s ? strlen(s) : 0 };
}

static void values(void **state)
{
    (void)state;
    assert_true(fbc_http_is(span("ab"), "ab"));
    assert_true(fbc_http_is(span(""), ""));
    assert_false(fbc_http_is(span("aB"), "ab"));
    assert_false(fbc_http_is(span("a"), "ab"));
    assert_false(fbc_http_is(span("abc"), "ab"));
    assert_false(fbc_http_is(span(NULL), ""));
    assert_true(fbc_http_is_nocase(span("WebSocket"), "websocket"));
    assert_false(fbc_http_is_nocase(span("[ebSocket"), "{ebsocket"));
    assert_false(fbc_http_is_nocase(span(NULL), ""));

    assert_true(fbc_http_lists(span("upgrade"), "upgrade"));
    assert_true(fbc_http_lists(span("a,\tUPGRADE ,b"), "upgrade"));
    assert_true(fbc_http_lists(span(",,upgrade"), "upgrade"));
    assert_false(fbc_http_lists(span("upgraded"), "upgrade"));
    assert_false(fbc_http_lists(span("up grade"), "upgrade"));
    assert_false(fbc_http_lists(span("a;upgrade"), "upgrade"));
    assert_false(fbc_http_lists(span(""), "upgrade"));
    assert_false(fbc_http_lists(span(NULL), "upgrade"));
}

/* Any byte anywhere: a control byte is never part of what is taken. */
static void replaced(void **state)
{
    static const char text[] = GET("/a?b");
    size_t i, len = sizeof(text) - 1;
    struct fbc_http r;
    int byte, status;
    char *copy;

    (void)state;
    for ( i = 0; i < len; i++ )
        for ( byte = 0; byte < 256; byte++ )
        {
            char other[sizeof(text)];

            memcpy(other, text, sizeof(text));
            other[i] = (char)byte;
            status = parse(other, len, &r, &copy);
            assert_true(!status || status == 200 || status >= 400);
            if ( (byte < 0x20 && !strchr("\r\n\t", byte)) || byte == 0x7f )
                assert_int_equal(status, 400);
            if ( status == 200 )
                assert_true(r.len == len && r.header[FBC_HTTP_HOST].len <= 2);
            free(copy);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("a browser's request is taken apart", whole),
        VEC_TEST("a request cut anywhere wants more", prefixes),
        VEC_TEST("what follows a head is left alone", followed),
        VEC_TEST("paths are decoded once", paths),
        VEC_TEST("odd but harmless requests are taken", taken),
        VEC_TEST("everything else is refused, with its status", refused),
        VEC_TEST("heads, headers and paths have a largest size", limits),
        VEC_TEST("a parameter counts when it is there once, whole and plain",
                 params),
        VEC_TEST("header values are compared exactly", values),
        VEC_TEST("no control byte gets through, wherever it stands",
                 replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
