/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's framebuffer, its shadow, the engine between them and a viewer, in
 * heap blocks of exactly the right size.  Whatever fails ends the program.
 */
#ifndef FBC_TEST_ENGINE_H
#define FBC_TEST_ENGINE_H

#include <stdlib.h>

#include "core/pack.h"
#include "core/shadow.h"
#include "core/tile.h"
#include "parse/shadow/view.h"
#include "must.h"

#define ENGINE_STEP (64u * 1024)

struct engine {
    struct fbc_geom g;
    uint32_t line_length;
    uint8_t *fb;                /* guest's, of fb_len bytes */
    size_t fb_len;
    uint8_t *out;               /* shadow, of fbc_shadow_bytes(&g) */
    uint8_t *vec, *dirty;
    struct fbc_shadow s;
    uint8_t file[FBC_SESSION_FILE_LEN];
    struct fbc_view v;
    uint8_t *screen;            /* what the viewer shows: red, green, blue */
};

static inline uint32_t engine_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;

    return (uint32_t)(*seed >> 16);
}

static inline void engine_init(struct engine *e, uint32_t w, uint32_t h,
                               uint32_t gap)
{
    size_t i;

    memset(e, 0, sizeof(*e));
    MUST(fbc_geom_init(&e->g, w, h) == FBC_OK);
    e->line_length = (w + gap) * 4;
    e->fb_len = (size_t)e->line_length * (h - 1) + w * 4;
    e->fb = calloc(1, e->fb_len);
    e->out = calloc(1, fbc_shadow_bytes(&e->g));
    e->vec = malloc(fbc_shadow_vec_len(&e->g));
    e->dirty = malloc(fbc_shadow_dirty_len(&e->g));
    e->screen = malloc((size_t)w * h * 3);
    MUST(e->fb && e->out && e->vec && e->dirty && e->screen);
    for ( i = 0; i < FBC_SESSION_LAUNCH; i++ )
        e->file[i] = (uint8_t)(i * 7 + 1);
    fbc_shadow_init(&e->s, &e->g, e->fb, e->line_length, e->out, e->vec,
                    e->dirty, e->file + FBC_SESSION_UUID,
                    e->file + FBC_SESSION_VMM);
    fbc_view_init(&e->v, e->file);
}

/* Right after engine_init(): bands are coded. */
static inline void engine_console(struct engine *e)
{
    e->s.console = true;
    fbc_shadow_init(&e->s, &e->g, e->fb, e->line_length, e->out, e->vec,
                    e->dirty, e->file + FBC_SESSION_UUID,
                    e->file + FBC_SESSION_VMM);
}

static inline void engine_free(struct engine *e)
{
    fbc_shadow_clear(&e->s);
    fbc_view_clear(&e->v);
    free(e->fb);
    free(e->out);
    free(e->vec);
    free(e->dirty);
    free(e->screen);
}

static inline enum fbc_err engine_key(struct engine *e, enum fbc_aead_id aead,
                                      uint32_t epoch)
{
    uint8_t salt[FBC_SALT_LEN];

    memset(salt, 0x40 + (int)epoch, sizeof(salt));

    return fbc_shadow_key(&e->s, aead, epoch, salt, e->file,
                          FBC_LAUNCHED_UNMEASURED, NULL);
}

/* All due tiles and the manifest. */
static inline void engine_seal(struct engine *e)
{
    while ( fbc_shadow_busy(&e->s) )
        MUST(fbc_shadow_step(&e->s, ENGINE_STEP) == FBC_OK);
    MUST(fbc_shadow_manifest(&e->s, e->s.counter, NULL) == FBC_OK);
}

static inline void engine_damage(struct engine *e, uint16_t x, uint16_t y,
                                 uint16_t w, uint16_t h)
{
    fbc_shadow_damage(&e->s, &(struct fbc_rect){ x, y, w, h });
}

static inline enum fbc_err engine_view(struct engine *e,
                                       struct fbc_view_stats *st)
{
    return fbc_view_update(&e->v, e->out, e->g.swidth, e->g.sheight,
                           e->g.swidth * 4u, UINT32_MAX, e->screen, st);
}

static inline uint8_t *engine_pixel(struct engine *e, uint32_t x, uint32_t y)
{
    return e->fb + (size_t)y * e->line_length + x * 4;
}

static inline bool engine_exact(struct engine *e)
{
    const uint8_t *p = e->screen;
    uint32_t x, y;

    for ( y = 0; y < e->g.height; y++ )
        for ( x = 0; x < e->g.width; x++, p += 3 )
        {
            const uint8_t *px = engine_pixel(e, x, y);

            if ( p[0] != px[2] || p[1] != px[1] || p[2] != px[0] )
                return false;
        }

    return true;
}

/* A rectangle of one colour, or noise; the unused byte never 0. */
static inline void engine_draw(struct engine *e, const struct fbc_rect *r,
                               uint64_t *seed)
{
    bool noise = engine_random(seed) & 1;
    uint32_t colour = engine_random(seed) | 0xff000000, x, y;

    for ( y = r->y; y < (uint32_t)r->y + r->h; y++ )
        for ( x = r->x; x < (uint32_t)r->x + r->w; x++ )
        {
            if ( noise )
                colour = engine_random(seed) | 0xff000000;
            memcpy(engine_pixel(e, x, y), &colour, 4);
        }
}

static inline struct fbc_rect engine_rect(const struct engine *e,
                                          uint64_t *seed)
{
    struct fbc_rect r;

    r.x = (uint16_t)(engine_random(seed) % e->g.width);
    r.y = (uint16_t)(engine_random(seed) % e->g.height);
    r.w = (uint16_t)(1 + engine_random(seed) % (e->g.width - r.x));
    r.h = (uint16_t)(1 + engine_random(seed) % (e->g.height - r.y));

    return r;
}

static inline void engine_record(const struct engine *e, uint32_t tile,
                                 uint8_t record[static FBC_RECORD_LEN])
{
    struct fbc_rect r = fbc_geom_tile(&e->g, tile);

    fbc_pack(record, e->out +
                     ((size_t)fbc_geom_meta_row(&e->g, tile / e->g.cols) *
                      e->g.swidth + r.x) * 4, FBC_RECORD_PIXELS);
}

/* The tile's packed ciphertext; returns its length. */
static inline size_t engine_cipher(const struct engine *e, uint32_t tile,
                                   uint8_t buf[static FBC_TILE_BYTES])
{
    struct fbc_rect r = fbc_geom_tile(&e->g, tile);

    fbc_pack_rect(buf, e->out + ((size_t)fbc_geom_srow(r.y) * e->g.swidth +
                                 r.x) * 4,
                  e->g.swidth * 4u, r.w, r.h, false);

    return (size_t)r.w * r.h * 3;
}

#endif /* FBC_TEST_ENGINE_H */
