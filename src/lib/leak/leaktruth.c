/* SPDX-License-Identifier: GPL-2.0-only */
/* Compares what dom0 saw with the picture that was really shown. */
#include "lib/leak/leaktruth.h"

#include <math.h>

#define BLOCKS (FBC_TILE_W / 2)     /* in a row of a tile */

static uint32_t light(const uint8_t *p)
{
    return (uint32_t)p[0] + p[1] + p[2];
}

void fbc_leak_truth_feed(struct fbc_leak_truth *t,
                         const struct fbc_leak_screen *s, const uint8_t *flat)
{
    struct fbc_correlation c = { 0 };
    uint32_t tile, x, y;
    double r, sigmas;

    if ( t->picture.width != s->width || t->picture.height != s->height )
        return;
    t->frames++;

    for ( tile = 0; tile < s->cols * s->bands; tile++ )
    {
        struct fbc_rect q = fbc_leak_screen_tile(s, tile);

        if ( flat[tile] )
            continue;
        for ( y = q.y; y < (uint32_t)q.y + q.h; y++ )
        {
            const uint8_t *a = fbc_leak_screen_at(s, q.x, y);
            const uint8_t *b = t->picture.rgb + (a - s->px);

            /* What is 0 where bands are coded lies behind a code. */
            for ( x = 0; x < q.w; x++, a += 3, b += 3 )
                if ( !s->coded || light(a) )
                    fbc_correlation_add(&c, light(a), light(b));
        }
    }

    r = fbc_correlation(&c);
    sigmas = fabs(r) * sqrt(c.n);
    if ( sigmas > t->sigmas )
    {
        t->sigmas = sigmas;
        t->r = r;
    }
}

/* The colour of most pixels, if more than half have it. */
static const uint8_t *majority(const struct fbc_picture *p)
{
    const uint8_t *best = p->rgb, *at = p->rgb;
    size_t i, n = (size_t)p->width * p->height, ahead = 0;

    for ( i = 0; i < n; i++, at += 3 )
    {
        if ( !ahead )
            best = at;
        ahead += memcmp(at, best, 3) ? (size_t)-1 : 1;
    }

    return best;
}

/* One row of a tile, or what there is of it. */
static bool add_row(struct fbc_correlation *sum, const bool *a, const bool *b,
                    uint32_t n)
{
    struct fbc_correlation c = { 0 };
    uint32_t i;

    for ( i = 0; i < n; i++ )
        fbc_correlation_add(&c, a[i], b[i]);
    if ( c.x == 0 || c.x == n || c.y == 0 || c.y == n )
        return false;

    sum->xx += c.xx - c.x * c.x / n;
    sum->yy += c.yy - c.y * c.y / n;
    sum->xy += c.xy - c.x * c.y / n;

    return true;
}

double fbc_leak_truth_ink(const struct fbc_leak_truth *t,
                          const struct fbc_leak_glyphs *g,
                          const struct fbc_leak_blocks *b, uint64_t *rows)
{
    const struct fbc_picture *p = &t->picture;
    const uint8_t *back = majority(p);
    struct fbc_correlation sum = { 0 };
    bool truth[BLOCKS], seen[BLOCKS];
    uint32_t x, y, i;

    *rows = 0;
    for ( y = 0; y < b->rows; y++ )
        for ( x = 0; x < b->cols; x += BLOCKS )
        {
            for ( i = 0; i < BLOCKS && x + i < b->cols; i++ )
            {
                const uint8_t *px = p->rgb + ((size_t)y * p->width +
                                              2 * (x + i)) * 3;

                truth[i] = memcmp(px, back, 3) || memcmp(px + 3, back, 3);
                seen[i] = g->pattern[(size_t)y * b->cols + x + i];
            }
            *rows += add_row(&sum, truth, seen, i);
        }

    return sum.xx > 0 && sum.yy > 0 ? sum.xy / sqrt(sum.xx * sum.yy) : 0;
}
