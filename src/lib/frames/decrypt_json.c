/* SPDX-License-Identifier: GPL-2.0-only */
/* The summary of fbc-decrypt-frames as JSON. */
#include "lib/frames/decrypt.h"
#include "lib/base/json.h"
#include "parse/shadow/launched.h"

void fbc_decrypt_json(FILE *f, const struct fbc_decrypt_result *r,
                      const struct fbc_error *e)
{
    size_t known = fbc_launched_known(r->launched);
    struct fbc_json j;

    fbc_json_begin(&j, f, "fbcrypt/decrypt-frames/1", !e);
    fbc_json_uint(&j, "frames", r->frames);
    fbc_json_uint(&j, "unusable", r->unusable);
    fbc_json_uint(&j, "width", r->width);
    fbc_json_uint(&j, "height", r->height);
    fbc_json_bool(&j, "live", r->live);

    fbc_json_open(&j, "tiles", '{');
    fbc_json_uint(&j, "fresh", r->fresh);
    fbc_json_uint(&j, "held", r->held);
    fbc_json_uint(&j, "pending", r->pending);
    fbc_json_uint(&j, "bad", r->bad);
    fbc_json_close(&j, '}');

    fbc_json_open(&j, "last", '{');
    fbc_json_uint(&j, "tiles", r->tiles);
    fbc_json_uint(&j, "pending", r->last_pending);
    fbc_json_uint(&j, "bad", r->last_bad);
    fbc_json_close(&j, '}');

    fbc_json_open(&j, "manifests", '{');
    fbc_json_uint(&j, "ok", r->manifests_ok);
    fbc_json_uint(&j, "pending", r->manifests_pending);
    fbc_json_uint(&j, "stale", r->manifests_stale);
    fbc_json_uint(&j, "bad", r->manifests_bad);
    fbc_json_close(&j, '}');

    fbc_json_uint(&j, "epochs", r->epochs);
    fbc_json_uint(&j, "epoch", r->epoch);
    fbc_json_str(&j, "launch", fbc_launched_name(r->launched));
    if ( known )
        fbc_json_hex(&j, "launch_digest", r->launch, known);
    else
        fbc_json_null(&j, "launch_digest");
    fbc_json_bool(&j, "launch_checked", r->launched == FBC_LAUNCHED_ACCEPTED);
    fbc_json_uint(&j, "counter", r->counter);
    fbc_json_uint(&j, "manifest_counter", r->manifest_counter);
    fbc_json_uint(&j, "counters_seen", r->counters_seen);
    fbc_json_uint(&j, "counters_reused", r->counters_reused);
    fbc_json_error(&j, e);
    fbc_json_end(&j);
}
