/* SPDX-License-Identifier: GPL-2.0-only */
/* What surrounds the proxy: key process, addresses, passwords, numbers. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/passfile.h"
#include "lib/proxy/keyreader.h"
#include "lib/proxy/proxystats.h"
#include "lib/viewers/listen.h"

static struct fbc_error e;

static void put(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void put_bytes(const char *path, const void *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_int_equal(write(fd, data, len), (ssize_t)len);
    close(fd);
}

static void put_key(uint8_t fill)
{
    uint8_t payload[FBC_SESSION_FILE_LEN];
    char line[FBC_KEYTEXT_MAX_LINE];

    memset(payload, 0, sizeof(payload));
    memset(payload, fill, FBC_SESSION_LAUNCH);
    assert_int_equal(fbc_keytext_encode(FBC_KEY_SESSION, payload, line),
                     FBC_OK);
    put("key", line, 0600);
}

/* Asks, waits, and hands over the first byte; -1: a failure. */
static int ask(struct fbc_keyreader *k)
{
    uint8_t payload[FBC_SESSION_FILE_LEN] = { 0 };
    struct pollfd p = { .fd = fbc_keyreader_fd(k), .events = POLLIN };
    bool there;
    int rc;

    assert_int_equal(fbc_keyreader_ask(k, &e), 0);
    assert_true(fbc_keyreader_asked(k));
    assert_int_equal(poll(&p, 1, 60000), 1);
    rc = fbc_keyreader_answer(k, &there, payload, &e);
    assert_int_equal(there, !rc);
    assert_false(fbc_keyreader_asked(k));

    return rc ? rc : payload[0];
}

static void the_key_is_read_again(void **state)
{
    uint8_t payload[FBC_SESSION_FILE_LEN];
    struct fbc_keyreader *k;
    bool there = true;

    (void)state;
    put_key(1);
    put("socket", "", 0600);
    assert_int_equal(fbc_keyreader_start("key", "socket", &k, &e), 0);
    assert_int_equal(fbc_keyreader_answer(k, &there, payload, &e), 0);
    assert_false(there);
    assert_int_equal(ask(k), 1);
    put_key(2);
    assert_int_equal(ask(k), 2);
    unlink("key");
    assert_int_equal(ask(k), -1);
    assert_string_equal(e.what, "key");
    put_key(3);
    chmod("key", 0644);
    assert_int_equal(ask(k), -1);
    chmod("key", 0600);
    assert_int_equal(ask(k), 3);
    assert_int_equal(access("socket", F_OK), 0);
    fbc_keyreader_stop(k);
    assert_int_equal(access("socket", F_OK), -1);

    /* One that has been replaced meanwhile is not its own. */
    put("socket", "", 0600);
    assert_int_equal(fbc_keyreader_start("key", "socket", &k, &e), 0);
    chmod("key", 0644);         /* also when it is the first to be opened */
    assert_int_equal(ask(k), -1);
    chmod("key", 0600);
    assert_int_equal(ask(k), 3);
    put("another", "", 0600);
    assert_int_equal(rename("another", "socket"), 0);
    fbc_keyreader_stop(k);
    assert_int_equal(access("socket", F_OK), 0);
}

static void addresses(void **state)
{
    static const struct { const char *in, *out; } good[] = {
        { "127.0.0.1:5901", "127.0.0.1:5901" },
        { "localhost:0", "127.0.0.1:0" },
        { "[::1]:65535", "[::1]:65535" },
        { "./x", "./x" }, { "/run/x:1", "/run/x:1" },
    };
    static const char *const bad[] = {
        "", ":1", "1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:-1",
        "127.0.0.1:65536", "127.0.0.1:1x", "127.0.0.1: 1", "127.0.0.2:1",
        "0.0.0.0:1", "[::]:1", "::1:1", "[::1]", "[::1]:", "localhost:x",
        "localhostile:1", "*:1", "host.example:1",
    };
    char text[FBC_LISTEN_TEXT];
    struct fbc_listen l;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(good) / sizeof(good[0]); i++ )
    {
        assert_int_equal(fbc_listen_parse(good[i].in, &l, &e), 0);
        fbc_listen_text(&l, text);
        assert_string_equal(text, good[i].out);
    }
    for ( i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        assert_int_equal(fbc_listen_parse(bad[i], &l, &e), -1);
        assert_int_equal(e.status, FBC_EXIT_USAGE);
    }
}

static void listening(void **state)
{
    struct sockaddr_storage a;
    struct fbc_listen l, m;
    socklen_t len = sizeof(a);
    struct stat st;
    int fd, other;

    (void)state;
    assert_int_equal(fbc_listen_parse("127.0.0.1:0", &l, &e), 0);
    fd = fbc_listen_open(&l, &e);
    assert_true(fd >= 0 && l.port);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    assert_int_equal(a.ss_family, AF_INET);
    m = l;
    assert_int_equal(fbc_listen_open(&m, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_ENV);
    close(fd);

    assert_int_equal(fbc_listen_parse("./sock", &l, &e), 0);
    umask(0);
    fd = fbc_listen_open(&l, &e);
    assert_true(fd >= 0);
    assert_int_equal(umask(077), 0);
    assert_int_equal(stat("sock", &st), 0);
    assert_int_equal(st.st_mode, S_IFSOCK | 0600);
    /* It is in use; then left behind; then something else. */
    assert_int_equal(fbc_listen_open(&l, &e), -1);
    close(fd);
    other = fbc_listen_open(&l, &e);
    assert_true(other >= 0);
    close(other);
    unlink("sock");
    put("sock", "precious", 0600);
    assert_int_equal(fbc_listen_open(&l, &e), -1);
    assert_int_equal(stat("sock", &st), 0);
    assert_int_equal(st.st_size, 8);
}

static void password_files(void **state)
{
    char password[FBC_PASSWORD_MAX], line[FBC_PASSWORD_MAX + 1];

    (void)state;
    put("pw", "sesame", 0600);
    assert_int_equal(fbc_passfile_read("pw", password, &e), 0);
    assert_string_equal(password, "sesame");
    put("pw", "open\r\nsesame\n", 0400);
    assert_int_equal(fbc_passfile_read("pw", password, &e), 0);
    assert_string_equal(password, "open");

    memset(line, 'x', sizeof(line));
    line[FBC_PASSWORD_MAX - 1] = 0;
    put("long", line, 0600);
    assert_int_equal(fbc_passfile_read("long", password, &e), 0);
    assert_string_equal(password, line);
    line[FBC_PASSWORD_MAX - 1] = 'x';
    line[FBC_PASSWORD_MAX] = 0;
    put("long", line, 0600);
    assert_int_equal(fbc_passfile_read("long", password, &e), -1);

    put("pw", "\xef\xbb\xbfsesame\n", 0600);
    assert_int_equal(fbc_passfile_read("pw", password, &e), -1);
    assert_non_null(strstr(e.why, "byte order mark"));
    put_bytes("pw", "s\0e\0", 4);
    assert_int_equal(fbc_passfile_read("pw", password, &e), -1);
    assert_non_null(strstr(e.why, "UTF-16"));
    put_bytes("pw", "ses\0ame\n", 8);
    assert_int_equal(fbc_passfile_read("pw", password, &e), -1);
    assert_non_null(strstr(e.why, "NUL"));
    unlink("pw");

    put("pw", "sesame", 0640);
    assert_int_equal(fbc_passfile_read("pw", password, &e), -1);
    put("pw", "\nsesame", 0600);
    assert_int_equal(fbc_passfile_read("pw", password, &e), -1);
    assert_int_equal(symlink("pw", "link"), 0);
    assert_int_equal(fbc_passfile_read("link", password, &e), -1);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(fbc_passfile_read("fifo", password, &e), -1);
    assert_int_equal(fbc_passfile_read("nothing", password, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_INPUT);
}

static void percentiles(void **state)
{
    struct fbc_proxystats *s = calloc(1, sizeof(*s));
    struct fbc_latency l;
    uint64_t i;

    (void)state;
    fbc_proxystats_percentiles(s, &l);
    assert_true(!l.p50 && !l.p95 && !l.p99 && !l.max);
    fbc_proxystats_latency(s, 7);
    fbc_proxystats_percentiles(s, &l);
    assert_true(l.p50 == 7 && l.p95 == 7 && l.p99 == 7 && l.max == 7);

    s->samples = 0;
    for ( i = 1000; i; i-- )
        fbc_proxystats_latency(s, i);
    fbc_proxystats_percentiles(s, &l);
    assert_true(l.p50 == 500 && l.p95 == 950 && l.p99 == 990 &&
                l.max == 1000);

    /* Only the newest count. */
    for ( i = 0; i < FBC_PROXY_SAMPLES; i++ )
        fbc_proxystats_latency(s, 3);
    fbc_proxystats_percentiles(s, &l);
    assert_true(l.p50 == 3 && l.max == 3);
    free(s);
}

static void reports(void **state)
{
    static struct fbc_proxystats s = { .started = 1000000 };
    struct fbc_view_stats st = { .fresh = 5, .held = 9, .pending = 2,
                                 .bad = 1, .manifest = FBC_ERR_AUTH };
    struct fbc_proxyreport r = { .state = FBC_LIVE_FROZEN, .why = "why",
                                 .width = 8, .now = 51000000 };
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);

    (void)state;
    fbc_proxystats_picture(&s, &st);
    st.manifest = FBC_OK;
    fbc_proxystats_picture(&s, &st);
    fbc_proxystats_json(f, &s, &r, NULL);
    fclose(f);
    assert_non_null(strstr(text, "\"schema\":\"fbcrypt/vncproxy/1\""));
    assert_non_null(strstr(text, "\"state\":\"frozen\",\"live\":false,"
                                 "\"why\":\"why\",\"uptime_ms\":50"));
    assert_non_null(strstr(text, "\"updates\":2,"));
    assert_non_null(strstr(text, "\"tiles\":{\"ok\":10,\"pending\":4,"
                                 "\"bad\":2}"));
    assert_non_null(strstr(text, "\"manifests\":{\"ok\":1,\"pending\":0,"
                                 "\"stale\":0,\"bad\":1}"));
    assert_non_null(strstr(text, "\"error\":null}\n"));
    free(text);
}

static char dir[] = "/tmp/test_lib_proxy.XXXXXX";

static int setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);

    return !mkdtemp(dir) || chdir(dir);
}

static int teardown(void **state)
{
    static const char *const files[] = { "key", "socket", "sock", "pw",
                                         "long", "link", "fifo" };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(files) / sizeof(files[0]); i++ )
        unlink(files[i]);

    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_is_read_again),
        cmocka_unit_test(addresses),
        cmocka_unit_test(listening),
        cmocka_unit_test(password_files),
        cmocka_unit_test(percentiles),
        cmocka_unit_test(reports),
    };

    return cmocka_run_group_tests_name("proxy", tests, setup, teardown);
}
