/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes PNG. */
#include "lib/frames/picture.h"

#include <png.h>
#include <errno.h>
#include <setjmp.h>

#include "lib/base/io.h"

struct sink {
    int fd;
    int err;                    /* errno of a failed write */
};

static void on_write(png_structp png, png_bytep data, png_size_t len)
{
    struct sink *s = png_get_io_ptr(png);

    if ( fbc_write(s->fd, data, len) )
    {
        s->err = errno;
        png_error(png, "write");
    }
}

static void on_flush(png_structp png)
{
    (void)png;
}

static void on_error(png_structp png, png_const_charp msg)
{
    (void)msg;
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp msg)
{
    (void)png;
    (void)msg;
}

int fbc_png_write(int fd, const struct fbc_picture *p, const char *name,
                  struct fbc_error *e)
{
    struct sink sink = { .fd = fd };
    png_structp png;
    png_infop info;
    uint32_t y;

    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error,
                                  on_warning);
    if ( !png )
        return fbc_fail(e, FBC_EXIT_ENV, name, "no memory");
    info = png_create_info_struct(png);
    if ( !info || setjmp(png_jmpbuf(png)) )
    {
        png_destroy_write_struct(&png, &info);
        errno = sink.err ? sink.err : ENOMEM;
        return fbc_fail_errno(e, name);
    }

    png_set_write_fn(png, &sink, on_write, on_flush);
    png_set_compression_level(png, 3);
    png_set_IHDR(png, info, p->width, p->height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for ( y = 0; y < p->height; y++ )
        png_write_row(png, p->rgb + (size_t)y * p->width * 3);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);

    return 0;
}
