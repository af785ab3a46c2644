/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests to the key server: method and target, taken byte for byte
 * (fbc-keyserver-formats(5)).  Nothing is decoded, so nothing can be said in
 * two ways.
 */
#ifndef FBC_PARSE_KEYSERVER_ROUTE_H
#define FBC_PARSE_KEYSERVER_ROUTE_H

#include "parse/attest/release.h"

#define FBC_POLL_DEFAULT 25     /* s that a host's poll waits */
#define FBC_POLL_MAX     60

enum fbc_route_kind {
    FBC_ROUTE_KEY,             /* GET /v1/hosts/NAME/key?nonce=HEX */
    FBC_ROUTE_NONCES,          /* GET /v1/hosts/NAME/nonces[?wait=S] */
    FBC_ROUTE_EVIDENCE,        /* POST /v1/hosts/NAME/evidence */
    FBC_ROUTE_REGISTER,        /* PUT /v1/hosts/NAME */
    FBC_ROUTE_REVOKE,          /* DELETE /v1/hosts/NAME */
    FBC_ROUTE_LOG,             /* GET /v1/log?from=N */
    FBC_ROUTES
};

struct fbc_route {
    enum fbc_route_kind kind;
    char name[FBC_HOST_NAME_MAX + 1];
    uint8_t nonce[FBC_TPM_NONCE_LEN];   /* KEY */
    unsigned int wait;                  /* NONCES; s */
    uint64_t from;                      /* LOG; 1 to INT64_MAX */
};

/*
 * Returns true and fills *r, or false and says why: FBC_DENIAL_BAD_REQUEST,
 * FBC_DENIAL_NO_SUCH_PAGE or FBC_DENIAL_METHOD.
 */
bool FBC_MUST_CHECK fbc_route_parse(const char *method, const char *target,
                                    struct fbc_route *r,
                                    enum fbc_denial *why);

/* Bytes that a body may have; 0: there must be none. */
size_t fbc_route_body_max(enum fbc_route_kind kind);

/* Methods that a target takes, as an Allow header has them; NULL: none. */
const char *fbc_route_allow(const char *target);

#endif /* FBC_PARSE_KEYSERVER_ROUTE_H */
