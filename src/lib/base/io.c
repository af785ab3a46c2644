/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole reads and writes. */
#include "lib/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/outfile.h"
#include "lib/base/secmem.h"

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

int fbc_file_read(const char *path, size_t max, uint8_t **data, size_t *len,
                  struct fbc_error *e)
{
    uint8_t *buf = fbc_secret_alloc(max + 1);
    int fd = -1, rc = -1;
    ssize_t n;

    if ( !buf )
        return fbc_fail_errno(e, path);
    fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    n = fd < 0 ? -1 : fbc_read(fd, buf, max + 1, NULL);
    if ( n < 0 )
    {
        fbc_fail_errno(e, path);
        if ( errno == ENOENT )
            e->status = FBC_EXIT_INPUT;
    }
    else if ( (size_t)n > max )
        fbc_fail(e, FBC_EXIT_INPUT, path, "is larger than %zu bytes", max);
    else
        rc = 0;

    if ( fd > STDIN_FILENO )
        close(fd);
    if ( rc )
    {
        fbc_secret_free(buf, max + 1);
        return -1;
    }
    *data = buf;
    *len = (size_t)n;

    return 0;
}

static void on_stop(int sig)
{
    stopped = 1;
    fbc_outfile_end_by(sig);
}

const volatile int *fbc_catch_stop(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction sa = { .sa_handler = on_stop }, old;
    size_t i;

    sigemptyset(&sa.sa_mask);
    for ( i = 0; i < sizeof(signals) / sizeof(signals[0]); i++ )
        if ( !sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN )
            sigaction(signals[i], &sa, NULL);

    return &stopped;
}
