/* SPDX-License-Identifier: GPL-2.0-only */
/* The key server's HTTP side, by libmicrohttpd. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "lib/keyserver/keyserver_int.h"

#define THREADS        4
#define IDLE_S         30           /* of a connection that says nothing */
#define BODY_S         60           /* for all of a body */
#define CONN_MEMORY    16384        /* bytes: heads of requests and answers */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:" \
                       "-RSA:%SERVER_PRECEDENCE"

static void say_library(void *arg, const char *fmt, va_list ap)
    __attribute__((__format__(printf, 2, 0)));

static void say_library(void *arg, const char *fmt, va_list ap)
{
    struct fbc_ks *ks = arg;
    char text[sizeof(ks->log_text)];

    vsnprintf(text, sizeof(text), fmt, ap);
    text[strcspn(text, "\n")] = '\0';
    if ( !ks->started )
        strcpy(ks->log_text, text);
    else if ( ks->config.say )
        ks->config.say(text);
}

/*
 * Counts connections that have not asked for anything yet.  No lock is taken:
 * libmicrohttpd may hold one of its own.
 */
static void connection(void *arg, struct MHD_Connection *conn,
                       void **context, enum MHD_ConnectionNotificationCode c)
{
    struct fbc_ks *ks = arg;
    bool *is_fresh = *context;

    (void)conn;
    if ( c == MHD_CONNECTION_NOTIFY_STARTED )
    {
        *context = is_fresh = malloc(sizeof(*is_fresh));
        if ( is_fresh )
        {
            *is_fresh = true;
            __atomic_add_fetch(&ks->fresh, 1, __ATOMIC_SEQ_CST);
        }
    }
    else if ( is_fresh )
    {
        if ( *is_fresh )
            __atomic_sub_fetch(&ks->fresh, 1, __ATOMIC_SEQ_CST);
        free(is_fresh);
        *context = NULL;
    }
}

/* First of all, for every request; what it returns comes back as *con_cls. */
static void *begin(void *arg, const char *target,
                   struct MHD_Connection *conn)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    bool *is_fresh = i ? i->socket_context : NULL;
    struct fbc_ks *ks = arg;
    struct fbc_ks_request *r = calloc(1, sizeof(*r));

    if ( !r )
        return NULL;
    r->ks = ks;
    r->conn = conn;
    r->began = fbc_clock_ns();
    if ( strlen(target) < sizeof(r->target) )
        strcpy(r->target, target);
    pthread_mutex_lock(&ks->lock);
    ks->active++;
    ks->counts.requests++;
    pthread_mutex_unlock(&ks->lock);
    if ( is_fresh && *is_fresh )
    {
        *is_fresh = false;
        __atomic_sub_fetch(&ks->fresh, 1, __ATOMIC_SEQ_CST);
    }

    return r;
}

static void end(void *arg, struct MHD_Connection *conn, void **con_cls,
                enum MHD_RequestTerminationCode toe)
{
    struct fbc_ks_request *r = *con_cls;
    struct fbc_ks *ks = arg;

    (void)conn;
    (void)toe;
    if ( !r )
        return;
    *con_cls = NULL;
    free(r->body);
    free(r->text);
    free(r);
    pthread_mutex_lock(&ks->lock);
    ks->active--;
    pthread_cond_broadcast(&ks->idle);
    pthread_mutex_unlock(&ks->lock);
}

static enum MHD_Result send_answer(struct fbc_ks_request *r)
{
    struct MHD_Response *m;
    enum MHD_Result rc;
    char seconds[16];
    bool last;

    m = MHD_create_response_from_buffer(r->text_len, r->text,
                                        MHD_RESPMEM_MUST_FREE);
    if ( !m )
        return MHD_NO;
    r->text = NULL;             /* now the response's */
    pthread_mutex_lock(&r->ks->lock);
    /* A host may still have to answer what clients wait for. */
    last = r->ks->draining ||
           (r->ks->stopping && r->route.kind == FBC_ROUTE_KEY);
    if ( r->status >= 400 )
        r->ks->counts.denied++;
    fbc_ks_metrics_count(&r->ks->metrics,
                         r->routed ? r->route.kind : FBC_ROUTES, r->status,
                         fbc_clock_ns() - r->began);
    pthread_mutex_unlock(&r->ks->lock);

    if ( r->text_len )
        MHD_add_response_header(m, "Content-Type", FBC_KS_TYPE);
    /* Also tells keyserver_mhd.c that the answer is ours. */
    MHD_add_response_header(m, "Cache-Control", "no-store");
    if ( r->status == 405 && fbc_route_allow(r->target) )
        MHD_add_response_header(m, "Allow", fbc_route_allow(r->target));
    if ( r->retry )
    {
        snprintf(seconds, sizeof(seconds), "%u", r->retry);
        MHD_add_response_header(m, "Retry-After", seconds);
    }
    if ( last )
        MHD_add_response_header(m, "Connection", "close");
    rc = MHD_queue_response(r->conn, r->status, m);
    MHD_destroy_response(m);

    return rc;
}

static enum MHD_Result send_denial(struct fbc_ks_request *r,
                                   enum fbc_denial d)
{
    r->state = FBC_KS_DONE;
    fbc_ks_deny(r, d);

    return send_answer(r);
}

/* An address; of IPv6 a network, as one client has all of it. */
static size_t client_key(const struct sockaddr *sa, const void **key)
{
    const struct in6_addr *six;

    if ( sa && sa->sa_family == AF_INET )
    {
        *key = &((const struct sockaddr_in *)sa)->sin_addr;
        return 4;
    }
    *key = "?";
    if ( !sa || sa->sa_family != AF_INET6 )
        return 1;
    six = &((const struct sockaddr_in6 *)sa)->sin6_addr;
    if ( IN6_IS_ADDR_V4MAPPED(six) )
    {
        *key = &six->s6_addr[12];
        return 4;
    }
    *key = six;

    return 8;
}

static unsigned int rate_of_client(struct fbc_ks_request *r)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const void *key;
    size_t len = client_key(i ? i->client_addr : NULL, &key);

    return fbc_rate_take(r->ks->by_client, key, len, fbc_clock_ns());
}

struct lengths {
    unsigned int count;
    bool chunked;
    const char *value;
};

static enum MHD_Result see_header(void *arg, enum MHD_ValueKind kind,
                                  const char *key, const char *value)
{
    struct lengths *l = arg;

    (void)kind;
    if ( !strcasecmp(key, "Content-Length") )
    {
        l->count++;
        l->value = value;
    }
    else if ( !strcasecmp(key, "Transfer-Encoding") )
        l->chunked = true;

    return MHD_YES;
}

/* The length of the body that is to come, if it may be; else *why. */
static bool body_length(struct fbc_ks_request *r, size_t *len,
                        enum fbc_denial *why)
{
    size_t max = fbc_route_body_max(r->route.kind), digits;
    struct lengths l = { 0 };

    MHD_get_connection_values(r->conn, MHD_HEADER_KIND, see_header, &l);
    *len = 0;
    *why = l.chunked ? FBC_DENIAL_LENGTH : FBC_DENIAL_BAD_REQUEST;
    if ( l.chunked || l.count > 1 )
        return false;
    if ( !l.count )
    {
        *why = FBC_DENIAL_LENGTH;
        return !max;
    }

    digits = l.value ? strspn(l.value, "0123456789") : 0;
    if ( !digits || l.value[digits] )
        return false;
    *len = digits > 9 ? SIZE_MAX : strtoul(l.value, NULL, 10);
    *why = FBC_DENIAL_TOO_LARGE;

    return *len <= max;
}

/* The head is here: the request is refused, or its body may come. */
static enum MHD_Result take_head(struct fbc_ks_request *r,
                                 const char *method)
{
    unsigned int wait = rate_of_client(r);
    enum fbc_denial why;

    r->state = FBC_KS_BODY;
    if ( wait )
    {
        r->state = FBC_KS_DONE;
        fbc_ks_deny(r, FBC_DENIAL_RATE);
        r->retry = wait;
        return send_answer(r);
    }
    r->routed = fbc_route_parse(method, r->target, &r->route, &why);
    if ( !r->routed || !body_length(r, &r->body_room, &why) )
        return send_denial(r, why);
    if ( r->body_room && !(r->body = malloc(r->body_room)) )
        return send_denial(r, FBC_DENIAL_BUSY);
    r->deadline = fbc_clock_ns() + BODY_S * FBC_NS_PER_S;

    return MHD_YES;
}

static enum MHD_Result take_body(struct fbc_ks_request *r, const char *data,
                                 size_t *size)
{
    if ( *size > r->body_room - r->body_len ||
         fbc_clock_ns() > r->deadline )
        return MHD_NO;
    memcpy(r->body + r->body_len, data, *size);
    r->body_len += *size;
    *size = 0;

    return MHD_YES;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *conn,
                              const char *url, const char *method,
                              const char *version, const char *data,
                              size_t *size, void **con_cls)
{
    struct fbc_ks_request *r = *con_cls;

    (void)arg;
    (void)conn;
    (void)url;
    (void)version;
    if ( !r )
        return MHD_NO;
    if ( r->state == FBC_KS_NEW )
        return take_head(r, method);
    if ( r->state == FBC_KS_DONE )
        return send_answer(r);
    if ( *size )
        return take_body(r, data, size);
    if ( r->body_len != r->body_room )
        return send_denial(r, FBC_DENIAL_BAD_REQUEST);
    /* Once it waits, it may be answered and resumed at any time. */
    if ( fbc_ks_run(r) )
        return MHD_YES;
    r->state = FBC_KS_DONE;

    return send_answer(r);
}

/*
 * By poll(): with epoll libmicrohttpd 0.9.75 spins while a TLS handshake waits
 * for its peer.  Requests that wait are not polled for.
 */
struct MHD_Daemon *fbc_ks_http(struct fbc_ks *ks, int fd, const char *cert,
                               const char *key)
{
    return MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
        MHD_USE_TLS | MHD_USE_ERROR_LOG,
        0, NULL, NULL, handle, ks,
        MHD_OPTION_EXTERNAL_LOGGER, say_library, (void *)ks,
        MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)THREADS,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_CONNECTION_LIMIT, ks->config.connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, ks->config.per_client,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONN_MEMORY,
        MHD_OPTION_NOTIFY_CONNECTION, connection, (void *)ks,
        MHD_OPTION_URI_LOG_CALLBACK, begin, (void *)ks,
        MHD_OPTION_NOTIFY_COMPLETED, end, (void *)ks,
        MHD_OPTION_HTTPS_MEM_CERT, cert,
        MHD_OPTION_HTTPS_MEM_KEY, key,
        MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES,
        MHD_OPTION_END);
}
