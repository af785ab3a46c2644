/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads and writes binary PPM (netpbm "P6"). */
#include "lib/frames/picture.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/io.h"
#include "parse/picture/ppm.h"

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

/* Byte by byte: what follows the header must not be consumed. */
static int read_header(int fd, struct fbc_ppm *h, const char *name,
                       struct fbc_error *e)
{
    enum fbc_err err = FBC_ERR_PENDING;
    ssize_t n = 1;
    uint8_t c;

    fbc_ppm_begin(h);
    while ( err == FBC_ERR_PENDING && (n = fbc_read(fd, &c, 1, NULL)) == 1 )
        err = fbc_ppm_feed(h, c);
    if ( !err )
        return 0;
    if ( n < 0 )
        return fbc_fail_errno(e, name);
    if ( err == FBC_ERR_RANGE )
        return fbc_fail(e, FBC_EXIT_INPUT, name, "its maxval is not 255");

    return fbc_fail(e, FBC_EXIT_INPUT, name,
                    "is not a binary PPM of at most %u x %u",
                    FBC_PPM_MAX_SIDE, FBC_PPM_MAX_SIDE);
}

int fbc_ppm_read(int fd, struct fbc_picture *p, const char *name,
                 struct fbc_error *e)
{
    struct fbc_ppm h;
    size_t len;
    uint8_t more;
    ssize_t n;

    if ( read_header(fd, &h, name, e) ||
         fbc_picture_size(p, h.width, h.height, e) )
        return -1;
    len = (size_t)h.width * h.height * 3;
    n = fbc_read(fd, p->rgb, len, NULL);
    if ( n < 0 )
        return fbc_fail_errno(e, name);
    if ( (size_t)n < len )
        return fbc_fail(e, FBC_EXIT_INPUT, name, "is cut short");
    n = fbc_read(fd, &more, 1, NULL);
    if ( n < 0 )
        return fbc_fail_errno(e, name);
    if ( n )
        return fbc_fail(e, FBC_EXIT_INPUT, name, "has trailing bytes");

    return 0;
}
