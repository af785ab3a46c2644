/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hypervisor does with a frame, on this CPU and with the
 * hypervisor's primitives (BearSSL), against copying the frame and against
 * the cipher of the paper.  All in one run.
 *
 * usage: bench_seal      Exit status 1: a figure of the table was missed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "core/pack.h"
#include "core/shadow.h"
#include "rc5.h"

#define STEP_BYTES (64u * 1024)

struct screen {
    uint32_t width, height;
    struct fbc_geom g;
    uint8_t *fb, *out;          /* 32 bits a pixel */
    uint8_t *frame, *copy;      /* 24 bits a pixel */
    uint8_t *rc5;               /* 32 bits a pixel, sealed in place */
    struct rc5_schedule *cache;
    uint64_t time;
};

struct engine {
    struct screen *scr;
    struct fbc_shadow s;
};

static const uint8_t key[FBC_KEY_LEN] = "thirty-two bytes of session key";

static void run_memcpy(void *arg)
{
    struct screen *s = arg;

    memcpy(s->copy, s->frame, (size_t)s->width * s->height * 3);
    __asm__ __volatile__ ( "" : : "r" (s->copy) : "memory" );
}

/* The engine's gather and scatter, with nothing between them. */
static void pack_frame(struct screen *s, bool ssse3)
{
    uint8_t buf[FBC_TILE_BYTES];
    uint32_t t;

    for ( t = 0; t < s->g.tiles; t++ )
    {
        struct fbc_rect r = fbc_geom_tile(&s->g, t);

        fbc_pack_rect(buf, s->fb + ((size_t)r.y * s->width + r.x) * 4,
                      s->width * 4, r.w, r.h, ssse3);
        __asm__ __volatile__ ( "" : : "r" (buf) : "memory" );
        fbc_unpack_rect(s->out + ((size_t)fbc_geom_srow(r.y) * s->g.swidth +
                                  r.x) * 4,
                        s->g.swidth * 4u, buf, r.w, r.h, ssse3);
    }
}

static void run_pack(void *arg)
{
    pack_frame(arg, fbc_pack_ssse3());
}

static void run_pack_scalar(void *arg)
{
    pack_frame(arg, false);
}

static void run_pipeline(void *arg)
{
    struct engine *e = arg;

    fbc_shadow_damage(&e->s, &(struct fbc_rect){ 0, 0, e->s.geom.width,
                                                 e->s.geom.height });
    while ( fbc_shadow_busy(&e->s) )
        bench_must(fbc_shadow_step(&e->s, STEP_BYTES), "seal");
}

static void run_manifest(void *arg)
{
    struct engine *e = arg;

    bench_must(fbc_shadow_manifest(&e->s, e->scr->time++, NULL), "manifest");
}

static void run_rc5_paper(void *arg)
{
    struct screen *s = arg;

    rc5_frame_paper(key, s->rc5, s->width, s->height);
}

static void run_rc5_cached(void *arg)
{
    struct screen *s = arg;

    rc5_frame_cached(s->cache, s->rc5, s->width, s->height);
}

static void screen_init(struct screen *s, uint32_t width, uint32_t height)
{
    size_t px = (size_t)width * height, i;
    uint32_t v = 1;

    memset(s, 0, sizeof(*s));
    s->width = width;
    s->height = height;
    bench_must(fbc_geom_init(&s->g, width, height), "geometry");
    s->fb = bench_get(px * 4);
    s->out = bench_get(fbc_shadow_bytes(&s->g));
    s->frame = bench_get(px * 3);
    s->copy = bench_get(px * 3);
    s->rc5 = bench_get(px * 4);
    s->cache = bench_get(rc5_cache_len(width, height));
    for ( i = 0; i < px * 4; i++ )
        s->fb[i] = s->rc5[i] = (uint8_t)((v = v * 1664525 + 1013904223) >> 24);
    fbc_pack(s->frame, s->fb, px);
    rc5_cache_init(s->cache, key, width, height);
}

static void screen_free(struct screen *s)
{
    free(s->fb);
    free(s->out);
    free(s->frame);
    free(s->copy);
    free(s->rc5);
    free(s->cache);
}

static struct engine *engine_new(struct screen *scr, enum fbc_aead_id aead)
{
    static const uint8_t id[FBC_HASH_LEN], salt[FBC_SALT_LEN];
    struct engine *e = bench_get(sizeof(*e));

    e->scr = scr;
    fbc_shadow_init(&e->s, &scr->g, scr->fb, scr->width * 4, scr->out,
                    bench_get(fbc_shadow_vec_len(&scr->g)),
                    bench_get(fbc_shadow_dirty_len(&scr->g)), id, id);
    bench_must(fbc_shadow_key(&e->s, aead, 1, salt, key,
                              FBC_LAUNCHED_UNMEASURED, NULL), "key");

    return e;
}

static void engine_free(struct engine *e)
{
    free(e->s.vec);
    free(e->s.dirty);
    fbc_shadow_clear(&e->s);
    free(e);
}

enum { MEMCPY, PACK, SCALAR, GCM, CHACHA, MANIFEST, CACHED, PAPER,
       MEASUREMENTS };

struct result {
    char size[16];
    double ms[MEASUREMENTS];
};

static void measure(uint32_t width, uint32_t height, struct result *r)
{
    struct screen s;
    struct engine *gcm, *chacha;
    size_t frame = (size_t)width * height * 3, i;

    screen_init(&s, width, height);
    gcm = engine_new(&s, FBC_AEAD_AES256_GCM);
    chacha = engine_new(&s, FBC_AEAD_CHACHA20_POLY1305);

    struct bench b[MEASUREMENTS] = {
        [MEMCPY] = { "memcpy-24bit", run_memcpy, &s, frame },
        [PACK] = { "gather-scatter", run_pack, &s, frame },
        [SCALAR] = { "gather-scatter-scalar", run_pack_scalar, &s, frame },
        [GCM] = { "seal-frame-aes256-gcm", run_pipeline, gcm, frame },
        [CHACHA] = { "seal-frame-chacha20-poly1305", run_pipeline, chacha,
                     frame },
        [MANIFEST] = { "seal-manifest-aes256-gcm", run_manifest, gcm,
                       FBC_VECTOR_LEN(s.g.tiles) + FBC_MANIFEST_BODY },
        [CACHED] = { "rc5-cached-schedules", run_rc5_cached, &s, frame },
        [PAPER] = { "rc5-as-in-the-paper", run_rc5_paper, &s, frame, 5 },
    };

    bench_run(b, MEASUREMENTS);
    snprintf(r->size, sizeof(r->size), "%ux%u", width, height);
    bench_print(b, MEASUREMENTS, r->size);
    for ( i = 0; i < MEASUREMENTS; i++ )
        r->ms[i] = b[i].ms;

    engine_free(gcm);
    engine_free(chacha);
    screen_free(&s);
}

int main(void)
{
    struct result r[2];
    size_t i;

    bench_must(!fbc_aead_available(FBC_AEAD_AES256_GCM), "AES-256-GCM");
    bench_print_head();
    measure(800, 600, &r[0]);
    measure(1920, 1080, &r[1]);

    printf("\n# %-44s %-10s %9s %10s\n", "figure", "size", "wanted",
           "measured");
    for ( i = 0; i < 2; i++ )
    {
        const double *ms = r[i].ms;

        bench_figure("sealing, faster than RC5 with cached schedules",
                     r[i].size, false, 15, ms[CACHED] / ms[GCM]);
        bench_figure("sealing, faster than RC5 as in the paper",
                     r[i].size, false, 100, ms[PAPER] / ms[GCM]);
        bench_figure("sealing, times memcpy of the 24-bit frame",
                     r[i].size, true, 16, ms[GCM] / ms[MEMCPY]);
    }

    return bench_end() ? 1 : 0;
}
