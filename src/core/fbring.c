/* SPDX-License-Identifier: GPL-2.0-only */
/* The event rings of a xenfb page and of its shadow. */
#include "core/fbring.h"
#include "core/sharedpage.h"

void fbc_fbring_init(struct fbc_fbring *r, const void *guest_page)
{
    r->cons = fbc_page_load(guest_page, FBC_FBIF_OUT_CONS);
    r->s_prod = 0;
}

enum fbc_fbring_got fbc_fbring_take(struct fbc_fbring *r, void *guest_page,
                                    uint8_t ev[static FBC_FBIF_EVENT_LEN])
{
    uint32_t prod = fbc_page_load(guest_page, FBC_FBIF_OUT_PROD);
    uint32_t slot = r->cons % FBC_FBIF_OUT_LEN;

    if ( prod == r->cons )
        return FBC_FBRING_EMPTY;

    if ( !fbc_ring_count(prod, r->cons, FBC_FBIF_OUT_LEN) )
    {
        r->cons = prod;
        fbc_page_store(guest_page, FBC_FBIF_OUT_CONS, prod);
        return FBC_FBRING_LOST;
    }

    fbc_page_order();
    memcpy(ev, (const uint8_t *)guest_page + FBC_FBIF_OUT_OFF +
               slot * FBC_FBIF_EVENT_LEN, FBC_FBIF_EVENT_LEN);
    fbc_page_order();
    r->cons++;
    fbc_page_store(guest_page, FBC_FBIF_OUT_CONS, r->cons);

    return FBC_FBRING_EVENT;
}

bool fbc_fbring_room(const struct fbc_fbring *r, const void *shadow_page)
{
    uint32_t cons = fbc_page_load(shadow_page, FBC_FBIF_OUT_CONS);

    /* 2^32 is not a multiple of 51: events 0xffffffff and 0 share a slot. */
    if ( !r->s_prod )
        return !cons;

    return r->s_prod - cons < FBC_FBIF_OUT_LEN;
}

void fbc_fbring_put(struct fbc_fbring *r, void *shadow_page,
                    const uint8_t ev[static FBC_FBIF_EVENT_LEN])
{
    memcpy((uint8_t *)shadow_page + FBC_FBIF_OUT_OFF +
           (r->s_prod % FBC_FBIF_OUT_LEN) * FBC_FBIF_EVENT_LEN, ev,
           FBC_FBIF_EVENT_LEN);
    fbc_page_order();
    r->s_prod++;
    fbc_page_store(shadow_page, FBC_FBIF_OUT_PROD, r->s_prod);
}

void fbc_fbring_drop_in(void *shadow_page)
{
    fbc_page_store(shadow_page, FBC_FBIF_IN_CONS,
                   fbc_page_load(shadow_page, FBC_FBIF_IN_PROD));
}
