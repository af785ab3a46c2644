/* SPDX-License-Identifier: GPL-2.0-only */
/* Tools with commands: options, the command, and whether they fit. */
#include "lib/base/subcmd.h"

#include <string.h>

static int take_option(const struct fbc_subcmds *s, void *args, unsigned int o,
                       unsigned int *given)
{
    unsigned int bit = 1u << o;
    char name[32];

    snprintf(name, sizeof(name), "--%s", s->options[o].name);
    if ( *given & bit & ~s->repeatable && s->options[o].has_arg )
        return fbc_cli_usage(name, "is given twice");
    *given |= bit;

    return s->set(args, o);
}

static int take_all(const struct fbc_subcmds *s, int argc, char **argv,
                    void *args, unsigned int *given)
{
    char text[64] = ":" FBC_CLI_SHORT, *p = strchr(text, 0);
    unsigned int o;
    int opt, rc;

    for ( o = 0; s->shorts[o]; o++ )
        if ( s->shorts[o] != ' ' )
        {
            *p++ = s->shorts[o];
            if ( s->options[o].has_arg )
                *p++ = ':';
        }

    while ( (opt = getopt_long(argc, argv, text, s->options, NULL)) != -1 )
    {
        const char *at = opt < FBC_CLI_LONG_BASE && opt != ' '
                         ? strchr(s->shorts, opt) : NULL;

        if ( opt >= FBC_CLI_LONG_BASE )
            rc = take_option(s, args, (unsigned int)(opt - FBC_CLI_LONG_BASE),
                             given);
        else if ( at )
            rc = take_option(s, args, (unsigned int)(at - s->shorts), given);
        else
            rc = fbc_cli_option(opt, argv);
        if ( rc >= 0 )
            return rc;
    }

    return -1;
}

/* The command of this name whose mode is given, or has none. */
static const struct fbc_subcmd *find_command(const struct fbc_subcmds *s,
                                             const char *name,
                                             unsigned int given)
{
    const struct fbc_subcmd *c, *plain = NULL;
    size_t i;

    for ( i = 0; i < s->entries; i++ )
    {
        c = (const void *)((const char *)s->table + i * s->entry_size);
        if ( strcmp(c->name, name) )
            continue;
        if ( c->mode & given )
            return c;
        if ( !c->mode )
            plain = c;
    }

    return plain;
}

static int check_options(const struct fbc_subcmds *s,
                         const struct fbc_subcmd *c, unsigned int given)
{
    unsigned int o, bad = given & ~(c->mode | c->required | c->optional);
    unsigned int missing = c->required & ~given;
    char name[32];

    for ( o = 0; s->shorts[o]; o++ )
    {
        snprintf(name, sizeof(name), "--%s", s->options[o].name);
        if ( bad & (1u << o) && c->mode )
            return fbc_cli_usage(name, "not with %s --%s", c->name,
                                 s->options[__builtin_ctz(c->mode)].name);
        if ( bad & (1u << o) )
            return fbc_cli_usage(name, "not with %s", c->name);
        if ( missing & (1u << o) )
            return fbc_cli_usage(name, "is needed");
    }

    return -1;
}

int fbc_subcmd_parse(const struct fbc_subcmds *s, int argc, char **argv,
                     void *args, unsigned int *given,
                     const struct fbc_subcmd **c)
{
    int rc;

    *given = 0;
    rc = take_all(s, argc, argv, args, given);
    if ( rc >= 0 )
        return rc;

    if ( optind >= argc )
        return fbc_cli_usage("COMMAND", "one is needed");
    *c = find_command(s, argv[optind], *given);
    if ( !*c )
        return fbc_cli_usage(argv[optind], "no such command");

    return check_options(s, *c, *given);
}
