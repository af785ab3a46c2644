/* SPDX-License-Identifier: GPL-2.0-only */
/* Verifies pictures, and paints what has proved to be the guest's screen. */
#include <stdlib.h>

#include "lib/banner.h"
#include "lib/proxy_int.h"

/* Until the first picture: the size of a Xen guest's screen by default. */
#define FIRST_WIDTH  800
#define FIRST_HEIGHT 600

static int make_room(struct fbc_proxy *p, uint32_t width, uint32_t height)
{
    size_t len = (size_t)width * height * 3;
    uint8_t *n;

    if ( len <= p->screen_len )
        return 0;
    n = realloc(p->screen, len);
    if ( !n )
        return -1;
    memset(n + p->screen_len, 0, len - p->screen_len);
    p->screen = n;
    p->screen_len = len;

    return 0;
}

static void paint(struct fbc_proxy *p, const struct fbc_rect *r)
{
    uint32_t width, height;
    uint8_t *picture = fbc_viewers_picture(p->viewers, &width, &height);

    if ( p->marked )
        fbc_banner_dim(picture, p->screen, width, r);
    else
        fbc_banner_plain(picture, p->screen, width, r);
    fbc_viewers_changed(p->viewers, r, p->now);
}

static void paint_band(struct fbc_proxy *p)
{
    struct fbc_rect band = fbc_banner_rect(p->width, p->height);
    uint32_t width, height;
    uint8_t *picture = fbc_viewers_picture(p->viewers, &width, &height);

    fbc_banner_draw(picture, width, height, p->text);
    fbc_viewers_changed(p->viewers, &band, p->now);
}

static void paint_all(struct fbc_proxy *p)
{
    const struct fbc_rect all = { 0, 0, (uint16_t)p->width,
                                  (uint16_t)p->height };

    paint(p, &all);
    if ( p->marked )
        paint_band(p);
}

/* Tiles that are newer than what is painted, those side by side at once. */
static void paint_fresh(struct fbc_proxy *p)
{
    const struct fbc_view *v = &p->s->view;
    const struct fbc_geom *g = &v->header.ep.geom;
    bool any = false;
    uint32_t tile;

    for ( tile = 0; tile < g->tiles; tile++ )
    {
        struct fbc_rect r = { 0, 0, 0, 0 };

        while ( tile < g->tiles && (!r.w || tile % g->cols) &&
                fbc_vector_get(v->vec, tile) !=
                fbc_vector_get(p->shown, tile) )
        {
            struct fbc_rect t = fbc_geom_tile(g, tile++);

            r = fbc_rect_union(&r, &t);
        }
        if ( !r.w )
            continue;
        paint(p, &r);
        any = true;
        tile--;                 /* the loop steps over it */
    }
    memcpy(p->shown, v->vec, FBC_VECTOR_LEN(g->tiles));
    if ( any && p->marked )
        paint_band(p);
}

int proxy_screen_init(struct fbc_proxy *p, struct fbc_error *e)
{
    p->width = FIRST_WIDTH;
    p->height = FIRST_HEIGHT;
    if ( make_room(p, p->width, p->height) )
        return fbc_fail(e, FBC_EXIT_ENV, "screen", "no memory");

    p->marked = true;
    fbc_live_init(&p->live, p->now);
    fbc_live_text(&p->live, p->now, p->text);
    paint_all(p);

    return 0;
}

void proxy_screen_end(struct fbc_proxy *p)
{
    if ( p->screen )
        explicit_bzero(p->screen, p->screen_len);
    free(p->screen);
}

void proxy_screen_mark(struct fbc_proxy *p)
{
    enum fbc_live_state state = fbc_live_state(&p->live, p->now);
    bool marked = state != FBC_LIVE_OK;
    char text[FBC_LIVE_TEXT];

    fbc_live_text(&p->live, p->now, text);
    if ( marked == p->marked && !strcmp(text, p->text) )
        return;

    memcpy(p->text, text, sizeof(text));
    if ( marked == p->marked )
    {
        paint_band(p);
        return;
    }

    p->marked = marked;
    p->stats.marks += marked;
    paint_all(p);
    if ( marked )
        proxy_say(p, "not live: %s", text);
    else
        proxy_say(p, "live: %u x %u, epoch %u", p->width, p->height,
                  p->s->view.header.ep.epoch);
}

/* The screen has another size, and is all new. */
static int resize(struct fbc_proxy *p, const struct fbc_geom *g)
{
    struct fbc_error e;

    if ( g->width == p->width && g->height == p->height )
        return 0;
    if ( fbc_viewers_resize(p->viewers, g->width, g->height, &e) )
        return -1;
    p->width = g->width;
    p->height = g->height;

    return 0;
}

static void refuse(struct fbc_proxy *p, enum fbc_err err)
{
    p->stats.unusable++;
    if ( p->live.unusable != err )
        proxy_say(p, "picture of no use: %s", fbc_strerror(err));
    fbc_live_unusable(&p->live, p->now, err);
}

void proxy_screen_take(struct fbc_proxy *p)
{
    struct fbc_view *v = &p->s->view;
    struct fbc_view_stats st;
    struct fbc_header h;
    uint32_t width, height;
    const uint8_t *shadow;
    enum fbc_err err;
    size_t stride;

    shadow = p->up ? fbc_upstream_picture(p->up, &width, &height, &stride)
                   : NULL;
    if ( !shadow )
        return;

    /* What the header claims is not proved yet, but within limits. */
    err = fbc_view_header(shadow, width, height, stride, &h);
    if ( !err && make_room(p, h.ep.geom.width, h.ep.geom.height) )
        err = FBC_ERR_NOMEM;
    if ( !err )
        err = fbc_view_update(v, shadow, width, height, stride, UINT32_MAX,
                              p->screen, &st);
    if ( err )
    {
        refuse(p, err);
        return;
    }

    fbc_proxystats_picture(&p->stats, &st);
    fbc_live_picture(&p->live, p->now, v, &st);
    if ( st.new_epoch && resize(p, &v->header.ep.geom) )
    {
        refuse(p, FBC_ERR_NOMEM);
        return;
    }
    if ( st.new_epoch )
    {
        memcpy(p->shown, v->vec, sizeof(p->shown));
        paint_all(p);
    }
    else
        paint_fresh(p);
}

void proxy_screen_key(struct fbc_proxy *p,
                      const uint8_t key[static FBC_SESSION_FILE_LEN])
{
    memcpy(p->s->key, key, FBC_SESSION_FILE_LEN);
    fbc_view_clear(&p->s->view);
    fbc_view_init(&p->s->view, p->s->key);
    fbc_live_new_key(&p->live, p->now);
}
