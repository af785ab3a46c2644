/* SPDX-License-Identifier: GPL-2.0-only */
/* Says what is odd about a text file. */
#include "lib/base/oddtext.h"

#include <string.h>

const char *fbc_odd_text(const void *text, size_t len)
{
    const unsigned char *p = text;

    /* With its mark, or ASCII in either byte order. */
    if ( len >= 2 && ((p[0] == 0xff && p[1] == 0xfe) ||
                      (p[0] == 0xfe && p[1] == 0xff) ||
                      (!p[0] && p[1]) || (p[0] && p[0] < 0x80 && !p[1])) )
        return "is in UTF-16, not in ASCII or UTF-8";
    if ( len >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf )
        return "begins with a byte order mark, which must go";
    if ( memchr(p, '\r', len) )
        return "has lines that end in CR or CRLF, not in LF";

    return NULL;
}
