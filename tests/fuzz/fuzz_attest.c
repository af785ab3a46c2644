/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TPM structures; the first byte of an input is the kind.  What is accepted
 * is exactly what is put together again from the values.
 */
#include <stdlib.h>

#include "parse/attest/tpms.h"

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t put(uint8_t *out, uint64_t v, size_t n)
{
    size_t i;

    for ( i = 0; i < n; i++ )
        out[i] = (uint8_t)(v >> 8 * (n - 1 - i));

    return n;
}

/* A number of the structure: only leading zeros may lack. */
static void coord(const uint8_t **p, const uint8_t *v)
{
    size_t len = (size_t)((*p)[0] << 8 | (*p)[1]), i;

    CHECK(len && len <= FBC_TPM_COORD_LEN);
    for ( i = 0; i < FBC_TPM_COORD_LEN - len; i++ )
        CHECK(!v[i]);
    CHECK(len == FBC_TPM_COORD_LEN || v[i]);
    CHECK(!memcmp(*p + 2, v + i, len));
    *p += 2 + len;
}

static void ek(const uint8_t *p, size_t len)
{
    uint8_t n[FBC_TPM_MODULUS_LEN];
    enum fbc_reason r = fbc_tpm_ek_parse(p, len, n);

    CHECK(r == FBC_REASON_OK || r == FBC_REASON_EK_TEMPLATE);
    if ( r )
        return;
    CHECK(len == FBC_TPM_EK_LEN);
    CHECK(!memcmp(p + len - sizeof(n), n, sizeof(n)) && n[0] >> 7);
}

static void ak(const uint8_t *p, size_t len)
{
    uint8_t x[FBC_TPM_COORD_LEN], y[FBC_TPM_COORD_LEN];
    enum fbc_reason r = fbc_tpm_ak_parse(p, len, x, y);
    const uint8_t *end = p + len;

    CHECK(r == FBC_REASON_OK || r == FBC_REASON_AK_TEMPLATE);
    if ( r )
        return;
    CHECK((size_t)(p[0] << 8 | p[1]) == len - 2);
    /* restricted, sign, fixedTPM, fixedParent, sensitiveDataOrigin */
    CHECK(p[7] == 0x05 && p[9] == 0x72);
    p += 22;
    coord(&p, x);
    coord(&p, y);
    CHECK(p == end);
}

static void signature(const uint8_t *p, size_t len)
{
    uint8_t r[FBC_TPM_COORD_LEN], s[FBC_TPM_COORD_LEN];
    enum fbc_reason reason = fbc_tpm_sig_parse(p, len, r, s);
    const uint8_t *end = p + len;

    CHECK(reason == FBC_REASON_OK || reason == FBC_REASON_SIGNATURE_FORMAT);
    if ( reason )
        return;
    CHECK(!memcmp(p, "\0\x18\0\x0b", 4));
    p += 4;
    coord(&p, r);
    coord(&p, s);
    CHECK(p == end);
}

static void quote(const uint8_t *p, size_t len)
{
    uint8_t again[FBC_TPM_QUOTE_LEN];
    struct fbc_tpm_quote q, before;
    enum fbc_reason r;
    size_t n = 0;

    memset(&q, 0xa5, sizeof(q));
    memset(&before, 0xa5, sizeof(before));
    r = fbc_tpm_quote_parse(p, len, &q);
    if ( r )
    {
        CHECK(r == FBC_REASON_QUOTE_MAGIC || r == FBC_REASON_QUOTE_TYPE ||
              r == FBC_REASON_QUOTE_FORMAT || r == FBC_REASON_NONCE ||
              r == FBC_REASON_SELECTION);
        CHECK(!memcmp(&q, &before, sizeof(q)));
        return;
    }

#define COPY(from) (memcpy(again + n, from, sizeof(from)), n += sizeof(from))
    n += put(again + n, 0xff544347, 4);
    n += put(again + n, 0x8018, 2);
    n += put(again + n, sizeof(q.signer), 2);
    COPY(q.signer);
    n += put(again + n, sizeof(q.nonce), 2);
    COPY(q.nonce);
    n += put(again + n, q.clock, 8);
    n += put(again + n, q.resets, 4);
    n += put(again + n, q.restarts, 4);
    n += put(again + n, q.safe, 1);
    n += put(again + n, q.firmware, 8);
    n += put(again + n, 1, 4);
    n += put(again + n, 0x000b, 2);
    n += put(again + n, 3, 1);
    COPY(q.select);
    n += put(again + n, sizeof(q.digest), 2);
    COPY(q.digest);
    CHECK(n == len && !memcmp(p, again, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const kinds[])(const uint8_t *, size_t) = { ek, ak,
                                                              signature,
                                                              quote };
    uint8_t *exact;

    if ( !size )
        return 0;

    exact = malloc(size - 1 ? size - 1 : 1);
    CHECK(exact);
    memcpy(exact, data + 1, size - 1);
    kinds[data[0] % 4](exact, size - 1);
    free(exact);

    return 0;
}
