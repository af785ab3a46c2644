/* SPDX-License-Identifier: GPL-2.0-only */
/* A client of the key server: asks, and checks what it gets. */
#include "lib/keyclient/keyclient.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/crypto.h"
#include "lib/base/https.h"
#include "lib/base/keyfile.h"
#include "lib/base/random.h"
#include "lib/verify/adminkey.h"
#include "lib/verify/attest_file.h"
#include "parse/text/hex.h"

int fbc_keyclient_refuse(struct fbc_error *e, enum fbc_exit status,
                         const char *what, const char *reason,
                         const char *text)
{
    return fbc_fail(e, status, what, "%s: %s", reason, text);
}

/* What is malformed, or of an unknown version. */
static int refuse_record(struct fbc_error *e, const char *what,
                         const char *reason, enum fbc_err err,
                         unsigned int line)
{
    fbc_fail_core(e, what, err);

    return line ? fbc_fail(e, e->status, what, "%s: line %u: %s", reason,
                           line, fbc_strerror(err))
                : fbc_fail(e, e->status, what, "%s: %s", reason,
                           fbc_strerror(err));
}

static enum fbc_exit exit_of(unsigned int status)
{
    switch ( status )
    {
    case 403:
    case 404:
    case 409:
        return FBC_EXIT_NO;

    case 408:
    case 504:
        return FBC_EXIT_TIMEOUT;

    case 429:
        return FBC_EXIT_ENV;
    }

    return status >= 500 ? FBC_EXIT_ENV : FBC_EXIT_INPUT;
}

/* The server's own words, if it has any. */
static int refused(const struct fbc_https_reply *reply, const char *name,
                   struct fbc_error *e)
{
    enum fbc_exit status = exit_of(reply->status);
    struct fbc_refusal r;

    if ( fbc_record_parse(&fbc_refusal_record, reply->body, reply->len, &r,
                          NULL) )
        return fbc_fail(e, status == FBC_EXIT_NO ? FBC_EXIT_INPUT : status,
                        name, "answers with HTTP status %u: is it a key "
                        "server?", reply->status);

    fbc_keyclient_refuse(e, status, name, r.reason, r.text);
    if ( reply->retry_after )
        fbc_hint(e, "try again in %u seconds", reply->retry_after);
    else if ( !strcmp(r.reason, fbc_denial_name(FBC_DENIAL_HOST_SILENT)) )
        fbc_hint(e, "does fbc-attest agent run on the host?");

    return -1;
}

static int ask(const struct fbc_keyclient_args *a,
               const struct fbc_keyclient *c, const char *name,
               struct fbc_https_reply *reply, struct fbc_error *e)
{
    char path[64 + FBC_HOST_NAME_MAX + 2 * FBC_TPM_NONCE_LEN], *p = path;
    struct fbc_https_request r = { .method = "GET", .path = path,
                                   .seconds = a->seconds,
                                   .max = FBC_RECORD_MAX_FILE };
    struct fbc_https *https;
    int rc;

    p += sprintf(p, "/v1/hosts/%s/key?nonce=", a->host);
    *fbc_hex_write(p, c->nonce, sizeof(c->nonce)) = '\0';

    if ( fbc_https_open(&https, a->server, a->cacert, e) )
        return -1;
    rc = fbc_https_do(https, &r, reply, e);
    fbc_https_close(https);
    if ( !rc && reply->status != 200 )
    {
        rc = refused(reply, name, e);
        free(reply->body);
    }

    return rc;
}

int fbc_keyclient_fetch(const struct fbc_keyclient_args *a,
                        struct fbc_keyclient *c, struct fbc_error *e)
{
    char base[FBC_HTTPS_URL_MAX], name[FBC_HTTPS_NAME_MAX];
    struct fbc_https_reply reply;
    unsigned int line = 0;
    enum fbc_err err;

    if ( !fbc_host_name_ok(a->host) )
        return fbc_fail(e, FBC_EXIT_USAGE, a->host, "is not a valid host name");
    if ( fbc_https_url(a->server, base, name, e) ||
         fbc_random(c->nonce, sizeof(c->nonce), e) ||
         ask(a, c, name, &reply, e) )
        return -1;

    err = fbc_record_parse(&fbc_release_record, reply.body, reply.len,
                           &c->release, &line);
    free(reply.body);
    if ( err )
        return refuse_record(e, name, "release-format", err, line);
    strcpy(c->shown.server, name);

    return 0;
}

/* Well-formed, for the host that was asked for, and signed. */
static int check_registration(const struct fbc_keyclient_args *a,
                              struct fbc_keyclient *c, struct fbc_error *e)
{
    const struct fbc_registration *r = &c->registration;
    const char *text = (const char *)c->release.registration.data;
    const char *server = c->shown.server;
    unsigned int line = 0;
    enum fbc_err err;
    size_t covered;

    if ( strcmp(c->release.name, a->host) )
        return fbc_keyclient_refuse(e, FBC_EXIT_NO, server, "name",
                                    "answers for another host");
    err = fbc_registration_parse(text, c->release.registration.len,
                                 &c->registration, &covered, &line);
    if ( err )
        return refuse_record(e, server, "registration-format", err, line);
    if ( strcmp(r->name, a->host) )
        return fbc_keyclient_refuse(e, FBC_EXIT_NO, server, "name",
                                    "shows the registration of another host");
    if ( !fbc_admin_verify(r->admin, text, covered, r->signature) )
        return fbc_keyclient_refuse(e, FBC_EXIT_NO, server,
                                    "admin-signature", "the administrator's "
                                    "signature does not verify");
    err = fbc_registration_open(r, &c->registered);
    if ( err )
        return refuse_record(e, server, "registration-format", err, 0);

    return 0;
}

static int check_admin(const struct fbc_keyclient_args *a,
                       struct fbc_keyclient *c, struct fbc_error *e)
{
    uint8_t key[FBC_KEY_LEN];
    size_t i;

    for ( i = 0; i < a->admins; i++ )
    {
        if ( fbc_keyfile_read(FBC_KEY_ADMIN_PUBLIC, a->admin[i], key, e) )
            return -1;
        c->trusted |= !memcmp(key, c->registration.admin, sizeof(key));
    }
    if ( c->trusted || !a->admins )
        return 0;

    fbc_keyclient_refuse(e, FBC_EXIT_NO, c->shown.server, "admin-unknown",
                         "registered by another administrator");
    return fbc_hint(e, "no --admin file holds the key that signed it");
}

static int load_roots(const struct fbc_keyclient_args *a,
                      const struct fbc_keyclient *c, struct fbc_roots **out,
                      struct fbc_error *e)
{
    if ( a->roots )
        return fbc_roots_load(a->roots, out, e);

    *out = fbc_roots_registered(&c->registration);

    return *out ? 0 : fbc_keyclient_refuse(e, FBC_EXIT_INPUT, c->shown.server,
                                           "registration-format",
                                           "a root is not a certificate");
}

static int check_evidence(const struct fbc_keyclient_args *a,
                          struct fbc_keyclient *c, struct fbc_error *e)
{
    struct fbc_attest at = { .evidence = &c->evidence, .nonce = c->nonce,
                             .host = &c->registered.host,
                             .golden = c->registered.golden,
                             .goldens = c->registered.goldens,
                             .require_overwrite = a->require_overwrite };
    struct fbc_verdict *v = &c->verdict;
    enum fbc_exit status = FBC_EXIT_NO;
    unsigned int line = 0;
    enum fbc_err err;
    size_t i;

    for ( i = 0; i < a->goldens; i++ )
        if ( fbc_golden_read(a->golden[i], &c->golden[i], e) )
            return -1;
    if ( a->goldens )
    {
        at.golden = c->golden;
        at.goldens = a->goldens;
    }
    if ( load_roots(a, c, &at.roots, e) )
        return -1;
    if ( a->expired_ek )
        fbc_roots_allow_expired(at.roots);

    err = fbc_record_parse(&fbc_evidence_record,
                           (const char *)c->release.evidence.data,
                           c->release.evidence.len, &c->evidence, &line);
    if ( err )
    {
        fbc_attest_unreadable(err, line, v);
        status = err == FBC_ERR_VERSION ? FBC_EXIT_VERSION : FBC_EXIT_INPUT;
    }
    else
        fbc_attest_check(&at, v);
    fbc_roots_free(at.roots);
    if ( v->ok )
        return 0;
    if ( !v->reason )
        return fbc_fail(e, FBC_EXIT_NO, c->shown.server,
                        "some checks could not be made");

    fbc_keyclient_refuse(e, status, c->shown.server,
                         fbc_reason_name(v->reason),
                         fbc_reason_text(v->reason));
    return fbc_hint(e, "%s", fbc_reason_hint(v->reason));
}

int fbc_keyclient_check(const struct fbc_keyclient_args *a,
                        struct fbc_keyclient *c, struct fbc_error *e)
{
    struct fbc_known_host *s = &c->shown;
    const struct fbc_host *h = &c->registered.host;

    if ( check_registration(a, c, e) || check_admin(a, c, e) ||
         check_evidence(a, c, e) )
        return -1;
    if ( memcmp(c->release.vmm_key, c->evidence.vmm_key, FBC_KEY_LEN) )
        return fbc_keyclient_refuse(e, FBC_EXIT_NO, s->server, "release-key",
                                    "the key is not that of the evidence");

    if ( fbc_sha256(h->ek.data, h->ek.len, s->ek) )
        return fbc_fail_core(e, s->server, FBC_ERR_CRYPTO);
    strcpy(s->name, a->host);
    memcpy(s->admin, c->registration.admin, sizeof(s->admin));
    s->serial = c->registration.serial;
    memcpy(s->vmm_key, c->evidence.vmm_key, sizeof(s->vmm_key));

    return 0;
}
