/* SPDX-License-Identifier: GPL-2.0-only */
/* When a screen is sealed, and how often a manifest is. */
#include "core/pace.h"

#define NS_PER_MS 1000000ull

/*
 * Linux says that all of the screen has changed at each write to it, which may
 * be of a row.  With these rests a guest that draws all the time spends a fifth
 * of it on being sealed.
 */
#define REST     4
#define REST_MAX (200 * NS_PER_MS)

/*
 * A manifest twice a second, drawn or not: without it a viewer cannot tell an
 * idle screen from one that dom0 has frozen.
 */
#define PERIOD     (500 * NS_PER_MS)
#define PERIOD_MIN (100 * NS_PER_MS)
#define PERIOD_MAX (10000 * NS_PER_MS)

/*
 * Forty a second after drawing, and for a moment after each record of input:
 * they say which was taken, and QEMU, which looks at a screen every 30 ms, and
 * less often once it finds nothing new, goes on looking as often.  (Any record,
 * or dom0 could tell a key from a challenge by it.)
 */
#define FAST       (25 * NS_PER_MS)
#define DRAWN_FOR  (2000 * NS_PER_MS)
#define RECORD_FOR (250 * NS_PER_MS)

void fbc_pace_begin(struct fbc_pace *p)
{
    p->passing = true;
}

void fbc_pace_end(struct fbc_pace *p, uint64_t now, uint64_t took)
{
    if ( !p->passing )
        return;
    p->passing = false;
    p->rest_until = now + (took < REST_MAX / REST ? REST * took : REST_MAX);
}

bool fbc_pace_rests(const struct fbc_pace *p, uint64_t now)
{
    return !p->passing && now < p->rest_until;
}

static void hurry(struct fbc_pace *p, uint64_t until)
{
    if ( p->fast_until < until )
        p->fast_until = until;
}

void fbc_pace_drawn(struct fbc_pace *p, uint64_t now)
{
    hurry(p, now + DRAWN_FOR);
}

void fbc_pace_record(struct fbc_pace *p, uint64_t now)
{
    hurry(p, now + RECORD_FOR);
}

uint64_t fbc_pace_period(const struct fbc_pace *p, uint64_t now,
                         unsigned int wish)
{
    uint64_t ns = wish ? wish * NS_PER_MS : PERIOD;

    if ( now < p->fast_until )
        return FAST;

    return ns < PERIOD_MIN ? PERIOD_MIN : ns > PERIOD_MAX ? PERIOD_MAX : ns;
}
