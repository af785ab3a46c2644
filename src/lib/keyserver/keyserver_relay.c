/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The relay between servers of one database: tells the others who waits here,
 * tells hosts that ask here who waits anywhere, and answers clients that wait
 * here with what another server has decided.
 */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/keyserver/keyserver_int.h"

#define SPARE_S   30            /* for which a row outlives its client */
#define TICK_MS   500
#define EXPIRE_NS (10 * FBC_NS_PER_S)

static void wake(const struct fbc_ks *ks)
{
    const uint64_t one = 1;

    /* It fails when the relay has not noticed the ones before yet. */
    (void)!write(ks->relay_fd, &one, sizeof(one));
}

void fbc_ks_relay_ask(struct fbc_ks *ks, const struct fbc_ks_request *r)
{
    struct fbc_ks_wait *w = calloc(1, sizeof(*w));

    if ( !w )
        return;
    strcpy(w->host, r->route.name);
    memcpy(w->nonce, r->route.nonce, sizeof(w->nonce));
    *ks->waits_end = w;
    ks->waits_end = &w->next;
    wake(ks);
}

static void free_waits(struct fbc_ks_wait *w)
{
    struct fbc_ks_wait *next;

    for ( ; w; w = next )
    {
        next = w->next;
        free(w);
    }
}

/* All of the list who still wait, until the connection is lost. */
static int add_waits(struct fbc_ks *ks, const struct fbc_ks_wait *w,
                     struct fbc_error *e)
{
    bool waits;
    int rc = 0;

    for ( ; w && !rc; w = w->next )
    {
        pthread_mutex_lock(&ks->lock);
        waits = fbc_ks_is_waited_for(ks, w->host, w->nonce);
        pthread_mutex_unlock(&ks->lock);
        if ( waits )
            rc = fbc_ks_waits_add(ks->relay_db, ks->id, w->host, w->nonce,
                                  ks->config.wait + SPARE_S, e);
    }

    return rc;
}

static int add_new(struct fbc_ks *ks, struct fbc_error *e)
{
    struct fbc_ks_wait *w;
    int rc;

    pthread_mutex_lock(&ks->lock);
    w = ks->waits;
    ks->waits = NULL;
    ks->waits_end = &ks->waits;
    pthread_mutex_unlock(&ks->lock);
    rc = add_waits(ks, w, e);
    free_waits(w);

    return rc;
}

/* Those who wait for it here are answered; the lock is not held. */
static void take_outcome(struct fbc_ks *ks, const struct fbc_wait_news *n)
{
    struct fbc_ks_outcome *o = malloc(sizeof(*o));
    struct fbc_ks_request *r = NULL, *next;
    enum fbc_denial why = FBC_DENIAL_INTERNAL;
    struct fbc_error e;
    int rc = -1;

    if ( !o )
        return;
    pthread_mutex_lock(&ks->lock);
    r = fbc_ks_take_clients(ks, n->host, n->nonce);
    ks->pending += !!r;
    pthread_mutex_unlock(&ks->lock);
    if ( !r )
        goto out;               /* the writer finds it: it is late */

    rc = fbc_ks_waits_take(ks->relay_db, ks->id, n->host, n->nonce, o, &e);
    if ( rc < 0 )
        why = fbc_ks_db_failed(ks, fbc_ksdb_lost(ks->relay_db), &e);
    else if ( !rc )
        why = FBC_DENIAL_DATABASE;      /* it has lost it */
    for ( next = r; next; next = next->next )
        if ( rc > 0 )
            fbc_ks_deliver(next, o);
        else
            fbc_ks_deny(next, why);

    pthread_mutex_lock(&ks->lock);
    while ( (next = r) )
    {
        r = r->next;
        fbc_ks_resume(next);
    }
    ks->pending--;
    pthread_cond_broadcast(&ks->idle);
    pthread_mutex_unlock(&ks->lock);

 out:
    free(o);
}

static void take_news(const struct fbc_wait_news *n, void *arg)
{
    struct fbc_ks *ks = arg;
    struct fbc_nonces one;

    if ( n->is_outcome )
    {
        take_outcome(ks, n);
        return;
    }
    memset(&one, 0, sizeof(one));
    one.nonce[0].len = FBC_TPM_NONCE_LEN;
    memcpy(one.nonce[0].data, n->nonce, FBC_TPM_NONCE_LEN);
    pthread_mutex_lock(&ks->lock);
    fbc_ks_tell_host(ks, n->host, &one);
    pthread_mutex_unlock(&ks->lock);
}

/*
 * The connection is new: nothing is known of what was told meanwhile, and the
 * database forgets who waits when it is killed.
 */
static int catch_up(struct fbc_ks *ks, struct fbc_error *e)
{
    struct fbc_ks_wait *w;
    int rc;

    pthread_mutex_lock(&ks->lock);
    w = fbc_ks_list_waits(ks);
    pthread_mutex_unlock(&ks->lock);
    rc = add_waits(ks, w, e) ||
         fbc_ks_news_all(ks->relay_db, ks->id, take_news, ks, e) ? -1 : 0;
    free_waits(w);

    return rc;
}

static int work(struct fbc_ks *ks, uint64_t *expire, struct fbc_error *e)
{
    struct fbc_wait_news n;
    bool missed;
    int rc;

    if ( fbc_ks_news_listen(ks->relay_db, &missed, e) ||
         (missed && catch_up(ks, e)) || add_new(ks, e) )
        return -1;
    while ( (rc = fbc_ks_news_next(ks->relay_db, ks->id, &n, e)) > 0 )
        take_news(&n, ks);
    if ( rc )
        return -1;
    if ( fbc_clock_ns() < *expire )
        return 0;
    *expire = fbc_clock_ns() + EXPIRE_NS;

    return fbc_ks_waits_expire(ks->relay_db, e);
}

void fbc_ks_relay_stop(struct fbc_ks *ks)
{
    if ( !ks->relays )
        return;
    __atomic_store_n(&ks->relay_quit, true, __ATOMIC_SEQ_CST);
    wake(ks);
    pthread_join(ks->relay, NULL);
    ks->relays = false;
    free_waits(ks->waits);
    ks->waits = NULL;
    ks->waits_end = &ks->waits;
}

void *fbc_ks_relay(void *arg)
{
    struct fbc_ks *ks = arg;
    uint64_t expire = 0, woken;
    struct pollfd fds[2];
    struct fbc_error e;

    while ( !__atomic_load_n(&ks->relay_quit, __ATOMIC_SEQ_CST) )
    {
        if ( work(ks, &expire, &e) )
            fbc_ks_db_failed(ks, fbc_ksdb_lost(ks->relay_db), &e);
        fds[0] = (struct pollfd){ .fd = ks->relay_fd, .events = POLLIN };
        fds[1] = (struct pollfd){ .fd = fbc_ks_news_fd(ks->relay_db),
                                  .events = POLLIN };
        if ( poll(fds, 2, TICK_MS) > 0 && fds[0].revents )
            (void)!read(ks->relay_fd, &woken, sizeof(woken));
    }

    return NULL;
}
