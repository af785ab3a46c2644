/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the viewer does with a frame (OpenSSL): verify and decrypt all tiles
 * and the manifest, against copying the frame.
 *
 * usage: bench_view      Exit status 1: a figure of the table was missed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "core/shadow.h"
#include "parse/shadow/view.h"

struct frame {
    struct fbc_geom g;
    uint8_t *shadow, *screen;
    uint8_t *plain, *copy;      /* 24 bits a pixel */
    struct fbc_view v;
    bool all;                   /* else: nothing has changed */
};

static void run_memcpy(void *arg)
{
    struct frame *f = arg;

    memcpy(f->copy, f->plain, (size_t)f->g.width * f->g.height * 3);
    __asm__ __volatile__ ( "" : : "r" (f->copy) : "memory" );
}

static void run_view(void *arg)
{
    struct frame *f = arg;
    struct fbc_view_stats st;

    f->v.recheck = f->all;
    bench_must(fbc_view_update(&f->v, f->shadow, f->g.swidth, f->g.sheight,
                               f->g.swidth * 4u, UINT32_MAX, f->screen, &st),
               "view");
    bench_must(st.bad || st.pending || st.manifest, "verify");
}

static void frame_init(struct frame *f, uint32_t width, uint32_t height,
                       enum fbc_aead_id aead, bool bgrx)
{
    static const uint8_t file[FBC_SESSION_FILE_LEN] =
        "thirty-two bytes of session key";
    static const uint8_t salt[FBC_SALT_LEN];
    size_t px = (size_t)width * height, i;
    uint8_t *fb = bench_get(px * 4), *vec, *dirty;
    struct fbc_shadow *s = bench_get(sizeof(*s));
    uint32_t v = 1;

    memset(f, 0, sizeof(*f));
    bench_must(fbc_geom_init(&f->g, width, height), "geometry");
    f->shadow = bench_get(fbc_shadow_bytes(&f->g));
    f->screen = bench_get(px * 4);
    f->plain = bench_get(px * 3);
    f->copy = bench_get(px * 3);
    memset(f->plain, 1, px * 3);
    memset(f->copy, 1, px * 3);
    vec = bench_get(fbc_shadow_vec_len(&f->g));
    dirty = bench_get(fbc_shadow_dirty_len(&f->g));
    for ( i = 0; i < px * 4; i++ )
        fb[i] = (uint8_t)((v = v * 1664525 + 1013904223) >> 24);

    fbc_shadow_init(s, &f->g, fb, width * 4, f->shadow, vec, dirty,
                    file + FBC_SESSION_UUID, file + FBC_SESSION_VMM);
    bench_must(fbc_shadow_key(s, aead, 1, salt, file,
                              FBC_LAUNCHED_UNMEASURED, NULL), "key");
    while ( fbc_shadow_busy(s) )
        bench_must(fbc_shadow_step(s, UINT32_MAX), "seal");
    bench_must(fbc_shadow_manifest(s, 1, NULL), "manifest");
    fbc_shadow_clear(s);
    free(s);
    free(fb);
    free(vec);
    free(dirty);

    fbc_view_init(&f->v, file);
    f->v.bgrx = bgrx;
    run_view(f);
}

static void frame_free(struct frame *f)
{
    fbc_view_clear(&f->v);
    free(f->shadow);
    free(f->screen);
    free(f->plain);
    free(f->copy);
}

enum { MEMCPY, GCM, RGB, CHACHA, STILL, MEASUREMENTS };

struct result {
    char size[16];
    double times;               /* memcpy */
};

static void measure(uint32_t width, uint32_t height, struct result *r)
{
    struct frame *gcm = bench_get(sizeof(*gcm));
    struct frame *chacha = bench_get(sizeof(*chacha));
    struct frame *still = bench_get(sizeof(*still));
    struct frame *rgb = bench_get(sizeof(*rgb));
    size_t frame = (size_t)width * height * 3;
    struct bench b[] = {
        [MEMCPY] = { "memcpy-24bit", run_memcpy, gcm, frame },
        [GCM] = { "open-frame-aes256-gcm", run_view, gcm, frame },
        [RGB] = { "open-frame-aes256-gcm-rgb", run_view, rgb, frame },
        [CHACHA] = { "open-frame-chacha20-poly1305", run_view, chacha,
                     frame },
        [STILL] = { "open-frame-unchanged", run_view, still, frame },
    };

    /* As the proxy does, but for rgb: fbc-decrypt-frames. */
    frame_init(gcm, width, height, FBC_AEAD_AES256_GCM, true);
    frame_init(rgb, width, height, FBC_AEAD_AES256_GCM, false);
    frame_init(chacha, width, height, FBC_AEAD_CHACHA20_POLY1305, true);
    frame_init(still, width, height, FBC_AEAD_AES256_GCM, true);
    gcm->all = rgb->all = chacha->all = true;
    bench_run(b, MEASUREMENTS);
    snprintf(r->size, sizeof(r->size), "%ux%u", width, height);
    bench_print(b, MEASUREMENTS, r->size);
    r->times = b[GCM].ms / b[MEMCPY].ms;
    frame_free(gcm);
    frame_free(rgb);
    frame_free(chacha);
    frame_free(still);
    free(gcm);
    free(rgb);
    free(chacha);
    free(still);
}

int main(void)
{
    struct result r[2];
    size_t i;

    bench_print_head();
    measure(800, 600, &r[0]);
    measure(1920, 1080, &r[1]);

    printf("\n# %-44s %-10s %9s %10s\n", "figure", "size", "wanted",
           "measured");
    for ( i = 0; i < 2; i++ )
        bench_figure("opening, times memcpy of the 24-bit frame", r[i].size,
                     true, 14, r[i].times);

    return bench_end() ? 1 : 0;
}
