/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linux console fonts, PSF versions 1 and 2 (include/uapi/linux/kd.h knows the
 * bitmaps; the file format is that of kbd's psf.h).  Only the bitmaps are
 * read: a Unicode table after them is left alone, so character codes are the
 * font's own, which for ASCII are ASCII in every console font.
 */
#ifndef FBC_PARSE_PSF_H
#define FBC_PARSE_PSF_H

#include "core/fbc.h"

#define FBC_PSF_MAX_WIDTH  64u      /* pixels */
#define FBC_PSF_MAX_HEIGHT 128u
#define FBC_PSF_MAX_GLYPHS 65536u

struct fbc_psf {
    uint32_t width, height;         /* of every glyph */
    uint32_t glyphs;
    uint32_t row_bytes;             /* leftmost pixel in the highest bit */
    const uint8_t *bits;            /* in the file: glyphs * height rows */
};

/*
 * data stays the caller's and must outlive *f.  FBC_ERR_MAGIC: no PSF;
 * FBC_ERR_VERSION; FBC_ERR_RANGE: a size outside the limits or at odds with
 * another; FBC_ERR_LENGTH: cut short, or trailing bytes without a table.
 */
enum fbc_err FBC_MUST_CHECK fbc_psf_parse(const uint8_t *data, size_t len,
                                          struct fbc_psf *f);

/* Is the pixel of this glyph set?  In range only. */
static inline bool fbc_psf_pixel(const struct fbc_psf *f, uint32_t glyph,
                                 uint32_t x, uint32_t y)
{
    const uint8_t *row = f->bits + ((size_t)glyph * f->height + y) *
                                   f->row_bytes;

    return row[x / 8] & (0x80u >> (x % 8));
}

#endif /* FBC_PARSE_PSF_H */
