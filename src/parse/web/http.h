/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The head of one HTTP/1.1 request (RFC 9112, RFC 9110), GET and HEAD only;
 * one of HTTP/1.0 is taken if it has what 1.1 asks for.
 * Stricter than the RFCs: one line end, no folding, no odd targets, none of
 * the headers twice on which a decision depends.
 */
#ifndef FBC_PARSE_HTTP_H
#define FBC_PARSE_HTTP_H

#include "core/fbc.h"

#define FBC_HTTP_MAX_HEAD    8192u  /* bytes, the empty line included */
#define FBC_HTTP_MAX_HEADERS 64u
#define FBC_HTTP_MAX_PATH    256u   /* bytes, NUL included */

/* Part of the request's bytes, not NUL-terminated; p NULL: not there. */
struct fbc_http_span {
    const char *p;
    size_t len;
};

/* Headers that are looked at; each of them at most once in a request. */
enum fbc_http_header {
    FBC_HTTP_HOST,
    FBC_HTTP_ORIGIN,
    FBC_HTTP_CONNECTION,
    FBC_HTTP_UPGRADE,
    FBC_HTTP_CONTENT_LENGTH,
    FBC_HTTP_TRANSFER_ENCODING,
    FBC_HTTP_WS_KEY,
    FBC_HTTP_WS_VERSION,
    FBC_HTTP_WS_PROTOCOL,
    FBC_HTTP_HEADERS
};

struct fbc_http {
    size_t len;                     /* of the head, the empty line included */
    bool head;                      /* HEAD; else GET */
    unsigned int minor;             /* HTTP/1.0 or 1.1 */
    char path[FBC_HTTP_MAX_PATH];   /* decoded, without the first '/' */
    struct fbc_http_span query;     /* without '?' */
    struct fbc_http_span header[FBC_HTTP_HEADERS];  /* values, trimmed */
};

/*
 * Parses what has come so far.  Returns 0: more is needed; 200: *r is filled,
 * its spans point into buf; else the status to refuse the request with: 400,
 * 404 (a path with a dot file), 405, 414, 431, 501 (a body in chunks) or 505.
 * No request with a body is taken.  A path that is taken is printable ASCII
 * and relative, without "..", empty parts or backslashes.
 */
int FBC_MUST_CHECK fbc_http_parse(const char *buf, size_t len,
                                  struct fbc_http *r);

/*
 * The value of a parameter in a query of the form a=b&c=d, percent-decoded
 * once ('+' stays '+') into out, NUL-terminated.  False, with out[0] = 0, when
 * it is not there exactly once, malformed, not printable ASCII, or needs more
 * than size bytes.
 */
bool FBC_MUST_CHECK fbc_http_param(struct fbc_http_span query,
                                   const char *name, char *out, size_t size);

/* Is the header there, and the same as text: in every byte; but for case? */
bool fbc_http_is(struct fbc_http_span value, const char *text);
bool fbc_http_is_nocase(struct fbc_http_span value, const char *text);

/* Is text, but for case, one of the members of a comma-separated list? */
bool fbc_http_lists(struct fbc_http_span value, const char *text);

#endif /* FBC_PARSE_HTTP_H */
