/* SPDX-License-Identifier: GPL-2.0-only */
/* The web side: WebSockets, bridged to a viewer's socket. */
#include "webtest.h"

#include "parse/web/ws.h"

static void handshakes(void **state)
{
    static const struct { const char *method, *headers; int status; }
    cases[] = {
        { "GET", "", 426 },
        { "HEAD", UPGRADE, 405 },
        { "GET", "Connection: close\r\nUpgrade: websocket\r\n", 426 },
        { "GET", "Connection: Upgrade\r\nUpgrade: h2c\r\n", 426 },
        { "GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                 "Sec-WebSocket-Version: 8\r\n", 426 },
        { "GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                 "Sec-WebSocket-Version: 13\r\n", 400 },
        { "GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: abc\r\n",
          400 },
        { "GET", UPGRADE "Sec-WebSocket-Protocol: base64\r\n", 400 },
        { "GET", UPGRADE "Sec-WebSocket-Protocol: base64, binary\r\n", 101 },
        { "GET", UPGRADE, 101 },
    };
    bool offered;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        viewers = 0;
        if ( ask_f("%s /websockify?token=%s HTTP/1.1\r\n" HOST ORIGIN "%s"
                   "\r\n", cases[i].method, token, cases[i].headers) !=
             cases[i].status )
            fail_msg("%s: %.20s", cases[i].headers, answer);
        assert_int_equal(viewers, cases[i].status == 101);
        offered = strstr(cases[i].headers, "Protocol");
        if ( cases[i].status == 426 )
            assert_non_null(strstr(answer, "\r\nSec-WebSocket-Version: 13\r"));
        if ( cases[i].status != 101 )
            continue;
        /* RFC 6455 1.3 */
        assert_non_null(strstr(answer, "\r\nSec-WebSocket-Accept: "
                               "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        assert_int_equal(strstr(answer, "\r\nSec-WebSocket-Protocol: "
                                "binary\r\n") != NULL, offered);
        assert_null(strstr(answer, "Extensions"));
        assert_true(viewer_web);
    }

    viewer_refused = true;
    assert_int_equal(ask_f("GET /websockify?token=%s HTTP/1.1\r\n" HOST ORIGIN
                           UPGRADE "\r\n", token), 503);
}

/* An open WebSocket; its other end is viewer. */
static int open_socket(void)
{
    char text[500];
    bool closed;
    int fd = connection();

    snprintf(text, sizeof(text), "GET /websockify?token=%s HTTP/1.1\r\n" HOST
             ORIGIN UPGRADE "\r\n", token);
    say(fd, text, strlen(text));
    hear(fd, answer, sizeof(answer), &closed);
    assert_non_null(strstr(answer, " 101 "));
    assert_string_equal(body(), "");
    assert_false(closed);

    return fd;
}

/* A client's frame; returns its length. */
static size_t frame(uint8_t *out, uint8_t first, const void *payload,
                    size_t len)
{
    static const uint8_t mask[4] = { 1, 0x80, 0xff, 7 };
    size_t n = fbc_ws_header(out, FBC_WS_BINARY, len), i;

    out[0] = first;
    out[1] |= 0x80;
    memcpy(out + n, mask, 4);
    n += 4;
    for ( i = 0; i < len; i++ )
        out[n++] = ((const uint8_t *)payload)[i] ^ mask[i & 3];

    return n;
}

/* Feeds len bytes in steps; wants data at the viewer's end. */
static void deliver(int fd, const uint8_t *wire, size_t len, size_t step,
                    const uint8_t *data, size_t data_len)
{
    uint8_t got[4000];
    size_t n = 0, have = 0, k;
    ssize_t rc;
    bool busy;

    do {
        k = len - n < step ? len - n : step;
        if ( k )
            say(fd, wire + n, k);
        n += k;
        busy = turn();
        rc = recv(viewer, got + have, sizeof(got) - have, MSG_DONTWAIT);
        have += rc > 0 ? (size_t)rc : 0;
    } while ( n < len || busy || rc > 0 );
    assert_int_equal(have, data_len);
    assert_memory_equal(got, data, data_len);
}

static void to_viewer(void **state)
{
    uint8_t wire[4000], data[2000];
    size_t len, i, step;
    int fd = open_socket();

    (void)state;
    for ( i = 0; i < sizeof(data); i++ )
        data[i] = (uint8_t)(i * i);
    len = frame(wire, 0x82, data, 100);
    len += frame(wire + len, 0x02, data + 100, 700);
    len += frame(wire + len, 0x80, data + 800, 50);
    /* More frames than are taken in one turn. */
    for ( i = 850; i < 2000; i += 5 )
        len += frame(wire + len, 0x82, data + i, 5);
    assert_true(len <= sizeof(wire));

    for ( step = 1; step < 40; step++ )
        deliver(fd, wire, len, step, data, sizeof(data));
    deliver(fd, wire, len, len, data, sizeof(data));
    close(fd);
}

/*
 * Takes server frames apart: binary payload goes to out, pongs of "hi" are
 * counted.
 */
static size_t unframe(const uint8_t *in, size_t len, uint8_t *out,
                      unsigned int *pongs)
{
    size_t pos = 0, n, have = 0;

    while ( pos < len )
    {
        assert_true(in[pos] == 0x82 || in[pos] == 0x8a);
        n = in[pos + 1];
        if ( in[pos] == 0x8a )
        {
            assert_int_equal(n, 2);
            assert_memory_equal(in + pos + 2, "hi", 2);
            ++*pongs;
            pos += 4;
            continue;
        }
        if ( n == 126 )
        {
            n = (size_t)(in[pos + 2] << 8) | in[pos + 3];
            pos += 2;
        }
        assert_true(n < 65536 && pos + 2 + n <= len);
        memcpy(out + have, in + pos + 2, n);
        have += n;
        pos += 2 + n;
    }
    assert_int_equal(pos, len);

    return have;
}

static void to_browser(void **state)
{
    static uint8_t data[3000000], got[3000000];
    static uint8_t wire[3200000];
    size_t sent = 0, len = 0, i, turns = 0, pings = 0, idle = 0;
    unsigned int pongs = 0;
    uint8_t ping[20];
    int fd = open_socket();
    size_t ping_len = frame(ping, 0x89, "hi", 2);
    ssize_t n;

    (void)state;
    for ( i = 0; i < sizeof(data); i++ )
        data[i] = (uint8_t)((i * 2654435761u) >> 13);
    fcntl(viewer, F_SETFL, O_NONBLOCK);
    while ( turns++ < 100000 && idle < 5 )
    {
        bool busy = turn();

        n = send(viewer, data + sent, sizeof(data) - sent, MSG_NOSIGNAL);
        sent += n > 0 ? (size_t)n : 0;
        if ( turns % 3 == 0 && pings < 100 )
        {
            say(fd, ping, ping_len);
            pings++;
        }
        n = recv(fd, wire + len, turns % 7 ? 30000 : 1, 0);
        len += n > 0 ? (size_t)n : 0;
        assert_true(len < sizeof(wire) - 30000);
        idle = !busy && n <= 0 && pings == 100 ? idle + 1 : 0;
    }
    assert_int_equal(sent, sizeof(data));
    assert_int_equal(unframe(wire, len, got, &pongs), sizeof(data));
    assert_memory_equal(got, data, sizeof(data));
    assert_int_equal(pongs, 100);
    close(fd);
}

/* The browser closes: it is answered, the viewer sees the end. */
static void closed_by_browser(void **state)
{
    uint8_t wire[40];
    size_t len;
    bool closed;
    char c[4];
    int fd = open_socket();

    (void)state;
    len = frame(wire, 0x82, "ab", 2);
    len += frame(wire + len, 0x88, "\x03\xe8", 2);
    say(fd, wire, len);
    assert_int_equal(hear(fd, answer, sizeof(answer), &closed), 4);
    assert_memory_equal(answer, "\x88\x02\x03\xe8", 4);
    assert_true(closed);
    assert_int_equal(recv(viewer, c, sizeof(c), 0), 2);
    assert_int_equal(recv(viewer, c, sizeof(c), 0), 0);
    close(fd);

    /* Without a word. */
    fd = open_socket();
    close(fd);
    turn();
    assert_int_equal(recv(viewer, c, sizeof(c), 0), 0);

    /* What is not allowed is told, and ends it. */
    fd = open_socket();
    len = frame(wire, 0x81, "text", 4);
    say(fd, wire, len);
    assert_int_equal(hear(fd, answer, sizeof(answer), &closed), 4);
    assert_memory_equal(answer, "\x88\x02\x03\xeb", 4);
    assert_true(closed);
    assert_int_equal(recv(viewer, c, sizeof(c), 0), 0);
    close(fd);
}

/* The viewer's side ends: its last bytes, a close frame, the answer to it. */
static void closed_by_viewer(void **state)
{
    uint8_t wire[2000];
    size_t len, i;
    bool closed;
    int fd = open_socket();

    (void)state;
    say(viewer, "xy", 2);
    close(viewer);
    viewer = -1;
    assert_int_equal(hear(fd, answer, sizeof(answer), &closed), 8);
    assert_memory_equal(answer, "\x82\x02xy\x88\x02\x03\xe9", 8);
    assert_false(closed);
    for ( len = i = 0; i < 150; i++ )
        len += frame(wire + len, 0x82, "late", 4);
    len += frame(wire + len, 0x88, "\x03\xe9", 2);
    say(fd, wire, len);
    assert_int_equal(hear(fd, answer, sizeof(answer), &closed), 0);
    assert_true(closed);
    close(fd);

    /* The browser does not answer. */
    fd = open_socket();
    close(viewer);
    viewer = -1;
    hear(fd, answer, sizeof(answer), &closed);
    assert_false(closed);
    now += 2500;
    hear(fd, answer, sizeof(answer), &closed);
    assert_true(closed);
    close(fd);
}

/* A viewer that takes no input may take it an hour later. */
static void stalled_viewer(void **state)
{
    static uint8_t wire[70000], data[60000];
    size_t len = frame(wire, 0x82, data, sizeof(data)), i;
    struct pollfd fds[FBC_WEB_POLLFDS];
    int fd = open_socket();
    char c;

    (void)state;
    for ( i = 0; i < 50; i++ )
    {
        (void)!send(fd, wire, len, MSG_NOSIGNAL);
        turn();
    }
    while ( turn() )
        ;
    assert_int_equal(poll(fds, fbc_web_pollfds(web, fds), 0), 0);
    assert_int_equal(ask("GET /app/ui.js HTTP/1.1\r\n" HOST "\r\n"), 200);
    now += 3600000;
    turn();
    assert_int_equal(recv(viewer, &c, 1, MSG_DONTWAIT), 1);
    close(fd);
}

/* A browser that reads nothing is given up. */
static void stalled_browser(void **state)
{
    static uint8_t data[60000];
    int fd = open_socket();
    bool closed;
    size_t i;

    (void)state;
    fcntl(viewer, F_SETFL, O_NONBLOCK);
    for ( i = 0; i < 50; i++ )
    {
        (void)!send(viewer, data, sizeof(data), MSG_NOSIGNAL);
        turn();
    }
    while ( turn() )
        ;
    assert_in_range(fbc_web_timeout(web), 1, 60000);
    assert_int_equal(ask("GET /app/ui.js HTTP/1.1\r\n" HOST "\r\n"), 200);
    now += 60000;
    turn();
    assert_int_equal(send(viewer, "x", 1, MSG_NOSIGNAL), -1);
    assert_int_equal(errno, EPIPE);
    hear(fd, answer, sizeof(answer), &closed);
    assert_true(closed);
    close(fd);
}

static void crowd(void **state)
{
    int fd[FBC_WEB_CONNECTIONS + 3], kept[FBC_WEB_CONNECTIONS], first;
    bool closed;
    char c;
    size_t i;

    (void)state;
    first = open_socket();
    for ( i = 0; i < FBC_WEB_CONNECTIONS + 3; i++ )
    {
        fd[i] = connection();
        say(fd[i], "GET /", 5);
        turn();
    }
    /* The oldest had to go, but for the viewer. */
    for ( i = 0; i < FBC_WEB_CONNECTIONS + 3; i++ )
        assert_int_equal(recv(fd[i], &c, 1, 0), i < 4 ? 0 : -1);
    say(first, "\x89\x80\0\0\0\0", 6);
    assert_int_equal(hear(first, answer, sizeof(answer), &closed), 2);
    assert_false(closed);
    for ( i = 0; i < FBC_WEB_CONNECTIONS + 3; i++ )
        close(fd[i]);
    turn();

    /* Nothing but viewers: the next one finds no room. */
    for ( i = 1; i < FBC_WEB_CONNECTIONS; i++ )
    {
        kept[i] = viewer;
        viewer = -1;
        fd[i] = open_socket();
    }
    fd[0] = connection();
    assert_int_equal(recv(fd[0], &c, 1, 0), 0);
    close(first);
    close(fd[0]);
    for ( i = 1; i < FBC_WEB_CONNECTIONS; i++ )
    {
        close(fd[i]);
        close(kept[i]);
    }
    turn();
    assert_int_equal(fbc_web_timeout(web), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST("the handshake is as in RFC 6455", handshakes),
        WEB_TEST("a browser's bytes reach the viewer's socket in order",
                 to_viewer),
        WEB_TEST("a viewer's bytes reach the browser, pongs among them",
                 to_browser),
        WEB_TEST("a browser closes, in good order and otherwise",
                 closed_by_browser),
        WEB_TEST("the viewer's side closes, and so does the browser",
                 closed_by_viewer),
        WEB_TEST("a viewer that takes no input holds up nobody else",
                 stalled_viewer),
        WEB_TEST("a browser that reads nothing is given up",
                 stalled_browser),
        WEB_TEST("connections are bounded; viewers are not pushed out",
                 crowd),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
