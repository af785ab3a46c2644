/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fbc_pack() and fbc_unpack() (tile.h) with the instructions of the viewer's
 * machine.  The hypervisor has none of them at hand: this is for view.c alone.
 */
#ifndef FBC_PARSE_VIEWPACK_H
#define FBC_PARSE_VIEWPACK_H

#include "core/tile.h"

#ifdef __x86_64__
#include <immintrin.h>

#define VIEW_SSSE3 __attribute__((__target__("ssse3")))

/* 16 pixels at a time; the rest is the caller's. */
VIEW_SSSE3 static size_t view_pack_ssse3(uint8_t *dst, const uint8_t *src,
                                         size_t pixels)
{
    const __m128i pick = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14,
                                       -1, -1, -1, -1);
    size_t n;

    for ( n = 0; pixels - n >= 16; n += 16, src += 64, dst += 48 )
    {
        const __m128i *s = (const __m128i *)src;
        __m128i *d = (__m128i *)dst;
        __m128i a = _mm_shuffle_epi8(_mm_loadu_si128(s), pick);
        __m128i b = _mm_shuffle_epi8(_mm_loadu_si128(s + 1), pick);
        __m128i c = _mm_shuffle_epi8(_mm_loadu_si128(s + 2), pick);
        __m128i e = _mm_shuffle_epi8(_mm_loadu_si128(s + 3), pick);

        _mm_storeu_si128(d, _mm_or_si128(a, _mm_slli_si128(b, 12)));
        _mm_storeu_si128(d + 1, _mm_or_si128(_mm_srli_si128(b, 4),
                                             _mm_slli_si128(c, 8)));
        _mm_storeu_si128(d + 2, _mm_or_si128(_mm_srli_si128(c, 8),
                                             _mm_slli_si128(e, 4)));
    }

    return n;
}

VIEW_SSSE3 static size_t view_unpack_ssse3(uint8_t *dst, const uint8_t *src,
                                           size_t pixels)
{
    const __m128i put = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1,
                                      9, 10, 11, -1);
    size_t n;

    for ( n = 0; pixels - n >= 16; n += 16, src += 48, dst += 64 )
    {
        const __m128i *s = (const __m128i *)src;
        __m128i *d = (__m128i *)dst;
        __m128i a = _mm_loadu_si128(s), b = _mm_loadu_si128(s + 1);
        __m128i c = _mm_loadu_si128(s + 2);

        _mm_storeu_si128(d, _mm_shuffle_epi8(a, put));
        _mm_storeu_si128(d + 1, _mm_shuffle_epi8(_mm_alignr_epi8(b, a, 12),
                                                 put));
        _mm_storeu_si128(d + 2, _mm_shuffle_epi8(_mm_alignr_epi8(c, b, 8),
                                                 put));
        _mm_storeu_si128(d + 3, _mm_shuffle_epi8(_mm_srli_si128(c, 4), put));
    }

    return n;
}

static inline size_t view_pack_some(uint8_t *dst, const uint8_t *src,
                                    size_t pixels)
{
    return __builtin_cpu_supports("ssse3")
           ? view_pack_ssse3(dst, src, pixels) : 0;
}

static inline size_t view_unpack_some(uint8_t *dst, const uint8_t *src,
                                      size_t pixels)
{
    return __builtin_cpu_supports("ssse3")
           ? view_unpack_ssse3(dst, src, pixels) : 0;
}

#else

static inline size_t view_pack_some(uint8_t *dst, const uint8_t *src,
                                    size_t pixels)
{
    (void)dst, (void)src, (void)pixels;

    return 0;
}

static inline size_t view_unpack_some(uint8_t *dst, const uint8_t *src,
                                      size_t pixels)
{
    (void)dst, (void)src, (void)pixels;

    return 0;
}

#endif

static inline void view_pack(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    size_t n = view_pack_some(dst, src, pixels);

    fbc_pack(dst + n * 3, src + n * 4, pixels - n);
}

static inline void view_unpack(uint8_t *dst, const uint8_t *src,
                               size_t pixels)
{
    size_t n = view_unpack_some(dst, src, pixels);

    fbc_unpack(dst + n * 4, src + n * 3, pixels - n);
}

#endif /* FBC_PARSE_VIEWPACK_H */
