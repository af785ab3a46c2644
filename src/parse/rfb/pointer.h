/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a pixel of the guest's screen to what a VNC client must send.
 *
 * QEMU scales a client's coordinate v on an axis of n pixels (of the shadow,
 * metadata rows included) to v * 32767 / n (ui/input.c, qemu_input_scale_axis)
 * and the Xen keyboard that to ... * (n - 1) / 32767 (hw/display/xenfb.c,
 * xenfb_mouse_event), rounding down both times.  The guest takes the result
 * for a pixel of its own screen: it knows nothing of the shadow.  So nothing
 * depends on how rows of the screen lie in the shadow, but on the two
 * roundings: mostly, the right answer is one more than the pixel.
 *
 * The guest's range is what its driver was told: 800 x 600 with Linux, unless
 * its xenstore or command line says otherwise.  On a screen of another size
 * the guest scales, with fbcrypt or without.
 */
#ifndef FBC_PARSE_POINTER_H
#define FBC_PARSE_POINTER_H

#include "core/fbc.h"

/* The guest gets this pixel of n on an axis when v, below 65536, is sent. */
static inline uint32_t fbc_pointer_forward(uint32_t v, uint32_t n)
{
    return (uint32_t)((uint64_t)v * 32767 / n * (n - 1) / 32767);
}

/*
 * Sent, this value gives the guest pixel, below n; where none does, the
 * nearest one (the last pixel, and some on narrow screens).
 */
static inline uint32_t fbc_pointer_inverse(uint32_t pixel, uint32_t n)
{
    uint32_t v = pixel;

    while ( v < n - 1 && fbc_pointer_forward(v, n) < pixel )
        v++;

    return v;
}

#endif /* FBC_PARSE_POINTER_H */
