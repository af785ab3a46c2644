/* SPDX-License-Identifier: GPL-2.0-only */
/* Viewers' keys, and their clipboards when they ask for it, to the guest. */
#include <linux/input-event-codes.h>
#include <xkbcommon/xkbcommon-keysyms.h>

#include "lib/proxy/proxy_int.h"

void proxy_paste_text(void *proxy, const uint8_t *text, size_t len)
{
    struct fbc_proxy *p = proxy;

    fbc_wipe(p->s->clip, sizeof(p->s->clip));
    memcpy(p->s->clip, text, len);
    p->s->clip_len = len;
}

static bool held(const struct fbc_proxy *p, uint16_t left, uint16_t right)
{
    const struct fbc_typist *t = &p->s->typist;
    size_t i;

    for ( i = 0; i < t->n_held; i++ )
        if ( t->held[i].code == left || t->held[i].code == right )
            return true;

    return false;
}

/* Was that key the request to paste? */
static bool paste(struct fbc_proxy *p, bool down, uint32_t keysym)
{
    if ( !p->o.paste || !down || (keysym != 'v' && keysym != 'V') ||
         !held(p, KEY_LEFTCTRL, KEY_RIGHTCTRL) ||
         !held(p, KEY_LEFTSHIFT, KEY_RIGHTSHIFT) ||
         !held(p, KEY_LEFTALT, KEY_LEFTALT) )
        return false;

    proxy_input_release(p);     /* whoever holds them lets go of nothing */
    memcpy(p->s->paste, p->s->clip, p->s->clip_len);
    p->s->paste_len = p->s->clip_len;
    p->s->pasted = 0;
    proxy_say(p, "input: pastes %zu characters", p->s->paste_len);

    return true;
}

void proxy_input_key(void *proxy, bool down, uint32_t keysym,
                     uint32_t keycode)
{
    struct fbc_proxy *p = proxy;

    if ( down && !proxy_input_room(p) )
    {
        p->stats.withheld++;
        return;
    }
    if ( paste(p, down, keysym) )
        return;
    if ( !proxy_input_type(p, down, keysym, keycode) && down )
    {
        p->stats.withheld++;
        p->stats.untyped++;
    }
}

void proxy_paste_more(struct fbc_proxy *p)
{
    while ( proxy_pasting(p) && proxy_input_room(p) )
    {
        uint32_t keysym = p->s->paste[p->s->pasted++];

        if ( keysym == '\r' )
            continue;           /* a newline follows */
        if ( keysym == '\n' )
            keysym = XKB_KEY_Return;
        if ( keysym == '\t' )
            keysym = XKB_KEY_Tab;
        if ( proxy_input_type(p, true, keysym, 0) )
            (void)proxy_input_type(p, false, keysym, 0);
        else
            p->stats.untyped++;
    }
    if ( !proxy_pasting(p) && p->s->paste_len )
    {
        fbc_wipe(p->s->paste, sizeof(p->s->paste));
        p->s->paste_len = p->s->pasted = 0;
    }
}
