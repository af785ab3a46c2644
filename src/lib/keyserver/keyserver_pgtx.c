/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transactions in PostgreSQL: one writer at a time, whichever server it is of,
 * so that each entry of the log follows from the one before.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/keyserver/keyserver_pg.h"

#define UNSURE_NS (10 * FBC_NS_PER_S)   /* to find out what became of it */
#define PAUSE_MS  100

/* Is this line in the log, where it says that it is? */
static int has_line(struct fbc_pg *db, const char *line, bool *has,
                    struct fbc_error *e)
{
    struct fbc_pg_args a = { 0 };
    char there[FBC_DECISION_LINE];
    size_t n = 0;
    PGresult *r;

    fbc_pg_number(&a, strtoull(line, NULL, 10));
    fbc_pg_number(&a, 1);
    r = fbc_pg_run(db, FBC_PG_LINES, &a, e);
    if ( !r )
        return -1;
    *has = db->pq->PQntuples(r) == 1 &&
           fbc_pg_get_bytes(db, r, 0, 0, there, sizeof(there), &n) &&
           n == strlen(line) && !memcmp(there, line, n);
    db->pq->PQclear(r);

    return 0;
}

/*
 * Each statement is to see what was committed before it began, the first one
 * after the lock included.
 */
static int begin_locked(struct fbc_pg *db, struct fbc_error *e)
{
    bool has;

    db->lost = false;
    if ( fbc_pg_connect(db, e) )
        return -1;
    db->in_tx = true;
    db->have_head = false;
    *db->appended = '\0';
    if ( fbc_pg_exec(db, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
                     FBC_PG_LOCK, e) )
        return -1;
    if ( db->checked || !*db->committed )
        return 0;

    /* Another database, perhaps: the copy of one that failed. */
    if ( has_line(db, db->committed, &has, e) )
        return -1;
    if ( !has )
        return fbc_fail(e, FBC_EXIT_INPUT, db->all.name,
                        "its log lacks entry %llu, which was written",
                        strtoull(db->committed, NULL, 10));
    db->checked = true;

    return 0;
}

int fbc_pg_begin(struct fbc_ksdb *all, struct fbc_error *e)
{
    return begin_locked((struct fbc_pg *)all, e);
}

void fbc_pg_rollback(struct fbc_ksdb *all)
{
    struct fbc_pg *db = (struct fbc_pg *)all;
    struct fbc_error e;

    if ( db->in_tx && db->conn && fbc_pg_exec(db, "ROLLBACK", &e) )
        fbc_pg_drop(db);
    db->in_tx = false;
}

/*
 * The connection was lost while the database was to commit.  Whether it has is
 * in the log, once nobody else writes.  0: it has; else -1, and lost if it may
 * be tried again.
 */
static int was_committed(struct fbc_pg *db, struct fbc_error *e)
{
    uint64_t until = fbc_clock_ns() + UNSURE_NS;
    const struct timespec pause = { 0, PAUSE_MS * 1000000L };
    char line[FBC_DECISION_LINE];
    bool has = false;
    int rc;

    /* What was taken without an entry is nowhere else: it is kept. */
    if ( !*db->appended )
        return 0;
    strcpy(line, db->appended);
    do {
        rc = begin_locked(db, e) || has_line(db, line, &has, e) ? -1 : 0;
        fbc_pg_rollback(&db->all);
        if ( rc )
            nanosleep(&pause, NULL);
    } while ( rc && db->lost && fbc_clock_ns() < until );

    if ( has )
    {
        strcpy(db->committed, line);
        return 0;
    }
    /* Not while nobody knows: it might be done twice. */
    db->lost = !rc;

    return -1;
}

int fbc_pg_commit(struct fbc_ksdb *all, struct fbc_error *e)
{
    struct fbc_pg *db = (struct fbc_pg *)all;

    if ( fbc_pg_exec(db, "COMMIT", e) )
        return db->lost ? was_committed(db, e) : -1;
    db->in_tx = false;
    if ( *db->appended )
        strcpy(db->committed, db->appended);

    return 0;
}

bool fbc_pg_lost(const struct fbc_ksdb *all)
{
    return ((const struct fbc_pg *)all)->lost;
}
