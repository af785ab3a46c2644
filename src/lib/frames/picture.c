/* SPDX-License-Identifier: GPL-2.0-only */
/* Pictures in memory. */
#include "lib/frames/picture.h"

#include <stdlib.h>

int fbc_picture_size(struct fbc_picture *p, uint32_t width, uint32_t height,
                     struct fbc_error *e)
{
    size_t len = (size_t)width * height * 3;
    uint8_t *rgb;

    if ( !width || !height || width > FBC_PICTURE_MAX ||
         height > FBC_PICTURE_MAX )
        return fbc_fail(e, FBC_EXIT_INPUT, "picture",
                        "%u x %u pixels is out of range", width, height);
    if ( p->rgb && p->width == width && p->height == height )
        return 0;

    if ( len > p->cap )
    {
        /* realloc() would leave the old picture behind. */
        rgb = malloc(len);
        if ( !rgb )
            return fbc_fail(e, FBC_EXIT_ENV, "picture", "no memory");
        fbc_picture_free(p);
        p->rgb = rgb;
        p->cap = len;
    }
    memset(p->rgb, 0, len);
    p->width = width;
    p->height = height;

    return 0;
}

void fbc_picture_free(struct fbc_picture *p)
{
    if ( p->rgb )
        fbc_wipe(p->rgb, p->cap);
    free(p->rgb);
    memset(p, 0, sizeof(*p));
}

void fbc_picture_set_row(struct fbc_picture *p, uint32_t y,
                         const uint8_t *bgrx)
{
    uint8_t *d = p->rgb + (size_t)y * p->width * 3;
    uint32_t x;

    for ( x = 0; x < p->width; x++, d += 3, bgrx += 4 )
    {
        d[0] = bgrx[2];
        d[1] = bgrx[1];
        d[2] = bgrx[0];
    }
}

void fbc_picture_get_row(const struct fbc_picture *p, uint32_t y,
                         uint8_t *bgrx)
{
    const uint8_t *s = p->rgb + (size_t)y * p->width * 3;
    uint32_t x;

    for ( x = 0; x < p->width; x++, s += 3, bgrx += 4 )
    {
        bgrx[0] = s[2];
        bgrx[1] = s[1];
        bgrx[2] = s[0];
        bgrx[3] = 0;
    }
}
