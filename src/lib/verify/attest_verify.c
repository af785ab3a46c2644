/* SPDX-License-Identifier: GPL-2.0-only */
/* The verifier's checks, in their order. */
#include "lib/verify/attest_verify.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/crypto.h"
#include "lib/verify/attest_crypto.h"
#include "parse/text/hex.h"

#define HEX_TEXT (2 * FBC_HASH_LEN + 1)

static const uint8_t pcr_select[3] = FBC_TPM_PCR_SELECT;

static const char *hex(const uint8_t *p, char out[static HEX_TEXT])
{
    *fbc_hex_write(out, p, FBC_HASH_LEN) = '\0';

    return out;
}

static struct fbc_check *answer(struct fbc_verdict *v, enum fbc_check_id id,
                                enum fbc_reason reason)
{
    struct fbc_check *c = &v->check[id];

    c->answer = reason ? FBC_NO : FBC_YES;
    c->reason = reason;

    return c;
}

static bool yes(const struct fbc_verdict *v, enum fbc_check_id id)
{
    return v->check[id].answer == FBC_YES;
}

/* Two values that should be the same. */
static void compare(struct fbc_verdict *v, enum fbc_check_id id,
                    enum fbc_reason reason, const uint8_t *expected,
                    const uint8_t *found)
{
    struct fbc_check *c = answer(v, id, memcmp(expected, found, FBC_HASH_LEN)
                                        ? reason : FBC_REASON_OK);

    hex(expected, c->expected);
    hex(found, c->found);
}

static void check_identity(struct fbc_roots *roots,
                           const struct fbc_identity *id,
                           struct fbc_verdict *v, uint8_t *x, uint8_t *y)
{
    uint8_t modulus[FBC_TPM_MODULUS_LEN];
    char detail[sizeof(v->check[0].found)];
    enum fbc_reason reason;

    if ( roots )
    {
        reason = fbc_ek_cert_check(roots, id, detail, sizeof(detail));
        strcpy(answer(v, FBC_CHECK_EK_CERT, reason)->found, detail);
    }

    reason = fbc_tpm_ek_parse(id->ek.data, id->ek.len, modulus);
    if ( !reason )
        reason = fbc_ek_cert_key(id, modulus);
    answer(v, FBC_CHECK_EK, reason);

    answer(v, FBC_CHECK_AK, fbc_tpm_ak_parse(id->ak.data, id->ak.len, x, y));
}

static void check_host(const struct fbc_host *h, const struct fbc_identity *id,
                       struct fbc_verdict *v)
{
    enum fbc_reason reason = FBC_REASON_OK;
    uint8_t hash[FBC_HASH_LEN];
    struct fbc_check *c;

    if ( h->ek.len != id->ek.len ||
         memcmp(h->ek.data, id->ek.data, h->ek.len) ||
         fbc_sha256(id->cert.data, id->cert.len, hash) ||
         memcmp(h->cert_hash, hash, sizeof(hash)) )
        reason = FBC_REASON_HOST_EK;
    else if ( h->ak.len != id->ak.len ||
              memcmp(h->ak.data, id->ak.data, h->ak.len) )
        reason = FBC_REASON_HOST_AK;

    c = answer(v, FBC_CHECK_HOST, reason);
    snprintf(c->expected, sizeof(c->expected), "%s", h->name);
    strcpy(c->found, reason == FBC_REASON_HOST_EK ? "another EK"
                     : reason ? "another AK" : "its EK and AK");
}

static void check_signature(const struct fbc_evidence *ev,
                            const uint8_t *x, const uint8_t *y,
                            struct fbc_verdict *v)
{
    uint8_t r[FBC_TPM_COORD_LEN], s[FBC_TPM_COORD_LEN];
    enum fbc_reason reason = fbc_tpm_sig_parse(ev->signature.data,
                                               ev->signature.len, r, s);

    if ( !reason && !fbc_ecdsa_verify(x, y, r, s, ev->quote.data,
                                      ev->quote.len) )
        reason = FBC_REASON_SIGNATURE;
    answer(v, FBC_CHECK_SIGNATURE, reason);
}

/* A quote of another nonce length or selection is a quote nevertheless. */
static void check_format(const struct fbc_evidence *ev, struct fbc_verdict *v)
{
    enum fbc_reason reason = fbc_tpm_quote_parse(ev->quote.data,
                                                 ev->quote.len, &v->quote);

    v->have_quote = !reason;
    if ( reason == FBC_REASON_NONCE )
        strcpy(answer(v, FBC_CHECK_NONCE, reason)->found,
               "not 32 bytes");
    else if ( reason == FBC_REASON_SELECTION )
        strcpy(answer(v, FBC_CHECK_SELECTION, reason)->found,
               "another bank, or several");
    else
    {
        answer(v, FBC_CHECK_QUOTE, reason);
        return;
    }
    answer(v, FBC_CHECK_QUOTE, FBC_REASON_OK);
}

static void check_signer(const struct fbc_identity *id, struct fbc_verdict *v)
{
    uint8_t ek[FBC_TPM_NAME_LEN], ak[FBC_TPM_NAME_LEN];
    uint8_t want[FBC_TPM_NAME_LEN] = { 0 };

    if ( fbc_tpm_name(id->ek.data, id->ek.len, ek) ||
         fbc_tpm_name(id->ak.data, id->ak.len, ak) ||
         fbc_tpm_qualified(ek, ak, want) )
        memset(want, 0, sizeof(want));
    compare(v, FBC_CHECK_SIGNER, FBC_REASON_SIGNER, want + 2,
            v->quote.signer + 2);
}

static void check_selection(struct fbc_verdict *v)
{
    const uint8_t *s = v->quote.select;
    struct fbc_check *c;

    c = answer(v, FBC_CHECK_SELECTION, memcmp(s, pcr_select, 3)
               ? FBC_REASON_SELECTION : FBC_REASON_OK);
    snprintf(c->expected, sizeof(c->expected), "%02x%02x%02x", pcr_select[0],
             pcr_select[1], pcr_select[2]);
    snprintf(c->found, sizeof(c->found), "%02x%02x%02x", s[0], s[1], s[2]);
}

static void check_counters(const struct fbc_host *h,
                           const struct fbc_evidence *ev,
                           struct fbc_verdict *v)
{
    const struct fbc_tpm_quote *q = &v->quote;
    enum fbc_reason reason = FBC_REASON_OK;
    struct fbc_check *c;
    bool first = !h->clock;

    v->new_boot = !first && (q->resets != h->resets ||
                             q->restarts != h->restarts);
    v->new_key = memcmp(h->vmm_key, ev->vmm_key, FBC_KEY_LEN);
    if ( q->resets < h->resets ||
         (q->resets == h->resets && q->restarts < h->restarts) )
        reason = FBC_REASON_ROLLBACK;
    else if ( !first && !v->new_boot && q->clock <= h->clock )
        reason = FBC_REASON_REPLAY;

    c = answer(v, FBC_CHECK_COUNTERS, reason);
    if ( first )
        strcpy(c->expected, "any: the first quote");
    else
        snprintf(c->expected, sizeof(c->expected),
                 "after reset %" PRIu64 ".%" PRIu64 ", clock %" PRIu64,
                 h->resets, h->restarts, h->clock);
    snprintf(c->found, sizeof(c->found),
             "reset %" PRIu32 ".%" PRIu32 ", clock %" PRIu64 "%s", q->resets,
             q->restarts, q->clock, v->new_boot ? ", a new boot" : "");
}

static const struct {
    enum fbc_pcr pcr;
    enum fbc_check_id check;
    enum fbc_reason reason;
} golden_pcrs[] = {
    { FBC_PCR_0, FBC_CHECK_PCR0, FBC_REASON_PCR0 },
    { FBC_PCR_2, FBC_CHECK_PCR2, FBC_REASON_PCR2 },
    { FBC_PCR_4, FBC_CHECK_PCR4, FBC_REASON_PCR4 },
    { FBC_PCR_7, FBC_CHECK_PCR7, FBC_REASON_PCR7 },
};

#define GOLDEN_PCRS (sizeof(golden_pcrs) / sizeof(golden_pcrs[0]))

static bool is_pinned_elsewhere(const struct fbc_golden *g,
                                const struct fbc_evidence *ev)
{
    return g->vmm_key.len &&
           memcmp(g->vmm_key.data, ev->vmm_key, FBC_KEY_LEN);
}

/* How many of its values fit. */
static unsigned int fits(const struct fbc_golden *g,
                         const struct fbc_evidence *ev)
{
    unsigned int n = !is_pinned_elsewhere(g, ev), i;

    for ( i = 0; i < GOLDEN_PCRS; i++ )
        n += !memcmp(g->pcrs.value[golden_pcrs[i].pcr],
                     ev->pcrs.value[golden_pcrs[i].pcr], FBC_HASH_LEN);

    return n;
}

/* Against the one golden file that fits, or else the one that nearly does. */
static void check_golden(const struct fbc_attest *a, struct fbc_verdict *v)
{
    const struct fbc_evidence *ev = a->evidence;
    const struct fbc_golden *g;
    struct fbc_check *c;
    char text[HEX_TEXT];
    size_t i;

    for ( i = 0; i < a->goldens; i++ )
        if ( !v->golden || fits(&a->golden[i], ev) > fits(v->golden, ev) )
            v->golden = &a->golden[i];
    g = v->golden;
    if ( !g )
        return;

    for ( i = 0; i < GOLDEN_PCRS; i++ )
        compare(v, golden_pcrs[i].check, golden_pcrs[i].reason,
                g->pcrs.value[golden_pcrs[i].pcr],
                ev->pcrs.value[golden_pcrs[i].pcr]);

    c = answer(v, FBC_CHECK_KEY, is_pinned_elsewhere(g, ev)
               ? FBC_REASON_KEY_PINNED : FBC_REASON_OK);
    strcpy(c->expected, g->vmm_key.len ? hex(g->vmm_key.data, text) : "any");
    hex(ev->vmm_key, c->found);
}

/* PCR 12 tells by which of two events the key was bound. */
static void check_pcr12(const struct fbc_attest *a, struct fbc_verdict *v)
{
    static const uint8_t zero[FBC_HASH_LEN];
    const uint8_t *found = a->evidence->pcrs.value[FBC_PCR_12];
    uint8_t want[FBC_HASH_LEN], outlives[FBC_HASH_LEN];
    char text[HEX_TEXT];
    struct fbc_check *c = &v->check[FBC_CHECK_PCR12];
    bool other;

    if ( fbc_pcr12_of_key(a->evidence->vmm_key, true, want) ||
         fbc_pcr12_of_key(a->evidence->vmm_key, false, outlives) )
        return;
    other = !memcmp(found, outlives, sizeof(outlives));
    compare(v, FBC_CHECK_PCR12, memcmp(found, zero, sizeof(zero))
            ? FBC_REASON_PCR12 : FBC_REASON_PCR12_ZERO,
            other ? outlives : want, found);
    if ( !yes(v, FBC_CHECK_PCR12) )
    {
        strcat(strcat(c->expected, " or "), hex(outlives, text));
        return;
    }

    v->overwrites = !other;
    c = answer(v, FBC_CHECK_MEMORY, a->require_overwrite && !v->overwrites
               ? FBC_REASON_MEMORY : FBC_REASON_OK);
    strcpy(c->expected, a->require_overwrite ? "overwritten at a reset"
                        : "any");
    strcpy(c->found, v->overwrites ? "overwritten at a reset"
                     : "outlives a reset");
}

static void check_quote(const struct fbc_attest *a, struct fbc_verdict *v)
{
    uint8_t digest[FBC_HASH_LEN];
    struct fbc_check *c;

    check_signer(&a->evidence->id, v);
    if ( a->nonce )
        compare(v, FBC_CHECK_NONCE, FBC_REASON_NONCE, a->nonce,
                v->quote.nonce);
    check_selection(v);

    c = answer(v, FBC_CHECK_CLOCK, v->quote.safe ? FBC_REASON_OK
               : FBC_REASON_CLOCK_UNSAFE);
    strcpy(c->expected, "safe");
    strcpy(c->found, v->quote.safe ? "safe" : "not safe");

    if ( a->host )
        check_counters(a->host, a->evidence, v);

    if ( !yes(v, FBC_CHECK_SELECTION) ||
         fbc_pcrs_digest(&a->evidence->pcrs, digest) )
        return;
    compare(v, FBC_CHECK_PCR_VALUES, FBC_REASON_PCR_VALUES, v->quote.digest,
            digest);
    if ( !yes(v, FBC_CHECK_PCR_VALUES) )
        return;
    check_golden(a, v);
    check_pcr12(a, v);
}

/* Over the checks from 0 to end - 1. */
static void conclude(struct fbc_verdict *v, enum fbc_check_id end)
{
    unsigned int i;

    v->ok = true;
    for ( i = 0; i < end; i++ )
    {
        v->ok &= v->check[i].answer == FBC_YES;
        if ( v->check[i].answer == FBC_NO && !v->reason )
            v->reason = v->check[i].reason;
    }
}

void fbc_attest_check(const struct fbc_attest *a, struct fbc_verdict *v)
{
    uint8_t x[FBC_TPM_COORD_LEN], y[FBC_TPM_COORD_LEN];

    memset(v, 0, sizeof(*v));
    answer(v, FBC_CHECK_EVIDENCE, FBC_REASON_OK);
    check_identity(a->roots, &a->evidence->id, v, x, y);
    if ( a->host )
        check_host(a->host, &a->evidence->id, v);

    if ( yes(v, FBC_CHECK_AK) )
        check_signature(a->evidence, x, y, v);
    if ( yes(v, FBC_CHECK_SIGNATURE) )
        check_format(a->evidence, v);
    if ( v->have_quote )
        check_quote(a, v);

    conclude(v, FBC_CHECKS);
}

void fbc_attest_unreadable(enum fbc_err err, unsigned int line,
                           struct fbc_verdict *v)
{
    struct fbc_check *c;

    memset(v, 0, sizeof(*v));
    c = answer(v, FBC_CHECK_EVIDENCE, err == FBC_ERR_VERSION
               ? FBC_REASON_EVIDENCE_VERSION : FBC_REASON_EVIDENCE_FORMAT);
    snprintf(c->found, sizeof(c->found), "line %u: %s", line,
             fbc_strerror(err));
    conclude(v, FBC_CHECKS);
}

void fbc_attest_identity(struct fbc_roots *roots,
                         const struct fbc_identity *id,
                         struct fbc_verdict *v)
{
    uint8_t x[FBC_TPM_COORD_LEN], y[FBC_TPM_COORD_LEN];

    memset(v, 0, sizeof(*v));
    answer(v, FBC_CHECK_EVIDENCE, FBC_REASON_OK);
    check_identity(roots, id, v, x, y);
    conclude(v, FBC_CHECK_HOST);
}

int fbc_fail_verdict(struct fbc_error *e, enum fbc_exit status,
                     const char *what, const struct fbc_verdict *v)
{
    const struct fbc_check *c = &v->check[FBC_CHECK_EK_CERT];
    bool more = c->reason && c->reason == v->reason && c->found[0];

    fbc_fail(e, status, what, "%s: %s%s%s%s", fbc_reason_name(v->reason),
             fbc_reason_text(v->reason), more ? " (" : "",
             more ? c->found : "", more ? ")" : "");

    return fbc_hint(e, "%s", fbc_reason_hint(v->reason));
}

void fbc_host_update(struct fbc_host *h, const struct fbc_evidence *ev,
                     const struct fbc_verdict *v)
{
    memcpy(h->vmm_key, ev->vmm_key, FBC_KEY_LEN);
    h->resets = v->quote.resets;
    h->restarts = v->quote.restarts;
    h->clock = v->quote.clock;
}
