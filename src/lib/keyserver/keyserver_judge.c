/* SPDX-License-Identifier: GPL-2.0-only */
/* Judges the bodies of requests: evidence, registrations, revocations. */
#include <stdlib.h>

#include "core/crypto.h"
#include "lib/keyserver/keyserver_int.h"
#include "lib/verify/adminkey.h"
#include "lib/verify/attest_verify.h"

/* Large. */
struct judging {
    struct fbc_evidence evidence;
    struct fbc_registration registration;
    struct fbc_registered registered;
    struct fbc_verdict verdict;
    struct fbc_tpm_quote quote;
};

static struct fbc_ks_job *new_job(enum fbc_ks_job_kind kind,
                                  struct fbc_ks_request *r)
{
    struct fbc_ks_job *j = calloc(1, sizeof(*j));

    if ( j )
    {
        j->kind = kind;
        j->poster = r;
        j->denial = FBC_DENIALS;
        strcpy(j->decision.host, r->route.name);
        strcpy(j->decision.reason, "ok");
    }

    return j;
}

static void refuse_reason(struct fbc_ks_request *r, enum fbc_reason reason)
{
    unsigned int status = 403;

    if ( reason == FBC_REASON_EVIDENCE_FORMAT ||
         reason == FBC_REASON_EVIDENCE_VERSION )
        status = 400;
    fbc_ks_refuse(r, status, fbc_reason_name(reason),
                  fbc_reason_text(reason));
}

/* At another server?  If not, r is answered. */
static bool is_waited_elsewhere(struct fbc_ks_request *r,
                                const uint8_t *nonce)
{
    struct fbc_error e;
    bool lost;
    int rc;

    pthread_mutex_lock(&r->ks->read_lock);
    rc = fbc_ks_waits_has(r->ks->reader, r->route.name, nonce, &e);
    lost = fbc_ksdb_lost(r->ks->reader);
    pthread_mutex_unlock(&r->ks->read_lock);
    if ( rc < 0 )
        fbc_ks_deny(r, fbc_ks_db_failed(r->ks, lost, &e));
    else if ( !rc )
        fbc_ks_deny(r, FBC_DENIAL_NO_WAITER);

    return rc > 0;
}

/* Evidence and its nonce, for which somebody waits; else r is answered. */
static bool read_evidence(struct fbc_ks_request *r, struct judging *b)
{
    struct fbc_ks *ks = r->ks;
    enum fbc_err err = fbc_record_parse(&fbc_evidence_record, r->body,
                                        r->body_len, &b->evidence, NULL);
    enum fbc_reason reason;
    bool waited;

    if ( err )
    {
        refuse_reason(r, err == FBC_ERR_VERSION ? FBC_REASON_EVIDENCE_VERSION
                      : FBC_REASON_EVIDENCE_FORMAT);
        return false;
    }
    reason = fbc_tpm_quote_parse(b->evidence.quote.data,
                                 b->evidence.quote.len, &b->quote);
    if ( reason )
    {
        refuse_reason(r, reason);
        return false;
    }

    pthread_mutex_lock(&ks->lock);
    waited = fbc_ks_is_waited_for(ks, r->route.name, b->quote.nonce);
    pthread_mutex_unlock(&ks->lock);
    if ( !waited && ks->shared )
        return is_waited_elsewhere(r, b->quote.nonce);
    if ( !waited )
        fbc_ks_deny(r, FBC_DENIAL_NO_WAITER);

    return waited;
}

/* The host as it is registered; else r is answered. */
static bool read_host(struct fbc_ks_request *r, struct judging *b,
                      struct fbc_ks_host *h)
{
    struct fbc_error e;
    size_t covered;
    bool lost;
    int rc;

    pthread_mutex_lock(&r->ks->read_lock);
    rc = fbc_ksdb_get(r->ks->reader, r->route.name, h, &e);
    lost = fbc_ksdb_lost(r->ks->reader);
    pthread_mutex_unlock(&r->ks->read_lock);
    if ( rc < 0 || !rc || !h->len )
    {
        fbc_ks_deny(r, rc < 0 ? fbc_ks_db_failed(r->ks, lost, &e)
                    : FBC_DENIAL_NO_SUCH_HOST);
        return false;
    }
    if ( fbc_registration_parse(h->text, h->len, &b->registration, &covered,
                                NULL) ||
         fbc_registration_open(&b->registration, &b->registered) )
    {
        fbc_ks_deny(r, FBC_DENIAL_INTERNAL);
        return false;
    }

    b->registered.host.resets = h->counters.resets;
    b->registered.host.restarts = h->counters.restarts;
    b->registered.host.clock = h->counters.clock;

    return true;
}

static bool is_yes(const struct fbc_verdict *v, enum fbc_check_id id)
{
    return v->check[id].answer == FBC_YES;
}

/* Did the registered AK sign a quote for this nonce?  Then it counts. */
static bool is_the_hosts(const struct fbc_verdict *v)
{
    return is_yes(v, FBC_CHECK_AK) && is_yes(v, FBC_CHECK_HOST) &&
           is_yes(v, FBC_CHECK_SIGNATURE) && is_yes(v, FBC_CHECK_QUOTE) &&
           is_yes(v, FBC_CHECK_NONCE);
}

static bool verify(struct fbc_ks_request *r, struct judging *b)
{
    struct fbc_attest a = { .evidence = &b->evidence,
                            .host = &b->registered.host,
                            .nonce = b->quote.nonce,
                            .golden = b->registered.golden,
                            .goldens = b->registered.goldens };
    bool ok = false;

    a.roots = fbc_roots_registered(&b->registration);
    if ( !a.roots )
        fbc_ks_deny(r, FBC_DENIAL_INTERNAL);
    else
    {
        /* That is for the clients to decide. */
        fbc_roots_allow_expired(a.roots);
        fbc_attest_check(&a, &b->verdict);
        ok = is_the_hosts(&b->verdict);
        if ( !ok )
            refuse_reason(r, b->verdict.reason);
    }
    fbc_roots_free(a.roots);

    return ok;
}

/* The writer is to decide this. */
static void fill_job(struct fbc_ks_job *j, const struct judging *b)
{
    const struct fbc_verdict *v = &b->verdict;

    memcpy(j->decision.nonce, b->quote.nonce, sizeof(j->decision.nonce));
    memcpy(j->vmm_key, b->evidence.vmm_key, FBC_KEY_LEN);
    j->counters = (struct fbc_ks_counters){ v->quote.resets,
                                            v->quote.restarts,
                                            v->quote.clock };
    if ( v->ok )
        return;
    j->decision.kind = FBC_DECISION_REFUSED;
    strcpy(j->decision.reason, fbc_reason_name(v->reason));
    j->reason_text = fbc_reason_text(v->reason);
}

struct fbc_ks_job *fbc_ks_judge_evidence(struct fbc_ks_request *r)
{
    struct judging *b = calloc(1, sizeof(*b));
    struct fbc_ks_job *j = new_job(FBC_KS_EVIDENCE, r);

    if ( !b || !j )
        fbc_ks_deny(r, FBC_DENIAL_INTERNAL);
    else if ( read_evidence(r, b) && read_host(r, b, &j->host) &&
              verify(r, b) )
    {
        fill_job(j, b);
        free(b);
        return j;
    }
    free(b);
    free(j);

    return NULL;
}

static bool is_admin(const struct fbc_ks *ks, const uint8_t *key)
{
    size_t i;

    for ( i = 0; i < ks->config.admins; i++ )
        if ( !memcmp(ks->config.admin[i], key, FBC_KEY_LEN) )
            return true;

    return false;
}

/* Whether an accepted administrator signed the body; else r is answered. */
static bool check_signed(struct fbc_ks_request *r, const char *name,
                         const uint8_t *admin, const uint8_t *signature,
                         size_t covered)
{
    enum fbc_denial d;

    if ( strcmp(name, r->route.name) )
        d = FBC_DENIAL_NAME;
    else if ( !is_admin(r->ks, admin) )
        d = FBC_DENIAL_ADMIN_UNKNOWN;
    else if ( !fbc_admin_verify(admin, r->body, covered, signature) )
        d = FBC_DENIAL_ADMIN_SIGNATURE;
    else
        return true;
    fbc_ks_deny(r, d);

    return false;
}

static struct fbc_ks_job *signed_job(struct fbc_ks_request *r,
                                     enum fbc_ks_job_kind kind,
                                     uint64_t serial)
{
    struct fbc_ks_job *j = new_job(kind, r);

    if ( !j || fbc_sha256(r->body, r->body_len, j->decision.nonce) )
    {
        free(j);
        fbc_ks_deny(r, FBC_DENIAL_INTERNAL);
        return NULL;
    }
    j->host.serial = serial;

    return j;
}

/* Roots that can be used, records that are whole. */
static bool is_usable(const struct fbc_registration *reg,
                      struct fbc_registered *in)
{
    struct fbc_roots *roots = fbc_roots_registered(reg);
    bool ok = roots && !fbc_registration_open(reg, in);

    fbc_roots_free(roots);

    return ok;
}

struct fbc_ks_job *fbc_ks_judge_registration(struct fbc_ks_request *r)
{
    struct judging *b = calloc(1, sizeof(*b));
    struct fbc_ks_job *j = NULL;
    size_t covered;

    if ( !b )
        fbc_ks_deny(r, FBC_DENIAL_INTERNAL);
    else if ( fbc_registration_parse(r->body, r->body_len, &b->registration,
                                     &covered, NULL) )
        fbc_ks_deny(r, FBC_DENIAL_BAD_REQUEST);
    else if ( check_signed(r, b->registration.name, b->registration.admin,
                           b->registration.signature, covered) )
    {
        if ( !is_usable(&b->registration, &b->registered) )
            fbc_ks_deny(r, FBC_DENIAL_BAD_REQUEST);
        else
            j = signed_job(r, FBC_KS_REGISTER, b->registration.serial);
    }
    if ( j )
    {
        const struct fbc_host *h = &b->registered.host;

        j->decision.kind = FBC_DECISION_REGISTERED;
        j->counters = (struct fbc_ks_counters){ h->resets, h->restarts,
                                                h->clock };
        j->host.len = r->body_len;
        memcpy(j->host.text, r->body, r->body_len);
    }
    free(b);

    return j;
}

struct fbc_ks_job *fbc_ks_judge_revocation(struct fbc_ks_request *r)
{
    struct fbc_ks_job *j = NULL;
    struct fbc_revocation rev;
    size_t covered;

    if ( fbc_revocation_parse(r->body, r->body_len, &rev, &covered, NULL) )
        fbc_ks_deny(r, FBC_DENIAL_BAD_REQUEST);
    else if ( check_signed(r, rev.name, rev.admin, rev.signature, covered) &&
              (j = signed_job(r, FBC_KS_REVOKE, rev.serial)) )
        j->decision.kind = FBC_DECISION_REVOKED;

    return j;
}
