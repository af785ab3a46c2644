/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads a picture for fbc-leakcheck. */
#include "lib/leak/leakpng.h"

#include <fcntl.h>
#include <png.h>
#include <unistd.h>

static int read_png(FILE *f, const char *path, struct fbc_picture *p,
                    struct fbc_error *e)
{
    static const png_color black = { 0, 0, 0 };
    png_image image = { .version = PNG_IMAGE_VERSION };

    if ( !png_image_begin_read_from_stdio(&image, f) )
        goto fail;
    image.format = PNG_FORMAT_RGB;
    if ( fbc_picture_size(p, image.width, image.height, e) )
    {
        png_image_free(&image);
        return -1;
    }
    if ( png_image_finish_read(&image, &black, p->rgb, 0, NULL) )
        return 0;

 fail:
    png_image_free(&image);
    return fbc_fail(e, FBC_EXIT_INPUT, path, "is a damaged PNG: %.100s",
                    image.message);
}

int fbc_leak_picture_read(const char *path, struct fbc_picture *p,
                          struct fbc_error *e)
{
    uint8_t magic[8];
    FILE *f = fopen(path, "rbe");
    int rc;

    if ( !f )
        return fbc_fail_errno(e, path);
    if ( fread(magic, 1, sizeof(magic), f) == sizeof(magic) &&
         !png_sig_cmp(magic, 0, sizeof(magic)) )
    {
        rewind(f);
        rc = read_png(f, path, p, e);
    }
    else if ( lseek(fileno(f), 0, SEEK_SET) )
        rc = fbc_fail_errno(e, path);
    else
        rc = fbc_ppm_read(fileno(f), p, path, e);
    fclose(f);

    return rc;
}
