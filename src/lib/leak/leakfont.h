/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The font that a text console is expected to use: the printable ASCII glyphs
 * of a PSF file (parse/picture/psf.h), 8 pixels wide and at most 16 high.
 */
#ifndef FBC_LIB_LEAKFONT_H
#define FBC_LIB_LEAKFONT_H

#include "lib/base/fail.h"

#define FBC_LEAK_FONT "/usr/share/consolefonts/Lat15-VGA16.psf.gz"

#define FBC_LEAK_FIRST  0x20u
#define FBC_LEAK_GLYPHS 95u     /* 0x20 to 0x7e; 0 is the blank */
#define FBC_LEAK_CELL_W 8u
#define FBC_LEAK_CELL_H 16u     /* rows of a glyph at most */

struct fbc_leak_font {
    uint32_t height;            /* rows of a cell */
    uint8_t row[FBC_LEAK_GLYPHS][FBC_LEAK_CELL_H];  /* leftmost pixel: 0x80 */
    /* Left and right pixels of the four pairs of each row; first pair of row
       0: bit 0. */
    uint64_t left[FBC_LEAK_GLYPHS], right[FBC_LEAK_GLYPHS];
};

/* path: PSF, plain or compressed by gzip. */
int FBC_MUST_CHECK fbc_leak_font_load(struct fbc_leak_font *f,
                                      const char *path, struct fbc_error *e);

#endif /* FBC_LIB_LEAKFONT_H */
