/* SPDX-License-Identifier: GPL-2.0-only */
/* All tools share this command line: -h -V -v -q, messages, exit. */
#ifndef FBC_LIB_CLI_H
#define FBC_LIB_CLI_H

#include <getopt.h>
#include <stdio.h>

#include "lib/base/fail.h"

/* Append to a tool's short options (which start with ':') and table. */
#define FBC_CLI_SHORT "hVvq"
#define FBC_CLI_LONG \
    { "help", no_argument, NULL, 'h' }, \
    { "version", no_argument, NULL, 'V' }, \
    { "verbose", no_argument, NULL, 'v' }, \
    { "quiet", no_argument, NULL, 'q' }, \
    { NULL, 0, NULL, 0 }

/* The last lines of every tool's help. */
#define FBC_CLI_HELP \
    "  -v, --verbose           say more on standard error\n" \
    "  -q, --quiet             say nothing but errors\n" \
    "  -h, --help              show this help\n" \
    "  -V, --version           show the version\n"

/* Options without a short form. */
enum { FBC_CLI_LONG_BASE = 256 };

/*
 * First call of every main().  help: the whole text of --help, of which the
 * lines up to the first empty one are the usage.  Also: no core dumps, files
 * made private, SIGPIPE ignored so that cleaning up is never skipped.
 */
void fbc_cli_start(const char *name, const char *help);

/*
 * Takes what the tool's own switch does not: the common options and
 * getopt_long()'s ':' and '?'.  Returns an exit status, or -1 to go on.
 */
int fbc_cli_option(int opt, char **argv);

/* -v given more often than -q: > 0; -q: < 0. */
int fbc_cli_verbosity(void);

/* Prints "NAME: error: what: why" and the hint; returns the exit status. */
int fbc_cli_fail(const struct fbc_error *e);
int fbc_cli_usage(const char *what, const char *why, ...)
    __attribute__((__format__(printf, 2, 3)));

/* "NAME: text" on stderr when -v was given; "NAME: warning:" unless -q. */
void fbc_cli_say(const char *text, ...)
    __attribute__((__format__(printf, 1, 2)));
void fbc_cli_warn(const char *text, ...)
    __attribute__((__format__(printf, 1, 2)));

/* Frames done and their rate, on a terminal only; done: finish the line. */
void fbc_cli_progress(unsigned long frames, bool done);

/* The option's text as a decimal number in min..max, or a usage error. */
int fbc_cli_number(const char *option, const char *text, unsigned long min,
                   unsigned long max, unsigned long *out);

/* Refuses a terminal as the destination of binary data. */
int FBC_MUST_CHECK fbc_cli_binary_stdout(struct fbc_error *e);

/* What was printed has gone out, or is an error. */
int FBC_MUST_CHECK fbc_cli_flush(struct fbc_error *e);

/* Last call of every main(): status, or 4 when stdout could not be written. */
int fbc_cli_finish(int status);

#endif /* FBC_LIB_CLI_H */
