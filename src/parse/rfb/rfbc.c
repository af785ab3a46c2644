/* SPDX-License-Identifier: GPL-2.0-only */
/* RFB client: what all its parts use. */
#include "parse/rfb/rfbc_int.h"

enum fbc_err fbc_rfbc_refuse(struct fbc_rfbc *c, enum fbc_err err,
                             const char *why, int64_t number)
{
    c->why = why;
    c->why_number = number;

    return err;
}

void fbc_rfbc_init(struct fbc_rfbc *c)
{
    memset(c, 0, sizeof(*c));
    c->prefer = FBC_RFB_TIGHT;
    c->work_max = UINT32_MAX;
    c->why_number = -1;
    c->state = FBC_RFBC_VERSION;
}

void fbc_rfbc_picture(struct fbc_rfbc *c, uint8_t *pic, size_t stride)
{
    c->pic = pic;
    c->stride = stride;
}

enum fbc_err fbc_rfbc_size(struct fbc_rfbc *c, uint32_t width,
                           uint32_t height)
{
    if ( !width || !height )
        return fbc_rfbc_refuse(c, FBC_ERR_SIZE,
                               "the server's screen is empty", -1);
    if ( width > FBC_RFBC_MAX_WIDTH || height > FBC_RFBC_MAX_HEIGHT )
        return fbc_rfbc_refuse(c, FBC_ERR_SIZE,
                               "the server's screen is too large",
                               width > FBC_RFBC_MAX_WIDTH ? width : height);

    c->width = width;
    c->height = height;
    c->pic = NULL;
    c->event = FBC_RFBC_SIZE;

    return FBC_OK;
}

enum fbc_err fbc_rfbc_skip(struct fbc_rfbc *c, struct fbc_src *s)
{
    uint32_t n = c->skip < s->len ? c->skip : (uint32_t)s->len;

    s->p += n;
    s->len -= n;
    c->skip -= n;

    return c->skip ? FBC_ERR_PENDING : FBC_OK;
}

void fbc_rfbc_first_tile(struct fbc_rfbc *c, uint16_t size)
{
    c->tx = c->ty = 0;
    c->tw = c->rect.w < size ? c->rect.w : size;
    c->th = c->rect.h < size ? c->rect.h : size;
}

void fbc_rfbc_next_tile(struct fbc_rfbc *c, uint16_t size)
{
    c->tx = (uint16_t)(c->tx + size);
    if ( c->tx >= c->rect.w )
    {
        c->tx = 0;
        c->ty = (uint16_t)(c->ty + size);
    }
    if ( c->ty >= c->rect.h )
    {
        c->decoded = true;
        return;
    }
    c->tw = (uint16_t)(c->rect.w - c->tx);
    c->th = (uint16_t)(c->rect.h - c->ty);
    if ( c->tw > size )
        c->tw = size;
    if ( c->th > size )
        c->th = size;
}

enum fbc_err fbc_rfbc_raw(struct fbc_rfbc *c, struct fbc_src *s)
{
    fbc_raster_bgrx(&c->raster, s);
    c->decoded = fbc_raster_done(&c->raster);

    return c->decoded ? FBC_OK : FBC_ERR_PENDING;
}
