/* SPDX-License-Identifier: GPL-2.0-only */
/* Listening sockets of the key server. */
#include "lib/keyserver/keyserver_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_PASSED 3
#define BACKLOG      1024

/* ADDRESS and PORT of a text; false: malformed. */
static bool split(const char *text, char host[static 64], char port[static 8])
{
    const char *colon = strrchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;

    if ( !n || n >= 64 || strlen(colon + 1) >= 8 || !colon[1] ||
         strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
         strtoul(colon + 1, NULL, 10) > 65535 )
        return false;
    strcpy(port, colon + 1);
    memcpy(host, text, n);
    host[n] = '\0';
    if ( host[0] == '[' && host[n - 1] == ']' )
    {
        memmove(host, host + 1, n - 2);
        host[n - 2] = '\0';
        return strchr(host, ':');
    }

    return !strchr(host, ':');
}

static int listen_at(const struct addrinfo *ai, const char *address,
                     struct fbc_error *e)
{
    int one = 1, fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC |
                             SOCK_NONBLOCK, 0);

    if ( fd < 0 ||
         setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
         (ai->ai_family == AF_INET6 &&
          setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one))) ||
         bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, BACKLOG) )
    {
        fbc_fail_errno(e, address);
        if ( fd >= 0 )
            close(fd);
        return -1;
    }

    return fd;
}

static int own(const char *address, struct fbc_error *e)
{
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV |
                                          AI_PASSIVE,
                              .ai_socktype = SOCK_STREAM }, *ai = NULL;
    char host[64], port[8];
    int fd;

    if ( !split(address, host, port) ||
         getaddrinfo(host, port, &hints, &ai) )
        return fbc_fail(e, FBC_EXIT_USAGE, address,
                        "is not ADDRESS:PORT or [ADDRESS]:PORT");
    fd = listen_at(ai, address, e);
    freeaddrinfo(ai);

    return fd;
}

/* The socket that was passed to this process; -1: none; -2 and *e: bad. */
static int passed_socket(struct fbc_error *e)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    int yes = 0, type = 0, fd = FIRST_PASSED;
    socklen_t n = sizeof(yes), m = sizeof(type);

    if ( !pid || !fds || strtoul(pid, NULL, 10) != (unsigned long)getpid() )
        return -1;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");

    if ( strcmp(fds, "1") ||
         getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) || !yes ||
         getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &m) ||
         type != SOCK_STREAM || fcntl(fd, F_SETFD, FD_CLOEXEC) ||
         fcntl(fd, F_SETFL, O_NONBLOCK) )
    {
        fbc_fail(e, FBC_EXIT_ENV, "LISTEN_FDS",
                 "one listening stream socket must be passed");
        return -2;
    }

    return fd;
}

static void name_it(int fd, char text[static FBC_KS_LISTEN_TEXT])
{
    char host[46] = "?", port[8] = "?";
    struct sockaddr_storage sa;
    socklen_t n = sizeof(sa);

    if ( !getsockname(fd, (struct sockaddr *)&sa, &n) )
        (void)!getnameinfo((struct sockaddr *)&sa, n, host, sizeof(host),
                           port, sizeof(port),
                           NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(text, FBC_KS_LISTEN_TEXT, strchr(host, ':') ? "[%s]:%s"
             : "%s:%s", host, port);
}

int fbc_ks_listen_at(const char *address, char text[static FBC_KS_LISTEN_TEXT],
                     struct fbc_error *e)
{
    int fd = own(address, e);

    if ( fd >= 0 )
        name_it(fd, text);

    return fd;
}

int fbc_ks_listen(const char *address, char text[static FBC_KS_LISTEN_TEXT],
                  bool *passed, struct fbc_error *e)
{
    int fd = passed_socket(e);

    *passed = fd >= 0;
    if ( fd == -2 )
        return -1;
    if ( fd < 0 )
        fd = own(address, e);
    if ( fd >= 0 )
        name_it(fd, text);

    return fd;
}
