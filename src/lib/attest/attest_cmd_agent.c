/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-attest agent: quotes for whoever asks the key server for this host. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/attest/attest_ak.h"
#include "lib/attest/attest_cmd.h"
#include "lib/attest/vmmkey_ask.h"
#include "lib/base/cli.h"
#include "lib/base/clock.h"
#include "lib/base/https.h"
#include "lib/base/io.h"
#include "lib/base/keyfile.h"
#include "lib/base/random.h"
#include "lib/verify/attest_file.h"
#include "parse/attest/release.h"

#define WAIT_SECONDS 25         /* the server holds a poll so long */
#define POST_SECONDS 30
#define BACK_OFF_MIN 1          /* seconds, doubled by each failure */
#define BACK_OFF_MAX 60
#define RETRY_MAX    300        /* of what a server may ask for */
#define STALE_NS     (2 * FBC_NS_PER_S) /* nonces that are asked for again */

struct agent {
    const struct fbc_attest_args *a;
    const volatile int *stop;
    struct fbc_https *https;
    struct fbc_host_tpm h;
    struct fbc_evidence ev;
    char text[FBC_RECORD_MAX_FILE];
    bool open, warned;
    unsigned int back_off, retry_after;
};

/* The hypervisor's key from a file, or as fbc-status tells it. */
static int read_vmm_key(struct agent *g, struct fbc_error *e)
{
    if ( strcmp(g->a->vmm_key, "auto") )
        return fbc_keyfile_read(FBC_KEY_VMM_PUBLIC, g->a->vmm_key,
                                g->ev.vmm_key, e);

    return fbc_vmmkey_ask(g->stop, g->ev.vmm_key, e);
}

static int open_tpm(struct agent *g, struct fbc_error *e)
{
    struct fbc_ak ak;

    if ( g->open )
        return 0;
    memset(&g->ev, 0, sizeof(g->ev));
    if ( fbc_record_read(&fbc_ak_record, g->a->ak, &ak, e) )
        return fbc_hint(e, "fbc-attest enroll makes it");
    if ( fbc_cmd_open_host(g->a, &g->h, &g->ev.id, e) ||
         fbc_ak_load(&g->h, &ak, &g->ev.id, e) || fbc_host_rest(&g->h, e) ||
         read_vmm_key(g, e) )
    {
        fbc_host_close(&g->h);
        return -1;
    }
    g->open = true;

    return 0;
}

static void close_tpm(struct agent *g)
{
    if ( g->open )
        fbc_host_close(&g->h);
    g->open = false;
}

/* Turns a refusal of the server into an error. */
static int fail_reply(struct agent *g, const struct fbc_https_reply *reply,
                      struct fbc_error *e)
{
    struct fbc_refusal r;

    g->retry_after = reply->retry_after < RETRY_MAX ? reply->retry_after
                     : RETRY_MAX;
    if ( fbc_record_parse(&fbc_refusal_record, reply->body, reply->len, &r,
                          NULL) )
        return fbc_fail(e, FBC_EXIT_INPUT, g->a->server,
                        "answers with HTTP status %u: is it a key server?",
                        reply->status);

    return fbc_fail(e, FBC_EXIT_NO, g->a->server, "%s: %s", r.reason, r.text);
}

static int poll_nonces(struct agent *g, struct fbc_nonces *out,
                       struct fbc_error *e)
{
    char path[64 + FBC_HOST_NAME_MAX];
    struct fbc_https_request r = { .method = "GET", .path = path,
        .seconds = WAIT_SECONDS + POST_SECONDS, .max = FBC_RECORD_MAX_FILE,
        .stop = g->stop };
    struct fbc_https_reply reply;
    unsigned int line = 0;
    enum fbc_err err;
    int rc = 0;

    snprintf(path, sizeof(path), "/v1/hosts/%s/nonces?wait=%u", g->a->host,
             WAIT_SECONDS);
    if ( fbc_https_do(g->https, &r, &reply, e) )
        return -1;
    if ( reply.status != 200 )
        rc = fail_reply(g, &reply, e);
    else
    {
        err = fbc_record_parse(&fbc_nonces_record, reply.body, reply.len, out,
                               &line);
        if ( err )
            rc = fbc_fail_record(e, g->a->server, err, line);
    }
    free(reply.body);

    return rc;
}

static void warn_early(struct agent *g)
{
    if ( !g->warned )
        fbc_cmd_warn_early(&g->ev);
    g->warned = true;
}

/* Evidence for one nonce.  A client that is gone already is no failure. */
static int serve(struct agent *g, const uint8_t *nonce, struct fbc_error *e)
{
    char path[64 + FBC_HOST_NAME_MAX];
    struct fbc_https_request r = { .method = "POST", .path = path,
        .body = g->text, .seconds = POST_SECONDS, .max = FBC_RECORD_MAX_FILE,
        .stop = g->stop };
    struct fbc_https_reply reply;
    int rc = 0;

    if ( fbc_host_wake(&g->h, e) || fbc_ak_quote(&g->h, nonce, &g->ev, e) ||
         fbc_host_rest(&g->h, e) )
    {
        close_tpm(g);
        return -1;
    }
    warn_early(g);
    r.len = fbc_record_encode(&fbc_evidence_record, &g->ev, g->text,
                              sizeof(g->text));
    if ( !r.len )
        return fbc_fail_core(e, "evidence", FBC_ERR_FORMAT);

    snprintf(path, sizeof(path), "/v1/hosts/%s/evidence", g->a->host);
    if ( fbc_https_do(g->https, &r, &reply, e) )
        return -1;
    if ( reply.status >= 300 && reply.status != 409 )
        rc = fail_reply(g, &reply, e);
    else
        fbc_cli_say("%02x%02x%02x%02x...: %s", nonce[0], nonce[1], nonce[2],
                    nonce[3], reply.status == 409 ? "nobody waits any more"
                    : "evidence sent");
    free(reply.body);

    return rc;
}

/* Some jitter keeps many hosts from coming back all at once. */
static void rest(const struct agent *g, unsigned int seconds)
{
    uint64_t ms = seconds * UINT64_C(1000), end;
    struct fbc_error ignored;
    uint8_t dice;

    if ( !fbc_random(&dice, 1, &ignored) )
        ms += ms * dice / 1024;
    end = fbc_clock_ns() + ms * FBC_NS_PER_MS;
    while ( !*g->stop && fbc_clock_ns() < end )
        poll(NULL, 0, 200);
}

static void back_off(struct agent *g, const struct fbc_error *e)
{
    unsigned int seconds = g->back_off > g->retry_after ? g->back_off
                           : g->retry_after;

    fbc_cli_warn("%s: %s; again in %u seconds", e->what, e->why, seconds);
    rest(g, seconds);
    g->back_off = g->back_off < BACK_OFF_MAX / 2 ? 2 * g->back_off
                  : BACK_OFF_MAX;
}

/* One poll and all that comes of it. */
static int turn(struct agent *g, struct fbc_error *e)
{
    uint64_t start = fbc_clock_ns(), told;
    struct fbc_nonces nonces;
    unsigned int i;

    g->retry_after = 0;
    if ( open_tpm(g, e) || poll_nonces(g, &nonces, e) )
        return -1;
    told = fbc_clock_ns();
    for ( i = 0; i < FBC_NONCES_MAX && nonces.nonce[i].len && !*g->stop; i++ )
    {
        /* TPMs are slow: the client may have gone meanwhile. */
        if ( fbc_clock_ns() - told > STALE_NS )
            break;
        if ( serve(g, nonces.nonce[i].data, e) )
            return -1;
    }
    g->back_off = BACK_OFF_MIN;

    /* It should have waited. */
    if ( !i && fbc_clock_ns() - start < FBC_NS_PER_S )
        rest(g, 1);

    return 0;
}

int fbc_cmd_agent(const struct fbc_attest_args *a, struct fbc_error *e)
{
    struct agent *g;
    int rc = -1;

    if ( !fbc_host_name_ok(a->host) )
        return fbc_fail(e, FBC_EXIT_USAGE, a->host, "is not a valid host name");
    g = calloc(1, sizeof(*g));
    if ( !g )
        return fbc_fail_core(e, "memory", FBC_ERR_NOMEM);
    g->a = a;
    g->stop = fbc_catch_stop();
    g->back_off = BACK_OFF_MIN;

    /* What cannot work from the start is told and ends it. */
    if ( !fbc_https_open(&g->https, a->server, a->cacert, e) &&
         !open_tpm(g, e) )
    {
        fbc_cli_say("%s: waiting for nonces of %s", a->host, a->server);
        while ( !*g->stop )
            if ( turn(g, e) && !*g->stop )
                back_off(g, e);
        rc = FBC_EXIT_OK;
    }
    close_tpm(g);
    fbc_https_close(g->https);
    free(g);

    return rc;
}
