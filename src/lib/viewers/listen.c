/* SPDX-License-Identifier: GPL-2.0-only */
/* Where viewers connect to. */
#include "lib/viewers/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

union address {
    struct sockaddr any;
    struct sockaddr_un un;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

static int refused(const char *text, struct fbc_error *e)
{
    fbc_fail(e, FBC_EXIT_USAGE, text, "viewers may only connect from this "
             "machine");
    return fbc_hint(e, "127.0.0.1:PORT, [::1]:PORT or the path of a unix "
                    "socket; from elsewhere by ssh -L");
}

static int parse_port(const char *text, const char *p, struct fbc_listen *l,
                      struct fbc_error *e)
{
    char *end;
    unsigned long v;

    errno = 0;
    v = strtoul(p, &end, 10);
    if ( *p < '0' || *p > '9' || *end || errno || v > 65535 )
        return fbc_fail(e, FBC_EXIT_USAGE, text, "%.20s is not a port", p);
    l->port = (uint16_t)v;

    return 0;
}

int fbc_listen_parse(const char *text, struct fbc_listen *l,
                     struct fbc_error *e)
{
    static const struct { const char *name, *host; } hosts[] = {
        { "127.0.0.1:", "127.0.0.1" }, { "localhost:", "127.0.0.1" },
        { "[::1]:", "[::1]" },
    };
    struct fbc_listen t = { 0 };
    size_t i;

    if ( strchr(text, '/') )
    {
        if ( strlen(text) >= sizeof(t.path) )
            return fbc_fail(e, FBC_EXIT_USAGE, text, "longer than a unix "
                            "socket's path can be");
        strcpy(t.path, text);
        *l = t;
        return 0;
    }

    for ( i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++ )
    {
        size_t len = strlen(hosts[i].name);

        if ( strncmp(text, hosts[i].name, len) )
            continue;
        strcpy(t.host, hosts[i].host);
        if ( parse_port(text, text + len, &t, e) )
            return -1;
        *l = t;
        return 0;
    }

    return refused(text, e);
}

static socklen_t make_address(const struct fbc_listen *l, union address *a)
{
    memset(a, 0, sizeof(*a));
    if ( l->path[0] )
    {
        a->un.sun_family = AF_UNIX;
        memcpy(a->un.sun_path, l->path, strlen(l->path));
        return sizeof(a->un);
    }
    if ( l->host[0] == '[' )
    {
        a->in6.sin6_family = AF_INET6;
        a->in6.sin6_port = htons(l->port);
        a->in6.sin6_addr = in6addr_loopback;
        return sizeof(a->in6);
    }
    a->in.sin_family = AF_INET;
    a->in.sin_port = htons(l->port);
    a->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    return sizeof(a->in);
}

/* A socket that was left behind: nobody answers. */
static void remove_stale(const struct fbc_listen *l, const union address *a,
                         socklen_t len)
{
    struct stat st;
    int fd;

    if ( lstat(l->path, &st) || !S_ISSOCK(st.st_mode) )
        return;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if ( fd < 0 )
        return;
    if ( connect(fd, &a->any, len) && errno == ECONNREFUSED )
        unlink(l->path);
    close(fd);
}

static int open_socket(struct fbc_listen *l, union address *a, socklen_t len)
{
    int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC |
                    SOCK_NONBLOCK, 0);
    int one = 1, rc;
    mode_t mask;

    if ( fd < 0 )
        return -1;
    if ( !l->path[0] )
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    mask = umask(0177);
    rc = bind(fd, &a->any, len);
    umask(mask);
    if ( rc || listen(fd, BACKLOG) ||
         (!l->path[0] && getsockname(fd, &a->any, &len)) )
    {
        rc = errno;
        close(fd);
        errno = rc;
        return -1;
    }

    return fd;
}

int fbc_listen_open(struct fbc_listen *l, struct fbc_error *e)
{
    char text[FBC_LISTEN_TEXT];
    union address a;
    socklen_t len = make_address(l, &a);
    int fd;

    if ( l->path[0] )
        remove_stale(l, &a, len);
    fd = open_socket(l, &a, len);
    if ( fd < 0 )
    {
        fbc_listen_text(l, text);
        return fbc_fail_errno(e, text);
    }
    if ( a.any.sa_family == AF_INET )
        l->port = ntohs(a.in.sin_port);
    else if ( a.any.sa_family == AF_INET6 )
        l->port = ntohs(a.in6.sin6_port);

    return fd;
}

void fbc_listen_text(const struct fbc_listen *l,
                     char text[static FBC_LISTEN_TEXT])
{
    if ( l->path[0] )
        snprintf(text, FBC_LISTEN_TEXT, "%s", l->path);
    else
        snprintf(text, FBC_LISTEN_TEXT, "%s:%u", l->host, l->port);
}
