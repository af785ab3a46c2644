/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The key server's database: registered hosts and the decision log
 * (fbc-keyserver-formats(5)).  Not thread-safe: a connection for each thread,
 * or a lock.
 */
#ifndef FBC_LIB_KEYSERVER_DB_H
#define FBC_LIB_KEYSERVER_DB_H

#include "lib/base/fail.h"
#include "parse/attest/decision.h"

struct fbc_ksdb;

struct fbc_ks_counters {
    uint64_t resets, restarts, clock;   /* 0 before the first quote */
};

struct fbc_ks_host {
    uint64_t serial;
    struct fbc_ks_counters counters;
    bool have_key;
    uint8_t vmm_key[FBC_KEY_LEN];       /* as last released */
    size_t len;                         /* 0: revoked */
    char text[FBC_REGISTRATION_MAX];    /* the registration */
};

enum fbc_ksdb_mode {
    FBC_KSDB_READ,              /* must be there */
    FBC_KSDB_SERVE,             /* made if it is not there; private */
};

/* keyserver_dbfile.c: of SQLite; sqlite3_open_v2(), and its result. */
struct sqlite3;
int FBC_MUST_CHECK fbc_ksdb_file(struct sqlite3 **db, const char *path,
                                 enum fbc_ksdb_mode mode);

/*
 * Several servers may use it at a time: postgresql://..., as libpq takes it.
 * Otherwise a name is that of a file, of SQLite.
 */
bool fbc_ksdb_is_shared(const char *name);

int FBC_MUST_CHECK fbc_ksdb_open(struct fbc_ksdb **out, const char *path,
                                 enum fbc_ksdb_mode mode,
                                 struct fbc_error *e);
void fbc_ksdb_close(struct fbc_ksdb *db);

/*
 * All writing is between these; rollback is harmless after commit.  Who
 * writes to a database that is shared waits for the others in begin.  If
 * commit fails, nothing was written, unless the database cannot be asked any
 * more.
 */
int FBC_MUST_CHECK fbc_ksdb_begin(struct fbc_ksdb *db, struct fbc_error *e);
int FBC_MUST_CHECK fbc_ksdb_commit(struct fbc_ksdb *db, struct fbc_error *e);
void fbc_ksdb_rollback(struct fbc_ksdb *db);

/*
 * Did the last function fail, or one before it since begin, because there is
 * no connection (any more)?  Then all of it may be tried again.
 */
bool fbc_ksdb_lost(const struct fbc_ksdb *db);

/* 1 and *h; 0: there is no such host, nor was there ever one; -1. */
int FBC_MUST_CHECK fbc_ksdb_get(struct fbc_ksdb *db, const char *name,
                                struct fbc_ks_host *h, struct fbc_error *e);

/* 1: registered and not revoked; 0; -1. */
int FBC_MUST_CHECK fbc_ksdb_has(struct fbc_ksdb *db, const char *name,
                                struct fbc_error *e);

int FBC_MUST_CHECK fbc_ksdb_put(struct fbc_ksdb *db, const char *name,
                                const struct fbc_ks_host *h,
                                struct fbc_error *e);

/* Counters and hypervisor key of a quote that was accepted. */
int FBC_MUST_CHECK
fbc_ksdb_accepted(struct fbc_ksdb *db, const char *name,
                  const struct fbc_ks_counters *c,
                  const uint8_t vmm_key[static FBC_KEY_LEN],
                  struct fbc_error *e);

/* *d but for number, time and hash, which are filled in. */
int FBC_MUST_CHECK fbc_ksdb_log(struct fbc_ksdb *db, struct fbc_decision *d,
                                struct fbc_error *e);

/*
 * Calls take() for each line of the log from a number on, newline included,
 * at most max of them (0: all).  take() returns false to end it.
 */
int FBC_MUST_CHECK
fbc_ksdb_lines(struct fbc_ksdb *db, uint64_t from, uint64_t max,
               bool (*take)(const char *line, size_t len, void *arg),
               void *arg, struct fbc_error *e);

/*
 * A consistent copy in one file, which must not be there yet, and is there
 * whole or not at all.  SIGINT, SIGTERM and SIGHUP end it.
 */
int FBC_MUST_CHECK fbc_ksdb_backup(struct fbc_ksdb *db, const char *path,
                                   struct fbc_error *e);

#endif /* FBC_LIB_KEYSERVER_DB_H */
