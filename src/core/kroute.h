/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests to the key server: method and target, taken byte for byte
 * (fbc-keyserver-formats(5)).  Nothing is decoded, so nothing can be said in
 * two ways.
 */
#ifndef FBC_CORE_KROUTE_H
#define FBC_CORE_KROUTE_H

#include "release.h"

#define FBC_POLL_DEFAULT 25     /* s that a host's poll waits */
#define FBC_POLL_MAX     60

enum fbc_kroute_kind {
    FBC_KROUTE_KEY,             /* GET /v1/hosts/NAME/key?nonce=HEX */
    FBC_KROUTE_NONCES,          /* GET /v1/hosts/NAME/nonces[?wait=S] */
    FBC_KROUTE_EVIDENCE,        /* POST /v1/hosts/NAME/evidence */
    FBC_KROUTE_REGISTER,        /* PUT /v1/hosts/NAME */
    FBC_KROUTE_REVOKE,          /* DELETE /v1/hosts/NAME */
    FBC_KROUTE_LOG,             /* GET /v1/log?from=N */
    FBC_KROUTES
};

struct fbc_kroute {
    enum fbc_kroute_kind kind;
    char name[FBC_HOST_NAME_MAX + 1];
    uint8_t nonce[FBC_TPM_NONCE_LEN];   /* KEY */
    unsigned int wait;                  /* NONCES; s */
    uint64_t from;                      /* LOG; 1 to INT64_MAX */
};

/*
 * Returns true and fills *r, or false and says why: FBC_DENIAL_BAD_REQUEST,
 * FBC_DENIAL_NO_SUCH_PAGE or FBC_DENIAL_METHOD.
 */
bool FBC_MUST_CHECK fbc_kroute_parse(const char *method, const char *target,
                                     struct fbc_kroute *r,
                                     enum fbc_denial *why);

/* Bytes that a body may have; 0: there must be none. */
size_t fbc_kroute_body_max(enum fbc_kroute_kind kind);

/* Methods that a target takes, as an Allow header has them; NULL: none. */
const char *fbc_kroute_allow(const char *target);

#endif /* FBC_CORE_KROUTE_H */
