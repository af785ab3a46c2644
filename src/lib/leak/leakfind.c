/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks for a known text in bytes and in pixels. */
#include "lib/leak/leakfind.h"

#include <math.h>

static bool apart(const char *text, size_t n, const uint8_t *p, size_t step)
{
    size_t i;

    for ( i = 1; i < n; i++ )
        if ( p[i * step] != (uint8_t)text[i] )
            return false;

    return true;
}

void fbc_leak_find_raw(struct fbc_leak_find *f, const uint8_t *p, size_t len,
                       size_t have)
{
    const size_t n = strlen(f->text);
    const uint8_t *at = p, *end = p + len;
    size_t step;

    f->raw_mean += 3 * (double)len * pow(256, -(double)n);
    while ( (at = memchr(at, f->text[0], (size_t)(end - at))) )
    {
        for ( step = 1; step <= 4; step *= 2 )
            if ( (n - 1) * step < have - (size_t)(at - p) &&
                 apart(f->text, n, at, step) )
            {
                f->raw++;
                break;
            }
        if ( ++at == end )
            break;
    }
}

static uint32_t pixel(const struct fbc_leak_screen *s, uint32_t x, uint32_t y)
{
    const uint8_t *p = fbc_leak_screen_at(s, x, y);

    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static bool drawn_at(const char *text, const struct fbc_leak_font *font,
                     const struct fbc_leak_screen *s, uint32_t x, uint32_t y)
{
    uint32_t back = 0, fore = 0, row, bit;
    bool have_back = false, have_fore, any = false;

    for ( ; *text; text++, x += FBC_LEAK_CELL_W )
    {
        const uint8_t *glyph = font->row[(uint8_t)*text - FBC_LEAK_FIRST];

        have_fore = false;
        for ( row = 0; row < font->height; row++ )
            for ( bit = 0; bit < FBC_LEAK_CELL_W; bit++ )
            {
                uint32_t v = pixel(s, x + bit, y + row);
                bool set = glyph[row] & 0x80 >> bit;
                uint32_t *want = set ? &fore : &back;
                bool *have = set ? &have_fore : &have_back;

                if ( *have && *want != v )
                    return false;
                *want = v;
                *have = true;
                if ( have_back && have_fore && back == fore )
                    return false;
            }
        any = any || have_fore;
    }

    return any;
}

/* Two neighbours in a glyph that are equal, or that differ. */
static bool pair(const uint8_t *glyph, uint32_t height, bool equal,
                 uint32_t *x, uint32_t *y)
{
    for ( *y = 0; *y < height; ++*y )
        for ( *x = 0; *x + 1 < FBC_LEAK_CELL_W; ++*x )
            if ( equal == (!(glyph[*y] & 0x80 >> *x) ==
                           !(glyph[*y] & 0x40 >> *x)) )
                return true;

    return false;
}

void fbc_leak_find_drawn(struct fbc_leak_find *f,
                         const struct fbc_leak_font *font,
                         const struct fbc_leak_screen *s)
{
    const uint8_t *glyph = font->row[(uint8_t)f->text[0] - FBC_LEAK_FIRST];
    const uint32_t w = (uint32_t)strlen(f->text) * FBC_LEAK_CELL_W;
    uint32_t x, y, sx, sy, ex, ey;
    /* Two looks at the first character rule most places out. */
    bool same = pair(glyph, font->height, true, &sx, &sy);
    bool edge = pair(glyph, font->height, false, &ex, &ey);

    for ( y = 0; y + font->height <= s->height; y++ )
        for ( x = 0; x + w <= s->width; x++ )
        {
            if ( same && pixel(s, x + sx, y + sy) !=
                         pixel(s, x + sx + 1, y + sy) )
                continue;
            if ( edge && pixel(s, x + ex, y + ey) ==
                         pixel(s, x + ex + 1, y + ey) )
                continue;
            f->drawn += drawn_at(f->text, font, s, x, y);
        }
}
