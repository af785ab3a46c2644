/* SPDX-License-Identifier: GPL-2.0-only */
/* Blocks of two pixels at fixed places. */
#include "lib/leak/leakblock.h"

#include <stdlib.h>

#define PLANES_BYTES (256u << 20)
#define PLANES_MIN   32u
#define EVERY        16u        /* frames, between two that are sorted */

/*
 * In used[]: a value came back here.  Where none of FBC_LEAK_CODES values did,
 * only the first few are looked for from then on.
 */
#define CAME_BACK 0x80u
#define FEW       8u

static uint64_t block(const uint8_t *p)
{
    return fbc_get32(p) | (uint64_t)fbc_get16(p + 4) << 32;
}

static size_t places(const struct fbc_leak_blocks *b)
{
    return (size_t)b->cols * b->rows;
}

void fbc_leak_blocks_free(struct fbc_leak_blocks *b)
{
    while ( b->planes )
        free(b->plane[--b->planes]);
    free(b->values);
    free(b->used);
    free(b->now);
    free(b->sort);
    b->values = b->sort = NULL;
    b->used = b->now = NULL;
    b->cols = b->rows = 0;
}

int fbc_leak_blocks_begin(struct fbc_leak_blocks *b,
                          const struct fbc_leak_screen *s,
                          struct fbc_error *e)
{
    size_t n;

    fbc_leak_blocks_free(b);
    b->cols = s->width / 2;
    b->rows = s->height;
    b->step = 1;
    b->skip = 0;
    n = places(b);
    if ( !n )
        return 0;
    b->limit = (uint32_t)(PLANES_BYTES / n);
    if ( b->limit < PLANES_MIN )
        b->limit = PLANES_MIN;
    if ( b->limit > FBC_LEAK_PLANES )
        b->limit = FBC_LEAK_PLANES;

    b->values = calloc(n * FBC_LEAK_CODES, sizeof(*b->values));
    b->used = calloc(n, 1);
    b->now = calloc(n, 1);
    b->sort = calloc(n * 2, sizeof(*b->sort));
    if ( !b->values || !b->used || !b->now || !b->sort )
        return fbc_fail(e, FBC_EXIT_ENV, "blocks", "no memory");

    return 0;
}

/* The newest frame's codes become a plane. */
static int keep(struct fbc_leak_blocks *b, struct fbc_error *e)
{
    uint8_t *copy;
    uint32_t i;

    if ( b->skip )
    {
        b->skip--;
        return 0;
    }

    if ( b->planes == b->limit )
    {
        for ( i = 0; i < b->planes; i++ )
            if ( i % 2 )
                free(b->plane[i]);
            else
                b->plane[i / 2] = b->plane[i];
        b->planes = (b->planes + 1) / 2;
        b->step *= 2;
    }

    copy = malloc(places(b));
    if ( !copy )
        return fbc_fail(e, FBC_EXIT_ENV, "blocks", "no memory");
    memcpy(copy, b->now, places(b));
    b->plane[b->planes++] = copy;
    b->skip = b->step - 1;

    return 0;
}

/* The value's code at place i, whose last code was last. */
static uint8_t code(struct fbc_leak_blocks *b, size_t i, uint8_t last,
                    uint64_t value)
{
    const size_t n = places(b);
    const uint8_t used = b->used[i] & (uint8_t)~CAME_BACK;
    uint8_t c, looked = used;

    if ( last < used && b->values[last * n + i] == value )
        return last;

    if ( b->used[i] == FBC_LEAK_CODES )
        looked = FEW;
    if ( value )
        b->returned_mean += (double)looked * 0x1p-48;
    for ( c = 0; c < looked; c++ )
        if ( b->values[c * n + i] == value )
        {
            b->used[i] |= CAME_BACK;
            b->returned += !!value;
            return c;
        }

    if ( used == FBC_LEAK_CODES )
        return FBC_LEAK_OTHER;
    b->values[used * n + i] = value;
    b->used[i]++;

    return used;
}

/* Sorts n 48-bit values with the help of n more. */
static uint64_t *sort(uint64_t *a, uint64_t *b, size_t n)
{
    unsigned int shift;
    uint64_t *swap;
    size_t i;

    for ( shift = 0; shift < 48; shift += 12 )
    {
        uint32_t at[4096] = { 0 }, sum = 0, c;

        for ( i = 0; i < n; i++ )
            at[a[i] >> shift & 4095]++;
        for ( i = 0; i < 4096; i++ )
        {
            c = at[i];
            at[i] = sum;
            sum += c;
        }
        for ( i = 0; i < n; i++ )
            b[at[a[i] >> shift & 4095]++] = a[i];
        swap = a;
        a = b;
        b = swap;
    }

    return a;
}

static void count_repeated(struct fbc_leak_blocks *b,
                           const struct fbc_leak_screen *s,
                           const uint8_t *flat)
{
    uint64_t *list = b->sort;
    uint32_t x, y;
    size_t i, n = 0;

    for ( y = 0; y < b->rows; y++ )
        for ( x = 0; x < b->cols; x++ )
        {
            uint32_t tile = y / FBC_TILE_H * s->cols + 2 * x / FBC_TILE_W;
            uint64_t v = block(fbc_leak_screen_at(s, 2 * x, y));

            if ( v && !flat[tile] )
                list[n++] = v;
        }
    if ( !n )
        return;

    b->repeated_mean += (double)n * (double)(n - 1) * 0x1p-49;
    list = sort(list, list + places(b), n);
    for ( i = 1; i < n; i++ )
        b->repeated += list[i] == list[i - 1];
}

int fbc_leak_blocks_feed(struct fbc_leak_blocks *b,
                         const struct fbc_leak_screen *s, const uint8_t *flat,
                         struct fbc_error *e)
{
    uint32_t x, y;
    size_t i = 0;

    if ( !places(b) )
        return 0;
    /* Any place that was used has a value: not the first frame. */
    if ( b->used[0] && keep(b, e) )
        return -1;

    for ( y = 0; y < b->rows; y++ )
    {
        const uint8_t *p = fbc_leak_screen_at(s, 0, y);

        for ( x = 0; x < b->cols; x++, i++, p += 6 )
            b->now[i] = code(b, i, b->now[i], block(p));
    }
    /* Many more frames would only cost time. */
    if ( b->frames++ < EVERY || b->frames % EVERY == 0 )
        count_repeated(b, s, flat);

    return 0;
}
