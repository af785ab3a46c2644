/* SPDX-License-Identifier: GPL-2.0-only */
/* Packed pixels whose first and third byte change places. */
#ifndef FBC_PARSE_RGB_H
#define FBC_PARSE_RGB_H

#include "core/fbc.h"

/*
 * Blue, green, red to red, green, blue, three bytes a pixel; no byte outside is
 * touched, both sides must not overlap.  ssse3: fbc_pack_ssse3() or false.
 */
void fbc_rgb_swap(uint8_t *dst, const uint8_t *src, size_t pixels,
                  bool ssse3);

#endif /* FBC_PARSE_RGB_H */
