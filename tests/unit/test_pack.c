/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pixels of four bytes and of three, by words and by SSSE3, against a copy
 * byte by byte.  Each block is on the heap at its exact size, behind 0 to 15
 * bytes that shift its alignment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "engine.h"

#define ROUNDS 3000

struct rect {
    uint32_t w, h;
    size_t stride, shift_px, shift_packed;
    size_t px_len, packed_len;      /* with the shift */
};

static uint64_t seed = 99;

static uint8_t *noise(size_t len)
{
    uint8_t *p = malloc(len + !len);
    size_t i;

    MUST(p);
    for ( i = 0; i < len; i++ )
        p[i] = (uint8_t)engine_random(&seed);

    return p;
}

static uint8_t *copy(const uint8_t *from, size_t len)
{
    uint8_t *p = malloc(len + !len);

    MUST(p);
    memcpy(p, from, len);

    return p;
}

static struct rect any_rect(void)
{
    struct rect r;

    r.w = engine_random(&seed) % 90;
    r.h = engine_random(&seed) % 5;
    r.stride = r.w * 4u + engine_random(&seed) % 40;
    r.shift_px = engine_random(&seed) % 16;
    r.shift_packed = engine_random(&seed) % 16;
    r.px_len = r.shift_px + (r.h ? r.stride * (r.h - 1) + r.w * 4u : 0);
    r.packed_len = r.shift_packed + (size_t)r.w * r.h * 3;

    return r;
}

static void pack_once(const struct rect *r, bool ssse3)
{
    uint8_t *px = noise(r->px_len), *before = copy(px, r->px_len);
    uint8_t *out = noise(r->packed_len), *want = copy(out, r->packed_len);
    uint8_t *w = want + r->shift_packed;
    uint32_t x, y, i;

    for ( y = 0; y < r->h; y++ )
        for ( x = 0; x < r->w; x++ )
            for ( i = 0; i < 3; i++ )
                *w++ = px[r->shift_px + y * r->stride + x * 4 + i];

    fbc_pack_rect(out + r->shift_packed, px + r->shift_px, r->stride, r->w,
                  r->h, ssse3);
    assert_memory_equal(out, want, r->packed_len);
    assert_memory_equal(px, before, r->px_len);
    free(px);
    free(before);
    free(out);
    free(want);
}

static void unpack_once(const struct rect *r, bool ssse3)
{
    uint8_t *packed = noise(r->packed_len);
    uint8_t *before = copy(packed, r->packed_len);
    uint8_t *out = noise(r->px_len), *want = copy(out, r->px_len);
    const uint8_t *p = packed + r->shift_packed;
    uint32_t x, y, i;

    for ( y = 0; y < r->h; y++ )
        for ( x = 0; x < r->w; x++ )
            for ( i = 0; i < 4; i++ )
                want[r->shift_px + y * r->stride + x * 4 + i] =
                    i < 3 ? *p++ : 0;

    fbc_unpack_rect(out + r->shift_px, r->stride, packed + r->shift_packed,
                    r->w, r->h, ssse3);
    assert_memory_equal(out, want, r->px_len);
    assert_memory_equal(packed, before, r->packed_len);
    free(packed);
    free(before);
    free(out);
    free(want);
}

static void rectangles(bool ssse3)
{
    unsigned int n;

    for ( n = 0; n < ROUNDS; n++ )
    {
        struct rect r = any_rect();

        pack_once(&r, ssse3);
        unpack_once(&r, ssse3);
    }
}

static void by_words(void **state)
{
    (void)state;
    rectangles(false);
}

static void by_ssse3(void **state)
{
    (void)state;
#ifdef __x86_64__
    assert_true(fbc_pack_ssse3());
#endif
    rectangles(fbc_pack_ssse3());
}

/* Each length of a row, at each alignment of both sides to a word. */
static void every_length(void **state)
{
    size_t n, off;

    (void)state;
    for ( n = 0; n <= 70; n++ )
        for ( off = 0; off < 64; off++ )
        {
            struct rect r = {
                .w = (uint32_t)n, .h = 1, .stride = n * 4,
                .shift_px = off % 8, .shift_packed = off / 8,
                .px_len = off % 8 + n * 4, .packed_len = off / 8 + n * 3,
            };

            pack_once(&r, false);
            unpack_once(&r, false);
            pack_once(&r, fbc_pack_ssse3());
            unpack_once(&r, fbc_pack_ssse3());
        }
}

/* A tile of the CPU without SSSE3 is that of the CPU with it. */
static void engine_without(void **state)
{
    struct fbc_rect all = { 0, 0, 230, 70 };
    struct fbc_view_stats st;
    struct engine a, b;
    uint64_t same;

    (void)state;
    engine_init(&a, 230, 70, 5);
    engine_init(&b, 230, 70, 5);
    b.s.ssse3 = b.v.ssse3 = false;
    same = 7;
    engine_draw(&a, &all, &same);
    same = 7;
    engine_draw(&b, &all, &same);
    assert_int_equal(engine_key(&a, FBC_AEAD_AES256_GCM, 1), FBC_OK);
    assert_int_equal(engine_key(&b, FBC_AEAD_AES256_GCM, 1), FBC_OK);
    engine_seal(&a);
    engine_seal(&b);
    assert_memory_equal(a.out, b.out, fbc_shadow_bytes(&a.g));
    assert_int_equal(engine_view(&b, &st), FBC_OK);
    assert_int_equal(st.fresh, b.g.tiles);
    assert_true(engine_exact(&b));
    engine_free(&a);
    engine_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "words pack and unpack rectangles, and touch nothing else",
          by_words, NULL, NULL, NULL },
        { "SSSE3 does the same", by_ssse3, NULL, NULL, NULL },
        { "so do both with rows of any length and alignment", every_length,
          NULL, NULL, NULL },
        { "a screen is sealed and opened alike with SSSE3 and without",
          engine_without, NULL, NULL, NULL },
    };

    return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
