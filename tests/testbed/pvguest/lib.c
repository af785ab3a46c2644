/* SPDX-License-Identifier: GPL-2.0-only */
/* Strings, numbers, checksums and arguments. */

#include "lib.h"

void *memcpy(void *dst, const void *src, size_t n)
{
    void *d = dst;

    asm volatile ( "rep movsb" : "+D" (d), "+S" (src), "+c" (n) :: "memory" );

    return dst;
}

void *memset(void *dst, int c, size_t n)
{
    void *d = dst;

    asm volatile ( "rep stosb" : "+D" (d), "+c" (n) : "a" (c) : "memory" );

    return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *p = a, *q = b;

    for ( ; n; n--, p++, q++ )
        if ( *p != *q )
            return *p - *q;

    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while ( READ_ONCE(s[n]) )
        n++;

    return n;
}

int strcmp(const char *a, const char *b)
{
    for ( ; *a && *a == *b; a++, b++ )
        ;

    return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for ( ; n && *a && *a == *b; n--, a++, b++ )
        ;

    return n ? (uint8_t)*a - (uint8_t)*b : 0;
}

long parse_long(const char *s)
{
    unsigned long v = 0;
    unsigned int base = 10;
    bool neg = *s == '-';

    s += neg;
    if ( s[0] == '0' && s[1] == 'x' )
    {
        base = 16;
        s += 2;
    }

    for ( ; ; s++ )
    {
        unsigned int d;

        if ( *s >= '0' && *s <= '9' )
            d = *s - '0';
        else if ( base == 16 && *s >= 'a' && *s <= 'f' )
            d = *s - 'a' + 10;
        else
            return neg ? -v : v;
        v = v * base + d;
    }
}

static void put_number(char *buf, size_t size, size_t *pos, unsigned long v,
                       unsigned int base, bool neg, char pad,
                       unsigned int width)
{
    char digits[24];
    unsigned int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while ( v );
    while ( n + neg < width && n < sizeof(digits) - 1 )
        digits[n++] = pad;
    if ( neg )
        digits[n++] = '-';

    while ( n-- )
        if ( *pos + 1 < size )
            buf[(*pos)++] = digits[n];
}

size_t vformat(char *buf, size_t size, const char *fmt, va_list ap)
{
    size_t pos = 0;

    for ( ; *fmt; fmt++ )
    {
        unsigned int width = 0, lng = 0;
        char pad = ' ';

        if ( *fmt != '%' )
        {
            if ( pos + 1 < size )
                buf[pos++] = *fmt;
            continue;
        }

        fmt++;
        if ( *fmt == '0' )
            pad = *fmt++;
        for ( ; *fmt >= '0' && *fmt <= '9'; fmt++ )
            width = width * 10 + *fmt - '0';
        for ( ; *fmt == 'l' || *fmt == 'z'; fmt++ )
            lng++;

        switch ( *fmt )
        {
            const char *s;
            long v;

        case 's':
            for ( s = va_arg(ap, const char *); *s; s++ )
                if ( pos + 1 < size )
                    buf[pos++] = *s;
            break;

        case 'c':
            v = va_arg(ap, int);
            if ( pos + 1 < size )
                buf[pos++] = v;
            break;

        case 'd':
            v = lng ? va_arg(ap, long) : va_arg(ap, int);
            put_number(buf, size, &pos,
                       v < 0 ? -(unsigned long)v : (unsigned long)v, 10,
                       v < 0, pad, width);
            break;

        case 'u':
        case 'x':
            put_number(buf, size, &pos,
                       lng ? va_arg(ap, unsigned long)
                           : va_arg(ap, unsigned int),
                       *fmt == 'u' ? 10 : 16, false, pad, width);
            break;
        }
    }

    buf[pos] = '\0';

    return pos;
}

size_t format(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    size_t n;

    va_start(ap, fmt);
    n = vformat(buf, size, fmt, ap);
    va_end(ap);

    return n;
}

uint32_t crc32(uint32_t crc, const void *data, size_t n)
{
    static uint32_t table[256];
    const uint8_t *p = data;

    if ( !table[1] )
        for ( unsigned int i = 0; i < 256; i++ )
        {
            uint32_t c = i;

            for ( unsigned int k = 0; k < 8; k++ )
                c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
            table[i] = c;
        }

    for ( crc = ~crc; n; n-- )
        crc = table[(crc ^ *p++) & 0xff] ^ (crc >> 8);

    return ~crc;
}

void rng_seed(struct rng *r, uint32_t seed)
{
    r->s = seed ?: 0x9e3779b9;
}

uint32_t rng_next(struct rng *r)
{
    r->s ^= r->s << 13;
    r->s ^= r->s >> 17;
    r->s ^= r->s << 5;

    return r->s;
}

static const char *cmdline = "";

void args_init(const char *line)
{
    cmdline = line;
}

bool arg_str(const char *key, char *buf, size_t size)
{
    size_t klen = strlen(key);

    for ( const char *p = cmdline; *p; )
    {
        while ( *p == ' ' )
            p++;
        if ( !strncmp(p, key, klen) && p[klen] == '=' )
        {
            size_t n = 0;

            for ( p += klen + 1; *p && *p != ' ' && n + 1 < size; p++ )
                buf[n++] = *p;
            buf[n] = '\0';
            return true;
        }
        while ( *p && *p != ' ' )
            p++;
    }

    return false;
}

long arg_long(const char *key, long def)
{
    char buf[32];

    return arg_str(key, buf, sizeof(buf)) ? parse_long(buf) : def;
}
