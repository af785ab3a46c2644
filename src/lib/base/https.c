/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to one HTTPS server, by libcurl. */
#include "lib/base/https.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/pem.h"

#define CONNECT_SECONDS 10
#define HEADERS_MAX     65536
#define RETRY_MAX       86400

struct fbc_https {
    CURL *curl;
    char base[FBC_HTTPS_URL_MAX], name[FBC_HTTPS_NAME_MAX];
    char message[CURL_ERROR_SIZE];
};

/* One answer as it comes in. */
struct answer {
    char *body;
    size_t len, max, headers;
    bool too_long;
    const volatile int *stop;
};

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

/* "host" or "[v6]" from *p on, in lower case; false: it is neither. */
static bool take_host(const char **p, char *name, size_t room)
{
    size_t n = 0;
    bool v6 = **p == '[';
    char c;

    for ( ; n + 1 < room; (*p)++ )
    {
        c = **p;
        if ( c >= 'A' && c <= 'Z' )
            c = (char)(c - 'A' + 'a');
        if ( v6 ? !c || !strchr("[]:.0123456789abcdef", c)
                : !is_host_char(c) )
            break;
        name[n++] = c;
        if ( c == ']' )
        {
            (*p)++;
            break;
        }
    }
    name[n] = 0;

    return v6 ? n > 3 && name[n - 1] == ']' : n && name[0] != '-';
}

/* Two colons before a path. */
static bool bare_v6(const char *host)
{
    size_t n = strcspn(host, "/");
    const char *colon = memchr(host, ':', n);

    return colon && memchr(colon + 1, ':', n - (size_t)(colon + 1 - host));
}

int fbc_https_url(const char *url, char base[static FBC_HTTPS_URL_MAX],
                  char name[static FBC_HTTPS_NAME_MAX], struct fbc_error *e)
{
    static const char scheme[] = "https://";
    const char *p = url + sizeof(scheme) - 1;
    char host[FBC_HTTPS_NAME_MAX - 8];
    unsigned long port = 443;
    char *end;

    if ( strncmp(url, scheme, sizeof(scheme) - 1) )
    {
        fbc_fail(e, FBC_EXIT_USAGE, url, "is not an https URL");
        return fbc_hint(e, "such as https://keys.example:8443");
    }
    if ( *p != '[' && bare_v6(p) )
    {
        fbc_fail(e, FBC_EXIT_USAGE, url,
                 "has an IPv6 address without brackets");
        return fbc_hint(e, "such as https://[2001:db8::1]:8443");
    }
    if ( !take_host(&p, host, sizeof(host)) )
        return fbc_fail(e, FBC_EXIT_USAGE, url, "has no host name");
    if ( *p == ':' )
    {
        port = p[1] >= '1' && p[1] <= '9' ? strtoul(p + 1, &end, 10) : 0;
        if ( !port || port > 65535 )
            return fbc_fail(e, FBC_EXIT_USAGE, url, "has no valid port");
        p = end;
    }
    if ( *p && *p != '/' )
        return fbc_fail(e, FBC_EXIT_USAGE, url,
                        "has something else after the host name");
    for ( ; *p; p++ )
        if ( *p != '/' && *p != '~' && !is_host_char(*p) &&
             !(*p >= 'A' && *p <= 'Z') )
            return fbc_fail(e, FBC_EXIT_USAGE, url,
                            "has a character that is not for a path");

    while ( p > url && p[-1] == '/' )
        p--;
    if ( p - url >= FBC_HTTPS_URL_MAX )
        return fbc_fail(e, FBC_EXIT_USAGE, "URL", "is too long");
    memcpy(base, url, (size_t)(p - url));
    base[p - url] = 0;
    snprintf(name, FBC_HTTPS_NAME_MAX, "%s:%lu", host, port);

    return 0;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct answer *a = arg;

    n *= size;
    if ( n > a->max - a->len )
    {
        a->too_long = true;
        return 0;
    }
    memcpy(a->body + a->len, data, n);
    a->len += n;

    return n;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct answer *a = arg;

    (void)data;
    n *= size;
    a->headers += n;
    a->too_long |= a->headers > HEADERS_MAX;

    return a->too_long ? 0 : n;
}

static int on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow,
                       curl_off_t ultotal, curl_off_t ulnow)
{
    const struct answer *a = arg;

    (void)dltotal;
    (void)dlnow;
    (void)ultotal;
    (void)ulnow;

    return a->stop && *a->stop;
}

static const char *any(X509 *x, void *arg)
{
    (void)x, (void)arg;

    return NULL;
}

int fbc_https_open(struct fbc_https **out, const char *url,
                   const char *cacert, struct fbc_error *e)
{
    struct fbc_https *h = calloc(1, sizeof(*h));

    if ( !h )
        return fbc_fail_core(e, url, FBC_ERR_NOMEM);
    if ( fbc_https_url(url, h->base, h->name, e) )
        goto fail;
    if ( cacert && access(cacert, R_OK) )
    {
        fbc_fail_errno(e, cacert);
        goto fail;
    }
    /* libcurl would tell of a bad one only when it connects, if at all. */
    if ( cacert && fbc_pem_each(cacert, any, NULL, e) )
        goto fail;
    if ( curl_global_init(CURL_GLOBAL_DEFAULT) ||
         !(h->curl = curl_easy_init()) )
    {
        fbc_fail(e, FBC_EXIT_ENV, "libcurl", "cannot be used");
        goto fail;
    }
    if ( curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "https") ||
         curl_easy_setopt(h->curl, CURLOPT_SSLVERSION,
                          (long)CURL_SSLVERSION_TLSv1_2) ||
         curl_easy_setopt(h->curl, CURLOPT_HTTP_VERSION,
                          (long)CURL_HTTP_VERSION_1_1) ||
         curl_easy_setopt(h->curl, CURLOPT_FOLLOWLOCATION, 0L) ||
         curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L) ||
         curl_easy_setopt(h->curl, CURLOPT_NOPROGRESS, 0L) ||
         curl_easy_setopt(h->curl, CURLOPT_CONNECTTIMEOUT,
                          (long)CONNECT_SECONDS) ||
         curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, h->message) ||
         curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, on_body) ||
         curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, on_header) ||
         curl_easy_setopt(h->curl, CURLOPT_XFERINFOFUNCTION, on_progress) ||
         curl_easy_setopt(h->curl, CURLOPT_USERAGENT,
                          "fbcrypt/" FBC_VERSION) ||
         (cacert && (curl_easy_setopt(h->curl, CURLOPT_CAINFO, cacert) ||
                     curl_easy_setopt(h->curl, CURLOPT_CAPATH, NULL))) )
    {
        fbc_fail(e, FBC_EXIT_ENV, "libcurl", "does not support all options");
        goto fail;
    }
    *out = h;

    return 0;

 fail:
    fbc_https_close(h);
    return -1;
}

void fbc_https_close(struct fbc_https *h)
{
    if ( h && h->curl )
        curl_easy_cleanup(h->curl);
    free(h);
}

/* Until it gave up: connecting may take less time than all. */
static unsigned int seconds_taken(CURL *c)
{
    curl_off_t us = 0;

    if ( curl_easy_getinfo(c, CURLINFO_TOTAL_TIME_T, &us) || us < 0 )
        us = 0;

    return (unsigned int)((us + 500000) / 1000000);
}

static int explain(const struct fbc_https *h, const struct answer *a,
                   CURLcode code, struct fbc_error *e)
{
    const char *why = h->message[0] ? h->message : curl_easy_strerror(code);

    if ( a->too_long )
        return fbc_fail(e, FBC_EXIT_INPUT, h->name,
                        "its answer is longer than %zu bytes",
                        a->headers > HEADERS_MAX ? (size_t)HEADERS_MAX
                        : a->max);

    switch ( code )
    {
    case CURLE_OPERATION_TIMEDOUT:
        return fbc_fail(e, FBC_EXIT_TIMEOUT, h->name,
                        "has not answered within %u seconds",
                        seconds_taken(h->curl));

    case CURLE_ABORTED_BY_CALLBACK:
        return fbc_fail(e, FBC_EXIT_ENV, h->name, "interrupted");

    case CURLE_PEER_FAILED_VERIFICATION:
        fbc_fail(e, FBC_EXIT_NO, h->name, "%.150s", why);
        return fbc_hint(e, "if its certificate is one of your own, name it "
                        "with --cacert");

    case CURLE_SSL_CACERT_BADFILE:
        return fbc_fail(e, FBC_EXIT_INPUT, "--cacert", "%.150s", why);

    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_BAD_CONTENT_ENCODING:
        return fbc_fail(e, FBC_EXIT_INPUT, h->name, "%.150s", why);

    default:
        return fbc_fail(e, FBC_EXIT_ENV, h->name, "%.150s", why);
    }
}

/* The options of one request, headers but those that curl sends itself. */
static bool prepare(struct fbc_https *h, const struct fbc_https_request *r,
                    const char *url, struct answer *a,
                    struct curl_slist *headers)
{
    CURL *c = h->curl;
    bool bad;

    bad = curl_easy_setopt(c, CURLOPT_URL, url) ||
          curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) ||
          curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)r->seconds) ||
          curl_easy_setopt(c, CURLOPT_WRITEDATA, a) ||
          curl_easy_setopt(c, CURLOPT_HEADERDATA, a) ||
          curl_easy_setopt(c, CURLOPT_XFERINFODATA, a);
    if ( r->body )
        bad |= curl_easy_setopt(c, CURLOPT_POST, 1L) ||
               curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
                                (curl_off_t)r->len) ||
               curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body);
    else
        bad |= curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);

    return !bad && !curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
}

static unsigned int retry_after(CURL *c)
{
    curl_off_t s = 0;

    if ( curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &s) || s < 0 )
        return 0;

    return s < RETRY_MAX ? (unsigned int)s : RETRY_MAX;
}

int fbc_https_do(struct fbc_https *h, const struct fbc_https_request *r,
                 struct fbc_https_reply *reply, struct fbc_error *e)
{
    struct answer a = { .max = r->max, .stop = r->stop };
    struct curl_slist *headers = NULL;
    char url[2 * FBC_HTTPS_URL_MAX];
    CURLcode code;
    long status = 0;
    int rc = -1;

    if ( snprintf(url, sizeof(url), "%s%s", h->base, r->path) >=
         (int)sizeof(url) )
        return fbc_fail(e, FBC_EXIT_USAGE, "URL", "is too long");

    /* No type that curl makes up, and no waiting for "100 Continue". */
    headers = curl_slist_append(NULL, "Expect:");
    a.body = malloc(a.max + 1);
    if ( !headers || !a.body || !curl_slist_append(headers, "Content-Type:"
         " text/plain") || !prepare(h, r, url, &a, headers) )
    {
        fbc_fail_core(e, h->name, FBC_ERR_NOMEM);
        goto out;
    }

    h->message[0] = 0;
    code = curl_easy_perform(h->curl);
    if ( code || curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE,
                                   &status) )
    {
        explain(h, &a, code, e);
        goto out;
    }
    if ( status < 200 || status > 599 )
    {
        fbc_fail(e, FBC_EXIT_INPUT, h->name, "answers with HTTP status %ld",
                 status);
        goto out;
    }

    a.body[a.len] = 0;
    reply->status = (unsigned int)status;
    reply->retry_after = retry_after(h->curl);
    reply->body = a.body;
    reply->len = a.len;
    a.body = NULL;
    rc = 0;

 out:
    free(a.body);
    curl_slist_free_all(headers);
    return rc;
}
