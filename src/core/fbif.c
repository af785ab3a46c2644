/* SPDX-License-Identifier: GPL-2.0-only */
/* xenfb pages and events, from the guest and to dom0. */
#include "core/fbif.h"

/* union xenfb_out_event: UPDATE, RESIZE. */
#define OFF_TYPE        0
#define OFF_X           4
#define OFF_Y           8
#define OFF_W           12
#define OFF_H           16
#define OFF_R_WIDTH     4
#define OFF_R_HEIGHT    8
#define OFF_R_STRIDE    12
#define OFF_R_DEPTH     16
#define OFF_R_OFFSET    20

#define DEPTH           32
#define MAX_LINE_LENGTH 65536

/* Checks all of fb but pages and dirs.  A negative number comes in as huge. */
static enum fbc_err check_sizes(const struct fbc_fbif *fb, uint32_t depth,
                                struct fbc_geom *g)
{
    enum fbc_err err;

    if ( depth != DEPTH )
        return FBC_ERR_DEPTH;

    err = fbc_geom_init(g, fb->width, fb->height);
    if ( err )
        return err;

    if ( fb->line_length % 4 || fb->line_length < fb->width * 4 ||
         fb->line_length > MAX_LINE_LENGTH )
        return FBC_ERR_STRIDE;

    if ( fb->offset % 4 || fb->mem_length > FBC_FBIF_MAX_MEM ||
         fb->mem_length < fb->offset +
                          (uint64_t)fb->line_length * (fb->height - 1) +
                          fb->width * 4 )
        return FBC_ERR_MEMORY;

    return FBC_OK;
}

enum fbc_err fbc_fbif_parse(const uint8_t page[static FBC_PAGE],
                            struct fbc_fbif *fb, struct fbc_geom *g)
{
    struct fbc_fbif t = {
        .width = fbc_get32(page + FBC_FBIF_WIDTH),
        .height = fbc_get32(page + FBC_FBIF_HEIGHT),
        .line_length = fbc_get32(page + FBC_FBIF_LINE_LENGTH),
        .mem_length = fbc_get32(page + FBC_FBIF_MEM_LENGTH),
    };
    struct fbc_geom tg;
    enum fbc_err err = check_sizes(&t, page[FBC_FBIF_DEPTH], &tg);

    if ( err )
        return err;

    t.pages = (t.mem_length + FBC_PAGE - 1) / FBC_PAGE;
    t.dirs = (t.pages + FBC_FBIF_PD_ENTRIES - 1) / FBC_FBIF_PD_ENTRIES;
    if ( t.dirs > FBC_FBIF_PD_MAX )
        return FBC_ERR_MEMORY;

    *fb = t;
    *g = tg;

    return FBC_OK;
}

uint64_t fbc_fbif_pd(const uint8_t page[static FBC_PAGE], uint32_t dir)
{
    return fbc_get64(page + FBC_FBIF_PD_OFF + dir * 8);
}

static void event_update(const uint8_t *ev, const struct fbc_geom *g,
                         struct fbc_fbif_event *out)
{
    int32_t w = (int32_t)fbc_get32(ev + OFF_W);
    int32_t h = (int32_t)fbc_get32(ev + OFF_H);

    if ( w < 0 || h < 0 )
    {
        out->err = FBC_ERR_RANGE;
        return;
    }

    out->rect = fbc_geom_clamp(g, (int32_t)fbc_get32(ev + OFF_X),
                               (int32_t)fbc_get32(ev + OFF_Y), w, h);
    out->type = FBC_FBIF_UPDATE;
}

static void event_resize(const uint8_t *ev, const struct fbc_fbif *fb,
                         struct fbc_fbif_event *out)
{
    struct fbc_fbif t = *fb;
    struct fbc_geom tg;

    t.width = fbc_get32(ev + OFF_R_WIDTH);
    t.height = fbc_get32(ev + OFF_R_HEIGHT);
    t.line_length = fbc_get32(ev + OFF_R_STRIDE);
    t.offset = fbc_get32(ev + OFF_R_OFFSET);
    out->err = check_sizes(&t, fbc_get32(ev + OFF_R_DEPTH), &tg);
    if ( out->err )
        return;

    out->fb = t;
    out->geom = tg;
    out->type = FBC_FBIF_RESIZE;
}

void fbc_fbif_event(const uint8_t ev[static FBC_FBIF_EVENT_LEN],
                    const struct fbc_fbif *fb, const struct fbc_geom *g,
                    struct fbc_fbif_event *out)
{
    memset(out, 0, sizeof(*out));
    out->type = FBC_FBIF_BAD;

    switch ( ev[OFF_TYPE] )
    {
    case FBC_FBIF_UPDATE:
        event_update(ev, g, out);
        break;

    case FBC_FBIF_RESIZE:
        event_resize(ev, fb, out);
        break;

    default:
        out->err = FBC_ERR_RANGE;
        break;
    }
}

void fbc_fbif_shadow_page(uint8_t page[static FBC_PAGE],
                          const struct fbc_geom *g, uint32_t mem_length)
{
    memset(page, 0, FBC_PAGE);
    fbc_fbif_shadow_size(page, g);
    fbc_put32(page + FBC_FBIF_MEM_LENGTH, mem_length);
    page[FBC_FBIF_DEPTH] = DEPTH;
}

void fbc_fbif_shadow_size(uint8_t page[static FBC_PAGE],
                          const struct fbc_geom *g)
{
    fbc_put32(page + FBC_FBIF_WIDTH, g->swidth);
    fbc_put32(page + FBC_FBIF_HEIGHT, g->sheight);
    fbc_put32(page + FBC_FBIF_LINE_LENGTH, g->swidth * 4u);
}

void fbc_fbif_put_pd(uint8_t page[static FBC_PAGE], uint32_t dir,
                     uint64_t frame)
{
    fbc_put64(page + FBC_FBIF_PD_OFF + dir * 8, frame);
}

void fbc_fbif_put_update(uint8_t ev[static FBC_FBIF_EVENT_LEN],
                         const struct fbc_rect *srect)
{
    memset(ev, 0, FBC_FBIF_EVENT_LEN);
    ev[OFF_TYPE] = FBC_FBIF_UPDATE;
    fbc_put32(ev + OFF_X, srect->x);
    fbc_put32(ev + OFF_Y, srect->y);
    fbc_put32(ev + OFF_W, srect->w);
    fbc_put32(ev + OFF_H, srect->h);
}

void fbc_fbif_put_resize(uint8_t ev[static FBC_FBIF_EVENT_LEN],
                         const struct fbc_geom *g)
{
    memset(ev, 0, FBC_FBIF_EVENT_LEN);
    ev[OFF_TYPE] = FBC_FBIF_RESIZE;
    fbc_put32(ev + OFF_R_WIDTH, g->swidth);
    fbc_put32(ev + OFF_R_HEIGHT, g->sheight);
    fbc_put32(ev + OFF_R_STRIDE, g->swidth * 4u);
    fbc_put32(ev + OFF_R_DEPTH, DEPTH);
}
