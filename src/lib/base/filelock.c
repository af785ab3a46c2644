/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks of files that are replaced. */
#include "lib/base/filelock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_SECONDS 10
#define LOOK_MS      50

/* Is it still the file of this name? */
static bool is_current(const char *path, int fd)
{
    struct stat held, now;

    return !fstat(fd, &held) && !stat(path, &now) &&
           held.st_dev == now.st_dev && held.st_ino == now.st_ino;
}

int fbc_filelock(const char *path, int *fd, struct fbc_error *e)
{
    unsigned int i;
    bool busy;

    for ( i = 0; i < LOCK_SECONDS * 1000 / LOOK_MS; i++ )
    {
        *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if ( *fd < 0 )
            return 0;
        if ( !flock(*fd, LOCK_EX | LOCK_NB) )
        {
            if ( is_current(path, *fd) )
                return 0;
            close(*fd);
            continue;
        }
        busy = errno == EWOULDBLOCK || errno == EINTR;
        close(*fd);
        *fd = -1;
        /* Some network file systems have no locks. */
        if ( !busy )
            return 0;
        poll(NULL, 0, LOOK_MS);
    }

    return fbc_fail(e, FBC_EXIT_TIMEOUT, path, "is in use by another process "
                    "for more than %u seconds", LOCK_SECONDS);
}
