/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections to PostgreSQL: made, kept, and asked. */
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/keyserver/keyserver_pg.h"

#define SILENT_NS (25 * FBC_NS_PER_S)   /* more than FBC_PG_ANSWER_S */
#define PAUSE_NS (500 * FBC_NS_PER_MS)  /* between tries to connect */

/* The first line of what libpq says. */
static int fail_text(const struct fbc_pg *db, const char *text,
                     enum fbc_exit status, struct fbc_error *e)
{
    size_t n = strcspn(text, "\n");

    while ( n && strchr(" :\t", text[n - 1]) )
        n--;

    return fbc_fail(e, status, db->all.name, "%.*s", (int)n, text);
}

static bool is_class(const char *state, const char *class)
{
    return state && !strncmp(state, class, strlen(class));
}

/* r: what a statement gave; freed.  The connection may be lost. */
static int fail_result(struct fbc_pg *db, PGresult *r, struct fbc_error *e)
{
    const char *state = r ? db->pq->PQresultErrorField(r, PG_DIAG_SQLSTATE)
                        : NULL;
    const char *text = r ? db->pq->PQresultErrorMessage(r)
                       : db->pq->PQerrorMessage(db->conn);
    /* Timed out; ended by the administrator; no longer the primary. */
    bool timeout = is_class(state, "57014") || db->silent,
         lost = is_class(state, "57P") || is_class(state, "25P03") ||
                is_class(state, "25006") || !r ||
                db->pq->PQstatus(db->conn) != CONNECTION_OK;

    if ( db->silent )
        text = "no answer";
    db->silent = false;
    if ( !strncmp(text, "ERROR:  ", 8) || !strncmp(text, "FATAL:  ", 8) )
        text += 8;
    fail_text(db, text, timeout ? FBC_EXIT_TIMEOUT : FBC_EXIT_ENV, e);
    db->pq->PQclear(r);
    if ( lost )
        fbc_pg_drop(db);

    return -1;
}

static bool is_good(const struct fbc_pg *db, const PGresult *r)
{
    ExecStatusType s = r ? db->pq->PQresultStatus(r) : PGRES_FATAL_ERROR;

    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

void fbc_pg_drop(struct fbc_pg *db)
{
    db->lost = true;
    db->in_tx = false;
    db->have_head = false;
    if ( db->conn )
        db->pq->PQfinish(db->conn);
    db->conn = NULL;
}

/* False: nothing came until then, or nothing can. */
static bool wait_for_input(struct fbc_pg *db, uint64_t until)
{
    struct pollfd p = { .fd = db->pq->PQsocket(db->conn), .events = POLLIN };
    uint64_t now = fbc_clock_ns();
    int rc = 0;

    if ( now < until )
        rc = poll(&p, 1, (int)((until - now) / FBC_NS_PER_MS) + 1);

    return rc > 0 ? db->pq->PQconsumeInput(db->conn)
           : rc < 0 && errno == EINTR;
}

/*
 * The last result of what was sent; NULL: there is none.  libpq's own
 * functions would wait for ever where the database stands still.
 */
static PGresult *receive(struct fbc_pg *db, int sent)
{
    uint64_t until = fbc_clock_ns() + SILENT_NS;
    PGresult *r = NULL, *next;

    if ( !sent )
        return NULL;
    for ( ; ; )
    {
        while ( db->pq->PQisBusy(db->conn) )
            if ( !wait_for_input(db, until) )
            {
                db->pq->PQclear(r);
                db->silent = fbc_clock_ns() >= until;
                return NULL;
            }
        next = db->pq->PQgetResult(db->conn);
        if ( !next )
            return r;
        db->pq->PQclear(r);
        r = next;
    }
}

int fbc_pg_exec(struct fbc_pg *db, const char *text, struct fbc_error *e)
{
    PGresult *r = receive(db, db->pq->PQsendQuery(db->conn, text));

    if ( !is_good(db, r) )
        return fail_result(db, r, e);
    db->pq->PQclear(r);

    return 0;
}

static void no_notice(void *arg, const char *text)
{
    (void)arg;
    (void)text;
}

static int prepare_all(struct fbc_pg *db, struct fbc_error *e)
{
    unsigned int i;
    PGresult *r;
    char name[8];

    for ( i = 0; i < FBC_PG_STATEMENTS; i++ )
    {
        snprintf(name, sizeof(name), "s%u", i);
        r = receive(db, db->pq->PQsendPrepare(db->conn, name, fbc_pg_sql[i],
                                              0, NULL));
        if ( !is_good(db, r) )
            return fail_result(db, r, e);
        db->pq->PQclear(r);
    }

    return 0;
}

/* A number, by SQL that gives it as text. */
static int ask(struct fbc_pg *db, const char *text, char *out,
               struct fbc_error *e)
{
    PGresult *r = receive(db, db->pq->PQsendQuery(db->conn, text));

    if ( !is_good(db, r) || db->pq->PQntuples(r) != 1 )
        return fail_result(db, r, e);
    *out = *db->pq->PQgetvalue(r, 0, 0);
    db->pq->PQclear(r);

    return 0;
}

/* The first connection of a server may make the tables. */
static int check_schema(struct fbc_pg *db, struct fbc_error *e)
{
    char there, version;

    if ( ask(db, fbc_pg_has_schema, &there, e) )
        return -1;
    if ( there != 't' && db->make )
    {
        if ( fbc_pg_exec(db, "BEGIN; " FBC_PG_LOCK, e) ||
             ask(db, fbc_pg_has_schema, &there, e) ||
             (there != 't' && fbc_pg_exec(db, fbc_pg_schema, e)) ||
             fbc_pg_exec(db, "COMMIT", e) )
            return -1;
        there = 't';
    }
    if ( there != 't' )
        return fbc_fail(e, FBC_EXIT_INPUT, db->all.name,
                        "is not a key server's database");
    if ( ask(db, "SELECT max(number) FROM fbcrypt.version", &version, e) )
        return -1;
    if ( version != '0' + FBC_PG_SCHEMA_VERSION )
        return fbc_fail(e, FBC_EXIT_VERSION, db->all.name,
                        "is of another version");

    return 0;
}

/* What the URI says counts more than what comes before it. */
static int connect_now(struct fbc_pg *db, struct fbc_error *e)
{
    static const char *const keys[] = {
        "connect_timeout", "tcp_user_timeout", "keepalives_idle",
        "fallback_application_name", "dbname", NULL };
    const char *const values[] = {
        FBC_PG_CONNECT_S, "10000", "10", "fbc-keyserver", db->uri, NULL };
    int rc;

    db->conn = db->pq->PQconnectdbParams(keys, values, 1);
    if ( !db->conn )
        return fbc_fail_core(e, db->all.name, FBC_ERR_NOMEM);
    if ( db->pq->PQstatus(db->conn) != CONNECTION_OK )
        rc = fail_text(db, db->pq->PQerrorMessage(db->conn), FBC_EXIT_ENV,
                       e);
    else
    {
        db->pq->PQsetNoticeProcessor(db->conn, no_notice, NULL);
        rc = fbc_pg_exec(db, fbc_pg_session, e) || check_schema(db, e) ||
             prepare_all(db, e) ||
             (db->on_connect && fbc_pg_exec(db, db->on_connect, e)) ? -1 : 0;
    }
    if ( rc )
        fbc_pg_drop(db);

    return rc;
}

int fbc_pg_connect(struct fbc_pg *db, struct fbc_error *e)
{
    uint64_t now = fbc_clock_ns();

    if ( db->conn )
        return 0;
    db->lost = true;
    if ( now < db->not_before )
    {
        *e = db->why;
        return -1;
    }
    if ( connect_now(db, e) )
    {
        /* Others wait for who tries: not most of the time. */
        db->why = *e;
        db->not_before = fbc_clock_ns() + PAUSE_NS +
                         2 * (fbc_clock_ns() - now);
        return -1;
    }
    db->connects++;
    db->lost = db->make = db->checked = false;

    return 0;
}

void fbc_pg_bytes(struct fbc_pg_args *a, const void *data, size_t len)
{
    a->arg[a->n++] = (struct fbc_pg_arg){ data, len, 0 };
}

void fbc_pg_text(struct fbc_pg_args *a, const char *text)
{
    fbc_pg_bytes(a, text, strlen(text));
}

void fbc_pg_number(struct fbc_pg_args *a, uint64_t v)
{
    a->arg[a->n++] = (struct fbc_pg_arg){ NULL, sizeof(v), htobe64(v) };
}

static PGresult *run_once(struct fbc_pg *db, enum fbc_pg_statement s,
                          const struct fbc_pg_args *a)
{
    const char *values[FBC_PG_MAX_ARGS];
    int lengths[FBC_PG_MAX_ARGS], formats[FBC_PG_MAX_ARGS];
    unsigned int i;
    char name[8];

    for ( i = 0; i < a->n; i++ )
    {
        const struct fbc_pg_arg *g = &a->arg[i];

        values[i] = g->data || !g->len ? g->data : (const char *)&g->number;
        lengths[i] = (int)g->len;
        formats[i] = 1;
    }
    snprintf(name, sizeof(name), "s%u", s);

    return receive(db, db->pq->PQsendQueryPrepared(db->conn, name, (int)a->n,
                                                   values, lengths, formats,
                                                   1));
}

PGresult *fbc_pg_run(struct fbc_pg *db, enum fbc_pg_statement s,
                     const struct fbc_pg_args *a, struct fbc_error *e)
{
    static const struct fbc_pg_args none;
    unsigned int tries;
    PGresult *r;

    for ( tries = 0; tries < 2; tries++ )
    {
        bool was_tx = db->in_tx;

        if ( fbc_pg_connect(db, e) )
            return NULL;
        r = run_once(db, s, a ? a : &none);
        if ( is_good(db, r) )
            return r;
        fail_result(db, r, e);
        if ( db->conn || was_tx )
            break;
    }

    return NULL;
}

int fbc_pg_do(struct fbc_pg *db, enum fbc_pg_statement s,
              const struct fbc_pg_args *a, struct fbc_error *e)
{
    PGresult *r = fbc_pg_run(db, s, a, e);

    if ( !r )
        return -1;
    db->pq->PQclear(r);

    return 0;
}

bool fbc_pg_is_null(const struct fbc_pg *db, const PGresult *r, int row,
                    int column)
{
    return db->pq->PQgetisnull(r, row, column);
}

uint64_t fbc_pg_get_number(const struct fbc_pg *db, const PGresult *r,
                           int row, int column)
{
    uint64_t v = 0;

    if ( db->pq->PQgetlength(r, row, column) == sizeof(v) )
        memcpy(&v, db->pq->PQgetvalue(r, row, column), sizeof(v));

    return be64toh(v);
}

bool fbc_pg_get_bytes(const struct fbc_pg *db, const PGresult *r, int row,
                      int column, void *out, size_t room, size_t *len)
{
    size_t n = (size_t)db->pq->PQgetlength(r, row, column);

    if ( n > room )
        return false;
    memcpy(out, db->pq->PQgetvalue(r, row, column), n);
    *len = n;

    return true;
}
