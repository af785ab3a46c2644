/* SPDX-License-Identifier: GPL-2.0-only */
/* The sealing engine with coded bands: updates of one coding each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "leakgen.h"

#define GCM FBC_AEAD_AES256_GCM

static const struct fbc_rect corner = { 0, 0, 64, 16 };

static uint64_t counter_of(const struct engine *e, uint32_t tile)
{
    uint8_t record[FBC_RECORD_LEN];

    engine_record(e, tile, record);

    return fbc_get64(record) & FBC_COUNTER_MAX;
}

/* A tile that was sealed as it is. */
static void assert_raw(const struct engine *e, uint32_t tile)
{
    uint8_t record[FBC_RECORD_LEN], buf[FBC_TILE_BYTES];

    engine_record(e, tile, record);
    assert_int_equal(record[FBC_COUNTER_LEN], FBC_FLAG_VALID);
    assert_false(fbc_is_zero(buf, engine_cipher(e, tile, buf)));
}

/* A record for all of the band; nothing stands behind the code. */
static void assert_coded(const struct engine *e, uint32_t band,
                         enum fbc_coding coding)
{
    const uint32_t first = band * e->g.cols;
    const struct fbc_rect r = fbc_geom_tile(&e->g, first);
    const size_t len = fbc_coding_len(coding, e->g.width);
    uint8_t buf[FBC_CODED_MAX], record[FBC_RECORD_LEN];
    const uint8_t *px = e->out + (size_t)fbc_geom_srow(r.y) * e->g.swidth * 4;
    size_t set = 0, n;
    uint32_t i, x, y;

    engine_record(e, first, record);
    assert_int_equal(record[FBC_COUNTER_LEN], FBC_FLAG_VALID | coding);
    for ( i = 1; i < e->g.cols; i++ )
    {
        engine_record(e, first + i, record);
        assert_true(fbc_is_zero(record, sizeof(record)));
        assert_int_equal(fbc_vector_get(e->s.vec, first + i),
                         counter_of(e, first));
    }

    fbc_band_get(buf, px, e->g.swidth * 4u, r.h, len);
    for ( n = 0; n < len; n++ )
        set += !!buf[n];
    assert_true(set > len * 9 / 10);
    for ( y = 0; y < r.h; y++, px += e->g.swidth * 4 )
        for ( x = 0; x < e->g.width * 4u; x++ )
            set -= !!px[x];
    assert_int_equal(set, 0);
}

/*
 * All bands sealed after this counter have the coding, as far as they have
 * room, and no counter comes twice.  How many they are.
 */
static uint32_t assert_coding(const struct engine *e, uint64_t after,
                              enum fbc_coding coding)
{
    uint64_t last = after;
    uint32_t band, i, n = 0;

    for ( band = 0; band < e->g.bands; band++ )
    {
        const uint32_t first = band * e->g.cols;
        const struct fbc_rect r = fbc_geom_tile(&e->g, first);
        const bool coded = fbc_has_coding(coding, e->g.width, r.h);

        if ( counter_of(e, first) <= after )
            continue;
        n++;
        if ( coded )
            assert_coded(e, band, coding);
        for ( i = 0; i < (coded ? 1u : e->g.cols); i++ )
        {
            if ( !coded )
                assert_raw(e, first + i);
            assert_int_equal(counter_of(e, first + i), ++last);
        }
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

/* Four bands of text, sealed. */
static const struct fbc_rect wide = { 0, 0, 832, 64 };

static void begin_wide(struct engine *e)
{
    begin(e, wide.w, wide.h);
    fill(e, &wide, 2);
    engine_seal(e);
}

static struct fbc_rect band_rect(uint32_t band)
{
    return (struct fbc_rect){ 0, (uint16_t)(band * 16), wide.w, 16 };
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
        n += assert_coding(&g.e, before, FBC_CODING_LINE);
        assert_live(&g.e);
    }
    assert_true(n > 4000);
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
        { 2, FBC_CODING_LINE }, { 16, FBC_CODING_ANY },
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
            /* Narrow and low ones have room for less. */
            if ( all.w >= 800 )
                assert_int_equal(assert_coding(&e, 0, kinds[k].coding),
                                 e.g.bands);
            else if ( all.w >= 200 )
                assert_int_equal(assert_coding(&e, 0, k == 1
                                               ? FBC_CODING_ANY
                                               : kinds[k].coding), e.g.bands);
            assert_live(&e);
            engine_free(&e);
        }
}

/* Which band it is that needs more is not to be seen. */
static void one_size(void **state)
{
    static const struct {
        uint32_t colours;
        enum fbc_coding coding;
    } odd[] = {
        { 9, FBC_CODING_ANY }, { 60, FBC_CODING_NONE },
        { 16, FBC_CODING_ANY }, { 17, FBC_CODING_NONE },
    };
    struct engine e;
    uint32_t i;

    (void)state;
    begin_wide(&e);
    assert_int_equal(assert_coding(&e, 0, FBC_CODING_LINE), 4);
    for ( i = 0; i < 4; i++ )
    {
        struct fbc_rect r = band_rect(i);
        uint64_t before = e.s.counter;

        fill(&e, &r, odd[i].colours);
        fbc_shadow_damage(&e.s, &wide);
        engine_seal(&e);
        assert_int_equal(assert_coding(&e, before, odd[i].coding), 4);
        fill(&e, &r, 2);

        /* And the next update knows nothing of it. */
        before = e.s.counter;
        fbc_shadow_damage(&e.s, &wide);
        engine_seal(&e);
        assert_int_equal(assert_coding(&e, before, FBC_CODING_LINE), 4);
        assert_live(&e);
    }
    engine_free(&e);
}

/* Where the guest drew is told by bands, also of pictures. */
static void whole_bands(void **state)
{
    static const uint32_t colours[] = { 2, 60 };
    struct fbc_rect r;
    uint64_t before = 0;
    struct engine e;
    uint32_t i;

    (void)state;
    begin_wide(&e);
    for ( i = 0; i < 2; i++ )
    {
        fill(&e, &wide, colours[i]);
        fbc_shadow_damage(&e.s, &wide);
        engine_seal(&e);
        while ( fbc_shadow_pending(&e.s, &r) )
            before = e.s.counter;
        engine_damage(&e, 700, 31, 1, 2);
        assert_int_equal(e.s.due, 2);
        engine_seal(&e);
        assert_true(fbc_shadow_pending(&e.s, &r));
        assert_int_equal(r.x, 0);
        assert_int_equal(r.w, e.g.swidth);
        assert_int_equal(r.y, 1 + 17);
        assert_int_equal(r.h, 2 * 17);
        assert_int_equal(assert_coding(&e, before, i ? FBC_CODING_NONE
                                                     : FBC_CODING_LINE), 2);
        assert_true(counter_of(&e, e.g.cols) > before);
        assert_true(counter_of(&e, 2 * e.g.cols) > before);
        assert_live(&e);
    }
    engine_free(&e);
}

/* Drawn on between the look at a band and its sealing. */
static void grows_meanwhile(void **state)
{
    struct fbc_rect r;
    struct fbc_view_stats st;
    struct engine e;
    uint64_t before;
    uint32_t band;

    (void)state;
    for ( band = 0; band < 4; band++ )
    {
        begin_wide(&e);
        assert_live(&e);

        before = e.s.counter;
        fbc_shadow_damage(&e.s, &wide);
        while ( e.s.update.phase != FBC_UPDATE_SEAL )
            assert_int_equal(fbc_shadow_step(&e.s, 1), FBC_OK);
        assert_int_equal(e.s.update.coding, FBC_CODING_LINE);
        r = band_rect(band);
        /* No code at all, or one that is too long. */
        fill(&e, &r, band % 2 ? 9 : 40);

        /* All of the update looks as it was meant to. */
        while ( e.s.update.phase == FBC_UPDATE_SEAL )
        {
            assert_true(fbc_shadow_busy(&e.s));
            assert_int_equal(fbc_shadow_step(&e.s, 1), FBC_OK);
        }
        assert_int_equal(assert_coding(&e, before, FBC_CODING_LINE), 4);

        /* The band is missing, what was there stays; no manifest covers it. */
        assert_int_equal(engine_view(&e, &st), FBC_OK);
        assert_int_equal(st.bad, 0);
        assert_int_equal(st.pending, 13);
        assert_int_equal(st.fresh, 39);
        assert_false(engine_exact(&e));
        assert_true(fbc_shadow_busy(&e.s));
        assert_int_equal(e.s.due, 4);
        assert_false(fbc_shadow_pending(&e.s, &r));

        /* Then all of it comes again, not only that band. */
        before = e.s.counter;
        engine_seal(&e);
        assert_int_equal(assert_coding(&e, before, FBC_CODING_NONE), 4);
        assert_live(&e);

        before = e.s.counter;
        fill(&e, &wide, 2);
        fbc_shadow_damage(&e.s, &corner);
        engine_seal(&e);
        assert_int_equal(assert_coding(&e, before, FBC_CODING_LINE), 1);
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
    r = band_rect(2);
    fill(&e, &r, 50);
    fbc_shadow_damage(&e.s, &r);
    assert_int_equal(fbc_shadow_step(&e.s, ENGINE_STEP), FBC_OK);
    assert_int_equal(assert_coding(&e, before, FBC_CODING_LINE), 1);
    assert_true(fbc_shadow_busy(&e.s));
    before = e.s.counter;
    engine_seal(&e);
    assert_int_equal(assert_coding(&e, before, FBC_CODING_NONE), 1);
    assert_live(&e);

    /* What is due again before it was sealed is sealed once. */
    fill(&e, &wide, 2);
    before = e.s.counter;
    fbc_shadow_damage(&e.s, &wide);
    while ( e.s.update.phase != FBC_UPDATE_SEAL )
        assert_int_equal(fbc_shadow_step(&e.s, 1), FBC_OK);
    r = band_rect(3);
    fbc_shadow_damage(&e.s, &r);
    engine_seal(&e);
    assert_int_equal(e.s.counter - before, 4 + 1);
    assert_live(&e);

    /* What is drawn once its sealing has begun comes again. */
    before = e.s.counter;
    fbc_shadow_damage(&e.s, &corner);
    while ( e.s.update.phase != FBC_UPDATE_SEAL )
        assert_int_equal(fbc_shadow_step(&e.s, 1), FBC_OK);
    assert_int_equal(fbc_shadow_step(&e.s, 1), FBC_OK);
    r = (struct fbc_rect){ 0, 0, 8, 16 };
    fill(&e, &r, 1);
    fbc_shadow_damage(&e.s, &r);
    engine_seal(&e);
    assert_int_equal(e.s.counter - before, 2 + 1);
    assert_live(&e);
    engine_free(&e);
}

/* Whatever stood there, a code is alone in its band. */
static void other_codings(void **state)
{
    static const uint32_t colours[] = { 60, 2, 9, 2, 60, 9, 60 };
    struct engine e;
    size_t i;

    (void)state;
    begin_wide(&e);
    for ( i = 0; i < sizeof(colours) / sizeof(colours[0]); i++ )
    {
        uint64_t before = e.s.counter;

        fill(&e, &wide, colours[i]);
        fbc_shadow_damage(&e.s, &wide);
        engine_seal(&e);
        assert_int_equal(assert_coding(&e, before, colours[i] == 2
                                       ? FBC_CODING_LINE : colours[i] == 9
                                       ? FBC_CODING_ANY : FBC_CODING_NONE),
                         4);
        assert_live(&e);
    }
    engine_free(&e);
}

/* What dom0 may do to a coded band, and what it gets for it. */
static void hostile(void **state)
{
    const size_t row = wide.w * 4u;
    struct fbc_view_stats st;
    uint8_t *was, record[FBC_RECORD_LEN];
    struct engine e;
    uint32_t t;

    (void)state;
    begin_wide(&e);
    assert_live(&e);
    was = malloc(fbc_shadow_bytes(&e.g));
    assert_non_null(was);
    memcpy(was, e.out, fbc_shadow_bytes(&e.g));

    /* An older band than the one held, of which only one tile is new. */
    fill(&e, &wide, 60);
    fbc_shadow_damage(&e.s, &corner);
    engine_seal(&e);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.fresh, 13);
    memcpy(e.out + row, was + row, 17 * row);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.pending, 13);
    assert_int_equal(st.fresh, 0);

    /* Older than all but its first tile, which did not come through. */
    fill(&e, &wide, 2);
    fbc_shadow_damage(&e.s, &corner);
    engine_seal(&e);
    assert_live(&e);
    fbc_shadow_damage(&e.s, &corner);
    engine_seal(&e);
    memcpy(was, e.out, fbc_shadow_bytes(&e.g));
    fill(&e, &wide, 60);
    fbc_shadow_damage(&e.s, &corner);
    engine_seal(&e);
    e.out[row] ^= 1;
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.bad, 1);
    assert_int_equal(st.fresh, 12);
    memcpy(e.out + row, was + row, 17 * row);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.pending, 13);

    /* A record that is not 0, where a band is coded. */
    fill(&e, &wide, 2);
    fbc_shadow_damage(&e.s, &wide);
    engine_seal(&e);
    for ( t = 1; t < 13; t++ )
    {
        e.out[17 * row + t * 64 * 4 + 7 * 4] = 1;
        assert_int_equal(engine_view(&e, &st), FBC_OK);
        assert_int_equal(st.bad, 13);
        assert_int_equal(e.v.bad[t], counter_of(&e, 0));
        e.out[17 * row + t * 64 * 4 + 7 * 4] = 0;
    }
    /* The first one where it does not belong. */
    memcpy(e.out + 17 * row + 64 * 4, e.out + 17 * row, 32);
    memset(e.out + 17 * row, 0, 32);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.bad, 1);
    assert_int_equal(st.pending, 12);
    memcpy(e.out + 17 * row, e.out + 17 * row + 64 * 4, 32);
    memset(e.out + 17 * row + 64 * 4, 0, 32);
    /* Another flag. */
    engine_record(&e, 0, record);
    record[FBC_COUNTER_LEN] |= 8;
    fbc_unpack(e.out + 17 * row, record, FBC_RECORD_PIXELS);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.bad, 13);
    record[FBC_COUNTER_LEN] ^= 8;
    fbc_unpack(e.out + 17 * row, record, FBC_RECORD_PIXELS);
    assert_live(&e);

    /* Torn: the record of now, the code of before. */
    memcpy(was, e.out, fbc_shadow_bytes(&e.g));
    fbc_shadow_damage(&e.s, &wide);
    engine_seal(&e);
    memcpy(e.out + row, was + row, 8 * row);
    assert_int_equal(engine_view(&e, &st), FBC_OK);
    assert_int_equal(st.bad, 13);
    assert_int_equal(st.fresh, 39);
    assert_true(engine_exact(&e));
    free(was);
    engine_free(&e);
}

/* A viewer is told of what looks different, not of what was sealed anew. */
static void changed(void **state)
{
    struct fbc_view_stats st;
    struct engine e;
    uint32_t t, i;

    (void)state;
    for ( i = 0; i < 2; i++ )
    {
        begin_wide(&e);
        e.v.bgrx = i;
        free(e.screen);
        e.screen = calloc(wide.w * wide.h, 4);
        assert_non_null(e.screen);
        assert_int_equal(engine_view(&e, &st), FBC_OK);
        for ( t = 0; t < e.g.tiles; t++ )
            assert_true(e.v.changed[t]);
        *engine_pixel(&e, 191, 32) ^= 0x77;
        fbc_shadow_damage(&e.s, &wide);
        engine_seal(&e);
        assert_int_equal(engine_view(&e, &st), FBC_OK);
        assert_int_equal(st.fresh, e.g.tiles);
        for ( t = 0; t < e.g.tiles; t++ )
            assert_int_equal(e.v.changed[t], t == 2 * 13 + 2);
        assert_int_equal(engine_view(&e, &st), FBC_OK);
        assert_int_equal(st.held, e.g.tiles);
        for ( t = 0; t < e.g.tiles; t++ )
            assert_false(e.v.changed[t]);
        engine_free(&e);
    }
}

/* A band is opened with all of its tiles, or not at all. */
static void limit(void **state)
{
    struct fbc_view_stats st;
    struct engine e;
    uint32_t n;

    (void)state;
    begin_wide(&e);
    for ( n = 0; n <= 52; n++ )
    {
        fbc_view_clear(&e.v);
        fbc_view_init(&e.v, e.file);
        assert_int_equal(fbc_view_update(&e.v, e.out, e.g.swidth,
                                         e.g.sheight, e.g.swidth * 4u, n,
                                         e.screen, &st), FBC_OK);
        assert_int_equal(st.fresh, n / 13 * 13);
        assert_int_equal(st.pending, n % 13);
        assert_int_equal(st.manifest, n == 52 ? FBC_OK : FBC_ERR_PENDING);
    }
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
        assert_true(e.s.counter - before <= 1);
        assert_true(e.s.stats.max_step <= 4 * 4096);
        steps++;
    }
    /* Each tile was looked at, and then sealed in its band. */
    assert_true(steps > 2 * e.g.tiles / 5);
    assert_int_equal(fbc_shadow_manifest(&e.s, 5, NULL), FBC_OK);
    assert_live(&e);

    /* New keys end an update. */
    fbc_shadow_damage(&e.s, &all);
    while ( e.s.update.phase != FBC_UPDATE_SEAL )
        assert_int_equal(fbc_shadow_step(&e.s, 4096), FBC_OK);
    assert_int_equal(engine_key(&e, GCM, 2), FBC_OK);
    assert_int_equal(e.s.update.phase, FBC_UPDATE_NONE);
    engine_seal(&e);
    assert_int_equal(assert_coding(&e, 0, FBC_CODING_LINE), e.g.bands);
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
    assert_int_equal(st.bad, 4);
    assert_int_equal(st.pending, 48);
    assert_int_equal(st.fresh, 0);
    assert_int_equal(st.manifest, FBC_ERR_AUTH);
    assert_true(fbc_is_zero(e.screen, 832 * 64 * 3));
    engine_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "a session of text: exact, and each band in 576 bytes", text,
          0, 0, 0 },
        { "every size, with few colours and with many", sizes, 0, 0, 0 },
        { "one band decides for all of its update, and for no other",
          one_size, 0, 0, 0 },
        { "a band is due as a whole", whole_bands, 0, 0, 0 },
        { "a band that grows while it is sealed is not to be told",
          grows_meanwhile, 0, 0, 0 },
        { "what is drawn meanwhile is the next update's", damage_meanwhile,
          0, 0, 0 },
        { "from any coding to any other", other_codings, 0, 0, 0 },
        { "no step looks at more than its budget; new keys end an update",
          small_steps, 0, 0, 0 },
        { "600 updates of any kind: exact, and nothing is ever wrong",
          random_updates, 0, 0, 0 },
        { "an old, torn or mixed band is not shown", hostile, 0, 0, 0 },
        { "tiles that look as before are not told to be new", changed,
          0, 0, 0 },
        { "a band is opened as a whole", limit, 0, 0, 0 },
        { "under another version nothing is shown", other_version,
          0, 0, 0 },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
