/* SPDX-License-Identifier: GPL-2.0-only */
/* The head of one HTTP/1.1 request. */
#include "parse/web/http.h"
#include "parse/text/hex.h"

#define OK 200

static const struct { char name[24]; } known[FBC_HTTP_HEADERS] = {
    [FBC_HTTP_HOST] = { "host" },
    [FBC_HTTP_ORIGIN] = { "origin" },
    [FBC_HTTP_CONNECTION] = { "connection" },
    [FBC_HTTP_UPGRADE] = { "upgrade" },
    [FBC_HTTP_CONTENT_LENGTH] = { "content-length" },
    [FBC_HTTP_TRANSFER_ENCODING] = { "transfer-encoding" },
    [FBC_HTTP_WS_KEY] = { "sec-websocket-key" },
    [FBC_HTTP_WS_VERSION] = { "sec-websocket-version" },
    [FBC_HTTP_WS_PROTOCOL] = { "sec-websocket-protocol" },
};

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

static bool one_of(char c, const char *set)
{
    for ( ; *set; set++ )
        if ( c == *set )
            return true;

    return false;
}

/* RFC 9110 5.6.2 */
static bool is_token(char c)
{
    return is_alnum(c) || one_of(c, "!#$%&'*+-.^_`|~");
}

static bool is_print(char c)
{
    return c >= 0x20 && c <= 0x7e;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 0x20) : c;
}

bool fbc_http_is(struct fbc_http_span value, const char *text)
{
    return value.p && value.len == strlen(text) &&
           !memcmp(value.p, text, value.len);
}

bool fbc_http_is_nocase(struct fbc_http_span value, const char *text)
{
    size_t i;

    if ( !value.p || value.len != strlen(text) )
        return false;
    for ( i = 0; i < value.len; i++ )
        if ( lower(value.p[i]) != lower(text[i]) )
            return false;

    return true;
}

static struct fbc_http_span trim(const char *p, size_t len)
{
    while ( len && (*p == ' ' || *p == '\t') )
        p++, len--;
    while ( len && (p[len - 1] == ' ' || p[len - 1] == '\t') )
        len--;

    return (struct fbc_http_span){ p, len };
}

bool fbc_http_lists(struct fbc_http_span value, const char *text)
{
    size_t from = 0, to;

    if ( !value.p )
        return false;

    for ( ; from <= value.len; from = to + 1 )
    {
        for ( to = from; to < value.len && value.p[to] != ','; to++ )
            ;
        if ( fbc_http_is_nocase(trim(value.p + from, to - from), text) )
            return true;
    }

    return false;
}

/*
 * Decodes len characters into printable ASCII.  Returns how many there are,
 * or -1 when an escape is broken, stands for something else, or there are
 * more than max.
 */
static int decode(const char *in, size_t len, char *out, size_t max)
{
    char c, digits[2];
    size_t i, n = 0;
    uint8_t byte;

    for ( i = 0; i < len; i++ )
    {
        c = in[i];
        if ( c == '%' )
        {
            if ( len - i < 3 )
                return -1;
            digits[0] = lower(in[++i]);
            digits[1] = lower(in[++i]);
            if ( !fbc_hex_read(digits, sizeof(digits), &byte, 1) )
                return -1;
            c = (char)byte;
        }
        if ( !is_print(c) || n == max )
            return -1;
        out[n++] = c;
    }

    return (int)n;
}

bool fbc_http_param(struct fbc_http_span query, const char *name, char *out,
                    size_t size)
{
    size_t n = strlen(name), from, to;
    bool found = false;
    int len;

    out[0] = '\0';
    for ( from = 0; from < query.len; from = to + 1 )
    {
        for ( to = from; to < query.len && query.p[to] != '&'; to++ )
            ;
        if ( to - from <= n || query.p[from + n] != '=' ||
             memcmp(query.p + from, name, n) )
            continue;

        len = found ? -1 : decode(query.p + from + n + 1,
                                  to - from - n - 1, out, size - 1);
        if ( len < 0 )
        {
            out[0] = '\0';
            return false;
        }
        out[len] = '\0';
        found = true;
    }

    return found;
}

/* path: decoded, of len bytes */
static int check_path(const char *path, size_t len)
{
    size_t i, from = 0;
    int status = OK;

    for ( i = 0; i <= len; i++ )
    {
        if ( i < len && path[i] == '\\' )
            return 400;
        if ( i < len && path[i] != '/' )
            continue;
        if ( i == from && len )
            return 400;
        if ( i > from && path[from] == '.' )
        {
            if ( i - from == 1 || (i - from == 2 && path[from + 1] == '.') )
                return 400;
            status = 404;
        }
        from = i + 1;
    }

    return status;
}

/* p: "/path?query", without white space */
static int parse_target(const char *p, size_t len, struct fbc_http *r)
{
    size_t path_len, i;
    int n;

    for ( i = 0; i < len; i++ )
        if ( !is_print(p[i]) || p[i] == ' ' || p[i] == '#' )
            return 400;
    if ( !len || p[0] != '/' )
        return 400;

    for ( path_len = 1; path_len < len && p[path_len] != '?'; path_len++ )
        /* An escaped slash is none to some, and one to others. */
        if ( p[path_len] == '%' && len - path_len >= 3 &&
             p[path_len + 1] == '2' && lower(p[path_len + 2]) == 'f' )
            return 400;
    if ( path_len < len )
        r->query = (struct fbc_http_span){ p + path_len + 1,
                                           len - path_len - 1 };

    if ( path_len > 3 * FBC_HTTP_MAX_PATH )
        return 414;
    n = decode(p + 1, path_len - 1, r->path, sizeof(r->path) - 1);
    if ( n < 0 )
        return path_len > sizeof(r->path) ? 414 : 400;
    r->path[n] = '\0';

    return check_path(r->path, (size_t)n);
}

/* "GET /target HTTP/1.1", or 1.0, as some proxies still speak it */
static int parse_request_line(const char *p, size_t len, struct fbc_http *r)
{
    size_t method, end, i;

    for ( method = 0; method < len && is_token(p[method]); method++ )
        ;
    if ( !method || method == len || p[method] != ' ' )
        return 400;
    for ( end = method + 1; end < len && p[end] != ' '; end++ )
        ;
    if ( end == len || len - end != sizeof(" HTTP/1.1") - 1 ||
         memcmp(p + end, " HTTP/", 6) || p[end + 7] != '.' )
        return 400;
    for ( i = end + 6; i < len; i += 2 )
        if ( p[i] < '0' || p[i] > '9' )
            return 400;
    r->minor = (unsigned int)(p[end + 8] - '0');
    if ( p[end + 6] != '1' || r->minor > 1 )
        return 505;

    r->head = method == 4 && !memcmp(p, "HEAD", 4);
    if ( !r->head && (method != 3 || memcmp(p, "GET", 3)) )
        return 405;

    return parse_target(p + method + 1, end - method - 1, r);
}

/* "Name: value" */
static int parse_header(const char *p, size_t len, struct fbc_http *r)
{
    struct fbc_http_span name = { p, 0 };
    unsigned int i;

    while ( name.len < len && is_token(p[name.len]) )
        name.len++;
    if ( !name.len || name.len == len || p[name.len] != ':' )
        return 400;

    for ( i = 0; i < FBC_HTTP_HEADERS; i++ )
    {
        if ( !fbc_http_is_nocase(name, known[i].name) )
            continue;
        if ( r->header[i].p )
            return 400;
        r->header[i] = trim(p + name.len + 1, len - name.len - 1);
        return OK;
    }

    return OK;
}

/*
 * The end of the line that starts at from: the place of its CRLF; len when it
 * has not come yet; -1 when a control character stands in it.
 */
static long line_end(const char *buf, size_t from, size_t len)
{
    size_t i;

    for ( i = from; i < len; i++ )
    {
        if ( buf[i] == '\r' )
        {
            if ( i + 1 == len )
                return (long)len;
            return buf[i + 1] == '\n' ? (long)i : -1;
        }
        if ( ((uint8_t)buf[i] < 0x20 && buf[i] != '\t') || buf[i] == 0x7f )
            return -1;
    }

    return (long)len;
}

static int check_headers(const struct fbc_http *r)
{
    const struct fbc_http_span *length_value =
        &r->header[FBC_HTTP_CONTENT_LENGTH];

    if ( !r->header[FBC_HTTP_HOST].p )
        return 400;
    if ( r->header[FBC_HTTP_TRANSFER_ENCODING].p )
        return 501;
    if ( length_value->p && !fbc_http_is(*length_value, "0") )
        return 400;

    return OK;
}

/* A refusal of the request line comes only when the head is complete. */
int fbc_http_parse(const char *buf, size_t len, struct fbc_http *r)
{
    unsigned int headers = 0;
    int status, refusal = OK;
    size_t pos = 0;
    long end;

    memset(r, 0, sizeof(*r));
    if ( len > FBC_HTTP_MAX_HEAD )
        len = FBC_HTTP_MAX_HEAD;

    for ( ; ; )
    {
        end = line_end(buf, pos, len);
        if ( end < 0 )
            return 400;
        if ( (size_t)end == len )
            return len == FBC_HTTP_MAX_HEAD ? 431 : 0;

        if ( !pos )
            status = parse_request_line(buf, (size_t)end, r);
        else if ( (size_t)end == pos )
            break;
        else if ( headers++ == FBC_HTTP_MAX_HEADERS )
            return 431;
        else
            status = parse_header(buf + pos, (size_t)end - pos, r);

        if ( status == 400 )
            return 400;
        if ( refusal == OK )
            refusal = status;
        pos = (size_t)end + 2;
    }

    r->len = (size_t)end + 2;
    status = check_headers(r);

    return refusal != OK ? refusal : status;
}
