/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The temporal attack on a text console (notes/crypto.md 2): at each place the
 * most frequent value is taken for the background, every other one for ink;
 * the nearest glyph is looked for in the ink of a cell; then the cells that
 * were read tell what each value at a place stands for, which gives the full
 * resolution back.  Needs no key and no known text, but change.
 */
#ifndef FBC_LIB_LEAKGLYPH_H
#define FBC_LIB_LEAKGLYPH_H

#include "lib/frames/picture.h"
#include "lib/leak/leakblock.h"
#include "lib/leak/leakfont.h"

struct fbc_leak_glyphs {
    uint32_t cols, rows;        /* cells */
    uint64_t inked;             /* cells that are not all background */
    uint64_t read;              /* of these, with a confident glyph */
    uint32_t distinct;          /* glyphs among those */
    char *text;                 /* rows * cols characters: ' ' is background,
                                   0 a cell with ink that was not read */
    uint8_t *back;              /* each place's code of the background */
    uint8_t *pattern;           /* what each place shows, as below */
};

/* Two pixels: bit 1 the left one, bit 0 the right one; or not known. */
#define FBC_LEAK_INK 4u         /* ink in at least one of them */

/*
 * Attacks the newest frame of b, with the help of those before.  font NULL:
 * only back and pattern are filled.
 */
int FBC_MUST_CHECK fbc_leak_glyphs_run(struct fbc_leak_glyphs *g,
                                       const struct fbc_leak_blocks *b,
                                       const struct fbc_leak_font *font,
                                       struct fbc_error *e);

/* White: read; grey: ink of which no more is known; black: background. */
int FBC_MUST_CHECK fbc_leak_glyphs_render(const struct fbc_leak_glyphs *g,
                                          const struct fbc_leak_blocks *b,
                                          const struct fbc_leak_font *font,
                                          struct fbc_picture *p,
                                          struct fbc_error *e);

/* How much of the true text, lines separated by '\n', was read. */
struct fbc_leak_score {
    uint64_t glyphs, glyphs_right;      /* cells that are not blank */
    uint64_t blanks, blanks_right;
};
void fbc_leak_glyphs_score(const struct fbc_leak_glyphs *g, const char *truth,
                           size_t len, struct fbc_leak_score *s);

/* Occurrences of the text within rows of what was read. */
uint64_t fbc_leak_glyphs_find(const struct fbc_leak_glyphs *g,
                              const char *text);
void fbc_leak_glyphs_free(struct fbc_leak_glyphs *g);

#endif /* FBC_LIB_LEAKGLYPH_H */
