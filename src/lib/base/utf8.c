/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of others: what of it is UTF-8, what a terminal would obey. */
#include "lib/base/utf8.h"

#include <string.h>

size_t fbc_utf8_len(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i, n;

    if ( s[0] < 0x80 )
        return 1;
    else if ( s[0] >= 0xc2 && s[0] <= 0xdf )
        n = 2;
    else if ( s[0] >= 0xe0 && s[0] <= 0xef )
        n = 3;
    else if ( s[0] >= 0xf0 && s[0] <= 0xf4 )
        n = 4;
    else
        return 0;

    for ( i = 1; i < n; i++ )
        if ( (s[i] & 0xc0) != 0x80 )
            return 0;

    /* Overlong forms, surrogates, above U+10FFFF. */
    if ( (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
         (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f) )
        return 0;

    return n;
}

size_t fbc_utf8_next(const char *text, bool *control)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = fbc_utf8_len(text);

    *control = s[0] < 0x20 || s[0] == 0x7f ||
               (!n && s[0] >= 0x80 && s[0] < 0xa0) ||
               (n == 2 && s[0] == 0xc2 && s[1] < 0xa0);

    return n ? n : 1;
}

void fbc_utf8_clean(char *s)
{
    char *to = s;
    bool control;
    size_t n;

    for ( ; *s; s += n )
    {
        n = fbc_utf8_next(s, &control);
        if ( control )
            *to++ = '?';
        else
        {
            memmove(to, s, n);
            to += n;
        }
    }
    *to = 0;
}
