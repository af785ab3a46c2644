/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Output files that are there whole or not at all: written under a temporary
 * name in the same directory, then renamed.  A failure, SIGINT, SIGTERM or
 * SIGHUP leaves nothing behind (of FBC_OUTFILES at a time, and of what
 * fbc_outfile_also() was told of).
 */
#ifndef FBC_LIB_OUTFILE_H
#define FBC_LIB_OUTFILE_H

#include <limits.h>

#include "lib/base/fail.h"

#define FBC_OUTFILES 2

struct fbc_outfile {
    int fd;                     /* write here */
    bool is_stdout;
    char path[PATH_MAX];
    char temp[PATH_MAX];
    unsigned int watched;       /* its place; FBC_OUTFILES: none */
};

/* Refuses a name that is taken, before there is anything to write. */
int FBC_MUST_CHECK fbc_outfile_is_new(const char *path, struct fbc_error *e);

/* path "-" is standard output.  Mode 0600. */
int FBC_MUST_CHECK fbc_outfile_open(struct fbc_outfile *o, const char *path,
                                    struct fbc_error *e);

/* Refuses an output file that is the input file fd (open for reading). */
int FBC_MUST_CHECK fbc_outfile_not_input(const char *path, int fd,
                                         struct fbc_error *e);

/* The same of an input file by its name; NULL: there is none. */
int FBC_MUST_CHECK fbc_outfile_not_file(const char *path, const char *input,
                                        struct fbc_error *e);

/* Brings the data to the disk: then only the name can still fail. */
int FBC_MUST_CHECK fbc_outfile_sync(struct fbc_outfile *o,
                                    struct fbc_error *e);

/*
 * Gives the file its name, on the disk, too.  replace false: an existing file
 * is refused.
 */
int FBC_MUST_CHECK fbc_outfile_commit(struct fbc_outfile *o, bool replace,
                                      struct fbc_error *e);

/* After a failure; also harmless after a commit. */
void fbc_outfile_abort(struct fbc_outfile *o);

/*
 * Also to be called when a signal ends the process: clean() may do only what a
 * signal handler may.  NULL: nothing any more.
 */
void fbc_outfile_also(void (*clean)(void));

/* Makes sig, one of the three, end the process in that way. */
void fbc_outfile_end_by(int sig);

#endif /* FBC_LIB_OUTFILE_H */
