/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clients that wait, where all servers of one database can see them: a host
 * may ask another server than the client did.  A client has a row from when a
 * host may hear of it until it is answered.  The server that gets the evidence
 * decides, leaves the outcome in the rows of other servers' clients within the
 * transaction of its decision, and tells these servers.
 *
 * Only of databases for which fbc_ksdb_is_shared(); -1 with *e filled.
 */
#ifndef FBC_LIB_KEYSERVER_WAITS_H
#define FBC_LIB_KEYSERVER_WAITS_H

#include "lib/keyserver/keyserver_db.h"
#include "parse/attest/waitnews.h"

/* What became of evidence, for another server's client. */
struct fbc_ks_outcome {
    char reason[FBC_REASON_NAME_MAX + 1];   /* "ok": released; then */
    uint8_t vmm_key[FBC_KEY_LEN];
    size_t registration_len, evidence_len;
    char registration[FBC_REGISTRATION_MAX];
    char evidence[FBC_EVIDENCE_TEXT_MAX];
};

/* So much of it goes into a row. */
struct fbc_ks_given {
    const char *reason;
    const uint8_t *vmm_key;         /* NULL: not released */
    const char *registration, *evidence;
    size_t registration_len, evidence_len;
};

/* A client of this server waits, for seconds at most; all are told. */
int FBC_MUST_CHECK fbc_ks_waits_add(struct fbc_ksdb *db, const char *server,
                                    const char *host, const uint8_t *nonce,
                                    unsigned int seconds,
                                    struct fbc_error *e);

/* 1: somebody waits for it, at any server; 0. */
int FBC_MUST_CHECK fbc_ks_waits_has(struct fbc_ksdb *db, const char *host,
                                    const uint8_t *nonce,
                                    struct fbc_error *e);

/* The nonces of a host for which somebody waits; returns how many. */
int FBC_MUST_CHECK fbc_ks_waits_nonces(struct fbc_ksdb *db, const char *host,
                                       struct fbc_nonces *n,
                                       struct fbc_error *e);

/*
 * Leaves this outcome to all who wait at other servers, and takes away the
 * rows of this one's clients, which are answered from here.  Returns how many
 * other servers are told, with the transaction's commit.
 */
int FBC_MUST_CHECK fbc_ks_waits_give(struct fbc_ksdb *db, const char *server,
                                     const char *host, const uint8_t *nonce,
                                     const struct fbc_ks_given *g,
                                     struct fbc_error *e);

/*
 * Takes the row of a client of this server away.  1: it has an outcome, which
 * is *o; 0: it has none, or there is no row.
 */
int FBC_MUST_CHECK fbc_ks_waits_take(struct fbc_ksdb *db, const char *server,
                                     const char *host, const uint8_t *nonce,
                                     struct fbc_ks_outcome *o,
                                     struct fbc_error *e);

/* Takes away what servers that died have left behind. */
int FBC_MUST_CHECK fbc_ks_waits_expire(struct fbc_ksdb *db,
                                       struct fbc_error *e);

/*
 * News, on a connection that is for nothing else.  listen says whether some
 * may have been missed, as the connection is a new one.
 */
int FBC_MUST_CHECK fbc_ks_news_listen(struct fbc_ksdb *db, bool *missed,
                                      struct fbc_error *e);
int FBC_MUST_CHECK fbc_ks_news_fd(struct fbc_ksdb *db);

/* The next that matters to this server; 1: *n; 0: none yet. */
int FBC_MUST_CHECK fbc_ks_news_next(struct fbc_ksdb *db, const char *server,
                                    struct fbc_wait_news *n,
                                    struct fbc_error *e);

/* Calls take() for each row as if it were news. */
int FBC_MUST_CHECK
fbc_ks_news_all(struct fbc_ksdb *db, const char *server,
                void (*take)(const struct fbc_wait_news *n, void *arg),
                void *arg, struct fbc_error *e);

#endif /* FBC_LIB_KEYSERVER_WAITS_H */
