/* SPDX-License-Identifier: GPL-2.0-only */
/* Packed pixels whose first and third byte change places. */
#include "parse/shadow/rgb.h"

#ifdef __x86_64__

typedef char vec __attribute__((__vector_size__(16), __aligned__(1),
                                __may_alias__));

/*
 * Five pixels of a vector that has room for five and a third: the last byte is
 * written again with the next five.  Returns how many pixels it did.
 */
__attribute__((__target__("ssse3")))
static size_t swap_vec(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    const vec order = { 2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 15 };
    size_t n;

    for ( n = 0; pixels - n >= 6; n += 5, src += 15, dst += 15 )
        *(vec *)dst = __builtin_ia32_pshufb128(*(const vec *)src, order);

    return n;
}

#else

static size_t swap_vec(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    (void)dst, (void)src, (void)pixels;

    return 0;
}

#endif

void fbc_rgb_swap(uint8_t *dst, const uint8_t *src, size_t pixels, bool ssse3)
{
    size_t n = ssse3 ? swap_vec(dst, src, pixels) : 0;

    for ( dst += n * 3, src += n * 3; n < pixels; n++, dst += 3, src += 3 )
    {
        dst[0] = src[2];
        dst[1] = src[1];
        dst[2] = src[0];
    }
}
