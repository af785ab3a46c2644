/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statistics of single tiles, and of tiles against each other.
 *
 * Only tiles that changed since the frame before are looked at.  Pixels that
 * are exactly 0 count as not written yet and are left out of all statistics:
 * ciphertext has one in 2^24 of them.
 */
#ifndef FBC_LIB_LEAKTILE_H
#define FBC_LIB_LEAKTILE_H

#include "lib/leak/leakscreen.h"
#include "lib/leak/leakstat.h"

/*
 * A frame that is read while it is written shows a tile partly old and partly
 * new; reader and writer both go downwards, so at most one row a crossing
 * holds both.
 */
#define FBC_LEAK_TORN_ROWS 4u

struct fbc_leak_tiles {
    uint64_t seen;              /* tiles that were new or had changed */
    uint64_t judged;            /* long enough for a chi-square */
    uint64_t uneven;            /* of these, not random */
    uint64_t smooth;            /* tiles of several colours with neighbouring
                                   pixels that are equal */
    double chi2_max, entropy_min, entropy_sum;  /* of the judged ones */
    struct fbc_histogram bytes; /* of all of them together */

    uint64_t uniform;           /* tiles of one colour */
    uint64_t uniform_shadow;    /* not black, in a shadow */
    uint32_t colour;            /* of the first uniform tile, 0xrrggbb */
    bool colours;               /* there is a second one */

    uint64_t again_here;        /* contents seen earlier at the same place */
    uint64_t again_elsewhere;
    double again_mean;          /* by chance, both */

    uint64_t partial;           /* tiles with blocks that changed beside
                                   blocks that did not, in many rows */
    struct fbc_histogram xor;   /* of old and new bytes where pixels differ */

    /* Private. */
    struct fbc_leak_hash *hash;
    size_t size, used;
};

/*
 * prev: the frame before if it had the same shape, else NULL.  flat (one byte
 * a tile) receives whether a tile has one colour.
 */
int FBC_MUST_CHECK fbc_leak_tiles_feed(struct fbc_leak_tiles *t,
                                       const struct fbc_leak_screen *s,
                                       const struct fbc_leak_screen *prev,
                                       uint8_t *flat, struct fbc_error *e);
void fbc_leak_tiles_free(struct fbc_leak_tiles *t);

#endif /* FBC_LIB_LEAKTILE_H */
