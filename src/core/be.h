/* SPDX-License-Identifier: GPL-2.0-only */
/* Big-endian access, as network protocols have it. */
#ifndef FBC_CORE_BE_H
#define FBC_CORE_BE_H

#include "core/fbc.h"

static inline uint16_t fbc_get_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t fbc_get_be32(const uint8_t *p)
{
    return (uint32_t)fbc_get_be16(p) << 16 | fbc_get_be16(p + 2);
}

static inline void fbc_put_be16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void fbc_put_be32(uint8_t *p, uint32_t v)
{
    fbc_put_be16(p, (uint16_t)(v >> 16));
    fbc_put_be16(p + 2, (uint16_t)v);
}

#endif /* FBC_CORE_BE_H */
