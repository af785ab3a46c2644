/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole reads and writes on file descriptors. */
#include "lib/io.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static volatile int stopped;

ssize_t fbc_read(int fd, void *buf, size_t len, const volatile int *stop)
{
    size_t have = 0;

    while ( have < len )
    {
        ssize_t n;

        if ( stop && *stop )
            break;
        n = read(fd, (uint8_t *)buf + have, len - have);
        if ( n < 0 && errno == EINTR )
            continue;
        if ( n < 0 )
            return -1;
        if ( !n )
            break;
        have += (size_t)n;
    }

    return (ssize_t)have;
}

int fbc_write(int fd, const void *buf, size_t len)
{
    const uint8_t *p = buf;

    while ( len )
    {
        ssize_t n = write(fd, p, len);

        if ( n < 0 && errno == EINTR )
            continue;
        if ( n < 0 )
            return -1;
        p += n;
        len -= (size_t)n;
    }

    return 0;
}

static void on_stop(int sig)
{
    (void)sig;
    stopped = 1;
}

const volatile int *fbc_catch_stop(void)
{
    struct sigaction sa = { .sa_handler = on_stop, .sa_flags = SA_RESETHAND };

    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGHUP, &sa, NULL);

    return &stopped;
}
