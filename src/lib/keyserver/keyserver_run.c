/* SPDX-License-Identifier: GPL-2.0-only */
/* Carries out each request to the key server, once all of it is here. */
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/keyserver/keyserver_int.h"

/* Registered?  If not, r is answered. */
static bool has_host(struct fbc_ks_request *r)
{
    struct fbc_error e;
    bool lost;
    int rc;

    pthread_mutex_lock(&r->ks->read_lock);
    rc = fbc_ksdb_has(r->ks->reader, r->route.name, &e);
    lost = fbc_ksdb_lost(r->ks->reader);
    pthread_mutex_unlock(&r->ks->read_lock);
    if ( rc < 0 )
        fbc_ks_deny(r, fbc_ks_db_failed(r->ks, lost, &e));
    else if ( !rc )
        fbc_ks_deny(r, FBC_DENIAL_NO_SUCH_HOST);

    return rc > 0;
}

/* Those that follow return whether r has to wait; if not, it is answered. */

static bool run_key(struct fbc_ks_request *r)
{
    struct fbc_ks *ks = r->ks;
    unsigned int wait;
    bool waits = false;

    if ( !has_host(r) )
        return false;
    wait = fbc_rate_take(ks->by_host, r->route.name, strlen(r->route.name),
                         fbc_clock_ns());
    if ( wait )
    {
        fbc_ks_deny(r, FBC_DENIAL_RATE);
        r->retry = wait;
        return false;
    }

    pthread_mutex_lock(&ks->lock);
    if ( ks->draining )
        fbc_ks_deny(r, FBC_DENIAL_STOPPING);
    else
    {
        waits = fbc_ks_add_client(ks, r);
        if ( waits && ks->shared )
            fbc_ks_relay_ask(ks, r);
    }
    pthread_mutex_unlock(&ks->lock);

    return waits;
}

/* From the database; returns how many, or -1. */
static int read_nonces(struct fbc_ks *ks, const char *name,
                       struct fbc_nonces *n)
{
    struct fbc_error e;
    bool lost;
    int rc;

    pthread_mutex_lock(&ks->read_lock);
    rc = fbc_ks_waits_nonces(ks->reader, name, n, &e);
    lost = fbc_ksdb_lost(ks->reader);
    pthread_mutex_unlock(&ks->read_lock);
    if ( rc < 0 )
        fbc_ks_db_failed(ks, lost, &e);

    return rc;
}

/*
 * It waits first, and is then told what there is already: who comes in between
 * is told by the relay.
 */
static bool run_shared_nonces(struct fbc_ks_request *r)
{
    char name[FBC_HOST_NAME_MAX + 1];
    struct fbc_ks *ks = r->ks;
    struct fbc_nonces n;
    bool waits = false;
    int rc;

    strcpy(name, r->route.name);
    pthread_mutex_lock(&ks->lock);
    if ( r->route.wait && !ks->draining )
        waits = fbc_ks_add_poll(ks, r);
    pthread_mutex_unlock(&ks->lock);
    if ( !waits && r->status )
        return false;

    rc = read_nonces(ks, name, &n);
    if ( rc > 0 && waits )
    {
        pthread_mutex_lock(&ks->lock);
        fbc_ks_tell_host(ks, name, &n);
        pthread_mutex_unlock(&ks->lock);
    }
    else if ( !waits && rc < 0 )
        fbc_ks_deny(r, FBC_DENIAL_DATABASE);
    else if ( !waits )
        fbc_ks_record(r, &fbc_nonces_record, &n);

    return waits;
}

static bool run_nonces(struct fbc_ks_request *r)
{
    bool waits;

    if ( !has_host(r) )
        return false;
    if ( r->ks->shared )
        return run_shared_nonces(r);
    pthread_mutex_lock(&r->ks->lock);
    waits = fbc_ks_add_poll(r->ks, r);
    pthread_mutex_unlock(&r->ks->lock);

    return waits;
}

/* Gives a job to the writer, unless it came too late. */
static bool run_job(struct fbc_ks_request *r, struct fbc_ks_job *j)
{
    struct fbc_ks *ks = r->ks;
    bool waits = false;

    if ( !j )
        return false;

    pthread_mutex_lock(&ks->lock);
    if ( j->kind == FBC_KS_EVIDENCE && !ks->quit )
        j->clients = fbc_ks_take_clients(ks, r->route.name,
                                         j->decision.nonce);
    if ( ks->quit )
        fbc_ks_deny(r, FBC_DENIAL_STOPPING);
    else if ( j->kind == FBC_KS_EVIDENCE && !j->clients && !ks->shared )
        fbc_ks_deny(r, FBC_DENIAL_NO_WAITER);
    else
        waits = true;
    if ( waits )
    {
        fbc_ks_suspend(r);
        fbc_ks_push(ks, j);
    }
    pthread_mutex_unlock(&ks->lock);
    if ( !waits )
        free(j);

    return waits;
}

struct page {
    char *text;
    size_t len, room;
};

static bool add_line(const char *line, size_t len, void *arg)
{
    struct page *p = arg;

    if ( len > p->room - p->len )
        return false;
    memcpy(p->text + p->len, line, len);
    p->len += len;

    return true;
}

static bool run_log(struct fbc_ks_request *r)
{
    static const char title[] = FBC_DECISION_TITLE;
    struct page p = { .room = sizeof(title) +
                              FBC_KS_LOG_PAGE * FBC_DECISION_LINE };
    struct fbc_error e;
    bool lost = false;
    int rc = -1;

    p.text = malloc(p.room);
    if ( p.text && add_line(title, sizeof(title) - 1, &p) )
    {
        pthread_mutex_lock(&r->ks->read_lock);
        rc = fbc_ksdb_lines(r->ks->reader, r->route.from, FBC_KS_LOG_PAGE,
                            add_line, &p, &e);
        lost = fbc_ksdb_lost(r->ks->reader);
        pthread_mutex_unlock(&r->ks->read_lock);
    }
    if ( rc )
        fbc_ks_deny(r, p.text ? fbc_ks_db_failed(r->ks, lost, &e)
                    : FBC_DENIAL_INTERNAL);
    if ( rc )
        free(p.text);
    else
        fbc_ks_text(r, 200, p.text, p.len);

    return false;
}

bool fbc_ks_run(struct fbc_ks_request *r)
{
    switch ( r->route.kind )
    {
    case FBC_ROUTE_KEY:
        return run_key(r);

    case FBC_ROUTE_NONCES:
        return run_nonces(r);

    case FBC_ROUTE_EVIDENCE:
        return run_job(r, fbc_ks_judge_evidence(r));

    case FBC_ROUTE_REGISTER:
        return run_job(r, fbc_ks_judge_registration(r));

    case FBC_ROUTE_REVOKE:
        return run_job(r, fbc_ks_judge_revocation(r));

    case FBC_ROUTE_LOG:
        return run_log(r);

    case FBC_ROUTES:
        break;
    }
    fbc_ks_deny(r, FBC_DENIAL_NO_SUCH_PAGE);

    return false;
}
