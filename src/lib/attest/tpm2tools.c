/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs programs of tpm2-tools. */
#include "lib/attest/tpm2tools.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/attest/tpmdevice.h"
#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/secmem.h"

#define TCTI_VARIABLE "TPM2TOOLS_TCTI"
#define TCTI_DEFAULT  "device:/dev/tpmrm0"
#define SECONDS_MAX   300
#define ERR_MAX       4096
#define AUTH_MAX      32
#define NOT_FOUND     127

bool fbc_tools_on_device(const struct fbc_tools *t)
{
    return !strncmp(t->tcti, "device:", 7);
}

int fbc_tools_open(struct fbc_tools *t, struct fbc_error *e)
{
    const char *tcti = getenv(TCTI_VARIABLE);

    memset(t, 0, sizeof(*t));
    t->secret[0] = t->secret[1] = -1;
    t->stop = fbc_catch_stop();
    t->tcti = tcti && tcti[0] ? tcti : TCTI_DEFAULT;
    strcpy(t->dir, "/tmp/fbc-attest.XXXXXX");
    if ( mkdtemp(t->dir) )
        return 0;

    fbc_fail_errno(e, t->dir);
    t->dir[0] = 0;

    return -1;
}

void fbc_tools_close(struct fbc_tools *t)
{
    unsigned int i;
    struct dirent *d;
    DIR *dir;

    if ( !t->dir[0] )
        return;

    dir = opendir(t->dir);
    while ( dir && (d = readdir(dir)) )
        if ( strcmp(d->d_name, ".") && strcmp(d->d_name, "..") )
            unlinkat(dirfd(dir), d->d_name, 0);
    if ( dir )
        closedir(dir);
    rmdir(t->dir);
    t->dir[0] = 0;
    for ( i = 0; i < 2; i++ )
        if ( t->secret[i] >= 0 )
            close(t->secret[i]);
    fbc_wipe(t->out, sizeof(t->out));
}

/* In the child: never returns. */
static void run_child(const struct fbc_tools *t, const char *const args[],
                      const int out[2], const int err[2])
{
    static const int defaults[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
    size_t i;
    int in;

    for ( i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++ )
        signal(defaults[i], SIG_DFL);

    in = open("/dev/null", O_RDONLY);
    if ( in < 0 || dup2(in, STDIN_FILENO) < 0 ||
         dup2(out[1], STDOUT_FILENO) < 0 || dup2(err[1], STDERR_FILENO) < 0 ||
         chdir(t->dir) || setenv(TCTI_VARIABLE, t->tcti, 1) ||
         setenv("LC_ALL", "C", 1) )
        _exit(NOT_FOUND);
    execvp(args[0], (char *const *)args);
    _exit(NOT_FOUND);
}

/* Appends what there is; what does not fit is dropped.  False at the end. */
static bool drain(int fd, char *buf, size_t room, size_t *len)
{
    char spill[4096];
    ssize_t n = read(fd, spill, sizeof(spill));
    size_t take;

    if ( n < 0 )
        return errno == EINTR || errno == EAGAIN;
    take = (size_t)n < room - *len ? (size_t)n : room - *len;
    memcpy(buf + *len, spill, take);
    *len += take;

    return n;
}

/* Until both pipes end.  0, or the exit status with which to give up. */
static int collect(struct fbc_tools *t, int out, int err, char *messages)
{
    struct pollfd p[2] = { { .fd = out, .events = POLLIN },
                           { .fd = err, .events = POLLIN } };
    int64_t end = (int64_t)fbc_clock_ms() + SECONDS_MAX * 1000, left;
    size_t err_len = 0;

    t->out_len = 0;
    while ( p[0].fd >= 0 || p[1].fd >= 0 )
    {
        if ( *t->stop )
            return FBC_EXIT_ENV;
        left = end - (int64_t)fbc_clock_ms();
        if ( left <= 0 )
            return FBC_EXIT_TIMEOUT;
        if ( poll(p, 2, left < 1000 ? (int)left : 1000) <= 0 )
            continue;
        if ( p[0].revents && !drain(out, t->out, FBC_TOOL_OUT, &t->out_len) )
            p[0].fd = -1;
        if ( p[1].revents && !drain(err, messages, ERR_MAX, &err_len) )
            p[1].fd = -1;
    }

    return 0;
}

/* The first line that tells an error, without what stands before it. */
static void first_error(const char *messages, char *out, size_t room)
{
    const char *p = strstr(messages, "\nERROR: ");

    if ( p )
        p += 8;
    else if ( !strncmp(messages, "ERROR: ", 7) )
        p = messages + 7;
    else
        p = messages;
    snprintf(out, room, "%.*s", (int)strcspn(p, "\n"), p);
}

static void explain(const struct fbc_tools *t, const char *name, int status,
                    const char *messages, struct fbc_error *e)
{
    char why[sizeof(e->why)];

    if ( status == NOT_FOUND )
    {
        fbc_fail(e, FBC_EXIT_ENV, name, "cannot be run");
        fbc_hint(e, "apt-get install tpm2-tools");
        return;
    }
    first_error(messages, why, sizeof(why));
    fbc_fail(e, FBC_EXIT_ENV, name, "%s", why[0] ? why : "failed silently");
    if ( strstr(messages, "tcti") && fbc_tpm_device(t->tcti, e) )
        return;
    if ( strstr(messages, "tcti") )
        fbc_hint(e, "is there a TPM at %.150s?", t->tcti);
    else if ( strstr(messages, "authorization failure") ||
              strstr(messages, "auth fail") )
        fbc_hint(e, "wrong authorization value");
    else if ( strstr(messages, "lockout mode") )
        fbc_hint(e, "power cuts count as wrong guesses for an AK without "
                 "noDA: tpm2_dictionarylockout --clear-lockout, then make a "
                 "new AK; fbcrypt-provision(7), A TPM in lockout");
}

int fbc_tool_status(struct fbc_tools *t, const char *const args[],
                    struct fbc_error *e)
{
    char messages[ERR_MAX + 1] = "";
    int out[2], err[2], status, gave_up;
    pid_t pid;

    if ( pipe2(out, O_CLOEXEC) )
        return fbc_fail_errno(e, args[0]);
    if ( pipe2(err, O_CLOEXEC) )
    {
        fbc_fail_errno(e, args[0]);
        close(out[0]);
        close(out[1]);
        return -1;
    }
    pid = fork();
    if ( !pid )
        run_child(t, args, out, err);
    close(out[1]);
    close(err[1]);
    if ( pid < 0 )
    {
        fbc_fail_errno(e, args[0]);
        close(out[0]);
        close(err[0]);
        return -1;
    }

    gave_up = collect(t, out[0], err[0], messages);
    t->out[t->out_len] = 0;
    close(out[0]);
    close(err[0]);
    if ( gave_up )
        kill(pid, SIGKILL);
    while ( waitpid(pid, &status, 0) < 0 )
        if ( errno != EINTR )
            return fbc_fail_errno(e, args[0]);
    if ( gave_up )
        return fbc_fail(e, gave_up, args[0], gave_up == FBC_EXIT_TIMEOUT
                        ? "took longer than 5 minutes" : "interrupted");

    status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    if ( status )
        explain(t, args[0], status, messages, e);

    return status == NOT_FOUND ? -1 : status;
}

int fbc_tool_run(struct fbc_tools *t, const char *const args[],
                 struct fbc_error *e)
{
    return fbc_tool_status(t, args, e) ? -1 : 0;
}

static int open_in(struct fbc_tools *t, const char *name, int flags,
                   struct fbc_error *e)
{
    int dir = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = dir < 0 ? -1
             : openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);

    if ( fd < 0 )
        fbc_fail_errno(e, name);
    if ( dir >= 0 )
        close(dir);

    return fd;
}

int fbc_tools_read(struct fbc_tools *t, const char *name, void *data,
                   size_t room, size_t *len, struct fbc_error *e)
{
    int fd = open_in(t, name, O_RDONLY, e);
    ssize_t n;
    char more;

    if ( fd < 0 )
        return -1;
    n = fbc_read(fd, data, room, NULL);
    if ( n >= 0 && read(fd, &more, 1) )
    {
        fbc_fail(e, FBC_EXIT_ENV, name, "is larger than expected");
        n = -2;
    }
    else if ( n < 0 )
        fbc_fail_errno(e, name);
    close(fd);
    if ( n < 0 )
        return -1;
    *len = (size_t)n;

    return 0;
}

int fbc_tools_write(struct fbc_tools *t, const char *name, const void *data,
                    size_t len, struct fbc_error *e)
{
    int fd = open_in(t, name, O_WRONLY | O_CREAT | O_TRUNC, e), rc;

    if ( fd < 0 )
        return -1;
    rc = fbc_write(fd, data, len) ? fbc_fail_errno(e, name) : 0;
    close(fd);

    return rc;
}

static bool is_auth(const uint8_t *s, size_t len)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz0123456789.-_";
    size_t i;

    for ( i = 0; i < len; i++ )
        if ( !s[i] || !strchr(set, s[i]) )
            return false;

    return len && len <= AUTH_MAX;
}

int fbc_tools_auth(struct fbc_tools *t, const char *path, unsigned int which,
                   char spec[static 40], struct fbc_error *e)
{
    int fd = -1, rc = -1;
    uint8_t *text;
    size_t len;

    if ( fbc_file_read(path, AUTH_MAX + 1, &text, &len, e) )
        return -1;
    if ( len && text[len - 1] == '\n' )
        len--;
    if ( !is_auth(text, len) )
        fbc_fail(e, FBC_EXIT_INPUT, path, "is not 1 to %u letters, digits, "
                 "'.', '-' or '_'", AUTH_MAX);
    else if ( (fd = memfd_create("auth", 0)) < 0 ||     /* for the child */
              fbc_write(fd, text, len) )
        fbc_fail_errno(e, path);
    else
        rc = 0;
    fbc_secret_free(text, AUTH_MAX + 2);
    if ( rc )
    {
        if ( fd >= 0 )
            close(fd);
        return -1;
    }

    if ( t->secret[which] >= 0 )
        close(t->secret[which]);
    t->secret[which] = fd;
    snprintf(spec, 40, "file:/proc/self/fd/%d", fd);

    return 0;
}
