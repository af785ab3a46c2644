/* SPDX-License-Identifier: GPL-2.0-only */
/* Hexadecimal digits. */
#include "parse/text/hex.h"

static int value(char c)
{
    if ( c >= '0' && c <= '9' )
        return c - '0';
    if ( c >= 'a' && c <= 'f' )
        return c - 'a' + 10;

    return -1;
}

bool fbc_hex_read(const char *s, size_t n, uint8_t *out, size_t bytes)
{
    size_t i;

    if ( n != 2 * bytes )
        return false;

    for ( i = 0; i < bytes; i++ )
    {
        int hi = value(s[2 * i]), lo;

        if ( hi < 0 || (lo = value(s[2 * i + 1])) < 0 )
            return false;
        if ( out )
            out[i] = (uint8_t)(hi << 4 | lo);
    }

    return true;
}

char *fbc_hex_write(char *p, const uint8_t *v, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;

    for ( i = 0; i < n; i++ )
    {
        *p++ = digits[v[i] >> 4];
        *p++ = digits[v[i] & 15];
    }

    return p;
}
