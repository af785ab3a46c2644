/* SPDX-License-Identifier: GPL-2.0-only */
/* The answer of fbc-leakcheck as JSON. */
#include "lib/base/json.h"
#include "lib/leak/leak.h"

/* A number that is not whole, with six digits. */
static void put_double(struct fbc_json *j, const char *key, double v)
{
    if ( j->comma )
        fputc(',', j->f);
    j->comma = true;
    fprintf(j->f, "\"%s\":%.6g", key, v);
}

static void put_item(struct fbc_json *j, const struct fbc_leak_item *i)
{
    static const char *const answers[] = { "not run", "no", "yes" };

    fbc_json_open(j, NULL, '{');
    fbc_json_str(j, "name", i->name);
    fbc_json_str(j, "leak", answers[i->answer]);
    if ( i->answer == FBC_LEAK_NOT_RUN )
    {
        fbc_json_null(j, "value");
        fbc_json_null(j, "limit");
    }
    else
    {
        put_double(j, "value", i->value);
        put_double(j, "limit", i->limit);
    }
    fbc_json_str(j, "about", i->about);
    fbc_json_str(j, "why", i->why);
    fbc_json_close(j, '}');
}

static void put_score(struct fbc_json *j, const struct fbc_leak_score *s)
{
    fbc_json_uint(j, "true_glyphs", s->glyphs);
    fbc_json_uint(j, "true_glyphs_read", s->glyphs_right);
    fbc_json_uint(j, "true_blanks", s->blanks);
    fbc_json_uint(j, "true_blanks_read", s->blanks_right);
}

void fbc_leak_json(FILE *f, const struct fbc_leak_result *r,
                   const struct fbc_error *e)
{
    struct fbc_json j;
    uint32_t i;

    fbc_json_begin(&j, f, "fbcrypt/leakcheck/1", !e && !r->leak);
    fbc_json_bool(&j, "leak", r->leak);
    fbc_json_str(&j, "mode", r->raw ? "raw" : r->input ? "input"
                 : "frames");
    fbc_json_uint(&j, r->raw ? "pages" : r->input ? "events" : "frames",
                  r->frames);
    if ( r->input )
    {
        fbc_json_uint(&j, "keys", r->keys);
        fbc_json_uint(&j, "records", r->records);
        put_double(&j, "gap_ms", r->gap_ms);
    }
    if ( !r->raw && !r->input )
    {
        fbc_json_uint(&j, "changed", r->changed);
        fbc_json_uint(&j, "shadows", r->shadows);
        fbc_json_uint(&j, "keyed", r->keyed);
        fbc_json_uint(&j, "width", r->width);
        fbc_json_uint(&j, "height", r->height);
        fbc_json_uint(&j, "tiles", r->tiles);
        fbc_json_uint(&j, "inked_cells", r->inked);
        fbc_json_uint(&j, "read_cells", r->read);
        fbc_json_uint(&j, "updates", r->updates);
        put_double(&j, "update_bits", r->update_bits);
        if ( r->scored )
            put_score(&j, &r->score);
    }
    fbc_json_uint(&j, "uniform", r->uniform);
    put_double(&j, "entropy_min", r->entropy_min);
    put_double(&j, "entropy_mean", r->entropy_mean);
    put_double(&j, "chi2_max", r->chi2_max);

    fbc_json_open(&j, "analyses", '[');
    for ( i = 0; i < r->items; i++ )
        put_item(&j, &r->item[i]);
    fbc_json_close(&j, ']');
    fbc_json_error(&j, e);
    fbc_json_end(&j);
}
