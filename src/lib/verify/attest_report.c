/* SPDX-License-Identifier: GPL-2.0-only */
/* The verifier's answer, for programs and for people. */
#include "lib/verify/attest_report.h"

#include "lib/base/json.h"
#include "lib/base/keyfile.h"

static const char *const answers[] = {
    [FBC_NOT_CHECKED] = "not-checked",
    [FBC_YES] = "yes",
    [FBC_NO] = "no",
};

static const char *or_null(const char *s)
{
    return s[0] ? s : NULL;
}

static void json_checks(struct fbc_json *j, const struct fbc_verdict *v)
{
    const struct fbc_check *c;
    unsigned int i;

    fbc_json_open(j, "checks", '[');
    for ( i = 0; i < FBC_CHECKS; i++ )
    {
        c = &v->check[i];
        fbc_json_open(j, NULL, '{');
        fbc_json_str(j, "check", fbc_check_name(i));
        fbc_json_str(j, "answer", answers[c->answer]);
        fbc_json_str(j, "reason", c->answer == FBC_NO
                     ? fbc_reason_name(c->reason) : NULL);
        fbc_json_str(j, "expected", or_null(c->expected));
        fbc_json_str(j, "found", or_null(c->found));
        fbc_json_close(j, '}');
    }
    fbc_json_close(j, ']');
}

/* The key line, of an accepted quote only. */
static void json_key(struct fbc_json *j, const struct fbc_attest *a,
                     const struct fbc_verdict *v)
{
    char line[FBC_KEYTEXT_MAX_LINE];

    if ( !v->ok || fbc_keytext_encode(FBC_KEY_VMM_PUBLIC,
                                      a->evidence->vmm_key, line) )
    {
        fbc_json_null(j, "vmm_key");
        return;
    }
    line[strcspn(line, "\n")] = 0;
    fbc_json_str(j, "vmm_key", line);
}

static void json_quote(struct fbc_json *j, const struct fbc_attest *a,
                       const struct fbc_verdict *v)
{
    static const char *const numbers[] = { "resets", "restarts", "clock" };
    static const char *const flags[] = { "new_boot", "new_key" };
    const struct fbc_tpm_quote *q = &v->quote;
    const uint64_t values[] = { q->resets, q->restarts, q->clock };
    const bool set[] = { v->new_boot, v->new_key };
    unsigned int i;

    for ( i = 0; i < 3; i++ )
        if ( v->have_quote )
            fbc_json_uint(j, numbers[i], values[i]);
        else
            fbc_json_null(j, numbers[i]);
    for ( i = 0; i < 2; i++ )
        if ( v->have_quote && a->host )
            fbc_json_bool(j, flags[i], set[i]);
        else
            fbc_json_null(j, flags[i]);
}

static void json_memory(struct fbc_json *j, const struct fbc_verdict *v)
{
    if ( v->check[FBC_CHECK_MEMORY].answer == FBC_NOT_CHECKED )
        fbc_json_null(j, "overwrites");
    else
        fbc_json_bool(j, "overwrites", v->overwrites);
}

void fbc_attest_json(FILE *f, const struct fbc_attest *a,
                     const struct fbc_verdict *v, const struct fbc_error *e)
{
    struct fbc_json j;

    fbc_json_begin(&j, f, "fbcrypt/attest-verify/1", v->ok);
    fbc_json_str(&j, "reason", v->reason ? fbc_reason_name(v->reason) : NULL);
    fbc_json_str(&j, "host", a->host ? a->host->name : NULL);
    fbc_json_str(&j, "golden", v->golden ? v->golden->name : NULL);
    json_key(&j, a, v);
    json_quote(&j, a, v);
    json_memory(&j, v);
    json_checks(&j, v);
    fbc_json_error(&j, e);
    fbc_json_end(&j);
}

void fbc_attest_explain(FILE *f, const struct fbc_verdict *v)
{
    const struct fbc_check *c;
    unsigned int i;

    for ( i = 0; i < FBC_CHECKS; i++ )
    {
        c = &v->check[i];
        fprintf(f, "%-14s %-11s expected %s", fbc_check_name(i),
                answers[c->answer],
                c->expected[0] ? c->expected : fbc_check_text(i));
        if ( c->found[0] )
            fprintf(f, ", found %s", c->found);
        if ( c->answer == FBC_NO )
            fprintf(f, ": %s; to do: %s", fbc_reason_text(c->reason),
                    fbc_reason_hint(c->reason));
        fputc('\n', f);
    }
    if ( v->golden )
        fprintf(f, "%-14s %s\n", "golden", v->golden->name);
    fprintf(f, "%-14s %s%s%s\n", "answer", v->ok ? "yes" : "no",
            v->reason ? ": " : v->ok ? "" : ": some checks were left out",
            v->reason ? fbc_reason_name(v->reason) : "");
}
