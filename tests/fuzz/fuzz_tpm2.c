/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A boot with a TPM that answers as the input says.  First byte: is there an
 * index, and is it written.  Then for each command a byte, what the answer is:
 *   0  honest, and so are all when the input ends
 *   1  a length of two bytes, and so many bytes
 *   2  honest, but cut at a length of one byte
 *   3  honest, then n and n times: place, byte to XOR there
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

    (void)code;
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
        for ( n = next() % 16; n; n-- )
        {
            at = next();
            if ( at < *len )
                rsp[at] ^= next();
        }
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
    int rc;

    in.p = data;
    in.left = size;
    fake_init(&f);
    switch ( next() % 3 )
    {
    case 1:
        fake_define(&f, NULL);
        break;
    case 2:
        fake_define(&f, written);
        break;
    }
    f.fill = 0xee;
    f.block = block;
    f.meddle = meddle;

    memset(&k, 0xa5, sizeof(k));
    rc = fbc_vmmkey_obtain(&f.tpm, fake_cpu_random, &k);
    wrong = fake_judge(&f, rc, &k);
    if ( wrong )
    {
        fprintf(stderr, "%s\n", wrong);
        abort();
    }

    return 0;
}
