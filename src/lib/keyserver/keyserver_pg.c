/* SPDX-License-Identifier: GPL-2.0-only */
/* The key server's database in PostgreSQL, for several servers at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/keyserver/keyserver_pg.h"

#define PAGE 1000               /* lines that are read at a time */

static struct fbc_pg *of(struct fbc_ksdb *db)
{
    return (struct fbc_pg *)db;
}

static int fail_damaged(const struct fbc_pg *db, struct fbc_error *e)
{
    return fbc_fail(e, FBC_EXIT_INPUT, db->all.name, "is damaged");
}

static const char *value_of(const PQconninfoOption *o, const char *key)
{
    for ( ; o->keyword; o++ )
        if ( !strcmp(o->keyword, key) )
            return o->val ? o->val : "";

    return "";
}

/* libpq's own words are not repeated: they may have a password in them. */
static int read_uri(struct fbc_pg *db, struct fbc_error *e)
{
    PQconninfoOption *o = db->pq->PQconninfoParse(db->uri, NULL);
    const char *port;
    bool secret;

    if ( !o )
        return fbc_fail(e, FBC_EXIT_USAGE, "postgresql://",
                        "is not followed by what libpq can parse");
    port = value_of(o, "port");
    snprintf(db->all.name, sizeof(db->all.name), "postgresql://%.80s%s%s/%s",
             *value_of(o, "host") ? value_of(o, "host")
             : value_of(o, "service"), *port ? ":" : "", port,
             value_of(o, "dbname"));
    secret = *value_of(o, "password") || *value_of(o, "sslpassword");
    db->pq->PQconninfoFree(o);
    if ( !secret )
        return 0;

    fbc_fail(e, FBC_EXIT_USAGE, db->all.name,
             "a password on a command line is everybody's");
    return fbc_hint(e, "postgresql://...?passfile=FILE, or PGPASSFILE");
}

static void pg_close(struct fbc_ksdb *all)
{
    struct fbc_pg *db = of(all);

    if ( db->conn )
        db->pq->PQfinish(db->conn);
    free(db->uri);
    free(db);
}

static int pg_open(struct fbc_ksdb **out, const char *uri,
                   enum fbc_ksdb_mode mode, struct fbc_error *e)
{
    const struct fbc_pq *pq = fbc_pq_load(e);
    struct fbc_pg *db;

    if ( !pq )
        return -1;
    db = calloc(1, sizeof(*db));
    if ( !db || !(db->uri = strdup(uri)) )
    {
        free(db);
        return fbc_fail_core(e, "postgresql://", FBC_ERR_NOMEM);
    }

    db->all.backend = &fbc_ksdb_pg;
    db->pq = pq;
    db->make = mode == FBC_KSDB_SERVE;
    if ( read_uri(db, e) || fbc_pg_connect(db, e) )
    {
        pg_close(&db->all);
        return -1;
    }
    *out = &db->all;

    return 0;
}

static int read_host(struct fbc_pg *db, const PGresult *r,
                     struct fbc_ks_host *h)
{
    size_t n = 0, len = 0;

    if ( !fbc_pg_get_bytes(db, r, 0, 4, h->vmm_key, FBC_KEY_LEN, &n) ||
         (n && n != FBC_KEY_LEN) ||
         !fbc_pg_get_bytes(db, r, 0, 5, h->text, FBC_REGISTRATION_MAX, &len) )
        return -1;
    h->serial = fbc_pg_get_number(db, r, 0, 0);
    h->counters.resets = fbc_pg_get_number(db, r, 0, 1);
    h->counters.restarts = fbc_pg_get_number(db, r, 0, 2);
    h->counters.clock = fbc_pg_get_number(db, r, 0, 3);
    h->have_key = n;
    h->len = len;

    return 1;
}

static int pg_get(struct fbc_ksdb *all, const char *name,
                  struct fbc_ks_host *h, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };
    struct fbc_pg *db = of(all);
    PGresult *r;
    int rc;

    fbc_pg_text(&a, name);
    r = fbc_pg_run(db, FBC_PG_GET, &a, e);
    if ( !r )
        return -1;
    rc = db->pq->PQntuples(r) ? read_host(db, r, h) : 0;
    db->pq->PQclear(r);

    return rc < 0 ? fail_damaged(db, e) : rc;
}

static int pg_has(struct fbc_ksdb *all, const char *name, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };
    struct fbc_pg *db = of(all);
    PGresult *r;
    int rc;

    fbc_pg_text(&a, name);
    r = fbc_pg_run(db, FBC_PG_HAS, &a, e);
    if ( !r )
        return -1;
    rc = db->pq->PQntuples(r) > 0;
    db->pq->PQclear(r);

    return rc;
}

static void add_counters(struct fbc_pg_args *a,
                         const struct fbc_ks_counters *c)
{
    fbc_pg_number(a, c->resets);
    fbc_pg_number(a, c->restarts);
    fbc_pg_number(a, c->clock);
}

static int pg_put(struct fbc_ksdb *all, const char *name,
                  const struct fbc_ks_host *h, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };

    fbc_pg_text(&a, name);
    fbc_pg_number(&a, h->serial);
    add_counters(&a, &h->counters);
    fbc_pg_bytes(&a, h->have_key ? h->vmm_key : NULL,
                 h->have_key ? FBC_KEY_LEN : 0);
    fbc_pg_bytes(&a, h->len ? h->text : NULL, h->len);

    return fbc_pg_do(of(all), FBC_PG_PUT, &a, e);
}

static int pg_accepted(struct fbc_ksdb *all, const char *name,
                       const struct fbc_ks_counters *c,
                       const uint8_t *vmm_key, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };

    fbc_pg_text(&a, name);
    add_counters(&a, c);
    fbc_pg_bytes(&a, vmm_key, FBC_KEY_LEN);

    return fbc_pg_do(of(all), FBC_PG_ACCEPTED, &a, e);
}

static int parse_last(const struct fbc_pg *db, const PGresult *r,
                      struct fbc_decision *d)
{
    char line[FBC_DECISION_LINE];
    size_t n;

    memset(d, 0, sizeof(*d));
    if ( !db->pq->PQntuples(r) )
        return 0;

    return fbc_pg_get_bytes(db, r, 0, 0, line, sizeof(line), &n) && n &&
           !fbc_decision_parse(line, n - 1, NULL, d) ? 0 : -1;
}

/* Nobody else appends while this transaction lasts. */
static int pg_last(struct fbc_ksdb *all, struct fbc_decision *d,
                   struct fbc_error *e)
{
    struct fbc_pg *db = of(all);
    PGresult *r;
    int rc;

    if ( !db->have_head || !db->in_tx )
    {
        r = fbc_pg_run(db, FBC_PG_LAST, NULL, e);
        if ( !r )
            return -1;
        rc = parse_last(db, r, &db->head);
        db->pq->PQclear(r);
        if ( rc )
            return fbc_fail(e, FBC_EXIT_INPUT, db->all.name,
                            "its log is damaged");
        db->have_head = true;
    }
    *d = db->head;

    return 0;
}

static int pg_append(struct fbc_ksdb *all, uint64_t number, const char *line,
                     size_t len, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };
    struct fbc_pg *db = of(all);

    fbc_pg_number(&a, number);
    fbc_pg_bytes(&a, line, len);
    if ( fbc_decision_parse(line, len - 1, NULL, &db->head) )
        return fail_damaged(db, e);
    strcpy(db->appended, line);

    return fbc_pg_do(db, FBC_PG_APPEND, &a, e);
}

/* One page of lines; *next: the number after them, 0 at the end. */
static int read_page(struct fbc_pg *db, uint64_t *next, uint64_t max,
                     bool (*take)(const char *line, size_t len, void *arg),
                     void *arg, struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };
    int i, n;
    PGresult *r;

    fbc_pg_number(&a, *next);
    fbc_pg_number(&a, max);
    r = fbc_pg_run(db, FBC_PG_LINES, &a, e);
    if ( !r )
        return -1;
    n = db->pq->PQntuples(r);
    for ( i = 0; i < n; i++ )
        if ( !take(db->pq->PQgetvalue(r, i, 0),
                   (size_t)db->pq->PQgetlength(r, i, 0), arg) )
            break;
    /* Numbers have no gaps; where they have, they are seen by who verifies. */
    *next = i == n && n == (int)max
            ? strtoull(db->pq->PQgetvalue(r, n - 1, 0), NULL, 10) + 1 : 0;
    db->pq->PQclear(r);

    return n;
}

static int pg_lines(struct fbc_ksdb *all, uint64_t from, uint64_t max,
                    bool (*take)(const char *line, size_t len, void *arg),
                    void *arg, struct fbc_error *e)
{
    uint64_t left = max ? max : UINT64_MAX;
    int n;

    while ( from && left )
    {
        n = read_page(of(all), &from, left < PAGE ? left : PAGE, take, arg,
                      e);
        if ( n < 0 )
            return -1;
        left -= (uint64_t)n;
    }

    return 0;
}

static int pg_backup(struct fbc_ksdb *all, const char *path,
                     struct fbc_error *e)
{
    (void)path;
    fbc_fail(e, FBC_EXIT_USAGE, all->name, "only of SQLite's databases");

    return fbc_hint(e, "pg_dump --schema=fbcrypt");
}

const struct fbc_ksdb_backend fbc_ksdb_pg = {
    .open = pg_open, .close = pg_close, .begin = fbc_pg_begin,
    .commit = fbc_pg_commit, .rollback = fbc_pg_rollback,
    .lost = fbc_pg_lost,
    .get = pg_get, .has = pg_has, .put = pg_put, .accepted = pg_accepted,
    .last = pg_last, .append = pg_append, .lines = pg_lines,
    .backup = pg_backup,
};
