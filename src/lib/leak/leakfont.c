/* SPDX-License-Identifier: GPL-2.0-only */
/* The font of a text console. */
#include "lib/leak/leakfont.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "parse/picture/psf.h"

#define FONT_FILE_MAX (1u << 20)    /* unpacked */

static int read_file(const char *path, uint8_t *buf, size_t *len,
                     struct fbc_error *e)
{
    gzFile f;
    int n;

    errno = 0;
    f = gzopen(path, "rb");
    if ( !f )
        return fbc_fail_errno(e, path);
    n = gzread(f, buf, FONT_FILE_MAX + 1);
    if ( gzclose(f) != Z_OK || n < 0 )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "cannot be read: a file "
                        "that is damaged or cut short");
    if ( (unsigned int)n > FONT_FILE_MAX )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "is too large for a font");
    *len = (size_t)n;

    return 0;
}

static void take_font(struct fbc_leak_font *f, const struct fbc_psf *psf)
{
    uint32_t g, x, y;

    memset(f, 0, sizeof(*f));
    f->height = psf->height;
    for ( g = 0; g < FBC_LEAK_GLYPHS; g++ )
        for ( y = 0; y < psf->height; y++ )
            for ( x = 0; x < FBC_LEAK_CELL_W; x++ )
                if ( fbc_psf_pixel(psf, FBC_LEAK_FIRST + g, x, y) )
                {
                    f->row[g][y] |= (uint8_t)(0x80 >> x);
                    *(x % 2 ? &f->right[g] : &f->left[g]) |=
                        UINT64_C(1) << (4 * y + x / 2);
                }
}

int fbc_leak_font_load(struct fbc_leak_font *f, const char *path,
                       struct fbc_error *e)
{
    uint8_t *buf = malloc(FONT_FILE_MAX + 1);
    struct fbc_psf psf;
    enum fbc_err err;
    size_t len = 0;
    int rc = -1;

    if ( !buf )
        return fbc_fail(e, FBC_EXIT_ENV, path, "no memory");
    if ( read_file(path, buf, &len, e) )
        goto out;

    err = fbc_psf_parse(buf, len, &psf);
    if ( err )
    {
        fbc_fail(e, FBC_EXIT_INPUT, path, "is not a PSF font: %s",
                 fbc_strerror(err));
        goto out;
    }
    if ( psf.width != FBC_LEAK_CELL_W || psf.height > FBC_LEAK_CELL_H ||
         psf.height < FBC_LEAK_CELL_H / 2 ||
         psf.glyphs < FBC_LEAK_FIRST + FBC_LEAK_GLYPHS )
    {
        fbc_fail(e, FBC_EXIT_INPUT, path, "its glyphs are %u x %u, not 8 x "
                 "8 to 8 x 16", psf.width, psf.height);
        goto out;
    }
    take_font(f, &psf);
    rc = 0;

 out:
    free(buf);
    return rc;
}
