/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the key server counts, for Prometheus and the like: its text format
 * 0.0.4, by plain HTTP on a port of 127.0.0.1 (fbc-keyserver(8)).  No names,
 * no addresses, no nonces.
 */
#ifndef FBC_LIB_KEYSERVER_METRICS_H
#define FBC_LIB_KEYSERVER_METRICS_H

#include "lib/keyserver/keyserver_listen.h"
#include "parse/attest/decision.h"
#include "parse/attest/keyserver_route.h"

#define FBC_KS_STATUSES 14      /* the last one: any other */
#define FBC_KS_KINDS    (FBC_ROUTES + 1)    /* the last one: malformed */

/* Its owner has a lock for it. */
struct fbc_ks_metrics {
    uint64_t answers[FBC_KS_KINDS][FBC_KS_STATUSES];
    uint64_t ns[FBC_KS_KINDS];          /* from head to answer, in all */
    uint64_t decisions[FBC_DECISIONS];  /* logged */
    uint64_t db_errors;
    uint64_t waiting, active, pending;  /* now */
};

/* kind: FBC_ROUTES when there is none. */
void fbc_ks_metrics_count(struct fbc_ks_metrics *m, unsigned int kind,
                          unsigned int status, uint64_t ns);

/* The text; malloc()ed, or NULL. */
char *fbc_ks_metrics_text(const struct fbc_ks_metrics *m, size_t *len);

/*
 * Serves on this port of 127.0.0.1, 0: any, in a thread of its own.  take()
 * copies what there is to tell.
 */
struct fbc_ks_exporter;

int FBC_MUST_CHECK
fbc_ks_metrics_start(struct fbc_ks_exporter **out, unsigned int port,
                     void (*take)(struct fbc_ks_metrics *m, void *arg),
                     void *arg, char text[static FBC_KS_LISTEN_TEXT],
                     struct fbc_error *e);
void fbc_ks_metrics_stop(struct fbc_ks_exporter *x);

#endif /* FBC_LIB_KEYSERVER_METRICS_H */
