/* SPDX-License-Identifier: GPL-2.0-only */
/* Compares what dom0 saw with the picture that was really shown. */
#ifndef FBC_LIB_LEAKTRUTH_H
#define FBC_LIB_LEAKTRUTH_H

#include "lib/leak/leakglyph.h"
#include "lib/leak/leakscreen.h"
#include "lib/leak/leakstat.h"

/* Correlation of ink at which it counts; and from how many rows on. */
#define FBC_LEAK_INK_LIMIT 0.2
#define FBC_LEAK_INK_ROWS  64u

struct fbc_leak_truth {
    struct fbc_picture picture;
    uint64_t frames;            /* compared */
    /* Brightness of truth and of what was seen: the frame where it exceeds
       chance most, in standard deviations. */
    double r, sigmas;
};

/*
 * Does nothing when the size is another.  Tiles of one colour are left out,
 * and the rest are independent of the truth if encrypted: r is 0 with a
 * standard deviation of 1 / sqrt(pixels).
 */
void fbc_leak_truth_feed(struct fbc_leak_truth *t,
                         const struct fbc_leak_screen *s, const uint8_t *flat);

/*
 * Correlation of true ink with what the temporal attack takes for ink, within
 * the rows of tiles: what a whole tile does, or the upper part of one that
 * was being written, says nothing.  *rows: how many had both sorts.
 */
double fbc_leak_truth_ink(const struct fbc_leak_truth *t,
                          const struct fbc_leak_glyphs *g,
                          const struct fbc_leak_blocks *b, uint64_t *rows);

#endif /* FBC_LIB_LEAKTRUTH_H */
