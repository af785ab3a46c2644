/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What fbc-vncproxy does with an update of the whole screen: decode it, verify
 * and decrypt all tiles and the manifest, encode for a viewer and hand that to
 * the kernel; against copying the frame.  A heartbeat changes nothing
 * but the manifest.
 *
 * usage: bench_proxy
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/rfbenc.h"
#include "../unit/rfbpeer.h"
#include "bench.h"
#include "core/shadow.h"
#include "lib/base/clock.h"
#include "lib/viewers/viewers.h"
#include "parse/shadow/view.h"

#define CUT_W 32                /* as QEMU cuts Tight at level 0 */
#define CUT_H 16
#define PIECE 65536             /* as from a socket */

struct frame {
    struct fbc_geom g;
    struct rfb_buf raw, tight, beat;    /* updates, as from the server */
    struct peer *p;
    struct fbc_view v;
    uint8_t *screen, *plain, *copy;
    size_t bytes;
};

/* A frame, where it comes from and who gets it. */
struct path {
    struct frame *f;
    const struct rfb_buf *update;
    bool decode, verify;
    struct fbc_viewers *viewers;        /* NULL: stop there */
    int fd;                             /* the viewer's end */
    pid_t reader;
};

static void run_memcpy(void *arg)
{
    struct frame *f = ((struct path *)arg)->f;

    memcpy(f->copy, f->plain, f->bytes);
    __asm__ __volatile__ ( "" : : "r" (f->copy) : "memory" );
}

static void decode(struct frame *f, const struct rfb_buf *b)
{
    enum fbc_rfbc_event event = FBC_RFBC_NONE;
    struct fbc_src src;
    size_t at, n;

    for ( at = 0; at < b->len; at += n )
    {
        n = b->len - at < PIECE ? b->len - at : PIECE;
        src = (struct fbc_src){ b->p + at, n };
        bench_must(fbc_rfbc_feed(&f->p->c, &src, &event), "feed");
    }
    bench_must(event != FBC_RFBC_UPDATE, "update");
}

static void verify(struct frame *f, bool all)
{
    struct fbc_view_stats st;

    f->v.recheck = all;
    bench_must(fbc_view_update(&f->v, f->p->pic, f->g.swidth, f->g.sheight,
                               f->g.swidth * 4u, UINT32_MAX, f->screen, &st),
               "view");
    bench_must(st.bad || st.pending || st.manifest, "verify");
}

static void serve(struct path *p)
{
    static const uint8_t ask[] = { 3, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
    struct fbc_viewers_stats before, now;
    struct pollfd fds[FBC_VIEWERS_MAX];

    fbc_viewers_stats(p->viewers, &before);
    bench_must(write(p->fd, ask, sizeof(ask)) != sizeof(ask), "ask");
    do {
        size_t n = fbc_viewers_poll(p->viewers, fds);

        bench_must(n != 1 || poll(fds, n, 5000) != 1, "viewer");
        fbc_viewers_run(p->viewers, fds, n);
        fbc_viewers_stats(p->viewers, &now);
    } while ( now.updates == before.updates ||
              (fbc_viewers_poll(p->viewers, fds) &&
               fds[0].events & POLLOUT) );
}

static void run_path(void *arg)
{
    struct path *p = arg;
    struct frame *f = p->f;
    const struct fbc_rect all = { 0, 0, f->g.width, f->g.height };

    if ( p->decode )
        decode(f, p->update);
    if ( p->verify )
        verify(f, p->update != &f->beat);
    if ( !p->viewers )
        return;
    fbc_viewers_changed(p->viewers, &all, fbc_clock_ns());
    serve(p);
}

/* A viewer that takes whatever comes. */
static void add_viewer(struct path *p, uint8_t encoding)
{
    const struct fbc_viewers_opts o = { .name = "bench" };
    uint8_t hello[] = "RFB 003.008\n\1\1\2\0\0\1\0\0\0";
    struct pollfd fds[FBC_VIEWERS_MAX];
    static char sink[1 << 20];
    struct fbc_error e;
    unsigned int i;
    int pair[2];

    bench_must(fbc_viewers_new(&o, p->f->screen, p->f->g.width,
                               p->f->g.height, &p->viewers, &e), "viewers");
    bench_must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
    p->fd = pair[1];
    p->reader = fork();
    bench_must(p->reader < 0, "fork");
    if ( !p->reader )
    {
        close(pair[0]);
        while ( read(pair[1], sink, sizeof(sink)) > 0 )
            ;
        _exit(0);
    }

    bench_must(fbc_viewers_add(p->viewers, pair[0], false), "add");
    hello[sizeof(hello) - 1] = encoding;
    bench_must(write(pair[1], hello, sizeof(hello)) != sizeof(hello),
               "hello");
    for ( i = 0; i < 10; i++ )
    {
        size_t n = fbc_viewers_poll(p->viewers, fds);

        bench_must(n != 1, "viewer");
        poll(fds, n, 10);
        fbc_viewers_run(p->viewers, fds, n);
    }
}

static void end_path(struct path *p)
{
    if ( !p->viewers )
        return;
    fbc_viewers_free(p->viewers);
    close(p->fd);
    kill(p->reader, SIGKILL);
    waitpid(p->reader, NULL, 0);
}

/* The guest's screen is noise: no encoder of a viewer finds anything in it. */
static uint8_t *seal(struct frame *f,
                     const uint8_t file[static FBC_SESSION_FILE_LEN])
{
    static const uint8_t salt[FBC_SALT_LEN];
    size_t px = (size_t)f->g.width * f->g.height, i;
    uint8_t *fb = bench_get(px * 4);
    uint8_t *shadow = bench_get(fbc_shadow_bytes(&f->g));
    uint8_t *vec = bench_get(fbc_shadow_vec_len(&f->g));
    uint8_t *dirty = bench_get(fbc_shadow_dirty_len(&f->g));
    struct fbc_shadow *s = bench_get(sizeof(*s));
    uint32_t v = 1;

    for ( i = 0; i < px * 4; i++ )
        fb[i] = (uint8_t)((v = v * 1664525 + 1013904223) >> 24);
    fbc_shadow_init(s, &f->g, fb, f->g.width * 4u, shadow, vec, dirty,
                    file + FBC_SESSION_UUID, file + FBC_SESSION_VMM);
    bench_must(fbc_shadow_key(s, FBC_AEAD_AES256_GCM, 1, salt, file,
                              FBC_LAUNCHED_UNMEASURED, NULL), "key");
    while ( fbc_shadow_busy(s) )
        bench_must(fbc_shadow_step(s, UINT32_MAX), "seal");
    bench_must(fbc_shadow_manifest(s, 1, NULL), "manifest");
    fbc_shadow_clear(s);
    free(s);
    free(fb);
    free(vec);
    free(dirty);

    return shadow;
}

static void encode(struct frame *f, struct rfb_buf *b, const uint8_t *shadow,
                   int32_t encoding, uint32_t cw, uint32_t ch, uint32_t height)
{
    struct rfb_enc e = { .encoding = encoding, .reset = 15 };
    uint32_t width = f->g.swidth, x, y;

    rfb_update(b, (width + cw - 1) / cw * ((height + ch - 1) / ch));
    for ( y = 0; y < height; y += ch )
        for ( x = 0; x < width; x += cw )
        {
            struct fbc_rect r = { (uint16_t)x, (uint16_t)y,
                                  (uint16_t)(width - x < cw ? width - x : cw),
                                  (uint16_t)(height - y < ch ? height - y
                                                             : ch) };

            rfb_rect(b, &e, shadow, width * 4, &r);
        }
    rfb_enc_end(&e);
}

static void init(struct frame *f, uint32_t width, uint32_t height)
{
    static const uint8_t file[FBC_SESSION_FILE_LEN] =
        "thirty-two bytes of session key";
    struct rfb_buf hello = { 0 };
    uint8_t *shadow;

    memset(f, 0, sizeof(*f));
    bench_must(fbc_geom_init(&f->g, width, height), "geometry");
    f->bytes = (size_t)width * height * 3;
    f->screen = bench_get((size_t)width * height * 4);
    f->plain = bench_get(f->bytes);
    f->copy = bench_get(f->bytes);
    memset(f->plain, 1, f->bytes);
    memset(f->copy, 1, f->bytes);

    shadow = seal(f, file);
    encode(f, &f->raw, shadow, FBC_RFB_RAW, f->g.swidth, f->g.sheight,
           f->g.sheight);
    encode(f, &f->tight, shadow, FBC_RFB_TIGHT, CUT_W, CUT_H, f->g.sheight);
    encode(f, &f->beat, shadow, FBC_RFB_RAW, 96, 1, 1);
    free(shadow);

    f->p = bench_get(sizeof(*f->p));
    peer_init(f->p);
    rfb_hello(&hello, 8, f->g.swidth, f->g.sheight);
    bench_must(peer_feed(f->p, hello.p, hello.len, 0), "hello");
    rfb_buf_free(&hello);
    free(f->p->pic);
    f->p->pic = bench_get(fbc_shadow_bytes(&f->g));
    fbc_rfbc_picture(&f->p->c, f->p->pic, f->g.swidth * 4u);

    fbc_view_init(&f->v, file);
    f->v.bgrx = true;
    decode(f, &f->raw);
    verify(f, false);
}

static void clear(struct frame *f)
{
    fbc_view_clear(&f->v);
    peer_free(f->p);
    free(f->p);
    free(f->screen);
    free(f->plain);
    free(f->copy);
    rfb_buf_free(&f->raw);
    rfb_buf_free(&f->tight);
    rfb_buf_free(&f->beat);
}

enum { MEMCPY, VERIFY, VIEWER, RAW_RAW, TIGHT_RAW, BEAT, MEASUREMENTS };

static void measure(uint32_t width, uint32_t height, double figure)
{
    static struct frame f;
    struct path copy = { .f = &f };
    struct path view = { .f = &f, .update = &f.raw, .verify = true };
    struct path viewer = { .f = &f };
    struct path raw = { .f = &f, .update = &f.raw, .decode = true,
                        .verify = true };
    struct path tight = { .f = &f, .update = &f.tight, .decode = true,
                          .verify = true };
    struct path beat = { .f = &f, .update = &f.beat, .decode = true,
                         .verify = true };
    char size[16];

    init(&f, width, height);
    add_viewer(&viewer, FBC_RFB_RAW);
    add_viewer(&raw, FBC_RFB_RAW);
    add_viewer(&tight, FBC_RFB_RAW);

    {
        struct bench b[] = {
            [MEMCPY] = { "memcpy-24bit", run_memcpy, &copy, f.bytes },
            [VERIFY] = { "proxy-verify", run_path, &view, f.bytes },
            [VIEWER] = { "proxy-raw-viewer", run_path, &viewer, f.bytes },
            [RAW_RAW] = { "proxy-raw-to-raw-viewer", run_path, &raw,
                          f.bytes },
            [TIGHT_RAW] = { "proxy-tight-as-qemu-to-raw-viewer", run_path,
                            &tight, f.bytes },
            [BEAT] = { "proxy-heartbeat", run_path, &beat, f.bytes },
        };

        bench_run(b, MEASUREMENTS);
        snprintf(size, sizeof(size), "%ux%u", width, height);
        bench_print(b, MEASUREMENTS, size);
        bench_figure("proxy: Raw update to a Raw viewer, ms", size, true,
                     figure, b[RAW_RAW].ms);
        bench_figure("proxy: Tight update to a Raw viewer, ms", size, true,
                     figure, b[TIGHT_RAW].ms);
    }
    end_path(&viewer);
    end_path(&raw);
    end_path(&tight);
    clear(&f);
}

int main(void)
{
    bench_print_head();
    measure(800, 600, 2);
    measure(1920, 1080, 10);

    return bench_end() != 0;
}
