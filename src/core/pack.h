/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pixels of four bytes <-> packed ones of three.  The fourth byte is not read,
 * and written as 0.  No byte outside is touched, nothing need be aligned, and
 * both sides must not overlap.
 */
#ifndef FBC_CORE_PACK_H
#define FBC_CORE_PACK_H

#include "core/fbc.h"

/* A row.  These use no vector register. */
void fbc_pack(uint8_t *dst, const uint8_t *src, size_t pixels);
void fbc_unpack(uint8_t *dst, const uint8_t *src, size_t pixels);

/* Has this CPU SSSE3?  CPUID is slow in a virtual machine: ask once. */
bool fbc_pack_ssse3(void);

/*
 * A rectangle of h rows of w pixels, which lie stride bytes apart, from and to
 * a packed buffer.  ssse3: what fbc_pack_ssse3() said, and false where vector
 * registers are out of reach; in Xen, the caller holds the FPU.
 */
void fbc_pack_rect(uint8_t *packed, const uint8_t *px, size_t stride,
                   uint32_t w, uint32_t h, bool ssse3);
void fbc_unpack_rect(uint8_t *px, size_t stride, const uint8_t *packed,
                     uint32_t w, uint32_t h, bool ssse3);

#endif /* FBC_CORE_PACK_H */
