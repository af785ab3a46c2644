/* SPDX-License-Identifier: GPL-2.0-only */
/* What may be said about a key, by the log of commands and answers alone. */
#include <stdio.h>
#include <stdlib.h>

#include "core/be.h"
#include "core/crypto.h"
#include "faketpm.h"

static const unsigned int used[FBC_PCRS] = { 0, 2, 4, 7, 12 };
static const uint8_t zero[FBC_HASH_LEN];

static void must(bool good, const char *what)
{
    if ( !good )
    {
        fprintf(stderr, "fakejudge: %s\n", what);
        abort();
    }
}

static uint32_t code_of(const struct fake_entry *e)
{
    return fbc_get_be32(e->cmd + 6);
}

/* Entry with this command, counted from the end (nth 0) or not at all. */
static const struct fake_entry *last(const struct faketpm *f, uint32_t code,
                                     unsigned int nth)
{
    unsigned int i;

    for ( i = f->count; i--; )
        if ( code_of(&f->log[i]) == code && !nth-- )
            return &f->log[i];

    return NULL;
}

static const struct fake_entry *first(const struct faketpm *f, uint32_t code)
{
    unsigned int i;

    for ( i = 0; i < f->count; i++ )
        if ( code_of(&f->log[i]) == code )
            return &f->log[i];

    return NULL;
}

/* The value that a PCR_Read of this PCR gave, or NULL. */
static const uint8_t *value_read(const struct fake_entry *e, unsigned int pcr)
{
    static const char head[] = "\0\0\0\x01\0\x0b\x03";
    uint8_t select[3] = { 0 };

    select[pcr / 8] = (uint8_t)(1 << pcr % 8);
    if ( !e || code_of(e) != FAKE_CC_PCR_READ || e->rsp_len != 62 ||
         memcmp(e->cmd + 17, select, 3) ||
         memcmp(e->rsp, "\x80\x01\0\0\0\x3e\0\0\0", 10) ||
         memcmp(e->rsp + 14, head, 7) || memcmp(e->rsp + 21, select, 3) ||
         memcmp(e->rsp + 24, "\0\0\0\x01\0\x20", 6) )
        return NULL;

    return e->rsp + 30;
}

static bool succeeded(const struct fake_entry *e)
{
    return e && e->rsp_len != FAKE_LOST && e->rsp_len >= 10 &&
           fbc_get_be32(e->rsp + 2) == e->rsp_len &&
           !fbc_get_be32(e->rsp + 6);
}

static const char *judge_index(const struct faketpm *f, bool created)
{
    const struct fake_entry *e = first(f, FAKE_CC_NV_READ_PUBLIC);
    struct faketpm want = { .alg = 0x000b, .size = FBC_NV_SIZE,
                            .policy_len = FBC_HASH_LEN };
    uint8_t rsp[FAKE_RSP_MAX];
    struct fbc_pcrs pcrs;
    unsigned int i, n = 0;
    const uint8_t *v;
    size_t len;

    if ( e + FBC_PCRS >= f->log + f->count )
        return "the policy's PCRs were not read";
    /* They follow at once. */
    for ( i = 0; i < FBC_PCRS; i++ )
    {
        v = value_read(e + 1 + i, used[i]);
        if ( !v )
            return "the policy's PCRs were not read";
        memcpy(pcrs.value[i], v, FBC_HASH_LEN);
    }
    must(!fbc_pcrs_policy(&pcrs, want.policy), "hash");

    if ( e->rsp_len < 22 )
        return "the index was not looked at";
    want.attributes = fbc_get_be32(e->rsp + 18);
    if ( (want.attributes & ~0x30000800u) != 0x82084008 ||
         created == !!(want.attributes & FBC_NV_WRITTEN) )
        return "attributes of the index";
    len = fake_nv_public(&want, rsp);
    if ( len != e->rsp_len || memcmp(rsp, e->rsp, len) )
        return "the index has another kind or policy";

    for ( i = 0; i < f->count; i++ )
        if ( code_of(&f->log[i]) == FAKE_CC_POLICY_DIGEST && ++n &&
             (f->log[i].rsp_len != 44 ||
              memcmp(f->log[i].rsp + 12, want.policy, FBC_HASH_LEN)) )
            return "the session has another policy";
    if ( n != (created ? 2 : 1) )
        return "the session's policy was not looked at";

    return NULL;
}

static const char *judge_sealed(const struct faketpm *f,
                                const struct fbc_vmmkey *k)
{
    const struct fake_entry *e = last(f, FAKE_CC_NV_READ, 0);
    const struct fake_entry *w = last(f, FAKE_CC_NV_WRITE, 0);
    const struct fake_entry *lock = last(f, FAKE_CC_NV_READ_LOCK, 0);
    unsigned int i, started = 0, flushed = 0;

    if ( !succeeded(e) || e->rsp_len < 48 ||
         memcmp(e->rsp + 16, k->secret, FBC_KEY_LEN) )
        return "the key is not what the index holds";
    if ( !lock || lock < e || !succeeded(lock) )
        return "the index is not read-locked";
    if ( k->created != !!w )
        return "created, or not";
    if ( w && (!succeeded(w) || w > e ||
               memcmp(w->cmd + 33, k->secret, FBC_KEY_LEN) ||
               fake_rc(last(f, FAKE_CC_NV_READ, 1)->rsp,
                        last(f, FAKE_CC_NV_READ, 1)->rsp_len) != 0x14a) )
        return "the key was not made";
    for ( i = 0; i < f->count; i++ )
    {
        started += code_of(&f->log[i]) == FAKE_CC_START_AUTH;
        flushed += code_of(&f->log[i]) == FAKE_CC_FLUSH &&
                   succeeded(&f->log[i]);
    }
    if ( started != flushed )
        return "a session is left";

    return judge_index(f, k->created);
}

static const char *judge_attested(const struct faketpm *f,
                                  const struct fbc_vmmkey *k)
{
    const struct fake_entry *e;
    uint8_t want[FBC_HASH_LEN];
    const uint8_t *v;
    uint32_t rc;

    must(!fbc_pcr12_of_key(k->public_key, true, want), "hash");
    if ( f->count < 4 )
        return "attested without a TPM";
    v = value_read(first(f, FAKE_CC_PCR_READ), 12);
    if ( !v || memcmp(v, zero, sizeof(zero)) )
        return "attested though PCR 12 was not zero";
    v = value_read(&f->log[f->count - 1], 12);
    if ( !v || memcmp(v, want, sizeof(want)) )
        return "attested though PCR 12 does not hold it";
    e = &f->log[f->count - 2];
    if ( e != first(f, FAKE_CC_PCR_EVENT) || !succeeded(e) ||
         memcmp(e->cmd + e->cmd_len - FBC_KEY_LEN, k->public_key,
                FBC_KEY_LEN) )
        return "attested though PCR 12 was not extended by it";

    if ( k->mode == FBC_VMMKEY_SEALED )
        return judge_sealed(f, k);
    e = first(f, FAKE_CC_NV_READ_PUBLIC);
    rc = e ? fake_rc(e->rsp, e->rsp_len) : 0;
    if ( rc != 0x8b && rc != 0x18b )
        return "attested, not sealed, though there may be an index";

    return NULL;
}

/* What HKDF gives, from the first answer. */
static bool per_boot(const struct faketpm *f, const uint8_t *secret)
{
    static const char info[] = "fbcrypt v1 vmm per-boot";
    uint8_t prk[FBC_HASH_LEN], want[FBC_KEY_LEN], salt[FBC_KEY_LEN] = { 0 };
    const struct fake_entry *e = first(f, FAKE_CC_GET_RANDOM);

    if ( e && e->rsp_len == 44 &&
         !memcmp(e->rsp, "\x80\x01\0\0\0\x2c\0\0\0\0\0\x20", 12) )
        memcpy(salt, e->rsp + 12, sizeof(salt));
    must(!fbc_hkdf_extract(salt, sizeof(salt), fake_cpu_random,
                           sizeof(fake_cpu_random), prk) &&
         !fbc_hkdf_expand(prk, info, sizeof(info) - 1, want, sizeof(want)),
         "HKDF");

    return !memcmp(want, secret, sizeof(want));
}

/* How often PCR 12 was to be extended by what is no key. */
static unsigned int events(const struct faketpm *f)
{
    static const char text[] = "fbcrypt: unattested";
    unsigned int i, n = 0;

    for ( i = 0; i < f->count; i++ )
        n += code_of(&f->log[i]) == FAKE_CC_PCR_EVENT &&
             f->log[i].cmd_len == 29 + sizeof(text) - 1 &&
             !memcmp(f->log[i].cmd + 29, text, sizeof(text) - 1);

    return n;
}

const char *fake_judge(const struct faketpm *f, int rc,
                       const struct fbc_vmmkey *k)
{
    const struct fake_entry *e = f->count ? &f->log[f->count - 1] : NULL;
    uint8_t public[FBC_KEY_LEN];
    const uint8_t *v;
    size_t i;

    for ( i = 0; i < sizeof(f->tpm.buf); i++ )
        if ( f->tpm.buf[i] )
            return "the buffer is not wiped";
    if ( f->total > FAKE_LOG * (FBC_TPM_RESENDS + 1) )
        return "too many commands";

    if ( rc )
        return k->attested || memcmp(k->secret, zero, sizeof(zero))
               ? "a key in spite of failure" : NULL;
    if ( fbc_x25519_public(public, k->secret) ||
         memcmp(public, k->public_key, sizeof(public)) )
        return "the halves of the key do not belong together";
    if ( !k->step || (k->err == FBC_OK) != (k->mode == FBC_VMMKEY_SEALED) )
        return "the reason";
    if ( k->mode == FBC_VMMKEY_PER_BOOT && !per_boot(f, k->secret) )
        return "a per-boot key that is none";
    if ( k->mode == FBC_VMMKEY_SEALED && !k->attested )
        return "sealed, but not attested";
    if ( k->mode == FBC_VMMKEY_PER_BOOT && k->created )
        return "created what is not sealed";

    if ( !k->exposed )
    {
        v = value_read(e, 12);
        if ( !v || !memcmp(v, zero, sizeof(zero)) || !succeeded(e - 1) ||
             code_of(e - 1) != FAKE_CC_PCR_EVENT )
            return "not exposed though PCR 12 may be zero";
    }
    else if ( f->total == f->count && events(f) < 3 )
        return "exposed though the cap was not tried again";
    if ( k->attested )
        return k->exposed ? "attested and exposed" : judge_attested(f, k);

    return NULL;
}
