/* SPDX-License-Identifier: GPL-2.0-only */
/* What fbc-vncproxy counts. */
#include "lib/proxy/proxystats.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/json.h"
#include "parse/shadow/launched.h"

void fbc_proxystats_picture(struct fbc_proxystats *s,
                            const struct fbc_view_stats *st)
{
    s->updates++;
    s->fresh += st->fresh;
    s->pending += st->pending;
    s->bad += st->bad;
    s->epochs += st->new_epoch;
    switch ( st->manifest )
    {
    case FBC_OK:          s->manifests_ok++; break;
    case FBC_ERR_PENDING: s->manifests_pending++; break;
    case FBC_ERR_STALE:   s->manifests_stale++; break;
    default:              s->manifests_bad++; break;
    }
}

void fbc_proxystats_latency(struct fbc_proxystats *s, uint64_t ns)
{
    s->sample[s->samples++ % FBC_PROXY_SAMPLES] = ns;
}

void fbc_proxystats_add(struct fbc_upstream_stats *sum,
                        const struct fbc_upstream_stats *more)
{
    sum->bytes_in += more->bytes_in;
    sum->bytes_out += more->bytes_out;
    sum->updates += more->updates;
    sum->rects += more->rects;
    sum->pixels += more->pixels;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

void fbc_proxystats_percentiles(const struct fbc_proxystats *s,
                                struct fbc_latency *l)
{
    size_t n = s->samples < FBC_PROXY_SAMPLES ? (size_t)s->samples
                                              : FBC_PROXY_SAMPLES;
    uint64_t *v = malloc(n * sizeof(*v) + 1);

    memset(l, 0, sizeof(*l));
    if ( v && n )
    {
        memcpy(v, s->sample, n * sizeof(*v));
        qsort(v, n, sizeof(*v), by_value);
        l->p50 = v[(n - 1) * 50 / 100];
        l->p95 = v[(n - 1) * 95 / 100];
        l->p99 = v[(n - 1) * 99 / 100];
        l->max = v[n - 1];
    }
    free(v);
}

static void put_launch(struct fbc_json *j, const struct fbc_proxyreport *r)
{
    size_t known = fbc_launched_known(r->launched);

    fbc_json_str(j, "launch", fbc_launched_name(r->launched));
    if ( known )
        fbc_json_hex(j, "launch_digest", r->launch, known);
    else
        fbc_json_null(j, "launch_digest");
    fbc_json_bool(j, "launch_checked", r->launched == FBC_LAUNCHED_ACCEPTED);
}

static void put_shadow(struct fbc_json *j, const struct fbc_proxystats *s)
{
    fbc_json_uint(j, "updates", s->updates);
    fbc_json_uint(j, "unusable", s->unusable);

    fbc_json_open(j, "tiles", '{');
    fbc_json_uint(j, "ok", s->fresh);
    fbc_json_uint(j, "pending", s->pending);
    fbc_json_uint(j, "bad", s->bad);
    fbc_json_close(j, '}');

    fbc_json_open(j, "manifests", '{');
    fbc_json_uint(j, "ok", s->manifests_ok);
    fbc_json_uint(j, "pending", s->manifests_pending);
    fbc_json_uint(j, "stale", s->manifests_stale);
    fbc_json_uint(j, "bad", s->manifests_bad);
    fbc_json_close(j, '}');

    fbc_json_uint(j, "epochs", s->epochs);
    fbc_json_uint(j, "keys", s->keys);
    fbc_json_uint(j, "marks", s->marks);
}

static void put_upstream(struct fbc_json *j, const struct fbc_proxystats *s,
                         const struct fbc_upstream_stats *up)
{
    fbc_json_open(j, "upstream", '{');
    fbc_json_uint(j, "connections", s->connections);
    fbc_json_uint(j, "reconnects", s->connections ? s->connections - 1 : 0);
    fbc_json_uint(j, "failures", s->failures);
    fbc_json_uint(j, "updates", up->updates);
    fbc_json_uint(j, "rects", up->rects);
    fbc_json_uint(j, "pixels", up->pixels);
    fbc_json_uint(j, "bytes_in", up->bytes_in);
    fbc_json_uint(j, "bytes_out", up->bytes_out);
    fbc_json_close(j, '}');
}

static void put_viewers(struct fbc_json *j, const struct fbc_proxyreport *r)
{
    fbc_json_open(j, "viewers", '{');
    fbc_json_uint(j, "now", r->viewers);
    fbc_json_uint(j, "accepted", r->down.accepted);
    fbc_json_uint(j, "refused", r->down.refused);
    fbc_json_uint(j, "dropped", r->down.dropped);
    fbc_json_uint(j, "updates", r->down.updates);
    fbc_json_uint(j, "bytes", r->down.bytes);
    fbc_json_close(j, '}');
}

static void put_input(struct fbc_json *j, const struct fbc_proxystats *s,
                      const struct fbc_sender *in)
{
    fbc_json_open(j, "input", '{');
    fbc_json_uint(j, "passed", s->input);
    fbc_json_uint(j, "withheld", s->withheld);
    fbc_json_uint(j, "untyped", s->untyped);
    fbc_json_bool(j, "sealed", in != NULL);
    fbc_json_bool(j, "open", in && in->state == FBC_SENDER_OPEN);
    if ( in )
    {
        fbc_json_uint(j, "slot", in->slot);
        fbc_json_uint(j, "waiting", in->queue.n);
        fbc_json_uint(j, "records", in->stats.records);
        fbc_json_uint(j, "resent", in->stats.resent);
        fbc_json_uint(j, "lost", in->stats.lost);
        fbc_json_uint(j, "connections", in->stats.connections);
        fbc_json_uint(j, "challenges", in->stats.challenges);
        fbc_json_uint(j, "answers", in->stats.answers);
    }
    fbc_json_close(j, '}');
}

static void put_latency(struct fbc_json *j, const struct fbc_proxystats *s)
{
    struct fbc_latency l;

    fbc_proxystats_percentiles(s, &l);
    fbc_json_open(j, "latency_us", '{');
    fbc_json_uint(j, "samples", s->samples);
    fbc_json_uint(j, "p50", l.p50 / 1000);
    fbc_json_uint(j, "p95", l.p95 / 1000);
    fbc_json_uint(j, "p99", l.p99 / 1000);
    fbc_json_uint(j, "max", l.max / 1000);
    fbc_json_close(j, '}');
}

void fbc_proxystats_json(FILE *f, const struct fbc_proxystats *s,
                         const struct fbc_proxyreport *r,
                         const struct fbc_error *e)
{
    struct fbc_json j;

    fbc_json_begin(&j, f, "fbcrypt/vncproxy/1", !e);
    fbc_json_str(&j, "state", fbc_live_name(r->state));
    fbc_json_bool(&j, "live", r->state == FBC_LIVE_OK);
    fbc_json_str(&j, "why", r->why[0] ? r->why : NULL);
    fbc_json_uint(&j, "uptime_ms", (r->now - s->started) / FBC_NS_PER_MS);
    fbc_json_uint(&j, "width", r->width);
    fbc_json_uint(&j, "height", r->height);
    fbc_json_uint(&j, "epoch", r->epoch);
    put_launch(&j, r);
    put_shadow(&j, s);
    put_upstream(&j, s, &r->up);
    put_viewers(&j, r);
    put_input(&j, s, r->input);
    put_latency(&j, s);
    fbc_json_error(&j, e);
    fbc_json_end(&j);
}
