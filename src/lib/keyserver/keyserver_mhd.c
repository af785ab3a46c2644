/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answers that libmicrohttpd gives by itself, to what it does not take for a
 * request: refusals in text/plain, as all others.
 *
 * It has no hook for them (connection.c, transmit_error_response_len()), but
 * passes them to MHD_queue_response() by that name, which this program has,
 * too.  Where a build of the library binds the name to itself, its answers are
 * HTML, and nothing else changes.
 */
#include <dlfcn.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/keyserver/keyserver_int.h"

typedef enum MHD_Result queue_fn(struct MHD_Connection *, unsigned int,
                                 struct MHD_Response *);

/* As an answer of the library's, which goes on to read what comes. */
static enum MHD_Result queue_refusal(struct MHD_Connection *conn,
                                     unsigned int status, queue_fn *queue)
{
    struct fbc_ks_request r = { .text = NULL };
    struct MHD_Response *m;
    enum MHD_Result rc;

    fbc_ks_refuse(&r, status, fbc_denial_name(FBC_DENIAL_TOO_LARGE),
                  "the target or the headers are too large");
    m = MHD_create_response_from_buffer(r.text_len, r.text,
                                        MHD_RESPMEM_MUST_COPY);
    free(r.text);
    if ( !m )
        return MHD_NO;
    MHD_add_response_header(m, "Content-Type", FBC_KS_TYPE);
    MHD_add_response_header(m, "Cache-Control", "no-store");
    rc = queue(conn, status, m);
    MHD_destroy_response(m);

    return rc;
}

/*
 * At once: the library (0.9.75) sends the head twice when it finds fault with
 * headers after it has read all of them.
 */
static void send_refusal(struct MHD_Connection *conn, unsigned int status)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(conn, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    struct fbc_ks_request r = { .text = NULL };
    char answer[1024];
    int n;

    fbc_ks_deny(&r, status == 413 ? FBC_DENIAL_TOO_LARGE
                : status >= 500 ? FBC_DENIAL_INTERNAL
                : FBC_DENIAL_BAD_REQUEST);
    n = snprintf(answer, sizeof(answer), "HTTP/1.1 %u %s\r\n"
                 "Connection: close\r\nContent-Type: " FBC_KS_TYPE "\r\n"
                 "Cache-Control: no-store\r\nContent-Length: %zu\r\n\r\n"
                 "%.*s", status, MHD_get_reason_phrase_for(status),
                 r.text_len, (int)r.text_len, r.text ? r.text : "");
    free(r.text);
    if ( i && i->tls_session && n > 0 && n < (int)sizeof(answer) )
        (void)gnutls_record_send(i->tls_session, answer, (size_t)n);
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *conn,
                                   unsigned int status,
                                   struct MHD_Response *response)
{
    queue_fn *queue;

    *(void **)&queue = dlsym(RTLD_NEXT, "MHD_queue_response");
    if ( !queue )
        return MHD_NO;
    if ( MHD_get_response_header(response, "Cache-Control") )
        return queue(conn, status, response);
    if ( status == 414 || status == 431 )
        return queue_refusal(conn, status, queue);
    send_refusal(conn, status);

    return MHD_NO;              /* which closes the connection */
}
