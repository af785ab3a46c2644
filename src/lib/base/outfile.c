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
static char pending[FBC_OUTFILES][PATH_MAX];
static volatile sig_atomic_t is_pending[FBC_OUTFILES];
static void (*volatile also)(void);

static void on_fatal(int sig)
{
    void (*clean)(void) = also;
    unsigned int i;

    for ( i = 0; i < FBC_OUTFILES; i++ )
        if ( is_pending[i] )
            unlink(pending[i]);
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

/* As long as there is room, a signal takes it away. */
static void watch(struct fbc_outfile *o)
{
    for ( o->watched = 0; o->watched < FBC_OUTFILES; o->watched++ )
        if ( !is_pending[o->watched] )
        {
            strcpy(pending[o->watched], o->temp);
            is_pending[o->watched] = 1;
            break;
        }
}

/* It has its name, or is no more. */
static void unwatch(struct fbc_outfile *o)
{
    if ( o->temp[0] && o->watched < FBC_OUTFILES )
        is_pending[o->watched] = 0;
    o->temp[0] = 0;
}

int fbc_outfile_is_new(const char *path, struct fbc_error *e)
{
    struct stat st;

    /* Also when it is a link that leads nowhere. */
    if ( !strcmp(path, "-") || lstat(path, &st) )
        return 0;

    return fbc_fail(e, FBC_EXIT_INPUT, path,
                    "exists and will not be overwritten");
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
    {
        o->temp[0] = 0;
        return fbc_fail(e, FBC_EXIT_INPUT, path, "name is too long");
    }

    o->fd = mkostemp(o->temp, O_CLOEXEC);       /* O_EXCL, 0600 */
    if ( o->fd < 0 )
    {
        o->temp[0] = 0;
        return fbc_fail_errno(e, path);
    }

    watch(o);
    catch_fatal();

    return 0;
}

static int check_input(const char *path, const struct stat *in,
                       struct fbc_error *e)
{
    struct stat out;

    if ( !strcmp(path, "-") || stat(path, &out) ||
         in->st_dev != out.st_dev || in->st_ino != out.st_ino )
        return 0;

    return fbc_fail(e, FBC_EXIT_INPUT, path,
                    "is an input, and cannot be the output, too");
}

int fbc_outfile_not_input(const char *path, int fd, struct fbc_error *e)
{
    struct stat in;

    return fstat(fd, &in) ? 0 : check_input(path, &in, e);
}

int fbc_outfile_not_file(const char *path, const char *input,
                         struct fbc_error *e)
{
    struct stat in;

    return !input || stat(input, &in) ? 0 : check_input(path, &in, e);
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

/* What cannot be synced at all has been given its name nevertheless. */
static void sync_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char dir[PATH_MAX];
    int fd;

    snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if ( fd < 0 )
        return;
    fsync(fd);
    close(fd);
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
    sync_name(o->path);
    unwatch(o);

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
    unwatch(o);
}
