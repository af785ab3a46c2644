/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the key server.
 *
 * Threads: those of libmicrohttpd run keyserver_http.c, one, the writer, runs
 * keyserver_writer.c: it alone writes the database, many decisions in one
 * transaction, and ends waits whose time is over.  A request that waits is
 * suspended; who answers it resumes it.
 *
 * With a database that is shared there is one more, the relay
 * (keyserver_relay.c): it puts clients that wait into the database, and hosts
 * hear of them when it has, at whichever server they ask.
 */
#ifndef FBC_LIB_KEYSERVER_INT_H
#define FBC_LIB_KEYSERVER_INT_H

#include <microhttpd.h>
#include <pthread.h>

#include "lib/keyserver/keyserver.h"
#include "lib/keyserver/keyserver_db.h"
#include "lib/keyserver/keyserver_metrics.h"
#include "lib/keyserver/keyserver_rate.h"
#include "lib/keyserver/keyserver_waits.h"
#include "parse/attest/keyserver_route.h"

#define FBC_KS_TARGET_MAX  192      /* bytes of a request target */
#define FBC_KS_LOG_PAGE    1000     /* entries in an answer */
#define FBC_KS_POLLS_MAX   4        /* of one host */
#define FBC_KS_WAITING_MAX 2048     /* clients, in all */

enum fbc_ks_state { FBC_KS_NEW, FBC_KS_BODY, FBC_KS_WAITING, FBC_KS_DONE };

struct fbc_ks_request {
    struct fbc_ks *ks;
    struct MHD_Connection *conn;
    char target[FBC_KS_TARGET_MAX + 1];     /* "": too long */
    enum fbc_ks_state state;
    bool routed;                    /* route is one */
    struct fbc_route route;
    char *body;
    size_t body_len, body_room;
    unsigned int status, retry;     /* the answer; retry: s, or 0 */
    char *text;                     /* malloc()ed; NULL: none */
    size_t text_len;
    uint64_t began;                 /* ns */
    uint64_t deadline;              /* ns; of its body, then of its wait */
    struct fbc_ks_request *next;
};

/* A host for which somebody waits; exists as long as that. */
struct fbc_ks_meeting {
    char name[FBC_HOST_NAME_MAX + 1];
    struct fbc_ks_request *clients, *polls; /* oldest first */
    struct fbc_ks_meeting *next;
};

enum fbc_ks_job_kind {
    FBC_KS_EVIDENCE, FBC_KS_SILENT, FBC_KS_REGISTER, FBC_KS_REVOKE
};

/* A job for the writer, which decides and writes. */
struct fbc_ks_job {
    enum fbc_ks_job_kind kind;
    struct fbc_decision decision;   /* host, nonce, kind, reason */
    enum fbc_denial denial;         /* FBC_DENIALS: none */
    const char *reason_text;        /* of decision.reason */
    struct fbc_ks_request *poster;  /* NULL: SILENT */
    struct fbc_ks_request *clients; /* who waits for it */
    struct fbc_ks_counters counters;
    uint8_t vmm_key[FBC_KEY_LEN];
    struct fbc_ks_host host;        /* as judged; or as the writer writes it */
    bool nothing_new;               /* repeated: not written, not logged */
    struct fbc_ks_outcome *outcome; /* SILENT: not at all; malloc()ed */
    struct {
        struct fbc_decision decision;
        enum fbc_denial denial;
        const char *reason_text;
    } before;                       /* the writer decided */
    struct fbc_ks_job *next;
};

#define FBC_KS_BUCKETS 1024
#define FBC_KS_SAID    330

/* A client that is to be put into the database. */
struct fbc_ks_wait {
    char host[FBC_HOST_NAME_MAX + 1];
    uint8_t nonce[FBC_TPM_NONCE_LEN];
    struct fbc_ks_wait *next;
};

struct fbc_ks {
    struct fbc_ks_config config;
    struct MHD_Daemon *daemon;
    int lock_fd;
    struct fbc_rate *by_client, *by_host;
    pthread_t thread;           /* the writer */
    char log_text[160];             /* what libmicrohttpd said last */
    bool started;
    unsigned int fresh;             /* connections before their first request;
                                       atomic */

    pthread_mutex_t read_lock;      /* of the next one */
    struct fbc_ksdb *reader;
    struct fbc_ksdb *writer;        /* the writer's */

    bool shared;                    /* the database; if so: */
    char id[FBC_SERVER_ID_LEN + 1]; /* of this server, random */
    struct fbc_ksdb *relay_db;      /* the relay's */
    pthread_t relay;
    int relay_fd;                   /* an eventfd that wakes it */
    bool relays, relay_quit;        /* it runs; it is to end, atomic */

    pthread_mutex_t lock;           /* of all that follows */
    pthread_cond_t wake;            /* the writer */
    pthread_cond_t idle;            /* some request has ended */
    struct fbc_ks_meeting *meeting[FBC_KS_BUCKETS];
    uint32_t seed;
    unsigned int waiting;           /* clients */
    struct fbc_ks_job *jobs, **jobs_end;
    unsigned int pending;           /* jobs, those being decided included */
    unsigned int active;            /* requests */
    struct fbc_ks_wait *waits, **waits_end;     /* for the relay */
    bool stopping, draining, quit;
    uint64_t said;                  /* ns: the last error of a database */
    char said_text[FBC_KS_SAID];
    struct fbc_ks_counts counts;
    struct fbc_ks_metrics metrics;

    struct fbc_ks_exporter *exporter;   /* or NULL */
};

/* keyserver_answer.c: fill in the answer of a request. */
void fbc_ks_text(struct fbc_ks_request *r, unsigned int status, char *text,
                 size_t len);
void fbc_ks_record(struct fbc_ks_request *r, const struct fbc_record *rec,
                   const void *in);
void fbc_ks_deny(struct fbc_ks_request *r, enum fbc_denial d);
void fbc_ks_refuse(struct fbc_ks_request *r, unsigned int status,
                   const char *reason, const char *text);
void fbc_ks_release(struct fbc_ks_request *r, const uint8_t *vmm_key,
                    const char *registration, size_t registration_len,
                    const char *evidence, size_t evidence_len);
void fbc_ks_deliver(struct fbc_ks_request *r, const struct fbc_ks_outcome *o);
/*
 * The database failed (lost: fbc_ksdb_lost()): says so, the same once a
 * second; takes the lock.
 */
enum fbc_denial fbc_ks_db_failed(struct fbc_ks *ks, bool lost,
                                 const struct fbc_error *e);
#define FBC_KS_TYPE "text/plain; charset=us-ascii"

/* keyserver_rendezvous.c: hosts and clients meet; the lock is held for all. */
bool FBC_MUST_CHECK fbc_ks_add_client(struct fbc_ks *ks,
                                      struct fbc_ks_request *r);
bool FBC_MUST_CHECK fbc_ks_add_poll(struct fbc_ks *ks,
                                    struct fbc_ks_request *r);
bool FBC_MUST_CHECK fbc_ks_is_waited_for(struct fbc_ks *ks, const char *name,
                                         const uint8_t *nonce);
struct fbc_ks_request *fbc_ks_take_clients(struct fbc_ks *ks,
                                           const char *name,
                                           const uint8_t *nonce);
/* Answers a host's polls with these nonces. */
void fbc_ks_tell_host(struct fbc_ks *ks, const char *name,
                      const struct fbc_nonces *n);
/* A copy for the relay of each client that waits; malloc()ed, or NULL. */
struct fbc_ks_wait *fbc_ks_list_waits(struct fbc_ks *ks);
/* Ends waits: all that are over at now; UINT64_MAX: each of them. */
struct fbc_ks_request *fbc_ks_take_silent(struct fbc_ks *ks, uint64_t now);
void fbc_ks_end_polls(struct fbc_ks *ks, uint64_t now);
void fbc_ks_suspend(struct fbc_ks_request *r);
void fbc_ks_resume(struct fbc_ks_request *r);

/*
 * keyserver_judge.c: bodies.  NULL: *r is answered; else a job, ready for
 * fbc_ks_push(), for which r has to wait.
 */
struct fbc_ks_job *fbc_ks_judge_evidence(struct fbc_ks_request *r);
struct fbc_ks_job *fbc_ks_judge_registration(struct fbc_ks_request *r);
struct fbc_ks_job *fbc_ks_judge_revocation(struct fbc_ks_request *r);

/* keyserver_run.c: true: r waits; false: it is answered. */
bool FBC_MUST_CHECK fbc_ks_run(struct fbc_ks_request *r);

/* keyserver_writer.c */
void fbc_ks_push(struct fbc_ks *ks, struct fbc_ks_job *j);  /* lock held */
void *fbc_ks_writer(void *arg);

/*
 * keyserver_relay.c; ask: the lock is held.  Where memory lacks the client
 * waits in vain.
 */
void fbc_ks_relay_ask(struct fbc_ks *ks, const struct fbc_ks_request *r);
void *fbc_ks_relay(void *arg);
void fbc_ks_relay_stop(struct fbc_ks *ks);

/* keyserver_http.c */
struct MHD_Daemon *fbc_ks_http(struct fbc_ks *ks, int fd, const char *cert,
                               const char *key);

#endif /* FBC_LIB_KEYSERVER_INT_H */
