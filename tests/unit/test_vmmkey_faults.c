/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boots in which something fails: no failure on the way makes a key attested,
 * or leaves PCR 12 as it was without saying so.
 */
#include "boots.h"

#include "core/be.h"
#include "core/crypto.h"

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

/* Not what failed for want of it. */
static void first_reason(void **state)
{
    (void)state;
    meddle(SECOND, 12, 1000);
    m.rc = 0x101;
    safe();
    assert_string_equal(k.step, "NV_Read");
    assert_int_equal(k.rc, 0x101);
    meddle(PER_BOOT, 4, 1000);
    m.lose = true;
    safe();
    assert_string_equal(k.step, "PCR_Event");
    assert_int_equal(k.err, FBC_ERR_TPM_IO);
    assert_int_equal(k.rc, 0);
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
        VEC_TEST("any command refused, with any code", each_refused),
        VEC_TEST("the reason that is told is the first", first_reason),
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
