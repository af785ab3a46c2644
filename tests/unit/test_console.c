/* SPDX-License-Identifier: GPL-2.0-only */
/* The sealing engine with coded tiles: updates of one coding each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "leakgen.h"

#define GCM FBC_AEAD_AES256_GCM

static const struct fbc_rect corner = { 0, 0, 64, 16 };

static enum fbc_coding coding_of(const struct engine *e, uint32_t tile)
{
    uint8_t record[FBC_RECORD_LEN];

    engine_record(e, tile, record);
    assert_true(record[FBC_COUNTER_LEN] & FBC_FLAG_VALID);

    return fbc_record_coding(record);
}

static uint64_t counter_of(const struct engine *e, uint32_t tile)
{
    uint8_t record[FBC_RECORD_LEN];

    engine_record(e, tile, record);

    return fbc_get64(record) & FBC_COUNTER_MAX;
}

/*
 * All tiles sealed after this counter have the coding, as far as they have
 * more bytes than that, and nothing stands behind it.  How many they are.
 */
static uint32_t assert_coding(const struct engine *e, uint64_t after,
                              enum fbc_coding coding)
{
    uint8_t buf[FBC_TILE_BYTES];
    uint32_t t, n = 0;

    for ( t = 0; t < e->g.tiles; t++ )
    {
        size_t all = engine_cipher(e, t, buf);
        struct fbc_rect r = fbc_geom_tile(&e->g, t);
        size_t len = fbc_coding_len(coding, r.w, r.h);

        if ( counter_of(e, t) <= after )
            continue;
        n++;
        assert_int_equal(coding_of(e, t), len < all ? coding
                                                    : FBC_CODING_NONE);
        assert_true(fbc_is_zero(buf + len, all - len));
        assert_false(fbc_is_zero(buf, len));
    }

    return n;
}

static void assert_live(struct engine *e)
{
    struct fbc_view_stats st;

    assert_int_equal(engine_view(e, &st), FBC_OK);
    assert_int_equal(st.bad, 0);
    assert_int_equal(st.pending, 0);
    assert_int_equal(st.manifest, FBC_OK);
    assert_true(engine_exact(e));
}

static void fill(struct engine *e, const struct fbc_rect *r, uint32_t colours)
{
    uint32_t x, y;

    for ( y = r->y; y < (uint32_t)r->y + r->h; y++ )
        for ( x = r->x; x < (uint32_t)r->x + r->w; x++ )
            fbc_put32(engine_pixel(e, x, y), (x * 5 + y * 3) % colours * 0x777);
}

static void begin(struct engine *e, uint32_t w, uint32_t h)
{
    engine_init(e, w, h, 1);
    engine_console(e);
    assert_int_equal(e->s.header.version, FBC_HEADER_CODED);
    assert_int_equal(engine_key(e, GCM, 1), FBC_OK);
}

/* 52 tiles of two colours, sealed. */
static const struct fbc_rect wide = { 0, 0, 832, 64 };

static void begin_wide(struct engine *e)
{
    begin(e, wide.w, wide.h);
    fill(e, &wide, 2);
    engine_seal(e);
}

static void text(void **state)
{
    static struct fbc_leak_font font;
    static struct gen g;
    struct fbc_error err;
    uint32_t i, w, h, n = 0;

    (void)state;
    assert_int_equal(fbc_leak_font_load(&font, FBC_LEAK_FONT, &err), 0);
    gen_init(&g, GEN_CONSOLE, 3, &font);
    assert_int_equal(engine_key(&g.e, GCM, 2), FBC_OK);
    for ( i = 0; i < GEN_FRAMES; i++ )
    {
        uint64_t before = g.e.s.counter;

        gen_next(&g, &w, &h);
        n += assert_coding(&g.e, before, FBC_CODING_192);
        assert_live(&g.e);
    }
    assert_true(n > 10000);
    gen_free(&g);
}

static void sizes(void **state)
{
    static const uint32_t size[][2] = {
        { 96, 1 }, { 97, 17 }, { 129, 16 }, { 191, 33 }, { 200, 100 },
        { 800, 600 }, { 1366, 768 },
    };
    static const struct {
        uint32_t colours;
        enum fbc_coding coding;
    } kinds[] = {
        { 2, FBC_CODING_192 }, { 16, FBC_CODING_576 },
        { 17, FBC_CODING_NONE },
    };
    size_t i, k;

    (void)state;
    for ( i = 0; i < sizeof(size) / sizeof(size[0]); i++ )
        for ( k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++ )
        {
            struct fbc_rect all = { 0, 0, (uint16_t)size[i][0],
                                    (uint16_t)size[i][1] };
            struct engine e;

            begin(&e, all.w, all.h);
            fill(&e, &all, kinds[k].colours);
            engine_seal(&e);
            /* Where all tiles are small, one row is enough for any. */
            if ( all.h > 3 )
                assert_int_equal(assert_coding(&e, 0, kinds[k].coding),
                                 e.g.tiles);
            assert_live(&e);
            engine_free(&e);
        }
}

/* Which tile it is that needs more is not to be seen. */
static void one_bucket(void **state)
{
    static const uint32_t odd[] = { 0, 7, 25, 51 };
    struct engine e;
    size_t i;

    (void)state;
    begin_wide(&e);
    assert_int_equal(assert_coding(&e, 0, FBC_CODING_192), 52);
    for ( i = 0; i < 4; i++ )
    {
        struct fbc_rect r = fbc_geom_tile(&e.g, odd[i]);
        uint64_t before = e.s.counter;

        fill(&e, &r, i % 2 ? 9 : 60);
        fbc_shadow_damage(&e.s, &wide);
        engine_seal(&e);
        assert_int_equal(assert_coding(&e, before, i % 2 ? FBC_CODING_576
                                                         : FBC_CODING_NONE),
                         52);
        fill(&e, &r, 2);

        /* And the next update knows nothing of it. */
        before = e.s.counter;
        fbc_shadow_damage(&e.s, &wide);
        engine_seal(&e);
        assert_int_equal(assert_coding(&e, before, FBC_CODING_192), 52);
        assert_live(&e);
    }
    engine_free(&e);
}

/* Drawn on between the look at a tile and its sealing. */
static void grows_meanwhile(void **state)
{
    struct fbc_rect r;
    struct fbc_view_stats st;
    struct engine e;
    uint64_t before;
    uint32_t tile;

    (void)state;
    for ( tile = 0; tile < 52; tile += 17 )
    {
        begin_wide(&e);
        assert_live(&e);

        before = e.s.counter;
        fbc_shadow_damage(&e.s, &wide);
        while ( e.s.update.phase != FBC_UPDATE_SEAL )
            assert_int_equal(fbc_shadow_step(&e.s, 1), FBC_OK);
        assert_int_equal(e.s.update.coding, FBC_CODING_192);
        r = fbc_geom_tile(&e.g, tile);
        /* No code at all, or one that is too long. */
        fill(&e, &r, tile % 2 ? 9 : 40);

        /* All of the update looks as it was meant to. */
        while ( e.s.update.phase == FBC_UPDATE_SEAL )
        {
            assert_true(fbc_shadow_busy(&e.s));
            assert_int_equal(fbc_shadow_step(&e.s, 1), FBC_OK);
        }
        assert_int_equal(assert_coding(&e, before, FBC_CODING_192), 52);

        /* The tile is missing, what was there stays; no manifest covers it. */
        assert_int_equal(engine_view(&e, &st), FBC_OK);
        assert_int_equal(st.bad, 0);
        assert_int_equal(st.pending, 1);
        assert_int_equal(st.fresh, 51);
        assert_false(engine_exact(&e));
        assert_true(fbc_shadow_busy(&e.s));
        assert_int_equal(e.s.dirty_tiles, 52);
        assert_false(fbc_shadow_pending(&e.s, &r));

        /* Then all of it comes again, not only that tile. */
        before = e.s.counter;
        engine_seal(&e);
        assert_int_equal(assert_coding(&e, before, FBC_CODING_NONE), 52);
        assert_live(&e);

        before = e.s.counter;
        fill(&e, &wide, 2);
        fbc_shadow_damage(&e.s, &corner);
        engine_seal(&e);
        assert_int_equal(assert_coding(&e, before, FBC_CODING_192), 1);
        engine_free(&e);
    }
}

/* An update is what was due when it began. */
static void damage_meanwhile(void **state)
{
    struct fbc_rect r;
    struct engine e;
    uint64_t before;

    (void)state;
    begin_wide(&e);

    before = e.s.counter;
    fbc_shadow_damage(&e.s, &corner);
    while ( e.s.update.phase != FBC_UPDATE_SEAL )
        assert_int_equal(fbc_shadow_step(&e.s, 1), FBC_OK);
    r = fbc_geom_tile(&e.g, 30);
    fill(&e, &r, 50);
    fbc_shadow_damage(&e.s, &r);
    assert_int_equal(fbc_shadow_step(&e.s, ENGINE_STEP), FBC_OK);
    assert_int_equal(assert_coding(&e, before, FBC_CODING_192), 1);
    assert_true(fbc_shadow_busy(&e.s));
    before = e.s.counter;
    engine_seal(&e);
    assert_int_equal(assert_coding(&e, before, FBC_CODING_NONE), 1);
    assert_live(&e);

    /* What is due again before it was sealed is sealed once. */
    before = e.s.counter;
    fbc_shadow_damage(&e.s, &wide);
    while ( e.s.update.phase != FBC_UPDATE_SEAL )
        assert_int_equal(fbc_shadow_step(&e.s, 1), FBC_OK);
    r = fbc_geom_tile(&e.g, 51);
    fbc_shadow_damage(&e.s, &r);
    engine_seal(&e);
    assert_int_equal(e.s.counter - before, 52 + 1);
    assert_live(&e);
    engine_free(&e);
}

static void small_steps(void **state)
{
    struct fbc_rect all = { 0, 0, 800, 600 };
    struct engine e;
    uint32_t steps = 0;

    (void)state;
    begin(&e, 800, 600);
    fill(&e, &all, 2);
    while ( fbc_shadow_busy(&e.s) )
    {
        uint64_t before = e.s.counter;

        assert_int_equal(fbc_shadow_step(&e.s, 4 * 4096), FBC_OK);
        assert_true(e.s.counter - before <= 8);
        assert_true(e.s.stats.max_step <= 4 * 4096);
        steps++;
    }
    /* Each tile was looked at, and sealed. */
    assert_true(steps > 2 * e.g.tiles / 8);
    assert_int_equal(fbc_shadow_manifest(&e.s, 5, NULL), FBC_OK);
    assert_live(&e);

    /* New keys end an update. */
    fbc_shadow_damage(&e.s, &all);
    while ( e.s.update.phase != FBC_UPDATE_SEAL )
        assert_int_equal(fbc_shadow_step(&e.s, 4096), FBC_OK);
    assert_int_equal(engine_key(&e, GCM, 2), FBC_OK);
    assert_int_equal(e.s.update.phase, FBC_UPDATE_NONE);
    engine_seal(&e);
    assert_int_equal(assert_coding(&e, 0, FBC_CODING_192), e.g.tiles);
    assert_live(&e);
    engine_free(&e);
}

static void random_updates(void **state)
{
    struct engine e;
    struct fbc_view_stats st;
    uint64_t seed = 77;
    unsigned int i, shown = 0;

    (void)state;
    begin(&e, 333, 222);
    for ( i = 0; i < 600; i++ )
    {
        struct fbc_rect r = engine_rect(&e, &seed);

        if ( engine_random(&seed) % 3 )
            engine_draw(&e, &r, &seed);
        else
            fill(&e, &r, 1 + engine_random(&seed) % 20);
        fbc_shadow_damage(&e.s, &r);
        if ( engine_random(&seed) % 2 )
            assert_int_equal(fbc_shadow_step(&e.s, 9 * 4096), FBC_OK);
        else
        {
            engine_seal(&e);
            assert_live(&e);
            shown++;
        }
        assert_int_equal(engine_view(&e, &st), FBC_OK);
        assert_int_equal(st.bad, 0);
    }
    assert_true(shown > 200);
    engine_seal(&e);
    assert_live(&e);
    engine_free(&e);
}

/* A header that says less than there is shows nothing, and no pixel. */
static void other_version(void **state)
{
    struct fbc_view_stats st;
    uint8_t bytes[FBC_HEADER_LEN];
    struct fbc_header h;
    struct engine e;

    (void)state;
    begin_wide(&e);
    h = e.s.header;
    h.version = FBC_HEADER_VERSION;
    fbc_header_encode(&h, bytes);
    fbc_unpack(e.out, bytes, sizeof(bytes) / 3);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.bad, e.g.tiles);
    assert_int_equal(st.fresh, 0);
    assert_int_equal(st.manifest, FBC_ERR_AUTH);
    assert_true(fbc_is_zero(e.screen, 832 * 64 * 3));
    engine_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "a session of text: exact, and each tile in one row", text,
          0, 0, 0 },
        { "every size, with few colours and with many", sizes, 0, 0, 0 },
        { "one tile decides for all of its update, and for no other",
          one_bucket, 0, 0, 0 },
        { "a tile that grows while it is sealed is not to be told",
          grows_meanwhile, 0, 0, 0 },
        { "what is drawn meanwhile is the next update's", damage_meanwhile,
          0, 0, 0 },
        { "no step looks at more than its budget; new keys end an update",
          small_steps, 0, 0, 0 },
        { "600 updates of any kind: exact, and nothing is ever wrong",
          random_updates, 0, 0, 0 },
        { "under another version nothing is shown", other_version,
          0, 0, 0 },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
