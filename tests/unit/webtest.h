/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A web side with files of its own, its clock in hand, and clients in the same
 * process.
 */
#ifndef FBC_TEST_WEBTEST_H
#define FBC_TEST_WEBTEST_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/viewers/web.h"

#define PORT 5999
#define PAGE "<!DOCTYPE html>\n"
#define HOST "Host: 127.0.0.1:5999\r\n"
#define ORIGIN "Origin: http://127.0.0.1:5999\r\n"
#define UPGRADE "Connection: Upgrade\r\nUpgrade: websocket\r\n" \
                "Sec-WebSocket-Version: 13\r\n" \
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define BIG ((1u << 20) + 12345)

static struct fbc_web *web;
static char token[33];
static int root;                /* directory */
static uint64_t now;            /* ms */
static int viewer = -1;         /* the last one that was handed over */
static bool viewer_web, viewer_greeted, viewer_refused;
static unsigned int viewers;

static int take_viewer(void *ctx, int fd, bool is_web, bool greeted)
{
    assert_ptr_equal(ctx, &viewers);
    if ( viewer_refused )
    {
        close(fd);
        return -1;
    }
    if ( viewer >= 0 )
        close(viewer);
    viewer = fd;
    viewer_web = is_web;
    viewer_greeted = greeted;
    viewers++;

    return 0;
}

static uint64_t clock_ms(void *ctx)
{
    (void)ctx;
    return now;
}

static void put_file(const char *name, size_t len)
{
    int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    size_t i;

    assert_true(fd >= 0);
    for ( i = 0; i < len; i += 5 )
        assert_true(write(fd, "0123\n", len - i < 5 ? len - i : 5) > 0);
    close(fd);
}

/* The directory that is served, and beside it what must not be. */
static int make_files(void **state)
{
    char path[] = "/tmp/fbc-web-XXXXXX";
    int outside, fd;

    (void)state;
    assert_non_null(mkdtemp(path));
    outside = open(path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(mkdirat(outside, "root", 0755), 0);
    root = openat(outside, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(root, "app", 0755), 0);
    assert_int_equal(mkdirat(root, "dir.js", 0755), 0);
    assert_int_equal(mkfifoat(root, "fifo.js", 0644), 0);
    fd = openat(root, "vnc.html", O_WRONLY | O_CREAT, 0644);
    assert_int_equal(write(fd, PAGE, sizeof(PAGE) - 1), sizeof(PAGE) - 1);
    close(fd);
    put_file("app/ui.js", 10);
    put_file("app/a b.css", 3);
    put_file("empty.svg", 0);
    put_file("out.png", 65536);
    put_file("big.json", BIG);
    put_file(".hidden.js", 5);
    put_file("owner.key", 5);
    put_file("noext", 5);
    put_file("../secret.js", 5);
    assert_int_equal(symlinkat("vnc.html", root, "same.html"), 0);
    assert_int_equal(symlinkat("../secret.js", root, "link.js"), 0);
    assert_int_equal(symlinkat("/etc", root, "etc"), 0);
    assert_int_equal(symlinkat("..", root, "up"), 0);
    assert_int_equal(symlinkat("loop.js", root, "loop.js"), 0);
    close(outside);
    *state = strdup(path);

    return 0;
}

static int remove_files(void **state)
{
    char command[80];

    snprintf(command, sizeof(command), "rm -r %s", (char *)*state);
    close(root);
    free(*state);

    return system(command);
}

static int setup(void **state)
{
    struct fbc_web_opts o = { .dir = root, .host = "127.0.0.1", .port = PORT,
                              .viewer = take_viewer, .ctx = &viewers,
                              .clock_ms = clock_ms };
    char url[FBC_WEB_URL_TEXT];
    struct fbc_error e;

    (void)state;
    now = 1000;
    viewers = 0;
    viewer_refused = false;
    web = fbc_web_new(&o, &e);
    assert_non_null(web);
    fbc_web_url(web, url);
    assert_int_equal(strlen(url) > 32, 1);
    strcpy(token, url + strlen(url) - 32);

    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fbc_web_free(web);
    if ( viewer >= 0 )
        close(viewer);
    viewer = -1;

    return 0;
}

/* One look at all connections; true when there was something to do. */
static bool turn(void)
{
    struct pollfd fds[FBC_WEB_POLLFDS];
    size_t n = fbc_web_pollfds(web, fds);
    int ready = poll(fds, n, 0);

    assert_true(ready >= 0);
    fbc_web_io(web, fds, n);

    return ready > 0;
}

static int connection(void)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    fbc_web_accept(web, pair[1]);

    return pair[0];
}

static void say(int fd, const void *data, size_t len)
{
    assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), len);
}

/* What comes until the peer closes or has nothing more to do. */
static size_t hear(int fd, char *buf, size_t size, bool *closed)
{
    size_t len = 0;
    unsigned int idle = 0;
    ssize_t n;

    *closed = false;
    while ( idle < 3 && len < size - 1 )
    {
        idle = turn() ? 0 : idle + 1;
        n = recv(fd, buf + len, size - 1 - len, 0);
        if ( n > 0 )
            idle = 0;
        if ( n == 0 || (n < 0 && errno != EAGAIN) )
        {
            *closed = true;
            break;
        }
        len += n > 0 ? (size_t)n : 0;
    }
    buf[len] = '\0';

    return len;
}

static char answer[BIG + 4096];

/* A request on a connection of its own; returns the status. */
static int ask(const char *text)
{
    bool closed;
    int fd = connection(), status = 0;

    say(fd, text, strlen(text));
    hear(fd, answer, sizeof(answer), &closed);
    if ( sscanf(answer, "HTTP/1.1 %d ", &status) != 1 )
        fail_msg("no answer to %s", text);
    if ( status != 101 && !closed )
        fail_msg("left open after %s", text);
    close(fd);
    turn();

    return status;
}

static int ask_f(const char *format, ...)
{
    char text[1000];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);

    return ask(text);
}

static const char *body(void)
{
    const char *p = strstr(answer, "\r\n\r\n");

    assert_non_null(p);

    return p + 4;
}

#define WEB_TEST(title, function) { title, function, setup, teardown, NULL }

#endif /* FBC_TEST_WEBTEST_H */
