/* SPDX-License-Identifier: GPL-2.0-only */
/* Base64 in constant time. */
#include "parse/text/base64.h"

/*
 * No tables and no branches on data, as it may be secret.
 * between() is all ones for lo <= c <= hi, else 0.
 */
static uint32_t between(uint32_t c, uint32_t lo, uint32_t hi)
{
    return 0u - (((lo - 1 - c) & (c - hi - 1)) >> 31);
}

static char base64_digit(uint32_t v)
{
    return (char)((between(v, 0, 25) & (v + 'A')) |
                  (between(v, 26, 51) & (v - 26 + 'a')) |
                  (between(v, 52, 61) & (v - 52 + '0')) |
                  (between(v, 62, 62) & '+') |
                  (between(v, 63, 63) & '/'));
}

/* All ones when c is no digit. */
static uint32_t base64_value(uint8_t c)
{
    return ((between(c, 'A', 'Z') & (c - 'A' + 1u)) |
            (between(c, 'a', 'z') & (c - 'a' + 27u)) |
            (between(c, '0', '9') & (c - '0' + 53u)) |
            (between(c, '+', '+') & 63u) |
            (between(c, '/', '/') & 64u)) - 1;
}

void fbc_base64_encode(char *out, const uint8_t *in, size_t len)
{
    size_t i, j, left;
    uint32_t v;

    for ( i = 0; i < len; i += 3 )
    {
        left = len - i < 3 ? len - i : 3;
        v = (uint32_t)in[i] << 16;
        if ( left > 1 )
            v |= (uint32_t)in[i + 1] << 8;
        if ( left > 2 )
            v |= in[i + 2];
        for ( j = 0; j < 4; j++ )
            *out++ = j <= left ? base64_digit((v >> (18 - 6 * j)) & 63) : '=';
    }
}

bool fbc_base64_decode(uint8_t *out, size_t len, const char *in)
{
    uint32_t bad = 0, v, digit;
    size_t i, j, left;

    for ( i = 0; i < len; i += 3 )
    {
        left = len - i < 3 ? len - i : 3;
        v = 0;
        for ( j = 0; j < 4; j++, in++ )
        {
            digit = 0;
            if ( j <= left )
                digit = base64_value((uint8_t)*in);
            else
                bad |= (uint8_t)*in ^ '=';
            bad |= digit & ~63u;
            v = (v << 6) | (digit & 63);
        }
        for ( j = 0; j < left; j++ )
            out[i + j] = (uint8_t)(v >> (16 - 8 * j));
        for ( ; j < 3; j++ )
            bad |= (v >> (16 - 8 * j)) & 0xff;
    }

    return !bad;
}

size_t fbc_base64_bytes(const char *text, size_t len)
{
    if ( !len || len % 4 )
        return 0;

    return len / 4 * 3 - (text[len - 1] == '=') - (text[len - 2] == '=');
}
