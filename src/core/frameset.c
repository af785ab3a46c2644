/* SPDX-License-Identifier: GPL-2.0-only */
/* Sorted frame numbers: merged in, a page's worth at a time, and looked up. */
#include "core/frameset.h"

/* Shell's method, with the gaps of Ciura: no recursion, no other memory. */
static void sort(uint64_t *a, size_t n)
{
    static const size_t gaps[] = { 301, 132, 57, 23, 10, 4, 1 };
    size_t g, i, j;

    for ( g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++ )
        for ( i = gaps[g]; i < n; i++ )
        {
            uint64_t v = a[i];

            for ( j = i; j >= gaps[g] && a[j - gaps[g]] > v; j -= gaps[g] )
                a[j] = a[j - gaps[g]];
            a[j] = v;
        }
}

void fbc_frameset_add(uint64_t *set, size_t n, uint64_t *chunk, size_t k)
{
    sort(chunk, k);

    /* From the end, where the room is. */
    while ( k )
        if ( n && set[n - 1] > chunk[k - 1] )
        {
            set[n + k - 1] = set[n - 1];
            n--;
        }
        else
        {
            set[n + k - 1] = chunk[k - 1];
            k--;
        }
}

bool fbc_frameset_has(const uint64_t *set, size_t n, uint64_t frame)
{
    while ( n )
    {
        size_t half = n / 2;

        if ( set[half] == frame )
            return true;
        if ( set[half] < frame )
        {
            set += half + 1;
            n -= half + 1;
        }
        else
            n = half;
    }

    return false;
}
