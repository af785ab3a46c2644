/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of frame numbers as a sorted array: whether a frame is in it takes a
 * few comparisons, however the numbers were chosen.  Duplicates may stay.
 */
#ifndef FBC_CORE_FRAMESET_H
#define FBC_CORE_FRAMESET_H

#include "core/fbc.h"

/* Numbers that may come at a time: what one page lists. */
#define FBC_FRAMESET_CHUNK 512

/*
 * Adds k numbers, FBC_FRAMESET_CHUNK at most, to the n that set holds; set has
 * room for n + k.  chunk is sorted in place.
 */
void fbc_frameset_add(uint64_t *set, size_t n, uint64_t *chunk, size_t k);

bool FBC_MUST_CHECK fbc_frameset_has(const uint64_t *set, size_t n,
                                     uint64_t frame);

#endif /* FBC_CORE_FRAMESET_H */
