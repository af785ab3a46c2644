/* SPDX-License-Identifier: GPL-2.0-only */
/* Verifies pictures, and paints what has proved to be the guest's screen. */
#include <stdio.h>
#include <sys/mman.h>

#include "lib/proxy/banner.h"
#include "lib/proxy/proxy_int.h"

/* Until the first picture: the size of a Xen guest's screen by default. */
#define FIRST_WIDTH  800
#define FIRST_HEIGHT 600

/* The largest screen: memory of which only what is used is there. */
#define SCREEN_LEN ((size_t)FBC_MAX_SWIDTH * FBC_MAX_SHEIGHT * 4)

static uint8_t *reserve(void)
{
    void *p = mmap(NULL, SCREEN_LEN, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if ( p == MAP_FAILED )
        return NULL;
    (void)madvise(p, SCREEN_LEN, MADV_DONTDUMP);

    return p;
}

/* The screen has changed there. */
static void paint(struct fbc_proxy *p, const struct fbc_rect *r)
{
    if ( p->marked )
        fbc_banner_dim(p->dimmed, p->screen, p->width, r);
    fbc_viewers_changed(p->viewers, r, p->now);
}

static void paint_band(struct fbc_proxy *p)
{
    struct fbc_rect band = fbc_banner_rect(p->width, p->height);

    fbc_banner_draw(p->dimmed, p->width, p->height, p->text);
    fbc_viewers_changed(p->viewers, &band, p->now);
}

/* Everything is new. */
static void paint_all(struct fbc_proxy *p)
{
    const struct fbc_rect all = { 0, 0, (uint16_t)p->width,
                                  (uint16_t)p->height };

    fbc_viewers_show(p->viewers, p->marked ? p->dimmed : p->screen, p->width,
                     p->height, p->now);
    if ( !p->marked )
        return;
    paint(p, &all);
    paint_band(p);
}

/* Tiles that look different now, those side by side at once. */
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
                v->changed[tile] )
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
    if ( any && p->marked )
        paint_band(p);
}

void proxy_screen_launch(const struct fbc_proxy *p,
                         char text[static FBC_LAUNCHED_TEXT])
{
    const struct fbc_view *v = &p->s->view;
    const struct fbc_epoch *ep = &v->header.ep;

    if ( ep->aead == FBC_AEAD_NONE && v->launches > 1 )
        snprintf(text, FBC_LAUNCHED_TEXT, "accepted, one of %u",
                 v->launches);
    else if ( ep->aead == FBC_AEAD_NONE && v->launches )
        fbc_launched_text(FBC_LAUNCHED_ACCEPTED, v->launch[0], text);
    else
        fbc_launched_text(ep->launched, ep->launch, text);
}

/*
 * Viewers are told the name when they connect.  What it promises holds for
 * each screen without a mark: of another launch none is live.
 */
static void set_name(struct fbc_proxy *p)
{
    char name[FBC_VIEWERS_NAME], launch[FBC_LAUNCHED_TEXT];

    proxy_screen_launch(p, launch);
    snprintf(name, sizeof(name), "%.48s (fbcrypt, launch: %s)", p->o.name,
             launch);
    fbc_viewers_name(p->viewers, name);
}

int proxy_screen_init(struct fbc_proxy *p, const struct fbc_viewers_opts *v,
                      struct fbc_error *e)
{
    p->width = FIRST_WIDTH;
    p->height = FIRST_HEIGHT;
    p->screen = reserve();
    p->dimmed = reserve();
    if ( !p->screen || !p->dimmed )
        return fbc_fail(e, FBC_EXIT_ENV, "screen", "no memory");
    if ( fbc_viewers_new(v, p->dimmed, p->width, p->height, &p->viewers, e) )
        return -1;

    set_name(p);
    p->marked = true;
    fbc_live_init(&p->live, p->now);
    fbc_live_text(&p->live, p->now, p->text);
    paint_all(p);

    return 0;
}

void proxy_screen_end(struct fbc_proxy *p)
{
    fbc_viewers_free(p->viewers);       /* lets go of keys */
    if ( p->screen )
        munmap(p->screen, SCREEN_LEN);
    if ( p->dimmed )
        munmap(p->dimmed, SCREEN_LEN);
}

void proxy_screen_mark(struct fbc_proxy *p)
{
    enum fbc_live_state state = fbc_live_state(&p->live, p->now);
    bool marked = state != FBC_LIVE_OK;
    char text[FBC_LIVE_TEXT], launch[FBC_LAUNCHED_TEXT];

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
    proxy_screen_launch(p, launch);
    if ( marked )
        proxy_say(p, "not live: %s", text);
    else
        proxy_say(p, "live: %u x %u, epoch %u, launch: %s", p->width,
                  p->height, p->s->view.header.ep.epoch, launch);
}

static void refuse(struct fbc_proxy *p, enum fbc_err err)
{
    p->stats.unusable++;
    if ( p->live.unusable != err )
        proxy_say(p, "picture cannot be used: %s", fbc_strerror(err));
    fbc_live_unusable(&p->live, p->now, err);
}

void proxy_screen_take(struct fbc_proxy *p)
{
    struct fbc_view *v = &p->s->view;
    const struct fbc_geom *g = &v->header.ep.geom;
    struct fbc_view_stats st;
    uint32_t width, height;
    const uint8_t *shadow;
    enum fbc_err err;
    size_t stride;

    shadow = p->up ? fbc_upstream_picture(p->up, &width, &height, &stride)
                   : NULL;
    if ( !shadow )
        return;

    /* Its size may be claimed only, but is within limits. */
    err = fbc_view_update(v, shadow, width, height, stride, UINT32_MAX,
                          p->screen, &st);
    if ( err )
    {
        refuse(p, err);
        return;
    }

    fbc_proxystats_picture(&p->stats, &st);
    fbc_live_picture(&p->live, p->now, v, &st);
    if ( st.new_epoch )
        proxy_input_epoch(p);
    if ( st.manifest == FBC_OK )
        proxy_input_manifest(p, &st.live);
    if ( !st.new_epoch )
    {
        paint_fresh(p);
        return;
    }

    set_name(p);
    p->width = g->width;
    p->height = g->height;
    paint_all(p);
}

void proxy_screen_key(struct fbc_proxy *p,
                      const uint8_t key[static FBC_SESSION_FILE_LEN])
{
    memcpy(p->s->key, key, FBC_SESSION_FILE_LEN);
    fbc_view_clear(&p->s->view);
    fbc_view_init(&p->s->view, p->s->key);
    p->s->view.bgrx = true;
    set_name(p);
    fbc_live_new_key(&p->live, p->now);
    proxy_input_session(p);
}
