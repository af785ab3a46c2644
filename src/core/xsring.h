/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Proxy of a guest's XenStore page (Xen public/io/xs_wire.h): requests go
 * from the guest's real page to the shadow page that xenstored maps, answers
 * come back.  Every request byte passes the watcher (xs.h) exactly once, and
 * what the watcher saw is what xenstored gets.  Of what the guest is not to
 * know (xsdoor.h) it gets an error for an answer.
 *
 * Both pages are hostile; private indices are authoritative, but for the two
 * of the real page that are the server's, which a guest may set back.  The
 * caller serialises.
 */
#ifndef FBC_CORE_XSRING_H
#define FBC_CORE_XSRING_H

#include "core/fbc.h"
#include "core/xs.h"

#define FBC_XS_RING 1024

struct fbc_xsring {
    uint32_t req_cons;          /* real page: next request byte to take */
    uint32_t s_req_prod;        /* shadow page: next to give */
    uint32_t s_rsp_cons;        /* shadow page: next answer byte to take */
    uint32_t rsp_prod;          /* real page: next to give */
    struct fbc_xs xs;
    /* Request bytes taken and watched, not yet shown to xenstored. */
    uint8_t held[FBC_XS_RING];
    uint32_t held_len;
    /* The current answer: what the guest gets first of it; what is left. */
    uint8_t head[FBC_XS_HEADER_LEN + 7];
    uint32_t head_have, head_len, head_given;
    uint32_t ans_left;
    bool ans_refused;
    bool ans_broken;            /* a length over FBC_XS_PAYLOAD_MAX was seen */
};

/*
 * Takes over a page on which the guest has not run yet; whatever the builder
 * or xenstored left there is carried into the shadow.
 */
void fbc_xsring_init(struct fbc_xsring *r, uint16_t domid, const void *real,
                     const void *shadow);

/*
 * Moves requests until the ring is empty, the shadow is full or the watcher
 * saw a write (w->key != FBC_XS_NONE).  In the last case the bytes up to and
 * including that write are held back until the next call, so that the caller
 * can act before xenstored knows.  Returns true when anything was moved.
 */
bool fbc_xsring_requests(struct fbc_xsring *r, void *real, void *shadow,
                         struct fbc_xs_write *w);

/*
 * Moves answers and the server's feature and connection words.  Returns true
 * when anything was moved.
 */
bool fbc_xsring_answers(struct fbc_xsring *r, void *real, void *shadow);

#endif /* FBC_CORE_XSRING_H */
