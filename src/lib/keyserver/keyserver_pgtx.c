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
    unsigned int before = db->connects;
    bool has = true;

    db->lost = false;
    if ( fbc_pg_connect(db, e) )
        return -1;
    db->in_tx = true;
    db->have_head = false;
    *db->appended = '\0';
    if ( fbc_pg_exec(db, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
                     FBC_PG_LOCK, e) )
        return -1;
    if ( db->connects == before || !*db->committed )
        return 0;

    /* Another database, perhaps: the copy of one that failed. */
    if ( has_line(db, db->committed, &has, e) )
        return -1;

    return has ? 0 : fbc_fail(e, FBC_EXIT_INPUT, db->all.name,
                              "its log lacks entry %llu, which was written",
                              strtoull(db->committed, NULL, 10));
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
 * in the log, once nobody else writes: true if so.
 */
static bool was_committed(struct fbc_pg *db)
{
    uint64_t until = fbc_clock_ns() + UNSURE_NS;
    const struct timespec pause = { 0, PAUSE_MS * 1000000L };
    char line[FBC_DECISION_LINE];
    struct fbc_error e;
    bool has;

    strcpy(line, db->appended);
    while ( *line && fbc_clock_ns() < until )
    {
        if ( !begin_locked(db, &e) && !has_line(db, line, &has, &e) )
        {
            fbc_pg_rollback(&db->all);
            if ( has )
                strcpy(db->committed, line);
            return has;
        }
        fbc_pg_rollback(&db->all);
        nanosleep(&pause, NULL);
    }

    return false;
}

int fbc_pg_commit(struct fbc_ksdb *all, struct fbc_error *e)
{
    struct fbc_pg *db = (struct fbc_pg *)all;

    if ( fbc_pg_exec(db, "COMMIT", e) )
    {
        if ( !db->lost )
            return -1;
        if ( was_committed(db) )
            return 0;
        db->lost = true;
        return -1;
    }
    db->in_tx = false;
    if ( *db->appended )
        strcpy(db->committed, db->appended);

    return 0;
}

bool fbc_pg_lost(const struct fbc_ksdb *all)
{
    return ((const struct fbc_pg *)all)->lost;
}
