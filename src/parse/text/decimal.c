/* SPDX-License-Identifier: GPL-2.0-only */
/* Decimal digits. */
#include "parse/text/decimal.h"

bool fbc_decimal_read(const char *s, size_t n, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;
    size_t i;

    if ( !n || (s[0] == '0' && n > 1) )
        return false;
    for ( i = 0; i < n; i++ )
    {
        uint8_t digit = (uint8_t)(s[i] - '0');

        if ( digit > 9 || digit > max || v > (max - digit) / 10 )
            return false;
        v = v * 10 + digit;
    }
    *out = v;

    return true;
}

char *fbc_decimal_write(char *p, uint64_t v)
{
    char digits[FBC_DECIMAL_MAX];
    size_t i = sizeof(digits);

    do {
        digits[--i] = (char)('0' + v % 10);
        v /= 10;
    } while ( v );
    memcpy(p, digits + i, sizeof(digits) - i);

    return p + sizeof(digits) - i;
}
