/* SPDX-License-Identifier: GPL-2.0-only */
/* What tiles tell by themselves and against each other. */
#include "lib/leak/leaktile.h"

#include <stdlib.h>

#define HASHES_MAX (1u << 22)   /* 64 MiB; later tiles are not remembered */
#define EQUAL_MIN  4u           /* by chance: 5e-19 a tile */
#define PIXELS_MIN 16u          /* of a tile: fewer may be equal by chance */

struct fbc_leak_hash {          /* hash 0: free */
    uint64_t hash;
    uint32_t tile;
};

static struct fbc_leak_hash *lookup(struct fbc_leak_hash *table, size_t size,
                                    uint64_t hash)
{
    size_t i = (size_t)(hash ^ hash >> 32) & (size - 1);

    while ( table[i].hash && table[i].hash != hash )
        i = (i + 1) & (size - 1);

    return &table[i];
}

static int grow(struct fbc_leak_tiles *t)
{
    size_t i, size = t->size ? t->size * 2 : 4096;
    struct fbc_leak_hash *n = calloc(size, sizeof(*n));

    if ( !n )
        return -1;
    for ( i = 0; i < t->size; i++ )
        if ( t->hash[i].hash )
            *lookup(n, size, t->hash[i].hash) = t->hash[i];
    free(t->hash);
    t->hash = n;
    t->size = size;

    return 0;
}

static int remember(struct fbc_leak_tiles *t, uint64_t hash, uint32_t tile)
{
    struct fbc_leak_hash *h;

    if ( t->used * 2 >= t->size && t->size < HASHES_MAX && grow(t) )
        return -1;

    t->again_mean += (double)t->used / 0x1p64;
    h = lookup(t->hash, t->size, hash);
    if ( h->hash && h->tile == tile )
        t->again_here++;
    else if ( h->hash )
        t->again_elsewhere++;
    else if ( t->used * 2 < t->size )
    {
        h->hash = hash;
        h->tile = tile;
        t->used++;
    }

    return 0;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    __uint128_t m = (__uint128_t)(h ^ v) * UINT64_C(0x9e3779b97f4a7c15);

    return (uint64_t)m ^ (uint64_t)(m >> 64) ^ UINT64_C(0xd1b54a32d192ed03);
}

static uint32_t pixel(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

struct tile {
    struct fbc_rect r;
    uint64_t hash;
    bool uniform;
    uint32_t mixed_rows;
    uint32_t equal;             /* neighbours in a row */
    struct fbc_histogram bytes;
};

static void xor_row(struct fbc_histogram *h, const uint8_t *a,
                    const uint8_t *b, uint32_t w)
{
    uint32_t x, i;

    for ( x = 0; x < w; x++, a += 3, b += 3 )
        if ( pixel(a) != pixel(b) )
        {
            for ( i = 0; i < 3; i++ )
                h->bin[a[i] ^ b[i]]++;
            h->total += 3;
        }
}

/* Does a row hold blocks of two pixels that changed, and that did not? */
static bool mixed_row(const uint8_t *a, const uint8_t *b, uint32_t w)
{
    uint32_t x, same = 0, other = 0;

    for ( x = 0; x + 1 < w; x += 2, a += 6, b += 6 )
    {
        /* Not written yet, or erased: says nothing. */
        if ( !(pixel(a) | pixel(a + 3)) || !(pixel(b) | pixel(b + 3)) )
            continue;
        if ( memcmp(a, b, 6) )
            other++;
        else
            same++;
    }

    /* One pair that is equal by chance in 2^48 must not count. */
    return same > 1 && other > 1;
}

/* The rows of a tile; prev may be NULL. */
static void look(struct tile *t, const struct fbc_leak_screen *s,
                 const struct fbc_leak_screen *prev,
                 struct fbc_histogram *xor)
{
    uint32_t first = pixel(fbc_leak_screen_at(s, t->r.x, t->r.y)), x, y, i;
    uint64_t hash = (uint64_t)t->r.w << 32 | t->r.h;

    t->uniform = true;
    for ( y = t->r.y; y < (uint32_t)t->r.y + t->r.h; y++ )
    {
        const uint8_t *p = fbc_leak_screen_at(s, t->r.x, y), *old;

        if ( prev )
        {
            old = fbc_leak_screen_at(prev, t->r.x, y);
            xor_row(xor, p, old, t->r.w);
            t->mixed_rows += mixed_row(p, old, t->r.w);
        }
        for ( x = 0; x < t->r.w; x++, p += 3 )
        {
            uint32_t v = pixel(p);

            t->equal += v && x && v == pixel(p - 3);
            hash = mix(hash, v);
            t->uniform = t->uniform && v == first;
            if ( !v )
                continue;
            for ( i = 0; i < 3; i++ )
                t->bytes.bin[p[i]]++;
            t->bytes.total += 3;
        }
    }
    t->hash = hash | !hash;
}

static bool changed(const struct fbc_leak_screen *s,
                    const struct fbc_leak_screen *prev,
                    const struct fbc_rect *r)
{
    uint32_t y;

    for ( y = r->y; y < (uint32_t)r->y + r->h; y++ )
        if ( memcmp(fbc_leak_screen_at(s, r->x, y),
                    fbc_leak_screen_at(prev, r->x, y), r->w * 3u) )
            return true;

    return false;
}

static void note_uniform(struct fbc_leak_tiles *t,
                         const struct fbc_leak_screen *s, uint32_t colour)
{
    if ( t->uniform && colour != t->colour )
        t->colours = true;
    if ( !t->uniform++ )
        t->colour = colour;
    if ( colour && s->shadow )
        t->uniform_shadow++;
}

static void note_bytes(struct fbc_leak_tiles *t, const struct fbc_histogram *h)
{
    double entropy, chi2;
    unsigned int i;

    for ( i = 0; i < 256; i++ )
        t->bytes.bin[i] += h->bin[i];
    t->bytes.total += h->total;
    if ( h->total < FBC_CHI2_MIN )
        return;

    entropy = fbc_entropy(h);
    chi2 = fbc_chi2(h);
    if ( !t->judged || entropy < t->entropy_min )
        t->entropy_min = entropy;
    if ( chi2 > t->chi2_max )
        t->chi2_max = chi2;
    t->entropy_sum += entropy;
    t->judged++;
    t->uneven += fbc_chi2_leak(h);
}

int fbc_leak_tiles_feed(struct fbc_leak_tiles *t,
                        const struct fbc_leak_screen *s,
                        const struct fbc_leak_screen *prev, uint8_t *flat,
                        struct fbc_error *e)
{
    uint32_t n;

    for ( n = 0; n < s->cols * s->bands; n++ )
    {
        struct tile tile = { .r = fbc_leak_screen_tile(s, n) };

        if ( prev && !changed(s, prev, &tile.r) )
            continue;
        flat[n] = 1;
        if ( (uint32_t)tile.r.w * tile.r.h < PIXELS_MIN )
            continue;

        look(&tile, s, prev, &t->xor);
        flat[n] = tile.uniform;
        t->seen++;
        t->partial += tile.mixed_rows >= FBC_LEAK_TORN_ROWS;
        if ( tile.uniform )
            note_uniform(t, s, pixel(fbc_leak_screen_at(s, tile.r.x,
                                                        tile.r.y)));
        else
        {
            t->smooth += tile.equal >= EQUAL_MIN;
            note_bytes(t, &tile.bytes);
            if ( remember(t, tile.hash, n) )
                return fbc_fail(e, FBC_EXIT_ENV, "tiles", "no memory");
        }
    }

    return 0;
}

void fbc_leak_tiles_free(struct fbc_leak_tiles *t)
{
    free(t->hash);
    t->hash = NULL;
    t->size = t->used = 0;
}
