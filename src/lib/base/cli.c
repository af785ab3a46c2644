/* SPDX-License-Identifier: GPL-2.0-only */
/* What all tools share on the command line. */
#include "lib/base/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/utf8.h"

static const char *tool_name = "fbc";
static const char *tool_help = "";
static int verbosity;

/*
 * A file that is opened must not become standard output because that was
 * closed.  Reading or writing these then fails, as it should.
 */
static void fill_standard_fds(void)
{
    static const int modes[] = { O_WRONLY, O_RDONLY, O_RDWR };
    int fd;

    for ( fd = 0; fd < 3; fd++ )
        if ( fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd )
            abort();
}

void fbc_cli_start(const char *name, const char *help)
{
    const struct rlimit none = { 0, 0 };

    tool_name = name;
    tool_help = help;
    opterr = 0;
    fill_standard_fds();
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

/* Names come from files and from XenStore: no escape reaches a terminal. */
static void put_clean(const char *s)
{
    bool control;
    size_t n;

    for ( ; *s; s += n )
    {
        n = fbc_utf8_next(s, &control);
        fwrite(control ? "?" : s, 1, control ? 1 : n, stderr);
    }
}

int fbc_cli_fail(const struct fbc_error *e)
{
    fprintf(stderr, "%s: error: ", tool_name);
    put_clean(e->what);
    fputs(": ", stderr);
    put_clean(e->why);
    fputc('\n', stderr);
    if ( e->hint[0] )
    {
        fprintf(stderr, "%s: hint: ", tool_name);
        put_clean(e->hint);
        fputc('\n', stderr);
    }

    return e->status;
}

int fbc_cli_usage(const char *what, const char *why, ...)
{
    struct fbc_error e = { .status = FBC_EXIT_USAGE };
    va_list ap;

    snprintf(e.what, sizeof(e.what), "%s", what);
    va_start(ap, why);
    vsnprintf(e.why, sizeof(e.why), why, ap);
    va_end(ap);
    snprintf(e.hint, sizeof(e.hint), "see %s --help", tool_name);

    return fbc_cli_fail(&e);
}

static void print_version(void)
{
    printf("%s (fbcrypt) %s\n", tool_name, FBC_VERSION);
}

/* ':' or '?'; arg: the last one that getopt_long() has finished with. */
static int bad_option(int opt, const char *arg)
{
    bool is_long = !strncmp(arg, "--", 2) &&
                   (opt == ':' || !optopt || strchr(arg, '='));
    char name[64];

    if ( is_long )
        snprintf(name, sizeof(name), "%.60s", arg);
    else
        snprintf(name, sizeof(name), "-%c", optopt);

    return fbc_cli_usage(name, opt == ':' ? "needs an argument"
                         : !is_long ? "unknown option"
                         : optopt ? "takes no argument"
                         : "unknown or ambiguous option");
}

int fbc_cli_option(int opt, char **argv)
{
    switch ( opt )
    {
    case 'h':
        fputs(tool_help, stdout);
        return fbc_cli_finish(FBC_EXIT_OK);

    case 'V':
        print_version();
        return fbc_cli_finish(FBC_EXIT_OK);

    case 'v':
        verbosity++;
        return -1;

    case 'q':
        verbosity--;
        return -1;
    }

    return bad_option(opt, argv[optind - 1]);
}

int fbc_cli_verbosity(void)
{
    return verbosity;
}

static void talk(const char *kind, const char *text, va_list ap)
{
    char line[400];

    vsnprintf(line, sizeof(line), text, ap);
    fprintf(stderr, "%s: %s", tool_name, kind);
    put_clean(line);
    fputc('\n', stderr);
}

void fbc_cli_say(const char *text, ...)
{
    va_list ap;

    if ( verbosity <= 0 )
        return;
    va_start(ap, text);
    talk("", text, ap);
    va_end(ap);
}

void fbc_cli_warn(const char *text, ...)
{
    va_list ap;

    if ( verbosity < 0 )
        return;
    va_start(ap, text);
    talk("warning: ", text, ap);
    va_end(ap);
}

void fbc_cli_progress(unsigned long frames, bool done)
{
    static uint64_t first, last;
    uint64_t now;
    double since;

    if ( verbosity < 0 || !isatty(STDERR_FILENO) )
        return;

    now = fbc_clock_ms();
    if ( !first )
    {
        first = last = now;
        return;
    }

    if ( !done && now - last < 250 )
        return;

    last = now;
    since = (double)(now - first) / 1000;
    fprintf(stderr, "\r%s: %lu frames, %.1f a second ", tool_name, frames,
            since > 0 ? frames / since : 0.0);
    if ( done )
        fputc('\n', stderr);
}

int fbc_cli_number(const char *option, const char *text, unsigned long min,
                   unsigned long max, unsigned long *out)
{
    unsigned long v;
    char *end;

    errno = 0;
    v = strtoul(text, &end, 10);
    if ( text[0] < '0' || text[0] > '9' || *end || errno || v < min ||
         v > max )
    {
        fbc_cli_usage(option, "%.60s: not a number from %lu to %lu", text,
                      min, max);
        return -1;
    }

    *out = v;
    return 0;
}

int fbc_cli_binary_stdout(struct fbc_error *e)
{
    if ( !isatty(STDOUT_FILENO) )
        return 0;

    fbc_fail(e, FBC_EXIT_USAGE, "stdout", "is a terminal: it is not "
             "sent binary data");
    return fbc_hint(e, "redirect it: > FILE or | COMMAND");
}

int fbc_cli_flush(struct fbc_error *e)
{
    errno = 0;
    if ( !fflush(stdout) && !ferror(stdout) )
        return 0;

    /* Of a write that failed before, nobody knows why any more. */
    return errno ? fbc_fail_errno(e, "stdout")
           : fbc_fail(e, FBC_EXIT_ENV, "stdout", "could not be written");
}

int fbc_cli_finish(int status)
{
    struct fbc_error e;

    return fbc_cli_flush(&e) ? fbc_cli_fail(&e) : status;
}
