/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The RFB client against libvncserver, which has other encoders than ours:
 * whatever it draws arrives exactly, in every encoding.
 */
#include <poll.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <rfb/rfb.h>

#include "lib/upstream/upstream.h"

/* A whole screen fits into a socket: libvncserver waits when it is full. */
#define WIDTH  200
#define HEIGHT 150
#define WAIT_S 60

struct pair {
    rfbScreenInfoPtr screen;
    rfbClientPtr client;
    struct fbc_upstream *u;
    unsigned int what;
    uint32_t keysym;            /* the server got */
    int x, y, buttons;
};

static struct pair *the;

static void on_key(rfbBool down, rfbKeySym sym, struct _rfbClientRec *c)
{
    (void)c;
    the->keysym = down ? sym : 0;
}

static void on_pointer(int buttons, int x, int y, struct _rfbClientRec *c)
{
    (void)c;
    the->buttons = buttons;
    the->x = x;
    the->y = y;
}

static void quiet(const char *format, ...)
{
    (void)format;
}

static void begin(struct pair *p, const struct fbc_upstream_opts *opts,
                  char **passwords)
{
    struct fbc_error e;
    int fd[2];

    memset(p, 0, sizeof(*p));
    the = p;
    rfbLog = quiet;
    rfbErr = quiet;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    p->screen = rfbGetScreen(NULL, NULL, WIDTH, HEIGHT, 8, 3, 4);
    assert_non_null(p->screen);
    p->screen->frameBuffer = calloc(WIDTH * HEIGHT, 4);
    p->screen->port = p->screen->ipv6port = -1;
    p->screen->cursor = NULL;
    p->screen->deferUpdateTime = 0;
    p->screen->kbdAddEvent = on_key;
    p->screen->ptrAddEvent = on_pointer;
    if ( passwords )
    {
        p->screen->authPasswdData = passwords;
        p->screen->passwordCheck = rfbCheckPasswordByList;
    }
    rfbInitServer(p->screen);
    p->client = rfbNewClient(p->screen, fd[0]);
    assert_non_null(p->client);
    assert_int_equal(fbc_upstream_new(fd[1], opts, &p->u, &e), 0);
}

static void end(struct pair *p)
{
    fbc_upstream_free(p->u);
    rfbProcessEvents(p->screen, 0);
    free(p->screen->frameBuffer);
    rfbShutdownServer(p->screen, TRUE);
    rfbScreenCleanup(p->screen);
}

/* Until one of these has happened, or a minute has gone. */
static int run(struct pair *p, unsigned int until, struct fbc_error *e)
{
    time_t last = time(NULL) + WAIT_S;
    unsigned int what;

    for ( p->what = 0; !(p->what & until); p->what |= what )
    {
        struct pollfd f = { .fd = fbc_upstream_fd(p->u),
                            .events = fbc_upstream_events(p->u) };

        assert_true(time(NULL) < last);
        rfbProcessEvents(p->screen, 1000);
        poll(&f, 1, fbc_upstream_pending(p->u) ? 0 : 1);
        if ( fbc_upstream_io(p->u, f.revents, &what, e) )
            return -1;
    }

    return 0;
}

/* The server's pixels are red, green, blue, unused. */
static bool same(struct pair *p)
{
    const uint8_t *theirs = (const uint8_t *)p->screen->frameBuffer, *ours;
    uint32_t w, h, x, y;
    size_t stride;

    ours = fbc_upstream_picture(p->u, &w, &h, &stride);
    assert_non_null(ours);
    if ( w != (uint32_t)p->screen->width || h != (uint32_t)p->screen->height )
        return false;
    for ( y = 0; y < h; y++, theirs += p->screen->paddedWidthInBytes )
        for ( x = 0; x < w; x++ )
        {
            const uint8_t *a = ours + y * stride + x * 4, *b = theirs + x * 4;

            if ( a[0] != b[2] || a[1] != b[1] || a[2] != b[0] )
                return false;
        }

    return true;
}

static uint32_t rnd(void)
{
    static uint32_t s = 99;

    s = s * 1664525 + 1013904223;

    return s >> 8;
}

/* kind 0: noise; else so many colours, in runs. */
static void draw(struct pair *p, unsigned int kind, int x, int y, int w,
                 int h)
{
    uint32_t colour[256], c = 0, left = 0;
    int i, k;

    for ( i = 0; i < 256; i++ )
        colour[i] = rnd();
    for ( i = y; i < y + h; i++ )
        for ( k = x; k < x + w; k++ )
        {
            if ( !left )
            {
                left = kind ? 1 + rnd() % 40 : 1;
                c = kind ? colour[rnd() % kind] : rnd();
            }
            left--;
            memcpy(p->screen->frameBuffer +
                   i * p->screen->paddedWidthInBytes + k * 4, &c, 4);
        }
    rfbMarkRectAsModified(p->screen, x, y, x + w, y + h);
}

/* Requests until the pictures are the same. */
static void settle(struct pair *p, bool incremental)
{
    struct fbc_error e;
    unsigned int i;

    fbc_upstream_request(p->u, incremental);
    for ( i = 0; ; i++ )
    {
        assert_true(i < 100);
        if ( run(p, FBC_UPSTREAM_UPDATE, &e) )
            fail_msg("%s: %s", e.what, e.why);
        if ( same(p) )
            break;
        fbc_upstream_request(p->u, true);
    }
}

static void pictures(enum fbc_upstream_encoding prefer)
{
    static const unsigned int kinds[] = { 0, 1, 2, 3, 4, 9, 16, 40, 127, 255,
                                          0 };
    const struct fbc_upstream_opts opts = { .prefer = prefer, .shared = true };
    struct fbc_upstream_stats stats;
    struct fbc_error e;
    struct pair p;
    size_t i;

    begin(&p, &opts, NULL);
    assert_int_equal(run(&p, FBC_UPSTREAM_READY, &e), 0);
    draw(&p, 0, 0, 0, WIDTH, HEIGHT);
    settle(&p, false);
    for ( i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++ )
    {
        int x = (int)(rnd() % (WIDTH - 100)), y = (int)(rnd() % 70);

        draw(&p, kinds[i], x, y, 100, 80);
        settle(&p, true);
        draw(&p, kinds[i], x, y, 1 + (int)i, 1);
        settle(&p, true);
        draw(&p, kinds[i], 0, 0, WIDTH, HEIGHT);
        settle(&p, true);
    }
    fbc_upstream_stats(p.u, &stats);
    assert_true(stats.updates >= 34);
    assert_true(stats.pixels >= 12 * WIDTH * HEIGHT);
    /* What was asked for is what came. */
    if ( prefer == FBC_UPSTREAM_RAW )
        assert_true(stats.bytes_in > stats.pixels * 4);
    else if ( prefer != FBC_UPSTREAM_ZLIB )     /* stored */
        assert_true(stats.bytes_in < stats.pixels * 4);
    end(&p);
}

static void raw(void **state)
{
    (void)state;
    pictures(FBC_UPSTREAM_RAW);
}

static void hextile(void **state)
{
    (void)state;
    pictures(FBC_UPSTREAM_HEXTILE);
}

static void zlib(void **state)
{
    (void)state;
    pictures(FBC_UPSTREAM_ZLIB);
}

static void tight(void **state)
{
    (void)state;
    pictures(FBC_UPSTREAM_TIGHT);
}

static void zrle(void **state)
{
    (void)state;
    pictures(FBC_UPSTREAM_ZRLE);
}

static void password(void **state)
{
    char right[] = "s3\xe9" "cret!", wrong[] = "secret", *list[] = { right,
                                                                  NULL };
    struct fbc_upstream_opts opts = { .password = right, .shared = true };
    struct fbc_error e;
    struct pair p;

    (void)state;
    begin(&p, &opts, list);
    assert_int_equal(run(&p, FBC_UPSTREAM_READY, &e), 0);
    end(&p);

    opts.password = wrong;
    begin(&p, &opts, list);
    assert_int_equal(run(&p, FBC_UPSTREAM_READY, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_ENV);
    assert_non_null(strstr(e.why, "refuses the password"));
    end(&p);

    opts.password = NULL;
    begin(&p, &opts, list);
    assert_int_equal(run(&p, FBC_UPSTREAM_READY, &e), -1);
    assert_non_null(strstr(e.why, "wants a password"));
    end(&p);
}

static void input(void **state)
{
    struct fbc_upstream_opts opts = { .shared = true };
    struct fbc_error e;
    struct pair p;
    unsigned int i;

    (void)state;
    for ( i = 0; i < 2; i++ )
    {
        begin(&p, &opts, NULL);
        assert_int_equal(run(&p, FBC_UPSTREAM_READY, &e), 0);
        fbc_upstream_key(p.u, true, 0xff0d);
        fbc_upstream_pointer(p.u, 5, 17, 100000);
        draw(&p, 0, 0, 0, 1, 1);
        settle(&p, false);
        assert_int_equal(p.keysym, i ? 0 : 0xff0d);
        assert_int_equal(p.buttons, i ? 0 : 5);
        assert_int_equal(p.x, i ? 0 : 17);
        assert_int_equal(p.y, i ? 0 : HEIGHT - 1);

        /* And the other way: input waits for the next request. */
        fbc_upstream_request(p.u, true);
        rfbSendBell(p.screen);
        assert_int_equal(run(&p, FBC_UPSTREAM_BELL, &e), 0);
        end(&p);
        opts.view_only = true;
    }
}

static void clipboard_is_read_over(void **state)
{
    struct fbc_upstream_opts opts = { .shared = true };
    struct fbc_error e;
    struct pair p;
    char text[] = "from the guest";

    (void)state;
    begin(&p, &opts, NULL);
    assert_int_equal(run(&p, FBC_UPSTREAM_READY, &e), 0);
    rfbSendServerCutText(p.screen, text, (int)strlen(text));
    draw(&p, 0, 0, 0, WIDTH, HEIGHT);
    settle(&p, false);
    end(&p);
}

static void new_size(void **state)
{
    const struct fbc_upstream_opts opts = { .shared = true };
    struct fbc_error e;
    struct pair p;
    char *larger = calloc(230 * 160, 4);

    (void)state;
    begin(&p, &opts, NULL);
    assert_int_equal(run(&p, FBC_UPSTREAM_READY, &e), 0);
    draw(&p, 0, 0, 0, WIDTH, HEIGHT);
    settle(&p, false);
    free(p.screen->frameBuffer);
    rfbNewFramebuffer(p.screen, larger, 230, 160, 8, 3, 4);
    draw(&p, 0, 0, 0, 230, 160);
    fbc_upstream_request(p.u, true);
    assert_int_equal(run(&p, FBC_UPSTREAM_RESIZED, &e), 0);
    settle(&p, false);
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw),
        cmocka_unit_test(hextile),
        cmocka_unit_test(zlib),
        cmocka_unit_test(tight),
        cmocka_unit_test(zrle),
        cmocka_unit_test(password),
        cmocka_unit_test(input),
        cmocka_unit_test(clipboard_is_read_over),
        cmocka_unit_test(new_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
