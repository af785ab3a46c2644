/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The malicious server (tests/peers/evilvnc.c) against what a proxy is made of:
 * connector, RFB client, viewer.  Whatever the server does, the screen is what
 * the guest drew, and the viewer knows whether it is current.
 */
#include "vec.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/keyfile.h"
#include "lib/frames/picture.h"
#include "lib/upstream/connector.h"
#include "lib/upstream/upstream.h"
#include "parse/shadow/view.h"

#define SERVER   "build/tests/evilvnc"
#define WAIT_MS  60000
#define CALM_MS  250            /* what has not happened by then did not */
#define WIDTH    320
#define HEIGHT   200

struct world {
    char dir[40], key[60], truth[60];
    uint8_t file[FBC_SESSION_FILE_LEN];
    pid_t pid;
    FILE *says;
    struct fbc_connector *connector;
    struct fbc_upstream *u;
    struct fbc_view v;
    uint8_t *screen;
    size_t screen_len;
    struct fbc_error e;

    /* Since the last clear(). */
    unsigned int updates, live, bad, resized, bells, epochs;
    enum fbc_err view, manifest;    /* of the last picture */
};

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void write_key(struct world *w)
{
    int fd = open(w->key, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(fbc_keyfile_write(fd, w->key, FBC_KEY_SESSION, w->file,
                                       "# test\n", &w->e), 0);
    close(fd);
}

static void connect_server(struct world *w, const char *password)
{
    const struct fbc_upstream_opts opts = { .shared = true,
                                            .password = password };
    struct pollfd f = { .fd = fbc_connector_fd(w->connector),
                        .events = POLLIN };
    int fd;

    assert_int_equal(fbc_connector_ask(w->connector, &w->e), 0);
    assert_int_equal(poll(&f, 1, WAIT_MS), 1);
    if ( fbc_connector_answer(w->connector, &fd, &w->e) )
        fail_msg("%s: %s", w->e.what, w->e.why);
    assert_int_equal(fbc_upstream_new(fd, &opts, &w->u, &w->e), 0);
}

/* args: for the server, words apart. */
static void begin(struct world *w, const char *args, const char *password)
{
    char command[400], line[40];
    struct fbc_target t;
    size_t i;
    int out[2];

    memset(w, 0, sizeof(*w));
    strcpy(w->dir, "/tmp/fbc-evil-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->key, sizeof(w->key), "%s/key", w->dir);
    snprintf(w->truth, sizeof(w->truth), "%s/truth.ppm", w->dir);
    for ( i = 0; i < sizeof(w->file); i++ )
        w->file[i] = (uint8_t)(i * 3 + 5);
    write_key(w);
    snprintf(command, sizeof(command), "exec " SERVER " --after 50 "
             "--heartbeat 60 --seconds 600 --truth %s %s %s", w->truth,
             w->key, args);

    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    w->pid = fork();
    assert_true(w->pid >= 0);
    if ( !w->pid )
    {
        dup2(out[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    w->says = fdopen(out[0], "r");
    assert_non_null(w->says);
    setvbuf(w->says, NULL, _IONBF, 0);      /* as it is polled */
    assert_non_null(fgets(line, sizeof(line), w->says));
    snprintf(command, sizeof(command), "127.0.0.1::%d", atoi(line));
    assert_int_equal(fbc_target_parse(command, &t, &w->e), 0);
    assert_int_equal(fbc_connector_start(&t, WAIT_MS, &w->connector, &w->e),
                     0);
    fbc_view_init(&w->v, w->file);
    connect_server(w, password);
}

static void end(struct world *w)
{
    int status;

    fbc_upstream_free(w->u);
    fbc_connector_stop(w->connector);
    fbc_view_clear(&w->v);
    kill(w->pid, SIGTERM);
    assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    fclose(w->says);
    free(w->screen);
    unlink(w->key);
    unlink(w->truth);
    rmdir(w->dir);
}

static void look(struct world *w)
{
    struct fbc_view_stats st = { 0 };
    struct fbc_header h;
    uint32_t width, height;
    size_t stride, len;
    const uint8_t *pic = fbc_upstream_picture(w->u, &width, &height, &stride);

    w->view = fbc_view_header(pic, width, height, stride, &h);
    if ( w->view )
        return;
    len = (size_t)h.ep.geom.width * h.ep.geom.height * 3;
    if ( len != w->screen_len )
    {
        free(w->screen);
        w->screen = calloc(1, len);
        w->screen_len = len;
    }
    w->view = fbc_view_update(&w->v, pic, width, height, stride, UINT32_MAX,
                              w->screen, &st);
    if ( w->view )
        return;
    w->manifest = st.manifest;
    w->live += !st.manifest;
    w->bad += st.bad;
    w->epochs += st.new_epoch;
}

/* One round; -1 when the connection has ended, with w->e. */
static int turn(struct world *w)
{
    struct pollfd f = { .fd = fbc_upstream_fd(w->u),
                        .events = fbc_upstream_events(w->u) };
    unsigned int what;

    poll(&f, 1, fbc_upstream_pending(w->u) ? 0 : 20);
    if ( fbc_upstream_io(w->u, f.revents, &what, &w->e) )
        return -1;
    w->resized += !!(what & FBC_UPSTREAM_RESIZED);
    w->bells += !!(what & FBC_UPSTREAM_BELL);
    if ( what & FBC_UPSTREAM_UPDATE )
    {
        w->updates++;
        look(w);
    }
    if ( what & (FBC_UPSTREAM_READY | FBC_UPSTREAM_RESIZED) )
        fbc_upstream_request(w->u, false);
    else if ( what & FBC_UPSTREAM_UPDATE )
        fbc_upstream_request(w->u, true);

    return 0;
}

static void clear(struct world *w)
{
    w->updates = w->live = w->bad = w->resized = w->bells = w->epochs = 0;
}

/* Some turns, should it have stood still for all of that time. */
static int stay(struct world *w, unsigned int ms)
{
    const uint64_t until = now() + ms;
    unsigned int turns;

    for ( turns = 0; turns < 10 || now() < until; turns++ )
        if ( turn(w) )
            return -1;

    return 0;
}

/* What happens in that time. */
static int watch(struct world *w, unsigned int ms)
{
    clear(w);

    return stay(w, ms);
}

/* Until it is so, or it takes too long: to be looked at. */
#define UNTIL(w, so)                                          \
    do {                                                      \
        const uint64_t until_ = now() + WAIT_MS;              \
                                                              \
        while ( !(so) && now() < until_ )                     \
            if ( turn(w) )                                    \
                fail_msg("%s: %s", (w)->e.what, (w)->e.why);  \
    } while ( 0 )

static void until_live(struct world *w)
{
    const uint64_t until = now() + WAIT_MS;

    clear(w);
    while ( !w->live )
    {
        assert_true(now() < until);
        if ( turn(w) )
            fail_msg("%s: %s", w->e.what, w->e.why);
    }
}

/* The server says that the scenario has begun. */
static int until_scenario(struct world *w)
{
    struct pollfd f = { .fd = fileno(w->says), .events = POLLIN };
    const uint64_t until = now() + WAIT_MS;
    char line[80] = "";

    until_live(w);
    clear(w);
    while ( strcmp(line, "scenario\n") )
    {
        assert_true(now() < until);
        while ( !poll(&f, 1, 0) )
            if ( turn(w) )
                return -1;
        assert_non_null(fgets(line, sizeof(line), w->says));
    }

    return 0;
}

/* Is the screen what the guest has drawn?  Nothing may be drawn meanwhile. */
static bool exact(struct world *w)
{
    struct fbc_picture p = { 0 };
    const uint64_t until = now() + WAIT_MS;
    bool same;
    int fd;

    unlink(w->truth);
    assert_int_equal(kill(w->pid, SIGUSR1), 0);
    while ( (fd = open(w->truth, O_RDONLY)) < 0 )
    {
        assert_true(now() < until);
        if ( turn(w) )
            fail_msg("%s: %s", w->e.what, w->e.why);
    }
    assert_int_equal(fbc_ppm_read(fd, &p, w->truth, &w->e), 0);
    close(fd);
    same = (size_t)p.width * p.height * 3 == w->screen_len &&
           !memcmp(p.rgb, w->screen, w->screen_len);
    fbc_picture_free(&p);

    return same;
}

static void honest_in_every_encoding(void **state)
{
    static const char *const args[] = {
        "--encoding raw --minor 3", "--encoding hextile --minor 7",
        "--encoding zlib", "--encoding tight --size 800x600",
        "--encoding zrle --aead 3 --size 333x77",
    };
    struct world w;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(args) / sizeof(args[0]); i++ )
    {
        begin(&w, args[i], NULL);
        until_live(&w);
        assert_true(exact(&w));
        clear(&w);
        kill(w.pid, SIGUSR2);
        UNTIL(&w, w.live && exact(&w));
        assert_true(w.live);
        assert_int_equal(w.bad, 0);
        assert_true(exact(&w));
        end(&w);
    }
}

static void honest_with_password(void **state)
{
    static const char *const minors[] = { "3", "7", "8" };
    char args[60];
    struct world w;
    size_t i;

    (void)state;
    for ( i = 0; i < 3; i++ )
    {
        snprintf(args, sizeof(args), "--minor %s --password secret",
                 minors[i]);
        begin(&w, args, "secret");
        until_live(&w);
        end(&w);
        begin(&w, args, "Secret");
        assert_int_equal(watch(&w, WAIT_MS), -1);
        assert_non_null(strstr(w.e.why, "refuses the password"));
        end(&w);
    }
}

/* Tampering: never again live, and nothing but the guest's on the screen. */
static void tampered(void **state)
{
    static const struct {
        const char *args;
        bool bad;               /* tiles do not verify */
        enum fbc_err manifest;
        enum fbc_err view;      /* the whole picture is refused */
    } cases[] = {
        { "flip-header", false, FBC_OK, FBC_ERR_MAGIC },
        { "--bit 400 flip-header", false, FBC_OK, FBC_ERR_CHECKSUM },
        { "flip-cipher", true, FBC_ERR_AUTH, FBC_OK },
        { "--tile 7 --bit 1000 flip-cipher", true, FBC_ERR_AUTH, FBC_OK },
        { "--bit 12 flip-counter", true, FBC_ERR_AUTH, FBC_OK },
        { "flip-flags", true, FBC_ERR_AUTH, FBC_OK },
        { "--bit 7 flip-flags", false, FBC_ERR_AUTH, FBC_OK },
        { "--bit 127 flip-tag", true, FBC_ERR_AUTH, FBC_OK },
        { "flip-manifest", false, FBC_ERR_AUTH, FBC_OK },
        { "--bit 40 flip-manifest-counter", false, FBC_ERR_AUTH, FBC_OK },
        { "flip-manifest-tag", false, FBC_ERR_AUTH, FBC_OK },
        { "replay", false, FBC_ERR_AUTH, FBC_OK },
        { "old-manifest", false, FBC_ERR_AUTH, FBC_OK },
        /* Old is what was there before that one drawing. */
        { "--every 1 --draws 1 rollback", false, FBC_ERR_AUTH, FBC_OK },
        { "swap", true, FBC_ERR_AUTH, FBC_OK },
    };
    struct world w;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        uint8_t *before;

        begin(&w, cases[i].args, NULL);
        assert_int_equal(until_scenario(&w), 0);
        before = malloc(w.screen_len);
        memcpy(before, w.screen, w.screen_len);
        clear(&w);
        assert_int_equal(kill(w.pid, SIGUSR2), 0);
        UNTIL(&w, w.manifest == cases[i].manifest &&
                  w.view == cases[i].view && !w.bad == !cases[i].bad);
        assert_int_equal(stay(&w, CALM_MS), 0);
        /* One honest update may have been on its way. */
        if ( w.live > 1 || w.manifest != cases[i].manifest ||
             w.view != cases[i].view || !w.bad == cases[i].bad )
            fail_msg("%s: %u live, %u bad, manifest %d, view %d",
                     cases[i].args, w.live, w.bad, w.manifest, w.view);
        if ( cases[i].view )
            assert_memory_equal(before, w.screen, w.screen_len);
        free(before);
        end(&w);
    }
}

static void says_nothing_more(void **state)
{
    static const char *const args[] = { "freeze", "truncate-hang", "bpp8",
                                        "bpp16" };
    struct world w;
    size_t i;

    (void)state;
    for ( i = 0; i < 4; i++ )
    {
        begin(&w, args[i], NULL);
        assert_int_equal(until_scenario(&w), 0);
        assert_int_equal(watch(&w, CALM_MS), 0);
        clear(&w);
        assert_int_equal(watch(&w, CALM_MS), 0);
        assert_int_equal(w.updates, 0);
        end(&w);
    }
}

#define CLOSED "closed the connection"

/* A server that ends with something of ours unread resets the connection. */
static bool says(const struct fbc_error *e, const char *why)
{
    return strstr(e->why, why) ||
           (!strcmp(why, CLOSED) && strstr(e->why, strerror(ECONNRESET)));
}

static void ends_with_a_reason(void **state)
{
    static const char *const cases[][2] = {
        { "truncate-close", CLOSED },
        { "huge", "screen is too large: 8192" },
        { "huge-text", "clipboard text is too long: 2147483647" },
        { "jpeg", "a lossy picture cannot be decrypted" },
        { "outside", "outside the screen" },
        { "copyrect", "CopyRect" },
        { "unknown", "unknown message: 150" },
    };
    struct world w;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        begin(&w, cases[i][0], NULL);
        until_live(&w);
        assert_int_equal(watch(&w, WAIT_MS), -1);
        if ( !says(&w.e, cases[i][1]) )
            fail_msg("%s: %s", cases[i][0], w.e.why);
        end(&w);
    }
    begin(&w, "huge-init", NULL);
    assert_int_equal(watch(&w, WAIT_MS), -1);
    assert_non_null(strstr(w.e.why, "screen is too large"));
    end(&w);
}

/* As many updates as were asked for, and no bells but one a call. */
static void pestering(void **state)
{
    struct fbc_upstream_stats s[2];
    struct world w;
    unsigned int i, what;

    (void)state;
    begin(&w, "flood", NULL);
    assert_int_equal(until_scenario(&w), 0);
    fbc_upstream_stats(w.u, &s[0]);
    for ( i = 0; i < 1000; i++ )
        assert_int_equal(fbc_upstream_io(w.u, POLLIN, &what, &w.e), 0);
    fbc_upstream_stats(w.u, &s[1]);
    assert_true(s[1].updates - s[0].updates <= 1);
    end(&w);

    begin(&w, "bells", NULL);
    assert_int_equal(until_scenario(&w), 0);
    UNTIL(&w, w.bells);
    assert_true(w.bells);
    end(&w);
}

static void honest_changes(void **state)
{
    struct world w;
    uint32_t epoch;

    (void)state;
    begin(&w, "--to 500x400 resize", NULL);
    assert_int_equal(until_scenario(&w), 0);
    until_live(&w);
    assert_int_equal(w.screen_len, 500 * 400 * 3);
    assert_true(exact(&w));
    end(&w);

    begin(&w, "rekey", NULL);
    until_live(&w);
    epoch = w.v.header.ep.epoch;
    assert_int_equal(until_scenario(&w), 0);
    while ( w.v.header.ep.epoch == epoch )
        until_live(&w);
    until_live(&w);
    assert_true(exact(&w));
    /* With another session key. */
    w.file[0] ^= 1;
    write_key(&w);
    kill(w.pid, SIGHUP);
    UNTIL(&w, w.view == FBC_ERR_AUTH);
    assert_int_equal(w.view, FBC_ERR_AUTH);
    fbc_view_clear(&w.v);
    fbc_view_init(&w.v, w.file);
    until_live(&w);
    assert_true(exact(&w));
    end(&w);
}

static void connects_again(void **state)
{
    static const char *const args[] = { "restart", "reboot" };
    struct world w;
    size_t i;

    (void)state;
    for ( i = 0; i < 2; i++ )
    {
        begin(&w, args[i], NULL);
        until_live(&w);
        assert_int_equal(watch(&w, WAIT_MS), -1);
        assert_true(says(&w.e, CLOSED));
        fbc_upstream_free(w.u);
        connect_server(&w, NULL);
        until_live(&w);
        assert_int_equal(w.epochs, i);
        assert_true(exact(&w));
        end(&w);
    }
}

static void no_key_yet(void **state)
{
    struct world w;

    (void)state;
    begin(&w, "--aead 0", NULL);
    UNTIL(&w, w.updates);
    assert_int_equal(stay(&w, CALM_MS), 0);
    assert_true(w.updates);
    assert_int_equal(w.view, FBC_ERR_UNKEYED);
    end(&w);
}

static void input_arrives(void **state)
{
    char line[80];
    struct world w;
    unsigned int i;

    (void)state;
    begin(&w, "", NULL);
    until_live(&w);
    fbc_upstream_key(w.u, true, 0xff0d);
    fbc_upstream_pointer(w.u, 4, 3, 2);
    assert_int_equal(watch(&w, CALM_MS), 0);
    for ( i = 0; i < 10; i++ )
    {
        assert_non_null(fgets(line, sizeof(line), w.says));
        if ( !strncmp(line, "key", 3) )
            break;
    }
    assert_string_equal(line, "key 1 0xff0d\n");
    assert_non_null(fgets(line, sizeof(line), w.says));
    assert_string_equal(line, "pointer 4 3 2\n");
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_in_every_encoding),
        cmocka_unit_test(honest_with_password),
        cmocka_unit_test(tampered),
        cmocka_unit_test(says_nothing_more),
        cmocka_unit_test(ends_with_a_reason),
        cmocka_unit_test(pestering),
        cmocka_unit_test(honest_changes),
        cmocka_unit_test(connects_again),
        cmocka_unit_test(no_key_yet),
        cmocka_unit_test(input_arrives),
    };

    signal(SIGPIPE, SIG_IGN);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
