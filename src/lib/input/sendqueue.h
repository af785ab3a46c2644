/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of sealed input that the hypervisor has not taken yet, in order.
 *
 * [0, sent) are on their way, [0, sealed) were at some time and must not
 * change any more: their counters stand for their contents.  What waits behind
 * is put together where that changes nothing: two key events fit into one
 * record; pointer positions that nobody will see are left out once many wait.
 */
#ifndef FBC_LIB_SENDQUEUE_H
#define FBC_LIB_SENDQUEUE_H

#include "core/input.h"

#define FBC_SENDQUEUE_MAX   512
#define FBC_SENDQUEUE_MERGE 16      /* that wait: pointer moves are merged */

struct fbc_sendqueue {
    struct fbc_input in[FBC_SENDQUEUE_MAX];     /* secret */
    size_t head, n;
    size_t sent, sealed;            /* sent <= sealed <= n */
    uint64_t first;                 /* counter of the oldest */
};

/* Empty, and its next counter is 1. */
void fbc_sendqueue_init(struct fbc_sendqueue *q);

/* Places that are free for sure. */
static inline size_t fbc_sendqueue_room(const struct fbc_sendqueue *q)
{
    return FBC_SENDQUEUE_MAX - q->n;
}

/* How many of the records are more than a challenge. */
size_t fbc_sendqueue_events(const struct fbc_sendqueue *q);

/* False: it is full. */
bool fbc_sendqueue_put(struct fbc_sendqueue *q, const struct fbc_input *in);

/* The next one to send, which counts as sent; NULL: there is none. */
const struct fbc_input *fbc_sendqueue_next(struct fbc_sendqueue *q,
                                           uint64_t *counter);

/*
 * Takes away what is acknowledged: low 16 bits of the last counter taken.
 * How many these were; an acknowledgement of what was not sealed is ignored.
 */
size_t fbc_sendqueue_ack(struct fbc_sendqueue *q, uint16_t ack);

#endif /* FBC_LIB_SENDQUEUE_H */
