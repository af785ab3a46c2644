/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands as connections, in the connector process. */
#include "lib/upstream/connector_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"

#define GRACE_MS 1000           /* from SIGTERM to SIGKILL */

static _Noreturn void exec_command(int end, const char *command)
{
    static const int reset[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE,
                                 SIGCHLD };
    sigset_t none;
    size_t i;

    setsid();
    for ( i = 0; i < sizeof(reset) / sizeof(reset[0]); i++ )
        signal(reset[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* The shell at least goes with us if we are killed. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if ( dup2(end, STDIN_FILENO) >= 0 && dup2(end, STDOUT_FILENO) >= 0 )
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

int fbc_command_start(struct fbc_command *c, const char *command,
                      struct fbc_error *e)
{
    int pair[2];
    pid_t pid;

    if ( socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) )
        return fbc_fail_errno(e, command);
    pid = fork();
    if ( !pid )
        exec_command(pair[1], command);
    if ( pid < 0 )
    {
        fbc_fail_errno(e, command);
        close(pair[0]);
        close(pair[1]);
        return -1;
    }
    /* Only ours may be: that of the command is what it expects. */
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    c->pid = pid;
    c->end = pair[1];

    return pair[0];
}

/* Has it ended?  Its process id stays taken until fbc_command_reap(). */
static bool ended(const struct fbc_command *c)
{
    siginfo_t info = { 0 };

    return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
           info.si_pid == c->pid;
}

void fbc_command_reap(struct fbc_command *c)
{
    if ( !c->pid || !ended(c) )
        return;
    kill(-c->pid, SIGKILL);     /* what it has left behind */
    waitpid(c->pid, NULL, 0);
    close(c->end);
    c->pid = 0;
}

void fbc_command_kill(struct fbc_command *c)
{
    const struct timespec pause = { .tv_nsec = 2000000 };
    uint64_t until = fbc_clock_ms() + GRACE_MS;

    if ( !c->pid )
        return;
    kill(-c->pid, SIGTERM);
    while ( !ended(c) && fbc_clock_ms() < until )
        nanosleep(&pause, NULL);
    kill(-c->pid, SIGKILL);
    while ( waitpid(c->pid, NULL, 0) < 0 && errno == EINTR )
        ;
    close(c->end);
    c->pid = 0;
}
