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

#define NOBODY FBC_VIEWERS_MAX      /* types what is pasted */

static bool held(const struct fbc_proxy *p, unsigned int who, uint16_t left,
                 uint16_t right)
{
    return fbc_typist_holds(&p->s->typist, who, left) ||
           fbc_typist_holds(&p->s->typist, who, right);
}

/* Was that key the request to paste? */
static bool paste(struct fbc_proxy *p, unsigned int who, bool down,
                  uint32_t keysym)
{
    if ( !p->o.paste || !down || (keysym != 'v' && keysym != 'V') ||
         !held(p, who, KEY_LEFTCTRL, KEY_RIGHTCTRL) ||
         !held(p, who, KEY_LEFTSHIFT, KEY_RIGHTSHIFT) ||
         !held(p, who, KEY_LEFTALT, KEY_LEFTALT) )
        return false;

    proxy_input_release(p);     /* whoever holds them lets go of nothing */
    memcpy(p->s->paste, p->s->clip, p->s->clip_len);
    p->s->paste_len = p->s->clip_len;
    p->s->pasted = 0;
    proxy_say(p, "input: pastes %zu characters", p->s->paste_len);

    return true;
}

void proxy_input_key(void *proxy, unsigned int who, bool down,
                     uint32_t keysym, uint32_t keycode)
{
    struct fbc_proxy *p = proxy;

    if ( down && !proxy_input_room(p) )
    {
        p->stats.withheld++;
        return;
    }
    if ( paste(p, who, down, keysym) )
        return;
    if ( !proxy_input_type(p, who, down, keysym, keycode) && down )
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
        if ( proxy_input_type(p, NOBODY, true, keysym, 0) )
            (void)proxy_input_type(p, NOBODY, false, keysym, 0);
        else
            p->stats.untyped++;
    }
    if ( !proxy_pasting(p) && p->s->paste_len )
    {
        fbc_wipe(p->s->paste, sizeof(p->s->paste));
        p->s->paste_len = p->s->pasted = 0;
    }
}
