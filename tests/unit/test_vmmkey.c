/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which key a boot ends with, and what dom0 can do with the TPM then.  What a
 * hostile dom0 left in the TPM, and every failure on the way, must not make a
 * key attested that it may know, nor leave PCR 12 as it was.
 */
#include "vec.h"

#include <stdlib.h>

#include "core/be.h"
#include "crypto/crypto.h"
#include "faketpm.h"

static struct faketpm f;
static struct fbc_vmmkey k;
static const uint8_t data[FBC_NV_SIZE] = { 0xda, 0x7a, 1, 2, 3, 4, 5, 6 };

enum start { PER_BOOT, FIRST, SECOND, STARTS };

static void prepare(enum start s)
{
    fake_init(&f);
    if ( s != PER_BOOT )
        fake_define(&f, s == SECOND ? data : NULL);
}

static void judged(void)
{
    const char *wrong;
    int rc;

    memset(&k, 0xa5, sizeof(k));
    memset(f.tpm.buf, 0xee, sizeof(f.tpm.buf));
    rc = fbc_vmmkey_obtain(&f.tpm, fake_cpu_random, &k);
    assert_int_equal(rc, 0);
    wrong = fake_judge(&f, rc, &k);
    if ( wrong )
        fail_msg("%s", wrong);
}

/* As the TPM really is afterwards; it did not lie. */
static void safe(void)
{
    uint8_t want[FBC_HASH_LEN];

    judged();
    if ( k.attested )
    {
        assert_int_equal(fbc_pcr12_of_key(k.public_key, want), 0);
        assert_memory_equal(f.pcr[12], want, sizeof(want));
    }
    if ( !k.exposed )
    {
        assert_false(fake_forgeable(&f));
        assert_false(fake_readable(&f));
    }
    if ( k.mode == FBC_VMMKEY_SEALED )
    {
        assert_memory_equal(f.data, k.secret, sizeof(k.secret));
        assert_true(f.attributes & FBC_NV_READLOCKED);
        assert_false(f.session[0].open);
        assert_false(f.session[1].open);
    }
}

static void unattested(enum fbc_err err, const char *step)
{
    safe();
    assert_false(k.attested);
    assert_false(k.exposed);
    assert_false(k.created);
    assert_int_equal(k.mode, FBC_VMMKEY_PER_BOOT);
    assert_string_equal(k.step, step);
    assert_int_equal(k.err, err);
}

static void attested(enum fbc_vmmkey_mode mode, bool created)
{
    safe();
    assert_true(k.attested);
    assert_int_equal(k.mode, mode);
    assert_int_equal(k.created, created);
    assert_int_equal(k.err, mode == FBC_VMMKEY_SEALED ? FBC_OK
                                                      : FBC_ERR_NV_ABSENT);
}

/* Good runs, to the byte. */

static void hex(const uint8_t *p, size_t n, char *out)
{
    while ( n-- )
        out += sprintf(out, "%02x", *p++);
}

static void commands_are(const char *const *want, unsigned int n)
{
    char text[2 * FAKE_CMD_MAX + 1];
    unsigned int i;

    for ( i = 0; i < n && i < f.count; i++ )
    {
        hex(f.log[i].cmd, f.log[i].cmd_len, text);
        if ( strncmp(text, want[i], strlen(want[i])) )
            fail_msg("command %u is %s", i + 1, text);
    }
    assert_int_equal(f.count, n);
}

#define GET_RANDOM  "80010000000c0000017b0020"
#define PCR_READ(s) "8001000000140000017e00000001000b03" s
#define NV_PUBLIC   "80010000000e0000016901500021"
#define POLICY_PCRS PCR_READ("010000"), PCR_READ("040000"), \
                    PCR_READ("100000"), PCR_READ("800000"), PCR_READ("001000")
#define START       "80010000002b00000176400000074000000700100000000000000" \
                    "0000000000000000000" "0000" "01" "0010" "000b"
#define POLICY_PCR  "80010000001a0000017f03000000000000000001000b03951000"
#define DIGEST      "80010000000e0000018903000000"
#define USE(size, code) "8002000000" size "000001" code \
                    "0150002101500021" "00000009" "03000000" "0000" "01" "0000"
#define NV_READ     USE("23", "4e") "00200000"
#define NV_WRITE    USE("43", "37") "0020"
#define NV_LOCK     USE("1f", "4f")
#define FLUSH       "80010000000e0000016503000000"
#define EVENT(size, len) "8002000000" size "0000013c0000000c00000009" \
                    "400000090000000000" len
#define BIND        EVENT("3d", "0020")
#define CAP         EVENT("30", "0013") \
                    "666263727970743a20756e6174746573746564"
#define CHECKED     GET_RANDOM, PCR_READ("001000"), NV_PUBLIC, POLICY_PCRS
#define SESSION     START, POLICY_PCR, DIGEST
#define END         BIND, PCR_READ("001000")

static const char *const first[] = {
    CHECKED, SESSION, NV_READ, FLUSH, SESSION, NV_WRITE, POLICY_PCR, NV_READ,
    POLICY_PCR, NV_LOCK, FLUSH, END
};
static const char *const second[] = {
    CHECKED, SESSION, NV_READ, POLICY_PCR, NV_LOCK, FLUSH, END
};
static const char *const per_boot[] = {
    GET_RANDOM, PCR_READ("001000"), NV_PUBLIC, END
};
static const char *const capped[] = {
    GET_RANDOM, PCR_READ("001000"), CAP, PCR_READ("001000")
};

#define COUNT(a) ((unsigned int)(sizeof(a) / sizeof((a)[0])))

static void per_boot_run(void **state)
{
    uint8_t old[FBC_KEY_LEN];

    (void)state;
    prepare(PER_BOOT);
    attested(FBC_VMMKEY_PER_BOOT, false);
    commands_are(per_boot, COUNT(per_boot));
    memcpy(old, k.secret, sizeof(old));

    /* Either source of randomness makes another key. */
    fake_reboot(&f);
    f.random[0] ^= 1;
    attested(FBC_VMMKEY_PER_BOOT, false);
    assert_memory_not_equal(old, k.secret, sizeof(old));
    assert_memory_not_equal(k.secret, fake_cpu_random, sizeof(old));
}

static void sealed_runs(void **state)
{
    struct fbc_vmmkey before;

    (void)state;
    prepare(FIRST);
    attested(FBC_VMMKEY_SEALED, true);
    commands_are(first, COUNT(first));
    assert_memory_equal(f.log[16].cmd + 33, k.secret, sizeof(k.secret));
    before = k;

    fake_reboot(&f);
    f.random[0] ^= 1;
    attested(FBC_VMMKEY_SEALED, false);
    commands_are(second, COUNT(second));
    assert_memory_equal(k.secret, before.secret, sizeof(k.secret));
    assert_memory_equal(k.public_key, before.public_key, sizeof(k.secret));
}

static void no_tpm(void **state)
{
    uint8_t public[FBC_KEY_LEN];

    (void)state;
    assert_int_equal(fbc_vmmkey_obtain(NULL, fake_cpu_random, &k), 0);
    assert_int_equal(k.mode, FBC_VMMKEY_PER_BOOT);
    assert_false(k.attested);
    assert_true(k.exposed);
    assert_int_equal(k.err, FBC_ERR_NO_TPM);
    assert_int_equal(fbc_x25519_public(public, k.secret), 0);
    assert_memory_equal(public, k.public_key, sizeof(public));
}

/* dom0 of the boot before has deleted the index and made its own. */

static void attributes(void **state)
{
    const uint32_t by_tpm = FBC_NV_WRITTEN | FBC_NV_READLOCKED |
                            FBC_NV_WRITELOCKED;
    enum start s;
    uint32_t bit;

    (void)state;
    for ( s = FIRST; s <= SECOND; s++ )
        for ( bit = 1; bit; bit <<= 1 )
        {
            prepare(s);
            f.attributes ^= bit;
            if ( bit & by_tpm )
                safe();
            else
                unattested(FBC_ERR_NV_KIND, "NV index");
        }
}

static void kinds(void **state)
{
    enum start s;
    unsigned int i;

    (void)state;
    for ( s = FIRST; s <= SECOND; s++ )
    {
        for ( i = 0; i < 70; i++ )
        {
            prepare(s);
            f.size = (uint16_t)i;
            if ( i != FBC_NV_SIZE )
                unattested(FBC_ERR_NV_KIND, "NV index");
        }
        prepare(s);
        f.size = 0x2020;
        unattested(FBC_ERR_NV_KIND, "NV index");
        prepare(s);
        f.alg = 0x000c;
        unattested(FBC_ERR_NV_KIND, "NV index");
        prepare(s);
        f.alg = 0x0010;
        unattested(FBC_ERR_NV_KIND, "NV index");
    }
}

static void policies(void **state)
{
    enum start s;
    unsigned int i;

    (void)state;
    for ( s = FIRST; s <= SECOND; s++ )
    {
        /* One bit wrong; none; shorter; with a tail. */
        for ( i = 0; i < 256; i++ )
        {
            prepare(s);
            f.policy[i / 8] ^= 1 << i % 8;
            unattested(FBC_ERR_NV_POLICY, "NV index");
        }
        for ( i = 0; i <= FBC_TPM_POLICY_MAX; i++ )
        {
            prepare(s);
            f.policy_len = (uint16_t)i;
            if ( i != FBC_HASH_LEN )
                unattested(FBC_ERR_NV_POLICY, "NV index");
        }
        /* For the PCRs of another boot; as after the cap. */
        prepare(s);
        f.pcr[4][0] ^= 1;
        unattested(FBC_ERR_NV_POLICY, "NV index");
        prepare(s);
        memset(f.policy, 0, sizeof(f.policy));
        unattested(FBC_ERR_NV_POLICY, "NV index");
    }
}

/* A key that dom0 knows is of no use: it cannot write such an index. */
static void replaced(void **state)
{
    (void)state;
    prepare(SECOND);
    attested(FBC_VMMKEY_SEALED, false);
    fake_reboot(&f);
    fake_define(&f, NULL);
    attested(FBC_VMMKEY_SEALED, true);
    assert_memory_not_equal(k.secret, data, sizeof(data));

    fake_reboot(&f);
    f.defined = false;
    attested(FBC_VMMKEY_PER_BOOT, false);
}

static void already_extended(void **state)
{
    static const uint8_t key[FBC_KEY_LEN] = { 9 };
    unsigned int i;
    enum start s;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
    {
        for ( i = 0; i < FBC_HASH_LEN; i++ )
        {
            prepare(s);
            f.pcr[12][i] = 0x80;
            unattested(FBC_ERR_PCR_USED, "PCR_Read");
        }
        commands_are(capped, COUNT(capped));
        /* By dom0's key, as this code would have done it. */
        prepare(s);
        assert_int_equal(fbc_pcr12_of_key(key, f.pcr[12]), 0);
        unattested(FBC_ERR_PCR_USED, "PCR_Read");
    }
    /* A second start of the hypervisor without a reset. */
    prepare(SECOND);
    attested(FBC_VMMKEY_SEALED, false);
    f.count = 0;
    unattested(FBC_ERR_PCR_USED, "PCR_Read");
}

/* Locks that a resume instead of a reset would leave. */
static void locks(void **state)
{
    (void)state;
    prepare(SECOND);
    f.attributes |= FBC_NV_READLOCKED;
    unattested(FBC_ERR_TPM_RC, "NV_Read");
    assert_int_equal(k.rc, 0x148);
    prepare(SECOND);
    f.attributes |= FBC_NV_WRITELOCKED;
    attested(FBC_VMMKEY_SEALED, false);
}

static void exhausted(void **state)
{
    unsigned int i;

    (void)state;
    prepare(SECOND);
    for ( i = 0; i < FAKE_SESSIONS; i++ )
        f.session[i].open = true;
    unattested(FBC_ERR_TPM_RC, "StartAuthSession");
    assert_int_equal(k.rc, 0x903);
}

/* Meddling: the command number arg->at, counted from 1, gets this answer. */

static struct {
    unsigned int at, until;
    uint32_t code, rc;          /* code: only this command, if not 0 */
    size_t cut, flip;
    uint8_t bits, tag;
    bool lose;
} m;

static bool mine(const struct faketpm *t, uint32_t code)
{
    return t->total >= m.at && t->total <= m.until &&
           (!m.code || m.code == code);
}

static bool blocked(struct faketpm *t, uint32_t code)
{
    return mine(t, code);
}

static void meddled(struct faketpm *t, uint32_t code, uint8_t *rsp,
                    size_t *len)
{
    if ( !mine(t, code) )
        return;
    if ( m.lose )
        *len = FAKE_LOST;
    if ( *len == FAKE_LOST )
        return;
    if ( m.rc )
        *len = fake_answer(rsp, m.rc);
    if ( m.tag )
        rsp[1] = m.tag;
    if ( m.flip < *len )
        rsp[m.flip] ^= m.bits;
    if ( m.cut < *len )
        *len = m.cut;
}

static void meddle(enum start s, unsigned int at, unsigned int until)
{
    prepare(s);
    memset(&m, 0, sizeof(m));
    m.at = at;
    m.until = until;
    m.cut = m.flip = (size_t)-2;
    f.meddle = meddled;
}

static unsigned int commands(enum start s)
{
    return s == PER_BOOT ? COUNT(per_boot)
                         : s == FIRST ? COUNT(first) : COUNT(second);
}

/* Number n is refused, or from n on all. */
static void each_refused(void **state)
{
    static const uint32_t codes[] = { 0x100, 0x101, 0x148, 0x14a, 0x18b, 0x8b,
                                      0x28b, 0x99d, 0x128, 0x901, 0x905,
                                      0x920, 0x921, 0x923, 0x98b, 0x1cb,
                                      0x922, 0x908, 0x90a, 0x1018b };
    unsigned int n, i, all;
    enum start s;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
        for ( n = 2; n <= commands(s); n++ )
            for ( i = 0; i < COUNT(codes); i++ )
                for ( all = 0; all < 2; all++ )
                {
                    bool handle = n == 3 && (codes[i] & ~0x100u) == 0x8b;
                    bool honest = s == FIRST && n == 12 && codes[i] == 0x14a;
                    bool busy = codes[i] == 0x922 || codes[i] == 0x908 ||
                                codes[i] == 0x90a;

                    meddle(s, n, all ? 1000 : n);
                    m.rc = codes[i];
                    f.block = busy ? blocked : NULL;
                    safe();
                    if ( all )
                    {
                        assert_false(k.attested);
                        assert_true(k.exposed);
                    }
                    else if ( !handle && !busy && !honest )
                        assert_false(k.attested);
                    if ( s == PER_BOOT && n == 3 && !handle && !busy )
                        assert_int_equal(k.err, FBC_ERR_TPM_RC);
                }
}

/* The TPM did it, and the answer is lost; or it never got the command. */
static void each_lost(void **state)
{
    unsigned int n, all, block;
    enum start s;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
        for ( n = 1; n <= commands(s); n++ )
            for ( all = 0; all < 2; all++ )
                for ( block = 0; block < 2; block++ )
                {
                    meddle(s, n, all ? 1000 : n);
                    m.lose = !block;
                    f.block = block ? blocked : NULL;
                    safe();
                    assert_int_equal(k.attested, n == 1 && !all);
                    assert_int_equal(k.exposed, all);
                }
}

static void each_cut(void **state)
{
    unsigned int n;
    enum start s;
    size_t len, cut;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
        for ( n = 2; n <= commands(s); n++ )
        {
            prepare(s);
            safe();
            len = f.log[n - 1].rsp_len;
            for ( cut = 0; cut < len; cut++ )
            {
                meddle(s, n, n);
                m.cut = cut;
                safe();
                assert_false(k.attested);
                assert_false(k.exposed);
                if ( cut % 8 != n % 8 )
                    continue;
                meddle(s, n, 1000);
                m.cut = cut;
                safe();
                assert_false(k.attested);
                if ( cut < 62 )
                    assert_true(k.exposed);
            }
        }
}

/* What a TPM says may be a lie here; the judge goes by what it said. */
static void each_flipped(void **state)
{
    unsigned int n, kept = 0;
    enum start s;
    size_t len, at;
    int all;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
        for ( n = 1; n <= commands(s); n++ )
        {
            prepare(s);
            judged();
            len = f.log[n - 1].rsp_len;
            for ( at = 0; at < len; at++ )
                for ( all = 0; all < 2; all++ )
                {
                    meddle(s, n, n);
                    m.flip = at;
                    m.bits = all ? 0xff : (uint8_t)(1 << (at + n) % 8);
                    judged();
                    assert_false(k.exposed);
                    kept += k.attested;
                }
        }
    /* Random bytes, nonces, counters, SHA-1's hash, the key itself. */
    assert_true(kept > 3 * 32 * 2 && kept < 2000);
}

static void each_tag(void **state)
{
    static const uint8_t tags[] = { 0x01, 0x02, 0x03, 0x04, 0x14, 0xc4, 0xff };
    unsigned int n, i;
    uint8_t honest;
    enum start s;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
        for ( n = 2; n <= commands(s); n++ )
        {
            prepare(s);
            safe();
            honest = f.log[n - 1].rsp[1];
            for ( i = 0; i < COUNT(tags); i++ )
            {
                meddle(s, n, n);
                m.tag = tags[i];
                safe();
                assert_int_equal(k.attested, tags[i] == honest);
            }
        }
}

/* Only an index that is not there has no bearing on attestation. */
static void absent(void **state)
{
    uint32_t rc;

    (void)state;
    for ( rc = 0x0b; rc < 0x1000; rc += 8 )
    {
        meddle(PER_BOOT, 3, 3);
        m.rc = rc;
        safe();
        assert_false(k.exposed);
        assert_int_equal(k.attested, rc == 0x8b || rc == 0x18b);
    }
}

/* Only an index that was never written is written. */
static void uninitialized(void **state)
{
    uint32_t rc;

    (void)state;
    for ( rc = 0x101; rc < 0xa00; rc += rc < 0x180 ? 1 : 37 )
    {
        meddle(SECOND, 0, 1000);
        m.code = FAKE_CC_NV_READ;
        m.rc = rc;
        unattested(FBC_ERR_TPM_RC, "NV_Read");
        assert_int_equal(k.rc, rc);
        assert_memory_equal(f.data, data, sizeof(data));
    }
    /* Never written, and yet there is something to read. */
    meddle(FIRST, 0, 0);
    f.attributes |= FBC_NV_WRITTEN;
    memcpy(f.data, data, sizeof(data));
    f.meddle = NULL;
    safe();
    assert_true(k.attested);
}

static void unwritten_but_read(struct faketpm *t, uint32_t code, uint8_t *rsp,
                               size_t *len)
{
    (void)len;
    if ( code == FAKE_CC_NV_READ_PUBLIC )
    {
        t->attributes &= ~FBC_NV_WRITTEN;
        fake_nv_public(t, rsp);
        t->attributes |= FBC_NV_WRITTEN;
    }
}

static void contradictory(void **state)
{
    (void)state;
    prepare(SECOND);
    f.meddle = unwritten_but_read;
    unattested(FBC_ERR_NV_CONTENT, "NV_Read");
}

/* A write that went wrong, silently. */
static void other_content(struct faketpm *t, uint32_t code, uint8_t *rsp,
                          size_t *len)
{
    (void)rsp;
    (void)len;
    if ( code == FAKE_CC_NV_WRITE )
        t->data[31] ^= 1;
}

static void not_written(void **state)
{
    (void)state;
    prepare(FIRST);
    f.meddle = other_content;
    unattested(FBC_ERR_NV_CONTENT, "NV_Read after NV_Write");
}

/* A session over fewer PCRs than it was told, as with a partial bank. */
static void other_digest(struct faketpm *t, uint32_t code, uint8_t *rsp,
                         size_t *len)
{
    (void)t;
    if ( code == FAKE_CC_POLICY_DIGEST && *len == 44 )
        memset(rsp + 12, 0x11, 32);
}

static void live_policy(void **state)
{
    enum start s;

    (void)state;
    for ( s = FIRST; s <= SECOND; s++ )
    {
        prepare(s);
        f.meddle = other_digest;
        unattested(FBC_ERR_NV_POLICY, "PolicyGetDigest");
        /* Nor if the index has just that policy. */
        prepare(s);
        f.meddle = other_digest;
        memset(f.policy, 0x11, 32);
        unattested(FBC_ERR_NV_POLICY, "NV index");
    }
}

/* PCR_Event says yes and does nothing, or too much. */
static unsigned int events;

static void ignored(struct faketpm *t, uint32_t code, uint8_t *rsp,
                    size_t *len)
{
    (void)rsp;
    (void)len;
    if ( code == FAKE_CC_PCR_EVENT && events )
    {
        events--;
        memset(t->pcr[12], 0, FBC_HASH_LEN);
    }
}

static void twice(struct faketpm *t, uint32_t code, uint8_t *rsp, size_t *len)
{
    (void)rsp;
    (void)len;
    if ( code == FAKE_CC_PCR_EVENT )
        t->pcr[12][0] ^= 1;
}

static void no_event(void **state)
{
    enum start s;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
    {
        /* Once: the cap helps; always: dom0 must be kept away. */
        for ( events = 1; events < 4; )
        {
            unsigned int n = events;

            prepare(s);
            f.meddle = ignored;
            unattested(FBC_ERR_PCR_VALUE, "PCR_Read after it");
            events = n + 1;
        }
        events = 1000;
        prepare(s);
        f.meddle = ignored;
        safe();
        assert_false(k.attested);
        assert_true(k.exposed);
        assert_int_equal(k.mode, FBC_VMMKEY_PER_BOOT);
        assert_int_equal(k.err, FBC_ERR_PCR_VALUE);

        prepare(s);
        f.meddle = twice;
        unattested(FBC_ERR_PCR_VALUE, "PCR_Read after it");
    }
}

/* No SHA-256 bank, or PCR 12 is not in it. */
static void no_bank(struct faketpm *t, uint32_t code, uint8_t *rsp,
                    size_t *len)
{
    static const uint8_t none[] = {
        0x80, 0x01, 0, 0, 0, 0x1c, 0, 0, 0, 0, 0, 0, 0, 0x15,
        0, 0, 0, 1, 0, 0x0b, 3, 0, 0, 0, 0, 0, 0, 0,
    };

    if ( code == FAKE_CC_PCR_READ &&
         (!t->arg || t->log[t->count].cmd[18] == *(uint8_t *)t->arg) )
    {
        memcpy(rsp, none, sizeof(none));
        *len = sizeof(none);
    }
}

static void banks(void **state)
{
    enum start s;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
    {
        prepare(s);
        f.meddle = no_bank;
        safe();
        assert_false(k.attested);
        assert_true(k.exposed);
        assert_int_equal(k.err, FBC_ERR_TPM_RESPONSE);
        assert_string_equal(k.step, "PCR_Read");
    }
}

/* Busy for a while, at each command. */
static void busy_once(struct faketpm *t, uint32_t code, uint8_t *rsp,
                      size_t *len)
{
    (void)code;
    if ( t->total % 2 )
        *len = fake_answer(rsp, 0x922);
}

static bool busy_block(struct faketpm *t, uint32_t code)
{
    (void)code;

    return t->total % 2;
}

static void busy(void **state)
{
    enum start s;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
    {
        prepare(s);
        f.block = busy_block;
        f.meddle = busy_once;
        attested(s == PER_BOOT ? FBC_VMMKEY_PER_BOOT : FBC_VMMKEY_SEALED,
                 s == FIRST);
        assert_int_equal(f.total, 2 * commands(s));

        meddle(s, 0, 100000);
        m.rc = 0x922;
        safe();
        assert_true(k.exposed);
        assert_int_equal(f.total, (FBC_TPM_RESENDS + 1) * (1 + 1 + 3));
    }
}

/* What lies behind an answer in the buffer has no effect. */
static void no_garbage(void **state)
{
    static const uint8_t fills[] = { 0xff, 0x80, 0x01, 0x20 };
    struct fbc_vmmkey clean;
    unsigned int i, n;
    enum start s;
    size_t cut;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
        for ( n = 0; n <= commands(s); n++ )
            for ( cut = 5; cut < 70; cut += 9 )
            {
                meddle(s, n, n);
                m.cut = cut;
                safe();
                clean = k;
                for ( i = 0; i < COUNT(fills); i++ )
                {
                    meddle(s, n, n);
                    m.cut = cut;
                    f.fill = fills[i];
                    safe();
                    assert_int_equal(k.attested, clean.attested);
                    assert_int_equal(k.exposed, clean.exposed);
                    assert_int_equal(k.err, clean.err);
                    assert_memory_equal(k.secret, clean.secret,
                                        sizeof(k.secret));
                }
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("without an index: a key of this boot, attested",
                 per_boot_run),
        VEC_TEST("with one: the key is made once, and is the same then",
                 sealed_runs),
        VEC_TEST("no TPM: a key, and dom0 is kept from any TPM", no_tpm),
        VEC_TEST("an index with any other attribute is refused", attributes),
        VEC_TEST("an index of another size or hash is refused", kinds),
        VEC_TEST("an index with any other policy is refused", policies),
        VEC_TEST("an index made anew gets a new key", replaced),
        VEC_TEST("PCR 12 was not zero: nothing is attested",
                 already_extended),
        VEC_TEST("an index that is still locked", locks),
        VEC_TEST("no session is to be had", exhausted),
        VEC_TEST("any command refused, with any code", each_refused),
        VEC_TEST("any command or answer lost", each_lost),
        VEC_TEST("any answer cut at any length", each_cut),
        VEC_TEST("any answer with a bit flipped", each_flipped),
        VEC_TEST("any answer with another tag", each_tag),
        VEC_TEST("the index is absent by one code only", absent),
        VEC_TEST("a written index is never written again", uninitialized),
        VEC_TEST("an index that is unwritten and can be read",
                 contradictory),
        VEC_TEST("an index that does not hold what was written",
                 not_written),
        VEC_TEST("the session's policy is not over these PCRs",
                 live_policy),
        VEC_TEST("PCR_Event without effect, or with another", no_event),
        VEC_TEST("no SHA-256 bank", banks),
        VEC_TEST("a busy TPM: asked again, for so long", busy),
        VEC_TEST("bytes behind an answer have no effect", no_garbage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
