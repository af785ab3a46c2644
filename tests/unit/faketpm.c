/* SPDX-License-Identifier: GPL-2.0-only */
/* A TPM for tests. */
#include <stdio.h>
#include <stdlib.h>

#include "core/be.h"
#include "core/crypto.h"
#include "faketpm.h"

#define ST_NO_SESSIONS 0x8001
#define ST_SESSIONS    0x8002
#define INDEX          "\x01\x50\x00\x21"
#define AUTH_SIZE      "\0\0\0\x09"

const uint8_t fake_cpu_random[FBC_KEY_LEN] = {
    0xc9, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
    0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
    0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f,
};

static const unsigned int used[FBC_PCRS] = { 0, 2, 4, 7, 12 };
static const uint8_t zero[FBC_HASH_LEN];

static void must(bool good, const char *what)
{
    if ( !good )
    {
        fprintf(stderr, "faketpm: %s\n", what);
        abort();
    }
}

/* What is left of a command; anything unexpected ends the test. */
struct reader {
    const uint8_t *p;
    size_t left;
};

static const uint8_t *take(struct reader *r, size_t n)
{
    const uint8_t *p = r->p;

    must(r->left >= n, "command is too short");
    r->p += n;
    r->left -= n;

    return p;
}

static void exactly(struct reader *r, const void *want, size_t n)
{
    must(!memcmp(take(r, n), want, n), "command has an unexpected field");
}

#define EXACTLY(r, want) exactly(r, want, sizeof(want) - 1)

static void rsp_put(uint8_t *rsp, size_t *len, const void *p, size_t n)
{
    memcpy(rsp + *len, p, n);
    *len += n;
}

#define PUT(p) rsp_put(rsp, &len, p, sizeof(p) - 1)

size_t fake_answer(uint8_t *rsp, uint32_t rc)
{
    fbc_put_be16(rsp, ST_NO_SESSIONS);
    fbc_put_be32(rsp + 2, 10);
    fbc_put_be32(rsp + 6, rc);

    return 10;
}

/* rsp holds len bytes, of which 10 are for the header. */
static size_t done(uint8_t *rsp, size_t len)
{
    fake_answer(rsp, 0);
    fbc_put_be32(rsp + 2, (uint32_t)len);

    return len;
}

/* The same, with an authorization area to follow; 14 bytes are the header. */
static size_t done_auth(uint8_t *rsp, size_t len, bool password)
{
    static const uint8_t nonce[16] = { 0x5e };

    fbc_put_be32(rsp + 10, (uint32_t)len - 14);
    if ( password )
        PUT("\0\0");
    else
    {
        PUT("\0\x10");
        rsp_put(rsp, &len, nonce, sizeof(nonce));
    }
    PUT("\x01\0\0");
    done(rsp, len);
    fbc_put_be16(rsp, ST_SESSIONS);

    return len;
}

static void pcrs_now(const struct faketpm *f, struct fbc_pcrs *p)
{
    unsigned int i;

    for ( i = 0; i < FBC_PCRS; i++ )
        memcpy(p->value[i], f->pcr[used[i]], FBC_HASH_LEN);
}

/* policy := H(policy || PolicyPCR of the PCRs as they are) */
static void policy_pcr(const struct faketpm *f, uint8_t policy[FBC_HASH_LEN])
{
    static const char head[] = "\0\0\x01\x7f\0\0\0\x01\0\x0b\x03\x95\x10";
    uint8_t buf[FBC_HASH_LEN + sizeof(head) + FBC_HASH_LEN];
    struct fbc_pcrs p;

    pcrs_now(f, &p);
    memcpy(buf, policy, FBC_HASH_LEN);
    memcpy(buf + FBC_HASH_LEN, head, sizeof(head));
    must(!fbc_pcrs_digest(&p, buf + FBC_HASH_LEN + sizeof(head)) &&
         !fbc_sha256(buf, sizeof(buf), policy), "hash");
}

bool fake_readable(const struct faketpm *f)
{
    uint8_t policy[FBC_HASH_LEN] = { 0 };

    policy_pcr(f, policy);

    return f->defined && f->policy_len == FBC_HASH_LEN &&
           !memcmp(policy, f->policy, FBC_HASH_LEN);
}

bool fake_forgeable(const struct faketpm *f)
{
    return !memcmp(f->pcr[12], zero, sizeof(zero));
}

static size_t get_random(struct faketpm *f, struct reader *r, uint8_t *rsp)
{
    size_t len = 10;

    EXACTLY(r, "\0\x20");
    PUT("\0\x20");
    rsp_put(rsp, &len, f->random, sizeof(f->random));

    return done(rsp, len);
}

static size_t pcr_read(struct faketpm *f, struct reader *r, uint8_t *rsp)
{
    const uint8_t *select;
    unsigned int pcr = 0;
    size_t len = 14;
    uint32_t mask;

    EXACTLY(r, "\0\0\0\x01\0\x0b\x03");
    select = take(r, 3);
    mask = select[0] | (uint32_t)select[1] << 8 | (uint32_t)select[2] << 16;
    must(mask && !(mask & (mask - 1)), "not one PCR");
    while ( mask >>= 1 )
        pcr++;

    fbc_put_be32(rsp + 10, f->changes);
    PUT("\0\0\0\x01\0\x0b\x03");
    rsp_put(rsp, &len, select, 3);
    PUT("\0\0\0\x01\0\x20");
    rsp_put(rsp, &len, f->pcr[pcr], FBC_HASH_LEN);

    return done(rsp, len);
}

static size_t pcr_event(struct faketpm *f, struct reader *r, uint8_t *rsp)
{
    uint8_t hash[FBC_HASH_LEN];
    const uint8_t *data;
    size_t len = 14, n;

    EXACTLY(r, "\0\0\0\x0c" AUTH_SIZE "\x40\0\0\x09\0\0\0\0\0");
    n = fbc_get_be16(take(r, 2));
    data = take(r, n);
    must(!fbc_sha256(data, n, hash) &&
         !fbc_pcr_event(f->pcr[12], data, n), "hash");
    f->changes++;

    PUT("\0\0\0\x02\0\x04");
    rsp_put(rsp, &len, hash, 20);       /* as if it were SHA-1 */
    PUT("\0\x0b");
    rsp_put(rsp, &len, hash, sizeof(hash));

    return done_auth(rsp, len, true);
}

static size_t start_auth(struct faketpm *f, struct reader *r, uint8_t *rsp)
{
    static const uint8_t nonce[16] = { 0x40 };
    size_t len = 14;
    uint32_t i;

    EXACTLY(r, "\x40\0\0\x07\x40\0\0\x07\0\x10");
    exactly(r, zero, 16);
    EXACTLY(r, "\0\0\x01\0\x10\0\x0b");
    for ( i = 0; i < FAKE_SESSIONS; i++ )
        if ( !f->session[i].open )
            break;
    if ( i == FAKE_SESSIONS )
        return fake_answer(rsp, 0x903);         /* TPM_RC_SESSION_MEMORY */
    f->session[i].open = true;
    memset(f->session[i].digest, 0, FBC_HASH_LEN);

    fbc_put_be32(rsp + 10, 0x03000000 + i);
    PUT("\0\x10");
    rsp_put(rsp, &len, nonce, sizeof(nonce));

    return done(rsp, len);
}

/* FAKE_SESSIONS if there is no such session. */
static uint32_t session(const struct faketpm *f, struct reader *r)
{
    uint32_t i = fbc_get_be32(take(r, 4)) - 0x03000000;

    return i < FAKE_SESSIONS && f->session[i].open ? i : FAKE_SESSIONS;
}

static size_t policy(struct faketpm *f, struct reader *r, uint8_t *rsp)
{
    uint32_t s = session(f, r);

    EXACTLY(r, "\0\0\0\0\0\x01\0\x0b\x03\x95\x10\0");
    if ( s == FAKE_SESSIONS )
        return fake_answer(rsp, 0x18b);
    policy_pcr(f, f->session[s].digest);
    f->session[s].changes = f->changes;

    return done(rsp, 10);
}

static size_t policy_digest(struct faketpm *f, struct reader *r, uint8_t *rsp)
{
    uint32_t s = session(f, r);
    size_t len = 10;

    if ( s == FAKE_SESSIONS )
        return fake_answer(rsp, 0x18b);
    PUT("\0\x20");
    rsp_put(rsp, &len, f->session[s].digest, FBC_HASH_LEN);

    return done(rsp, len);
}

static size_t flush(struct faketpm *f, struct reader *r, uint8_t *rsp)
{
    uint32_t s = session(f, r);

    if ( s == FAKE_SESSIONS )
        return fake_answer(rsp, 0x1cb);
    f->session[s].open = false;

    return done(rsp, 10);
}

/* TPMS_NV_PUBLIC */
static size_t nv_area(const struct faketpm *f, uint8_t *out)
{
    memcpy(out, INDEX, 4);
    fbc_put_be16(out + 4, f->alg);
    fbc_put_be32(out + 6, f->attributes);
    fbc_put_be16(out + 10, f->policy_len);
    memcpy(out + 12, f->policy, f->policy_len);
    fbc_put_be16(out + 12 + f->policy_len, f->size);

    return 14u + f->policy_len;
}

size_t fake_nv_public(const struct faketpm *f, uint8_t *rsp)
{
    size_t n = nv_area(f, rsp + 12), len = 12 + n;
    uint8_t hash[FBC_HASH_LEN];

    fbc_put_be16(rsp + 10, (uint16_t)n);
    must(!fbc_sha256(rsp + 12, n, hash), "hash");
    PUT("\0\x22");
    fbc_put_be16(rsp + len, f->alg);
    len += 2;
    rsp_put(rsp, &len, hash, sizeof(hash));

    return done(rsp, len);
}

static size_t nv_read_public(struct faketpm *f, struct reader *r, uint8_t *rsp)
{
    EXACTLY(r, INDEX);

    return f->defined ? fake_nv_public(f, rsp) : fake_answer(rsp, 0x18b);
}

static size_t nv_use(struct faketpm *f, struct reader *r, uint8_t *rsp,
                     uint32_t code)
{
    const uint8_t *in = NULL;
    size_t len = 14;
    uint32_t s;

    EXACTLY(r, INDEX INDEX AUTH_SIZE);
    s = session(f, r);
    EXACTLY(r, "\0\0\x01\0\0");
    if ( code != FAKE_CC_NV_READ_LOCK )
    {
        EXACTLY(r, "\0\x20");
        if ( code == FAKE_CC_NV_WRITE )
            in = take(r, FBC_NV_SIZE);
        EXACTLY(r, "\0\0");
    }

    if ( !f->defined )
        return fake_answer(rsp, 0x18b);
    if ( s == FAKE_SESSIONS )
        return fake_answer(rsp, 0x918);
    if ( f->session[s].changes != f->changes )
        return fake_answer(rsp, 0x128);         /* TPM_RC_PCR_CHANGED */
    if ( f->policy_len != FBC_HASH_LEN ||
         memcmp(f->session[s].digest, f->policy, FBC_HASH_LEN) )
        return fake_answer(rsp, 0x99d);         /* TPM_RC_POLICY_FAIL */
    if ( code == FAKE_CC_NV_READ && (f->attributes & FBC_NV_READLOCKED) )
        return fake_answer(rsp, 0x148);
    if ( code == FAKE_CC_NV_READ && !(f->attributes & FBC_NV_WRITTEN) )
        return fake_answer(rsp, 0x14a);

    memset(f->session[s].digest, 0, FBC_HASH_LEN);
    switch ( code )
    {
    case FAKE_CC_NV_READ:
        PUT("\0\x20");
        rsp_put(rsp, &len, f->data, sizeof(f->data));
        break;
    case FAKE_CC_NV_WRITE:
        memcpy(f->data, in, sizeof(f->data));
        f->attributes |= FBC_NV_WRITTEN;
        break;
    default:
        f->attributes |= FBC_NV_READLOCKED;
    }

    return done_auth(rsp, len, false);
}

static size_t execute(struct faketpm *f, uint32_t code, struct reader *r,
                      uint8_t *rsp)
{
    switch ( code )
    {
    case FAKE_CC_GET_RANDOM:
        return get_random(f, r, rsp);
    case FAKE_CC_PCR_READ:
        return pcr_read(f, r, rsp);
    case FAKE_CC_PCR_EVENT:
        return pcr_event(f, r, rsp);
    case FAKE_CC_START_AUTH:
        return start_auth(f, r, rsp);
    case FAKE_CC_POLICY_PCR:
        return policy(f, r, rsp);
    case FAKE_CC_POLICY_DIGEST:
        return policy_digest(f, r, rsp);
    case FAKE_CC_FLUSH:
        return flush(f, r, rsp);
    case FAKE_CC_NV_READ_PUBLIC:
        return nv_read_public(f, r, rsp);
    case FAKE_CC_NV_READ:
    case FAKE_CC_NV_WRITE:
    case FAKE_CC_NV_READ_LOCK:
        return nv_use(f, r, rsp, code);
    }
    must(false, "unknown command");

    return 0;
}

uint32_t fake_rc(const uint8_t *rsp, size_t len)
{
    return len == 10 && fbc_get_be16(rsp) == ST_NO_SESSIONS &&
           fbc_get_be32(rsp + 2) == 10 ? fbc_get_be32(rsp + 6) : 0;
}

static int xfer(void *ctx, const uint8_t *cmd, size_t len, uint8_t *rsp,
                size_t max, size_t *rsp_len)
{
    uint8_t answer[2 * FAKE_RSP_MAX] = { 0 };
    struct reader r = { cmd, len };
    struct faketpm *f = ctx;
    struct fake_entry *e;
    uint16_t tag;
    uint32_t code, rc;
    size_t n;

    must(max == FBC_TPM_BUF, "room for the response");
    must(len <= FAKE_CMD_MAX, "command is too long");
    tag = fbc_get_be16(take(&r, 2));
    must(fbc_get_be32(take(&r, 4)) == len, "size of a command");
    code = fbc_get_be32(take(&r, 4));
    must(tag == (code == FAKE_CC_PCR_EVENT || code == FAKE_CC_NV_READ ||
                 code == FAKE_CC_NV_WRITE || code == FAKE_CC_NV_READ_LOCK
                 ? ST_SESSIONS : ST_NO_SESSIONS), "tag of a command");

    f->total++;
    if ( f->block && f->block(f, code) )
        n = FAKE_LOST;
    else
    {
        n = execute(f, code, &r, answer);
        must(!r.left, "command is too long");
    }
    if ( f->meddle )
        f->meddle(f, code, answer, &n);

    rc = fake_rc(answer, n);
    if ( rc != 0x922 && rc != 0x908 && rc != 0x90a )
    {
        must(f->count < FAKE_LOG, "too many commands");
        e = &f->log[f->count++];
        memcpy(e->cmd, cmd, len);
        e->cmd_len = len;
        e->rsp_len = n;
        if ( n <= sizeof(e->rsp) )
            memcpy(e->rsp, answer, n);
    }

    memset(rsp, f->fill, max);
    if ( n == FAKE_LOST )
        return -1;
    memcpy(rsp, answer, n < max ? n : max);
    *rsp_len = n;

    return 0;
}

void fake_init(struct faketpm *f)
{
    memset(f, 0, sizeof(*f));
    f->tpm.xfer = xfer;
    f->tpm.ctx = f;
    memset(f->random, 0x7a, sizeof(f->random));
    fake_reboot(f);
}

void fake_reboot(struct faketpm *f)
{
    unsigned int i;

    memset(f->pcr, 0, sizeof(f->pcr));
    for ( i = 0; i < 8; i++ )
        memset(f->pcr[i], 0xf0 + (int)i, FBC_HASH_LEN);
    memset(f->session, 0, sizeof(f->session));
    f->attributes &= ~(FBC_NV_READLOCKED | FBC_NV_WRITELOCKED);
    f->changes = 20;
    f->total = f->count = 0;
}

void fake_define(struct faketpm *f, const uint8_t *data)
{
    struct fbc_pcrs p;

    pcrs_now(f, &p);
    memset(f->policy, 0, sizeof(f->policy));
    must(!fbc_pcrs_policy(&p, f->policy), "hash");
    f->defined = true;
    f->alg = 0x000b;
    f->size = FBC_NV_SIZE;
    f->policy_len = FBC_HASH_LEN;
    f->attributes = FBC_NV_ATTRIBUTES | (data ? FBC_NV_WRITTEN : 0);
    if ( data )
        memcpy(f->data, data, sizeof(f->data));
}
