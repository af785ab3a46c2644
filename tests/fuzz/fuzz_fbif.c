/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's info page (first 64 bytes), then its events, 40 bytes each.
 * Whatever is accepted must lie inside the memory that was latched.
 */
#include <stdlib.h>

#include "core/fbif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 64

static void must(bool ok)
{
    if ( !ok )
        abort();
}

static void check(const struct fbc_fbif *fb, const struct fbc_geom *g)
{
    struct fbc_geom again;

    must(!fbc_geom_init(&again, fb->width, fb->height) &&
         !memcmp(&again, g, sizeof(again)));
    must(fb->line_length % 4 == 0 && fb->offset % 4 == 0);
    must((uint64_t)fb->line_length >= (uint64_t)fb->width * 4);
    must((uint64_t)fb->offset + (uint64_t)fb->line_length * (fb->height - 1) +
         (uint64_t)fb->width * 4 <= fb->mem_length);
    must(fb->mem_length <= FBC_FBIF_MAX_MEM);
    must((uint64_t)fb->pages * FBC_PAGE >= fb->mem_length);
    must(fb->dirs && fb->dirs <= FBC_FBIF_PD_MAX &&
         fb->dirs * FBC_FBIF_PD_ENTRIES >= fb->pages);
}

static void default_page(uint8_t *page)
{
    fbc_put32(page + 16, 800);
    fbc_put32(page + 20, 600);
    fbc_put32(page + 24, 3200);
    fbc_put32(page + 28, 2 << 20);
    page[32] = 32;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t page[FBC_PAGE] = { 0 };
    struct fbc_fbif fb;
    struct fbc_geom g;
    size_t n = size < HEAD ? size : HEAD;

    if ( n )
        memcpy(page, data, n);
    if ( fbc_fbif_parse(page, &fb, &g) )
    {
        default_page(page);
        must(!fbc_fbif_parse(page, &fb, &g));
    }
    check(&fb, &g);

    for ( ; size - n >= FBC_FBIF_EVENT_LEN; n += FBC_FBIF_EVENT_LEN )
    {
        struct fbc_fbif_event e;

        fbc_fbif_event(data + n, &fb, &g, &e);
        switch ( e.type )
        {
        case FBC_FBIF_UPDATE:
            must(!e.rect.w == !e.rect.h);
            must((uint32_t)e.rect.x + e.rect.w <= g.width &&
                 (uint32_t)e.rect.y + e.rect.h <= g.height);
            break;

        case FBC_FBIF_RESIZE:
            must(!e.err && e.fb.mem_length == fb.mem_length &&
                 e.fb.pages == fb.pages && e.fb.dirs == fb.dirs);
            check(&e.fb, &e.geom);
            fb = e.fb;
            g = e.geom;
            break;

        default:
            must(e.type == FBC_FBIF_BAD && e.err);
            break;
        }
    }

    return 0;
}
