/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a connector connects to. */
#include "lib/upstream/connector.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>

#define DISPLAYS   100
#define FIRST_PORT 5900

static int bad(struct fbc_error *e, const char *text, const char *why)
{
    return fbc_fail(e, FBC_EXIT_USAGE, text, "%s", why);
}

/* digits: one or more, and nothing else. */
static int parse_port(const char *digits, bool display, unsigned long *port)
{
    size_t len = strlen(digits);

    if ( !len || len > 5 || strspn(digits, "0123456789") != len )
        return -1;
    *port = strtoul(digits, NULL, 10);
    if ( display && *port < DISPLAYS )
        *port += FIRST_PORT;

    return *port && *port < 65536 ? 0 : -1;
}

static int parse_tcp(const char *text, struct fbc_target *t,
                     struct fbc_error *e)
{
    const char *host = text, *end, *colon;
    unsigned long port;
    bool display;

    if ( *text == '[' )
    {
        host++;
        end = strchr(host, ']');
        if ( !end || end[1] != ':' )
            return bad(e, text, "not [ADDRESS]:PORT");
        colon = end + 1;
    }
    else
    {
        end = colon = strchr(text, ':');
        if ( !end )
            return bad(e, text, "neither HOST:PORT nor the path of a socket "
                                "(with a '/')");
    }
    if ( !strncmp(text, "::", 2) )
        return bad(e, text, "IPv6 addresses are written in brackets: "
                            "[ADDRESS]:PORT");
    if ( end == host || (size_t)(end - host) >= sizeof(t->host) )
        return bad(e, text, "the host's name is empty or too long");

    display = colon[1] != ':';
    colon += display ? 1 : 2;
    if ( strchr(colon, ':') )
        return bad(e, text, "IPv6 addresses are written in brackets: "
                            "[ADDRESS]:PORT");
    if ( parse_port(colon, display, &port) )
        return bad(e, text, "not a port number");

    t->kind = FBC_TARGET_TCP;
    memcpy(t->host, host, (size_t)(end - host));
    snprintf(t->port, sizeof(t->port), "%lu", port);

    return 0;
}

int fbc_target_parse(const char *text, struct fbc_target *t,
                     struct fbc_error *e)
{
    struct fbc_target n = { .kind = FBC_TARGET_UNIX };

    if ( !*text || strlen(text) >= sizeof(n.text) )
        return bad(e, "address", "empty or too long");
    strcpy(n.text, text);
    if ( strchr(text, '/') )
    {
        if ( strlen(text) >= sizeof(((struct sockaddr_un *)0)->sun_path) )
            return bad(e, text, "too long for the path of a socket");
        strcpy(n.path, text);
    }
    else if ( parse_tcp(text, &n, e) )
        return -1;
    *t = n;

    return 0;
}

int fbc_target_exec(const char *command, struct fbc_target *t,
                    struct fbc_error *e)
{
    struct fbc_target n = { .kind = FBC_TARGET_EXEC };

    if ( !*command || strlen(command) >= sizeof(n.path) )
        return bad(e, "command", "empty or too long");
    strcpy(n.path, command);
    strcpy(n.text, command);
    *t = n;

    return 0;
}
