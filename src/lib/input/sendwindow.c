/* SPDX-License-Identifier: GPL-2.0-only */
/* When records are taken for lost. */
#include "lib/input/sendwindow.h"

#include "lib/base/clock.h"

#define PATIENCE_FIRST FBC_NS_PER_S
#define PATIENCE_MIN   (200 * FBC_NS_PER_MS)
#define PATIENCE_MAX   (2 * FBC_NS_PER_S)
#define GRAIN_NS       (80 * FBC_NS_PER_MS)     /* manifest, QEMU's look */
#define AGAIN          64           /* records, after a loss */

void fbc_sendwindow_open(struct fbc_sendwindow *w, uint64_t now)
{
    w->most = FBC_SENDWINDOW_MAX;
    w->timer = w->progress = now;
    w->patience = PATIENCE_FIRST;
    w->probe = w->answered = w->gap = 0;
    w->again = false;
}

void fbc_sendwindow_reset(struct fbc_sendwindow *w, struct fbc_sendqueue *q,
                          uint64_t now)
{
    fbc_sendwindow_open(w, now);
    w->most = AGAIN;
    w->again = q->sealed;
    q->sent = 0;
}

static void measure(struct fbc_sendwindow *w, uint64_t t)
{
    uint64_t off = t > w->round_trip ? t - w->round_trip : w->round_trip - t;

    if ( w->round_trip )
    {
        w->deviation = (3 * w->deviation + off) / 4;
        w->round_trip = (7 * w->round_trip + t) / 8;
    }
    else
    {
        w->round_trip = t;
        w->deviation = t / 2;
    }
    w->patience = w->round_trip + (4 * w->deviation > GRAIN_NS
                                   ? 4 * w->deviation : GRAIN_NS);
    if ( w->patience < PATIENCE_MIN )
        w->patience = PATIENCE_MIN;
    if ( w->patience > PATIENCE_MAX )
        w->patience = PATIENCE_MAX;
}

static void go_back(struct fbc_sendwindow *w, struct fbc_sendqueue *q,
                    size_t most)
{
    q->sent = 0;
    w->most = most;
    w->again = true;
}

/* late: more was taken than what went again. */
static void taken(struct fbc_sendwindow *w, struct fbc_sendqueue *q,
                  uint64_t now, bool late)
{
    if ( late )
    {
        q->sent = q->sealed;
        w->most = FBC_SENDWINDOW_MAX;
    }
    else
    {
        if ( w->again )         /* which of both was taken? */
            w->probe = 0;
        w->most = w->most < AGAIN ? AGAIN : FBC_SENDWINDOW_MAX;
    }
    w->again = q->sent < q->sealed;
    if ( w->probe && q->first > w->probe )
    {
        measure(w, now - w->probed);
        w->answered = w->probed;
        w->probe = 0;
    }
    w->timer = w->progress = now;
}

/* One manifest after the other tells of the same gap. */
static void refused(struct fbc_sendwindow *w, struct fbc_sendqueue *q,
                    uint64_t now)
{
    bool before = w->gap == q->first;

    if ( !q->sent ||
         (before && now - w->timer <= w->round_trip + GRAIN_NS) )
        return;
    go_back(w, q, before ? 1 : AGAIN);
    w->gap = q->first;
    w->probe = 0;
}

void fbc_sendwindow_told(struct fbc_sendwindow *w, struct fbc_sendqueue *q,
                         uint64_t now, uint16_t ack, bool gap)
{
    size_t sent = q->sent, n = fbc_sendqueue_ack(q, ack);

    if ( n )
        taken(w, q, now, n > sent);
    if ( !q->sealed )
        w->progress = now;
    if ( gap )
        refused(w, q, now);
}

bool fbc_sendwindow_may(struct fbc_sendwindow *w, struct fbc_sendqueue *q,
                        uint64_t now, bool always)
{
    if ( q->sent && now - w->timer >= w->patience )
    {
        go_back(w, q, 1);
        w->patience = 2 * w->patience < PATIENCE_MAX ? 2 * w->patience
                                                     : PATIENCE_MAX;
    }
    if ( q->sent >= (always ? FBC_SENDWINDOW_MAX : w->most) )
    {
        if ( !always )
            return false;
        go_back(w, q, w->most);
    }
    if ( !q->sent )
        w->timer = now;

    return true;
}

void fbc_sendwindow_sent(struct fbc_sendwindow *w, uint64_t now,
                         uint64_t counter, bool first)
{
    if ( w->probe || !first )
        return;
    w->probe = counter;
    w->probed = now;
}

uint64_t fbc_sendwindow_when(const struct fbc_sendwindow *w,
                             const struct fbc_sendqueue *q)
{
    if ( q->sent < q->n && q->sent < w->most )
        return 0;

    return q->sent ? w->timer + w->patience : UINT64_MAX;
}
