/* SPDX-License-Identifier: GPL-2.0-only */
/* The web side: browser or VNC client, who may ask, files. */
#include "webtest.h"

static void sniffing(void **state)
{
    static const struct { const char *text; bool is_http; } early[] = {
        { "GET / HTTP/1.1\r\n\r\n", true },
        { "GET", true },
        { "G", true },
        { "POST / HTTP/1.1\r\n\r\n", true },
        { "\x16\x03\x01", true },
        { "RFC", true },
        { "RFB 003.008\n", false },
        { "RFB ", false },
    };
    char version[20];
    size_t i;
    int fd;

    (void)state;
    /* Silence: greeted, but not at once, and the answer makes it a viewer. */
    fd = connection();
    assert_in_range(fbc_web_timeout(web), 4000, 5000);
    now += 4900;
    turn();
    assert_int_equal(recv(fd, version, sizeof(version), 0), -1);
    now += 101;
    assert_int_equal(fbc_web_timeout(web), 0);
    turn();
    assert_int_equal(recv(fd, version, sizeof(version), 0), 12);
    assert_memory_equal(version, "RFB 003.008\n", 12);
    assert_int_equal(viewers, 0);
    now += 9000;
    turn();
    say(fd, "RFB 003.008\n", 12);
    turn();
    assert_int_equal(viewers, 1);
    assert_false(viewer_web);
    assert_true(viewer_greeted);
    assert_int_equal(fbc_web_timeout(web), -1);
    assert_int_equal(recv(viewer, version, sizeof(version), 0), 12);
    close(fd);

    /* Too little to tell is neither, and ends. */
    fd = connection();
    say(fd, "RFB", 3);
    turn();
    assert_in_range(fbc_web_timeout(web), 1, 100);
    now += 5000;
    turn();
    assert_int_equal(viewers, 1);
    assert_int_equal(recv(fd, version, sizeof(version), 0), -1);
    assert_int_equal(errno, ECONNRESET);
    close(fd);

    /* Nobody who was greeted keeps his place for ever. */
    fd = connection();
    now += 5000;
    turn();
    now += 10000;
    turn();
    assert_int_equal(recv(fd, version, sizeof(version), 0), 12);
    assert_int_equal(recv(fd, version, sizeof(version), 0), 0);
    close(fd);

    for ( i = 0; i < sizeof(early) / sizeof(early[0]); i++ )
    {
        viewers = 0;
        fd = connection();
        say(fd, early[i].text, strlen(early[i].text));
        turn();
        assert_int_equal(viewers, !early[i].is_http);
        now += 300;
        turn();
        assert_int_equal(viewers, !early[i].is_http);
        assert_true(early[i].is_http || !viewer_greeted);
        close(fd);
        turn();
    }

    /* Closed without a word: nobody. */
    viewers = 0;
    close(connection());
    turn();
    now += 300;
    turn();
    assert_int_equal(viewers, 0);
}

/* A slow browser, and one that is slower than the greeting. */
static void late_requests(void **state)
{
    static const char get[] = "GET /app/ui.js HTTP/1.1\r\n" HOST "\r\n";
    const uint64_t late[] = { 300, 4900, 5100, 14000 };
    const char *http;
    bool closed;
    size_t i;
    int fd;

    (void)state;
    for ( i = 0; i < 4; i++ )
    {
        fd = connection();
        now += late[i] < 5000 ? late[i] : 5000;
        turn();
        now += late[i] < 5000 ? 0 : late[i] - 5000;
        turn();
        say(fd, get, sizeof(get) - 1);
        hear(fd, answer, sizeof(answer), &closed);
        http = late[i] < 5000 ? answer : answer + 12;
        assert_memory_equal(http, "HTTP/1.1 200 OK\r\n", 17);
        assert_string_equal(body(), "0123\n0123\n");
        assert_true(closed);
        close(fd);
    }
    assert_int_equal(viewers, 0);
}

static void waiting(void **state)
{
    struct pollfd fds[FBC_WEB_POLLFDS];
    int fd = connection(), turns;

    (void)state;
    say(fd, "RF", 2);
    turn();
    for ( turns = 0; turns < 5; turns++ )
        assert_int_equal(poll(fds, fbc_web_pollfds(web, fds), 0), 0);
    assert_in_range(fbc_web_timeout(web), 1, 100);
    say(fd, "C", 1);
    now += (uint64_t)fbc_web_timeout(web);
    turn();
    now += 1000;
    turn();
    assert_int_equal(viewers, 0);       /* not RFB after all */
    close(fd);
}

/* A browser's connections in reserve are not mistaken for VNC clients. */
static void spares(void **state)
{
    static const char get[] = "GET /app/ui.js HTTP/1.1\r\n" HOST "\r\n";
    char greeting[20];
    bool closed;
    int fd, early;

    (void)state;
    /* Who has no token does not keep VNC clients waiting. */
    ask(get);
    ask("GET /vnc.html HTTP/1.1\r\n" HOST "\r\n");
    fd = connection();
    now += 5000;
    turn();
    assert_int_equal(recv(fd, greeting, sizeof(greeting), 0), 12);
    close(fd);
    turn();

    early = connection();
    now += 100;
    assert_int_equal(ask_f("GET /vnc.html?path=x?token=%s HTTP/1.1\r\n" HOST
                           "\r\n", token), 200);
    fd = connection();
    now += 9000;
    turn();
    assert_int_equal(recv(fd, greeting, sizeof(greeting), 0), -1);
    say(fd, get, sizeof(get) - 1);
    hear(fd, answer, sizeof(answer), &closed);
    assert_non_null(strstr(answer, " 200 "));
    close(fd);
    now += 900;
    assert_int_equal(fbc_web_timeout(web), 0);
    turn();
    assert_int_equal(recv(early, greeting, sizeof(greeting), 0), 12);
    close(early);
    turn();

    /* Ten seconds at most, and not for ever after. */
    ask_f("GET /vnc.html?path=x?token=%s HTTP/1.1\r\n" HOST "\r\n", token);
    fd = connection();
    assert_in_range(fbc_web_timeout(web), 9000, 10000);
    now += 16000;
    turn();
    assert_int_equal(recv(fd, greeting, sizeof(greeting), 0), 12);
    close(fd);
    turn();
    fd = connection();
    assert_in_range(fbc_web_timeout(web), 4000, 5000);
    close(fd);
    assert_int_equal(viewers, 0);
}

static void files(void **state)
{
    static const struct { const char *path, *type; size_t len; } cases[] = {
        { "app/ui.js", "text/javascript; charset=utf-8", 10 },
        { "app/a%20b.css?v=1", "text/css; charset=utf-8", 3 },
        { "empty.svg", "image/svg+xml", 0 },
        { "out.png", "image/png", 65536 },
        { "big.json", "application/json", BIG },
    };
    const char *text;
    char want[100];
    size_t i, j;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        assert_int_equal(ask_f("GET /%s HTTP/1.1\r\n" HOST "\r\n",
                               cases[i].path), 200);
        snprintf(want, sizeof(want), "\r\nContent-Type: %s\r\n",
                 cases[i].type);
        assert_non_null(strstr(answer, want));
        snprintf(want, sizeof(want), "\r\nContent-Length: %zu\r\n",
                 cases[i].len);
        assert_non_null(strstr(answer, want));
        text = body();
        assert_int_equal(strlen(text), cases[i].len);
        for ( j = 0; j < cases[i].len; j++ )
            if ( text[j] != "0123\n"[j % 5] )
                fail_msg("%s: byte %zu", cases[i].path, j);

        assert_int_equal(ask_f("HEAD /%s HTTP/1.1\r\n" HOST "\r\n",
                               cases[i].path), 200);
        assert_non_null(strstr(answer, want));
        assert_string_equal(body(), "");
    }
}

static void page_headers(void **state)
{
    static const char *const want[] = {
        "Content-Security-Policy: default-src 'none'; script-src 'self'; ",
        " connect-src 'self' ws://127.0.0.1:5999;", " base-uri 'none';",
        " form-action 'none';", " frame-ancestors 'none'\r\n",
        "X-Content-Type-Options: nosniff\r\n", "X-Frame-Options: DENY\r\n",
        "Referrer-Policy: no-referrer\r\n", "Cache-Control: no-store\r\n",
        "Cross-Origin-Resource-Policy: same-origin\r\n",
        "Cross-Origin-Opener-Policy: same-origin\r\n",
        "Content-Type: text/html; charset=utf-8\r\n",
    };
    size_t i;

    (void)state;
    assert_int_equal(ask_f("GET /vnc.html?autoconnect=1&path=websockify"
                           "%%3Ftoken%%3D%s HTTP/1.1\r\n" HOST "\r\n", token),
                     200);
    assert_string_equal(body(), PAGE);
    for ( i = 0; i < sizeof(want) / sizeof(want[0]); i++ )
        if ( !strstr(answer, want[i]) )
            fail_msg("no %s", want[i]);
    assert_null(strstr(answer, "unsafe"));
    assert_null(strstr(answer, "Access-Control"));
    assert_null(strstr(answer, "Set-Cookie"));
}

#define IMPORT "'sha256-8iytRIGKysVwTkHsRcGtikcot3sEsRRtbYXfRT/b14A='"
#define CALLS "'sha256-VdchsQXMF4B+6HyWonTG3jDVuro98k0jCZ1GcYTVXu4='"
#define CALL "'sha256-4zBr8UBpE9eDnLz2rHNIBoz7HsYVPjh/vsTpDpPSmAA='"
#define STYLE "'sha256-M8B+GVhDW6n3j3dYgNnAyghshnJGsJLcwc/JSBQdBbY='"

/* As noVNC 1.6 and later have one; the hashes are from Python's hashlib. */
static void inline_scripts(void **state)
{
    static const struct { const char *page, *policy; } cases[] = {
        { "<script type=\"module\">\n  import UI from './app/ui.js';\n"
          "</script>", "script-src 'self' " IMPORT "; style-src 'self'; " },
        /* CRLF counts as LF, tags in any case, two scripts. */
        { "<SCRIPT>a();\r\nb();\rc();</Script ><script >d()</script>",
          "script-src 'self' " CALLS " " CALL
          "; style-src 'self'; " },
        { "<style media=all>p > a {}</style>", "script-src 'self'; style-src "
          "'self' " STYLE "; " },
        /* Not inline, not scripts, not closed. */
        { "<script type=x SRC = 'a>b.js'></script><scripts>x</scripts><!-- "
          "<script>no()</script> --><script data-src=\"x\">d()</script>"
          "<script>never",
          "script-src 'self' " CALL "; style-src 'self'; "
        },
        /* An attribute's value is none. */
        { "<script title=\"src=\" a='>'>d()</script>",
          "script-src 'self' " CALL "; style-src 'self'; " },
    };
    size_t i;
    int fd;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        fd = openat(root, "inline.html", O_WRONLY | O_CREAT | O_TRUNC, 0644);
        assert_int_equal(write(fd, cases[i].page, strlen(cases[i].page)),
                         strlen(cases[i].page));
        close(fd);
        assert_int_equal(ask_f("GET /inline.html?path=x?token=%s HTTP/1.1\r\n"
                               HOST "\r\n", token), 200);
        if ( !strstr(answer, cases[i].policy) )
            fail_msg("no %s in %s", cases[i].policy, answer);
        assert_string_equal(body(), cases[i].page);
    }

    /* More than a policy can hold is refused, not shown in part. */
    fd = openat(root, "inline.html", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    for ( i = 0; i < 100; i++ )
        assert_int_equal(write(fd, "<script>d()</script>", 20), 20);
    close(fd);
    assert_int_equal(ask_f("GET /inline.html?path=x?token=%s HTTP/1.1\r\n"
                           HOST "\r\n", token), 500);
}

static void missing(void **state)
{
    static const char *const paths[] = {
        "none.js", "app", "app/none.js", "dir.js", "fifo.js", "owner.key",
        "noext", ".hidden.js", "app/.x.js", "link.js", "etc/passwd",
        "up/secret.js", "loop.js", "app/ui.js/x.js", "websockify/x.js",
        "app/ui.jsx", ".js",
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(paths) / sizeof(paths[0]); i++ )
    {
        if ( ask_f("GET /%s HTTP/1.1\r\n" HOST "\r\n", paths[i]) != 404 )
            fail_msg("%s: %.20s", paths[i], answer);
        assert_non_null(strstr(answer, "default-src 'none'; frame-anc"));
    }
}

static void bad_requests(void **state)
{
    char text[9000];

    (void)state;
    assert_int_equal(ask("GET /../secret.js HTTP/1.1\r\n" HOST "\r\n"), 400);
    assert_int_equal(ask("GET /app/%2e%2e/vnc.html HTTP/1.1\r\n" HOST "\r\n"),
                     400);
    assert_int_equal(ask("hello\r\n"), 400);
    assert_int_equal(ask("GET / HTTP/1.1\r\n\r\n"), 400);
    assert_int_equal(ask("POST / HTTP/1.1\r\n" HOST "\r\n"), 405);
    assert_non_null(strstr(answer, "\r\nAllow: GET, HEAD\r\n"));
    assert_int_equal(ask("GET / HTTP/1.2\r\n" HOST "\r\n"), 505);
    assert_int_equal(ask("GET / HTTP/1.0\r\n" HOST "\r\n"), 403);
    assert_int_equal(ask("GET /app/ui.js HTTP/1.0\r\n" HOST "\r\n"), 200);
    assert_int_equal(ask("GET /app/ui.js HTTP/1.0\r\n\r\n"), 400);
    assert_int_equal(ask_f("GET /websockify?token=%s HTTP/1.0\r\n" HOST
                           ORIGIN UPGRADE "\r\n", token), 505);
    memset(text, 'a', sizeof(text));
    memcpy(text, "GET /", 5);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(ask(text), 431);
    assert_int_equal(ask("HEAD / HTTP/1.1\r\nHost: evil\r\n\r\n"), 403);
    assert_string_equal(body(), "");
}

static void foreign_hosts(void **state)
{
    static const struct { const char *headers; int status; } cases[] = {
        { "Host: localhost:5999\r\n", 200 },
        { "Host: [::1]:5999\r\n", 200 },
        { "Host: localhost:5999\r\nOrigin: http://localhost:5999\r\n", 200 },
        { "Host: evil.example:5999\r\n", 403 },
        { "Host: 127.0.0.1\r\n", 403 },
        { "Host: 127.0.0.1:80\r\n", 403 },
        { "Host: 127.0.0.1:59990\r\n", 403 },
        { "Host: 127.0.0.1:599\r\n", 403 },
        { "Host: 127.0.0.1:05999\r\n", 403 },
        { "Host: 127.0.0.2:5999\r\n", 403 },
        { "Host: x127.0.0.1:5999\r\n", 403 },
        { "Host: localhost.evil:5999\r\n", 403 },
        { "Host:\r\n", 403 },
        { HOST "Origin: http://evil.example\r\n", 403 },
        { HOST "Origin: http://localhost:5999\r\n", 403 },
        { HOST "Origin: https://127.0.0.1:5999\r\n", 403 },
        { HOST "Origin: http://127.0.0.1:5999/\r\n", 403 },
        { HOST "Origin: http://127.0.0.1\r\n", 403 },
        { HOST "Origin: null\r\n", 403 },
        { HOST "Origin:\r\n", 403 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        const char *origin = strstr(cases[i].headers, "Origin:") ? ""
                             : ORIGIN;

        if ( ask_f("GET /app/ui.js HTTP/1.1\r\n%s\r\n", cases[i].headers) !=
             cases[i].status )
            fail_msg("%s", cases[i].headers);
        if ( cases[i].status == 200 && !*origin )
            continue;
        if ( ask_f("GET /websockify?token=%s HTTP/1.1\r\n%s%s" UPGRADE
                   "\r\n", token, cases[i].headers, origin) != 403 )
            fail_msg("socket: %s", cases[i].headers);
    }
    assert_int_equal(viewers, 0);
}

static void tokens(void **state)
{
    char wrong[33];
    size_t i;

    (void)state;
    assert_int_equal(strspn(token, "0123456789abcdef"), 32);
    assert_int_equal(ask("GET / HTTP/1.1\r\n" HOST "\r\n"), 403);
    assert_int_equal(ask("GET /vnc.html HTTP/1.1\r\n" HOST "\r\n"), 403);
    assert_int_equal(ask("GET /same.html HTTP/1.1\r\n" HOST "\r\n"), 403);
    assert_int_equal(ask("GET /none.html HTTP/1.1\r\n" HOST "\r\n"), 403);
    assert_int_equal(ask("GET /vnc.html?path=websockify HTTP/1.1\r\n" HOST
                         "\r\n"), 403);
    assert_int_equal(ask_f("GET /vnc.html?token=%s HTTP/1.1\r\n" HOST "\r\n",
                           token), 403);
    assert_int_equal(ask_f("GET /same.html?path=x?token=%s HTTP/1.1\r\n" HOST
                           "\r\n", token), 200);
    assert_int_equal(ask_f("GET /none.html?path=x?token=%s HTTP/1.1\r\n" HOST
                           "\r\n", token), 404);

    for ( i = 0; i < 32; i++ )
    {
        strcpy(wrong, token);
        wrong[i] = wrong[i] == '0' ? '1' : '0';
        assert_int_equal(ask_f("GET /vnc.html?path=x?token=%s HTTP/1.1\r\n"
                               HOST "\r\n", wrong), 403);
        assert_int_equal(ask_f("GET /websockify?token=%s HTTP/1.1\r\n" HOST
                               ORIGIN UPGRADE "\r\n", wrong), 403);
    }
    assert_int_equal(ask("GET /websockify HTTP/1.1\r\n" HOST ORIGIN UPGRADE
                         "\r\n"), 403);
    assert_int_equal(ask_f("GET /websockify?token=%.31s HTTP/1.1\r\n" HOST
                           ORIGIN UPGRADE "\r\n", token), 403);
    assert_int_equal(ask_f("GET /websockify?token=%s0 HTTP/1.1\r\n" HOST
                           ORIGIN UPGRADE "\r\n", token), 403);
    assert_int_equal(ask_f("GET /websockify?token=%s&token=%s HTTP/1.1\r\n"
                           HOST ORIGIN UPGRADE "\r\n", token, token), 403);
    /* An origin, too. */
    assert_int_equal(ask_f("GET /websockify?token=%s HTTP/1.1\r\n" HOST
                           UPGRADE "\r\n", token), 403);
    assert_int_equal(viewers, 0);
}

static void slow_clients(void **state)
{
    static const char text[] = "GET /big.json HTTP/1.1\r\n" HOST "\r\n";
    static const char small[] = "GET /empty.svg HTTP/1.1\r\n" HOST "\r\n";
    bool closed;
    ssize_t n;
    size_t i;
    int fd;

    (void)state;
    /* A byte now and then does not buy time. */
    fd = connection();
    for ( i = 0; i < 11; i++ )
    {
        say(fd, text + i, 1);
        turn();
        now += 1000;
    }
    hear(fd, answer, sizeof(answer), &closed);
    assert_non_null(strstr(answer, "HTTP/1.1 408 "));
    assert_true(closed);
    close(fd);

    /* A response that is not read. */
    fd = connection();
    say(fd, text, sizeof(text) - 1);
    for ( i = 0; i < 100; i++ )
        turn();
    now += 40000;
    turn();
    hear(fd, answer, sizeof(answer), &closed);
    assert_true(closed);
    assert_true(strlen(body()) < BIG);
    close(fd);

    /* One that is read slowly is sent whole. */
    fd = connection();
    say(fd, text, sizeof(text) - 1);
    for ( i = 0; i < BIG; i += (size_t)n )
    {
        turn();
        now += 5000;
        n = recv(fd, answer, 60000, 0);
        assert_true(n > 0);
    }
    close(fd);

    /* One that never closes. */
    fd = connection();
    say(fd, small, sizeof(small) - 1);
    for ( i = 0; i < 5; i++ )
        turn();
    assert_in_range(fbc_web_timeout(web), 1, 5000);
    now += 5000;
    turn();
    assert_int_equal(fbc_web_timeout(web), -1);
    close(fd);
}

static void url(void **state)
{
    struct fbc_web_opts o = { .dir = root, .host = "[::1]", .port = 80,
                              .viewer = take_viewer, .ctx = &viewers,
                              .clock_ms = clock_ms };
    char text[FBC_WEB_URL_TEXT], want[FBC_WEB_URL_TEXT];
    struct fbc_error e;

    (void)state;
    snprintf(want, sizeof(want), "http://127.0.0.1:5999/vnc.html?autoconnect"
             "=1&resize=off&path=websockify%%3Ftoken%%3D%s", token);
    fbc_web_url(web, text);
    assert_string_equal(text, want);

    fbc_web_free(web);
    web = fbc_web_new(&o, &e);
    assert_non_null(web);
    fbc_web_url(web, text);
    assert_memory_equal(text, "http://[::1]:80/vnc.html?", 25);
    assert_string_not_equal(text + strlen(text) - 32, token);
    /* Browsers leave the port of HTTP out. */
    assert_int_equal(ask("GET /app/ui.js HTTP/1.1\r\nHost: [::1]\r\n\r\n"),
                     200);
    assert_int_equal(ask("GET /app/ui.js HTTP/1.1\r\nHost: ::1\r\n\r\n"), 403);
    fbc_web_free(web);

    o.dir = openat(root, "app", O_RDONLY | O_DIRECTORY);
    web = fbc_web_new(&o, &e);
    assert_null(web);
    assert_int_equal(e.status, FBC_EXIT_ENV);
    assert_string_equal(e.what, "vnc.html");
    assert_non_null(strstr(e.hint, "novnc"));
    close(o.dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST("who speaks first is a browser, who waits is a VNC client",
                 sniffing),
        WEB_TEST("a late request is answered, before and after the greeting",
                 late_requests),
        WEB_TEST("bytes looked at do not keep the loop busy", waiting),
        WEB_TEST("connections in reserve are a browser's, for a while",
                 spares),
        WEB_TEST("files come whole, with their type and size", files),
        WEB_TEST("a page has the headers that keep it to itself",
                 page_headers),
        WEB_TEST("a page's policy names its inline scripts and styles",
                 inline_scripts),
        WEB_TEST("nothing else is served: links, pipes, dot files, keys",
                 missing),
        WEB_TEST("bad requests get their status", bad_requests),
        WEB_TEST("foreign hosts and origins are refused", foreign_hosts),
        WEB_TEST("pages and sockets need the token, all of it", tokens),
        WEB_TEST("slow clients run out of time", slow_clients),
        WEB_TEST("the URL has address, port and a fresh token", url),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
