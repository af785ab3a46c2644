/* SPDX-License-Identifier: GPL-2.0-only */
/* The connector process. */
#include "lib/upstream/connector_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* fd < 0: e says why. */
static void answer(int link, int fd, const struct fbc_error *e)
{
    union {
        char buf[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { { 0 } };
    struct fbc_error out = { .status = FBC_EXIT_OK };
    struct iovec iov = { &out, sizeof(out) };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
    struct cmsghdr *h;

    if ( fd < 0 )
        out = *e;
    else
    {
        m.msg_control = control.buf;
        m.msg_controllen = sizeof(control.buf);
        h = CMSG_FIRSTHDR(&m);
        h->cmsg_level = SOL_SOCKET;
        h->cmsg_type = SCM_RIGHTS;
        h->cmsg_len = CMSG_LEN(sizeof(fd));
        memcpy(CMSG_DATA(h), &fd, sizeof(fd));
    }
    if ( sendmsg(link, &m, MSG_NOSIGNAL) < 0 )
        _exit(0);
    if ( fd >= 0 )
        close(fd);
}

/* Nothing of the tool but standard error; link becomes 3. */
static int isolate(int link)
{
    int high = fcntl(link, F_DUPFD_CLOEXEC, 4);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if ( high < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
         dup2(null, STDOUT_FILENO) < 0 || dup3(high, 3, O_CLOEXEC) < 0 )
        _exit(1);
    close_range(4, ~0u, 0);

    return 3;
}

/* Children's deaths as a file descriptor. */
static int watch_children(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_SETMASK, &set, NULL);

    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void fbc_connector_run(int link, const struct fbc_target *t,
                       unsigned int timeout_ms)
{
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
                                   SIGPIPE };
    struct fbc_command command = { 0, -1 };
    struct fbc_target target = *t;
    struct fbc_error e;
    int children, fd;
    char ask;
    size_t i;

    /* It ends with the tool, not by what the terminal sends to both. */
    for ( i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++ )
        signal(ignored[i], SIG_IGN);
    prctl(PR_SET_NAME, "fbc-connector");
    link = isolate(link);
    children = watch_children();
    if ( children < 0 )
        _exit(1);

    for ( ; ; )
    {
        struct pollfd p[] = {
            { .fd = link, .events = POLLIN },
            { .fd = children, .events = POLLIN },
            { .fd = command.pid ? command.end : -1 },  /* closed by the tool */
        };
        struct signalfd_siginfo info;
        ssize_t n;

        if ( poll(p, 3, -1) < 0 )
        {
            if ( errno == EINTR )
                continue;
            break;
        }
        if ( p[1].revents )
        {
            while ( read(children, &info, sizeof(info)) > 0 )
                ;
            fbc_command_reap(&command);
        }
        if ( p[2].revents & (POLLHUP | POLLERR) )
            fbc_command_kill(&command);
        if ( !p[0].revents )
            continue;

        n = recv(link, &ask, 1, 0);
        if ( n < 0 && errno == EINTR )
            continue;
        if ( n != 1 || ask != FBC_CONNECTOR_ASK )
            break;
        fbc_command_kill(&command);
        fd = target.kind == FBC_TARGET_EXEC
             ? fbc_command_start(&command, target.path, &e)
             : fbc_connector_dial(link, &target, timeout_ms, &e);
        answer(link, fd, &e);
    }

    fbc_command_kill(&command);
    _exit(0);
}
