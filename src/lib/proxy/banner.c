/* SPDX-License-Identifier: GPL-2.0-only */
/* The mark on a picture that is not live. */
#include "lib/proxy/banner.h"

#include "parse/picture/psf.h"

/* Made by scripts/banner-font: small_psf, middle_psf, large_psf. */
#include "banner_font.h"

#define PAD      10u
#define GAP      4u         /* between title and text */
#define LONGEST  44u        /* characters of a text, about */
#define LINES    4u         /* that it is broken into at most */
#define RULE     2u         /* pixels of the lines above and below */

struct colour {
    uint8_t blue, green, red;
};

static const struct colour paper = { 24, 24, 160 }, ink = { 255, 255, 255 },
                           rule = { 0, 208, 255 };

struct canvas {
    uint8_t *picture;
    uint32_t width, height;
    struct fbc_rect band;
};

void fbc_banner_dim(uint8_t *picture, const uint8_t *screen, uint32_t width,
                    const struct fbc_rect *r)
{
    uint32_t x, y;

    for ( y = r->y; y < (uint32_t)r->y + r->h; y++ )
    {
        size_t at = ((size_t)y * width + r->x) * 4;
        const uint8_t *src = screen + at;
        uint8_t *dst = picture + at;

        for ( x = r->x; x < (uint32_t)r->x + r->w; x++, src += 4, dst += 4 )
        {
            uint32_t grey = (src[0] + 5u * src[1] + 2u * src[2]) / 8;
            bool stripe = (x + y) % FBC_BANNER_HATCH < 2;

            dst[0] = dst[1] = dst[2] = (uint8_t)(16 + grey * 3 / 8);
            if ( stripe )
                dst[2] = (uint8_t)(dst[2] + 80);
            dst[3] = 0;
        }
    }
}

/* The fonts of a width, and how much of the text goes on a line. */
struct layout {
    struct fbc_psf title, text;
    uint32_t columns, lines;
};

static enum fbc_err parse_fonts(struct layout *l, uint32_t width)
{
    bool large = width >= sizeof(FBC_BANNER_TITLE) * 16 + 2 * PAD;
    bool middle = width >= LONGEST * 12 + 2 * PAD;
    enum fbc_err err;

    err = large ? fbc_psf_parse(large_psf, sizeof(large_psf), &l->title)
                : fbc_psf_parse(small_psf, sizeof(small_psf), &l->title);

    return err ? err : middle
           ? fbc_psf_parse(middle_psf, sizeof(middle_psf), &l->text)
           : fbc_psf_parse(small_psf, sizeof(small_psf), &l->text);
}

static bool layout(struct layout *l, uint32_t width)
{
    if ( parse_fonts(l, width) || l->title.glyphs < 0x7f ||
         l->text.glyphs < 0x7f )
        return false;       /* not the fonts that it was built with */

    l->columns = width > 2 * PAD + l->text.width
                 ? (width - 2 * PAD) / l->text.width : 1;
    l->lines = (LONGEST + l->columns - 1) / l->columns;
    if ( l->lines > LINES )
        l->lines = LINES;

    return true;
}

static struct fbc_rect band(const struct layout *l, uint32_t width,
                            uint32_t height)
{
    uint32_t h = 2 * (RULE + PAD) + l->title.height + GAP +
                 l->text.height * l->lines;

    if ( h > height )
        h = height;

    return (struct fbc_rect){ 0, (uint16_t)((height - h) / 2),
                              (uint16_t)width, (uint16_t)h };
}

struct fbc_rect fbc_banner_rect(uint32_t width, uint32_t height)
{
    struct layout l;

    if ( !layout(&l, width) )
        return (struct fbc_rect){ 0, 0, 0, 0 };

    return band(&l, width, height);
}

static void put_pixel(const struct canvas *c, uint32_t x, uint32_t y,
                      const struct colour *k)
{
    uint8_t *p;

    if ( x >= c->width || y < c->band.y ||
         y >= (uint32_t)c->band.y + c->band.h )
        return;
    p = c->picture + ((size_t)y * c->width + x) * 4;
    p[0] = k->blue;
    p[1] = k->green;
    p[2] = k->red;
    p[3] = 0;
}

static void draw_char(const struct canvas *c, const struct fbc_psf *f,
                      uint32_t x, uint32_t y, char ch)
{
    uint32_t glyph = ch > ' ' && ch < 0x7f ? (uint8_t)ch : ' ', i, j;

    for ( j = 0; j < f->height; j++ )
        for ( i = 0; i < f->width; i++ )
            if ( fbc_psf_pixel(f, glyph, i, j) )
                put_pixel(c, x + i, y + j, &ink);
}

/* In the middle. */
static void draw_line(const struct canvas *c, const struct fbc_psf *f,
                      uint32_t y, const char *text, size_t len)
{
    uint32_t w = (uint32_t)len * f->width;
    uint32_t x = w < c->width ? (c->width - w) / 2 : 0;
    size_t i;

    for ( i = 0; i < len; i++ )
        draw_char(c, f, x + (uint32_t)i * f->width, y, text[i]);
}

/* As much of the text as goes on a line of n characters. */
static size_t fit(const char *text, uint32_t n)
{
    size_t len = strlen(text), i;

    if ( len <= n )
        return len;
    for ( i = n; i; i-- )
        if ( text[i] == ' ' )
            return i;

    return n;
}

/* Draws it, or only counts its lines when c is NULL. */
static uint32_t draw_text(const struct canvas *c, const struct layout *l,
                          uint32_t y, const char *text)
{
    uint32_t n;

    for ( n = 0; *text && n < l->lines; n++ )
    {
        size_t len = fit(text, l->columns);

        if ( c )
            draw_line(c, &l->text, y + n * l->text.height, text, len);
        text += len;
        while ( *text == ' ' )
            text++;
    }

    return n;
}

void fbc_banner_draw(uint8_t *picture, uint32_t width, uint32_t height,
                     const char *text)
{
    struct canvas c = { picture, width, height, { 0, 0, 0, 0 } };
    uint32_t bottom, x, y;
    struct layout l;

    if ( !layout(&l, width) )
        return;

    c.band = band(&l, width, height);
    bottom = (uint32_t)c.band.y + c.band.h;
    for ( y = c.band.y; y < bottom; y++ )
        for ( x = 0; x < width; x++ )
            put_pixel(&c, x, y, y < c.band.y + RULE || y >= bottom - RULE
                                ? &rule : &paper);

    y = c.band.y + RULE + PAD +
        (l.lines - draw_text(NULL, &l, 0, text)) * l.text.height / 2;
    draw_line(&c, &l.title, y, FBC_BANNER_TITLE,
              sizeof(FBC_BANNER_TITLE) - 1);
    draw_text(&c, &l, y + l.title.height + GAP, text);
}
