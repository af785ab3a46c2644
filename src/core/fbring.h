/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event rings of a xenfb page (Xen public/io/fbif.h), between the guest's
 * real page and the shadow page that dom0 sees.  Both pages are shared and
 * hostile: each index and slot is read once, and the hypervisor's own indices
 * are kept here, never read back.  The caller serialises.
 */
#ifndef FBC_CORE_FBRING_H
#define FBC_CORE_FBRING_H

#include "core/fbc.h"
#include "core/fbif.h"

struct fbc_fbring {
    uint32_t cons;              /* guest's out ring: next event to take */
    uint32_t s_prod;            /* shadow's out ring: next slot to fill */
};

/* Starts where the guest's page is; the shadow page is new and zero. */
void fbc_fbring_init(struct fbc_fbring *r, const void *guest_page);

enum fbc_fbring_got {
    FBC_FBRING_EMPTY,
    FBC_FBRING_EVENT,           /* one event copied, its slot released */
    FBC_FBRING_LOST,            /* indices made no sense: ring emptied */
};

enum fbc_fbring_got FBC_MUST_CHECK
fbc_fbring_take(struct fbc_fbring *r, void *guest_page,
                uint8_t ev[static FBC_FBIF_EVENT_LEN]);

/* False: the shadow's ring is full (or dom0 made its indices senseless). */
bool FBC_MUST_CHECK fbc_fbring_room(const struct fbc_fbring *r,
                                    const void *shadow_page);
/* Only after fbc_fbring_room() said yes. */
void fbc_fbring_put(struct fbc_fbring *r, void *shadow_page,
                    const uint8_t ev[static FBC_FBIF_EVENT_LEN]);

/* Acknowledges whatever dom0 put on the shadow's in ring, unread. */
void fbc_fbring_drop_in(void *shadow_page);

#endif /* FBC_CORE_FBRING_H */
