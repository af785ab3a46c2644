/* SPDX-License-Identifier: GPL-2.0-only */
/* The event ring of a xenkbd page and of its shadow. */
#include "core/kbdring.h"
#include "core/sharedpage.h"

static uint32_t slot(uint32_t index)
{
    return FBC_KBDIF_IN_OFF + index % FBC_KBDIF_IN_LEN * FBC_KBDIF_EVENT_LEN;
}

/* False, too, when the guest's cons makes no sense. */
static bool room(uint32_t prod, uint32_t cons)
{
    /* 2^32 is not a multiple of 51: events 0xffffffff and 0 share a slot. */
    if ( !prod )
        return !cons;

    return prod - cons < FBC_KBDIF_IN_LEN;
}

void fbc_kbdring_init(struct fbc_kbdring *r, const void *guest_page)
{
    memset(r, 0, sizeof(*r));
    r->prod = fbc_page_load(guest_page, FBC_KBDIF_IN_PROD);
}

/* Returns what was put; moves r->s_cons past what was taken. */
static unsigned int move(struct fbc_kbdring *r, void *guest_page,
                         const void *shadow_page, uint32_t s_prod,
                         const struct fbc_kbdif_limits *limits)
{
    uint32_t cons = fbc_page_load(guest_page, FBC_KBDIF_IN_CONS);
    uint8_t raw[FBC_KBDIF_USED_LEN], ev[FBC_KBDIF_EVENT_LEN];
    unsigned int put = 0;

    while ( r->s_cons != s_prod && room(r->prod, cons) )
    {
        fbc_page_order();
        memcpy(raw, (const uint8_t *)shadow_page + slot(r->s_cons),
               sizeof(raw));
        fbc_page_order();
        r->s_cons++;

        if ( !fbc_kbdif_event(raw, limits, ev) )
        {
            r->dropped++;
            continue;
        }

        memcpy((uint8_t *)guest_page + slot(r->prod), ev, sizeof(ev));
        r->prod++;
        put++;
    }

    return put;
}

unsigned int fbc_kbdring_pump(struct fbc_kbdring *r, void *guest_page,
                              void *shadow_page,
                              const struct fbc_kbdif_limits *limits)
{
    uint32_t s_prod = fbc_page_load(shadow_page, FBC_KBDIF_IN_PROD);
    uint32_t s_cons = r->s_cons;
    unsigned int put = 0, done = 0;

    fbc_page_store(guest_page, FBC_KBDIF_OUT_CONS,
                   fbc_page_load(guest_page, FBC_KBDIF_OUT_PROD));

    if ( s_prod - s_cons > FBC_KBDIF_IN_LEN )
    {
        r->s_cons = s_prod;
        r->lost++;
    }
    else
        put = move(r, guest_page, shadow_page, s_prod, limits);

    if ( put )
    {
        r->passed += put;
        fbc_page_order();
        fbc_page_store(guest_page, FBC_KBDIF_IN_PROD, r->prod);
        done |= FBC_KBDRING_TELL_GUEST;
    }

    if ( r->s_cons != s_cons )
    {
        fbc_page_order();
        fbc_page_store(shadow_page, FBC_KBDIF_IN_CONS, r->s_cons);
        done |= FBC_KBDRING_TELL_DOM0;
    }

    return done;
}
