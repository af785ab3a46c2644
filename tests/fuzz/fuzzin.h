/* SPDX-License-Identifier: GPL-2.0-only */
/* Operands out of a fuzzer's input; zeros when it is used up. */
#ifndef FBC_FUZZ_FUZZIN_H
#define FBC_FUZZ_FUZZIN_H

#include <stddef.h>
#include <stdint.h>

struct in {
    const uint8_t *p;
    size_t left;
};

static inline uint8_t u8(struct in *in)
{
    if ( !in->left )
        return 0;
    in->left--;

    return *in->p++;
}

static inline uint32_t u32(struct in *in)
{
    uint32_t v = u8(in);

    v |= (uint32_t)u8(in) << 8;
    v |= (uint32_t)u8(in) << 16;

    return v | (uint32_t)u8(in) << 24;
}

#endif /* FBC_FUZZ_FUZZIN_H */
