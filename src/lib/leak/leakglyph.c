/* SPDX-License-Identifier: GPL-2.0-only */
/* The temporal attack on a text console. */
#include "lib/leak/leakglyph.h"

#include <stdlib.h>

#include "lib/leak/leakcell.h"

/* The newest frame counts as the last plane. */
static const uint8_t *plane(const struct fbc_leak_blocks *b, uint32_t i)
{
    return i < b->planes ? b->plane[i] : b->now;
}

/* The most frequent code of each place, changes counted. */
static void find_back(struct fbc_leak_glyphs *g,
                      const struct fbc_leak_blocks *b)
{
    size_t i, n = (size_t)b->cols * b->rows;
    uint32_t k, f;

    for ( i = 0; i < n; i++ )
    {
        uint16_t seen[256] = { 0 };
        uint8_t best = plane(b, 0)[i];

        seen[best] = 1;
        for ( f = 1; f <= b->planes; f++ )
        {
            k = plane(b, f)[i];
            if ( k != plane(b, f - 1)[i] && ++seen[k] > seen[best] &&
                 k != FBC_LEAK_OTHER )
                best = (uint8_t)k;
        }
        g->back[i] = best;
        g->pattern[i] = b->now[i] == best ? 0 : FBC_LEAK_INK;
    }
}

static size_t first_place(const struct fbc_leak_blocks *b,
                          const struct fbc_leak_font *font, uint32_t x,
                          uint32_t y)
{
    return (size_t)y * font->height * b->cols + x * (FBC_LEAK_CELL_W / 2);
}

static void solve(struct fbc_leak_cell *c, const struct fbc_leak_blocks *b,
                  const struct fbc_leak_font *font, uint32_t x, uint32_t y)
{
    uint8_t code[FBC_LEAK_PLACES];
    uint32_t f, row;

    fbc_leak_cell_begin(c, font->height);
    for ( f = 0; f <= b->planes; f++ )
    {
        const uint8_t *p = plane(b, f) + first_place(b, font, x, y);

        for ( row = 0; row < font->height; row++, p += b->cols )
            memcpy(code + 4 * row, p, 4);
        fbc_leak_cell_add(c, code);
    }
    fbc_leak_cell_solve(c, font);
}

/* The solved cell's newest state goes into g. */
static void take_cell(struct fbc_leak_glyphs *g, const struct fbc_leak_cell *c,
                      const struct fbc_leak_blocks *b,
                      const struct fbc_leak_font *font, uint32_t x, uint32_t y,
                      bool *known)
{
    const struct fbc_leak_state *st = &c->state[c->last];
    size_t first = first_place(b, font, x, y);
    uint32_t p;
    bool inked = false;

    for ( p = 0; p < c->places; p++ )
    {
        size_t i = first + p / 4 * b->cols + p % 4;
        int v = fbc_leak_cell_pattern(c, p, st->code[p]);

        g->back[i] = c->back[p];
        g->pattern[i] = v < 0 ? FBC_LEAK_INK : (uint8_t)v;
        inked = inked || v;
    }

    g->inked += inked;
    if ( !st->sure )
        return;
    g->text[(size_t)y * g->cols + x] = (char)(FBC_LEAK_FIRST + st->glyph);
    if ( st->glyph )
    {
        g->read++;
        g->distinct += !known[st->glyph];
        known[st->glyph] = true;
    }
}

int fbc_leak_glyphs_run(struct fbc_leak_glyphs *g,
                        const struct fbc_leak_blocks *b,
                        const struct fbc_leak_font *font, struct fbc_error *e)
{
    size_t n = (size_t)b->cols * b->rows;
    bool known[FBC_LEAK_GLYPHS] = { false };
    struct fbc_leak_cell *c;
    uint32_t x, y;

    memset(g, 0, sizeof(*g));
    g->back = malloc(n + 1);
    g->pattern = malloc(n + 1);
    if ( !g->back || !g->pattern )
        goto fail;
    find_back(g, b);
    if ( !font )
        return 0;

    g->cols = b->cols * 2 / FBC_LEAK_CELL_W;
    g->rows = b->rows / font->height;
    g->text = calloc((size_t)g->cols * g->rows + 1, 1);
    c = malloc(sizeof(*c));
    if ( !g->text || !c )
        goto fail;
    for ( y = 0; y < g->rows; y++ )
        for ( x = 0; x < g->cols; x++ )
        {
            solve(c, b, font, x, y);
            take_cell(g, c, b, font, x, y, known);
        }
    free(c);

    return 0;

 fail:
    fbc_leak_glyphs_free(g);
    return fbc_fail(e, FBC_EXIT_ENV, "glyphs", "no memory");
}

static void put_pixel(struct fbc_picture *p, uint32_t x, uint32_t y, uint8_t v)
{
    if ( x < p->width && y < p->height )
        memset(p->rgb + ((size_t)y * p->width + x) * 3, v, 3);
}

static void put_glyph(struct fbc_picture *p,
                      const struct fbc_leak_font *font, uint32_t cx,
                      uint32_t cy, uint32_t glyph)
{
    uint32_t x, y;

    for ( y = 0; y < font->height; y++ )
        for ( x = 0; x < FBC_LEAK_CELL_W; x++ )
            put_pixel(p, cx * FBC_LEAK_CELL_W + x, cy * font->height + y,
                      font->row[glyph][y] & 0x80 >> x ? 255 : 0);
}

int fbc_leak_glyphs_render(const struct fbc_leak_glyphs *g,
                           const struct fbc_leak_blocks *b,
                           const struct fbc_leak_font *font,
                           struct fbc_picture *p, struct fbc_error *e)
{
    static const uint8_t grey = 128;
    uint32_t x, y;

    if ( fbc_picture_size(p, b->cols * 2, b->rows, e) )
        return -1;
    for ( y = 0; y < b->rows; y++ )
        for ( x = 0; x < b->cols; x++ )
        {
            uint8_t v = g->pattern[(size_t)y * b->cols + x];

            put_pixel(p, 2 * x, y, v & (FBC_LEAK_INK | 2) ? grey : 0);
            put_pixel(p, 2 * x + 1, y, v & (FBC_LEAK_INK | 1) ? grey : 0);
        }
    for ( y = 0; y < g->rows; y++ )
        for ( x = 0; x < g->cols; x++ )
        {
            char ch = g->text[(size_t)y * g->cols + x];

            if ( ch )
                put_glyph(p, font, x, y, (uint8_t)ch - FBC_LEAK_FIRST);
        }

    return 0;
}

void fbc_leak_glyphs_score(const struct fbc_leak_glyphs *g, const char *truth,
                           size_t len, struct fbc_leak_score *s)
{
    size_t at = 0;
    uint32_t x, y;

    memset(s, 0, sizeof(*s));
    for ( y = 0; y < g->rows; y++ )
    {
        for ( x = 0; x < g->cols; x++ )
        {
            char want = at < len && truth[at] != '\n' ? truth[at++] : ' ';
            bool right = g->text[(size_t)y * g->cols + x] == want;

            if ( want == ' ' )
            {
                s->blanks++;
                s->blanks_right += right;
            }
            else
            {
                s->glyphs++;
                s->glyphs_right += right;
            }
        }
        while ( at < len && truth[at++] != '\n' )
            ;
    }
}

uint64_t fbc_leak_glyphs_find(const struct fbc_leak_glyphs *g,
                              const char *text)
{
    size_t n = strlen(text);
    uint64_t found = 0;
    uint32_t x, y;

    for ( y = 0; y < g->rows; y++ )
        for ( x = 0; x + n <= g->cols; x++ )
            found += !memcmp(g->text + (size_t)y * g->cols + x, text, n);

    return found;
}

void fbc_leak_glyphs_free(struct fbc_leak_glyphs *g)
{
    free(g->text);
    free(g->back);
    free(g->pattern);
    memset(g, 0, sizeof(*g));
}
