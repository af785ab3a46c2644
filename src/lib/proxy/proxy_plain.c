/* SPDX-License-Identifier: GPL-2.0-only */
/* Input in the clear, through dom0. */
#include "lib/proxy/proxy_int.h"
#include "parse/rfb/pointer.h"

/* A key goes up at the guest if it went down there. */
static bool pass_key(struct fbc_proxy *p, bool down, uint32_t keysym,
                     uint32_t keycode)
{
    size_t i;

    for ( i = 0; i < p->nkeys; i++ )
        if ( p->keys[i].keysym == keysym && p->keys[i].keycode == keycode )
            break;
    if ( !down )
    {
        if ( i == p->nkeys )
            return false;
        p->keys[i] = p->keys[--p->nkeys];
        return true;
    }

    if ( !p->ready || !fbc_live_input(&p->live, p->now) )
        return false;
    if ( i == p->nkeys )
    {
        if ( i == PROXY_KEYS )
            return false;
        p->keys[i].keysym = keysym;
        p->keys[i].keycode = keycode;
        p->nkeys++;
    }

    return true;
}

void proxy_plain_key(void *proxy, unsigned int who, bool down,
                     uint32_t keysym, uint32_t keycode)
{
    struct fbc_proxy *p = proxy;

    (void)who;
    if ( !pass_key(p, down, keysym, keycode) )
    {
        p->stats.withheld++;
        return;
    }
    p->stats.input++;
    if ( keycode )
        fbc_upstream_key_ext(p->up, down, keysym, keycode);
    else
        fbc_upstream_key(p->up, down, keysym);
}

void proxy_plain_pointer(void *proxy, unsigned int who, uint8_t buttons,
                         uint16_t x, uint16_t y)
{
    struct fbc_proxy *p = proxy;
    const struct fbc_geom *g = &p->s->view.header.ep.geom;

    (void)who;
    if ( !p->ready || !g->swidth ||
         (!fbc_live_input(&p->live, p->now) && (buttons || !p->buttons)) )
    {
        p->stats.withheld++;
        return;
    }
    if ( x >= g->width )
        x = (uint16_t)(g->width - 1);
    if ( y >= g->height )
        y = (uint16_t)(g->height - 1);
    p->buttons = buttons;
    p->stats.input++;
    fbc_upstream_pointer(p->up, buttons, fbc_pointer_inverse(x, g->swidth),
                         fbc_pointer_inverse(y, g->sheight));
}
