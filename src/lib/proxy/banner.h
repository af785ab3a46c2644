/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mark on a picture that is not live.  The old picture goes dark and grey
 * under a red hatch, so that every part of it tells; a band across the middle
 * says why.
 *
 * Pictures and screens have 4 bytes a pixel: blue, green, red, 0; rows packed.
 */
#ifndef FBC_LIB_BANNER_H
#define FBC_LIB_BANNER_H

#include "core/geom.h"

#define FBC_BANNER_HATCH 32         /* pixels from one stripe to the next */
#define FBC_BANNER_TITLE "NOT LIVE"

/* Paints a rectangle of the screen into a picture that is marked. */
void fbc_banner_dim(uint8_t *picture, const uint8_t *screen, uint32_t width,
                    const struct fbc_rect *r);

/* The band of a picture: in its whole width, of constant height. */
struct fbc_rect fbc_banner_rect(uint32_t width, uint32_t height);

/* Draws the band.  text is ASCII; what does not fit is left out. */
void fbc_banner_draw(uint8_t *picture, uint32_t width, uint32_t height,
                     const char *text);

#endif /* FBC_LIB_BANNER_H */
