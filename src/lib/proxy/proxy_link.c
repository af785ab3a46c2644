/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeps a connection to the VNC server. */
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/proxy/proxy_int.h"

#define PAUSE_MIN    (FBC_NS_PER_S / 4)     /* between two attempts */
#define PAUSE_MAX    (5 * FBC_NS_PER_S)
#define HANDSHAKE    (10 * FBC_NS_PER_S)
#define PERSON       (120 * FBC_NS_PER_S)   /* sshd's LoginGraceTime */
/*
 * Refusals of one kind, one after the other, that end it: nothing will change
 * by itself.  A VM that has just been started may not have its password yet.
 */
#define REFUSALS     5
#define SILENT       (10 * FBC_NS_PER_S)    /* then the server is asked */
#define DEAD         (20 * FBC_NS_PER_S)    /* then it is given up */

void proxy_link_init(struct fbc_proxy *p)
{
    p->pause = PAUSE_MIN;
    p->next_try = p->now;
}

void proxy_link_end(struct fbc_proxy *p)
{
    struct fbc_upstream_stats st;

    if ( !p->up )
        return;
    fbc_upstream_stats(p->up, &st);
    fbc_proxystats_add(&p->stats.up, &st);
    fbc_upstream_free(p->up);
    p->up = NULL;
    p->ready = false;
    p->nkeys = 0;               /* QEMU lets go of a client's keys */
    if ( p->o.plain_input )
        p->buttons = 0;
}

static void retry(struct fbc_proxy *p)
{
    p->next_try = p->now + p->pause;
    p->pause = p->pause * 2 < PAUSE_MAX ? p->pause * 2 : PAUSE_MAX;
    fbc_live_lost(&p->live, p->now);
}

/* An error with a hint is one about which somebody must do something. */
static void count_refusal(struct fbc_proxy *p, const struct fbc_error *e)
{
    if ( !e->hint[0] || strcmp(e->why, p->refusal.why) )
        p->refusals = 0;
    p->refusal = *e;
    if ( e->hint[0] )
        p->refusals++;
}

static void lost(struct fbc_proxy *p, const struct fbc_error *e)
{
    count_refusal(p, e);
    proxy_say(p, "%s: %s", e->what, e->why);
    proxy_link_end(p);
    retry(p);
}

static void give_up(struct fbc_proxy *p, const char *why)
{
    struct fbc_error e;

    fbc_fail(&e, FBC_EXIT_TIMEOUT, "VNC server", "%s", why);
    lost(p, &e);
}

static void adopt(struct fbc_proxy *p, int fd)
{
    const struct fbc_upstream_opts o = {
        .password = p->o.server_password,
        .shared = true,
        .view_only = p->o.view_only && p->o.plain_input,
        .prefer = FBC_UPSTREAM_TIGHT,
    };
    struct fbc_error e;

    if ( fbc_upstream_new(fd, &o, &p->up, &e) )
    {
        close(fd);
        lost(p, &e);
        return;
    }
    p->began = p->heard = p->now;
    p->bytes = 0;
    p->pinged = false;
}

static int run_connector(struct fbc_proxy *p, struct fbc_error *e)
{
    struct fbc_error why;
    int fd;

    if ( fbc_connector_answer(p->o.connector, &fd, &why) )
    {
        if ( fbc_connector_dead(p->o.connector) )
        {
            *e = why;
            return -1;
        }
        p->stats.failures++;
        lost(p, &why);
    }
    else if ( fd >= 0 )
        adopt(p, fd);

    return 0;
}

static void ready(struct fbc_proxy *p)
{
    p->ready = true;
    p->refusals = 0;
    p->stats.connections++;
    proxy_say(p, "connected");
    fbc_live_connected(&p->live, p->now);
    proxy_input_connected(p);
}

static void run_upstream(struct fbc_proxy *p, short revents)
{
    struct fbc_upstream_stats st;
    struct fbc_error e;
    unsigned int what;
    int rc = fbc_upstream_io(p->up, revents, &what, &e);

    if ( rc )
    {
        fbc_upstream_stats(p->up, &st);
        if ( p->o.person && !p->stats.connections && !st.bytes_in &&
             !e.hint[0] )
            fbc_hint(&e, "the command ends without a byte: try it by hand");
        p->stats.failures += !p->ready;
        lost(p, &e);
        return;
    }

    fbc_upstream_stats(p->up, &st);
    if ( st.bytes_in != p->bytes )
    {
        if ( !p->bytes )
            p->first = p->now;
        p->bytes = st.bytes_in;
        p->heard = p->now;
        p->pinged = false;
    }
    if ( what & FBC_UPSTREAM_READY )
        ready(p);
    if ( what & FBC_UPSTREAM_BELL )
        fbc_viewers_bell(p->viewers);
    if ( what & (FBC_UPSTREAM_READY | FBC_UPSTREAM_RESIZED) )
        fbc_upstream_request(p->up, false);
    else if ( what & FBC_UPSTREAM_UPDATE )
    {
        proxy_screen_take(p);
        fbc_upstream_request(p->up, true);
    }
    /* One that shows something of use may come back at once. */
    if ( p->live.proved )
        p->pause = PAUSE_MIN;
}

/* A command that says nothing yet may be asking somebody. */
static uint64_t handshake_end(const struct fbc_proxy *p)
{
    return p->o.person && !p->bytes ? p->began + PERSON
           : (p->bytes ? p->first : p->began) + HANDSHAKE;
}

static void check_silence(struct fbc_proxy *p)
{
    if ( !p->ready )
    {
        if ( p->now >= handshake_end(p) )
            give_up(p, "does not finish its greeting");
    }
    else if ( p->now - p->heard >= DEAD )
        give_up(p, "does not answer any more");
    else if ( p->now - p->heard >= SILENT && !p->pinged )
    {
        fbc_upstream_request(p->up, false);
        p->pinged = true;
    }
}

short proxy_link_events(const struct fbc_proxy *p)
{
    return p->up ? fbc_upstream_events(p->up) : 0;
}

static uint64_t until(uint64_t when, uint64_t now)
{
    return when > now ? when - now : 0;
}

uint64_t proxy_link_timeout(const struct fbc_proxy *p, uint64_t now)
{
    if ( p->up && fbc_upstream_pending(p->up) )
        return 0;
    if ( p->up )
        return until(!p->ready ? handshake_end(p)
                     : p->heard + (p->pinged ? DEAD : SILENT), now);

    return fbc_connector_asked(p->o.connector) ? UINT64_MAX
                                               : until(p->next_try, now);
}

int proxy_link_run(struct fbc_proxy *p, short connector, short upstream,
                   struct fbc_error *e)
{
    if ( connector && run_connector(p, e) )
        return -1;
    if ( p->up && (upstream || fbc_upstream_pending(p->up)) )
        run_upstream(p, upstream);
    if ( p->up )
        check_silence(p);
    if ( p->refusals >= REFUSALS )
    {
        *e = p->refusal;
        e->status = FBC_EXIT_NO;
        return -1;
    }
    if ( !p->up && !fbc_connector_asked(p->o.connector) &&
         p->now >= p->next_try )
        return fbc_connector_ask(p->o.connector, e);

    return 0;
}
