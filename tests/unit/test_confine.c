/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a confined process cannot do any more, and what it still can.  Each is
 * tried in a child, which ends with 0 (done), 1 (refused) or by SIGSYS.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vec.h"

#include "lib/proxy/confine.h"

#define KILLED 159

static char dir_path[] = "/tmp/test_confine.XXXXXX";
static int dir;                 /* open on it; it holds a file and a socket */
static int datagrams, listener; /* that socket; one of TCP */

/* 0: done. */
typedef int (*deed)(void);

static int confined(deed what, int d)
{
    struct fbc_confined c;
    struct fbc_error e;
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if ( !pid )
    {
        alarm(30);
        if ( fbc_confine(d, &c, &e) )
            _exit(99);
        _exit(what() != 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);

    return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                               : WEXITSTATUS(status);
}

/* The kernel of a test machine may not have it. */
static bool landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

static int do_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int do_connect(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET };

    return connect(0, (struct sockaddr *)&a, sizeof(a));
}

static int do_exec(void)
{
    return execl("/bin/true", "true", NULL);
}

static int do_fork(void)
{
    pid_t pid = fork();

    if ( !pid )
        _exit(0);

    return pid < 0;
}

static int do_write_file(void)
{
    char path[40];

    snprintf(path, sizeof(path), "%s/out", dir_path);

    return open(path, O_WRONLY | O_CREAT, 0600) < 0;
}

static int do_read_write_file(void)
{
    return open("/dev/null", O_RDWR) < 0;
}

static int do_unlink(void)
{
    char path[40];

    snprintf(path, sizeof(path), "%s/none", dir_path);

    return unlink(path);
}

static int do_ptrace(void)
{
    return ptrace(PTRACE_ATTACH, getppid(), 0, 0) != 0;
}

static int do_io_uring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL) < 0;
}

/* To whoever listens at a path, as a system's log does. */
static int do_send_to_path(void)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };

    snprintf(a.sun_path, sizeof(a.sun_path), "%s/socket", dir_path);

    return sendto(datagrams, "x", 1, 0, (struct sockaddr *)&a,
                  sizeof(a)) != 1;
}

static int do_send_message(void)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    struct msghdr m = { .msg_name = &a, .msg_namelen = sizeof(a) };

    snprintf(a.sun_path, sizeof(a.sun_path), "%s/socket", dir_path);

    return sendmsg(datagrams, &m, 0) != 0;
}

/* A listener that is shut down connects, if it is sent something. */
static int do_fast_open(void)
{
    struct sockaddr_in a;
    socklen_t len = sizeof(a);

    if ( getsockname(listener, (struct sockaddr *)&a, &len) ||
         shutdown(listener, SHUT_RDWR) )
        return 1;

    return sendto(listener, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&a,
                  len) != 1;
}

static void reaching_out_is_the_end(void **state)
{
    static const deed deeds[] = {
        do_socket, do_connect, do_exec, do_fork, do_write_file,
        do_read_write_file, do_unlink, do_ptrace, do_io_uring,
        do_send_to_path, do_send_message, do_fast_open,
    };
    char path[40];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++ )
        assert_int_equal(confined(deeds[i], -1), KILLED);
    snprintf(path, sizeof(path), "%s/out", dir_path);
    assert_int_equal(access(path, F_OK), -1);
}

static int do_read_passwd(void)
{
    return open("/etc/passwd", O_RDONLY) < 0;
}

static int do_kill(void)
{
    return kill(getppid(), 0);
}

static int do_executable(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int do_make_executable(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static int do_socketpair_inet(void)
{
    int pair[2];

    return socketpair(AF_INET, SOCK_STREAM, 0, pair);
}

static int do_socketpair_datagram(void)
{
    int pair[2];

    return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair);
}

static int do_set_owner(void)
{
    return fcntl(listener, F_SETOWN, getppid());
}

static int openat2(int d, const char *path, uint64_t flags)
{
    struct { uint64_t flags, mode, resolve; } how = { flags, 0, 0 };

    return (int)syscall(SYS_openat2, d, path, &how, sizeof(how));
}

static int do_openat2(void)
{
    return openat2(dir, "file", O_RDONLY) < 0;
}

static void the_rest_is_refused(void **state)
{
    static const deed deeds[] = {
        do_read_passwd, do_kill, do_executable, do_make_executable,
        do_socketpair_inet, do_socketpair_datagram, do_set_owner, do_openat2,
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++ )
        assert_int_equal(confined(deeds[i], -1), 1);
}

static int do_openat2_write(void)
{
    return openat2(dir, "file", O_RDWR) < 0;
}

static int do_openat2_out(void)
{
    return openat2(dir, "../../etc/passwd", O_RDONLY) < 0;
}

static int do_openat2_elsewhere(void)
{
    return openat2(AT_FDCWD, "/etc/passwd", O_RDONLY) < 0;
}

static void files_below_one_directory_can_be_read(void **state)
{
    (void)state;
    assert_int_equal(confined(do_openat2, dir), 0);
    assert_int_equal(confined(do_openat2_elsewhere, dir), 1);
    if ( !landlock() )
        return;             /* seccomp cannot tell these two apart */
    assert_int_equal(confined(do_openat2_write, dir), 1);
    assert_int_equal(confined(do_openat2_out, dir), 1);
}

/* All that the proxy does when it runs. */
static int do_daily_work(void)
{
    struct timespec now, pause = { 0, 1 };
    struct rlimit core = { 1, 1 };
    int pair[2], fd, one = 1, n = 0;
    char buf[64];
    void *p;
    fd_set set;

    n |= socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
    n |= write(pair[0], "x", 1) != 1 || recv(pair[1], buf, 1, 0) != 1;
    FD_ZERO(&set);
    FD_SET(pair[0], &set);
    n |= select(pair[0] + 1, NULL, &set, NULL, NULL) != 1;
    fd = memfd_create("m", MFD_CLOEXEC);
    n |= fd < 0 || pwrite(fd, buf, 64, 0) != 64 || ftruncate(fd, 10) ||
         lseek(fd, 0, SEEK_SET) != 0;
    p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    n |= p == MAP_FAILED || munmap(p, 4096);
    p = malloc(1 << 24);
    n |= !p;
    free(p);
    n |= setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) &&
         errno == EPERM;
    n |= clock_gettime(CLOCK_MONOTONIC, &now) || nanosleep(&pause, NULL);
    n |= send(pair[0], "x", 1, MSG_NOSIGNAL) != 1 ||
         fcntl(pair[0], F_SETFL, fcntl(pair[0], F_GETFL)) ||
         fcntl(pair[0], F_SETFD, fcntl(pair[0], F_GETFD));
    n |= printf("%s", "") < 0 || fflush(stdout);
    /* No dump, and no way back. */
    n |= prctl(PR_GET_DUMPABLE) == 1 ||
         !setrlimit(RLIMIT_CORE, &core);

    return n;
}

static void what_is_needed_still_works(void **state)
{
    (void)state;
    assert_int_equal(confined(do_daily_work, -1), 0);
    assert_int_equal(confined(do_daily_work, dir), 0);
}

static int setup(void **state)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd;

    (void)state;
    if ( !mkdtemp(dir_path) )
        return -1;
    dir = open(dir_path, O_RDONLY | O_DIRECTORY);
    fd = openat(dir, "file", O_WRONLY | O_CREAT, 0600);
    snprintf(at.sun_path, sizeof(at.sun_path), "%s/socket", dir_path);
    datagrams = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if ( dir < 0 || fd < 0 || datagrams < 0 || listener < 0 ||
         bind(datagrams, (struct sockaddr *)&at, sizeof(at)) ||
         bind(listener, (struct sockaddr *)&in, sizeof(in)) ||
         listen(listener, 1) )
        return -1;

    return close(fd);
}

static int teardown(void **state)
{
    (void)state;
    unlinkat(dir, "file", 0);
    unlinkat(dir, "socket", 0);
    close(datagrams);
    close(listener);
    close(dir);

    return rmdir(dir_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaching_out_is_the_end),
        cmocka_unit_test(the_rest_is_refused),
        cmocka_unit_test(files_below_one_directory_can_be_read),
        cmocka_unit_test(what_is_needed_still_works),
    };

    return cmocka_run_group_tests_name("confine", tests, setup, teardown);
}
