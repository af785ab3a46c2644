/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which records of a queue go again, and when.
 *
 * The hypervisor takes records in order only.  It tells how far it came and
 * whether there is a gap: what follows has come and was refused.  With a gap
 * all goes again from the oldest on, once; if the gap is still there when that
 * should have been taken, the oldest goes alone, as the guest may have no room.
 * Without word the oldest goes alone as well, once it is later than
 * acknowledgements before let expect (RFC 6298); and if more than what went
 * again is acknowledged then, all was only late, and goes on as if nothing had
 * happened.
 *
 * Times are the caller's, in ns, never going back.
 */
#ifndef FBC_LIB_SENDWINDOW_H
#define FBC_LIB_SENDWINDOW_H

#include "lib/input/sendqueue.h"

#define FBC_SENDWINDOW_MAX 128      /* records on their way */

struct fbc_sendwindow {
    size_t most;                    /* that may be on their way now */
    uint64_t timer;                 /* of the oldest on its way */
    uint64_t progress;              /* last acknowledgement, or start */
    uint64_t patience;              /* from timer until it goes again */
    uint64_t round_trip, deviation; /* smoothed; 0: not known */
    uint64_t probe, probed;         /* counter that is timed, 0: none; since */
    uint64_t answered;              /* probed, of the last one taken; or 0 */
    uint64_t gap;                   /* counter at which the last one was */
    bool again;                     /* some of the queue go another time */
};

/* Of a connection that begins; round trips of the one before are kept. */
void fbc_sendwindow_open(struct fbc_sendwindow *w, uint64_t now);
/* The way to the hypervisor is another one: all of the queue goes again. */
void fbc_sendwindow_reset(struct fbc_sendwindow *w, struct fbc_sendqueue *q,
                          uint64_t now);

/* What a manifest says. */
void fbc_sendwindow_told(struct fbc_sendwindow *w, struct fbc_sendqueue *q,
                         uint64_t now, uint16_t ack, bool gap);

/*
 * May the next record of the queue go?  Goes back to the oldest if that is
 * late.  always: rather go back than wait for the window.
 */
bool fbc_sendwindow_may(struct fbc_sendwindow *w, struct fbc_sendqueue *q,
                        uint64_t now, bool always);
/* One went, with that counter; first: never before. */
void fbc_sendwindow_sent(struct fbc_sendwindow *w, uint64_t now,
                         uint64_t counter, bool first);

/* When there is something to do that no manifest tells; UINT64_MAX: never. */
uint64_t fbc_sendwindow_when(const struct fbc_sendwindow *w,
                             const struct fbc_sendqueue *q);

#endif /* FBC_LIB_SENDWINDOW_H */
