/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection to the key server's database in PostgreSQL.  One that was lost
 * is made anew when it is needed again; statements outside of a transaction
 * are then repeated, as all of them may be carried out twice.
 */
#ifndef FBC_LIB_KEYSERVER_PG_H
#define FBC_LIB_KEYSERVER_PG_H

#include "lib/keyserver/keyserver_backend.h"
#include "lib/keyserver/keyserver_pq.h"

/* Seconds for which a connection, and then an answer, is waited for. */
#define FBC_PG_CONNECT_S "5"
#define FBC_PG_ANSWER_S  "20"

/* Who writes holds this until the end of a transaction: FBC_KS_APPLICATION. */
#define FBC_PG_LOCK "SELECT pg_catalog.pg_advisory_xact_lock(1178749779)"

enum fbc_pg_statement {
    FBC_PG_GET, FBC_PG_HAS, FBC_PG_PUT, FBC_PG_ACCEPTED, FBC_PG_APPEND,
    FBC_PG_LAST, FBC_PG_LINES, FBC_PG_WAIT, FBC_PG_WAITED, FBC_PG_NONCES,
    FBC_PG_CLAIM, FBC_PG_TAKE, FBC_PG_ANSWERED, FBC_PG_UNANSWERED,
    FBC_PG_EXPIRE, FBC_PG_STATEMENTS
};

struct fbc_pg {
    struct fbc_ksdb all;
    const struct fbc_pq *pq;
    PGconn *conn;                   /* NULL: none */
    char *uri;
    const char *on_connect;         /* SQL, or NULL */
    unsigned int connects, seen;    /* how often it was made; and noticed */
    uint64_t not_before;            /* ns; of the next try to connect */
    struct fbc_error why;           /* the last one failed */
    bool make;                      /* the tables, if there are none */
    bool in_tx, lost, silent;
    /* Of a writer: the log's end as it knows it. */
    bool checked;                   /* this connection's log has committed */
    bool have_head;
    struct fbc_decision head;
    char appended[FBC_DECISION_LINE];   /* last, by this transaction; or "" */
    char committed[FBC_DECISION_LINE];  /* last of all; or "" */
};

/* A parameter, as PostgreSQL's binary formats have it; data NULL: NULL. */
struct fbc_pg_arg {
    const void *data;
    size_t len;
    uint64_t number;                /* big-endian, for data */
};

#define FBC_PG_MAX_ARGS 7

struct fbc_pg_args {
    unsigned int n;
    struct fbc_pg_arg arg[FBC_PG_MAX_ARGS];
};

void fbc_pg_bytes(struct fbc_pg_args *a, const void *data, size_t len);
void fbc_pg_text(struct fbc_pg_args *a, const char *text);
void fbc_pg_number(struct fbc_pg_args *a, uint64_t v);

/* Makes the connection if there is none; does not try too often. */
int FBC_MUST_CHECK fbc_pg_connect(struct fbc_pg *db, struct fbc_error *e);

/* What it was is forgotten, the transaction included. */
void fbc_pg_drop(struct fbc_pg *db);

/* SQL without parameters, on the connection that is there. */
int FBC_MUST_CHECK fbc_pg_exec(struct fbc_pg *db, const char *sql,
                               struct fbc_error *e);

/* A statement; its rows, for PQclear(), or NULL. */
PGresult * FBC_MUST_CHECK fbc_pg_run(struct fbc_pg *db,
                                     enum fbc_pg_statement s,
                                     const struct fbc_pg_args *a,
                                     struct fbc_error *e);

/* The same of one that gives no rows that matter. */
int FBC_MUST_CHECK fbc_pg_do(struct fbc_pg *db, enum fbc_pg_statement s,
                             const struct fbc_pg_args *a,
                             struct fbc_error *e);

/* Columns of a row. */
bool fbc_pg_is_null(const struct fbc_pg *db, const PGresult *r, int row,
                    int column);
uint64_t fbc_pg_get_number(const struct fbc_pg *db, const PGresult *r,
                           int row, int column);
/* Copies at most room bytes; false: it is longer. */
bool FBC_MUST_CHECK fbc_pg_get_bytes(const struct fbc_pg *db,
                                     const PGresult *r, int row, int column,
                                     void *out, size_t room, size_t *len);

/* keyserver_pgtx.c: as struct fbc_ksdb_backend has them. */
int FBC_MUST_CHECK fbc_pg_begin(struct fbc_ksdb *all, struct fbc_error *e);
int FBC_MUST_CHECK fbc_pg_commit(struct fbc_ksdb *all, struct fbc_error *e);
void fbc_pg_rollback(struct fbc_ksdb *all);
bool fbc_pg_lost(const struct fbc_ksdb *all);

/* keyserver_pgsql.c: what a connection begins with; statements. */
extern const char fbc_pg_session[];
extern const char *const fbc_pg_sql[FBC_PG_STATEMENTS];

/* keyserver_pgschema.c: SQL that makes it; that tells whether it is there. */
extern const char fbc_pg_schema[], fbc_pg_has_schema[];

#define FBC_PG_SCHEMA_VERSION 1

#endif /* FBC_LIB_KEYSERVER_PG_H */
