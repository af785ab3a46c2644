/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-keyserver serve. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "lib/base/cli.h"
#include "lib/base/json.h"
#include "lib/base/keyfile.h"
#include "lib/keyserver/keyserver_cmd.h"

static void say_line(const char *text)
{
    fbc_cli_say("%s", text);
}

/* e: why it does not serve, or NULL. */
static void announce(const char *where, const char *metrics, bool json,
                     const struct fbc_error *e)
{
    struct fbc_json j;

    if ( json )
    {
        fbc_json_begin(&j, stdout, "fbcrypt/keyserver-listen/1", !e);
        fbc_json_str(&j, "listen", e ? NULL : where);
        if ( metrics && !e )
            fbc_json_str(&j, "metrics", metrics);
        fbc_json_error(&j, e);
        fbc_json_end(&j);
    }
    else if ( where )
    {
        printf("https://%s\n", where);
        if ( metrics )
            printf("http://%s/metrics\n", metrics);
    }
}

static int read_admins(const struct fbc_ks_args *a, struct fbc_ks_config *c,
                       struct fbc_error *e)
{
    for ( c->admins = 0; c->admins < a->admins; c->admins++ )
        if ( fbc_keyfile_read(FBC_KEY_ADMIN_PUBLIC, a->admin[c->admins],
                              c->admin[c->admins], e) )
            return -1;

    return 0;
}

static void tell(const struct fbc_ks_counts *c, bool json)
{
    struct fbc_json j;

    if ( !json )
        return;
    fbc_json_begin(&j, stdout, "fbcrypt/keyserver/1", true);
    fbc_json_uint(&j, "requests", c->requests);
    fbc_json_uint(&j, "released", c->released);
    fbc_json_uint(&j, "refused", c->refused);
    fbc_json_uint(&j, "errors", c->denied);
    fbc_json_end(&j);
}

/* Blocked in all threads; waited for in this one. */
static void block_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
    sigprocmask(SIG_BLOCK, set, NULL);
}

int fbc_ks_cmd_serve(const struct fbc_ks_args *a, struct fbc_error *e)
{
    struct fbc_ks_config c = a->config;
    char where[FBC_KS_LISTEN_TEXT], metrics[FBC_KS_LISTEN_TEXT];
    struct fbc_ks_counts counts;
    struct fbc_ks *ks;
    sigset_t stop;
    int sig, rc;

    c.say = say_line;
    block_signals(&stop);
    if ( read_admins(a, &c, e) || fbc_ks_start(&c, &ks, where, metrics, e) )
    {
        announce(NULL, NULL, a->json, e);
        return -1;
    }
    announce(where, c.metrics >= 0 ? metrics : NULL, a->json, NULL);
    rc = fbc_cli_flush(e);
    while ( !rc && sigwait(&stop, &sig) )
        ;
    fbc_ks_stop(ks, &counts);
    if ( rc )
        return -1;
    tell(&counts, a->json);

    return FBC_EXIT_OK;
}
