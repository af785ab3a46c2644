/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests to one HTTPS server, by libcurl, with everything bounded: time,
 * the size of headers and body.  TLS 1.2 at least, the server's certificate
 * checked, no redirects, no cookies, no passwords from files.  A proxy is used
 * as the environment tells curl(1): it sees nothing but the server's name.
 */
#ifndef FBC_LIB_HTTPS_H
#define FBC_LIB_HTTPS_H

#include "lib/base/fail.h"

#define FBC_HTTPS_URL_MAX 512       /* of the server, with NUL */
#define FBC_HTTPS_NAME_MAX 264      /* "host:port", with NUL */

struct fbc_https;

struct fbc_https_request {
    const char *method;             /* "GET", "PUT", ... */
    const char *path;               /* "/v1/...", as it goes over the wire */
    const void *body;               /* NULL: none */
    size_t len;
    unsigned int seconds;           /* at most, for all of it */
    size_t max;                     /* bytes of the answer's body */
    const volatile int *stop;       /* set: give up within a second, or NULL */
};

struct fbc_https_reply {
    unsigned int status;            /* 200 to 599 */
    unsigned int retry_after;       /* seconds the server asks for, or 0 */
    char *body;                     /* a NUL follows; free() it */
    size_t len;
};

/*
 * The server's URL, "https://HOST[:PORT][/PATH]", nothing else, without a '/'
 * at its end; name: its "host:port" in lower case, 443 being the default.
 */
int FBC_MUST_CHECK
fbc_https_url(const char *url, char base[static FBC_HTTPS_URL_MAX],
              char name[static FBC_HTTPS_NAME_MAX], struct fbc_error *e);

/*
 * cacert: PEM file of the certificates to trust in place of the system's, or
 * NULL.  Connects to nobody yet.
 */
int FBC_MUST_CHECK fbc_https_open(struct fbc_https **out, const char *url,
                                  const char *cacert, struct fbc_error *e);
void fbc_https_close(struct fbc_https *h);

/*
 * The connection is kept for the next request.  Any answer of HTTP is a
 * success; FBC_EXIT_ENV: no connection, or no TLS; _TIMEOUT; _INPUT: not
 * HTTP, or longer than allowed.
 */
int FBC_MUST_CHECK fbc_https_do(struct fbc_https *h,
                                const struct fbc_https_request *r,
                                struct fbc_https_reply *reply,
                                struct fbc_error *e);

#endif /* FBC_LIB_HTTPS_H */
