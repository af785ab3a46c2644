/* SPDX-License-Identifier: GPL-2.0-only */
/* A frame as fbc-leakcheck looks at it. */
#include "lib/leak/leakscreen.h"

#include <stdlib.h>

#include "core/header.h"
#include "core/pack.h"

/* Where fbc-formats(5) has the size of the screen. */
#define OFF_WIDTH  8
#define OFF_HEIGHT 10

/* True if the frame is a shadow; then its geometry is in *g. */
static bool find_header(const uint8_t *pixels, uint32_t width,
                        uint32_t height, struct fbc_geom *g, bool *keyed,
                        bool *coded)
{
    uint8_t bytes[FBC_HEADER_LEN];
    struct fbc_header h;

    if ( width < FBC_MIN_WIDTH )
        return false;
    fbc_pack(bytes, pixels, FBC_HEADER_LEN / 3);
    *keyed = true;
    *coded = false;
    if ( !fbc_header_parse(bytes, &h) )
    {
        *g = h.ep.geom;
        *keyed = h.ep.aead != FBC_AEAD_NONE;
        *coded = h.version == FBC_HEADER_CODED;
    }
    else if ( memcmp(bytes, "FBS1", 4) ||
              fbc_geom_init(g, fbc_get16(bytes + OFF_WIDTH),
                            fbc_get16(bytes + OFF_HEIGHT)) )
        return false;

    return g->swidth == width && g->sheight == height;
}

static int take_records(struct fbc_leak_screen *s, const uint8_t *pixels,
                        const struct fbc_geom *g, struct fbc_error *e)
{
    uint8_t bytes[FBC_RECORD_LEN];
    uint32_t tile;

    if ( g->tiles > s->records )
    {
        struct fbc_leak_record *r = realloc(s->record,
                                            g->tiles * sizeof(*r));

        if ( !r )
            return fbc_fail(e, FBC_EXIT_ENV, "frame", "no memory");
        s->record = r;
        s->records = g->tiles;
    }

    for ( tile = 0; tile < g->tiles; tile++ )
    {
        struct fbc_leak_record *r = &s->record[tile];
        uint32_t row = fbc_geom_meta_row(g, tile / g->cols);

        fbc_pack(bytes, pixels + ((size_t)row * g->swidth +
                                  fbc_geom_tile(g, tile).x) * 4,
                 FBC_RECORD_PIXELS);
        r->counter = fbc_get64(bytes) & FBC_COUNTER_MAX;
        r->coding = fbc_record_coding(bytes);
        if ( !(bytes[FBC_COUNTER_LEN] & FBC_FLAG_VALID) ||
             r->coding >= FBC_CODINGS ||
             (r->coding != FBC_CODING_NONE && tile % g->cols) )
            *r = (struct fbc_leak_record){ 0, FBC_CODING_NONE };
    }

    return 0;
}

int fbc_leak_screen_take(struct fbc_leak_screen *s, const uint8_t *pixels,
                         uint32_t width, uint32_t height, struct fbc_error *e)
{
    size_t len = (size_t)width * height * 3;
    struct fbc_geom g;
    uint32_t y;

    if ( len > s->cap )
    {
        uint8_t *px = realloc(s->px, len);

        if ( !px )
            return fbc_fail(e, FBC_EXIT_ENV, "frame", "no memory");
        s->px = px;
        s->cap = len;
    }

    s->keyed = false;
    s->shadow = find_header(pixels, width, height, &g, &s->keyed, &s->coded);
    s->keyed = s->keyed && s->shadow;
    s->coded = s->coded && s->keyed;
    s->width = s->shadow ? g.width : width;
    s->height = s->shadow ? g.height : height;
    s->cols = (s->width + FBC_TILE_W - 1) / FBC_TILE_W;
    s->bands = (s->height + FBC_TILE_H - 1) / FBC_TILE_H;
    for ( y = 0; y < s->height; y++ )
        fbc_pack(s->px + (size_t)y * s->width * 3, pixels +
                 (size_t)(s->shadow ? fbc_geom_srow(y) : y) * width * 4,
                 s->width);

    return s->coded ? take_records(s, pixels, &g, e) : 0;
}

void fbc_leak_screen_free(struct fbc_leak_screen *s)
{
    free(s->px);
    free(s->record);
    memset(s, 0, sizeof(*s));
}
