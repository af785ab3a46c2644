/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that hold a password. */
#include "lib/base/passfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/oddtext.h"

static int check_mode(int fd, const char *path, struct fbc_error *e)
{
    struct stat st;

    if ( fstat(fd, &st) )
        return fbc_fail_errno(e, path);
    if ( !S_ISREG(st.st_mode) )
        return fbc_fail(e, FBC_EXIT_INPUT, path,
                        "a password must be in a regular file");

    return fbc_check_private(&st, path, "password", e);
}

/* All n bytes that were read. */
static int take_line(const char *line, size_t n, const char *path,
                     char *password, struct fbc_error *e)
{
    size_t len = strcspn(line, "\r\n");
    const char *odd = fbc_odd_text(line, len ? n : 0);

    /* What a NUL cuts off, or a mark adds, is no password of anybody's. */
    if ( (len < n && !line[len]) || (odd && !strstr(odd, "CRLF")) )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "%s", odd ? odd
                        : "has a NUL in its first line");
    if ( !len )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "first line is empty");
    if ( len >= FBC_PASSWORD_MAX )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "first line is longer than "
                        "%u characters", FBC_PASSWORD_MAX - 1);
    memcpy(password, line, len);
    password[len] = 0;

    return 0;
}

int fbc_passfile_read(const char *path,
                      char password[static FBC_PASSWORD_MAX],
                      struct fbc_error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char line[FBC_PASSWORD_MAX + 1] = "";
    ssize_t n;
    int rc;

    if ( fd < 0 )
    {
        fbc_fail_errno(e, path);
        if ( errno == ENOENT || errno == ELOOP )
            e->status = FBC_EXIT_INPUT;
        return -1;
    }

    rc = check_mode(fd, path, e);
    n = rc ? 0 : fbc_read(fd, line, sizeof(line) - 1, NULL);
    if ( n < 0 )
        rc = fbc_fail_errno(e, path);
    close(fd);
    if ( !rc )
        rc = take_line(line, (size_t)n, path, password, e);
    explicit_bzero(line, sizeof(line));

    return rc;
}
