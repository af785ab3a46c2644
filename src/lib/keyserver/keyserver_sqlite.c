/* SPDX-License-Identifier: GPL-2.0-only */
/* The key server's database in one file, by SQLite. */
#include "lib/keyserver/keyserver_backend.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/outfile.h"

#define APPLICATION_ID 0x46424b53   /* "FBKS" */
#define BUSY_MS        10000
#define STOP_STEPS     1000         /* of SQLite's, between two looks */

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE hosts(name TEXT PRIMARY KEY NOT NULL,"
    " serial INTEGER NOT NULL, registration BLOB,"
    " resets INTEGER NOT NULL, restarts INTEGER NOT NULL,"
    " clock INTEGER NOT NULL, vmm_key BLOB) STRICT;"
    "CREATE TABLE log(number INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;"
    "CREATE TRIGGER log_update BEFORE UPDATE ON log"
    " BEGIN SELECT RAISE(ABORT, 'append-only'); END;"
    "CREATE TRIGGER log_delete BEFORE DELETE ON log"
    " BEGIN SELECT RAISE(ABORT, 'append-only'); END;"
    "PRAGMA application_id = 1178749779;"
    "PRAGMA user_version = 1;"
    "COMMIT;";

_Static_assert(APPLICATION_ID == 1178749779, "schema");

enum statement { GET, HAS, PUT, ACCEPTED, LOG, LAST, LINES, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [GET] = "SELECT serial, resets, restarts, clock, vmm_key, registration "
            "FROM hosts WHERE name = ?1",
    [HAS] = "SELECT 1 FROM hosts WHERE name = ?1 AND registration NOT NULL",
    [PUT] = "INSERT OR REPLACE INTO hosts (name, serial, resets, restarts, "
            "clock, vmm_key, registration) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
            "?7)",
    [ACCEPTED] = "UPDATE hosts SET resets = ?2, restarts = ?3, clock = ?4, "
                 "vmm_key = ?5 WHERE name = ?1",
    [LOG] = "INSERT INTO log (number, line) VALUES (?1, ?2)",
    [LAST] = "SELECT line FROM log ORDER BY number DESC LIMIT 1",
    [LINES] = "SELECT line FROM log WHERE number >= ?1 ORDER BY number "
              "LIMIT ?2",
};

static const char not_ours[] = "is not a key server's database";

struct sqlite_db {
    struct fbc_ksdb all;
    sqlite3 *db;
    sqlite3_stmt *st[STATEMENTS];
};

static struct sqlite_db *of(struct fbc_ksdb *db)
{
    return (struct sqlite_db *)db;
}

static int fail(const struct sqlite_db *db, struct fbc_error *e)
{
    return fbc_fail(e, FBC_EXIT_ENV, db->all.name, "%s",
                    sqlite3_errmsg(db->db));
}

static int run_sql(struct sqlite_db *db, const char *text, struct fbc_error *e)
{
    return sqlite3_exec(db->db, text, NULL, NULL, NULL) ? fail(db, e) : 0;
}

/* The number that a pragma gives. */
static int pragma(struct sqlite_db *db, const char *text, sqlite3_int64 *out,
                  struct fbc_error *e)
{
    sqlite3_stmt *st;
    int rc = sqlite3_prepare_v2(db->db, text, -1, &st, NULL);

    if ( !rc )
        rc = sqlite3_step(st);
    if ( rc == SQLITE_ROW )
        *out = sqlite3_column_int64(st, 0);
    else if ( (rc & 0xff) == SQLITE_NOTADB )
        fbc_fail(e, FBC_EXIT_INPUT, db->all.name, not_ours);
    else
        fail(db, e);
    sqlite3_finalize(st);

    return rc == SQLITE_ROW ? 0 : -1;
}

static int prepare(struct sqlite_db *db, enum fbc_ksdb_mode mode,
                   struct fbc_error *e)
{
    sqlite3_int64 id, version, tables;
    unsigned int i;

    sqlite3_extended_result_codes(db->db, 1);
    sqlite3_busy_timeout(db->db, BUSY_MS);
    if ( pragma(db, "PRAGMA application_id", &id, e) ||
         pragma(db, "PRAGMA user_version", &version, e) ||
         pragma(db, "SELECT count(*) FROM sqlite_schema", &tables, e) )
        return -1;
    if ( !id && !version && !tables && mode == FBC_KSDB_SERVE )
    {
        if ( run_sql(db, schema, e) )
            return -1;
        id = APPLICATION_ID;
        version = 1;
    }
    if ( id != APPLICATION_ID )
        return fbc_fail(e, FBC_EXIT_INPUT, db->all.name, not_ours);
    if ( version != 1 )
        return fbc_fail(e, FBC_EXIT_VERSION, db->all.name,
                        "is of another version");
    if ( mode == FBC_KSDB_SERVE &&
         run_sql(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
                 e) )
        return -1;

    for ( i = 0; i < STATEMENTS; i++ )
        if ( sqlite3_prepare_v3(db->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                &db->st[i], NULL) )
            return fail(db, e);

    return 0;
}

static void sqlite_close(struct fbc_ksdb *all)
{
    struct sqlite_db *db = of(all);
    unsigned int i;

    for ( i = 0; i < STATEMENTS; i++ )
        sqlite3_finalize(db->st[i]);
    sqlite3_close(db->db);
    free(db);
}

static int sqlite_open(struct fbc_ksdb **out, const char *path,
                       enum fbc_ksdb_mode mode, struct fbc_error *e)
{
    struct sqlite_db *db;

    if ( mode != FBC_KSDB_SERVE && access(path, R_OK) )
        return fbc_fail_errno(e, path);
    db = calloc(1, sizeof(*db));
    if ( !db )
        return fbc_fail_core(e, path, FBC_ERR_NOMEM);

    db->all.backend = &fbc_ksdb_sqlite;
    snprintf(db->all.name, sizeof(db->all.name), "%s", path);
    if ( fbc_ksdb_file(&db->db, path, mode) )
        fail(db, e);
    else if ( !prepare(db, mode, e) )
    {
        *out = &db->all;
        return 0;
    }
    sqlite_close(&db->all);

    return -1;
}

static int sqlite_begin(struct fbc_ksdb *all, struct fbc_error *e)
{
    return run_sql(of(all), "BEGIN IMMEDIATE", e);
}

static int sqlite_commit(struct fbc_ksdb *all, struct fbc_error *e)
{
    return run_sql(of(all), "COMMIT", e);
}

static void sqlite_rollback(struct fbc_ksdb *all)
{
    struct sqlite_db *db = of(all);

    if ( !sqlite3_get_autocommit(db->db) )
        sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
}

/* There is no connection. */
static bool sqlite_lost(const struct fbc_ksdb *all)
{
    (void)all;

    return false;
}

/* A statement with its first parameter, a name. */
static sqlite3_stmt *named(struct sqlite_db *db, enum statement s,
                           const char *name)
{
    sqlite3_stmt *st = db->st[s];

    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    if ( name )
        sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);

    return st;
}

/* A statement that gives no row. */
static int done(struct sqlite_db *db, sqlite3_stmt *st, struct fbc_error *e)
{
    int rc = sqlite3_step(st) == SQLITE_DONE ? 0 : fail(db, e);

    sqlite3_reset(st);

    return rc;
}

static int read_host(struct sqlite_db *db, sqlite3_stmt *st,
                     struct fbc_ks_host *h, struct fbc_error *e)
{
    int key = sqlite3_column_bytes(st, 4), len = sqlite3_column_bytes(st, 5);

    if ( (key && key != FBC_KEY_LEN) || len > FBC_REGISTRATION_MAX )
        return fbc_fail(e, FBC_EXIT_INPUT, db->all.name, "is damaged");

    h->serial = (uint64_t)sqlite3_column_int64(st, 0);
    h->counters.resets = (uint64_t)sqlite3_column_int64(st, 1);
    h->counters.restarts = (uint64_t)sqlite3_column_int64(st, 2);
    h->counters.clock = (uint64_t)sqlite3_column_int64(st, 3);
    h->have_key = key;
    if ( key )
        memcpy(h->vmm_key, sqlite3_column_blob(st, 4), FBC_KEY_LEN);
    h->len = (size_t)len;
    if ( len )
        memcpy(h->text, sqlite3_column_blob(st, 5), h->len);

    return 1;
}

static int sqlite_get(struct fbc_ksdb *all, const char *name,
                      struct fbc_ks_host *h, struct fbc_error *e)
{
    struct sqlite_db *db = of(all);
    sqlite3_stmt *st = named(db, GET, name);
    int rc = sqlite3_step(st);

    if ( rc == SQLITE_ROW )
        rc = read_host(db, st, h, e);
    else
        rc = rc == SQLITE_DONE ? 0 : fail(db, e);
    sqlite3_reset(st);

    return rc;
}

static int sqlite_has(struct fbc_ksdb *all, const char *name,
                      struct fbc_error *e)
{
    struct sqlite_db *db = of(all);
    sqlite3_stmt *st = named(db, HAS, name);
    int rc = sqlite3_step(st);

    if ( rc == SQLITE_ROW )
        rc = 1;
    else
        rc = rc == SQLITE_DONE ? 0 : fail(db, e);
    sqlite3_reset(st);

    return rc;
}

static void bind_counters(sqlite3_stmt *st, int at,
                          const struct fbc_ks_counters *c)
{
    sqlite3_bind_int64(st, at, (sqlite3_int64)c->resets);
    sqlite3_bind_int64(st, at + 1, (sqlite3_int64)c->restarts);
    sqlite3_bind_int64(st, at + 2, (sqlite3_int64)c->clock);
}

static int sqlite_put(struct fbc_ksdb *all, const char *name,
                      const struct fbc_ks_host *h, struct fbc_error *e)
{
    struct sqlite_db *db = of(all);
    sqlite3_stmt *st = named(db, PUT, name);

    sqlite3_bind_int64(st, 2, (sqlite3_int64)h->serial);
    bind_counters(st, 3, &h->counters);
    if ( h->have_key )
        sqlite3_bind_blob(st, 6, h->vmm_key, FBC_KEY_LEN, SQLITE_STATIC);
    if ( h->len )
        sqlite3_bind_blob(st, 7, h->text, (int)h->len, SQLITE_STATIC);

    return done(db, st, e);
}

static int sqlite_accepted(struct fbc_ksdb *all, const char *name,
                           const struct fbc_ks_counters *c,
                           const uint8_t *vmm_key, struct fbc_error *e)
{
    struct sqlite_db *db = of(all);
    sqlite3_stmt *st = named(db, ACCEPTED, name);

    bind_counters(st, 2, c);
    sqlite3_bind_blob(st, 5, vmm_key, FBC_KEY_LEN, SQLITE_STATIC);

    return done(db, st, e);
}

static int sqlite_last(struct fbc_ksdb *all, struct fbc_decision *d,
                       struct fbc_error *e)
{
    struct sqlite_db *db = of(all);
    sqlite3_stmt *st = named(db, LAST, NULL);
    int rc = sqlite3_step(st);

    memset(d, 0, sizeof(*d));
    if ( rc == SQLITE_ROW )
    {
        const char *line = (const char *)sqlite3_column_text(st, 0);
        int n = sqlite3_column_bytes(st, 0);

        rc = n && !fbc_decision_parse(line, (size_t)n - 1, NULL, d) ? 0
             : fbc_fail(e, FBC_EXIT_INPUT, db->all.name,
                        "its log is damaged");
    }
    else
        rc = rc == SQLITE_DONE ? 0 : fail(db, e);
    sqlite3_reset(st);

    return rc;
}

static int sqlite_append(struct fbc_ksdb *all, uint64_t number,
                         const char *line, size_t len, struct fbc_error *e)
{
    struct sqlite_db *db = of(all);
    sqlite3_stmt *st = named(db, LOG, NULL);

    sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    sqlite3_bind_text(st, 2, line, (int)len, SQLITE_STATIC);

    return done(db, st, e);
}

static int sqlite_lines(struct fbc_ksdb *all, uint64_t from, uint64_t max,
                        bool (*take)(const char *line, size_t len, void *arg),
                        void *arg, struct fbc_error *e)
{
    struct sqlite_db *db = of(all);
    sqlite3_stmt *st = named(db, LINES, NULL);
    int rc;

    sqlite3_bind_int64(st, 1, (sqlite3_int64)from);
    sqlite3_bind_int64(st, 2, max ? (sqlite3_int64)max : -1);
    while ( (rc = sqlite3_step(st)) == SQLITE_ROW )
        if ( !take((const char *)sqlite3_column_text(st, 0),
                   (size_t)sqlite3_column_bytes(st, 0), arg) )
            break;
    rc = rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : fail(db, e);
    sqlite3_reset(st);

    return rc;
}

static int is_stopped(void *stop)
{
    return *(const volatile int *)stop;
}

/* Into an empty file; the journal beside it goes, whatever happens. */
static int vacuum(struct sqlite_db *db, const char *file,
                  const volatile int *stop, struct fbc_error *e)
{
    char journal[PATH_MAX + 8];
    sqlite3_stmt *st = NULL;
    int rc;

    if ( sqlite3_prepare_v2(db->db, "VACUUM INTO ?1", -1, &st, NULL) )
        return fail(db, e);
    sqlite3_bind_text(st, 1, file, -1, SQLITE_STATIC);
    sqlite3_progress_handler(db->db, STOP_STEPS, is_stopped, (void *)stop);
    rc = done(db, st, e);
    sqlite3_finalize(st);
    sqlite3_progress_handler(db->db, 0, NULL, NULL);
    snprintf(journal, sizeof(journal), "%s-journal", file);
    unlink(journal);

    return rc;
}

static int sqlite_backup(struct fbc_ksdb *all, const char *path,
                         struct fbc_error *e)
{
    const volatile int *stop = fbc_catch_stop();    /* before there is a file */
    struct fbc_outfile out;

    if ( fbc_outfile_is_new(path, e) || fbc_outfile_open(&out, path, e) )
        return -1;
    if ( vacuum(of(all), out.temp, stop, e) )
    {
        fbc_outfile_abort(&out);
        return -1;
    }

    return fbc_outfile_commit(&out, false, e);
}

const struct fbc_ksdb_backend fbc_ksdb_sqlite = {
    .open = sqlite_open, .close = sqlite_close, .begin = sqlite_begin,
    .commit = sqlite_commit, .rollback = sqlite_rollback,
    .lost = sqlite_lost, .get = sqlite_get, .has = sqlite_has,
    .put = sqlite_put, .accepted = sqlite_accepted,
    .last = sqlite_last, .append = sqlite_append, .lines = sqlite_lines,
    .backup = sqlite_backup,
};
