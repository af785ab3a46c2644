/* SPDX-License-Identifier: GPL-2.0-only */
/* Pixels of four bytes and of three. */
#include "core/pack.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "packing works on little-endian words");

/* Two pixels in a word: X R G B X R G B <-> 0 0 R G B R G B. */
static uint64_t pack2(uint64_t v)
{
    return (v & 0xffffff) | ((v >> 8) & UINT64_C(0xffffff000000));
}

static uint64_t unpack2(uint64_t v)
{
    return (v & 0xffffff) | ((v & UINT64_C(0xffffff000000)) << 8);
}

static uint64_t load(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));

    return v;
}

static void store(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, sizeof(v));
}

/*
 * Words that overlap cost less than shifting pixels together: of the eight
 * bytes stored or loaded six count.
 */
void fbc_pack(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    for ( ; pixels >= 8; pixels -= 8, src += 32, dst += 24 )
    {
        uint64_t c = pack2(load(src + 16)), d = pack2(load(src + 24));

        store(dst, pack2(load(src)));
        store(dst + 6, pack2(load(src + 8)));
        store(dst + 12, c);
        store(dst + 16, c >> 32 | d << 16);
    }

    for ( ; pixels; pixels--, src += 4, dst += 3 )
        memcpy(dst, src, 3);
}

void fbc_unpack(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    for ( ; pixels >= 8; pixels -= 8, src += 24, dst += 32 )
    {
        store(dst, unpack2(load(src)));
        store(dst + 8, unpack2(load(src + 6)));
        store(dst + 16, unpack2(load(src + 12)));
        store(dst + 24, unpack2(load(src + 16) >> 16));
    }

    for ( ; pixels; pixels--, src += 3, dst += 4 )
    {
        uint32_t v = src[0] | (uint32_t)src[1] << 8 | (uint32_t)src[2] << 16;

        memcpy(dst, &v, sizeof(v));
    }
}

#ifdef __x86_64__

#define SSSE3 __attribute__((__target__("ssse3")))

/* The compiler's own type and built-in: Xen has no <tmmintrin.h>. */
typedef char vec __attribute__((__vector_size__(16), __aligned__(1),
                                __may_alias__));

#define SHUFFLE(v, ...) __builtin_ia32_pshufb128(v, (vec){ __VA_ARGS__ })

bool fbc_pack_ssse3(void)
{
    uint32_t a = 1, b, c, d;

    __asm__ ( "cpuid" : "+a" (a), "=b" (b), "=c" (c), "=d" (d) );

    return c & (1u << 9);
}

/* As above, with 12 of 16 bytes.  These return how many pixels they did. */
SSSE3 static size_t pack_vec(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    size_t n;

    for ( n = 0; pixels - n >= 16; n += 16, src += 64, dst += 48 )
    {
        const vec *s = (const vec *)src;
        vec d = s[2], e = s[3];

        *(vec *)dst = SHUFFLE(s[0], 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14,
                              -1, -1, -1, -1);
        *(vec *)(dst + 12) = SHUFFLE(s[1], 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13,
                                     14, -1, -1, -1, -1);
        *(vec *)(dst + 24) = SHUFFLE(d, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14,
                                     -1, -1, -1, -1);
        *(vec *)(dst + 32) = SHUFFLE(d, 10, 12, 13, 14, -1, -1, -1, -1, -1, -1,
                                     -1, -1, -1, -1, -1, -1) |
                             SHUFFLE(e, -1, -1, -1, -1, 0, 1, 2, 4, 5, 6, 8, 9,
                                     10, 12, 13, 14);
    }

    return n;
}

SSSE3 static size_t unpack_vec(uint8_t *dst, const uint8_t *src,
                               size_t pixels)
{
    size_t n;

    for ( n = 0; pixels - n >= 16; n += 16, src += 48, dst += 64 )
    {
        vec *d = (vec *)dst;

        d[0] = SHUFFLE(*(const vec *)src, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8,
                       -1, 9, 10, 11, -1);
        d[1] = SHUFFLE(*(const vec *)(src + 12), 0, 1, 2, -1, 3, 4, 5, -1, 6,
                       7, 8, -1, 9, 10, 11, -1);
        d[2] = SHUFFLE(*(const vec *)(src + 24), 0, 1, 2, -1, 3, 4, 5, -1, 6,
                       7, 8, -1, 9, 10, 11, -1);
        d[3] = SHUFFLE(*(const vec *)(src + 32), 4, 5, 6, -1, 7, 8, 9, -1, 10,
                       11, 12, -1, 13, 14, 15, -1);
    }

    return n;
}

#else

bool fbc_pack_ssse3(void)
{
    return false;
}

static size_t pack_vec(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    (void)dst, (void)src, (void)pixels;

    return 0;
}

static size_t unpack_vec(uint8_t *dst, const uint8_t *src, size_t pixels)
{
    return pack_vec(dst, src, pixels);
}

#endif

/*
 * Rows lie far apart, so the CPU does not see what comes: most often what is to
 * the right.  Into the second cache: the first can wait for few lines at once.
 * A prefetch from outside of the picture does nothing.
 */
static void prefetch_right(const uint8_t *px, uint32_t w)
{
    uint32_t at;

    for ( at = w * 4; at < w * 8; at += 64 )
        __builtin_prefetch(px + at, 0, 2);
}

void fbc_pack_rect(uint8_t *packed, const uint8_t *px, size_t stride,
                   uint32_t w, uint32_t h, bool ssse3)
{
    for ( ; h; h--, px += stride, packed += w * 3u )
    {
        size_t n;

        prefetch_right(px, w);
        n = ssse3 ? pack_vec(packed, px, w) : 0;
        fbc_pack(packed + n * 3, px + n * 4, w - n);
    }
}

void fbc_unpack_rect(uint8_t *px, size_t stride, const uint8_t *packed,
                     uint32_t w, uint32_t h, bool ssse3)
{
    for ( ; h; h--, px += stride, packed += w * 3u )
    {
        size_t n;

        prefetch_right(px, w);
        n = ssse3 ? unpack_vec(px, packed, w) : 0;
        fbc_unpack(px + n * 4, packed + n * 3, w - n);
    }
}
