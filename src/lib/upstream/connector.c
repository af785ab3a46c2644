/* SPDX-License-Identifier: GPL-2.0-only */
/* The tool's side of its connector process. */
#include "lib/upstream/connector_int.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"

#define END_MS 3000             /* the process has so long to end by itself */

struct fbc_connector {
    pid_t pid;
    int link;
    bool asked, dead;
};

static const char name[] = "connector";

int fbc_connector_start(const struct fbc_target *t, unsigned int timeout_ms,
                        struct fbc_connector **c, struct fbc_error *e)
{
    struct fbc_connector *n = calloc(1, sizeof(*n));
    int pair[2];

    if ( !n )
        return fbc_fail(e, FBC_EXIT_ENV, name, "no memory");
    if ( socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) )
    {
        fbc_fail_errno(e, name);
        free(n);
        return -1;
    }
    n->pid = fork();
    if ( n->pid < 0 )
    {
        fbc_fail_errno(e, name);
        close(pair[0]);
        close(pair[1]);
        free(n);
        return -1;
    }
    if ( !n->pid )
        fbc_connector_run(pair[1], t, timeout_ms);

    close(pair[1]);
    n->link = pair[0];
    *c = n;

    return 0;
}

void fbc_connector_stop(struct fbc_connector *c)
{
    const struct timespec pause = { .tv_nsec = 2000000 };
    uint64_t end = fbc_clock_ms() + END_MS;
    pid_t rc;

    if ( !c )
        return;
    close(c->link);
    while ( (rc = waitpid(c->pid, NULL, WNOHANG)) == 0 &&
            fbc_clock_ms() < end )
        nanosleep(&pause, NULL);
    if ( !rc && !kill(c->pid, SIGKILL) )
        waitpid(c->pid, NULL, 0);
    free(c);
}

static int died(struct fbc_connector *c, struct fbc_error *e)
{
    c->dead = true;
    c->asked = false;

    return fbc_fail(e, FBC_EXIT_ENV, name, "its process has died");
}

int fbc_connector_ask(struct fbc_connector *c, struct fbc_error *e)
{
    const char ask = FBC_CONNECTOR_ASK;
    ssize_t n;

    do {
        n = send(c->link, &ask, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while ( n < 0 && errno == EINTR );
    if ( n != 1 )
        return died(c, e);
    c->asked = true;

    return 0;
}

int fbc_connector_fd(const struct fbc_connector *c)
{
    return c->link;
}

bool fbc_connector_asked(const struct fbc_connector *c)
{
    return c->asked;
}

bool fbc_connector_dead(const struct fbc_connector *c)
{
    return c->dead;
}

/* Room for one descriptor: the kernel closes what does not fit. */
static int take_fd(struct msghdr *m)
{
    struct cmsghdr *h = CMSG_FIRSTHDR(m);
    int fd = -1;

    if ( h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
         h->cmsg_len == CMSG_LEN(sizeof(fd)) )
        memcpy(&fd, CMSG_DATA(h), sizeof(fd));

    return fd;
}

int fbc_connector_answer(struct fbc_connector *c, int *fd,
                         struct fbc_error *e)
{
    union {
        char buf[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct fbc_error answer;
    struct iovec iov = { &answer, sizeof(answer) };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
                        .msg_control = control.buf,
                        .msg_controllen = sizeof(control.buf) };
    ssize_t n = recvmsg(c->link, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    int got;

    if ( n < 0 && (errno == EAGAIN || errno == EINTR) )
    {
        *fd = -1;
        return 0;
    }
    got = n < 0 ? -1 : take_fd(&m);
    if ( n != sizeof(answer) )
    {
        if ( got >= 0 )
            close(got);
        return died(c, e);
    }

    c->asked = false;
    if ( got >= 0 )
    {
        *fd = got;
        return 0;
    }
    *e = answer;
    e->what[sizeof(e->what) - 1] = 0;
    e->why[sizeof(e->why) - 1] = 0;
    e->hint[sizeof(e->hint) - 1] = 0;

    return -1;
}
