/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attestation files; the first byte of an input is the kind that is asked
 * for.  What is accepted has one form only, and evidence that nothing vouches
 * for is never believed.
 */
#include <stdlib.h>

#include "lib/verify/attest_verify.h"

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

static const struct fbc_record *const records[] = {
    &fbc_evidence_record, &fbc_request_record, &fbc_challenge_record,
    &fbc_response_record, &fbc_pending_record, &fbc_host_record,
    &fbc_golden_record, &fbc_ak_record,
};

#define RECORDS (sizeof(records) / sizeof(records[0]))

static union {
    struct fbc_evidence evidence;
    struct fbc_pending pending;
    struct fbc_golden golden;
    uint8_t bytes[1];
} out, before;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text but for its comments is what the writer makes of the values. */
static void check_canonical(const struct fbc_record *r, const char *text,
                            size_t len)
{
    static char again[FBC_RECORD_MAX_FILE];
    size_t n = fbc_record_encode(r, out.bytes, again, sizeof(again));

    CHECK(n && n <= len && !memcmp(text + len - n, again, n));
    CHECK(n == len || (text[0] == '#' && text[len - n - 1] == '\n'));
}

static void check_verdict(void)
{
    static const uint8_t nonce[FBC_TPM_NONCE_LEN];
    struct fbc_attest a = { .evidence = &out.evidence, .nonce = nonce };
    static struct fbc_verdict v;

    fbc_attest_check(&a, &v);
    CHECK(!v.ok);
}

static void check_golden(const char *text, size_t len)
{
    struct fbc_golden g;
    enum fbc_err err = fbc_golden_parse(text, len, &g, NULL);

    CHECK(err == FBC_OK || err == FBC_ERR_CHECKSUM);
    if ( !err )
    {
        CHECK(!fbc_golden_derive(&g));
        CHECK(!memcmp(g.policy, out.golden.policy, sizeof(g.policy)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct fbc_record *r;
    unsigned int line = 0, i;
    char *text;

    if ( !size )
        return 0;

    r = records[*data++ % RECORDS];
    size--;
    CHECK(r->size <= sizeof(out));
    text = malloc(size ? size : 1);
    CHECK(text);
    memcpy(text, data, size);

    memset(&out, 0xa5, sizeof(out));
    memset(&before, 0xa5, sizeof(before));
    if ( fbc_record_parse(r, text, size, out.bytes, &line) )
    {
        CHECK(line && line <= size + 1);
        CHECK(!memcmp(&out, &before, sizeof(out)));
    }
    else
    {
        check_canonical(r, text, size);
        if ( r == &fbc_evidence_record )
            check_verdict();
        else if ( r == &fbc_golden_record )
            check_golden(text, size);
        for ( i = 0; i < RECORDS; i++ )
            CHECK(records[i] == r ||
                  fbc_record_parse(records[i], text, size, out.bytes, NULL)
                  == FBC_ERR_MAGIC);
    }
    free(text);

    return 0;
}
