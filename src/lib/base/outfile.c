/* SPDX-License-Identifier: GPL-2.0-only */
/* Output files that are there whole or not at all. */
#include "lib/base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const int fatal_signals[] = { SIGINT, SIGTERM, SIGHUP };
static char pending[PATH_MAX];
static volatile sig_atomic_t is_pending;
static void (*volatile also)(void);

static void on_fatal(int sig)
{
    void (*clean)(void) = also;

    if ( is_pending )
        unlink(pending);
    if ( clean )
        clean();
    raise(sig);                 /* SA_RESETHAND: now the default action */
}

void fbc_outfile_end_by(int sig)
{
    const struct sigaction ours = { .sa_handler = on_fatal,
                                    .sa_flags = SA_RESETHAND };

    sigaction(sig, &ours, NULL);
}

/* Leaves alone what a tool catches itself or was told to ignore. */
static void catch_fatal(void)
{
    struct sigaction old;
    size_t i;

    for ( i = 0; i < sizeof(fatal_signals) / sizeof(fatal_signals[0]); i++ )
        if ( !sigaction(fatal_signals[i], NULL, &old) &&
             old.sa_handler == SIG_DFL )
            fbc_outfile_end_by(fatal_signals[i]);
}

void fbc_outfile_also(void (*clean)(void))
{
    also = clean;
    if ( clean )
        catch_fatal();
}

int fbc_outfile_open(struct fbc_outfile *o, const char *path,
                     struct fbc_error *e)
{
    const char *slash = strrchr(path, '/');
    int dir = slash ? (int)(slash - path) + 1 : 0;
    struct stat st;

    memset(o, 0, sizeof(*o));
    o->fd = -1;
    if ( !strcmp(path, "-") )
    {
        o->is_stdout = true;
        o->fd = STDOUT_FILENO;
        return 0;
    }

    if ( !path[0] || !path[dir] )
        return fbc_fail(e, FBC_EXIT_INPUT, path[0] ? path : "output file",
                        "is not a file name");
    if ( !stat(path, &st) && !S_ISREG(st.st_mode) )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "exists and is not a file");
    if ( snprintf(o->path, sizeof(o->path), "%s", path) >=
         (int)sizeof(o->path) ||
         snprintf(o->temp, sizeof(o->temp), "%.*s.%s.XXXXXX", dir, path,
                  path + dir) >= (int)sizeof(o->temp) )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "name is too long");

    o->fd = mkostemp(o->temp, O_CLOEXEC);       /* O_EXCL, 0600 */
    if ( o->fd < 0 )
    {
        o->temp[0] = 0;
        return fbc_fail_errno(e, path);
    }

    strcpy(pending, o->temp);
    is_pending = 1;
    catch_fatal();

    return 0;
}

int fbc_outfile_not_input(const char *path, int fd, struct fbc_error *e)
{
    struct stat in, out;

    if ( !strcmp(path, "-") || stat(path, &out) || fstat(fd, &in) ||
         in.st_dev != out.st_dev || in.st_ino != out.st_ino )
        return 0;

    return fbc_fail(e, FBC_EXIT_INPUT, path,
                    "is an input, and cannot be the output, too");
}

int fbc_outfile_sync(struct fbc_outfile *o, struct fbc_error *e)
{
    return !o->is_stdout && fsync(o->fd) ? fbc_fail_errno(e, o->path) : 0;
}

static int give_name(const struct fbc_outfile *o, bool replace)
{
    if ( replace )
        return rename(o->temp, o->path);
    if ( !renameat2(AT_FDCWD, o->temp, AT_FDCWD, o->path, RENAME_NOREPLACE) )
        return 0;
    if ( errno != EINVAL && errno != ENOSYS )
        return -1;

    /* A file system without RENAME_NOREPLACE. */
    return link(o->temp, o->path) ? -1 : unlink(o->temp);
}

int fbc_outfile_commit(struct fbc_outfile *o, bool replace,
                       struct fbc_error *e)
{
    if ( o->is_stdout )
        return 0;

    if ( fsync(o->fd) || close(o->fd) )
    {
        o->fd = -1;
        fbc_fail_errno(e, o->path);
        goto fail;
    }
    o->fd = -1;

    if ( give_name(o, replace) )
    {
        if ( errno == EEXIST )
            fbc_fail(e, FBC_EXIT_INPUT, o->path,
                     "exists and will not be overwritten");
        else
            fbc_fail_errno(e, o->path);
        goto fail;
    }

    is_pending = 0;
    o->temp[0] = 0;
    return 0;

 fail:
    fbc_outfile_abort(o);
    return -1;
}

void fbc_outfile_abort(struct fbc_outfile *o)
{
    if ( o->is_stdout )
        return;
    if ( o->fd >= 0 )
        close(o->fd);
    o->fd = -1;
    if ( o->temp[0] )
        unlink(o->temp);
    is_pending = 0;
    o->temp[0] = 0;
}
