/* SPDX-License-Identifier: GPL-2.0-only */
/* Starts and stops the key server. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/random.h"
#include "lib/base/secmem.h"
#include "lib/keyserver/keyserver_int.h"
#include "lib/keyserver/tlsfiles.h"
#include "lib/verify/attest_file.h"
#include "parse/text/hex.h"

#define PEM_MAX   65536
#define LOCK_MS   15000     /* for which one waits for another server */
#define FINISH_S  5         /* for clients when it stops */
#define FLUSH_S   5         /* for requests that are on their way */
#define QUIET_MS  200       /* and then there must be none for so long */
#define STEP_MS   10
#define OTHER_FDS 64

/* Two servers must not write one log, unless it is made for that. */
static int lock_database(struct fbc_ks *ks, struct fbc_error *e)
{
    const struct timespec pause = { 0, 20 * 1000000L };
    char path[PATH_MAX];
    unsigned int i;

    if ( ks->shared )
        return 0;
    if ( snprintf(path, sizeof(path), "%s-lock", ks->config.database) >=
         (int)sizeof(path) )
        return fbc_fail(e, FBC_EXIT_USAGE, ks->config.database,
                        "name is too long");
    ks->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if ( ks->lock_fd < 0 )
        return fbc_fail_errno(e, path);
    for ( i = 0; flock(ks->lock_fd, LOCK_EX | LOCK_NB); i++ )
    {
        if ( errno != EWOULDBLOCK && errno != EINTR )
            return fbc_fail_errno(e, path);
        if ( i == LOCK_MS / 20 )
            return fbc_fail(e, FBC_EXIT_TIMEOUT, ks->config.database,
                            "another server uses it");
        nanosleep(&pause, NULL);
    }

    return 0;
}

static int check_private(const char *path, struct fbc_error *e)
{
    struct stat st;

    if ( stat(path, &st) )
        return fbc_fail_errno(e, path);
    if ( !(st.st_mode & 07) )
        return 0;

    fbc_fail(e, FBC_EXIT_INPUT, path, "secret key is open to all (mode %04o)",
             st.st_mode & 07777);
    return fbc_hint(e, "chmod 600 %s, and think about who read it", path);
}

/* Connections need descriptors. */
static void raise_limits(struct fbc_ks *ks)
{
    struct rlimit l;

    if ( getrlimit(RLIMIT_NOFILE, &l) )
        return;
    l.rlim_cur = l.rlim_max;
    setrlimit(RLIMIT_NOFILE, &l);
    getrlimit(RLIMIT_NOFILE, &l);
    if ( l.rlim_cur < ks->config.connections + OTHER_FDS )
        ks->config.connections = l.rlim_cur > 2 * OTHER_FDS
            ? (unsigned int)l.rlim_cur - OTHER_FDS : OTHER_FDS;
}

static void init_locks(struct fbc_ks *ks)
{
    pthread_condattr_t attr;

    pthread_mutex_init(&ks->read_lock, NULL);
    pthread_mutex_init(&ks->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&ks->wake, &attr);
    pthread_cond_init(&ks->idle, &attr);
    pthread_condattr_destroy(&attr);
}

static int open_relay(struct fbc_ks *ks, struct fbc_error *e)
{
    uint8_t id[FBC_SERVER_ID_LEN / 2];

    if ( !ks->shared )
        return 0;
    ks->relay_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if ( ks->relay_fd < 0 )
        return fbc_fail_errno(e, "eventfd");
    if ( fbc_random(id, sizeof(id), e) )
        return -1;
    fbc_hex_write(ks->id, id, sizeof(id));

    return fbc_ksdb_open(&ks->relay_db, ks->config.database, FBC_KSDB_READ,
                         e);
}

static int open_all(struct fbc_ks *ks, struct fbc_error *e)
{
    return lock_database(ks, e) ||
           fbc_ksdb_open(&ks->writer, ks->config.database, FBC_KSDB_SERVE,
                         e) ||
           fbc_ksdb_open(&ks->reader, ks->config.database, FBC_KSDB_READ,
                         e) ||
           open_relay(ks, e) ||
           fbc_rate_new(&ks->by_client, ks->config.rate_client, e) ||
           fbc_rate_new(&ks->by_host, ks->config.rate_host, e) ||
           fbc_random(&ks->seed, sizeof(ks->seed), e) ? -1 : 0;
}

static void close_all(struct fbc_ks *ks)
{
    fbc_ks_metrics_stop(ks->exporter);
    fbc_rate_free(ks->by_client);
    fbc_rate_free(ks->by_host);
    fbc_ksdb_close(ks->reader);
    fbc_ksdb_close(ks->writer);
    fbc_ksdb_close(ks->relay_db);
    if ( ks->relay_fd >= 0 )
        close(ks->relay_fd);
    if ( ks->lock_fd >= 0 )
        close(ks->lock_fd);
    pthread_cond_destroy(&ks->idle);
    pthread_cond_destroy(&ks->wake);
    pthread_mutex_destroy(&ks->lock);
    pthread_mutex_destroy(&ks->read_lock);
    free(ks);
}

static void stop_writer(struct fbc_ks *ks)
{
    pthread_mutex_lock(&ks->lock);
    ks->quit = true;
    pthread_cond_signal(&ks->wake);
    pthread_mutex_unlock(&ks->lock);
    pthread_join(ks->thread, NULL);
}

static void take_metrics(struct fbc_ks_metrics *m, void *arg)
{
    struct fbc_ks *ks = arg;

    pthread_mutex_lock(&ks->lock);
    *m = ks->metrics;
    m->waiting = ks->waiting;
    m->active = ks->active;
    m->pending = ks->pending;
    pthread_mutex_unlock(&ks->lock);
}

static int start_threads(struct fbc_ks *ks, struct fbc_error *e)
{
    int rc = pthread_create(&ks->thread, NULL, fbc_ks_writer, ks);

    if ( !rc && ks->shared )
    {
        rc = pthread_create(&ks->relay, NULL, fbc_ks_relay, ks);
        ks->relays = !rc;
        if ( rc )
            stop_writer(ks);
    }
    errno = rc;

    return rc ? fbc_fail_errno(e, "thread") : 0;
}

static int start_http(struct fbc_ks *ks, int fd, struct fbc_error *e)
{
    uint8_t *cert = NULL, *key = NULL;
    const struct fbc_ks_config *c = &ks->config;
    size_t cert_len, key_len;
    int rc = -1;

    if ( !check_private(c->tls_key, e) &&
         !fbc_file_read(c->tls_cert, PEM_MAX, &cert, &cert_len, e) &&
         !fbc_file_read(c->tls_key, PEM_MAX, &key, &key_len, e) &&
         !fbc_tls_files_check(c->tls_cert, (char *)cert, cert_len, c->tls_key,
                              (char *)key, key_len, e) )
    {
        ks->daemon = fbc_ks_http(ks, fd, (char *)cert, (char *)key);
        rc = ks->daemon ? 0
             : fbc_fail(e, FBC_EXIT_INPUT, ks->config.tls_cert, "%s",
                        *ks->log_text ? ks->log_text
                        : "libmicrohttpd does not start");
    }
    fbc_secret_free(cert, PEM_MAX + 1);
    fbc_secret_free(key, PEM_MAX + 1);

    return rc;
}

int fbc_ks_start(const struct fbc_ks_config *c, struct fbc_ks **out,
                 char text[static FBC_KS_LISTEN_TEXT],
                 char metrics[static FBC_KS_LISTEN_TEXT],
                 struct fbc_error *e)
{
    struct fbc_ks *ks = calloc(1, sizeof(*ks));
    bool passed;
    int fd = -1;

    if ( !ks )
        return fbc_fail_core(e, c->database, FBC_ERR_NOMEM);
    ks->config = *c;
    ks->shared = fbc_ksdb_is_shared(c->database);
    ks->lock_fd = ks->relay_fd = -1;
    ks->waits_end = &ks->waits;
    ks->jobs_end = &ks->jobs;
    init_locks(ks);
    raise_limits(ks);

    fd = fbc_ks_listen(c->listen, text, &passed, e);
    if ( fd < 0 || open_all(ks, e) ||
         (c->metrics >= 0 &&
          fbc_ks_metrics_start(&ks->exporter, (unsigned int)c->metrics,
                               take_metrics, ks, metrics, e)) )
        goto fail;
    if ( start_threads(ks, e) )
        goto fail;
    if ( start_http(ks, fd, e) )
    {
        fbc_ks_relay_stop(ks);
        stop_writer(ks);
        goto fail;
    }
    ks->started = true;
    *out = ks;

    return 0;

 fail:
    if ( fd >= 0 )
        close(fd);
    close_all(ks);

    return -1;
}

/*
 * Until for a while no client has waited, or (all) no request has been there,
 * nor a new connection that is about to make one; or until the time is over.
 * The lock is held.
 */
static void wait_for_end(struct fbc_ks *ks, bool all, unsigned int seconds)
{
    uint64_t begin = fbc_clock_ns(), now = begin, busy = begin, until;
    struct timespec t;

    while ( now - begin < seconds * FBC_NS_PER_S &&
            now - busy < QUIET_MS * FBC_NS_PER_MS )
    {
        until = now + STEP_MS * FBC_NS_PER_MS;
        t.tv_sec = (time_t)(until / FBC_NS_PER_S);
        t.tv_nsec = (long)(until % FBC_NS_PER_S);
        pthread_cond_timedwait(&ks->idle, &ks->lock, &t);
        now = fbc_clock_ns();
        if ( __atomic_load_n(&ks->fresh, __ATOMIC_SEQ_CST) ||
             (all ? ks->active : ks->waiting || ks->pending) )
            busy = now;
    }
}

void fbc_ks_stop(struct fbc_ks *ks, struct fbc_ks_counts *counts)
{
    int fd = MHD_quiesce_daemon(ks->daemon);

    if ( fd >= 0 )
        close(fd);
    pthread_mutex_lock(&ks->lock);
    ks->stopping = true;
    wait_for_end(ks, false, FINISH_S);
    ks->draining = true;
    pthread_cond_signal(&ks->wake);
    wait_for_end(ks, true, FLUSH_S);
    pthread_mutex_unlock(&ks->lock);

    fbc_ks_relay_stop(ks);
    stop_writer(ks);
    MHD_stop_daemon(ks->daemon);
    *counts = ks->counts;
    close_all(ks);
}
