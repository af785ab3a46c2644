/* SPDX-License-Identifier: GPL-2.0-only */
/* The sealing engine, from the guest's pixels to the viewer's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "engine.h"

#define GCM    FBC_AEAD_AES256_GCM
#define CHACHA FBC_AEAD_CHACHA20_POLY1305

static void drain(struct engine *e)
{
    struct fbc_rect r;

    while ( fbc_shadow_pending(&e->s, &r) )
        ;
}

/* The picture is the guest's, all of it is verified, so is the manifest. */
static void assert_live(struct engine *e)
{
    struct fbc_view_stats st;

    assert_int_equal(engine_view(e, &st), FBC_OK);
    assert_int_equal(st.bad, 0);
    assert_int_equal(st.pending, 0);
    assert_int_equal(st.fresh + st.held, e->g.tiles);
    assert_int_equal(st.manifest, FBC_OK);
    assert_true(engine_exact(e));
}

static uint32_t bits(const struct engine *e)
{
    uint32_t n = 0, t;

    for ( t = 0; t < e->g.tiles; t++ )
        n += e->dirty[t / 8] >> (t % 8) & 1;

    return n;
}

static void assert_x_zero(const struct engine *e)
{
    size_t i, n = fbc_shadow_bytes(&e->g);

    for ( i = 3; i < n; i += 4 )
        assert_int_equal(e->out[i], 0);
}

static void unkeyed(void **state)
{
    struct fbc_view_stats st;
    struct fbc_header h;
    struct engine e;
    struct fbc_rect r;
    uint64_t seed = 1;
    size_t i;

    (void)state;
    engine_init(&e, 200, 100, 3);
    r = (struct fbc_rect){ 0, 0, 200, 100 };
    engine_draw(&e, &r, &seed);
    fbc_shadow_damage(&e.s, &r);
    assert_false(fbc_shadow_busy(&e.s));
    assert_int_equal(fbc_shadow_step(&e.s, ENGINE_STEP), FBC_OK);
    assert_int_equal(fbc_shadow_manifest(&e.s, 1, NULL), FBC_ERR_UNKEYED);

    assert_int_equal(fbc_view_header(e.out, e.g.swidth, e.g.sheight,
                                     e.g.swidth * 4u, &h), FBC_OK);
    assert_int_equal(h.ep.aead, FBC_AEAD_NONE);
    assert_int_equal(h.ep.geom.width, 200);
    assert_int_equal(h.ep.geom.height, 100);
    assert_memory_equal(h.ep.uuid, e.file + FBC_KEY_LEN, FBC_UUID_LEN);
    assert_int_equal(engine_view(&e, &st), FBC_ERR_UNKEYED);
    for ( i = FBC_HEADER_LEN / 3 * 4; i < fbc_shadow_bytes(&e.g); i++ )
        assert_int_equal(e.out[i], 0);
    assert_x_zero(&e);

    assert_true(fbc_shadow_pending(&e.s, &r));
    assert_int_equal(r.x | r.y, 0);
    assert_int_equal(r.w, e.g.swidth);
    assert_int_equal(r.h, e.g.sheight);
    assert_false(fbc_shadow_pending(&e.s, &r));
    engine_free(&e);
}

static void round_trip_of(uint32_t w, uint32_t h, uint32_t gap,
                          enum fbc_aead_id aead)
{
    struct fbc_view_stats st;
    struct engine e;
    struct fbc_rect all = { 0, 0, (uint16_t)w, (uint16_t)h };
    uint64_t seed = w * 7919 + h;

    engine_init(&e, w, h, gap);
    engine_draw(&e, &all, &seed);
    assert_int_equal(engine_key(&e, aead, 1), FBC_OK);
    assert_int_equal(e.s.due, e.g.tiles);

    /* Keyed but not sealed yet: nothing to see, nothing wrong. */
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_true(st.new_epoch);
    assert_int_equal(st.pending, e.g.tiles);
    assert_int_equal(st.manifest, FBC_ERR_PENDING);

    engine_seal(&e);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.fresh, e.g.tiles);
    assert_int_equal(st.manifest, FBC_OK);
    assert_int_equal(st.live.time_ns, e.g.tiles);
    assert_true(engine_exact(&e));
    assert_int_equal(e.s.stats.tiles, e.g.tiles);
    assert_int_equal(e.s.stats.bytes, (uint64_t)w * h * 3);
    assert_x_zero(&e);
    engine_free(&e);
}

static void round_trip(void **state)
{
    static const uint32_t sizes[][3] = {
        { 96, 1, 0 }, { 97, 17, 1 }, { 129, 16, 0 }, { 191, 33, 5 },
        { 200, 100, 3 }, { 800, 600, 0 }, { 1366, 768, 2 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
    {
        round_trip_of(sizes[i][0], sizes[i][1], sizes[i][2], GCM);
        round_trip_of(sizes[i][0], sizes[i][1], sizes[i][2], CHACHA);
    }
}

/* Everything that dom0 ever sees under one nonce. */
struct seen {
    uint64_t content;
    uint32_t tile;              /* UINT32_MAX: manifest */
};

#define SEEN_MAX 100000

static uint64_t fnv(const uint8_t *p, size_t len, uint64_t h)
{
    while ( len-- )
        h = (h ^ *p++) * UINT64_C(0x100000001b3);

    return h;
}

/* Returns true when the counter is new. */
static bool look(struct seen *seen, uint64_t counter, uint32_t tile,
                 uint64_t content)
{
    assert_true(counter < SEEN_MAX);
    if ( !seen[counter].content )
    {
        seen[counter] = (struct seen){ content, tile };
        return true;
    }
    assert_int_equal(seen[counter].tile, tile);
    assert_true(seen[counter].content == content);

    return false;
}

static void look_at_all(const struct engine *e, struct seen *seen)
{
    uint8_t buf[FBC_TILE_BYTES], rec[FBC_RECORD_LEN];
    uint8_t man[FBC_MANIFEST_LEN];
    uint32_t t;

    for ( t = 0; t < e->g.tiles; t++ )
    {
        size_t len;

        engine_record(e, t, rec);
        if ( !rec[FBC_COUNTER_LEN] )
            continue;
        len = engine_cipher(e, t, buf);
        look(seen, fbc_get64(rec) & FBC_COUNTER_MAX, t,
             fnv(rec, sizeof(rec), fnv(buf, len, 0xcbf29ce484222325)));
    }

    fbc_pack(man, e->out + FBC_MANIFEST_X * 4, sizeof(man) / 3);
    if ( fbc_get64(man) )
        look(seen, fbc_get64(man), UINT32_MAX, fnv(man, sizeof(man), 1));
}

static void updates(void **state)
{
    struct seen *seen = calloc(SEEN_MAX, sizeof(*seen));
    struct fbc_view_stats st;
    struct engine e;
    uint64_t seed = 42;
    uint32_t epoch = 0, done, i;

    (void)state;
    engine_init(&e, 200, 100, 3);
    for ( done = 0; done < 1000; )
    {
        uint32_t batch = 1 + engine_random(&seed) % 8;

        if ( done >= epoch * 250 )
        {
            assert_int_equal(engine_key(&e, epoch % 2 ? CHACHA : GCM,
                                        epoch + 1), FBC_OK);
            memset(seen, 0, SEEN_MAX * sizeof(*seen));
            epoch++;
        }
        for ( i = 0; i < batch; i++, done++ )
        {
            struct fbc_rect r = engine_rect(&e, &seed);

            engine_draw(&e, &r, &seed);
            fbc_shadow_damage(&e.s, &r);
            assert_int_equal(e.s.due, bits(&e));
            /* Some batches are cut by more drawing. */
            if ( engine_random(&seed) % 3 == 0 )
                assert_int_equal(fbc_shadow_step(&e.s, 3 * 4096), FBC_OK);
            look_at_all(&e, seen);
        }
        while ( fbc_shadow_busy(&e.s) )
        {
            assert_int_equal(fbc_shadow_step(&e.s, 5 * 4096), FBC_OK);
            assert_int_equal(e.s.due, bits(&e));
            look_at_all(&e, seen);
        }
        assert_true(e.s.manifest_due);
        assert_int_equal(fbc_shadow_manifest(&e.s, done, NULL), FBC_OK);
        assert_false(e.s.manifest_due);
        look_at_all(&e, seen);
        assert_live(&e);
        assert_x_zero(&e);
    }

    e.v.recheck = true;
    assert_live(&e);
    fbc_view_clear(&e.v);
    fbc_view_init(&e.v, e.file);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.fresh, e.g.tiles);
    assert_int_equal(st.manifest, FBC_OK);
    assert_true(engine_exact(&e));
    engine_free(&e);
    free(seen);
}

static void rekey(void **state)
{
    uint8_t buf[FBC_TILE_BYTES], rec[FBC_RECORD_LEN], *old;
    struct fbc_epoch_keys keys;
    struct fbc_view_stats st;
    struct fbc_aead old_tile;
    struct engine e;
    struct fbc_rect all = { 0, 0, 200, 100 };
    uint64_t seed = 5, c;
    uint32_t t;

    (void)state;
    engine_init(&e, 200, 100, 0);
    engine_draw(&e, &all, &seed);
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    engine_seal(&e);
    assert_live(&e);
    old = malloc(fbc_shadow_bytes(&e.g));
    memcpy(old, e.out, fbc_shadow_bytes(&e.g));
    assert_int_equal(fbc_kdf_epoch(&e.s.header.ep, e.file, &keys), 0);
    assert_int_equal(fbc_aead_init(&old_tile, GCM, keys.tile), 0);

    assert_int_equal(engine_key(&e, GCM, 2), FBC_OK);
    assert_int_equal(e.s.counter, 0);

    /* No record of the old epoch survives beside the new header. */
    for ( t = 0; t < e.g.tiles; t++ )
    {
        engine_record(&e, t, rec);
        assert_int_equal(rec[FBC_COUNTER_LEN], 0);
        assert_int_equal(fbc_vector_get(e.vec, t), 0);
    }
    engine_seal(&e);

    for ( t = 0; t < e.g.tiles; t++ )
    {
        struct fbc_rect r = fbc_geom_tile(&e.g, t);
        uint32_t epoch;

        for ( epoch = 1; epoch <= 2; epoch++ )
        {
            engine_cipher(&e, t, buf);
            engine_record(&e, t, rec);
            assert_int_equal(fbc_tile_open(&old_tile, epoch, t, 0, r.w,
                                           r.h, buf, rec, &c), FBC_ERR_AUTH);
        }
    }
    fbc_aead_clear(&old_tile);

    assert_live(&e);
    assert_int_equal(fbc_view_update(&e.v, old, e.g.swidth, e.g.sheight,
                                     e.g.swidth * 4u, UINT32_MAX, e.screen,
                                     &st), FBC_ERR_STALE);
    assert_live(&e);
    free(old);
    engine_free(&e);
}

static void rekey_midway(void **state)
{
    struct engine e;
    struct fbc_rect all = { 0, 0, 400, 200 };
    uint64_t seed = 6;
    uint32_t i;

    (void)state;
    engine_init(&e, 400, 200, 0);
    for ( i = 1; i < 20; i++ )
    {
        engine_draw(&e, &all, &seed);
        assert_int_equal(engine_key(&e, i % 2 ? GCM : CHACHA, i), FBC_OK);
        assert_int_equal(fbc_shadow_step(&e.s, i * 4096), FBC_OK);
        assert_int_equal(e.s.due, bits(&e));
    }
    engine_seal(&e);
    assert_live(&e);
    engine_free(&e);
}

static void rekey_fails(void **state)
{
    struct engine e;
    struct fbc_rect all = { 0, 0, 200, 100 };
    struct fbc_shadow before;
    uint8_t *out;
    uint64_t seed = 7;

    (void)state;
    engine_init(&e, 200, 100, 0);
    out = malloc(fbc_shadow_bytes(&e.g));
    engine_draw(&e, &all, &seed);
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    engine_seal(&e);
    engine_damage(&e, 70, 20, 10, 10);

    before = e.s;
    memcpy(out, e.out, fbc_shadow_bytes(&e.g));
    assert_int_equal(engine_key(&e, (enum fbc_aead_id)77, 2), FBC_ERR_CRYPTO);
    assert_memory_equal(out, e.out, fbc_shadow_bytes(&e.g));
    assert_memory_equal(&before.header, &e.s.header, sizeof(before.header));
    assert_int_equal(before.counter, e.s.counter);
    assert_int_equal(before.use, e.s.use);
    assert_int_equal(before.due, e.s.due);
    assert_int_equal(before.pendings, e.s.pendings);

    engine_seal(&e);
    assert_live(&e);
    free(out);
    engine_free(&e);
}

static void budget(void **state)
{
    struct engine e;
    uint32_t steps = 0, tiles;

    (void)state;
    engine_init(&e, 1920, 1080, 0);
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    for ( ; fbc_shadow_busy(&e.s); steps++ )
    {
        uint64_t before = e.s.stats.bytes;

        assert_int_equal(fbc_shadow_step(&e.s, 65536), FBC_OK);
        assert_true((e.s.stats.bytes - before) / 3 * 4 <= 65536);
        assert_true(e.s.stats.bytes > before);
    }
    assert_true(e.s.stats.max_step <= 65536);
    assert_true(e.s.stats.max_step > 65536 - 4096);
    assert_true(steps <= e.g.tiles / 16 + 1);

    /* The smallest budget still gets on, a tile at a time. */
    engine_damage(&e, 0, 0, 1920, 40);
    tiles = e.s.due;
    assert_int_equal(tiles, 3 * e.g.cols);
    while ( fbc_shadow_busy(&e.s) )
    {
        assert_int_equal(fbc_shadow_step(&e.s, 0), FBC_OK);
        assert_int_equal(e.s.due, --tiles);
    }
    assert_int_equal(tiles, 0);
    assert_int_equal(bits(&e), 0);
    engine_free(&e);
}

/* Marks a rectangle's pixels. */
static void paint(const struct engine *e, uint8_t *map,
                  const struct fbc_rect *r)
{
    uint32_t y;

    assert_true((uint32_t)r->x + r->w <= e->g.swidth);
    assert_true((uint32_t)r->y + r->h <= e->g.sheight);
    for ( y = r->y; y < (uint32_t)r->y + r->h; y++ )
        memset(map + (size_t)y * e->g.swidth + r->x, 1, r->w);
}

/* What was announced covers each changed pixel; nothing else was. */
static void pending_exact(void **state)
{
    size_t px, i;
    struct engine e;
    uint8_t *before, *map;
    uint64_t seed = 8;
    uint32_t n;

    (void)state;
    engine_init(&e, 333, 170, 0);
    px = (size_t)e.g.swidth * e.g.sheight;
    before = malloc(px * 4);
    map = malloc(px);
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    engine_seal(&e);

    for ( n = 0; n < 200; n++ )
    {
        struct fbc_rect r = engine_rect(&e, &seed), got, t, want;

        drain(&e);
        memcpy(before, e.out, px * 4);
        memset(map, 0, px);
        engine_draw(&e, &r, &seed);
        fbc_shadow_damage(&e.s, &r);
        engine_seal(&e);

        t = fbc_geom_tiles_of(&r);
        want = fbc_geom_srect(&e.g, &t);
        assert_true(fbc_shadow_pending(&e.s, &got));
        assert_memory_equal(&got, &want, sizeof(got));
        paint(&e, map, &got);
        assert_true(fbc_shadow_pending(&e.s, &got));
        want = (struct fbc_rect){ FBC_MANIFEST_X, 0, 32, 1 };
        assert_memory_equal(&got, &want, sizeof(got));
        paint(&e, map, &got);
        assert_false(fbc_shadow_pending(&e.s, &got));

        for ( i = 0; i < px; i++ )
            if ( memcmp(before + i * 4, e.out + i * 4, 4) )
                assert_true(map[i]);
    }
    free(before);
    free(map);
    engine_free(&e);
}

static void pending_overflow(void **state)
{
    size_t px, i;
    struct engine e;
    struct fbc_rect r;
    uint8_t *before, *map;
    uint32_t n = 0;

    (void)state;
    engine_init(&e, 800, 600, 0);
    px = (size_t)e.g.swidth * e.g.sheight;
    before = malloc(px * 4);
    map = calloc(1, px);
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    engine_seal(&e);
    drain(&e);
    memcpy(before, e.out, px * 4);

    for ( i = 0; i < 40; i++ )
    {
        engine_damage(&e, (uint16_t)(i * 19), (uint16_t)(i * 14), 1, 1);
        assert_true(e.s.pendings <= FBC_PENDING_MAX);
    }
    engine_seal(&e);
    for ( ; fbc_shadow_pending(&e.s, &r); n++ )
        paint(&e, map, &r);
    assert_int_equal(n, FBC_PENDING_MAX);
    for ( i = 0; i < px; i++ )
        if ( memcmp(before + i * 4, e.out + i * 4, 4) )
            assert_true(map[i]);
    free(before);
    free(map);
    engine_free(&e);
}

/* dom0 reads as soon as it is told: not before the last tile is there. */
static void pending_waits(void **state)
{
    struct engine e;
    struct fbc_rect r;

    (void)state;
    engine_init(&e, 800, 600, 0);
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    while ( fbc_shadow_busy(&e.s) )
    {
        assert_false(fbc_shadow_pending(&e.s, &r));
        assert_int_equal(fbc_shadow_step(&e.s, ENGINE_STEP), FBC_OK);
    }
    assert_true(fbc_shadow_pending(&e.s, &r));
    assert_int_equal(r.h, e.g.sheight);
    engine_free(&e);
}

/* Policy rect: what the guest names is sealed anew, changed or not. */
static void rect_policy(void **state)
{
    uint8_t old[FBC_TILE_BYTES], buf[FBC_TILE_BYTES];
    uint8_t rec[28][FBC_RECORD_LEN], now[FBC_RECORD_LEN];
    struct engine e;
    uint32_t t;

    (void)state;
    engine_init(&e, 200, 100, 0);
    assert_int_equal(e.g.tiles, 28);
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    engine_seal(&e);
    for ( t = 0; t < 28; t++ )
        engine_record(&e, t, rec[t]);
    engine_cipher(&e, 5, old);

    /* Tiles 5, 6, 9, 10; one pixel of each corner. */
    engine_damage(&e, 127, 31, 2, 2);
    assert_int_equal(e.s.due, 4);
    engine_seal(&e);
    for ( t = 0; t < 28; t++ )
    {
        bool touched = t == 5 || t == 6 || t == 9 || t == 10;

        engine_record(&e, t, now);
        assert_int_equal(memcmp(now, rec[t], sizeof(now)) != 0, touched);
    }
    engine_cipher(&e, 5, buf);
    assert_memory_not_equal(old, buf, sizeof(buf));
    assert_live(&e);

    /* Nothing named, nothing done. */
    engine_damage(&e, 10, 10, 0, 0);
    engine_damage(&e, 10, 10, 5, 0);
    assert_false(fbc_shadow_busy(&e.s));
    assert_false(e.s.manifest_due);
    engine_free(&e);
}

/*
 * One of two equal engines has a hostile dom0.  Nothing that it writes into
 * the shadow changes anything that its engine does.
 */
static void adversary(void **state)
{
    struct engine a, b;
    uint64_t seed = 9;
    uint32_t n, t;
    size_t i;

    (void)state;
    engine_init(&a, 200, 100, 1);
    engine_init(&b, 200, 100, 1);
    for ( n = 0; n < 300; n++ )
    {
        struct fbc_rect r = engine_rect(&a, &seed);
        uint64_t same = seed;

        if ( n % 100 == 0 )
        {
            assert_int_equal(engine_key(&a, GCM, n + 1), FBC_OK);
            assert_int_equal(engine_key(&b, GCM, n + 1), FBC_OK);
        }
        engine_draw(&a, &r, &seed);
        engine_draw(&b, &r, &same);
        fbc_shadow_damage(&a.s, &r);
        fbc_shadow_damage(&b.s, &r);
        for ( i = 0; i < fbc_shadow_bytes(&a.g); i++ )
            a.out[i] = (uint8_t)engine_random(&seed);
        assert_int_equal(fbc_shadow_step(&a.s, 2 * 4096), FBC_OK);
        assert_int_equal(fbc_shadow_step(&b.s, 2 * 4096), FBC_OK);
        assert_int_equal(a.s.counter, b.s.counter);
        assert_int_equal(a.s.due, b.s.due);
        assert_int_equal(a.s.cursor, b.s.cursor);
        assert_memory_equal(a.vec, b.vec, fbc_shadow_vec_len(&a.g));
        assert_memory_equal(a.dirty, b.dirty, fbc_shadow_dirty_len(&a.g));
    }

    memset(a.out, 0xff, fbc_shadow_bytes(&a.g));
    engine_damage(&a, 0, 0, 200, 100);
    engine_damage(&b, 0, 0, 200, 100);
    engine_seal(&a);
    engine_seal(&b);
    for ( t = 0; t < a.g.tiles; t++ )
    {
        uint8_t ra[FBC_RECORD_LEN], rb[FBC_RECORD_LEN];
        uint8_t ca[FBC_TILE_BYTES], cb[FBC_TILE_BYTES];
        size_t len = engine_cipher(&a, t, ca);

        engine_cipher(&b, t, cb);
        engine_record(&a, t, ra);
        engine_record(&b, t, rb);
        assert_memory_equal(ca, cb, len);
        assert_memory_equal(ra, rb, sizeof(ra));
    }
    assert_memory_equal(a.out + FBC_MANIFEST_X * 4,
                        b.out + FBC_MANIFEST_X * 4,
                        FBC_MANIFEST_LEN / 3 * 4);
    assert_live(&b);
    engine_free(&a);
    engine_free(&b);
}

/*
 * A console scrolls: an event for each run of text of each line, and runs share
 * tiles.  What comes together is sealed once, in what steps ever.
 */
static void scroll(void **state)
{
    struct engine e;
    uint64_t seed = 12;
    uint32_t line, run, events = 0, touched = 0;

    (void)state;
    engine_init(&e, 800, 600, 0);
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    engine_seal(&e);
    e.s.stats.tiles = 0;

    for ( line = 0; line < 37; line++ )
        for ( run = 0; run < 10; run++ )
        {
            struct fbc_rect r = { (uint16_t)(80 * run),
                                  (uint16_t)(16 * line), 72, 16 };
            struct fbc_rect t = fbc_geom_tiles_of(&r);

            engine_draw(&e, &r, &seed);
            fbc_shadow_damage(&e.s, &r);
            events++;
            touched += (uint32_t)t.w * t.h;
        }
    assert_int_equal(events, 370);
    assert_int_equal(touched, 37 * 20);
    assert_int_equal(e.s.due, 37 * 13);
    engine_seal(&e);
    assert_int_equal(e.s.stats.tiles, 37 * 13);
    assert_live(&e);
    engine_free(&e);
}

/* A new size: fresh header, no key, the same memory. */
static void resize(void **state)
{
    struct engine e;
    struct fbc_header h;
    struct fbc_view_stats st;
    struct fbc_rect r;
    uint64_t seed = 10, tiles;

    (void)state;
    engine_init(&e, 800, 600, 0);
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    engine_seal(&e);
    assert_live(&e);
    tiles = e.s.stats.tiles;

    assert_int_equal(fbc_geom_init(&e.g, 200, 100), FBC_OK);
    e.line_length = 210 * 4;
    fbc_shadow_clear(&e.s);
    fbc_shadow_init(&e.s, &e.g, e.fb, e.line_length, e.out, e.vec, e.dirty,
                    e.file + FBC_KEY_LEN,
                    e.file + FBC_KEY_LEN + FBC_UUID_LEN);
    assert_int_equal(e.s.stats.tiles, tiles);
    assert_int_equal(e.s.counter, 0);
    assert_int_equal(fbc_view_header(e.out, e.g.swidth, e.g.sheight,
                                     e.g.swidth * 4u, &h), FBC_OK);
    assert_int_equal(h.ep.aead, FBC_AEAD_NONE);
    assert_int_equal(h.ep.geom.width, 200);
    assert_int_equal(engine_view(&e, &st), FBC_ERR_UNKEYED);

    r = (struct fbc_rect){ 0, 0, 200, 100 };
    engine_draw(&e, &r, &seed);
    assert_int_equal(engine_key(&e, GCM, 2), FBC_OK);
    engine_seal(&e);
    assert_live(&e);
    assert_true(fbc_shadow_pending(&e.s, &r));
    assert_int_equal(r.w, 208);
    assert_int_equal(r.h, e.g.sheight);
    engine_free(&e);
}

/* A primitive that fails, and the end of the counter. */
static void refusals(void **state)
{
    struct engine e;
    uint8_t *out;
    size_t len;

    (void)state;
    engine_init(&e, 200, 100, 0);
    len = fbc_shadow_bytes(&e.g);
    out = malloc(len);
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    engine_seal(&e);
    memcpy(out, e.out, len);

    engine_damage(&e, 0, 0, 1, 1);
    e.s.counter = FBC_COUNTER_MAX;
    assert_int_equal(fbc_shadow_step(&e.s, ENGINE_STEP), FBC_ERR_EXPIRED);
    assert_int_equal(fbc_shadow_manifest(&e.s, 1, NULL), FBC_ERR_EXPIRED);
    assert_int_equal(e.s.counter, FBC_COUNTER_MAX);
    assert_true(fbc_shadow_busy(&e.s));
    assert_memory_equal(out, e.out, len);

    /* The last counter of all is good. */
    e.s.counter = FBC_COUNTER_MAX - 1;
    assert_int_equal(fbc_shadow_step(&e.s, ENGINE_STEP), FBC_OK);
    assert_int_equal(fbc_vector_get(e.vec, 0), FBC_COUNTER_MAX);
    memcpy(out, e.out, len);

    e.s.counter = 1000;
    fbc_aead_clear(&e.s.aead[e.s.use].tile);
    fbc_aead_clear(&e.s.aead[e.s.use].manifest);
    engine_damage(&e, 0, 0, 1, 1);
    assert_int_equal(fbc_shadow_step(&e.s, ENGINE_STEP), FBC_ERR_CRYPTO);
    assert_true(fbc_shadow_busy(&e.s));
    assert_int_equal(e.s.counter, 1001);
    assert_int_equal(fbc_shadow_manifest(&e.s, 1, NULL), FBC_ERR_CRYPTO);
    assert_int_equal(e.s.counter, 1002);
    assert_memory_equal(out, e.out, len);

    /* A new key heals it. */
    assert_int_equal(engine_key(&e, GCM, 2), FBC_OK);
    engine_seal(&e);
    assert_live(&e);
    free(out);
    engine_free(&e);
}

/* A viewer reads what the manifest was told; hellos have a key of the epoch. */
static void input_told(void **state)
{
    struct fbc_manifest_input told = { .challenge = 0x0500000012345678,
                                       .gap = 0x81 }, none;
    const size_t len = offsetof(struct fbc_manifest_input, gap) + 1;
    struct fbc_epoch_keys keys;
    struct fbc_view_stats st;
    struct engine e;
    unsigned int i;

    (void)state;
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
    {
        told.ack[i] = (uint16_t)(100 + i);
        told.conn[i] = (uint16_t)(200 + i);
    }
    memset(&none, 0, sizeof(none));
    engine_init(&e, 200, 100, 0);
    assert_true(fbc_is_zero(e.s.input_key, FBC_KEY_LEN));
    assert_int_equal(engine_key(&e, GCM, 1), FBC_OK);
    engine_seal(&e);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_memory_equal(&st.live.input, &none, len);

    assert_int_equal(fbc_shadow_manifest(&e.s, 7, &told), FBC_OK);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.manifest, FBC_OK);
    assert_memory_equal(&st.live.input, &told, len);

    assert_int_equal(fbc_kdf_epoch(&e.s.header.ep, e.file, &keys), 0);
    assert_memory_equal(e.s.input_key, keys.input, FBC_KEY_LEN);
    fbc_shadow_clear(&e.s);
    assert_true(fbc_is_zero(e.s.input_key, FBC_KEY_LEN));
    engine_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "black with a public header before a key", unkeyed, 0, 0, 0 },
        { "every size and AEAD comes back pixel by pixel", round_trip,
          0, 0, 0 },
        { "1000 updates: exact, verified, no nonce with two contents",
          updates, 0, 0, 0 },
        { "a new epoch: old keys open nothing, old pictures are refused",
          rekey, 0, 0, 0 },
        { "a new epoch while tiles are due", rekey_midway, 0, 0, 0 },
        { "a key that cannot be set changes nothing", rekey_fails, 0, 0, 0 },
        { "no step seals more than its budget", budget, 0, 0, 0 },
        { "announced rectangles are exactly what changed", pending_exact,
          0, 0, 0 },
        { "too many rectangles merge and lose nothing", pending_overflow,
          0, 0, 0 },
        { "nothing is announced while tiles are due", pending_waits,
          0, 0, 0 },
        { "policy rect seals unchanged tiles anew", rect_policy, 0, 0, 0 },
        { "several events of one scroll seal a tile once", scroll, 0, 0, 0 },
        { "the engine never reads the shadow", adversary, 0, 0, 0 },
        { "another size begins unkeyed on the same memory", resize,
          0, 0, 0 },
        { "manifests say what input was taken", input_told, 0, 0, 0 },
        { "failing primitive and last counter leave the shadow as it was",
          refusals, 0, 0, 0 },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
