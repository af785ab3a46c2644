/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the sizes of coded bands tell (fbc-formats(5), "Coded bands").
 *
 * Bands, and tiles that are not coded, are sorted by the counters of their
 * records.  An update seals them in the order of their numbers, one counter
 * after the other: where neither is broken, there is one update, or few that
 * came close together.
 */
#ifndef FBC_LIB_LEAKSIZE_H
#define FBC_LIB_LEAKSIZE_H

#include "lib/leak/leakscreen.h"

/* Changes of size in a run that updates do not explain. */
#define FBC_LEAK_SIZE_CHANGES 3u

struct fbc_leak_sizes {
    uint64_t updates[FBC_CODINGS];
    uint64_t sealed;            /* bands and tiles of these */
    uint32_t changes;           /* of size, in the run with the most */

    /* Private. */
    uint64_t *counter;          /* newest of each tile */
    struct fbc_leak_sealed *list;
    uint32_t cap;
};

/* anew: another shape than the frame before. */
int FBC_MUST_CHECK fbc_leak_sizes_feed(struct fbc_leak_sizes *t,
                                       const struct fbc_leak_screen *s,
                                       bool anew, struct fbc_error *e);

/* What the size of an update tells: entropy, in bits; log2 5 at most. */
double fbc_leak_sizes_bits(const struct fbc_leak_sizes *t);

void fbc_leak_sizes_free(struct fbc_leak_sizes *t);

#endif /* FBC_LIB_LEAKSIZE_H */
