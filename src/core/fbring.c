/* SPDX-License-Identifier: GPL-2.0-only */
/* The event rings of a xenfb page and of its shadow. */
#include "core/fbring.h"

static uint32_t load(const void *page, uint32_t off)
{
    return *(const volatile uint32_t *)((const uint8_t *)page + off);
}

static void store(void *page, uint32_t off, uint32_t v)
{
    *(volatile uint32_t *)((uint8_t *)page + off) = v;
}

/* x86 orders loads with loads and stores with stores; the compiler may not. */
static void barrier_once(void)
{
    __asm__ __volatile__ ( "" ::: "memory" );
}

void fbc_fbring_init(struct fbc_fbring *r, const void *guest_page)
{
    r->cons = load(guest_page, FBC_FBIF_OUT_CONS);
    r->s_prod = 0;
}

enum fbc_fbring_got fbc_fbring_take(struct fbc_fbring *r, void *guest_page,
                                    uint8_t ev[static FBC_FBIF_EVENT_LEN])
{
    uint32_t prod = load(guest_page, FBC_FBIF_OUT_PROD);
    uint32_t slot = r->cons % FBC_FBIF_OUT_LEN;

    if ( prod == r->cons )
        return FBC_FBRING_EMPTY;

    if ( !fbc_ring_count(prod, r->cons, FBC_FBIF_OUT_LEN) )
    {
        r->cons = prod;
        store(guest_page, FBC_FBIF_OUT_CONS, prod);
        return FBC_FBRING_LOST;
    }

    barrier_once();
    memcpy(ev, (const uint8_t *)guest_page + FBC_FBIF_OUT_OFF +
               slot * FBC_FBIF_EVENT_LEN, FBC_FBIF_EVENT_LEN);
    barrier_once();
    r->cons++;
    store(guest_page, FBC_FBIF_OUT_CONS, r->cons);

    return FBC_FBRING_EVENT;
}

bool fbc_fbring_room(const struct fbc_fbring *r, const void *shadow_page)
{
    uint32_t cons = load(shadow_page, FBC_FBIF_OUT_CONS);

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
    barrier_once();
    r->s_prod++;
    store(shadow_page, FBC_FBIF_OUT_PROD, r->s_prod);
}

void fbc_fbring_drop_in(void *shadow_page)
{
    store(shadow_page, FBC_FBIF_IN_CONS, load(shadow_page, FBC_FBIF_IN_PROD));
}
