/* SPDX-License-Identifier: GPL-2.0-only */
/* Counts of the key server, as text and on a port. */
#include "lib/keyserver/keyserver_metrics.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"

#define CONNECTIONS 8
#define IDLE_S      10
#define TYPE        "text/plain; version=0.0.4; charset=utf-8"
#define PREFIX      "fbc_keyserver_"

struct fbc_ks_exporter {
    struct MHD_Daemon *daemon;
    void (*take)(struct fbc_ks_metrics *m, void *arg);
    void *arg;
};

static const unsigned int statuses[FBC_KS_STATUSES - 1] = {
    200, 204, 400, 403, 404, 405, 409, 411, 413, 429, 500, 503, 504,
};

static const char *const kinds[FBC_KS_KINDS] = {
    [FBC_ROUTE_KEY] = "key", [FBC_ROUTE_NONCES] = "nonces",
    [FBC_ROUTE_EVIDENCE] = "evidence", [FBC_ROUTE_REGISTER] = "register",
    [FBC_ROUTE_REVOKE] = "revoke", [FBC_ROUTE_LOG] = "log",
    [FBC_ROUTES] = "none",
};

static const char *const decisions[FBC_DECISIONS] = {
    [FBC_DECISION_RELEASED] = "released",
    [FBC_DECISION_REFUSED] = "refused",
    [FBC_DECISION_REGISTERED] = "registered",
    [FBC_DECISION_REVOKED] = "revoked",
};

void fbc_ks_metrics_count(struct fbc_ks_metrics *m, unsigned int kind,
                          unsigned int status, uint64_t ns)
{
    unsigned int i = 0;

    while ( i < FBC_KS_STATUSES - 1 && statuses[i] != status )
        i++;
    m->answers[kind][i]++;
    m->ns[kind] += ns;
}

static void head(FILE *f, const char *name, const char *type,
                 const char *help)
{
    fprintf(f, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help,
            name, type);
}

static void gauge(FILE *f, const char *name, const char *help, uint64_t v)
{
    head(f, name, "gauge", help);
    fprintf(f, PREFIX "%s %" PRIu64 "\n", name, v);
}

static void put_answers(FILE *f, const struct fbc_ks_metrics *m)
{
    unsigned int k, i;

    head(f, "requests_total", "counter", "Requests, by kind and status.");
    for ( k = 0; k < FBC_KS_KINDS; k++ )
        for ( i = 0; i < FBC_KS_STATUSES; i++ )
            if ( m->answers[k][i] )
                fprintf(f, PREFIX "requests_total{kind=\"%s\",status=\"%.0u%s"
                        "\"} %" PRIu64 "\n", kinds[k],
                        i < FBC_KS_STATUSES - 1 ? statuses[i] : 0,
                        i < FBC_KS_STATUSES - 1 ? "" : "other",
                        m->answers[k][i]);
}

static void put_times(FILE *f, const struct fbc_ks_metrics *m)
{
    unsigned int k, i;
    uint64_t n;

    head(f, "request_seconds", "summary",
         "From a request's head to its answer, waits included.");
    for ( k = 0; k < FBC_KS_KINDS; k++ )
    {
        for ( n = i = 0; i < FBC_KS_STATUSES; i++ )
            n += m->answers[k][i];
        fprintf(f, PREFIX "request_seconds_sum{kind=\"%s\"} %" PRIu64
                ".%06" PRIu64 "\n" PREFIX "request_seconds_count{kind=\"%s\"}"
                " %" PRIu64 "\n", kinds[k], m->ns[k] / FBC_NS_PER_S,
                m->ns[k] % FBC_NS_PER_S / 1000, kinds[k], n);
    }
}

char *fbc_ks_metrics_text(const struct fbc_ks_metrics *m, size_t *len)
{
    char *text = NULL;
    FILE *f = open_memstream(&text, len);
    unsigned int i;

    if ( !f )
        return NULL;
    put_answers(f, m);
    put_times(f, m);
    head(f, "decisions_total", "counter", "Entries that were logged.");
    for ( i = 0; i < FBC_DECISIONS; i++ )
        fprintf(f, PREFIX "decisions_total{decision=\"%s\"} %" PRIu64 "\n",
                decisions[i], m->decisions[i]);
    head(f, "database_errors_total", "counter",
         "Failures of the database, reconnections that failed included.");
    fprintf(f, PREFIX "database_errors_total %" PRIu64 "\n", m->db_errors);
    gauge(f, "requests_active", "Requests that are not answered yet.",
          m->active);
    gauge(f, "clients_waiting", "Clients that wait for a host's evidence.",
          m->waiting);
    gauge(f, "decisions_pending", "Decisions that are not on the disk yet.",
          m->pending);
    if ( fclose(f) )
    {
        free(text);
        return NULL;
    }

    return text;
}

static enum MHD_Result send_text(struct MHD_Connection *conn,
                                 unsigned int status, char *text, size_t len)
{
    struct MHD_Response *m =
        MHD_create_response_from_buffer(len, text, text ? MHD_RESPMEM_MUST_FREE
                                        : MHD_RESPMEM_PERSISTENT);
    enum MHD_Result rc;

    if ( !m )
    {
        free(text);
        return MHD_NO;
    }
    MHD_add_response_header(m, "Content-Type", TYPE);
    MHD_add_response_header(m, "Cache-Control", "no-store");
    if ( status == 405 )
        MHD_add_response_header(m, "Allow", "GET");
    rc = MHD_queue_response(conn, status, m);
    MHD_destroy_response(m);

    return rc;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *conn,
                              const char *url, const char *method,
                              const char *version, const char *data,
                              size_t *size, void **con_cls)
{
    struct fbc_ks_exporter *x = arg;
    struct fbc_ks_metrics m;
    size_t len = 0;
    char *text;

    (void)version;
    (void)data;
    (void)con_cls;
    if ( *size )
        return MHD_NO;
    if ( strcmp(url, "/metrics") )
        return send_text(conn, 404, NULL, 0);
    if ( strcmp(method, "GET") )
        return send_text(conn, 405, NULL, 0);
    x->take(&m, x->arg);
    text = fbc_ks_metrics_text(&m, &len);

    return text ? send_text(conn, 200, text, len) : MHD_NO;
}

int fbc_ks_metrics_start(struct fbc_ks_exporter **out, unsigned int port,
                         void (*take)(struct fbc_ks_metrics *m, void *arg),
                         void *arg, char text[static FBC_KS_LISTEN_TEXT],
                         struct fbc_error *e)
{
    struct fbc_ks_exporter *x = calloc(1, sizeof(*x));
    char address[32];
    int fd;

    if ( !x )
        return fbc_fail_core(e, "metrics", FBC_ERR_NOMEM);
    x->take = take;
    x->arg = arg;
    snprintf(address, sizeof(address), "127.0.0.1:%u", port);
    fd = fbc_ks_listen_at(address, text, e);
    if ( fd < 0 )
    {
        free(x);
        return -1;
    }
    x->daemon = MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD, 0, NULL, NULL, handle, x,
        MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_S,
        MHD_OPTION_END);
    if ( !x->daemon )
    {
        close(fd);
        free(x);
        return fbc_fail(e, FBC_EXIT_ENV, text, "libmicrohttpd does not start");
    }
    *out = x;

    return 0;
}

void fbc_ks_metrics_stop(struct fbc_ks_exporter *x)
{
    if ( x )
        MHD_stop_daemon(x->daemon);
    free(x);
}
