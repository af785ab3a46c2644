/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes YUV4MPEG2. */
#include "lib/frames/picture.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/io.h"

int fbc_y4m_begin(int fd, const struct fbc_picture *p, unsigned int fps,
                  const char *name, struct fbc_error *e)
{
    char head[96];
    int n = snprintf(head, sizeof(head), "YUV4MPEG2 W%u H%u F%u:1 Ip A1:1 "
                     "C444 XCOLORRANGE=FULL\n", p->width, p->height, fps);

    return fbc_write(fd, head, (size_t)n) ? fbc_fail_errno(e, name) : 0;
}

static uint8_t clamp(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

/* ITU-R BT.709, full range, in 16.16 fixed point. */
static void convert(const uint8_t *rgb, uint8_t *y, uint8_t *u, uint8_t *v)
{
    int r = rgb[0], g = rgb[1], b = rgb[2];

    *y = clamp((13933 * r + 46871 * g + 4732 * b + 32768) >> 16);
    *u = clamp(128 + ((-7509 * r - 25259 * g + 32768 * b + 32768) >> 16));
    *v = clamp(128 + ((32768 * r - 29763 * g - 3005 * b + 32768) >> 16));
}

int fbc_y4m_frame(int fd, const struct fbc_picture *p, const char *name,
                  struct fbc_error *e)
{
    static const char mark[] = "FRAME\n";
    size_t i, n = (size_t)p->width * p->height;
    uint8_t *yuv = malloc(n * 3);
    int rc = 0;

    if ( !yuv )
        return fbc_fail(e, FBC_EXIT_ENV, name, "no memory");
    for ( i = 0; i < n; i++ )
        convert(p->rgb + i * 3, yuv + i, yuv + n + i, yuv + 2 * n + i);
    if ( fbc_write(fd, mark, sizeof(mark) - 1) || fbc_write(fd, yuv, n * 3) )
        rc = fbc_fail_errno(e, name);
    fbc_wipe(yuv, n * 3);
    free(yuv);

    return rc;
}
