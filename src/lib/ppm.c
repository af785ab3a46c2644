/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads and writes binary PPM (netpbm "P6"). */
#include "lib/picture.h"

#include <errno.h>
#include <stdio.h>

#include "lib/io.h"

int fbc_ppm_write(int fd, const struct fbc_picture *p, const char *name,
                  struct fbc_error *e)
{
    char head[48];
    int n = snprintf(head, sizeof(head), "P6\n%u %u\n255\n", p->width,
                     p->height);

    if ( fbc_write(fd, head, (size_t)n) ||
         fbc_write(fd, p->rgb, (size_t)p->width * p->height * 3) )
        return fbc_fail_errno(e, name);

    return 0;
}

/* The header is read byte by byte: what follows it must not be consumed. */
static int next_byte(int fd)
{
    uint8_t c;

    return fbc_read(fd, &c, 1, NULL) == 1 ? c : -1;
}

static bool is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* White space and comments, then digits, then one white-space byte. */
static int next_number(int fd, uint32_t max, uint32_t *out)
{
    unsigned int skipped = 0;
    bool comment = false;
    uint32_t v = 0;
    int c;

    while ( (c = next_byte(fd)) >= 0 )
    {
        if ( c == '#' )
            comment = true;
        else if ( comment )
            comment = c != '\n' && c != '\r';
        else if ( !is_space(c) )
            break;
        if ( ++skipped > 4096 )
            return -1;
    }

    if ( c < '0' || c > '9' )
        return -1;
    for ( ; c >= '0' && c <= '9'; c = next_byte(fd) )
    {
        v = v * 10 + (uint32_t)(c - '0');
        if ( v > max )
            return -1;
    }
    if ( !is_space(c) || !v )
        return -1;
    *out = v;

    return 0;
}

int fbc_ppm_read(int fd, struct fbc_picture *p, const char *name,
                 struct fbc_error *e)
{
    uint32_t width, height, maxval;
    size_t len;
    ssize_t n;

    if ( next_byte(fd) != 'P' || next_byte(fd) != '6' ||
         next_number(fd, FBC_PICTURE_MAX, &width) ||
         next_number(fd, FBC_PICTURE_MAX, &height) ||
         next_number(fd, 65535, &maxval) )
        return fbc_fail(e, FBC_EXIT_INPUT, name,
                        "is not a binary PPM of at most %u x %u",
                        FBC_PICTURE_MAX, FBC_PICTURE_MAX);
    if ( maxval != 255 )
        return fbc_fail(e, FBC_EXIT_INPUT, name, "maxval %u, not 255",
                        maxval);

    if ( fbc_picture_size(p, width, height, e) )
        return -1;
    len = (size_t)width * height * 3;
    n = fbc_read(fd, p->rgb, len, NULL);
    if ( n < 0 )
        return fbc_fail_errno(e, name);
    if ( (size_t)n < len )
        return fbc_fail(e, FBC_EXIT_INPUT, name, "is cut short");
    if ( next_byte(fd) >= 0 )
        return fbc_fail(e, FBC_EXIT_INPUT, name, "has trailing bytes");

    return 0;
}
