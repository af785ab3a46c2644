/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kind of database does for the key server; the contracts of functions
 * that keyserver_db.h has, too, are there.
 */
#ifndef FBC_LIB_KEYSERVER_BACKEND_H
#define FBC_LIB_KEYSERVER_BACKEND_H

#include "lib/keyserver/keyserver_db.h"

struct fbc_ksdb_backend {
    int (*open)(struct fbc_ksdb **out, const char *name,
                enum fbc_ksdb_mode mode, struct fbc_error *e);
    void (*close)(struct fbc_ksdb *db);
    int (*begin)(struct fbc_ksdb *db, struct fbc_error *e);
    int (*commit)(struct fbc_ksdb *db, struct fbc_error *e);
    void (*rollback)(struct fbc_ksdb *db);
    bool (*lost)(const struct fbc_ksdb *db);
    int (*get)(struct fbc_ksdb *db, const char *name, struct fbc_ks_host *h,
               struct fbc_error *e);
    int (*has)(struct fbc_ksdb *db, const char *name, struct fbc_error *e);
    int (*put)(struct fbc_ksdb *db, const char *name,
               const struct fbc_ks_host *h, struct fbc_error *e);
    int (*accepted)(struct fbc_ksdb *db, const char *name,
                    const struct fbc_ks_counters *c, const uint8_t *vmm_key,
                    struct fbc_error *e);
    /* The last entry of the log, for its number and hash; zeros: none. */
    int (*last)(struct fbc_ksdb *db, struct fbc_decision *d,
                struct fbc_error *e);
    int (*append)(struct fbc_ksdb *db, uint64_t number, const char *line,
                  size_t len, struct fbc_error *e);
    int (*lines)(struct fbc_ksdb *db, uint64_t from, uint64_t max,
                 bool (*take)(const char *line, size_t len, void *arg),
                 void *arg, struct fbc_error *e);
    int (*backup)(struct fbc_ksdb *db, const char *path,
                  struct fbc_error *e);
};

/* First member of each kind's own. */
struct fbc_ksdb {
    const struct fbc_ksdb_backend *backend;
    char name[160];                 /* for errors */
};

extern const struct fbc_ksdb_backend fbc_ksdb_sqlite, fbc_ksdb_pg;

#endif /* FBC_LIB_KEYSERVER_BACKEND_H */
