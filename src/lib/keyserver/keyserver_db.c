/* SPDX-License-Identifier: GPL-2.0-only */
/* The key server's database, of whatever kind: what all have in common. */
#include "lib/keyserver/keyserver_backend.h"

#include <string.h>
#include <time.h>

bool fbc_ksdb_is_shared(const char *name)
{
    return !strncmp(name, "postgresql://", 13) ||
           !strncmp(name, "postgres://", 11);
}

int fbc_ksdb_open(struct fbc_ksdb **out, const char *name,
                  enum fbc_ksdb_mode mode, struct fbc_error *e)
{
    const struct fbc_ksdb_backend *b = fbc_ksdb_is_shared(name)
                                       ? &fbc_ksdb_pg : &fbc_ksdb_sqlite;

    return b->open(out, name, mode, e);
}

void fbc_ksdb_close(struct fbc_ksdb *db)
{
    if ( db )
        db->backend->close(db);
}

int fbc_ksdb_begin(struct fbc_ksdb *db, struct fbc_error *e)
{
    return db->backend->begin(db, e);
}

int fbc_ksdb_commit(struct fbc_ksdb *db, struct fbc_error *e)
{
    return db->backend->commit(db, e);
}

void fbc_ksdb_rollback(struct fbc_ksdb *db)
{
    db->backend->rollback(db);
}

bool fbc_ksdb_lost(const struct fbc_ksdb *db)
{
    return db->backend->lost(db);
}

int fbc_ksdb_get(struct fbc_ksdb *db, const char *name,
                 struct fbc_ks_host *h, struct fbc_error *e)
{
    return db->backend->get(db, name, h, e);
}

int fbc_ksdb_has(struct fbc_ksdb *db, const char *name, struct fbc_error *e)
{
    return db->backend->has(db, name, e);
}

int fbc_ksdb_put(struct fbc_ksdb *db, const char *name,
                 const struct fbc_ks_host *h, struct fbc_error *e)
{
    return db->backend->put(db, name, h, e);
}

int fbc_ksdb_accepted(struct fbc_ksdb *db, const char *name,
                      const struct fbc_ks_counters *c,
                      const uint8_t vmm_key[static FBC_KEY_LEN],
                      struct fbc_error *e)
{
    return db->backend->accepted(db, name, c, vmm_key, e);
}

int fbc_ksdb_log(struct fbc_ksdb *db, struct fbc_decision *d,
                 struct fbc_error *e)
{
    char line[FBC_DECISION_LINE];
    struct fbc_decision last;
    time_t now = time(NULL);
    struct tm tm;
    size_t n;

    if ( db->backend->last(db, &last, e) )
        return -1;
    d->number = last.number + 1;
    if ( !gmtime_r(&now, &tm) ||
         strftime(d->time, sizeof(d->time), "%Y-%m-%dT%H:%M:%SZ", &tm) !=
         sizeof(d->time) - 1 )
        return fbc_fail(e, FBC_EXIT_ENV, db->name, "the clock is wrong");
    n = fbc_decision_encode(d, last.hash, line);
    if ( !n )
        return fbc_fail(e, FBC_EXIT_ENV, db->name, "cannot log this entry");

    return db->backend->append(db, d->number, line, n, e);
}

int fbc_ksdb_lines(struct fbc_ksdb *db, uint64_t from, uint64_t max,
                   bool (*take)(const char *line, size_t len, void *arg),
                   void *arg, struct fbc_error *e)
{
    return db->backend->lines(db, from, max, take, arg, e);
}

int fbc_ksdb_backup(struct fbc_ksdb *db, const char *path,
                    struct fbc_error *e)
{
    return db->backend->backup(db, path, e);
}
