/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks for a known text in bytes and in pixels. */
#ifndef FBC_LIB_LEAKFIND_H
#define FBC_LIB_LEAKFIND_H

#include "lib/leak/leakfont.h"
#include "lib/leak/leakscreen.h"

#define FBC_LEAK_FIND_MIN 4u        /* characters: shorter is anywhere */
#define FBC_LEAK_FIND_MAX 128u

struct fbc_leak_find {
    const char *text;           /* printable ASCII */
    uint64_t raw;               /* places where it stands as text */
    double raw_mean;            /* by chance */
    uint64_t drawn;             /* places where it is drawn in the font */
};

/*
 * Text with its characters 1, 2 or 4 bytes apart (UTF-8, UTF-16 or a VGA text
 * buffer, UTF-32; what stands between does not matter), starting at bytes
 * 0 .. len - 1 of p, of which have >= len bytes are there.
 */
void fbc_leak_find_raw(struct fbc_leak_find *f, const uint8_t *p, size_t len,
                       size_t have);

/* Anywhere on the screen; each character has a colour, all one background. */
void fbc_leak_find_drawn(struct fbc_leak_find *f,
                         const struct fbc_leak_font *font,
                         const struct fbc_leak_screen *s);

#endif /* FBC_LIB_LEAKFIND_H */
