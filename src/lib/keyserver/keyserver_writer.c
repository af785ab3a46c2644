/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The writer: decides, writes and logs, many decisions in one transaction,
 * and lets nobody hear of a decision before it is on the disk.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/keyserver/keyserver_int.h"

#define TICK_NS (250 * FBC_NS_PER_MS)   /* how late a wait may end */
#define AWAY_NS (5 * FBC_NS_PER_S)      /* that the database may be away */
#define AWAY_STEP_NS (100 * FBC_NS_PER_MS)

void fbc_ks_push(struct fbc_ks *ks, struct fbc_ks_job *j)
{
    j->next = NULL;
    *ks->jobs_end = j;
    ks->jobs_end = &j->next;
    ks->pending++;
    pthread_cond_signal(&ks->wake);
}

static void deny(struct fbc_ks_job *j, enum fbc_denial d)
{
    j->denial = d;
    j->decision.kind = FBC_DECISION_REFUSED;
    strcpy(j->decision.reason, fbc_denial_name(d));
    j->reason_text = fbc_denial_text(d);
}

static void refuse(struct fbc_ks_job *j, enum fbc_reason r)
{
    j->decision.kind = FBC_DECISION_REFUSED;
    strcpy(j->decision.reason, fbc_reason_name(r));
    j->reason_text = fbc_reason_text(r);
}

/* What was accepted since the evidence was judged. */
static bool is_newer(const struct fbc_ks_counters *c,
                     const struct fbc_ks_counters *than)
{
    if ( c->resets != than->resets )
        return c->resets > than->resets;
    if ( c->restarts != than->restarts )
        return c->restarts > than->restarts;

    return c->clock > than->clock;
}

/* 1: somebody hears of it; 0: nobody waits any more, at no server; -1. */
static int give(struct fbc_ks *ks, struct fbc_ks_job *j, struct fbc_error *e)
{
    struct fbc_ks_given g = { .reason = j->decision.reason };
    int n;

    if ( j->decision.kind == FBC_DECISION_RELEASED )
        g = (struct fbc_ks_given){
            .reason = "ok", .vmm_key = j->vmm_key,
            .registration = j->host.text, .registration_len = j->host.len,
            .evidence = j->poster->body,
            .evidence_len = j->poster->body_len,
        };
    n = fbc_ks_waits_give(ks->writer, ks->id, j->decision.host,
                          j->decision.nonce, &g, e);
    if ( !n && !j->clients )
        j->denial = FBC_DENIAL_NO_WAITER;

    return n ? n : !!j->clients;
}

static int decide_evidence(struct fbc_ks *ks, struct fbc_ks_job *j,
                           struct fbc_ks_host *now, struct fbc_error *e)
{
    int rc = fbc_ksdb_get(ks->writer, j->decision.host, now, e);

    if ( rc < 0 )
        return -1;
    if ( !rc || !now->len )
        deny(j, FBC_DENIAL_NO_SUCH_HOST);
    else if ( now->serial != j->host.serial )
        deny(j, FBC_DENIAL_BUSY);
    else if ( j->decision.kind == FBC_DECISION_RELEASED &&
              !is_newer(&j->counters, &now->counters) )
        refuse(j, FBC_REASON_REPLAY);

    if ( ks->shared && (rc = give(ks, j, e)) <= 0 )
        return rc;
    if ( j->decision.kind == FBC_DECISION_RELEASED &&
         fbc_ksdb_accepted(ks->writer, j->decision.host, &j->counters,
                           j->vmm_key, e) )
        return -1;

    return fbc_ksdb_log(ks->writer, &j->decision, e);
}

/* Another server may have decided by now. */
static int decide_silent(struct fbc_ks *ks, struct fbc_ks_job *j,
                         struct fbc_error *e)
{
    int rc = 0;

    if ( ks->shared )
    {
        if ( !j->outcome && !(j->outcome = malloc(sizeof(*j->outcome))) )
            return fbc_fail_core(e, "outcome", FBC_ERR_NOMEM);
        rc = fbc_ks_waits_take(ks->writer, ks->id, j->decision.host,
                               j->decision.nonce, j->outcome, e);
        if ( rc <= 0 )
        {
            free(j->outcome);
            j->outcome = NULL;
        }
    }

    return rc ? (rc < 0 ? -1 : 0) : fbc_ksdb_log(ks->writer, &j->decision, e);
}

/* The counters go on if it is the same AK. */
static void keep_counters(struct fbc_ks_job *j,
                          const struct fbc_ks_host *before)
{
    static struct fbc_registration a, b;        /* the writer's own */
    static struct fbc_registered in_a, in_b;
    size_t covered;

    j->host.counters = j->counters;
    if ( before->len &&
         !fbc_registration_parse(j->host.text, j->host.len, &a, &covered,
                                 NULL) &&
         !fbc_registration_parse(before->text, before->len, &b, &covered,
                                 NULL) &&
         !fbc_registration_open(&a, &in_a) &&
         !fbc_registration_open(&b, &in_b) &&
         in_a.host.ak.len == in_b.host.ak.len &&
         !memcmp(in_a.host.ak.data, in_b.host.ak.data, in_a.host.ak.len) &&
         is_newer(&before->counters, &j->counters) )
        j->host.counters = before->counters;
}

static int decide_signed(struct fbc_ks *ks, struct fbc_ks_job *j,
                         struct fbc_ks_host *now, struct fbc_error *e)
{
    int rc = fbc_ksdb_get(ks->writer, j->decision.host, now, e);

    if ( rc < 0 )
        return -1;
    if ( rc && now->serial == j->host.serial && now->len == j->host.len &&
         !memcmp(now->text, j->host.text, now->len) )
    {
        j->nothing_new = true;
        return 0;
    }
    if ( !rc && j->kind == FBC_KS_REVOKE )
        j->denial = FBC_DENIAL_NO_SUCH_HOST;
    else if ( rc && j->host.serial <= now->serial )
        j->denial = FBC_DENIAL_SERIAL;
    if ( j->denial != FBC_DENIALS )
        return 0;

    if ( j->kind == FBC_KS_REGISTER )
    {
        if ( !rc )
            now->len = 0;
        keep_counters(j, now);
    }
    if ( fbc_ksdb_put(ks->writer, j->decision.host, &j->host, e) )
        return -1;

    return fbc_ksdb_log(ks->writer, &j->decision, e);
}

static int decide(struct fbc_ks *ks, struct fbc_ks_job *j,
                  struct fbc_error *e)
{
    static struct fbc_ks_host now;              /* the writer's own */

    switch ( j->kind )
    {
    case FBC_KS_EVIDENCE:
        return decide_evidence(ks, j, &now, e);

    case FBC_KS_SILENT:
        return decide_silent(ks, j, e);

    case FBC_KS_REGISTER:
    case FBC_KS_REVOKE:
        break;
    }

    return decide_signed(ks, j, &now, e);
}

/* The waiting client's answer. */
static void answer_client(const struct fbc_ks_job *j,
                          struct fbc_ks_request *r)
{
    if ( j->outcome )
        fbc_ks_deliver(r, j->outcome);
    else if ( j->denial != FBC_DENIALS )
        fbc_ks_deny(r, j->denial);
    else if ( j->decision.kind != FBC_DECISION_RELEASED )
        fbc_ks_refuse(r, 403, j->decision.reason, j->reason_text);
    else
        fbc_ks_release(r, j->vmm_key, j->host.text, j->host.len,
                       j->poster->body, j->poster->body_len);
}

static void answer_poster(const struct fbc_ks_job *j,
                          struct fbc_ks_request *r)
{
    if ( j->denial != FBC_DENIALS )
        fbc_ks_deny(r, j->denial);
    else if ( j->kind == FBC_KS_EVIDENCE &&
              j->decision.kind != FBC_DECISION_RELEASED )
        fbc_ks_refuse(r, 403, j->decision.reason, j->reason_text);
    else
        fbc_ks_text(r, 204, NULL, 0);
}

/* All answers of a job; its requests are resumed later. */
static void answer(struct fbc_ks_job *j)
{
    struct fbc_ks_request *c;

    for ( c = j->clients; c; c = c->next )
        answer_client(j, c);
    if ( j->poster )
        answer_poster(j, j->poster);
}

static void resume(struct fbc_ks *ks, struct fbc_ks_job *j)
{
    struct fbc_ks_request *c;

    if ( j->decision.number )
        ks->metrics.decisions[j->decision.kind]++;
    if ( (j->kind == FBC_KS_EVIDENCE && j->denial != FBC_DENIAL_NO_WAITER) ||
         (j->kind == FBC_KS_SILENT && !j->outcome) )
    {
        if ( j->denial == FBC_DENIALS &&
             j->decision.kind == FBC_DECISION_RELEASED )
            ks->counts.released++;
        else
            ks->counts.refused++;
    }
    while ( (c = j->clients) )
    {
        j->clients = c->next;
        fbc_ks_resume(c);
    }
    if ( j->poster )
        fbc_ks_resume(j->poster);
    ks->pending--;
}

/* Keeps what is to be decided, or (back) puts it back. */
static void keep(struct fbc_ks_job *j, bool back)
{
    if ( back )
    {
        j->decision = j->before.decision;
        j->denial = j->before.denial;
        j->reason_text = j->before.reason_text;
        j->nothing_new = false;
        free(j->outcome);
        j->outcome = NULL;
    }
    j->before.decision = j->decision;
    j->before.denial = j->denial;
    j->before.reason_text = j->reason_text;
}

/* All of them in one transaction, or none. */
static int try_all(struct fbc_ks *ks, struct fbc_ks_job *jobs,
                   struct fbc_error *e)
{
    int rc = fbc_ksdb_begin(ks->writer, e);
    struct fbc_ks_job *j;

    for ( j = jobs; j && !rc; j = j->next )
        rc = decide(ks, j, e);
    if ( !rc )
        rc = fbc_ksdb_commit(ks->writer, e);
    if ( rc )
        fbc_ksdb_rollback(ks->writer);

    return rc;
}

/* Tries again for a while if the database is away; else all of them fail. */
static void decide_all(struct fbc_ks *ks, struct fbc_ks_job *jobs)
{
    const struct timespec pause = { 0, (long)(AWAY_STEP_NS) };
    uint64_t until = 0;
    struct fbc_error e = { 0 };
    enum fbc_denial why;
    struct fbc_ks_job *j;

    for ( j = jobs; j; j = j->next )
        keep(j, false);
    while ( try_all(ks, jobs, &e) )
    {
        why = fbc_ks_db_failed(ks, fbc_ksdb_lost(ks->writer), &e);
        if ( !until )
            until = fbc_clock_ns() + AWAY_NS;
        for ( j = jobs; j; j = j->next )
            keep(j, true);
        if ( why == FBC_DENIAL_DATABASE && fbc_clock_ns() < until )
        {
            nanosleep(&pause, NULL);
            continue;
        }
        for ( j = jobs; j; j = j->next )
            j->denial = why;
        break;
    }
    for ( j = jobs; j; j = j->next )
        answer(j);
}

/* A decision for each client whose host was silent. */
static void end_waits(struct fbc_ks *ks, uint64_t now)
{
    struct fbc_ks_request *r = fbc_ks_take_silent(ks, now), *next;
    struct fbc_ks_job *j;

    for ( ; r; r = next )
    {
        next = r->next;
        r->next = NULL;
        j = calloc(1, sizeof(*j));
        if ( !j )
        {
            fbc_ks_deny(r, FBC_DENIAL_INTERNAL);
            fbc_ks_resume(r);
            continue;
        }
        j->kind = FBC_KS_SILENT;
        j->clients = r;
        strcpy(j->decision.host, r->route.name);
        memcpy(j->decision.nonce, r->route.nonce, sizeof(j->decision.nonce));
        deny(j, ks->draining ? FBC_DENIAL_STOPPING : FBC_DENIAL_HOST_SILENT);
        fbc_ks_push(ks, j);
    }
    fbc_ks_end_polls(ks, now);
}

static void wait_until(struct fbc_ks *ks, uint64_t ns)
{
    struct timespec t = { (time_t)(ns / FBC_NS_PER_S),
                          (long)(ns % FBC_NS_PER_S) };

    pthread_cond_timedwait(&ks->wake, &ks->lock, &t);
}

void *fbc_ks_writer(void *arg)
{
    struct fbc_ks *ks = arg;
    struct fbc_ks_job *jobs, *j;
    uint64_t now, tick = 0;

    pthread_mutex_lock(&ks->lock);
    while ( !ks->quit || ks->jobs )
    {
        now = fbc_clock_ns();
        if ( now >= tick || ks->draining )
        {
            end_waits(ks, ks->draining ? UINT64_MAX : now);
            tick = now + TICK_NS;
        }
        if ( !ks->jobs )
        {
            wait_until(ks, tick);
            continue;
        }
        jobs = ks->jobs;
        ks->jobs = NULL;
        ks->jobs_end = &ks->jobs;
        pthread_mutex_unlock(&ks->lock);
        decide_all(ks, jobs);
        pthread_mutex_lock(&ks->lock);
        while ( (j = jobs) )
        {
            jobs = j->next;
            resume(ks, j);
            free(j->outcome);
            free(j);
        }
        pthread_cond_broadcast(&ks->idle);
    }
    pthread_mutex_unlock(&ks->lock);

    return NULL;
}
