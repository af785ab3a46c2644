/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to the key server. */
#include "kroute.h"
#include "hex.h"

static const char hosts_path[] = "/v1/hosts/", log_path[] = "/v1/log";

static bool same(const char *a, const char *b)
{
    while ( *a && *a == *b )
    {
        a++;
        b++;
    }

    return *a == *b;
}

/* Behind the prefix, or NULL. */
static const char *after(const char *s, const char *prefix)
{
    while ( *prefix )
        if ( *s++ != *prefix++ )
            return NULL;

    return s;
}

static bool read_number(const char *s, uint64_t max, uint64_t *out)
{
    uint64_t x = 0;

    if ( !*s || (*s == '0' && s[1]) )
        return false;
    for ( ; *s; s++ )
    {
        uint8_t digit = (uint8_t)(*s - '0');

        if ( digit > 9 || x > (max - digit) / 10 )
            return false;
        x = x * 10 + digit;
    }
    *out = x;

    return true;
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
static bool read_query(struct fbc_kroute *r, const char *rest)
{
    const char *value;
    uint64_t wait;

    switch ( r->kind )
    {
    case FBC_KROUTE_KEY:
        value = after(rest, "?nonce=");
        return value && fbc_hex_read(value, 2 * sizeof(r->nonce), r->nonce,
                                     sizeof(r->nonce)) &&
               !value[2 * sizeof(r->nonce)];

    case FBC_KROUTE_NONCES:
        r->wait = FBC_POLL_DEFAULT;
        if ( !*rest )
            return true;
        value = after(rest, "?wait=");
        if ( !value || !read_number(value, FBC_POLL_MAX, &wait) )
            return false;
        r->wait = (unsigned int)wait;
        return true;

    case FBC_KROUTE_LOG:
        value = after(rest, "?from=");
        return value && read_number(value, INT64_MAX, &r->from) && r->from;

    default:
        return !*rest;
    }
}

static const struct {
    enum fbc_kroute_kind kind;
    const char *method, *page;      /* page of a host, or NULL: the log */
} routes[FBC_KROUTES] = {
    { FBC_KROUTE_KEY, "GET", "/key" },
    { FBC_KROUTE_NONCES, "GET", "/nonces" },
    { FBC_KROUTE_EVIDENCE, "POST", "/evidence" },
    { FBC_KROUTE_REGISTER, "PUT", "" },
    { FBC_KROUTE_REVOKE, "DELETE", "" },
    { FBC_KROUTE_LOG, "GET", NULL },
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

bool fbc_kroute_parse(const char *method, const char *target,
                      struct fbc_kroute *r, enum fbc_denial *why)
{
    struct fbc_kroute t = { .kind = FBC_KROUTES };
    const char *rest, *here;
    bool is_log;
    size_t i;

    *why = FBC_DENIAL_NO_SUCH_PAGE;
    rest = read_place(target, t.name, &is_log);
    if ( !rest )
        return false;

    for ( i = 0; i < FBC_KROUTES; i++ )
    {
        here = match(routes[i].page, rest, is_log);
        if ( !here )
            continue;
        *why = FBC_DENIAL_METHOD;
        if ( !same(method, routes[i].method) )
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

const char *fbc_kroute_allow(const char *target)
{
    char name[FBC_HOST_NAME_MAX + 1];
    bool is_log;
    const char *rest = read_place(target, name, &is_log);
    size_t i;

    for ( i = 0; rest && i < FBC_KROUTES; i++ )
        if ( match(routes[i].page, rest, is_log) )
            return routes[i].kind == FBC_KROUTE_REGISTER ? "PUT, DELETE"
                                                         : routes[i].method;

    return NULL;
}

size_t fbc_kroute_body_max(enum fbc_kroute_kind kind)
{
    switch ( kind )
    {
    case FBC_KROUTE_EVIDENCE:
        return FBC_EVIDENCE_TEXT_MAX;

    case FBC_KROUTE_REGISTER:
        return FBC_REGISTRATION_MAX;

    case FBC_KROUTE_REVOKE:
        return FBC_REVOCATION_MAX;

    default:
        return 0;
    }
}
