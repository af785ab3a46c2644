/* SPDX-License-Identifier: GPL-2.0-only */
/* Deterministic drawing; pvguest.h has the rules, picture.py repeats them. */

#include "fb.h"

uint32_t *fb_row(struct fb *fb, int32_t y)
{
    return (uint32_t *)(fb->mem + fb->offset + (uint64_t)y * fb->stride);
}

void draw_clear(struct fb *fb)
{
    for ( int32_t y = 0; y < fb->height; y++ )
        memset(fb_row(fb, y), 0, fb->width * 4);
}

void draw_picture(struct fb *fb, uint32_t seed)
{
    struct rng rng;

    rng_seed(&rng, seed);
    for ( int32_t y = 0; y < fb->height; y++ )
    {
        uint32_t *row = fb_row(fb, y);

        for ( int32_t x = 0; x < fb->width; x++ )
        {
            uint32_t n = rng_next(&rng);
            uint32_t v = (x * 256 / fb->width) << 16 |
                         (y * 256 / fb->height) << 8 | ((x + y) & 0xff);

            if ( ((x / 64) + (y / 16)) & 1 )
                v ^= n & 0x0f0f0f;
            row[x] = v | (n & 0xff000000);
        }
    }
}

struct rect draw_rect(struct fb *fb, struct rng *rng, uint32_t max)
{
    uint32_t mw = max < (uint32_t)fb->width ? max : (uint32_t)fb->width;
    uint32_t mh = max < (uint32_t)fb->height ? max : (uint32_t)fb->height;
    struct rect r;
    uint32_t colour;
    bool solid;

    r.w = 1 + rng_next(rng) % mw;
    r.h = 1 + rng_next(rng) % mh;
    r.x = rng_next(rng) % (fb->width - r.w + 1);
    r.y = rng_next(rng) % (fb->height - r.h + 1);
    colour = rng_next(rng);
    solid = colour >> 31;

    for ( int32_t y = r.y; y < r.y + r.h; y++ )
        for ( int32_t x = r.x; x < r.x + r.w; x++ )
            fb_row(fb, y)[x] = solid ? colour : rng_next(rng);

    return r;
}

uint32_t fb_crc(struct fb *fb)
{
    static uint8_t rgb[3 * 4096];
    uint32_t crc = 0;

    for ( int32_t y = 0; y < fb->height; y++ )
    {
        const uint32_t *row = fb_row(fb, y);

        for ( int32_t x = 0; x < fb->width; x++ )
        {
            rgb[3 * x] = row[x] >> 16;
            rgb[3 * x + 1] = row[x] >> 8;
            rgb[3 * x + 2] = row[x];
        }
        crc = crc32(crc, rgb, 3 * fb->width);
    }

    return crc;
}
