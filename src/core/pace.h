/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a guest's screen is sealed, and how often a manifest is, drawn or not.
 * Times are nanoseconds of one clock, which the caller reads; it serialises.
 */
#ifndef FBC_CORE_PACE_H
#define FBC_CORE_PACE_H

#include "core/fbc.h"

struct fbc_pace {
    bool passing;               /* between begin and end */
    uint64_t rest_until;
    uint64_t fast_until;        /* manifests are frequent */
};

/* A pass over what is due begins, unless there is one. */
void fbc_pace_begin(struct fbc_pace *p);

/*
 * It ends, if there is one, after so much of sealing: what is drawn now has to
 * rest for four times as long, 200 ms at most.
 */
void fbc_pace_end(struct fbc_pace *p, uint64_t now, uint64_t took);
bool fbc_pace_rests(const struct fbc_pace *p, uint64_t now);

/* Something was drawn, a record of input was taken: manifests hurry. */
void fbc_pace_drawn(struct fbc_pace *p, uint64_t now);
void fbc_pace_record(struct fbc_pace *p, uint64_t now);

/* Until the next manifest.  wish: the owner's, in ms; 0: none. */
uint64_t fbc_pace_period(const struct fbc_pace *p, uint64_t now,
                         unsigned int wish);

#endif /* FBC_CORE_PACE_H */
