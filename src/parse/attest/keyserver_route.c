/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to the key server. */
#include "parse/attest/keyserver_route.h"
#include "parse/text/decimal.h"
#include "parse/text/hex.h"

static const char hosts_path[] = "/v1/hosts/", log_path[] = "/v1/log";

/* Behind the prefix, or NULL. */
static const char *after(const char *s, const char *prefix)
{
    while ( *prefix )
        if ( *s++ != *prefix++ )
            return NULL;

    return s;
}

/* NAME, up to '/', '?' or the end; what follows, or NULL. */
static const char *read_name(const char *s, char name[FBC_HOST_NAME_MAX + 1])
{
    size_t n = 0;

    while ( s[n] && s[n] != '/' && s[n] != '?' )
        if ( n == FBC_HOST_NAME_MAX )
            return NULL;
        else
            n++;
    memcpy(name, s, n);
    name[n] = '\0';

    return fbc_host_name_ok(name) ? s + n : NULL;
}

/* rest: what follows the resource's name; true: of the right form. */
static bool read_query(struct fbc_route *r, const char *rest)
{
    const char *value;
    uint64_t wait;

    switch ( r->kind )
    {
    case FBC_ROUTE_KEY:
        value = after(rest, "?nonce=");
        return value && fbc_hex_read(value, 2 * sizeof(r->nonce), r->nonce,
                                     sizeof(r->nonce)) &&
               !value[2 * sizeof(r->nonce)];

    case FBC_ROUTE_NONCES:
        r->wait = FBC_POLL_DEFAULT;
        if ( !*rest )
            return true;
        value = after(rest, "?wait=");
        if ( !value ||
             !fbc_decimal_read(value, strlen(value), FBC_POLL_MAX, &wait) )
            return false;
        r->wait = (unsigned int)wait;
        return true;

    case FBC_ROUTE_LOG:
        value = after(rest, "?from=");
        return value && fbc_decimal_read(value, strlen(value), INT64_MAX,
                                         &r->from) && r->from;

    default:
        return !*rest;
    }
}

static const struct {
    enum fbc_route_kind kind;
    const char *method, *page;      /* page of a host, or NULL: the log */
} routes[FBC_ROUTES] = {
    { FBC_ROUTE_KEY, "GET", "/key" },
    { FBC_ROUTE_NONCES, "GET", "/nonces" },
    { FBC_ROUTE_EVIDENCE, "POST", "/evidence" },
    { FBC_ROUTE_REGISTER, "PUT", "" },
    { FBC_ROUTE_REVOKE, "DELETE", "" },
    { FBC_ROUTE_LOG, "GET", NULL },
};

/* Behind this page's name, or NULL: another page. */
static const char *match(const char *page, const char *rest, bool is_log)
{
    if ( !page || is_log )
        return !page && is_log ? rest : NULL;
    rest = after(rest, page);

    return rest && (!*rest || *rest == '?') ? rest : NULL;
}

/* Behind the name of the log or of a host, or NULL: it is neither. */
static const char *read_place(const char *target,
                              char name[static FBC_HOST_NAME_MAX + 1],
                              bool *is_log)
{
    const char *rest = after(target, log_path);

    *is_log = rest && (!*rest || *rest == '?');
    if ( *is_log )
        return rest;
    rest = after(target, hosts_path);

    return rest ? read_name(rest, name) : NULL;
}

bool fbc_route_parse(const char *method, const char *target,
                      struct fbc_route *r, enum fbc_denial *why)
{
    struct fbc_route t = { .kind = FBC_ROUTES };
    const char *rest, *here;
    bool is_log;
    size_t i;

    *why = FBC_DENIAL_NO_SUCH_PAGE;
    rest = read_place(target, t.name, &is_log);
    if ( !rest )
        return false;

    for ( i = 0; i < FBC_ROUTES; i++ )
    {
        here = match(routes[i].page, rest, is_log);
        if ( !here )
            continue;
        *why = FBC_DENIAL_METHOD;
        if ( strcmp(method, routes[i].method) )
            continue;
        t.kind = routes[i].kind;
        *why = FBC_DENIAL_BAD_REQUEST;
        if ( !read_query(&t, here) )
            return false;
        *r = t;
        return true;
    }

    return false;
}

const char *fbc_route_allow(const char *target)
{
    char name[FBC_HOST_NAME_MAX + 1];
    bool is_log;
    const char *rest = read_place(target, name, &is_log);
    size_t i;

    for ( i = 0; rest && i < FBC_ROUTES; i++ )
        if ( match(routes[i].page, rest, is_log) )
            return routes[i].kind == FBC_ROUTE_REGISTER ? "PUT, DELETE"
                                                         : routes[i].method;

    return NULL;
}

size_t fbc_route_body_max(enum fbc_route_kind kind)
{
    switch ( kind )
    {
    case FBC_ROUTE_EVIDENCE:
        return FBC_EVIDENCE_TEXT_MAX;

    case FBC_ROUTE_REGISTER:
        return FBC_REGISTRATION_MAX;

    case FBC_ROUTE_REVOKE:
        return FBC_REVOCATION_MAX;

    default:
        return 0;
    }
}
