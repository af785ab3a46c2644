/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sizes of coded bands tell. */
#include "lib/leak/leaksize.h"

#include <math.h>
#include <stdlib.h>

struct fbc_leak_sealed {
    uint64_t counter;
    uint32_t tile;
    uint8_t coding;
    bool small;                 /* has no room for what its update has */
};

static int by_counter(const void *a, const void *b)
{
    const struct fbc_leak_sealed *x = a, *y = b;

    return x->counter < y->counter ? -1 : x->counter > y->counter;
}

static int begin(struct fbc_leak_sizes *t, uint32_t tiles,
                 struct fbc_error *e)
{
    free(t->counter);
    free(t->list);
    t->counter = calloc(tiles, sizeof(*t->counter));
    t->list = calloc(tiles, sizeof(*t->list));
    t->cap = tiles;

    return t->counter && t->list
           ? 0 : fbc_fail(e, FBC_EXIT_ENV, "sizes", "no memory");
}

static void count(struct fbc_leak_sizes *t, uint32_t n)
{
    const struct fbc_leak_sealed *l = t->list, *size = NULL;
    uint32_t i, changes = 0;

    for ( i = 0; i < n; i++ )
    {
        if ( i && (l[i].counter != l[i - 1].counter + 1 ||
                   l[i].tile <= l[i - 1].tile) )
        {
            size = NULL;
            changes = 0;
        }
        if ( l[i].small )
            continue;

        t->sealed++;
        changes += size && size->coding != l[i].coding;
        if ( !size || size->coding != l[i].coding )
            t->updates[l[i].coding]++;
        size = &l[i];
        if ( changes > t->changes )
            t->changes = changes;
    }
}

int fbc_leak_sizes_feed(struct fbc_leak_sizes *t,
                        const struct fbc_leak_screen *s, bool anew,
                        struct fbc_error *e)
{
    const uint32_t tiles = s->cols * s->bands;
    uint32_t tile, n = 0;

    if ( !s->coded )
        return 0;
    if ( (anew || t->cap != tiles) && begin(t, tiles, e) )
        return -1;

    for ( tile = 0; tile < tiles; tile++ )
    {
        const struct fbc_leak_record *r = &s->record[tile];
        struct fbc_rect q = fbc_leak_screen_tile(s, tile);

        if ( !r->counter || r->counter == t->counter[tile] )
            continue;
        t->counter[tile] = r->counter;
        t->list[n++] = (struct fbc_leak_sealed){
            r->counter, tile, (uint8_t)r->coding,
            r->coding == FBC_CODING_NONE &&
                !fbc_has_coding(FBC_CODING_ANY, s->width, q.h),
        };
    }
    qsort(t->list, n, sizeof(*t->list), by_counter);
    count(t, n);

    return 0;
}

double fbc_leak_sizes_bits(const struct fbc_leak_sizes *t)
{
    double all = 0, bits = 0;
    unsigned int i;

    for ( i = 0; i < FBC_CODINGS; i++ )
        all += (double)t->updates[i];
    for ( i = 0; i < FBC_CODINGS; i++ )
        if ( t->updates[i] )
            bits -= (double)t->updates[i] / all *
                    log2((double)t->updates[i] / all);

    return bits;
}

void fbc_leak_sizes_free(struct fbc_leak_sizes *t)
{
    free(t->counter);
    free(t->list);
    memset(t, 0, sizeof(*t));
}
