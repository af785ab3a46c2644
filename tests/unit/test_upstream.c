/* SPDX-License-Identifier: GPL-2.0-only */
/* The RFB client on a socket: who waits for whom, and how it ends. */
#include "vec.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/upstream/upstream_int.h"
#include "lib/upstream/vncauth.h"
#include "rfbenc.h"

#define WIDTH  96
#define HEIGHT 40
#define WAIT_MS 30000

struct link {
    int server;
    struct fbc_upstream *u;
    unsigned int what;
    struct fbc_error e;
};

static void begin(struct link *l, const struct fbc_upstream_opts *opts)
{
    int fd[2];

    memset(l, 0, sizeof(*l));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    assert_int_equal(fbc_upstream_new(fd[1], opts, &l->u, &l->e), 0);
    l->server = fd[0];
}

static void end(struct link *l)
{
    fbc_upstream_free(l->u);
    if ( l->server >= 0 )
        close(l->server);
}

static void serve(struct link *l, struct rfb_buf *b)
{
    size_t at = 0;

    while ( at < b->len )
    {
        ssize_t n = send(l->server, b->p + at, b->len - at, MSG_NOSIGNAL);

        assert_true(n > 0);
        at += (size_t)n;
    }
    b->len = 0;
}

/* One call, when poll() or pending says so; -1 also when neither does. */
static int turn(struct link *l, int ms)
{
    struct pollfd f = { .fd = fbc_upstream_fd(l->u),
                        .events = fbc_upstream_events(l->u) };

    if ( !poll(&f, 1, fbc_upstream_pending(l->u) ? 0 : ms) &&
         !fbc_upstream_pending(l->u) )
        return -1;

    return fbc_upstream_io(l->u, f.revents, &l->what, &l->e);
}

static int until(struct link *l, unsigned int want)
{
    unsigned int i;

    for ( i = 0; i < 10000; i++ )
    {
        if ( turn(l, WAIT_MS) )
            return -1;
        if ( l->what & want )
            return 0;
    }

    return -2;
}

/* Without waiting: there is nothing to do. */
static void idle(struct link *l)
{
    assert_false(fbc_upstream_pending(l->u));
    assert_int_equal(turn(l, 0), -1);
}

/* All that the client has sent so far, at most. */
static size_t sent(struct link *l, uint8_t *buf, size_t max)
{
    ssize_t n;

    while ( turn(l, 0) == 0 )
        ;
    n = recv(l->server, buf, max, MSG_DONTWAIT);

    return n > 0 ? (size_t)n : 0;
}

static void ready(struct link *l, const struct fbc_upstream_opts *opts)
{
    struct rfb_buf b = { 0 };
    uint8_t buf[512];

    begin(l, opts);
    rfb_hello(&b, 8, WIDTH, HEIGHT);
    serve(l, &b);
    assert_int_equal(until(l, FBC_UPSTREAM_READY), 0);
    assert_int_equal(sent(l, buf, sizeof(buf)), 12 + 1 + 1 + 20 + 4 + 10 * 4);
    rfb_buf_free(&b);
}

/* Raw pixels of one value. */
static void update(struct rfb_buf *b, unsigned int w, unsigned int h,
                   unsigned int value)
{
    size_t i;

    rfb_update(b, 1);
    rfb_rect_head(b, &(struct fbc_rect){ 0, 0, (uint16_t)w, (uint16_t)h },
                  FBC_RFB_RAW);
    for ( i = 0; i < w * h * 4; i++ )
        rfb_put8(b, value);
}

static const struct fbc_upstream_opts plain = { .shared = true };

static void size_and_black_picture(void **state)
{
    struct link l;
    uint32_t w, h, i;
    size_t stride;
    const uint8_t *pic;

    (void)state;
    begin(&l, &plain);
    assert_null(fbc_upstream_picture(l.u, &w, &h, &stride));
    fbc_upstream_request(l.u, true);
    fbc_upstream_key(l.u, true, 1);
    idle(&l);
    end(&l);

    ready(&l, &plain);
    pic = fbc_upstream_picture(l.u, &w, &h, &stride);
    assert_non_null(pic);
    assert_int_equal(w, WIDTH);
    assert_int_equal(h, HEIGHT);
    assert_int_equal(stride, WIDTH * 4);
    for ( i = 0; i < WIDTH * HEIGHT * 4; i++ )
        assert_int_equal(pic[i], 0);
    end(&l);
}

static void no_input_between_update_and_request(void **state)
{
    struct rfb_buf b = { 0 };
    struct link l;
    uint32_t w, h;
    size_t stride;
    unsigned int i;

    (void)state;
    ready(&l, &plain);
    fbc_upstream_request(l.u, false);
    assert_true(l.u->requested);
    for ( i = 1; i <= 3; i++ )
        update(&b, 5, 5, i);
    serve(&l, &b);
    for ( i = 1; i <= 3; i++ )
    {
        assert_int_equal(until(&l, FBC_UPSTREAM_UPDATE), 0);
        assert_int_equal(fbc_upstream_picture(l.u, &w, &h, &stride)[0], i);
        assert_false(l.u->requested);
        assert_int_equal(fbc_upstream_events(l.u) & POLLIN, 0);
        idle(&l);
        fbc_upstream_request(l.u, true);
    }
    while ( turn(&l, 0) == 0 )
        assert_int_equal(l.what, 0);
    idle(&l);
    end(&l);
    rfb_buf_free(&b);
}

/* Updates without pixels neither take up a request nor hold anything up. */
static void empty_updates(void **state)
{
    struct rfb_buf b = { 0 };
    struct link l;

    (void)state;
    ready(&l, &plain);
    fbc_upstream_request(l.u, true);
    rfb_update(&b, 0);
    rfb_put8(&b, 2);
    serve(&l, &b);
    assert_int_equal(until(&l, FBC_UPSTREAM_UPDATE), 0);
    assert_true(l.u->requested);
    if ( !(l.what & FBC_UPSTREAM_BELL) )
        assert_int_equal(until(&l, FBC_UPSTREAM_BELL), 0);
    end(&l);
    rfb_buf_free(&b);
}

static void resize_comes_with_its_update(void **state)
{
    struct rfb_buf b = { 0 };
    struct link l;
    uint32_t w, h;
    size_t stride;

    (void)state;
    ready(&l, &plain);
    update(&b, WIDTH, HEIGHT, 7);
    serve(&l, &b);
    assert_int_equal(until(&l, FBC_UPSTREAM_UPDATE), 0);
    assert_false(l.what & FBC_UPSTREAM_RESIZED);
    fbc_upstream_request(l.u, true);
    rfb_update(&b, 2);
    rfb_rect_head(&b, &(struct fbc_rect){ 0, 0, 2560, 2048 },
                  FBC_RFB_DESKTOP_SIZE);
    rfb_rect_head(&b, &(struct fbc_rect){ 2559, 2047, 1, 1 }, FBC_RFB_RAW);
    rfb_put32(&b, 0xaabbccdd);
    serve(&l, &b);
    assert_int_equal(until(&l, FBC_UPSTREAM_UPDATE), 0);
    assert_true(l.what & FBC_UPSTREAM_RESIZED);
    assert_int_equal(fbc_upstream_picture(l.u, &w, &h, &stride)[0], 0);
    assert_int_equal(w, 2560);
    assert_int_equal(h, 2048);
    assert_int_equal(fbc_upstream_picture(l.u, &w, &h,
                                          &stride)[stride * h - 4], 0xaa);
    end(&l);
    rfb_buf_free(&b);
}

static void keys(void **state)
{
    static const uint8_t want[] = {
        4, 1, 0, 0, 0, 0, 0xff, 0x0d,
        4, 0, 0, 0, 0, 0, 0, 'a',
        255, 0, 0, 1, 0, 0, 0, 'a', 0, 0, 0, 30,
        5, 1, 0, 95, 0, 39,
        3, 1, 0, 0, 0, 0, 0, WIDTH, 0, HEIGHT,
    };
    struct rfb_buf b = { 0 };
    uint8_t buf[512];
    struct link l;
    size_t n;

    (void)state;
    ready(&l, &plain);
    assert_false(l.u->rfb.qemu_key);
    fbc_upstream_key(l.u, true, 0xff0d);
    fbc_upstream_key_ext(l.u, false, 'a', 30);      /* not announced yet */
    rfb_update(&b, 1);
    rfb_rect_head(&b, &(struct fbc_rect){ 0, 0, WIDTH, HEIGHT },
                  FBC_RFB_QEMU_KEY);
    serve(&l, &b);
    assert_int_equal(until(&l, FBC_UPSTREAM_UPDATE), 0);
    assert_true(l.u->rfb.qemu_key);
    fbc_upstream_key_ext(l.u, true, 'a', 30);
    fbc_upstream_pointer(l.u, 1, 1000, 1000);
    fbc_upstream_request(l.u, true);
    n = sent(&l, buf, sizeof(buf));
    assert_int_equal(n, sizeof(want));
    assert_memory_equal(buf, want, n);
    end(&l);

    /* Looking on: requests and nothing else. */
    ready(&l, &(struct fbc_upstream_opts){ .view_only = true });
    fbc_upstream_key(l.u, true, 0xff0d);
    fbc_upstream_key_ext(l.u, true, 'a', 30);
    fbc_upstream_pointer(l.u, 1, 1, 1);
    fbc_upstream_request(l.u, true);
    assert_int_equal(sent(&l, buf, sizeof(buf)), 10);
    end(&l);
    rfb_buf_free(&b);
}

static void texts_are_read_over(void **state)
{
    const size_t lens[] = { 0, 1, FBC_RFBC_MAX_TEXT };
    struct rfb_buf b = { 0 };
    struct link l;
    size_t i, k, len;

    (void)state;
    ready(&l, &plain);
    for ( i = 0; i < 3; i++ )
    {
        rfb_put32(&b, 3u << 24);
        rfb_put32(&b, (uint32_t)lens[i]);
        for ( k = 0; k < lens[i]; k++ )
            rfb_put8(&b, 2);
        rfb_put8(&b, 2);        /* the bell, at last */
        /* More than a socket holds: in turns. */
        for ( k = 0; k < b.len; k += len )
        {
            len = b.len - k < 10000 ? b.len - k : 10000;
            assert_int_equal(l.what & FBC_UPSTREAM_BELL, 0);
            assert_int_equal(write(l.server, b.p + k, len), (ssize_t)len);
            assert_int_equal(turn(&l, WAIT_MS), 0);
        }
        if ( !(l.what & FBC_UPSTREAM_BELL) )
            assert_int_equal(until(&l, FBC_UPSTREAM_BELL), 0);
        l.what = 0;
        b.len = 0;
    }
    end(&l);
    rfb_buf_free(&b);
}

static void one_call_does_not_take_all(void **state)
{
    struct rfb_enc enc = { .encoding = FBC_RFB_ZRLE, .how = RFB_SOLID,
                           .level = 9 };
    const struct fbc_rect all = { 0, 0, 2560, 2048 };
    uint8_t *pic = calloc(2560 * 2048, 4);
    struct rfb_buf b = { 0 };
    struct fbc_upstream_stats s;
    unsigned int calls = 0;
    struct link l;

    (void)state;
    assert_non_null(pic);
    begin(&l, &plain);
    rfb_hello(&b, 8, 2560, 2048);
    /* Twice the screen, in some hundred bytes. */
    rfb_update(&b, 2);
    rfb_rect(&b, &enc, pic, 2560 * 4, &all);
    rfb_rect(&b, &enc, pic, 2560 * 4, &all);
    assert_true(b.len < 2000);
    serve(&l, &b);
    do {
        assert_int_equal(turn(&l, WAIT_MS), 0);
        calls++;
    } while ( !(l.what & FBC_UPSTREAM_UPDATE) );
    assert_true(calls > 1 && calls < 10);
    fbc_upstream_stats(l.u, &s);
    assert_int_equal(s.updates, 1);
    assert_int_equal(s.rects, 2);
    assert_int_equal(s.pixels, 2 * 2560 * 2048);
    end(&l);
    free(pic);
    rfb_buf_free(&b);
    rfb_enc_end(&enc);
}

static void server_closes(void **state)
{
    struct rfb_buf b = { 0 };
    struct link l;

    (void)state;
    ready(&l, &plain);
    update(&b, 5, 5, 1);
    b.len -= 1;                         /* in the middle */
    serve(&l, &b);
    close(l.server);
    l.server = -1;
    assert_int_equal(until(&l, FBC_UPSTREAM_UPDATE), -1);
    assert_int_equal(l.e.status, FBC_EXIT_ENV);
    assert_string_equal(l.e.why, "closed the connection");
    end(&l);

    /* While no input is taken: no endless loop of poll(). */
    ready(&l, &plain);
    update(&b, 5, 5, 1);
    serve(&l, &b);
    assert_int_equal(until(&l, FBC_UPSTREAM_UPDATE), 0);
    close(l.server);
    l.server = -1;
    l.e.why[0] = 0;
    assert_int_equal(turn(&l, WAIT_MS), -1);
    assert_string_equal(l.e.why, "closed the connection");
    end(&l);
    rfb_buf_free(&b);
}

static void server_does_not_read(void **state)
{
    struct link l;
    unsigned int i;

    (void)state;
    ready(&l, &plain);
    for ( i = 0; i < 1000000; i++ )
    {
        fbc_upstream_pointer(l.u, 0, i % WIDTH, 1);
        if ( i % 1000 == 0 && turn(&l, 0) && l.e.why[0] )
            break;
    }
    assert_true(i < 1000000);
    assert_string_equal(l.e.why, "does not read what it is sent");
    end(&l);
}

static void refusals_have_words(void **state)
{
    struct rfb_buf b = { 0 };
    struct link l;

    (void)state;
    ready(&l, &plain);
    rfb_update(&b, 1);
    rfb_rect_head(&b, &(struct fbc_rect){ 0, 0, 9, 9 }, FBC_RFB_TIGHT);
    rfb_put8(&b, 0x90);
    serve(&l, &b);
    assert_int_equal(until(&l, FBC_UPSTREAM_UPDATE), -1);
    assert_int_equal(l.e.status, FBC_EXIT_INPUT);
    assert_string_equal(l.e.what, "VNC server");
    assert_string_equal(l.e.why, "the server sends JPEG: a lossy picture "
                                 "cannot be decrypted");
    end(&l);

    begin(&l, &plain);
    b.len = 0;
    rfb_hello(&b, 8, 9, 4000);
    serve(&l, &b);
    assert_int_equal(until(&l, FBC_UPSTREAM_READY), -1);
    assert_string_equal(l.e.why, "the server's screen is too large: 4000");
    end(&l);

    begin(&l, &plain);
    b.len = 0;
    rfb_put(&b, "RFB 003.008\n\0\0\0\0\6a\nb\tcd", 12 + 5 + 6);
    serve(&l, &b);
    assert_int_equal(until(&l, FBC_UPSTREAM_READY), -1);
    assert_int_equal(l.e.status, FBC_EXIT_ENV);
    assert_string_equal(l.e.why, "the server wants no connection: a?b?cd");
    end(&l);
    rfb_buf_free(&b);
}

/* DES of FIPS 46 by way of the bits turned round (NBS SP 500-20). */
static void challenge(void **state)
{
    static const uint8_t in[16] = { 0x95, 0xf8, 0xa5, 0xe5, 0xdd, 0x31, 0xd9,
                                    0x00, 0x95, 0xf8, 0xa5, 0xe5, 0xdd, 0x31,
                                    0xd9, 0x00 };
    static const uint8_t want[8] = { 0x80 };
    uint8_t out[16];

    (void)state;
    /* Key 0101010101010101, parity bits do not count. */
    assert_int_equal(fbc_vncauth("\x80\x80\x80\x80\x80\x80\x80\x80more", in,
                                 out), 0);
    assert_memory_equal(out, want, 8);
    assert_memory_equal(out + 8, want, 8);
    assert_int_equal(fbc_vncauth("", in, out), 0);
    assert_memory_equal(out, want, 8);
    assert_int_equal(fbc_vncauth("x", in, out), 0);
    assert_memory_not_equal(out, want, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_and_black_picture),
        cmocka_unit_test(no_input_between_update_and_request),
        cmocka_unit_test(empty_updates),
        cmocka_unit_test(resize_comes_with_its_update),
        cmocka_unit_test(keys),
        cmocka_unit_test(texts_are_read_over),
        cmocka_unit_test(one_call_does_not_take_all),
        cmocka_unit_test(server_closes),
        cmocka_unit_test(server_does_not_read),
        cmocka_unit_test(refusals_have_words),
        cmocka_unit_test(challenge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
