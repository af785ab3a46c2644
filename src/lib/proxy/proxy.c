/* SPDX-License-Identifier: GPL-2.0-only */
/* The tenant's proxy. */
#include "lib/proxy/proxy.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "lib/base/secmem.h"
#include "lib/proxy/proxy_int.h"
#include "lib/upstream/vncauth.h"

#define KEY_PAUSE FBC_NS_PER_S      /* between two looks at the key file */

enum { SLOT_LISTEN, SLOT_CONNECTOR, SLOT_KEYREADER, SLOT_UPSTREAM, SLOTS };

static void shown(void *proxy, uint64_t ns)
{
    struct fbc_proxy *p = proxy;

    fbc_proxystats_latency(&p->stats, ns);
}

static void late(void *proxy, uint64_t ns)
{
    struct fbc_proxy *p = proxy;
    char text[100];

    if ( !p->o.warn )
        return;
    snprintf(text, sizeof(text), "a viewer was cut off: no password in %u "
             "minutes", (unsigned int)(ns / FBC_NS_PER_S / 60));
    p->o.warn(p->o.arg, text);
}

/* OpenSSL finds its algorithms while files can still be opened. */
static int warm_up(struct fbc_error *e)
{
    static const enum fbc_aead_id ids[] = { FBC_AEAD_AES256_GCM,
                                            FBC_AEAD_CHACHA20_POLY1305 };
    uint8_t challenge[FBC_VNCAUTH_LEN] = { 0 };
    const uint8_t zero[FBC_KEY_LEN] = { 0 };
    struct fbc_epoch_keys keys;
    struct fbc_epoch ep = { 0 };
    int rc = fbc_vncauth("", challenge, challenge);
    struct fbc_aead a;
    size_t i;

    for ( i = 0; i < sizeof(ids) / sizeof(ids[0]); i++ )
    {
        ep.aead = ids[i];
        rc |= fbc_kdf_epoch(&ep, zero, &keys);
        if ( fbc_aead_init(&a, ids[i], keys.tile) )
            rc = -1;
        else
            fbc_aead_clear(&a);
    }

    return rc ? fbc_fail_core(e, "OpenSSL", FBC_ERR_CRYPTO) : 0;
}

int fbc_proxy_new(const struct fbc_proxy_opts *opts,
                  const uint8_t key[static FBC_SESSION_FILE_LEN],
                  struct fbc_proxy **out, struct fbc_error *e)
{
    struct fbc_proxy *p = calloc(1, sizeof(*p));
    struct fbc_viewers_opts v = {
        .password = opts->viewer_password,
        .view_only = opts->view_only,
        .key = opts->plain_input ? proxy_plain_key : proxy_input_key,
        .pointer = opts->plain_input ? proxy_plain_pointer
                                     : proxy_input_pointer,
        .text = opts->paste ? proxy_paste_text : NULL,
        .busy = opts->plain_input ? NULL : proxy_input_busy,
        .shown = shown, .late = late, .arg = p,
    };

    if ( !p || !(p->s = fbc_secret_alloc(sizeof(*p->s))) )
    {
        free(p);
        return fbc_fail(e, FBC_EXIT_ENV, "proxy", "no memory");
    }
    p->o = *opts;
    p->now = p->stats.started = fbc_clock_ns();
    memcpy(p->s->key, key, FBC_SESSION_FILE_LEN);
    fbc_view_init(&p->s->view, key);
    p->s->view.bgrx = true;

    if ( warm_up(e) || proxy_screen_init(p, &v, e) )
    {
        fbc_proxy_free(p);
        return -1;
    }
    proxy_input_init(p);
    proxy_link_init(p);
    *out = p;

    return 0;
}

void fbc_proxy_free(struct fbc_proxy *p)
{
    if ( !p )
        return;

    proxy_screen_end(p);
    proxy_input_end(p);
    proxy_link_end(p);
    fbc_view_clear(&p->s->view);
    fbc_secret_free(p->s, sizeof(*p->s));
    free(p);
}

void fbc_proxy_web(struct fbc_proxy *p, struct fbc_web *w)
{
    p->web = w;
}

int fbc_proxy_viewer(void *proxy, int fd, bool web, bool greeted)
{
    struct fbc_proxy *p = proxy;

    (void)web;
    if ( fbc_viewers_add(p->viewers, fd, greeted) )
    {
        proxy_say(p, "viewer refused: there are %u already",
                  fbc_viewers_count(p->viewers));
        return -1;
    }

    return 0;
}

static void put_slot(struct pollfd *s, int fd, short events)
{
    s->fd = fd;
    s->events = events;
    s->revents = 0;
}

size_t fbc_proxy_poll(struct fbc_proxy *p,
                      struct pollfd fds[static FBC_PROXY_POLLFDS])
{
    put_slot(&fds[SLOT_LISTEN], p->o.listen_fd, POLLIN);
    put_slot(&fds[SLOT_CONNECTOR], fbc_connector_fd(p->o.connector), POLLIN);
    put_slot(&fds[SLOT_KEYREADER],
             fbc_keyreader_asked(p->o.keyreader)
             ? fbc_keyreader_fd(p->o.keyreader) : -1, POLLIN);
    put_slot(&fds[SLOT_UPSTREAM], p->up ? fbc_upstream_fd(p->up) : -1,
             proxy_link_events(p));
    p->n_viewers = fbc_viewers_poll(p->viewers, fds + SLOTS);
    p->n_web = p->web
               ? fbc_web_pollfds(p->web, fds + SLOTS + p->n_viewers) : 0;

    return SLOTS + p->n_viewers + p->n_web;
}

/* Rounds up: to wake a little late, not again and again. */
static int sooner(int ms, uint64_t ns)
{
    uint64_t t = ns / FBC_NS_PER_MS + (ns % FBC_NS_PER_MS != 0);

    if ( ns == UINT64_MAX || t > INT32_MAX )
        return ms;

    return ms < 0 || (int)t < ms ? (int)t : ms;
}

int fbc_proxy_timeout(const struct fbc_proxy *p)
{
    uint64_t now = fbc_clock_ns();
    int ms = fbc_viewers_timeout(p->viewers);
    int web = p->web ? fbc_web_timeout(p->web) : -1;

    if ( web >= 0 && (ms < 0 || web < ms) )
        ms = web;
    ms = sooner(ms, proxy_link_timeout(p, now));
    ms = sooner(ms, proxy_input_timeout(p, now));
    ms = sooner(ms, fbc_live_timeout(&p->live, now));
    if ( p->live.unusable && !fbc_keyreader_asked(p->o.keyreader) )
        ms = sooner(ms, KEY_PAUSE);

    return ms;
}

static void accept_viewers(struct fbc_proxy *p)
{
    unsigned int i;
    int fd;

    for ( i = 0; i < FBC_VIEWERS_MAX; i++ )
    {
        fd = accept4(p->o.listen_fd, NULL, NULL,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
        if ( fd < 0 )
            return;
        if ( p->web )
            fbc_web_accept(p->web, fd);
        else
            (void)fbc_proxy_viewer(p, fd, false, false);
    }
}

void fbc_proxy_reload(struct fbc_proxy *p)
{
    struct fbc_error e;

    p->next_key = p->now + KEY_PAUSE;
    if ( fbc_keyreader_ask(p->o.keyreader, &e) )
        proxy_say(p, "%s: %s", e.what, e.why);
}

/*
 * Viewers that were told that the guest's launch is accepted could not be told
 * that it is not checked any more.
 */
static bool looser_key(struct fbc_proxy *p)
{
    if ( fbc_session_launches(p->s->fresh) ||
         !fbc_session_launches(p->s->key) )
        return p->loose = false;
    if ( !p->loose && p->o.warn )
        p->o.warn(p->o.arg, "the new session key takes any launch: not taken "
                  "before a new start");

    return p->loose = true;
}

static void run_keyreader(struct fbc_proxy *p)
{
    struct fbc_error e;
    bool there;

    if ( fbc_keyreader_answer(p->o.keyreader, &there, p->s->fresh, &e) )
        proxy_say(p, "%s: %s", e.what, e.why);
    else if ( there && !looser_key(p) &&
              memcmp(p->s->fresh, p->s->key, sizeof(p->s->key)) )
    {
        proxy_say(p, "new session key");
        p->stats.keys++;
        proxy_screen_key(p, p->s->fresh);
        proxy_screen_take(p);
    }
    explicit_bzero(p->s->fresh, sizeof(p->s->fresh));
}

/*
 * The file may hold the key of a picture that was refused.  The picture may
 * stand still: so it is not only looked at when that changes.
 */
static void retry_key(struct fbc_proxy *p)
{
    enum fbc_err err = p->live.unusable;

    if ( p->now >= p->next_key &&
         (err == FBC_ERR_AUTH || err == FBC_ERR_WRONG_VM ||
          err == FBC_ERR_WRONG_VMM || err == FBC_ERR_STALE) )
        fbc_proxy_reload(p);
}

int fbc_proxy_run(struct fbc_proxy *p, const struct pollfd *fds, size_t n,
                  struct fbc_error *e)
{
    (void)n;
    p->now = fbc_clock_ns();
    if ( fds[SLOT_LISTEN].revents )
        accept_viewers(p);
    if ( p->web )
        fbc_web_io(p->web, fds + SLOTS + p->n_viewers, p->n_web);
    if ( fds[SLOT_KEYREADER].revents )
        run_keyreader(p);
    if ( proxy_link_run(p, fds[SLOT_CONNECTOR].revents,
                        fds[SLOT_UPSTREAM].revents, e) )
        return -1;
    retry_key(p);
    proxy_screen_mark(p);
    fbc_viewers_run(p->viewers, fds + SLOTS, p->n_viewers);
    proxy_paste_more(p);
    proxy_input_send(p);

    return 0;
}

enum fbc_live_state fbc_proxy_state(const struct fbc_proxy *p,
                                    char why[static FBC_LIVE_TEXT])
{
    uint64_t now = fbc_clock_ns();

    fbc_live_text(&p->live, now, why);

    return fbc_live_state(&p->live, now);
}

void fbc_proxy_json(const struct fbc_proxy *p, FILE *f,
                    const struct fbc_error *e)
{
    struct fbc_proxyreport r = {
        .width = p->width, .height = p->height,
        .epoch = p->s->view.header.ep.epoch,
        .launched = p->s->view.header.ep.launched,
        .launch = p->s->view.header.ep.launch, .now = fbc_clock_ns(),
        .viewers = fbc_viewers_count(p->viewers), .up = p->stats.up,
        .input = p->o.plain_input ? NULL : &p->s->sender,
    };
    struct fbc_upstream_stats st;

    r.state = fbc_proxy_state(p, r.why);
    fbc_viewers_stats(p->viewers, &r.down);
    if ( p->up )
    {
        fbc_upstream_stats(p->up, &st);
        fbc_proxystats_add(&r.up, &st);
    }
    fbc_proxystats_json(f, &p->stats, &r, e);
}
