/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of fbc-vncproxy, and its report (fbcrypt/vncproxy/1). */
#ifndef FBC_LIB_PROXYSTATS_H
#define FBC_LIB_PROXYSTATS_H

#include <stdio.h>

#include "lib/base/fail.h"
#include "lib/input/sender.h"
#include "lib/proxy/live.h"
#include "lib/upstream/upstream.h"
#include "lib/viewers/viewers.h"
#include "parse/shadow/view.h"

#define FBC_PROXY_SAMPLES 4096      /* latencies; the newest are kept */

struct fbc_proxystats {
    uint64_t started;               /* ns, CLOCK_MONOTONIC */
    uint64_t updates;               /* pictures that were of use */
    uint64_t unusable;              /* and that were not */
    uint64_t fresh, pending, bad;   /* tiles, summed over pictures */
    uint64_t manifests_ok, manifests_pending, manifests_stale, manifests_bad;
    uint64_t epochs, keys;          /* begun; session keys read anew */
    uint64_t marks;                 /* times that live ended */
    uint64_t connections, failures; /* made; not made, or refused */
    uint64_t input, withheld;       /* events passed on, and not */
    uint64_t untyped;               /* of these, keys that the guest lacks */
    struct fbc_upstream_stats up;   /* of connections that are over */
    uint64_t sample[FBC_PROXY_SAMPLES]; /* ns */
    uint64_t samples;
};

/* The rest of the report. */
struct fbc_proxyreport {
    enum fbc_live_state state;
    char why[FBC_LIVE_TEXT];
    uint32_t width, height, epoch;
    enum fbc_launched launched;
    const uint8_t *launch;          /* fbc_launched_known() bytes */
    uint64_t now;
    unsigned int viewers;
    struct fbc_viewers_stats down;
    struct fbc_upstream_stats up;   /* of all connections */
    const struct fbc_sender *input; /* NULL: in the clear */
};

/* A picture that fbc_view_update() took. */
void fbc_proxystats_picture(struct fbc_proxystats *s,
                            const struct fbc_view_stats *st);
void fbc_proxystats_latency(struct fbc_proxystats *s, uint64_t ns);
void fbc_proxystats_add(struct fbc_upstream_stats *sum,
                        const struct fbc_upstream_stats *more);

struct fbc_latency {
    uint64_t p50, p95, p99, max;    /* ns; 0 without samples */
};

void fbc_proxystats_percentiles(const struct fbc_proxystats *s,
                                struct fbc_latency *l);

/* One line of JSON; e NULL: all is well. */
void fbc_proxystats_json(FILE *f, const struct fbc_proxystats *s,
                         const struct fbc_proxyreport *r,
                         const struct fbc_error *e);

#endif /* FBC_LIB_PROXYSTATS_H */
