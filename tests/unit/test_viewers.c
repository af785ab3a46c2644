/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Viewers, byte by byte: what is served, who is dropped, and that nothing that
 * one of them does or leaves undone makes the others wait.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vec.h"

#include "core/be.h"
#include "lib/base/clock.h"
#include "lib/upstream/vncauth.h"
#include "lib/viewers/viewers.h"

#define W 200
#define H 60

struct world {
    struct fbc_viewers *v;
    uint8_t *picture;               /* of exactly its size */
    uint32_t w, h;
    char log[2000];
    unsigned int shown, late;
    bool busy;
    unsigned int who;               /* had the last key or pointer */
    uint64_t now;                   /* ns; 0: the real time */
};

static void on_key(void *arg, unsigned int who, bool down, uint32_t keysym,
                   uint32_t keycode)
{
    struct world *t = arg;
    size_t n = strlen(t->log);

    t->who = who;
    snprintf(t->log + n, sizeof(t->log) - n, "key %d %x %x\n", down, keysym,
             keycode);
}

static void on_pointer(void *arg, unsigned int who, uint8_t buttons,
                       uint16_t x, uint16_t y)
{
    struct world *t = arg;
    size_t n = strlen(t->log);

    t->who = who;
    snprintf(t->log + n, sizeof(t->log) - n, "pointer %u %u %u\n", buttons, x,
             y);
}

static void on_shown(void *arg, uint64_t ns)
{
    (void)ns;
    ((struct world *)arg)->shown++;
}

static bool busy(void *arg)
{
    return ((struct world *)arg)->busy;
}

static void on_late(void *arg, uint64_t ns)
{
    assert_true(ns > 300 * FBC_NS_PER_S);
    ((struct world *)arg)->late++;
}

static uint64_t clock_ns(void *arg)
{
    const struct world *t = arg;

    return t->now ? t->now : fbc_clock_ns();
}

static void draw(struct world *t, uint32_t w, uint32_t h)
{
    size_t i;

    free(t->picture);
    t->picture = malloc((size_t)w * h * 4);
    assert_non_null(t->picture);
    for ( i = 0; i < (size_t)w * h * 4; i++ )
        t->picture[i] = i % 4 == 3 ? 0 : (uint8_t)(i * 7 + i / 1000);
    t->w = w;
    t->h = h;
}

static struct world *begin(const char *password, bool view_only)
{
    struct world *t = calloc(1, sizeof(*t));
    const struct fbc_viewers_opts o = {
        .name = "name", .password = password, .view_only = view_only,
        .key = on_key, .pointer = on_pointer, .shown = on_shown, .late = on_late,
        .busy = busy, .clock_ns = clock_ns, .arg = t,
    };
    struct fbc_error e;

    assert_non_null(t);
    draw(t, W, H);
    assert_int_equal(fbc_viewers_new(&o, t->picture, W, H, &t->v, &e), 0);

    return t;
}

static void end(struct world *t)
{
    fbc_viewers_free(t->v);
    free(t->picture);
    free(t);
}

/* Lets the viewers' side do all that it can. */
static void run(struct world *t)
{
    struct pollfd fds[FBC_VIEWERS_MAX];
    int idle;

    for ( idle = 0; idle < 3; )
    {
        size_t n = fbc_viewers_poll(t->v, fds);

        if ( poll(fds, n, 1) > 0 )
            idle = 0;
        else
            idle++;
        fbc_viewers_run(t->v, fds, n);
        if ( !n )
            return;
    }
}

static int viewer(struct world *t)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(fbc_viewers_add(t->v, pair[0], false), 0);

    return pair[1];
}

static void say(struct world *t, int fd, const void *bytes, size_t len)
{
    assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
    run(t);
}

#define SAY(t, fd, s) say(t, fd, s, sizeof(s) - 1)

/* Exactly so many bytes come. */
static void get(struct world *t, int fd, uint8_t *buf, size_t len)
{
    size_t have = 0;
    int tries = 0;

    while ( have < len )
    {
        ssize_t n = recv(fd, buf + have, len - have, MSG_DONTWAIT);

        assert_true(n != 0);
        if ( n > 0 )
            have += (size_t)n;
        else
            run(t);
        assert_true(n > 0 || ++tries < 1000);
    }
}

static void hears(struct world *t, int fd, const void *want, size_t len)
{
    uint8_t buf[256];

    get(t, fd, buf, len);
    assert_memory_equal(buf, want, len);
}

#define HEARS(t, fd, s) hears(t, fd, s, sizeof(s) - 1)

static void hears_nothing(struct world *t, int fd)
{
    uint8_t byte;

    run(t);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
}

static bool is_gone(struct world *t, int fd)
{
    uint8_t buf[4096];
    ssize_t n;

    run(t);
    while ( (n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0 )
        run(t);

    return !n;
}

static void greet(struct world *t, int fd)
{
    static const char init[] = "\0\xc8\0\x3c\x20\x18\0\xff\0\xff\0\xff\0\xff"
                               "\x10\x08\0\0\0\0\0\0\0\4name";
    uint8_t buf[28];

    HEARS(t, fd, "RFB 003.008\n");
    SAY(t, fd, "RFB 003.008\n");
    HEARS(t, fd, "\1\1");
    SAY(t, fd, "\1");
    HEARS(t, fd, "\0\0\0\0");
    SAY(t, fd, "\1");
    get(t, fd, buf, 28);
    assert_memory_equal(buf + 4, init + 4, 24);
}

static void ask(struct world *t, int fd, bool incremental, uint32_t x,
                uint32_t y, uint32_t w, uint32_t h)
{
    uint8_t m[10] = { 3, incremental };

    fbc_put_be16(m + 2, (uint16_t)x);
    fbc_put_be16(m + 4, (uint16_t)y);
    fbc_put_be16(m + 6, (uint16_t)w);
    fbc_put_be16(m + 8, (uint16_t)h);
    say(t, fd, m, sizeof(m));
}

/* An update of one Raw rectangle, pixels as they are. */
static void shows(struct world *t, int fd, uint32_t x, uint32_t y, uint32_t w,
                  uint32_t h)
{
    uint8_t *buf = malloc(w * 4), head[16];
    uint32_t j;

    get(t, fd, head, sizeof(head));
    assert_int_equal(head[0], 0);       /* then libvncserver's padding */
    assert_int_equal(fbc_get_be16(head + 2), 1);
    assert_int_equal(fbc_get_be16(head + 4), x);
    assert_int_equal(fbc_get_be16(head + 6), y);
    assert_int_equal(fbc_get_be16(head + 8), w);
    assert_int_equal(fbc_get_be16(head + 10), h);
    assert_int_equal(fbc_get_be32(head + 12), 0);
    for ( j = y; j < y + h; j++ )
    {
        get(t, fd, buf, w * 4);
        assert_memory_equal(buf, t->picture + ((size_t)j * t->w + x) * 4,
                            w * 4);
    }
    free(buf);
}

static void raw_updates(void **state)
{
    struct world *t = begin(NULL, false);
    int fd = viewer(t);

    (void)state;
    greet(t, fd);
    ask(t, fd, false, 0, 0, W, H);
    shows(t, fd, 0, 0, W, H);
    assert_int_equal(t->shown, 0);

    /* Nothing until something changes, and then only that. */
    ask(t, fd, true, 0, 0, W, H);
    hears_nothing(t, fd);
    t->picture[(10 * W + 20) * 4] ^= 1;
    fbc_viewers_changed(t->v, &(struct fbc_rect){ 16, 8, 32, 16 },
                        fbc_clock_ns());
    run(t);
    shows(t, fd, 16, 8, 32, 16);
    assert_int_equal(t->shown, 1);
    fbc_viewers_changed(t->v, &(struct fbc_rect){ 0, 0, 8, 8 },
                        fbc_clock_ns());
    hears_nothing(t, fd);

    /* What was not asked for stays due. */
    ask(t, fd, true, 100, 0, 100, H);
    hears_nothing(t, fd);
    ask(t, fd, true, 0, 0, 4, 4);
    shows(t, fd, 0, 0, 4, 4);
    ask(t, fd, true, 0, 0, W, H);
    get(t, fd, (uint8_t[4 + 12 + 4 * 16 + 12 + 8 * 16]){ 0 },
        4 + 12 + 4 * 16 + 12 + 8 * 16);
    hears_nothing(t, fd);
    close(fd);
    run(t);
    assert_int_equal(fbc_viewers_count(t->v), 0);
    end(t);
}

static void byte_by_byte(void **state)
{
    static const char all[] = "RFB 003.008\n\1\1\2\0\0\1\0\0\0\0"
        "\3\0\0\0\0\0\0\xc8\0\x3c\6\0\0\0\0\0\0\3abc\4\1\0\0\0\0\0\x61";
    struct world *t = begin(NULL, false);
    int fd = viewer(t), other = viewer(t);
    uint8_t sent[12 + 2 + 4 + 28];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(all) - 1; i++ )
    {
        uint64_t start = fbc_clock_ns();

        say(t, fd, all + i, 1);
        assert_true(fbc_clock_ns() - start < 30 * FBC_NS_PER_S);
    }
    get(t, fd, sent, sizeof(sent));
    shows(t, fd, 0, 0, W, H);
    assert_string_equal(t->log, "key 1 61 0\n");
    greet(t, other);
    close(fd);
    run(t);
    assert_string_equal(t->log, "key 1 61 0\nkey 0 61 0\n");
    close(other);
    end(t);
}

static void old_protocols(void **state)
{
    struct world *t = begin(NULL, false);
    int fd = viewer(t);
    uint8_t init[28];

    (void)state;
    HEARS(t, fd, "RFB 003.008\n");
    SAY(t, fd, "RFB 003.003\n");
    HEARS(t, fd, "\0\0\0\1");
    SAY(t, fd, "\0");
    get(t, fd, init, 28);
    close(fd);

    fd = viewer(t);
    HEARS(t, fd, "RFB 003.008\n");
    SAY(t, fd, "RFB 003.007\n");
    HEARS(t, fd, "\1\1");
    SAY(t, fd, "\1");
    SAY(t, fd, "\1");
    get(t, fd, init, 28);
    close(fd);
    end(t);
}

static void who_breaks_the_rules_is_dropped(void **state)
{
    static const struct { const char *bytes; size_t len; } bad[] = {
        { "GET / HTTP/1.1\r\n\r\n", 18 },
        { "RFB 004.000\n", 12 },
        { "RFB 003.008\n\2", 13 },
        { "RFB 003.008\n\1\1\1", 15 },
        { "RFB 003.008\n\1\1\7aaaaaaaaaaaa", 27 },
        { "RFB 003.008\n\1\1\2\0\xff\xff", 18 },
        { "RFB 003.008\n\1\1\0\0\0\0\x18\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0"
          "\0\0\0", 34 },
        { "RFB 003.008\n\1\1\6\0\0\0\xff\xff\xff\xff", 22 },
    };
    struct world *t = begin(NULL, false);
    struct fbc_viewers_stats st;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        int fd = viewer(t);

        say(t, fd, bad[i].bytes, bad[i].len);
        assert_true(is_gone(t, fd));
        assert_int_equal(fbc_viewers_count(t->v), 0);
        close(fd);
    }
    fbc_viewers_stats(t->v, &st);
    assert_int_equal(st.accepted, i);
    assert_int_equal(st.dropped, i);
    end(t);
}

static void passwords(void **state)
{
    struct world *t = begin("swordfish", false);
    uint8_t challenge[16], last[16] = { 0 }, response[16];
    int fd, i;

    (void)state;
    for ( i = 0; i < 4; i++ )
    {
        fd = viewer(t);
        HEARS(t, fd, "RFB 003.008\n");
        SAY(t, fd, "RFB 003.008\n");
        HEARS(t, fd, "\1\2");
        SAY(t, fd, "\2");
        get(t, fd, challenge, 16);
        assert_memory_not_equal(challenge, last, 16);
        memcpy(last, challenge, 16);
        assert_int_equal(fbc_vncauth(i % 2 ? "swordfis" : "swordfit",
                                     challenge, response), 0);
        say(t, fd, response, 16);
        if ( i % 2 )
        {
            HEARS(t, fd, "\0\0\0\0");
            SAY(t, fd, "\1");
            get(t, fd, (uint8_t[28]){ 0 }, 28);
        }
        else
        {
            HEARS(t, fd, "\0\0\0\1");
            assert_true(is_gone(t, fd));
        }
        close(fd);
    }
    end(t);
}

static void hears_size(struct world *t, int fd)
{
    uint8_t byte;

    HEARS(t, fd, "\0");
    get(t, fd, &byte, 1);
    HEARS(t, fd, "\0\1\0\0\0\0\1\x2c\0\x64\xff\xff\xff\x21");
}

/* Machines have seconds, who is asked for a password has minutes. */
static void time_for_a_password(void **state)
{
    static const char rfb[] = "RFB 003.008\n";
    struct world *t = begin("sesame", false);
    int silent = viewer(t), quick = viewer(t), slow = viewer(t);
    int never = viewer(t);
    uint8_t challenge[16], response[16];

    (void)state;
    t->now = fbc_clock_ns();
    say(t, quick, rfb, 12);
    say(t, slow, rfb, 12);
    say(t, never, rfb, 12);
    t->now += 11 * FBC_NS_PER_S;
    run(t);
    assert_true(is_gone(t, silent));
    assert_int_equal(fbc_viewers_count(t->v), 3);

    HEARS(t, slow, "RFB 003.008\n\1\2");
    SAY(t, slow, "\2");
    get(t, slow, challenge, sizeof(challenge));
    HEARS(t, never, "RFB 003.008\n\1\2");
    SAY(t, never, "\2");
    t->now += 290 * FBC_NS_PER_S;
    run(t);
    assert_int_equal(fbc_vncauth("sesame", challenge, response), 0);
    say(t, slow, response, sizeof(response));
    HEARS(t, slow, "\0\0\0\0");
    assert_int_equal(t->late, 0);
    t->now += 11 * FBC_NS_PER_S;
    assert_true(is_gone(t, never));
    assert_int_equal(t->late, 1);
    assert_int_equal(fbc_viewers_count(t->v), 1);
    close(silent);
    close(quick);
    close(slow);
    close(never);
    end(t);
}

/* Who says nothing keeps nobody out; who sees the picture stays. */
static void silent_ones_make_room(void **state)
{
    struct world *t = begin(NULL, false);
    int fds[FBC_VIEWERS_MAX], half, other, i;

    (void)state;
    fds[0] = viewer(t);
    greet(t, fds[0]);
    half = viewer(t);
    SAY(t, half, "RFB 003.008\n");
    for ( i = 1; i < FBC_VIEWERS_MAX - 1; i++ )
        fds[i] = viewer(t);
    for ( i = 1; i < FBC_VIEWERS_MAX - 1; i++ )
    {
        other = viewer(t);
        greet(t, other);
        assert_true(is_gone(t, fds[i]));
        close(fds[i]);
        fds[i] = other;
    }
    other = viewer(t);          /* then those in the handshake */
    greet(t, other);
    assert_true(is_gone(t, half));
    ask(t, fds[0], false, 0, 0, W, H);
    shows(t, fds[0], 0, 0, W, H);
    assert_int_equal(fbc_viewers_count(t->v), FBC_VIEWERS_MAX);
    for ( i = 0; i < FBC_VIEWERS_MAX - 1; i++ )
        close(fds[i]);
    close(half);
    close(other);
    end(t);
}

/* The greeting is not said twice. */
static void greeted_already(void **state)
{
    struct world *t = begin(NULL, false);
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(fbc_viewers_add(t->v, pair[0], true), 0);
    hears_nothing(t, pair[1]);
    SAY(t, pair[1], "RFB 003.008\n");
    HEARS(t, pair[1], "\1\1");
    close(pair[1]);
    end(t);
}

static void a_new_size(void **state)
{
    static const char follows[] = "\2\0\0\2\0\0\0\0\xff\xff\xff\x21";
    struct world *t = begin(NULL, false);
    int can = viewer(t), cannot = viewer(t), mute = viewer(t);
    int late = viewer(t), never = viewer(t), greeting = viewer(t);
    uint8_t *old;

    (void)state;
    greet(t, can);
    say(t, can, follows, 12);
    greet(t, cannot);
    SAY(t, cannot, "\2\0\0\1\0\0\0\0");
    greet(t, mute);
    greet(t, late);
    greet(t, never);
    ask(t, can, false, 0, 0, W, H);
    shows(t, can, 0, 0, W, H);

    old = t->picture;
    t->picture = NULL;
    draw(t, 300, 100);
    fbc_viewers_show(t->v, t->picture, 300, 100, fbc_clock_ns());
    free(old);
    ask(t, can, true, 0, 0, W, H);
    hears_size(t, can);
    shows(t, can, 0, 0, W, H);
    ask(t, can, true, 0, 0, 300, 100);
    get(t, can, (uint8_t[4 + 12 + 100 * 60 * 4 + 12 + 300 * 40 * 4]){ 0 },
        4 + 12 + 100 * 60 * 4 + 12 + 300 * 40 * 4);

    /* Who said that it cannot, and who asks without having said it can. */
    assert_true(is_gone(t, cannot));
    ask(t, mute, false, 0, 0, W, H);
    assert_true(is_gone(t, mute));
    SAY(t, never, "\2\0\0\1\0\0\0\0");
    assert_true(is_gone(t, never));
    say(t, late, follows, 12);
    ask(t, late, false, 0, 0, W, H);
    hears_size(t, late);
    greet(t, greeting);
    assert_int_equal(fbc_viewers_count(t->v), 3);
    close(can);
    close(cannot);
    close(mute);
    close(late);
    close(never);
    close(greeting);
    end(t);
}

static void keys_and_buttons(void **state)
{
    struct world *t = begin(NULL, false);
    int fd = viewer(t);

    (void)state;
    greet(t, fd);
    SAY(t, fd, "\2\0\0\2\0\0\0\0\xff\xff\xfe\xfe");
    hears_nothing(t, fd);               /* not as the first update */
    ask(t, fd, false, 0, 0, 4, 4);
    shows(t, fd, 0, 0, 4, 4);
    HEARS(t, fd, "\0\0\0\1\0\0\0\0\0\0\0\0\xff\xff\xfe\xfe");
    SAY(t, fd, "\4\1\0\0\0\0\0\x61\4\0\0\0\0\0\0\x61"
               "\xff\0\0\1\0\0\0\x62\0\0\0\x30\5\1\0\x10\0\x20"
               "\4\1\0\0\0\0\xff\xe3\4\1\0\0\0\0\xff\xe3");
    close(fd);
    run(t);
    assert_string_equal(t->log,
                        "key 1 61 0\nkey 0 61 0\nkey 1 62 30\n"
                        "pointer 1 16 32\nkey 1 ffe3 0\nkey 1 ffe3 0\n"
                        "key 0 62 30\nkey 0 ffe3 0\npointer 0 16 32\n");
    end(t);

    t = begin(NULL, true);
    fd = viewer(t);
    greet(t, fd);
    SAY(t, fd, "\4\1\0\0\0\0\0\x61\5\1\0\x10\0\x20");
    close(fd);
    run(t);
    assert_string_equal(t->log, "");
    end(t);
}

/* The next one that comes gets a number that is free again. */
static void each_has_its_number(void **state)
{
    static const uint8_t down[] = { 4, 1, 0, 0, 0, 0, 0, 'a' };
    struct world *t = begin(NULL, false);
    int fd[4], i;

    (void)state;
    for ( i = 0; i < 3; i++ )
    {
        fd[i] = viewer(t);
        greet(t, fd[i]);
    }
    for ( i = 3; i--; )
    {
        say(t, fd[i], down, sizeof(down));
        assert_int_equal(t->who, i);
    }
    t->log[0] = 0;
    close(fd[1]);
    run(t);
    assert_string_equal(t->log, "key 0 61 0\n");
    assert_int_equal(t->who, 1);
    fd[3] = viewer(t);
    greet(t, fd[3]);
    t->who = 99;
    say(t, fd[3], down, sizeof(down));
    assert_int_equal(t->who, 1);
    say(t, fd[2], down, sizeof(down));
    assert_int_equal(t->who, 2);
    end(t);
}

/* Keys that cannot go on wait, here and in the socket, in order. */
static void who_types_too_fast_waits(void **state)
{
    static const uint8_t down[] = { 4, 1, 0, 0, 0, 0, 0, 'a' };
    static const uint8_t up[] = { 4, 0, 0, 0, 0, 0, 0, 'a' };
    struct world *t = begin(NULL, false);
    int fd = viewer(t), other, i;

    (void)state;
    greet(t, fd);
    t->busy = true;
    for ( i = 0; i < 3; i++ )
    {
        say(t, fd, down, sizeof(down));
        say(t, fd, up, sizeof(up));
    }
    assert_string_equal(t->log, "");
    t->busy = false;
    run(t);
    assert_string_equal(t->log, "key 1 61 0\nkey 0 61 0\nkey 1 61 0\n"
                                "key 0 61 0\nkey 1 61 0\nkey 0 61 0\n");

    /* One that goes meanwhile: what it said before counts. */
    t->log[0] = 0;
    t->busy = true;
    say(t, fd, down, sizeof(down));
    close(fd);
    run(t);
    assert_string_equal(t->log, "");
    t->busy = false;
    other = viewer(t);
    run(t);
    assert_string_equal(t->log, "key 1 61 0\nkey 0 61 0\n");
    close(other);
    end(t);
}

static void bells(void **state)
{
    struct world *t = begin(NULL, false);
    int fd = viewer(t), i;

    (void)state;
    greet(t, fd);
    SAY(t, fd, "\2\0\0\1\0\0\0\0");
    for ( i = 0; i < 100; i++ )
        fbc_viewers_bell(t->v);
    run(t);
    HEARS(t, fd, "\2");
    hears_nothing(t, fd);
    close(fd);
    end(t);
}

/* Fifteen that take nothing, of a picture that no socket holds. */
static void none_waits_for_another(void **state)
{
    struct world *t = begin(NULL, false);
    int fds[FBC_VIEWERS_MAX], extra[2], i;
    uint64_t start;
    uint8_t *old = t->picture;

    (void)state;
    t->picture = NULL;
    draw(t, 1000, 600);
    fbc_viewers_show(t->v, t->picture, 1000, 600, fbc_clock_ns());
    free(old);
    for ( i = 0; i < FBC_VIEWERS_MAX; i++ )
    {
        fds[i] = viewer(t);
        greet(t, fds[i]);
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, extra), 0);
    assert_int_equal(fbc_viewers_add(t->v, extra[0], false), -1);
    assert_int_equal(recv(extra[1], fds, 0, 0), 0);
    close(extra[1]);

    start = fbc_clock_ns();
    for ( i = 0; i < FBC_VIEWERS_MAX; i++ )
        ask(t, fds[i], false, 0, 0, 1000, 600);
    shows(t, fds[7], 0, 0, 1000, 600);
    assert_true(fbc_clock_ns() - start < 60 * FBC_NS_PER_S);
    assert_int_equal(fbc_viewers_count(t->v), FBC_VIEWERS_MAX);
    for ( i = 0; i < FBC_VIEWERS_MAX; i++ )
        close(fds[i]);
    end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_updates),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(old_protocols),
        cmocka_unit_test(who_breaks_the_rules_is_dropped),
        cmocka_unit_test(passwords),
        cmocka_unit_test(time_for_a_password),
        cmocka_unit_test(silent_ones_make_room),
        cmocka_unit_test(greeted_already),
        cmocka_unit_test(a_new_size),
        cmocka_unit_test(keys_and_buttons),
        cmocka_unit_test(each_has_its_number),
        cmocka_unit_test(who_types_too_fast_waits),
        cmocka_unit_test(bells),
        cmocka_unit_test(none_waits_for_another),
    };

    return cmocka_run_group_tests_name("viewers", tests, NULL, NULL);
}
