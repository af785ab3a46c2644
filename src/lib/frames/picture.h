/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pictures: 3 bytes a pixel, red, green, blue, rows packed; written as PNG,
 * PPM (netpbm P6) or YUV4MPEG2, read from PPM.
 */
#ifndef FBC_LIB_PICTURE_H
#define FBC_LIB_PICTURE_H

#include "lib/base/fail.h"

#define FBC_PICTURE_MAX 8192u   /* pixels a side */

struct fbc_picture {
    uint32_t width, height;
    uint8_t *rgb;
    size_t cap;                 /* bytes that rgb has room for */
};

/* Gives it this size; black when that is another size than before. */
int FBC_MUST_CHECK fbc_picture_size(struct fbc_picture *p, uint32_t width,
                                    uint32_t height, struct fbc_error *e);
void fbc_picture_free(struct fbc_picture *p);

/* Row y from pixels of 4 bytes: blue, green, red, unused; and back. */
void fbc_picture_set_row(struct fbc_picture *p, uint32_t y,
                         const uint8_t *bgrx);
void fbc_picture_get_row(const struct fbc_picture *p, uint32_t y,
                         uint8_t *bgrx);

/* name: of fd, for messages. */
int FBC_MUST_CHECK fbc_png_write(int fd, const struct fbc_picture *p,
                                 const char *name, struct fbc_error *e);
int FBC_MUST_CHECK fbc_ppm_write(int fd, const struct fbc_picture *p,
                                 const char *name, struct fbc_error *e);

/*
 * Reads exactly one binary PPM with maxval 255 up to the end of fd.  The
 * header may hold comments.
 */
int FBC_MUST_CHECK fbc_ppm_read(int fd, struct fbc_picture *p,
                                const char *name, struct fbc_error *e);

/*
 * YUV4MPEG2, 4:4:4, full range, BT.709, which loses up to one step a colour.
 * All frames of a stream have one size.
 */
int FBC_MUST_CHECK fbc_y4m_begin(int fd, const struct fbc_picture *p,
                                 unsigned int fps, const char *name,
                                 struct fbc_error *e);
int FBC_MUST_CHECK fbc_y4m_frame(int fd, const struct fbc_picture *p,
                                 const char *name, struct fbc_error *e);

#endif /* FBC_LIB_PICTURE_H */
