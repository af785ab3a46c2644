/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Blocks of two pixels (48 bits) at fixed places: which values each place
 * showed over time, and which are equal in one frame.  This is what a cipher
 * without fresh nonces gives away (the paper's RC5 has this very block;
 * larger blocks are made of such).  Values that are 0 do not count.
 *
 * Values are kept as small codes, one plane of codes a frame, in bounded
 * memory: when there are too many planes every other one is dropped.
 */
#ifndef FBC_LIB_LEAKBLOCK_H
#define FBC_LIB_LEAKBLOCK_H

#include "lib/leak/leakscreen.h"

#define FBC_LEAK_CODES  32u     /* values remembered a place */
#define FBC_LEAK_OTHER  255u    /* code of every later one */
#define FBC_LEAK_PLANES 256u

struct fbc_leak_blocks {
    uint32_t cols, rows;        /* blocks: width / 2, height */
    uint64_t returned;          /* values that came back after another one */
    double returned_mean;       /* by chance */
    uint64_t repeated;          /* values seen elsewhere in the same frame, in
                                   the first frames and a few later ones */
    double repeated_mean;

    uint64_t *values;           /* of code 0 at all places, of code 1 ... */
    uint8_t *used;              /* how many a place has, and a flag */
    uint8_t *now;               /* codes of the newest frame */
    uint8_t *plane[FBC_LEAK_PLANES];    /* of frames before, oldest first */
    uint32_t planes, limit;
    uint64_t frames;
    uint32_t step, skip;        /* one frame in step is kept */
    uint64_t *sort;             /* two scratch arrays */
};

/* Forgets the places, keeps the counts. */
int FBC_MUST_CHECK fbc_leak_blocks_begin(struct fbc_leak_blocks *b,
                                         const struct fbc_leak_screen *s,
                                         struct fbc_error *e);

/* s differs from the frame before.  flat: a byte a tile, see leaktile.h. */
int FBC_MUST_CHECK fbc_leak_blocks_feed(struct fbc_leak_blocks *b,
                                        const struct fbc_leak_screen *s,
                                        const uint8_t *flat,
                                        struct fbc_error *e);
void fbc_leak_blocks_free(struct fbc_leak_blocks *b);

#endif /* FBC_LIB_LEAKBLOCK_H */
