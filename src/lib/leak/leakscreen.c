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
                        uint32_t height, struct fbc_geom *g, bool *keyed)
{
    uint8_t bytes[FBC_HEADER_LEN];
    struct fbc_header h;

    if ( width < FBC_MIN_WIDTH )
        return false;
    fbc_pack(bytes, pixels, FBC_HEADER_LEN / 3);
    *keyed = true;
    if ( !fbc_header_parse(bytes, &h) )
    {
        *g = h.ep.geom;
        *keyed = h.ep.aead != FBC_AEAD_NONE;
    }
    else if ( memcmp(bytes, "FBS1", 4) ||
              fbc_geom_init(g, fbc_get16(bytes + OFF_WIDTH),
                            fbc_get16(bytes + OFF_HEIGHT)) )
        return false;

    return g->swidth == width && g->sheight == height;
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
    s->shadow = find_header(pixels, width, height, &g, &s->keyed);
    s->keyed = s->keyed && s->shadow;
    s->width = s->shadow ? g.width : width;
    s->height = s->shadow ? g.height : height;
    s->cols = (s->width + FBC_TILE_W - 1) / FBC_TILE_W;
    s->bands = (s->height + FBC_TILE_H - 1) / FBC_TILE_H;
    for ( y = 0; y < s->height; y++ )
        fbc_pack(s->px + (size_t)y * s->width * 3, pixels +
                 (size_t)(s->shadow ? fbc_geom_srow(y) : y) * width * 4,
                 s->width);

    return 0;
}

void fbc_leak_screen_free(struct fbc_leak_screen *s)
{
    free(s->px);
    memset(s, 0, sizeof(*s));
}
