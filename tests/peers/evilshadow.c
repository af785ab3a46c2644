/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest, the engine that seals its screen, and a dom0 that tampers. */
#include "evilshadow.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "core/tile.h"
#include "lib/base/keyfile.h"
#include "lib/frames/picture.h"

static void check(bool failed, const char *what)
{
    if ( failed )
        errx(4, "%s", what);
}

uint64_t evil_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint32_t rnd(struct evil *v)
{
    v->seed = v->seed * 1664525 + 1013904223;

    return v->seed >> 8;
}

void evil_key_file(struct evil *v, const char *path)
{
    struct fbc_error e;

    if ( fbc_keyfile_read(FBC_KEY_SESSION, path, v->file, &e) )
        errx(3, "%s: %s", e.what, e.why);
    v->launched = fbc_session_launches(v->file) ? FBC_LAUNCHED_ACCEPTED
                                                : FBC_LAUNCHED_ANY;
    memset(v->launch, 0xa1, sizeof(v->launch));
    if ( v->launched == FBC_LAUNCHED_ACCEPTED )
        memcpy(v->launch, v->file + FBC_SESSION_LAUNCH, sizeof(v->launch));
    fbc_inputbox_session(&v->box, FBC_INPUTBOX_PLAIN);
}

/* One colour, or noise. */
static void draw(struct evil *v, const struct fbc_rect *r)
{
    uint32_t colour = rnd(v), x, y;
    bool noise = rnd(v) & 1;

    for ( y = r->y; y < (uint32_t)r->y + r->h; y++ )
        for ( x = r->x; x < (uint32_t)r->x + r->w; x++ )
            fbc_put32(v->fb + (y * v->g.width + x) * 4,
                      noise ? rnd(v) : colour);
    fbc_shadow_damage(&v->s, r);
}

void evil_draw(struct evil *v)
{
    struct fbc_rect r = fbc_geom_tile(&v->g, v->tile);

    draw(v, &r);
    r.x = (uint16_t)(rnd(v) % v->g.width);
    r.y = (uint16_t)(rnd(v) % v->g.height);
    r.w = (uint16_t)(1 + rnd(v) % (v->g.width - r.x));
    r.h = (uint16_t)(1 + rnd(v) % (v->g.height - r.y));
    draw(v, &r);
}

void evil_rekey(struct evil *v)
{
    uint8_t salt[FBC_SALT_LEN];

    check(getrandom(salt, sizeof(salt), 0) != sizeof(salt), "random");
    check(fbc_shadow_key(&v->s, v->aead, ++v->epoch, salt, v->file,
                         v->launched, v->launch), "key");
    fbc_inputbox_epoch(&v->box, v->s.input_key, v->g.swidth, v->g.sheight);
}

void evil_begin(struct evil *v, uint32_t width, uint32_t height)
{
    struct fbc_rect all = { 0, 0, (uint16_t)width, (uint16_t)height };
    size_t len;

    check(fbc_geom_init(&v->g, width, height), "geometry");
    check(v->tile + 1 >= v->g.tiles, "no such tile, or the last one");
    len = fbc_shadow_bytes(&v->g);
    v->fb = calloc(width * height, 4);
    v->out = calloc(1, len);
    v->old = calloc(1, len);
    v->shown = calloc(1, len);
    v->vec = malloc(fbc_shadow_vec_len(&v->g));
    v->dirty = malloc(fbc_shadow_dirty_len(&v->g));
    check(!v->fb || !v->out || !v->old || !v->shown || !v->vec || !v->dirty,
          "memory");
    fbc_shadow_init(&v->s, &v->g, v->fb, width * 4, v->out, v->vec, v->dirty,
                    v->file + FBC_SESSION_UUID, v->file + FBC_SESSION_VMM);
    draw(v, &all);
    draw(v, &(struct fbc_rect){ 0, 0, (uint16_t)(width / 2),
                                (uint16_t)(height / 2) });
    if ( v->aead != FBC_AEAD_NONE )
        evil_rekey(v);
    evil_seal(v);
    evil_remember(v);
}

void evil_end(struct evil *v)
{
    unsigned int i;

    for ( i = 0; i < EVIL_LAG_MAX; i++ )
    {
        free(v->late[i]);
        v->late[i] = NULL;
    }
    v->sealed = 0;
    fbc_shadow_clear(&v->s);
    free(v->fb);
    free(v->out);
    free(v->old);
    free(v->shown);
    free(v->vec);
    free(v->dirty);
}

void evil_remember(struct evil *v)
{
    memcpy(v->old, v->out, fbc_shadow_bytes(&v->g));
}

static uint8_t *at(const struct evil *v, uint8_t *shadow, uint32_t x,
                   uint32_t y)
{
    return shadow + ((size_t)y * v->g.swidth + x) * 4;
}

/* A bit of a byte string, stored three bytes a pixel. */
static void flip(const struct evil *v, uint32_t x, uint32_t y,
                 uint32_t first, uint32_t bytes)
{
    const uint32_t bit = v->bit % (bytes * 8), byte = first + bit / 8;

    at(v, v->shown, x, y)[byte / 3 * 4 + byte % 3] ^= (uint8_t)(1 << bit % 8);
}

static void copy_tile(const struct evil *v, uint8_t *dst, uint32_t to,
                      uint8_t *src, uint32_t from)
{
    struct fbc_rect a = fbc_geom_tile(&v->g, from);
    struct fbc_rect b = fbc_geom_tile(&v->g, to);
    uint32_t w = a.w < b.w ? a.w : b.w, h = a.h < b.h ? a.h : b.h, y;

    for ( y = 0; y < h; y++ )
        memcpy(at(v, dst, b.x, fbc_geom_srow(b.y + y)),
               at(v, src, a.x, fbc_geom_srow(a.y + y)), w * 4);
    memcpy(at(v, dst, b.x, fbc_geom_meta_row(&v->g, to / v->g.cols)),
           at(v, src, a.x, fbc_geom_meta_row(&v->g, from / v->g.cols)),
           FBC_RECORD_PIXELS * 4);
}

static void tamper(struct evil *v)
{
    const struct fbc_rect r = fbc_geom_tile(&v->g, v->tile);
    const uint32_t record = fbc_geom_meta_row(&v->g, v->tile / v->g.cols);

    switch ( v->tamper )
    {
    case TAMPER_NONE:
        break;
    case TAMPER_HEADER:
        flip(v, 0, 0, 0, FBC_HEADER_LEN);
        break;
    case TAMPER_CIPHER:
        flip(v, r.x, fbc_geom_srow(r.y), 0, r.w * 3u);
        break;
    case TAMPER_COUNTER:
        flip(v, r.x, record, 0, FBC_COUNTER_LEN);
        break;
    case TAMPER_FLAGS:
        flip(v, r.x, record, FBC_COUNTER_LEN, 1);
        break;
    case TAMPER_TAG:
        flip(v, r.x, record, FBC_COUNTER_LEN + 1, FBC_TAG_LEN);
        break;
    case TAMPER_MANIFEST_COUNTER:
        flip(v, FBC_MANIFEST_X, 0, 0, 8);
        break;
    case TAMPER_MANIFEST:
        flip(v, FBC_MANIFEST_X, 0, 8, FBC_MANIFEST_BODY);
        break;
    case TAMPER_MANIFEST_TAG:
        flip(v, FBC_MANIFEST_X, 0, 8 + FBC_MANIFEST_BODY, FBC_TAG_LEN);
        break;
    case TAMPER_OLD_TILE:
        copy_tile(v, v->shown, v->tile, v->old, v->tile);
        break;
    case TAMPER_OLD_MANIFEST:
        memcpy(at(v, v->shown, FBC_MANIFEST_X, 0),
               at(v, v->old, FBC_MANIFEST_X, 0), FBC_MANIFEST_LEN / 3 * 4);
        break;
    case TAMPER_OLD_PICTURE:
        memcpy(v->shown, v->old, fbc_shadow_bytes(&v->g));
        break;
    case TAMPER_SWAP:
        copy_tile(v, v->shown, v->tile, v->out, v->tile + 1);
        copy_tile(v, v->shown, v->tile + 1, v->out, v->tile);
        break;
    }
}

/* The newest picture goes in, the one of lag pictures before comes out. */
static const uint8_t *delay(struct evil *v)
{
    const size_t len = fbc_shadow_bytes(&v->g);
    uint8_t **slot = &v->late[v->sealed % EVIL_LAG_MAX];
    unsigned int from = v->sealed < v->lag ? 0 : v->sealed - v->lag;

    if ( !v->lag )
        return v->out;
    if ( !*slot )
        *slot = malloc(len);
    check(!*slot || v->lag >= EVIL_LAG_MAX, "lag");
    memcpy(*slot, v->out, len);
    v->sealed++;

    return v->late[from % EVIL_LAG_MAX];
}

void evil_seal(struct evil *v)
{
    struct fbc_manifest_input input = { 0 };

    if ( !v->no_input )
        fbc_inputbox_report(&v->box, &input);
    v->taken = false;
    if ( v->aead != FBC_AEAD_NONE )
    {
        while ( fbc_shadow_busy(&v->s) )
            check(fbc_shadow_step(&v->s, UINT32_MAX), "seal");
        check(fbc_shadow_manifest(&v->s, evil_now_ns(), &input), "manifest");
    }
    memcpy(v->shown, delay(v), fbc_shadow_bytes(&v->g));
    tamper(v);
}

void evil_truth(const struct evil *v, const char *path)
{
    struct fbc_picture p = { 0 };
    struct fbc_error e;
    char tmp[4096];
    uint32_t y;
    int fd;

    snprintf(tmp, sizeof(tmp), "%s.tmp", path);
    fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    check(fd < 0 || fbc_picture_size(&p, v->g.width, v->g.height, &e), path);
    for ( y = 0; y < v->g.height; y++ )
        fbc_picture_set_row(&p, y, v->fb + (size_t)y * v->g.width * 4);
    check(fbc_ppm_write(fd, &p, tmp, &e) || close(fd) || rename(tmp, path),
          path);
    fbc_picture_free(&p);
}
