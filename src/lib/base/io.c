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

int fbc_check_private(const struct stat *st, const char *path,
                      const char *what, struct fbc_error *e)
{
    if ( !S_ISREG(st->st_mode) || !(st->st_mode & 077) )
        return 0;

    fbc_fail(e, FBC_EXIT_INPUT, path, "%s is open to others (mode %04o)",
             what, st->st_mode & 07777);
    return fbc_hint(e, "chmod 600 %s, and think about who read it", path);
}

static int check_open(int fd, const char *path, const char *what,
                      struct fbc_error *e)
{
    struct stat st;

    return fstat(fd, &st) ? fbc_fail_errno(e, path)
           : fbc_check_private(&st, path, what, e);
}

/* secret NULL: there is none in it. */
static int read_file(const char *path, const char *secret, size_t max,
                     uint8_t **data, size_t *len, struct fbc_error *e)
{
    uint8_t *buf = fbc_secret_alloc(max + 1);
    bool is_stdin = !strcmp(path, "-");
    int fd = -1, rc = -1;
    ssize_t n = -1;

    if ( !buf )
        return fbc_fail_errno(e, path);
    fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if ( fd >= 0 && secret && !is_stdin && check_open(fd, path, secret, e) )
        goto out;
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

 out:
    if ( !is_stdin && fd >= 0 )
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

int fbc_file_read(const char *path, size_t max, uint8_t **data, size_t *len,
                  struct fbc_error *e)
{
    return read_file(path, NULL, max, data, len, e);
}

int fbc_file_read_secret(const char *path, const char *what, size_t max,
                         uint8_t **data, size_t *len, struct fbc_error *e)
{
    return read_file(path, what, max, data, len, e);
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
