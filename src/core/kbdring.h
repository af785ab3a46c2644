/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event ring of a xenkbd page, from the shadow page that dom0 sees to the
 * guest's real page.  Both pages are shared and hostile: each index and slot
 * is read once, and the hypervisor's own indices are kept here, never read
 * back.  The caller serialises.
 */
#ifndef FBC_CORE_KBDRING_H
#define FBC_CORE_KBDRING_H

#include "core/inputbox.h"

#define FBC_KBDRING_AHEAD 16    /* sealed events on the guest's ring at once */

struct fbc_kbdring {
    uint32_t s_cons;            /* shadow's in ring: next event to take */
    uint32_t prod;              /* guest's in ring: next slot to fill */
    uint64_t passed;            /* events given to the guest */
    uint64_t dropped;           /* events that fbc_kbdif_event() refused */
    uint64_t lost;              /* times that dom0's indices were senseless */
};

/*
 * Starts where the guest's page is, with counters of zero; the shadow page is
 * new and zero.  Again whenever the guest publishes its page.
 */
void fbc_kbdring_init(struct fbc_kbdring *r, const void *guest_page);

/* fbc_kbdring_pump() moved something: send these an event. */
#define FBC_KBDRING_TELL_GUEST  (1u << 0)   /* something was put on its ring */
#define FBC_KBDRING_TELL_DOM0   (1u << 1)   /* room was made on the shadow's */
#define FBC_KBDRING_RECORD      (1u << 2)   /* a manifest is due */

/*
 * Moves events while there are some, a ring's worth at most.  To be called
 * when dom0 sends an event (it put something) and when the guest does (it may
 * have made room).  Senseless indices of dom0 empty the shadow's ring.  What
 * the guest put on its out ring is acknowledged, unread; dom0's view of that
 * ring is not touched.
 *
 * box says what reaches the guest.  Plain: dom0's events that make sense, as
 * long as the guest has room; others stay on the shadow's ring, whole, and dom0
 * sees it full; so it is, too, for as long as the guest's index makes no sense.
 * Sealed or closed: the shadow's ring is emptied, and only what records say
 * passes, all of a record or nothing.
 */
unsigned int FBC_MUST_CHECK
fbc_kbdring_pump(struct fbc_kbdring *r, void *guest_page, void *shadow_page,
                 const struct fbc_kbdif_limits *limits,
                 struct fbc_inputbox *box, uint64_t now_ns);

/* A record that came by another way; as fbc_inputbox_take(). */
enum fbc_err FBC_MUST_CHECK
fbc_kbdring_record(struct fbc_kbdring *r, void *guest_page,
                   const uint8_t record[static FBC_INPUT_RECORD_LEN],
                   const struct fbc_kbdif_limits *limits,
                   struct fbc_inputbox *box, uint64_t now_ns,
                   unsigned int *done);

#endif /* FBC_CORE_KBDRING_H */
