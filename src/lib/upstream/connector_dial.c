/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections to TCP and unix sockets, in the connector process. */
#include "lib/upstream/connector_int.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/clock.h"

/* 0, or an errno; ms: how long it may take. */
static int finish(int link, int fd, uint64_t ms)
{
    struct pollfd p[2] = { { .fd = fd, .events = POLLOUT },
                           { .fd = link } };
    uint64_t end = fbc_clock_ms() + ms, now;
    socklen_t len = sizeof(int);
    int rc, err = 0;

    do {
        now = fbc_clock_ms();
        rc = poll(p, 2, now < end ? (int)(end - now) : 0);
        if ( p[1].revents )
            _exit(0);
    } while ( (rc < 0 && errno == EINTR) || (!rc && now < end) );
    if ( rc < 0 )
        return errno;
    if ( !rc )
        return ETIMEDOUT;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? errno : err;
}

/* fd, or -1 with errno. */
static int dial(int link, int family, const struct sockaddr *a,
                socklen_t len, uint64_t ms)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int err = 0;

    if ( fd < 0 )
        return -1;
    if ( connect(fd, a, len) )
        err = errno == EINPROGRESS ? finish(link, fd, ms) : errno;
    if ( err )
    {
        close(fd);
        fd = -1;
        errno = err;
    }

    return fd;
}

static int dial_unix(int link, const struct fbc_target *t,
                     struct fbc_error *e)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd;

    memcpy(a.sun_path, t->path, sizeof(a.sun_path) - 1);
    fd = dial(link, AF_UNIX, (const struct sockaddr *)&a, sizeof(a), 0);

    return fd < 0 ? fbc_fail_errno(e, t->text) : fd;
}

int fbc_connector_dial(int link, const struct fbc_target *t,
                       unsigned int timeout_ms, struct fbc_error *e)
{
    const struct addrinfo want = { .ai_socktype = SOCK_STREAM };
    uint64_t end = fbc_clock_ms() + timeout_ms, now;
    struct addrinfo *all, *a;
    unsigned int left = 0;
    const int on = 1;
    int rc, fd = -1;

    if ( t->kind == FBC_TARGET_UNIX )
        return dial_unix(link, t, e);

    rc = getaddrinfo(t->host, t->port, &want, &all);
    if ( rc == EAI_SYSTEM )
        return fbc_fail_errno(e, t->text);
    if ( rc )
        return fbc_fail(e, FBC_EXIT_ENV, t->text, "%s", gai_strerror(rc));

    for ( a = all; a; a = a->ai_next )
        left++;
    /* What time is left is shared by the addresses that are left. */
    for ( a = all; a && fd < 0; a = a->ai_next, left-- )
    {
        now = fbc_clock_ms();
        fd = dial(link, a->ai_family, a->ai_addr, a->ai_addrlen,
                  now < end ? (end - now) / left : 0);
    }
    if ( fd < 0 )
        fbc_fail(e, errno == ETIMEDOUT ? FBC_EXIT_TIMEOUT : FBC_EXIT_ENV,
                 t->text, "%s", strerror(errno));
    freeaddrinfo(all);
    if ( fd >= 0 )
    {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    }

    return fd;
}
