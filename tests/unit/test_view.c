/* SPDX-License-Identifier: GPL-2.0-only */
/* The tenant's view of a shadow: what it shows, and what it refuses. */
#include <stdlib.h>

#include "vec.h"

#include "core/crc32.h"
#include "core/pack.h"
#include "core/shadow.h"
#include "core/tile.h"
#include "parse/shadow/view.h"
#include "parse/text/keytext.h"

static uint32_t rnd(void)
{
    static uint32_t s = 31337;

    s = s * 1664525 + 1013904223;

    return s >> 8;
}

/* One VM's screen from end to end. */
struct vm {
    struct fbc_geom g;
    uint8_t *fb, *out, *vec, *dirty;
    uint32_t line_length, epoch;
    size_t size;                /* of out */
    struct fbc_shadow s;
    uint64_t time;

    enum fbc_launched launched;
    uint8_t launch[FBC_HASH_LEN];

    uint8_t file[FBC_SESSION_FILE_LEN];
    struct fbc_view v;
    uint8_t *screen;
    struct fbc_view_stats st;
};

static void *get(size_t n)
{
    void *p = calloc(n, 1);

    assert_non_null(p);

    return p;
}

static void draw(struct vm *m, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    struct fbc_rect r = { (uint16_t)x, (uint16_t)y, (uint16_t)w, (uint16_t)h };
    uint32_t i, j;

    for ( j = y; j < y + h; j++ )
        for ( i = x * 4; i < (x + w) * 4; i++ )
            m->fb[(size_t)j * m->line_length + i] = (uint8_t)rnd();
    fbc_shadow_damage(&m->s, &r);
}

/* Begins the shadow of a screen of another size. */
static void resize(struct vm *m, uint32_t w, uint32_t h)
{
    free(m->fb);
    free(m->out);
    free(m->vec);
    free(m->dirty);
    free(m->screen);
    assert_int_equal(fbc_geom_init(&m->g, w, h), FBC_OK);
    m->line_length = w * 4 + 64;
    m->size = fbc_shadow_bytes(&m->g);
    m->fb = get((size_t)m->line_length * h);
    m->out = get(m->size);
    m->vec = get(fbc_shadow_vec_len(&m->g));
    m->dirty = get(fbc_shadow_dirty_len(&m->g));
    m->screen = get((size_t)w * h * 3);
    fbc_shadow_clear(&m->s);
    fbc_shadow_init(&m->s, &m->g, m->fb, m->line_length, m->out, m->vec,
                    m->dirty, m->file + FBC_SESSION_UUID,
                    m->file + FBC_SESSION_VMM);
    draw(m, 0, 0, w, h);
}

static void rekey(struct vm *m, enum fbc_aead_id aead)
{
    uint8_t salt[FBC_SALT_LEN];
    size_t i;

    for ( i = 0; i < sizeof(salt); i++ )
        salt[i] = (uint8_t)rnd();
    assert_int_equal(fbc_shadow_key(&m->s, aead, ++m->epoch, salt, m->file,
                                    m->launched, m->launch), FBC_OK);
}

static void flush(struct vm *m)
{
    while ( fbc_shadow_busy(&m->s) )
        assert_int_equal(fbc_shadow_step(&m->s, 65536), FBC_OK);
    assert_int_equal(fbc_shadow_manifest(&m->s, ++m->time, NULL), FBC_OK);
}

static struct vm *vm_new(uint32_t w, uint32_t h)
{
    struct vm *m = get(sizeof(*m));
    size_t i;

    for ( i = 0; i < FBC_SESSION_LAUNCH; i++ )
        m->file[i] = (uint8_t)rnd();
    m->launched = FBC_LAUNCHED_ANY;
    memset(m->launch, 0xd1, sizeof(m->launch));
    fbc_view_init(&m->v, m->file);
    resize(m, w, h);

    return m;
}

static void vm_free(struct vm *m)
{
    fbc_shadow_clear(&m->s);
    fbc_view_clear(&m->v);
    free(m->fb);
    free(m->out);
    free(m->vec);
    free(m->dirty);
    free(m->screen);
    free(m);
}

static enum fbc_err look_at(struct vm *m, const uint8_t *shadow)
{
    return fbc_view_update(&m->v, shadow, m->g.swidth, m->g.sheight,
                           m->g.swidth * 4u, UINT32_MAX, m->screen, &m->st);
}

static enum fbc_err look(struct vm *m)
{
    return look_at(m, m->out);
}

static bool tile_shown(const struct vm *m, uint32_t tile)
{
    struct fbc_rect r = fbc_geom_tile(&m->g, tile);
    uint32_t x, y;

    for ( y = r.y; y < (uint32_t)r.y + r.h; y++ )
        for ( x = r.x; x < (uint32_t)r.x + r.w; x++ )
        {
            const uint8_t *a = m->fb + (size_t)y * m->line_length + x * 4;
            const uint8_t *b = m->screen + ((size_t)y * m->g.width + x) * 3;

            if ( a[0] != b[2] || a[1] != b[1] || a[2] != b[0] )
                return false;
        }

    return true;
}

static uint32_t tiles_shown(const struct vm *m)
{
    uint32_t t, n = 0;

    for ( t = 0; t < m->g.tiles; t++ )
        n += tile_shown(m, t);

    return n;
}

/* A keyed, sealed VM that has been looked at. */
static struct vm *vm_seen(uint32_t w, uint32_t h)
{
    struct vm *m = vm_new(w, h);

    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    assert_int_equal(look(m), FBC_OK);
    assert_int_equal(m->st.manifest, FBC_OK);
    assert_int_equal(tiles_shown(m), m->g.tiles);

    return m;
}

static uint8_t *copy(const struct vm *m)
{
    uint8_t *p = get(m->size);

    memcpy(p, m->out, m->size);

    return p;
}

static uint8_t *px(const struct vm *m, uint8_t *shadow, uint32_t x, uint32_t y)
{
    return shadow + ((size_t)y * m->g.swidth + x) * 4;
}

static uint8_t *record_of(const struct vm *m, uint8_t *shadow, uint32_t tile)
{
    return px(m, shadow, fbc_geom_tile(&m->g, tile).x,
              fbc_geom_meta_row(&m->g, tile / m->g.cols));
}

/* Byte i of a string that is stored three bytes a pixel. */
static uint8_t *packed(uint8_t *p, size_t i)
{
    return p + i / 3 * 4 + i % 3;
}

#define STATS(f, h, p, b, man) do {                 \
    assert_int_equal(m->st.fresh, f);               \
    assert_int_equal(m->st.held, h);                \
    assert_int_equal(m->st.pending, p);             \
    assert_int_equal(m->st.bad, b);                 \
    assert_int_equal(m->st.manifest, man);          \
} while ( 0 )

static void check_size(uint32_t w, uint32_t h, enum fbc_aead_id aead)
{
    struct vm *m = vm_new(w, h);
    size_t i, wide = m->g.swidth * 4u + 20, y;
    struct fbc_header head;
    uint8_t *padded;
    bool clean = true;

    assert_int_equal(look(m), FBC_ERR_UNKEYED);
    for ( i = (size_t)m->g.swidth * 4; i < m->size; i++ )
        clean &= !m->out[i];
    assert_true(clean);

    rekey(m, aead);
    flush(m);
    assert_int_equal(look(m), FBC_OK);
    STATS(m->g.tiles, 0, 0, 0, FBC_OK);
    assert_true(m->st.new_epoch);
    assert_true(m->st.live.time_ns == m->time);
    assert_true(m->st.live.counter == m->g.tiles + 1u);
    assert_int_equal(tiles_shown(m), m->g.tiles);

    for ( i = 3; i < m->size; i += 4 )
        clean &= !m->out[i];
    assert_true(clean);

    /* The same in a picture with another stride. */
    padded = get(wide * m->g.sheight);
    memset(padded, 0xee, wide * m->g.sheight);
    for ( y = 0; y < m->g.sheight; y++ )
        memcpy(padded + y * wide, px(m, m->out, 0, (uint32_t)y),
               m->g.swidth * 4u);
    assert_int_equal(fbc_view_header(padded, m->g.swidth, m->g.sheight, wide,
                                     &head), FBC_OK);
    assert_int_equal(head.ep.geom.width, w);
    fbc_view_clear(&m->v);
    fbc_view_init(&m->v, m->file);
    memset(m->screen, 0x55, (size_t)w * h * 3);
    assert_int_equal(fbc_view_update(&m->v, padded, m->g.swidth, m->g.sheight,
                                     wide, m->g.tiles, m->screen, &m->st),
                     FBC_OK);
    STATS(m->g.tiles, 0, 0, 0, FBC_OK);
    assert_int_equal(tiles_shown(m), m->g.tiles);
    free(padded);
    vm_free(m);
}

static void round_trip(void **state)
{
    static const uint32_t sizes[][2] = {
        { 96, 1 }, { 97, 17 }, { 112, 16 }, { 129, 31 }, { 191, 33 },
        { 640, 480 }, { 800, 600 }, { 1366, 768 }, { 1920, 1080 },
        { 2560, 1926 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
        check_size(sizes[i][0], sizes[i][1], FBC_AEAD_AES256_GCM);
    check_size(97, 17, FBC_AEAD_CHACHA20_POLY1305);
    check_size(800, 600, FBC_AEAD_CHACHA20_POLY1305);
}

static void damage(void **state)
{
    struct vm *m = vm_seen(300, 100);
    uint32_t round, total = m->g.tiles;

    (void)state;
    for ( round = 0; round < 50; round++ )
    {
        uint32_t x = rnd() % 300, y = rnd() % 100;
        uint32_t w = 1 + rnd() % (300 - x), h = 1 + rnd() % (100 - y);
        struct fbc_rect r = { (uint16_t)x, (uint16_t)y, (uint16_t)w,
                              (uint16_t)h };
        struct fbc_rect t = fbc_geom_tiles_of(&r);
        uint32_t n = (uint32_t)t.w * t.h;

        draw(m, x, y, w, h);
        flush(m);
        assert_int_equal(look(m), FBC_OK);
        STATS(n, total - n, 0, 0, FBC_OK);
        assert_false(m->st.new_epoch);
        assert_int_equal(tiles_shown(m), total);
    }
    vm_free(m);
}

static void half_sealed(void **state)
{
    struct vm *m = vm_new(300, 100);
    uint32_t n;

    (void)state;
    rekey(m, FBC_AEAD_AES256_GCM);
    for ( n = 0; n < m->g.tiles; n++ )
    {
        assert_int_equal(look(m), FBC_OK);
        STATS(!!n, n ? n - 1 : 0, m->g.tiles - n, 0, FBC_ERR_PENDING);
        assert_int_equal(tiles_shown(m), n);
        assert_int_equal(fbc_shadow_step(&m->s, 1), FBC_OK);
    }
    assert_int_equal(fbc_shadow_manifest(&m->s, 7, NULL), FBC_OK);
    draw(m, 0, 0, 64, 16);
    assert_int_equal(fbc_shadow_step(&m->s, 1), FBC_OK);
    assert_int_equal(look(m), FBC_OK);
    STATS(2, m->g.tiles - 2, 0, 0, FBC_ERR_AUTH);
    assert_int_equal(fbc_shadow_manifest(&m->s, 8, NULL), FBC_OK);
    assert_int_equal(look(m), FBC_OK);
    STATS(0, m->g.tiles, 0, 0, FBC_OK);
    assert_true(m->st.live.time_ns == 8);
    vm_free(m);
}

/* Every bit of the shadow that carries tile 2, after it was drawn anew. */
static void flipped_bits(void **state)
{
    enum { T = 2 };
    struct vm *m = vm_seen(150, 20);
    struct fbc_rect r = fbc_geom_tile(&m->g, T);
    uint8_t *old = get((size_t)m->g.width * m->g.height * 3);
    size_t n, bits = (size_t)r.w * r.h * 24;

    (void)state;
    memcpy(old, m->screen, (size_t)m->g.width * m->g.height * 3);
    draw(m, r.x, r.y, r.w, r.h);
    flush(m);
    assert_false(tile_shown(m, T));

    for ( n = 0; n < bits + 8 * FBC_RECORD_LEN; n += n < bits ? 5 : 1 )
    {
        uint8_t *p = record_of(m, m->out, T);
        size_t bit = n - bits;
        bool older = false;

        if ( n < bits )
        {
            p = px(m, m->out, r.x + (uint32_t)(n / 24 % r.w),
                   fbc_geom_srow(r.y + (uint32_t)(n / 24) / r.w));
            bit = n % 24;
        }
        else if ( bit < 56 )
        {
            uint64_t c = fbc_vector_get(m->vec, T) ^ UINT64_C(1) << bit;

            older = c < fbc_vector_get(m->v.vec, T);
            if ( c == fbc_vector_get(m->v.vec, T) )
                continue;       /* "held": nothing to see, nothing shown */
        }
        else if ( bit == 63 )
            older = true;

        p = packed(p, bit / 8);
        *p ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(look(m), FBC_OK);
        STATS(0, m->g.tiles - 1, older, !older, FBC_ERR_AUTH);
        assert_memory_equal(m->screen, old,
                            (size_t)m->g.width * m->g.height * 3);
        *p ^= (uint8_t)(1u << bit % 8);
    }

    assert_int_equal(look(m), FBC_OK);
    STATS(1, m->g.tiles - 1, 0, 0, FBC_OK);
    assert_true(tile_shown(m, T));
    free(old);
    vm_free(m);
}

/* Fourth bytes, row ends, spare pixels: QEMU or dom0 may do what it likes. */
static void free_bits(void **state)
{
    struct vm *m = vm_new(150, 20);
    uint32_t x, y, t;
    uint8_t *keep;

    (void)state;
    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    keep = copy(m);
    memset(m->out, 0xdd, m->size);
    for ( y = 0; y < m->g.sheight; y++ )
        for ( x = 0; x < m->g.swidth; x++ )
        {
            bool used = y == 0 && (x < 32 || (x >= 64 && x < 96));

            for ( t = 0; t < m->g.bands; t++ )
                if ( y == fbc_geom_meta_row(&m->g, t) )
                    used = x % 64 < 8;
            if ( y && y != fbc_geom_meta_row(&m->g, 0) &&
                 y != fbc_geom_meta_row(&m->g, 1) )
                used = x < m->g.width;
            if ( used )
                memcpy(px(m, m->out, x, y), px(m, keep, x, y), 3);
        }
    assert_int_equal(look(m), FBC_OK);
    STATS(m->g.tiles, 0, 0, 0, FBC_OK);
    assert_int_equal(tiles_shown(m), m->g.tiles);
    free(keep);
    vm_free(m);
}

static void replayed_tiles(void **state)
{
    struct vm *m = vm_seen(300, 100);
    uint8_t *old = copy(m), *now;
    uint32_t t = 7, y;
    struct fbc_rect r = fbc_geom_tile(&m->g, t);

    (void)state;
    draw(m, r.x, r.y, r.w, r.h);
    flush(m);
    assert_int_equal(look(m), FBC_OK);
    now = copy(m);

    /* The whole old picture. */
    assert_int_equal(look_at(m, old), FBC_OK);
    STATS(0, m->g.tiles - 1, 1, 0, FBC_ERR_AUTH);
    assert_int_equal(tiles_shown(m), m->g.tiles);

    /* Old pixels under the new record, when the new one is not held yet. */
    draw(m, r.x, r.y, r.w, r.h);
    flush(m);
    memcpy(old, m->out, m->size);
    for ( y = r.y; y < (uint32_t)r.y + r.h; y++ )
        memcpy(px(m, old, r.x, fbc_geom_srow(y)),
               px(m, now, r.x, fbc_geom_srow(y)), r.w * 4u);
    assert_int_equal(look_at(m, old), FBC_OK);
    STATS(0, m->g.tiles - 1, 0, 1, FBC_ERR_AUTH);

    /* An old manifest over the current tiles. */
    memcpy(old, m->out, m->size);
    memcpy(old, now, m->g.swidth * 4u);
    assert_int_equal(look_at(m, old), FBC_OK);
    STATS(1, m->g.tiles - 1, 0, 0, FBC_ERR_AUTH);
    assert_int_equal(tiles_shown(m), m->g.tiles);

    assert_int_equal(look(m), FBC_OK);
    STATS(0, m->g.tiles, 0, 0, FBC_OK);
    free(old);
    free(now);
    vm_free(m);
}

static void swap(uint8_t *a, uint8_t *b, size_t n)
{
    while ( n-- )
    {
        uint8_t t = *a;

        *a++ = *b;
        *b++ = t;
    }
}

static void swapped_tiles(void **state)
{
    struct vm *m = vm_new(300, 100);
    uint32_t y;

    (void)state;
    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    for ( y = 1; y <= 17; y++ )
        swap(px(m, m->out, 0, y), px(m, m->out, 64, y + 17), 64 * 4);
    assert_int_equal(look(m), FBC_OK);
    STATS(m->g.tiles - 2, 0, 0, 2, FBC_ERR_AUTH);
    assert_int_equal(tiles_shown(m), m->g.tiles - 2);
    vm_free(m);
}

static void replayed_manifests(void **state)
{
    struct vm *m = vm_seen(300, 100);
    uint8_t *old = copy(m);
    uint64_t counter = m->v.manifest_counter;

    (void)state;
    /* The same picture again is current, but its time stands still. */
    assert_int_equal(look(m), FBC_OK);
    STATS(0, m->g.tiles, 0, 0, FBC_OK);
    assert_true(m->st.live.time_ns == 1 && m->v.manifest_counter == counter);

    flush(m);
    assert_int_equal(look(m), FBC_OK);
    STATS(0, m->g.tiles, 0, 0, FBC_OK);
    assert_true(m->st.live.time_ns == 2);
    assert_true(m->v.manifest_counter == counter + 1);

    assert_int_equal(look_at(m, old), FBC_OK);
    STATS(0, m->g.tiles, 0, 0, FBC_ERR_STALE);
    assert_true(m->v.manifest_counter == counter + 1);
    free(old);
    vm_free(m);
}

static void manifest_bits(void **state)
{
    struct vm *m = vm_seen(300, 100);
    size_t bit;

    (void)state;
    for ( bit = 0; bit < 8 * FBC_MANIFEST_LEN; bit++ )
    {
        uint8_t *p = packed(px(m, m->out, FBC_MANIFEST_X, 0), bit / 8);

        *p ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(look(m), FBC_OK);
        STATS(0, m->g.tiles, 0, 0, FBC_ERR_AUTH);
        *p ^= (uint8_t)(1u << bit % 8);
    }
    vm_free(m);
}

/* Must fail with err and change nothing at all. */
static void refused(struct vm *m, const uint8_t *shadow, enum fbc_err err)
{
    struct fbc_view *before = get(sizeof(*before));
    size_t n = (size_t)m->g.width * m->g.height * 3;
    uint8_t *screen = get(n);
    struct fbc_view_stats st;

    memcpy(before, &m->v, sizeof(*before));
    memcpy(screen, m->screen, n);
    memset(&m->st, 0xa5, sizeof(m->st));
    st = m->st;
    assert_int_equal(look_at(m, shadow), err);
    assert_memory_equal(before, &m->v, sizeof(*before));
    assert_memory_equal(screen, m->screen, n);
    assert_memory_equal(&st, &m->st, sizeof(st));
    free(before);
    free(screen);
}

static void header_bits(void **state)
{
    struct vm *m = vm_seen(300, 100);
    size_t bit;

    (void)state;
    for ( bit = 0; bit < 8 * FBC_HEADER_LEN; bit++ )
    {
        uint8_t *p = packed(m->out, bit / 8);

        *p ^= (uint8_t)(1u << bit % 8);
        /* Version 2 becomes 3 by bit 32. */
        refused(m, m->out, bit < 32 ? FBC_ERR_MAGIC
                           : bit > 32 && bit < 48 ? FBC_ERR_VERSION
                           : FBC_ERR_CHECKSUM);
        *p ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(look(m), FBC_OK);
    STATS(0, m->g.tiles, 0, 0, FBC_OK);
    vm_free(m);
}

/* The same with a checksum that dom0 has put right. */
static void header_fields(void **state)
{
    struct vm *m = vm_seen(300, 100);
    uint8_t good[FBC_HEADER_LEN], bad[FBC_HEADER_LEN];
    size_t bit;

    (void)state;
    fbc_pack(good, m->out, FBC_HEADER_LEN / 3);
    for ( bit = 48; bit < 8 * (FBC_HEADER_LEN - 4); bit++ )
    {
        size_t byte = bit / 8;
        enum fbc_err err;

        memcpy(bad, good, sizeof(bad));
        bad[byte] ^= (uint8_t)(1u << bit % 8);
        fbc_put32(bad + 92, fbc_crc32(0, bad, 92));
        fbc_unpack(m->out, bad, FBC_HEADER_LEN / 3);
        err = byte == 6 ? FBC_ERR_VERSION
              : byte < 16 ? look(m)
              : byte < 32 ? FBC_ERR_WRONG_VM
              : byte < 76 ? FBC_ERR_AUTH : FBC_ERR_WRONG_VMM;
        assert_true(err != FBC_OK);
        refused(m, m->out, err);
    }
    vm_free(m);
}

static void wrong_pictures(void **state)
{
    struct vm *m = vm_seen(300, 100), *other = vm_seen(300, 100);
    struct fbc_view_stats st;
    uint8_t *black = get(m->size);
    uint32_t w = m->g.swidth, h = m->g.sheight;

    (void)state;
    refused(m, black, FBC_ERR_MAGIC);
    memset(black, 0xff, m->size);
    refused(m, black, FBC_ERR_MAGIC);
    refused(m, other->out, FBC_ERR_WRONG_VM);

#define LOOK(width, height, stride) \
    fbc_view_update(&m->v, m->out, width, height, stride, 99, m->screen, &st)
    assert_int_equal(LOOK(w - 16u, h, w * 4u), FBC_ERR_SIZE);
    assert_int_equal(LOOK(w, h - 1u, w * 4u), FBC_ERR_SIZE);
    assert_int_equal(LOOK(w, 0, w * 4u), FBC_ERR_SIZE);
    assert_int_equal(LOOK(95, h, w * 4u), FBC_ERR_SIZE);
    assert_int_equal(LOOK(0, 0, 0), FBC_ERR_SIZE);
    assert_int_equal(LOOK(w, h, w * 4u - 1), FBC_ERR_STRIDE);
    assert_int_equal(LOOK(w, h, 0), FBC_ERR_STRIDE);

    /* Another VM's session key, then another VMM's, in a new view. */
    fbc_view_clear(&m->v);
    m->file[0] ^= 1;
    fbc_view_init(&m->v, m->file);
    refused(m, m->out, FBC_ERR_AUTH);
    m->file[0] ^= 1;
    m->file[FBC_SESSION_VMM + 15] ^= 1;
    fbc_view_init(&m->v, m->file);
    refused(m, m->out, FBC_ERR_WRONG_VMM);
    m->file[FBC_SESSION_VMM + 15] ^= 1;
    m->file[FBC_SESSION_UUID] ^= 1;
    fbc_view_init(&m->v, m->file);
    refused(m, m->out, FBC_ERR_WRONG_VM);
    free(black);
    vm_free(m);
    vm_free(other);
}

/* The owner takes a guest of one of n digests, all of one byte each. */
static void expect_launches(struct vm *m, const uint8_t *bytes, size_t n)
{
    size_t i;

    memset(m->file + FBC_SESSION_LAUNCH, 0,
           sizeof(m->file) - FBC_SESSION_LAUNCH);
    for ( i = 0; i < n; i++ )
        memset(m->file + FBC_SESSION_LAUNCH + i * FBC_HASH_LEN, bytes[i],
               FBC_HASH_LEN);
    fbc_view_clear(&m->v);
    fbc_view_init(&m->v, m->file);
}

/* The hypervisor has taken a key for the digest of one byte. */
static struct vm *vm_bound(uint8_t byte)
{
    struct vm *m = vm_new(300, 100);

    m->launched = FBC_LAUNCHED_ACCEPTED;
    memset(m->launch, byte, sizeof(m->launch));
    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);

    return m;
}

static void launch_digests(void **state)
{
    struct vm *m = vm_bound(0xd1);
    uint8_t bytes[FBC_SESSION_LAUNCHES] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    size_t i;

    (void)state;
    /* None of these: the key is right, and shows nothing. */
    refused(m, m->out, FBC_ERR_AUTH);
    for ( i = 1; i <= FBC_SESSION_LAUNCHES; i++ )
    {
        expect_launches(m, bytes, i);
        refused(m, m->out, FBC_ERR_AUTH);
    }
    assert_int_equal(m->v.header.ep.aead, FBC_AEAD_NONE);

    for ( i = 0; i < FBC_SESSION_LAUNCHES; i++ )
    {
        bytes[i] = 0xd1;
        expect_launches(m, bytes, FBC_SESSION_LAUNCHES);
        assert_int_equal(look(m), FBC_OK);
        STATS(m->g.tiles, 0, 0, 0, FBC_OK);
        assert_int_equal(tiles_shown(m), m->g.tiles);
        assert_int_equal(m->v.header.ep.launched, FBC_LAUNCHED_ACCEPTED);
        assert_memory_equal(m->v.header.ep.launch, m->launch, FBC_HASH_LEN);
        bytes[i] = (uint8_t)(i + 1);
    }

    /* One bit of it. */
    expect_launches(m, (const uint8_t[]){ 0xd1 }, 1);
    m->file[FBC_SESSION_LAUNCH + FBC_HASH_LEN - 1] ^= 1;
    fbc_view_init(&m->v, m->file);
    refused(m, m->out, FBC_ERR_AUTH);
    vm_free(m);
}

/* Nothing is said of the launch before a manifest says it. */
static void launch_told(void **state)
{
    static const uint8_t zero[FBC_MANIFEST_LAUNCH];
    struct vm *m = vm_new(300, 100);
    const struct fbc_epoch *ep = &m->v.header.ep;
    uint8_t bytes[FBC_MANIFEST_LEN];
    struct fbc_manifest man = { .time_ns = 1 };

    (void)state;
    rekey(m, FBC_AEAD_AES256_GCM);
    assert_int_equal(look(m), FBC_OK);
    assert_int_equal(m->st.manifest, FBC_ERR_PENDING);
    assert_int_equal(ep->launched, FBC_LAUNCHED_UNTOLD);
    flush(m);
    assert_int_equal(look(m), FBC_OK);
    assert_int_equal(m->st.live.launched, FBC_LAUNCHED_ANY);
    assert_memory_equal(m->st.live.launch, m->launch, FBC_MANIFEST_LAUNCH);
    assert_int_equal(ep->launched, FBC_LAUNCHED_ANY);
    assert_memory_equal(ep->launch, m->launch, FBC_MANIFEST_LAUNCH);

    /* Not measured: the next epoch of the same key. */
    m->launched = FBC_LAUNCHED_UNMEASURED;
    memset(m->launch, 0, sizeof(m->launch));
    rekey(m, FBC_AEAD_AES256_GCM);
    assert_int_equal(look(m), FBC_OK);
    assert_int_equal(ep->launched, FBC_LAUNCHED_UNTOLD);
    assert_memory_equal(ep->launch, zero, sizeof(zero));
    flush(m);
    assert_int_equal(look(m), FBC_OK);
    assert_int_equal(ep->launched, FBC_LAUNCHED_UNMEASURED);

    /* That says "accepted", though its keys are of any: never live. */
    man.counter = ++m->s.counter;
    man.launched = FBC_LAUNCHED_ACCEPTED;
    assert_int_equal(fbc_manifest_seal(&m->s.aead[m->s.use].manifest, 2, &man,
                                       m->vec, m->g.tiles, bytes), FBC_OK);
    fbc_unpack(px(m, m->out, FBC_MANIFEST_X, 0), bytes, sizeof(bytes) / 3);
    assert_int_equal(look(m), FBC_OK);
    STATS(0, m->g.tiles, 0, 0, FBC_ERR_LAUNCH);
    assert_int_equal(ep->launched, FBC_LAUNCHED_UNMEASURED);
    vm_free(m);
}

/* A manifest that contradicts the keys, which prove a digest. */
static void launch_contradicted(void **state)
{
    static const enum fbc_launched states[] = {
        FBC_LAUNCHED_ANY, FBC_LAUNCHED_ACCEPTED, FBC_LAUNCHED_UNMEASURED,
    };
    struct vm *m = vm_bound(0xd1);
    uint8_t bytes[FBC_MANIFEST_LEN];
    struct fbc_manifest man = { .time_ns = 1 };
    size_t i;

    (void)state;
    expect_launches(m, (const uint8_t[]){ 0xd1 }, 1);
    assert_int_equal(look(m), FBC_OK);
    STATS(m->g.tiles, 0, 0, 0, FBC_OK);
    for ( i = 0; i < 3; i++ )
    {
        man.counter = ++m->s.counter;
        man.launched = states[i];
        memcpy(man.launch, m->launch, sizeof(man.launch));
        if ( man.launched == FBC_LAUNCHED_UNMEASURED )
            memset(man.launch, 0, sizeof(man.launch));
        man.launch[sizeof(man.launch) - 1] ^=
            man.launched == FBC_LAUNCHED_ACCEPTED;
        assert_int_equal(fbc_manifest_seal(&m->s.aead[m->s.use].manifest, 2,
                                           &man, m->vec, m->g.tiles, bytes),
                         FBC_OK);
        fbc_unpack(px(m, m->out, FBC_MANIFEST_X, 0), bytes,
                   sizeof(bytes) / 3);
        assert_int_equal(look(m), FBC_OK);
        STATS(0, m->g.tiles, 0, 0, FBC_ERR_LAUNCH);
        assert_int_equal(m->v.header.ep.launched, FBC_LAUNCHED_ACCEPTED);
    }
    vm_free(m);
}

/* Shadows of version 1: of before the measurement, and said to be one. */
static void version_1(void **state)
{
    struct vm *m = vm_new(300, 100);
    uint8_t head[FBC_HEADER_LEN];

    (void)state;
    m->s.header.version = 1;
    m->launched = FBC_LAUNCHED_UNTOLD;
    memset(m->launch, 0, sizeof(m->launch));
    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    assert_int_equal(look(m), FBC_OK);
    STATS(m->g.tiles, 0, 0, 0, FBC_OK);
    assert_int_equal(tiles_shown(m), m->g.tiles);
    assert_int_equal(m->v.header.ep.launched, FBC_LAUNCHED_UNTOLD);
    vm_free(m);

    /* dom0 takes back the version: stale, and to a new view never live. */
    m = vm_seen(300, 100);
    fbc_pack(head, m->out, FBC_HEADER_LEN / 3);
    fbc_put16(head + 4, 1);
    fbc_put32(head + 92, fbc_crc32(0, head, 92));
    fbc_unpack(m->out, head, FBC_HEADER_LEN / 3);
    refused(m, m->out, FBC_ERR_STALE);
    fbc_view_clear(&m->v);
    fbc_view_init(&m->v, m->file);
    assert_int_equal(look(m), FBC_OK);
    STATS(m->g.tiles, 0, 0, 0, FBC_ERR_AUTH);
    assert_int_equal(m->v.header.ep.launched, FBC_LAUNCHED_UNTOLD);
    vm_free(m);
}

/* A key that takes any guest opens nothing for an owner who does not. */
static void launch_any(void **state)
{
    struct vm *m = vm_seen(300, 100);

    (void)state;
    expect_launches(m, (const uint8_t[]){ 0xd1 }, 1);
    refused(m, m->out, FBC_ERR_AUTH);

    /* The next key is for another of the digests that are accepted. */
    expect_launches(m, (const uint8_t[]){ 0xd1, 0xd2 }, 2);
    m->launched = FBC_LAUNCHED_ACCEPTED;
    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    assert_int_equal(look(m), FBC_OK);
    memset(m->launch, 0xd2, sizeof(m->launch));
    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    assert_int_equal(look(m), FBC_OK);
    assert_memory_equal(m->v.header.ep.launch, m->launch, FBC_HASH_LEN);
    memset(m->launch, 0xd3, sizeof(m->launch));
    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    refused(m, m->out, FBC_ERR_AUTH);
    vm_free(m);
}

static void epochs(void **state)
{
    struct vm *m = vm_seen(300, 100);
    uint8_t *first = copy(m), *second;
    uint32_t t;

    (void)state;
    rekey(m, FBC_AEAD_CHACHA20_POLY1305);
    second = copy(m);
    assert_int_equal(look(m), FBC_OK);
    assert_true(m->st.new_epoch);
    STATS(0, 0, m->g.tiles, 0, FBC_ERR_PENDING);
    for ( t = 0; t < 300 * 100 * 3; t++ )
        assert_int_equal(m->screen[t], 0);

    /* What an older epoch showed does not come back. */
    refused(m, first, FBC_ERR_STALE);
    memcpy(second + m->g.swidth * 4u, first + m->g.swidth * 4u,
           m->size - m->g.swidth * 4u);
    assert_int_equal(look_at(m, second), FBC_OK);
    STATS(0, 0, 0, m->g.tiles, FBC_ERR_PENDING);

    flush(m);
    assert_int_equal(look(m), FBC_OK);
    assert_false(m->st.new_epoch);
    STATS(m->g.tiles, 0, 0, 0, FBC_OK);
    assert_int_equal(tiles_shown(m), m->g.tiles);
    refused(m, first, FBC_ERR_STALE);

    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    assert_int_equal(look(m), FBC_OK);
    assert_true(m->st.new_epoch);
    STATS(m->g.tiles, 0, 0, 0, FBC_OK);
    refused(m, first, FBC_ERR_STALE);
    refused(m, second, FBC_ERR_STALE);
    free(first);
    free(second);
    vm_free(m);
}

/* The last epoch number, whose successor would be 0. */
static void last_epoch(void **state)
{
    struct vm *m = vm_new(300, 100);

    (void)state;
    m->epoch = UINT32_MAX - 1;
    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    assert_int_equal(look(m), FBC_OK);
    STATS(m->g.tiles, 0, 0, 0, FBC_OK);
    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    refused(m, m->out, FBC_ERR_STALE);
    vm_free(m);
}

static void resized(void **state)
{
    static const uint32_t sizes[][2] = {
        { 640, 480 }, { 96, 1 }, { 2560, 1926 }, { 97, 33 },
    };
    struct vm *m = vm_seen(300, 100);
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
    {
        struct fbc_geom g = m->g;
        uint8_t *old = copy(m);

        resize(m, sizes[i][0], sizes[i][1]);
        assert_int_equal(look(m), FBC_ERR_UNKEYED);
        rekey(m, FBC_AEAD_AES256_GCM);
        flush(m);
        assert_int_equal(look(m), FBC_OK);
        assert_true(m->st.new_epoch);
        STATS(m->g.tiles, 0, 0, 0, FBC_OK);
        assert_int_equal(tiles_shown(m), m->g.tiles);
        assert_int_equal(fbc_view_update(&m->v, old, g.swidth, g.sheight,
                                         g.swidth * 4u, g.tiles, m->screen,
                                         &m->st), FBC_ERR_STALE);
        assert_int_equal(tiles_shown(m), m->g.tiles);
        free(old);
    }
    vm_free(m);
}

static void limit(void **state)
{
    struct vm *m = vm_new(300, 100);
    uint32_t n, t;

    (void)state;
    rekey(m, FBC_AEAD_AES256_GCM);
    flush(m);
    for ( n = 0; n <= m->g.tiles; n += 5 )
    {
        fbc_view_clear(&m->v);
        fbc_view_init(&m->v, m->file);
        assert_int_equal(fbc_view_update(&m->v, m->out, m->g.swidth,
                                         m->g.sheight, m->g.swidth * 4u, n,
                                         m->screen, &m->st), FBC_OK);
        STATS(n, 0, 0, 0,
              n == m->g.tiles ? FBC_OK : FBC_ERR_PENDING);
        for ( t = 0; t < m->g.tiles; t++ )
            assert_int_equal(tile_shown(m, t), t < n);
    }
    vm_free(m);
}

static void recheck(void **state)
{
    struct vm *m = vm_seen(300, 100);

    (void)state;
    *px(m, m->out, 0, 1) ^= 1;
    assert_int_equal(look(m), FBC_OK);
    STATS(0, m->g.tiles, 0, 0, FBC_OK);

    m->v.recheck = true;
    assert_int_equal(look(m), FBC_OK);
    STATS(0, m->g.tiles - 1, 0, 1, FBC_OK);
    assert_int_equal(tiles_shown(m), m->g.tiles);

    *px(m, m->out, 0, 1) ^= 1;
    assert_int_equal(look(m), FBC_OK);
    STATS(0, m->g.tiles, 0, 0, FBC_OK);
    vm_free(m);
}

/* Any mixture of old, new and damaged rows shows only what was drawn. */
static void torn(void **state)
{
    struct vm *m = vm_seen(200, 40);
    uint8_t *mix = copy(m), *drawn;
    int round;

    (void)state;
    for ( round = 0; round < 300; round++ )
    {
        uint32_t t, y;

        drawn = copy(m);
        draw(m, 0, 0, 200, 40);
        flush(m);
        memcpy(mix, m->out, m->size);
        for ( y = 1; y < m->g.sheight; y++ )
            if ( rnd() % 3 == 0 )
                memcpy(px(m, mix, 0, y), px(m, drawn, 0, y),
                       m->g.swidth * 4u);
        if ( round % 2 )
            mix[rnd() % m->size] ^= 0x10;
        free(drawn);

        memset(&m->st, 0, sizeof(m->st));
        if ( look_at(m, mix) )
            continue;
        assert_int_equal(m->st.fresh + m->st.held + m->st.pending + m->st.bad,
                         m->g.tiles);
        assert_int_equal(tiles_shown(m), m->st.fresh);
        if ( m->st.fresh < m->g.tiles )
            assert_int_not_equal(m->st.manifest, FBC_OK);
        for ( t = 0; t < m->g.tiles; t++ )
            assert_true(fbc_vector_get(m->v.vec, t) <=
                        fbc_vector_get(m->vec, t));
    }
    assert_int_equal(look(m), FBC_OK);
    assert_int_equal(m->st.manifest, FBC_OK);
    assert_int_equal(tiles_shown(m), m->g.tiles);
    free(mix);
    vm_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("screens of every size arrive as drawn", round_trip),
        VEC_TEST("only what was drawn is opened again", damage),
        VEC_TEST("tiles not sealed yet are pending", half_sealed),
        VEC_TEST("a tile with a flipped bit is never shown", flipped_bits),
        VEC_TEST("pixels that mean nothing may hold anything", free_bits),
        VEC_TEST("older tiles do not come back", replayed_tiles),
        VEC_TEST("exchanged tiles are refused", swapped_tiles),
        VEC_TEST("an older manifest is stale", replayed_manifests),
        VEC_TEST("a manifest with a flipped bit is refused", manifest_bits),
        VEC_TEST("a header with a flipped bit changes nothing", header_bits),
        VEC_TEST("a rewritten header changes nothing", header_fields),
        VEC_TEST("pictures of something else change nothing",
                 wrong_pictures),
        VEC_TEST("a guest of another launch digest shows nothing",
                 launch_digests),
        VEC_TEST("a manifest tells how the guest started", launch_told),
        VEC_TEST("a manifest that contradicts the keys is not live",
                 launch_contradicted),
        VEC_TEST("shadows of version 1 are read, and nothing as one",
                 version_1),
        VEC_TEST("what was keyed for any guest is not taken for one",
                 launch_any),
        VEC_TEST("epochs only go forward", epochs),
        VEC_TEST("epoch numbers do not wrap", last_epoch),
        VEC_TEST("a new size is a new epoch", resized),
        VEC_TEST("tiles beyond the limit stay closed", limit),
        VEC_TEST("held tiles are verified again on request", recheck),
        VEC_TEST("torn pictures show nothing that was not drawn", torn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
