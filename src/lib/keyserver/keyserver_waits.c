/* SPDX-License-Identifier: GPL-2.0-only */
/* Clients that wait, in a database that several servers use. */
#include <string.h>

#include "lib/keyserver/keyserver_pg.h"
#include "lib/keyserver/keyserver_waits.h"

static struct fbc_pg *of(struct fbc_ksdb *db)
{
    return (struct fbc_pg *)db;
}

static void name_row(struct fbc_pg_args *a, const char *host,
                     const uint8_t *nonce)
{
    fbc_pg_text(a, host);
    fbc_pg_bytes(a, nonce, FBC_TPM_NONCE_LEN);
}

/* How many rows a statement gives. */
static int count(struct fbc_ksdb *all, enum fbc_pg_statement s,
                 const struct fbc_pg_args *a, struct fbc_error *e)
{
    struct fbc_pg *db = of(all);
    PGresult *r = fbc_pg_run(db, s, a, e);
    int n;

    if ( !r )
        return -1;
    n = db->pq->PQntuples(r);
    db->pq->PQclear(r);

    return n;
}

int fbc_ks_waits_add(struct fbc_ksdb *db, const char *server,
                     const char *host, const uint8_t *nonce,
                     unsigned int seconds, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };

    name_row(&a, host, nonce);
    fbc_pg_text(&a, server);
    fbc_pg_number(&a, seconds);

    return fbc_pg_do(of(db), FBC_PG_WAIT, &a, e);
}

int fbc_ks_waits_has(struct fbc_ksdb *db, const char *host,
                     const uint8_t *nonce, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };
    int n;

    name_row(&a, host, nonce);
    n = count(db, FBC_PG_WAITED, &a, e);

    return n > 0 ? 1 : n;
}

int fbc_ks_waits_nonces(struct fbc_ksdb *all, const char *host,
                        struct fbc_nonces *n, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };
    struct fbc_pg *db = of(all);
    int i, rows;
    PGresult *r;
    size_t len;

    fbc_pg_text(&a, host);
    fbc_pg_number(&a, FBC_NONCES_MAX);
    r = fbc_pg_run(db, FBC_PG_NONCES, &a, e);
    if ( !r )
        return -1;
    rows = db->pq->PQntuples(r);
    memset(n, 0, sizeof(*n));
    for ( i = 0; i < rows && i < FBC_NONCES_MAX; i++ )
        if ( fbc_pg_get_bytes(db, r, i, 0, n->nonce[i].data,
                              FBC_TPM_NONCE_LEN, &len) )
            n->nonce[i].len = FBC_TPM_NONCE_LEN;
    db->pq->PQclear(r);

    return rows;
}

int fbc_ks_waits_give(struct fbc_ksdb *all, const char *server,
                      const char *host, const uint8_t *nonce,
                      const struct fbc_ks_given *g, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };
    struct fbc_pg *db = of(all);
    PGresult *r;
    int n;

    name_row(&a, host, nonce);
    fbc_pg_text(&a, server);
    fbc_pg_text(&a, g->reason);
    fbc_pg_bytes(&a, g->vmm_key, g->vmm_key ? FBC_KEY_LEN : 0);
    fbc_pg_bytes(&a, g->registration, g->registration_len);
    fbc_pg_bytes(&a, g->evidence, g->evidence_len);
    r = fbc_pg_run(db, FBC_PG_CLAIM, &a, e);
    if ( !r )
        return -1;
    n = (int)fbc_pg_get_number(db, r, 0, 0);
    db->pq->PQclear(r);

    return n;
}

static int read_outcome(const struct fbc_pg *db, const PGresult *r,
                        struct fbc_ks_outcome *o)
{
    size_t n, key;

    if ( !db->pq->PQntuples(r) || fbc_pg_is_null(db, r, 0, 0) )
        return 0;
    if ( !fbc_pg_get_bytes(db, r, 0, 0, o->reason, sizeof(o->reason) - 1,
                           &n) ||
         !fbc_pg_get_bytes(db, r, 0, 1, o->vmm_key, FBC_KEY_LEN, &key) ||
         !fbc_pg_get_bytes(db, r, 0, 2, o->registration,
                           sizeof(o->registration), &o->registration_len) ||
         !fbc_pg_get_bytes(db, r, 0, 3, o->evidence, sizeof(o->evidence),
                           &o->evidence_len) )
        return -1;
    o->reason[n] = '\0';

    return !strcmp(o->reason, "ok") && key != FBC_KEY_LEN ? -1 : 1;
}

int fbc_ks_waits_take(struct fbc_ksdb *all, const char *server,
                      const char *host, const uint8_t *nonce,
                      struct fbc_ks_outcome *o, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };
    struct fbc_pg *db = of(all);
    PGresult *r;
    int rc;

    name_row(&a, host, nonce);
    fbc_pg_text(&a, server);
    r = fbc_pg_run(db, FBC_PG_TAKE, &a, e);
    if ( !r )
        return -1;
    rc = read_outcome(db, r, o);
    db->pq->PQclear(r);

    return rc < 0 ? fbc_fail(e, FBC_EXIT_INPUT, all->name,
                             "has an outcome that is malformed") : rc;
}

int fbc_ks_waits_expire(struct fbc_ksdb *db, struct fbc_error *e)
{
    return fbc_pg_do(of(db), FBC_PG_EXPIRE, NULL, e);
}

int fbc_ks_news_listen(struct fbc_ksdb *all, bool *missed,
                       struct fbc_error *e)
{
    struct fbc_pg *db = of(all);

    if ( !db->on_connect )
    {
        db->on_connect = "LISTEN fbcrypt_waits";
        if ( db->conn )
            fbc_pg_drop(db);
    }
    if ( fbc_pg_connect(db, e) )
        return -1;
    *missed = db->connects != db->seen;
    db->seen = db->connects;

    return 0;
}

int fbc_ks_news_fd(struct fbc_ksdb *all)
{
    struct fbc_pg *db = of(all);

    return db->conn ? db->pq->PQsocket(db->conn) : -1;
}

int fbc_ks_news_next(struct fbc_ksdb *all, const char *server,
                     struct fbc_wait_news *n, struct fbc_error *e)
{
    struct fbc_pg *db = of(all);
    bool good = false;
    PGnotify *m;

    if ( !db->conn || !db->pq->PQconsumeInput(db->conn) )
    {
        fbc_pg_drop(db);
        return fbc_fail(e, FBC_EXIT_ENV, all->name, "the connection is lost");
    }
    while ( !good && (m = db->pq->PQnotifies(db->conn)) )
    {
        good = fbc_wait_news_parse(m->extra, strlen(m->extra), n) &&
               (!n->is_outcome || !strcmp(n->server, server));
        db->pq->PQfreemem(m);
    }

    return good;
}

static int each(struct fbc_pg *db, enum fbc_pg_statement s,
                const struct fbc_pg_args *a,
                void (*take)(const struct fbc_wait_news *n, void *arg),
                void *arg, struct fbc_error *e)
{
    PGresult *r = fbc_pg_run(db, s, a, e);
    struct fbc_wait_news n = { .is_outcome = s == FBC_PG_ANSWERED };
    size_t len, nonce;
    int i;

    if ( !r )
        return -1;
    for ( i = 0; i < db->pq->PQntuples(r); i++ )
        if ( fbc_pg_get_bytes(db, r, i, 0, n.host, sizeof(n.host) - 1,
                              &len) &&
             fbc_pg_get_bytes(db, r, i, 1, n.nonce, sizeof(n.nonce),
                              &nonce) )
        {
            n.host[len] = '\0';
            take(&n, arg);
        }
    db->pq->PQclear(r);

    return 0;
}

int fbc_ks_news_all(struct fbc_ksdb *all, const char *server,
                    void (*take)(const struct fbc_wait_news *n, void *arg),
                    void *arg, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };

    fbc_pg_text(&a, server);

    return each(of(all), FBC_PG_ANSWERED, &a, take, arg, e) ||
           each(of(all), FBC_PG_UNANSWERED, NULL, take, arg, e) ? -1 : 0;
}
