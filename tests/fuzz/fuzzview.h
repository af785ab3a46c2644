/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile dom0 shows a viewer pictures, made of what the hypervisor really
 * wrote and of anything else.  The input is its program: see run().  However
 * it tries, each tile on the screen is black or was drawn by the guest in the
 * epoch that the viewer is in, and "live" means a whole screen that was.
 */
#ifndef FBC_FUZZ_FUZZVIEW_H
#define FBC_FUZZ_FUZZVIEW_H

#include <stdlib.h>

#include "core/crc32.h"
#include "core/pack.h"
#include "core/shadow.h"
#include "core/tile.h"
#include "parse/shadow/view.h"
#include "parse/text/keytext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WIDTH   150
#define HEIGHT  20
#define PIXELS  (WIDTH * HEIGHT)
#define STATES  8
#define KEYED   1       /* state 0 is from before the first key */

/* The second of those that the viewer takes. */
static const uint8_t digest[FBC_HASH_LEN] = { 0xd2 };

/* What the shadow and the guest's screen were at some time. */
struct state {
    uint8_t *shadow;
    uint8_t screen[PIXELS * 3];
    uint32_t epoch;
    bool whole;         /* all of this screen is sealed, with a manifest */
};

static struct state states[STATES];
static struct fbc_geom geom;
static size_t shadow_len;
static uint8_t file[FBC_SESSION_FILE_LEN] = {
    1, 2, 3, [FBC_SESSION_LAUNCH] = 0xd1,
    [FBC_SESSION_LAUNCH + FBC_HASH_LEN] = 0xd2,
};

static void must(bool ok)
{
    if ( !ok )
        abort();
}

static uint32_t rnd(void)
{
    static uint32_t s = 7;

    s = s * 1664525 + 1013904223;

    return s >> 8;
}

static void draw(struct fbc_shadow *s, uint8_t *fb, uint32_t w, uint32_t h)
{
    struct fbc_rect r = { 0, 0, (uint16_t)w, (uint16_t)h };
    const uint32_t colours = CODED ? 1u << rnd() % 7 : 1u << 24;
    uint32_t x, y;

    for ( y = 0; y < h; y++ )
        for ( x = 0; x < w; x++ )
            fbc_put32(fb + (y * WIDTH + x) * 4,
                      0x2010101 + rnd() % colours % 0xfefefe);
    fbc_shadow_damage(s, &r);
}

static void snapshot(struct state *st, const struct fbc_shadow *s,
                     const uint8_t *fb, bool whole)
{
    size_t i;

    st->shadow = malloc(shadow_len);
    must(st->shadow);
    memcpy(st->shadow, s->out, shadow_len);
    for ( i = 0; i < PIXELS; i++ )
    {
        st->screen[i * 3] = fb[i * 4 + 2];
        st->screen[i * 3 + 1] = fb[i * 4 + 1];
        st->screen[i * 3 + 2] = fb[i * 4];
    }
    st->epoch = s->header.ep.epoch;
    st->whole = whole;
}

static void rekey(struct fbc_shadow *s, uint32_t epoch)
{
    uint8_t salt[FBC_SALT_LEN] = { (uint8_t)epoch };

    must(!fbc_shadow_key(s, epoch % 2 ? FBC_AEAD_AES256_GCM
                                      : FBC_AEAD_CHACHA20_POLY1305, epoch,
                         salt, file, FBC_LAUNCHED_ACCEPTED, digest));
}

/*
 * Half of what is due: bands that are coded are looked at before, and sealed
 * with their last tile.
 */
static void half(struct fbc_shadow *s, uint32_t tiles)
{
    const uint64_t before = s->counter;

    if ( !CODED )
        must(!fbc_shadow_step(s, tiles * 64 * 16 * 4));
    while ( CODED && s->counter == before )
        must(!fbc_shadow_step(s, 1));
}

static void flush(struct fbc_shadow *s)
{
    must(!fbc_shadow_step(s, UINT32_MAX) && !fbc_shadow_busy(s) &&
         !fbc_shadow_manifest(s, 5, NULL));
}

/* Two epochs: whole, whole, half of the next; whole, part drawn, half. */
static void make_states(void)
{
    static struct fbc_shadow s;
    static uint8_t fb[PIXELS * 4];
    uint8_t *out, *vec, *dirty;

    must(!fbc_geom_init(&geom, WIDTH, HEIGHT));
    shadow_len = fbc_shadow_bytes(&geom);
    out = calloc(1, shadow_len);
    vec = malloc(fbc_shadow_vec_len(&geom));
    dirty = malloc(fbc_shadow_dirty_len(&geom));
    must(out && vec && dirty);

    s.console = CODED;
    fbc_shadow_init(&s, &geom, fb, WIDTH * 4, out, vec, dirty,
                    file + FBC_SESSION_UUID, file + FBC_SESSION_VMM);
    draw(&s, fb, WIDTH, HEIGHT);
    snapshot(&states[0], &s, fb, false);
    rekey(&s, 5);
    flush(&s);
    snapshot(&states[1], &s, fb, true);
    draw(&s, fb, WIDTH, HEIGHT);
    flush(&s);
    snapshot(&states[2], &s, fb, true);
    draw(&s, fb, WIDTH, HEIGHT);
    half(&s, 3);
    snapshot(&states[3], &s, fb, false);

    rekey(&s, 6);
    snapshot(&states[4], &s, fb, false);
    flush(&s);
    snapshot(&states[5], &s, fb, true);
    draw(&s, fb, 64, 16);
    flush(&s);
    snapshot(&states[6], &s, fb, true);
    draw(&s, fb, WIDTH, HEIGHT);
    half(&s, 2);
    snapshot(&states[7], &s, fb, false);

    fbc_shadow_clear(&s);
    free(out);
    free(vec);
    free(dirty);
}

static bool same_tile(const uint8_t *a, const uint8_t *b, uint32_t tile)
{
    struct fbc_rect r = fbc_geom_tile(&geom, tile);
    uint32_t y;

    for ( y = r.y; y < (uint32_t)r.y + r.h; y++ )
        if ( memcmp(a + (y * WIDTH + r.x) * 3, b + (y * WIDTH + r.x) * 3,
                    r.w * 3u) )
            return false;

    return true;
}

static void check_screen(const struct fbc_view *v, const uint8_t *screen,
                         bool live)
{
    static const uint8_t black[PIXELS * 3];
    uint32_t tile, i;
    bool ok;

    for ( tile = 0; tile < geom.tiles; tile++ )
    {
        ok = same_tile(screen, black, tile);
        for ( i = KEYED; i < STATES && !ok; i++ )
            ok = states[i].epoch == v->header.ep.epoch &&
                 same_tile(screen, states[i].screen, tile);
        must(ok);
        must(!fbc_vector_get(v->vec, tile) ==
             same_tile(screen, black, tile));
    }

    for ( i = KEYED, ok = !live; i < STATES && !ok; i++ )
        ok = states[i].whole && states[i].epoch == v->header.ep.epoch &&
             !memcmp(screen, states[i].screen, PIXELS * 3);
    must(ok);
}

struct dom0 {
    struct fbc_view v;
    uint8_t *picture;
    uint8_t screen[PIXELS * 3];
};

static void look(struct dom0 *d, uint32_t w, uint32_t h, size_t stride,
                 uint32_t limit)
{
    static uint8_t before[PIXELS * 3];
    uint32_t epoch = d->v.header.ep.epoch;
    uint64_t manifest = d->v.manifest_counter;
    struct fbc_view_stats st;

    memcpy(before, d->screen, sizeof(before));
    if ( fbc_view_update(&d->v, d->picture, w, h, stride, limit, d->screen,
                         &st) )
    {
        must(!memcmp(before, d->screen, sizeof(before)) &&
             epoch == d->v.header.ep.epoch);
        return;
    }

    must(w == geom.swidth && h == geom.sheight);
    must(d->v.header.ep.epoch >= epoch);
    must(st.new_epoch == (d->v.header.ep.epoch != epoch));
    must(st.new_epoch || d->v.manifest_counter >= manifest);
    must(st.fresh + st.held + st.pending + st.bad ==
         (limit < geom.tiles ? limit : geom.tiles));
    must(st.manifest || (limit >= geom.tiles &&
                         st.live.counter == d->v.manifest_counter));
    check_screen(&d->v, d->screen, !st.manifest);
}

static void copy_tile(uint8_t *dst, uint32_t to, const uint8_t *src,
                      uint32_t from, bool record)
{
    struct fbc_rect a = fbc_geom_tile(&geom, from);
    struct fbc_rect b = fbc_geom_tile(&geom, to);
    uint32_t w = a.w < b.w ? a.w : b.w, h = a.h < b.h ? a.h : b.h, y;
    size_t row = geom.swidth * 4u;

    for ( y = 0; y < h; y++ )
        memcpy(dst + fbc_geom_srow(b.y + y) * row + b.x * 4u,
               src + fbc_geom_srow(a.y + y) * row + a.x * 4u, w * 4u);
    if ( record )
        memcpy(dst + fbc_geom_meta_row(&geom, to / geom.cols) * row +
                   b.x * 4u,
               src + fbc_geom_meta_row(&geom, from / geom.cols) * row +
                   a.x * 4u, FBC_RECORD_PIXELS * 4);
}

static void fix_checksum(uint8_t *picture)
{
    uint8_t head[FBC_HEADER_LEN];

    fbc_pack(head, picture, FBC_HEADER_LEN / 3);
    fbc_put32(head + FBC_HEADER_LEN - 4,
              fbc_crc32(0, head, FBC_HEADER_LEN - 4));
    fbc_unpack(picture, head, FBC_HEADER_LEN / 3);
}

/* Four bytes a step: operation and three arguments. */
static void run(struct dom0 *d, const uint8_t *p)
{
    const uint8_t *src = states[p[1] % STATES].shadow;
    size_t row = geom.swidth * 4u, n;

    switch ( p[0] % 11 )
    {
    case 0:             /* a true picture */
        memcpy(d->picture, src, shadow_len);
        break;

    case 1:             /* a tile of one, somewhere */
        copy_tile(d->picture, p[2] % geom.tiles, src, p[3] % geom.tiles,
                  true);
        break;

    case 2:             /* the same without its record */
        copy_tile(d->picture, p[2] % geom.tiles, src, p[3] % geom.tiles,
                  false);
        break;

    case 3:             /* some of its rows, as if torn */
        n = p[2] % geom.sheight;
        memcpy(d->picture + n * row, src + n * row,
               (1 + p[3] % (geom.sheight - n)) * row);
        break;

    case 4:             /* part of its first row: header or manifest */
        n = p[2] % geom.swidth;
        memcpy(d->picture + n * 4, src + n * 4,
               (1 + p[3] % (geom.swidth - n)) * 4);
        break;

    case 5:             /* any byte */
        d->picture[fbc_get16(p + 1) % shadow_len] ^= p[3];
        break;

    case 6:             /* a byte of the first row */
        d->picture[fbc_get16(p + 1) % row] ^= p[3];
        fix_checksum(d->picture);
        break;

    case 7:
        look(d, geom.swidth, geom.sheight, row, UINT32_MAX);
        break;

    case 8:
        look(d, geom.swidth, geom.sheight, row, p[1] % (geom.tiles + 2));
        break;

    case 9:             /* said to be of another size */
        look(d, p[1] % (geom.swidth + 1u), p[2] % (geom.sheight + 1u),
             p[3] % (geom.swidth + 1u) * 4u, geom.tiles);
        break;

    case 10:
        if ( p[1] & 1 )
            d->v.recheck = !d->v.recheck;
        else
        {
            fbc_view_clear(&d->v);
            fbc_view_init(&d->v, file);
            memset(d->screen, 0, sizeof(d->screen));
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dom0 d;

    if ( !shadow_len )
        make_states();

    fbc_view_init(&d.v, file);
    memset(d.screen, 0, sizeof(d.screen));
    d.picture = malloc(shadow_len);
    must(d.picture);
    memset(d.picture, 0, shadow_len);

    for ( ; size >= 4; size -= 4, data += 4 )
        run(&d, data);
    look(&d, geom.swidth, geom.sheight, geom.swidth * 4u, UINT32_MAX);

    fbc_view_clear(&d.v);
    free(d.picture);

    return 0;
}

#endif /* FBC_FUZZ_FUZZVIEW_H */
