/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of a tool with commands, each of which takes some of the
 * tool's options.  Options are numbers, by their place in the option table, and
 * sets of them are bits.
 */
#ifndef FBC_LIB_SUBCMD_H
#define FBC_LIB_SUBCMD_H

#include "lib/base/cli.h"

/* A command; the first member of the entries of a tool's table. */
struct fbc_subcmd {
    const char *name;
    unsigned int mode;          /* the option that makes it this one, or 0 */
    unsigned int required, optional;
};

struct fbc_subcmds {
    const struct option *options;   /* FBC_CLI_LONG after the last */
    const char *shorts;         /* a short form for each, or ' ' */
    unsigned int repeatable;    /* may be given more than once */
    const void *table;
    size_t entries, entry_size;
    /* Takes option o with optarg: -1, or the exit status of a usage error. */
    int (*set)(void *args, unsigned int o);
};

#define FBC_SUBCMD_ARGUMENT(name, o) \
    { name, required_argument, NULL, FBC_CLI_LONG_BASE + (o) }
#define FBC_SUBCMD_FLAG(name, o) \
    { name, no_argument, NULL, FBC_CLI_LONG_BASE + (o) }

/*
 * Takes the options, then finds the command that argv[optind] names and checks
 * that the options are its own.  -1: *c is it; otherwise the exit status.
 */
int fbc_subcmd_parse(const struct fbc_subcmds *s, int argc, char **argv,
                     void *args, unsigned int *given,
                     const struct fbc_subcmd **c);

#endif /* FBC_LIB_SUBCMD_H */
