/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A boot with a TPM that answers as the input says.  First byte: is there an
 * index, and is it written; with bit 7 dom0 has made it: see redefine().
 * Then for each command a byte, what the answer is:
 *   0  honest, and so are all when the input ends
 *   1  a length of two bytes, and so many bytes
 *   2  honest, but cut at a length of one byte
 *   3  honest, then n and n % 16 times: place, byte to XOR there; with bit 7
 *      of n the name of the index fits it again
 *   4  a response code of two bytes; the TPM did as it was told
 *   5  none; the TPM did as it was told
 *   6  none; it got nothing
 *   7  a byte: that of an earlier command; the TPM did as it was told
 * The judge decides by what was asked and answered.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/faketpm.h"
#include "core/be.h"
#include "core/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HONEST, RAW, CUT, FLIP, REFUSE, LOSE, BLOCK, REPLAY, KINDS };

static struct faketpm f;
static struct {
    const uint8_t *p;
    size_t left;
    unsigned int kind;
} in;

static uint8_t next(void)
{
    if ( !in.left )
        return 0;
    in.left--;

    return *in.p++;
}

/* What to XOR: attributes, hash, size; length of the policy; a PCR's byte. */
static void redefine(void)
{
    unsigned int i;
    uint8_t at;

    for ( i = 0; i < 4; i++ )
        f.attributes ^= (uint32_t)next() << 8 * i;
    f.alg ^= next();
    f.size ^= next();
    at = next();
    if ( at && at <= FBC_TPM_POLICY_MAX )
        f.policy_len = at;
    f.policy[next() % FBC_HASH_LEN] ^= next();
    at = next();
    f.pcr[at % 2 ? 12 : 4][at / 2 % FBC_HASH_LEN] ^= next();
}

/* The name, where the sizes allow for one. */
static void rename_index(uint8_t *rsp, size_t len)
{
    size_t n = fbc_get_be16(rsp + 10);

    if ( len == 12 + n + 2 + FBC_TPM_NAME_LEN &&
         fbc_sha256(rsp + 12, n, rsp + 12 + n + 4) )
        abort();
}

static bool block(struct faketpm *t, uint32_t code)
{
    (void)t;
    (void)code;
    in.kind = next() % KINDS;

    return in.kind == BLOCK;
}

static void meddle(struct faketpm *t, uint32_t code, uint8_t *rsp, size_t *len)
{
    const struct fake_entry *e;
    size_t n, i, at;

    switch ( in.kind )
    {
    case RAW:
        n = (size_t)next() << 8;
        n |= next();
        n %= 2 * FAKE_RSP_MAX;
        for ( i = 0; i < n; i++ )
            rsp[i] = next();
        *len = n;
        break;
    case CUT:
        n = next();
        if ( n < *len )
            *len = n;
        break;
    case FLIP:
        i = next();
        for ( n = i % 16; n; n-- )
        {
            at = next();
            if ( at < *len )
                rsp[at] ^= next();
        }
        if ( (i & 0x80) && code == FAKE_CC_NV_READ_PUBLIC )
            rename_index(rsp, *len);
        break;
    case REFUSE:
        n = (size_t)next() << 8;
        *len = fake_answer(rsp, (uint32_t)n | next());
        break;
    case LOSE:
        *len = FAKE_LOST;
        break;
    case REPLAY:
        if ( !t->count )
            break;
        e = &t->log[next() % t->count];
        if ( e->rsp_len <= sizeof(e->rsp) )
        {
            memcpy(rsp, e->rsp, e->rsp_len);
            *len = e->rsp_len;
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t written[FBC_NV_SIZE] = { 0xda, 0x7a };
    struct fbc_vmmkey k;
    const char *wrong;
    uint8_t start;
    int rc;

    in.p = data;
    in.left = size;
    fake_init(&f);
    start = next();
    switch ( start % 0x80 % 3 )
    {
    case 1:
        fake_define(&f, NULL);
        break;
    case 2:
        fake_define(&f, written);
        break;
    }
    if ( start & 0x80 )
        redefine();
    f.fill = 0xee;
    f.block = block;
    f.meddle = meddle;

    memset(&k, 0xa5, sizeof(k));
    rc = fbc_vmmkey_obtain(&f.tpm, fake_cpu_random, true, false, &k);
    wrong = fake_judge(&f, rc, &k);
    if ( wrong )
    {
        fprintf(stderr, "%s\n", wrong);
        abort();
    }

    return 0;
}
