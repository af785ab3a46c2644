/* SPDX-License-Identifier: GPL-2.0-only */
/* The process that makes connections: real sockets, real commands. */
#include "vec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/upstream/connector.h"

#define WAIT_MS 30000

/* The answer, however long it takes within reason. */
static int answer(struct fbc_connector *c, int *fd, struct fbc_error *e)
{
    struct pollfd f = { .fd = fbc_connector_fd(c), .events = POLLIN };
    int rc;

    assert_true(fbc_connector_asked(c));
    assert_int_equal(poll(&f, 1, WAIT_MS), 1);
    rc = fbc_connector_answer(c, fd, e);
    assert_false(fbc_connector_asked(c));
    if ( !rc )
    {
        assert_true(*fd >= 0);
        assert_true(fcntl(*fd, F_GETFL) & O_NONBLOCK);
        assert_true(fcntl(*fd, F_GETFD) & FD_CLOEXEC);
    }

    return rc;
}

static int ask(struct fbc_connector *c, struct fbc_error *e)
{
    int fd = -1;

    assert_int_equal(fbc_connector_ask(c, e), 0);

    return answer(c, &fd, e) ? -1 : fd;
}

static struct fbc_connector *start(const char *address, unsigned int ms)
{
    struct fbc_connector *c;
    struct fbc_target t;
    struct fbc_error e;

    assert_int_equal(fbc_target_parse(address, &t, &e), 0);
    assert_int_equal(fbc_connector_start(&t, ms, &c, &e), 0);

    return c;
}

static struct fbc_connector *start_exec(const char *command)
{
    struct fbc_connector *c;
    struct fbc_target t;
    struct fbc_error e;

    assert_int_equal(fbc_target_exec(command, &t, &e), 0);
    assert_int_equal(fbc_connector_start(&t, 1000, &c, &e), 0);

    return c;
}

/* A line that comes; its end is cut off. */
static void read_line(int fd, char *line, size_t max)
{
    struct pollfd f = { .fd = fd, .events = POLLIN };
    size_t n = 0;

    do {
        assert_true(n < max);
        assert_int_equal(poll(&f, 1, WAIT_MS), 1);
        assert_int_equal(read(fd, line + n, 1), 1);
    } while ( line[n++] != '\n' );
    line[n - 1] = 0;
}

static void at_end(int fd)
{
    struct pollfd f = { .fd = fd, .events = POLLIN };
    char byte;

    assert_int_equal(poll(&f, 1, WAIT_MS), 1);
    assert_int_equal(read(fd, &byte, 1), 0);
}

static bool gone(pid_t pid)
{
    char path[40], state = 'Z';
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    f = fopen(path, "r");
    if ( f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1 )
        state = 'Z';
    if ( f )
        fclose(f);

    return state == 'Z';
}

static void wait_gone(pid_t pid)
{
    const struct timespec pause = { .tv_nsec = 5000000 };
    unsigned int i;

    assert_true(pid > 1);
    for ( i = 0; i < WAIT_MS / 5 && !gone(pid); i++ )
        nanosleep(&pause, NULL);
    assert_true(gone(pid));
}

static void addresses(void **state)
{
    static const struct {
        const char *text, *host, *port;
        int kind;               /* -1: refused */
    } cases[] = {
        { "dom0:5900", "dom0", "5900", FBC_TARGET_TCP },
        { "dom0:0", "dom0", "5900", FBC_TARGET_TCP },
        { "dom0:7", "dom0", "5907", FBC_TARGET_TCP },
        { "dom0:99", "dom0", "5999", FBC_TARGET_TCP },
        { "dom0:100", "dom0", "100", FBC_TARGET_TCP },
        { "dom0::7", "dom0", "7", FBC_TARGET_TCP },
        { "127.0.0.1::65535", "127.0.0.1", "65535", FBC_TARGET_TCP },
        { "[::1]:5901", "::1", "5901", FBC_TARGET_TCP },
        { "[fe80::1%eth0]::80", "fe80::1%eth0", "80", FBC_TARGET_TCP },
        { "/run/vnc.sock", "", "", FBC_TARGET_UNIX },
        { "./vnc:1", "", "", FBC_TARGET_UNIX },
        { "", NULL, NULL, -1 },
        { "dom0", NULL, NULL, -1 },
        { ":5900", NULL, NULL, -1 },
        { "dom0:", NULL, NULL, -1 },
        { "dom0::", NULL, NULL, -1 },
        { "dom0::0", NULL, NULL, -1 },
        { "dom0:65536", NULL, NULL, -1 },
        { "dom0:100000", NULL, NULL, -1 },
        { "dom0:-1", NULL, NULL, -1 },
        { "dom0:+1", NULL, NULL, -1 },
        { "dom0: 1", NULL, NULL, -1 },
        { "dom0:5900x", NULL, NULL, -1 },
        { "dom0:::5900", NULL, NULL, -1 },
        { "::1:5900", NULL, NULL, -1 },
        { "[::1]", NULL, NULL, -1 },
        { "[::1:5900", NULL, NULL, -1 },
        { "[]:5900", NULL, NULL, -1 },
    };
    struct fbc_target t;
    struct fbc_error e;
    char longer[2000];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        int rc = fbc_target_parse(cases[i].text, &t, &e);

        if ( cases[i].kind < 0 )
        {
            assert_int_equal(rc, -1);
            assert_int_equal(e.status, FBC_EXIT_USAGE);
            continue;
        }
        if ( rc )
            fail_msg("%s: %s", cases[i].text, e.why);
        assert_int_equal(t.kind, (enum fbc_target_kind)cases[i].kind);
        assert_string_equal(t.host, cases[i].host);
        assert_string_equal(t.port, cases[i].port);
        assert_string_equal(t.text, cases[i].text);
    }

    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = 0;
    assert_int_equal(fbc_target_parse(longer, &t, &e), -1);
    assert_int_equal(fbc_target_exec(longer, &t, &e), -1);
    assert_int_equal(fbc_target_exec("", &t, &e), -1);
    longer[300] = 0;
    memcpy(longer + 290, ":5900", 6);
    assert_int_equal(fbc_target_parse(longer, &t, &e), -1);
    longer[0] = '/';
    assert_int_equal(fbc_target_parse(longer, &t, &e), -1);
}

static int loopback(char *text, size_t len, int backlog)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t a_len = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, a_len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &a_len), 0);
    if ( backlog >= 0 )
        assert_int_equal(listen(fd, backlog), 0);
    snprintf(text, len, "127.0.0.1::%u", ntohs(a.sin_port));

    return fd;
}

static void tcp_refused_then_connected(void **state)
{
    char text[40], line[20];
    struct fbc_connector *c;
    struct fbc_error e;
    int listener, fd, peer;

    (void)state;
    listener = loopback(text, sizeof(text), -1);
    c = start(text, 5000);
    assert_int_equal(ask(c, &e), -1);
    assert_false(fbc_connector_dead(c));
    assert_int_equal(e.status, FBC_EXIT_ENV);
    assert_string_equal(e.what, text);
    assert_string_equal(e.why, strerror(ECONNREFUSED));

    assert_int_equal(listen(listener, 5), 0);
    fd = ask(c, &e);
    assert_true(fd >= 0);
    peer = accept(listener, NULL, NULL);
    assert_true(peer >= 0);
    assert_int_equal(write(peer, "hello\n", 6), 6);
    read_line(fd, line, sizeof(line));
    assert_string_equal(line, "hello");
    close(peer);
    at_end(fd);
    close(fd);

    /* Nobody but we hold the connection. */
    fd = ask(c, &e);
    assert_true(fd >= 0);
    peer = accept(listener, NULL, NULL);
    close(fd);
    at_end(peer);
    close(peer);
    close(listener);
    fbc_connector_stop(c);
}

static void no_answer_in_time(void **state)
{
    char text[40];
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct fbc_connector *c;
    struct fbc_error e;
    int listener, fill[4], fd;
    size_t i;

    (void)state;
    /* Whose queue is full: the kernel drops what comes after. */
    listener = loopback(text, sizeof(text), 0);
    a.sin_port = htons((uint16_t)atoi(strrchr(text, ':') + 1));
    for ( i = 0; i < 4; i++ )
    {
        fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                         0);
        (void)!connect(fill[i], (struct sockaddr *)&a, sizeof(a));
    }
    c = start(text, 100);
    assert_int_equal(fbc_connector_answer(c, &fd, &e), 0);
    assert_int_equal(fd, -1);
    assert_int_equal(ask(c, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_TIMEOUT);
    fbc_connector_stop(c);

    /* And it can be stopped meanwhile. */
    c = start(text, 3600000);
    assert_int_equal(fbc_connector_ask(c, &e), 0);
    fbc_connector_stop(c);
    for ( i = 0; i < 4; i++ )
        close(fill[i]);
    close(listener);
}

/* A name that no server need be asked for. */
static void unknown_host(void **state)
{
    struct fbc_connector *c = start("a..b:5900", 1000);
    struct fbc_error e;

    (void)state;
    assert_int_equal(ask(c, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_ENV);
    assert_true(strlen(e.why) > 5);
    fbc_connector_stop(c);
}

static void unix_socket(void **state)
{
    char dir[] = "/tmp/fbc-connector-XXXXXX", path[60], line[20];
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd, peer;
    struct fbc_connector *c;
    struct fbc_error e;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/vnc", dir);
    c = start(path, 1000);
    assert_int_equal(ask(c, &e), -1);
    assert_string_equal(e.why, strerror(ENOENT));
    strcpy(a.sun_path, path);
    assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(listen(listener, 5), 0);
    fd = ask(c, &e);
    assert_true(fd >= 0);
    peer = accept(listener, NULL, NULL);
    assert_int_equal(write(fd, "up\n", 3), 3);
    read_line(peer, line, sizeof(line));
    assert_string_equal(line, "up");
    close(fd);
    at_end(peer);
    close(peer);
    close(listener);
    fbc_connector_stop(c);
    unlink(path);
    rmdir(dir);
}

static void command_is_the_connection(void **state)
{
    struct fbc_connector *c = start_exec("cat");
    struct fbc_error e;
    char line[20];
    int fd;

    (void)state;
    fd = ask(c, &e);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "there and back\n", 15), 15);
    read_line(fd, line, sizeof(line));
    assert_string_equal(line, "there and back");
    /* cat ends by itself when its input does. */
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    at_end(fd);
    close(fd);
    fbc_connector_stop(c);
}

static void command_that_ends(void **state)
{
    static const char *const commands[] = { "exit 3", "/no/such/command",
                                            "echo x; sleep 1000 &" };
    struct fbc_error e;
    size_t i;

    (void)state;
    for ( i = 0; i < 3; i++ )
    {
        struct fbc_connector *c = start_exec(commands[i]);
        int fd = ask(c, &e);
        char line[20];

        assert_true(fd >= 0);
        if ( i == 2 )
            read_line(fd, line, sizeof(line));
        at_end(fd);
        close(fd);
        /* And again. */
        fd = ask(c, &e);
        assert_true(fd >= 0);
        close(fd);
        fbc_connector_stop(c);
    }
}

static pid_t read_pid(int fd)
{
    char line[20];

    read_line(fd, line, sizeof(line));

    return (pid_t)atoi(line);
}

static void command_is_killed_on_close(void **state)
{
    static const char *const commands[] = {
        "echo $$; exec sleep 1000",
        "sleep 1000 & echo $!; wait",
        "trap '' TERM; echo $$; while :; do sleep 1; done",
    };
    struct fbc_error e;
    size_t i;

    (void)state;
    for ( i = 0; i < 3; i++ )
    {
        struct fbc_connector *c = start_exec(commands[i]);
        int fd = ask(c, &e);
        pid_t pid = read_pid(fd);

        assert_false(gone(pid));
        close(fd);
        wait_gone(pid);
        fbc_connector_stop(c);
    }
}

static void next_command_ends_the_last(void **state)
{
    struct fbc_connector *c = start_exec("echo $$; exec sleep 1000");
    struct fbc_error e;
    int first = ask(c, &e), second;
    pid_t pid[2];

    (void)state;
    pid[0] = read_pid(first);
    second = ask(c, &e);
    pid[1] = read_pid(second);
    wait_gone(pid[0]);
    at_end(first);
    assert_false(gone(pid[1]));
    close(first);
    fbc_connector_stop(c);
    wait_gone(pid[1]);
    at_end(second);
    close(second);
}

/* The command tells its parent, the connector, and itself. */
static void ends_with_its_tool(void **state)
{
    int out[2], status;
    pid_t tool, connector, command;
    struct fbc_error e;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_int_equal(pipe(out), 0);
    tool = fork();
    assert_true(tool >= 0);
    if ( !tool )
    {
        struct fbc_connector *c = start_exec("echo $PPID; echo $$; "
                                             "exec sleep 1000");
        char text[100];
        int fd, n;

        fd = ask(c, &e);
        connector = read_pid(fd);
        n = snprintf(text, sizeof(text), "%d\n%d\n", (int)connector,
                     (int)read_pid(fd));
        (void)!write(out[1], text, (size_t)n);
        pause();
        _exit(0);
    }
    connector = read_pid(out[0]);
    command = read_pid(out[0]);
    assert_false(gone(connector));
    assert_false(gone(command));
    assert_int_equal(kill(connector, SIGINT), 0);       /* of no effect */
    assert_int_equal(kill(connector, SIGTERM), 0);
    assert_int_equal(kill(tool, SIGKILL), 0);
    assert_int_equal(waitpid(tool, &status, 0), tool);
    wait_gone(connector);
    wait_gone(command);
    while ( waitpid(-1, NULL, WNOHANG) > 0 )
        ;
    close(out[0]);
    close(out[1]);
}

static void its_death_is_noticed(void **state)
{
    struct fbc_connector *c = start_exec("echo $PPID; echo $$; "
                                         "exec sleep 1000");
    struct fbc_error e;
    int fd = ask(c, &e);
    pid_t connector = read_pid(fd), command = read_pid(fd);
    struct pollfd f = { .fd = fbc_connector_fd(c), .events = POLLIN };

    (void)state;
    assert_int_equal(kill(connector, SIGKILL), 0);
    assert_int_equal(poll(&f, 1, WAIT_MS), 1);
    assert_int_equal(fbc_connector_answer(c, &fd, &e), -1);
    assert_true(fbc_connector_dead(c));
    assert_int_equal(fbc_connector_ask(c, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_ENV);
    wait_gone(command);
    fbc_connector_stop(c);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(tcp_refused_then_connected),
        cmocka_unit_test(no_answer_in_time),
        cmocka_unit_test(unknown_host),
        cmocka_unit_test(unix_socket),
        cmocka_unit_test(command_is_the_connection),
        cmocka_unit_test(command_that_ends),
        cmocka_unit_test(command_is_killed_on_close),
        cmocka_unit_test(next_command_ends_the_last),
        cmocka_unit_test(ends_with_its_tool),
        cmocka_unit_test(its_death_is_noticed),
    };

    signal(SIGPIPE, SIG_IGN);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
