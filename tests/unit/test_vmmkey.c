/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which key a boot ends with.  What a hostile dom0 left in the TPM in the boot
 * before must not make a key attested that it may know.
 */
#include "boots.h"

#include <stdlib.h>

#include "core/be.h"
#include "core/crypto.h"
#ifndef __SANITIZE_ADDRESS__
#include "ownstack.h"
#endif

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
/* With the text behind the key. */
#define OUTLIVES    EVENT("54", "0037"), PCR_READ("001000")

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
    assert_int_equal(COUNT(first), commands(FIRST));
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

/* The event of PCR 12, made here: the key, and that memory outlives a reset. */
static void told(void)
{
    static const char text[] = "memory outlives a reset";
    uint8_t event[FBC_KEY_LEN + sizeof(text)], want[FBC_HASH_LEN] = { 0 };
    const struct fake_entry *e = &f.log[f.count - 2];

    memcpy(event, k.public_key, FBC_KEY_LEN);
    memcpy(event + FBC_KEY_LEN, text, sizeof(text));
    assert_int_equal(e->cmd_len, 29 + sizeof(event) - 1);
    assert_memory_equal(e->cmd + 29, event, sizeof(event) - 1);
    assert_int_equal(fbc_pcr_event(want, event, sizeof(event) - 1), 0);
    assert_memory_equal(f.pcr[12], want, sizeof(want));
    assert_true(k.attested);
    assert_false(k.exposed);
}

/* Memory outlives a reset: no key that lasts may be in it. */
static void unsealed(void **state)
{
    static const char *const want[] = { GET_RANDOM, PCR_READ("001000"),
                                        OUTLIVES };
    enum start s;

    (void)state;
    for ( s = PER_BOOT; s <= SECOND; s++ )
    {
        prepare(s);
        memset(&k, 0xa5, sizeof(k));
        assert_int_equal(fbc_vmmkey_obtain(&f.tpm, fake_cpu_random, false,
                                           false, &k), 0);
        commands_are(want, COUNT(want));
        told();
        assert_false(k.created);
        assert_int_equal(k.mode, FBC_VMMKEY_PER_BOOT);
        assert_int_equal(k.err, FBC_ERR_OUTLIVES);
        assert_false(fake_readable(&f));
    }
}

/* Sealed even so; whoever attests this image learns of it from PCR 12. */
static void sealed_anyway(void **state)
{
    static const char *const want[] = {
        CHECKED, SESSION, NV_READ, POLICY_PCR, NV_LOCK, FLUSH, OUTLIVES
    };
    unsigned int overwrites;

    (void)state;
    prepare(SECOND);
    assert_int_equal(fbc_vmmkey_obtain(&f.tpm, fake_cpu_random, false, true,
                                       &k), 0);
    commands_are(want, COUNT(want));
    told();
    assert_int_equal(k.mode, FBC_VMMKEY_SEALED);
    assert_int_equal(k.err, FBC_OK);
    assert_memory_equal(k.secret, data, sizeof(data));

    /* An event that the TPM ignores or answers wrongly: the cap, as ever. */
    for ( overwrites = 0; overwrites < 2; overwrites++ )
    {
        prepare(SECOND);
        f.meddle = ignored;
        events = 1;
        assert_int_equal(fbc_vmmkey_obtain(&f.tpm, fake_cpu_random,
                                           overwrites, true, &k), 0);
        assert_false(k.attested);
        assert_false(k.exposed);
        assert_int_equal(k.mode, FBC_VMMKEY_PER_BOOT);
        assert_int_equal(k.err, FBC_ERR_PCR_VALUE);
    }
    events = 0;

    /* It makes no difference where memory is overwritten. */
    prepare(SECOND);
    assert_int_equal(fbc_vmmkey_obtain(&f.tpm, fake_cpu_random, true, true,
                                       &k), 0);
    commands_are(second, COUNT(second));
    assert_null(fake_judge(&f, 0, &k));
}

static void no_tpm(void **state)
{
    uint8_t public[FBC_KEY_LEN];

    (void)state;
    assert_int_equal(fbc_vmmkey_obtain(NULL, fake_cpu_random, true, false,
                                       &k), 0);
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
        assert_int_equal(fbc_pcr12_of_key(key, true, f.pcr[12]), 0);
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

/* A hypervisor that protects nothing, and shuts the TPM nevertheless. */
static void close_it(void)
{
    size_t i;

    memset(&k, 0xa5, sizeof(k));
    memset(f.tpm.buf, 0xee, sizeof(f.tpm.buf));
    fbc_vmmkey_close(&f.tpm, &k);
    for ( i = 0; i < FBC_KEY_LEN; i++ )
        assert_int_equal(k.secret[i] | k.public_key[i], 0);
    for ( i = 0; i < sizeof(f.tpm.buf); i++ )
        assert_int_equal(f.tpm.buf[i], 0);
    assert_false(k.attested || k.created);
    assert_int_equal(k.mode, FBC_VMMKEY_PER_BOOT);
    if ( !k.exposed )
    {
        assert_int_equal(k.err, FBC_OK);
        assert_false(fake_readable(&f));
        assert_false(fake_forgeable(&f));
    }
    else
        assert_int_equal(k.err, FBC_ERR_PCR_VALUE);
}

static void closed(void **state)
{
    static const char *const commands_sent[] = { CAP, PCR_READ("001000") };
    uint8_t want[FBC_HASH_LEN] = { 0 };
    unsigned int n, all;
    enum start s;

    (void)state;
    assert_int_equal(fbc_pcr_event(want, "fbcrypt: unattested", 19), 0);
    for ( s = PER_BOOT; s < STARTS; s++ )
    {
        prepare(s);
        close_it();
        assert_false(k.exposed);
        commands_are(commands_sent, COUNT(commands_sent));
        assert_memory_equal(f.pcr[12], want, sizeof(want));

        prepare(s);
        memset(f.pcr[12], 0x12, FBC_HASH_LEN);
        close_it();
        assert_false(k.exposed);

        for ( n = 1; n <= 2; n++ )
            for ( all = 0; all < 2; all++ )
            {
                meddle(s, n, all ? 1000 : n);
                m.lose = true;
                close_it();
                assert_int_equal(k.exposed, all);
                meddle(s, n, all ? 1000 : n);
                f.block = blocked;
                close_it();
                assert_int_equal(k.exposed, all);
                meddle(s, n, all ? 1000 : n);
                m.cut = 20;
                close_it();
                assert_int_equal(k.exposed, all);
                meddle(s, n, all ? 1000 : n);
                m.rc = 0x100;
                close_it();
                assert_int_equal(k.exposed, all);
            }

        events = 1000;
        prepare(s);
        f.meddle = ignored;
        close_it();
        assert_true(k.exposed);
        assert_int_equal(f.total, 6);
    }

    memset(&k, 0xa5, sizeof(k));
    fbc_vmmkey_close(NULL, &k);
    assert_true(k.exposed);
    assert_int_equal(k.err, FBC_ERR_NO_TPM);
}

/* Where AddressSanitizer does not own the stack. */
#ifndef __SANITIZE_ADDRESS__
static void obtain(void)
{
    if ( fbc_vmmkey_obtain(&f.tpm, fake_cpu_random, true, false, &k) )
        abort();
}

static void not_left(const char *what, const uint8_t *p)
{
    if ( ownstack_has(p, FBC_KEY_LEN) )
        fail_msg("%s is left on the stack", what);
}

/* k is elsewhere. */
static void stack_clean(void **state)
{
    uint8_t prk[FBC_HASH_LEN];
    unsigned int n;
    enum start s;
    size_t i;

    (void)state;
    for ( s = PER_BOOT; s < STARTS; s++ )
        for ( n = 0; n <= commands(s); n++ )
        {
            meddle(s, n, n);
            m.rc = 0x101;
            for ( i = 0; i < sizeof(f.random); i++ )
            {
                f.random[i] = (uint8_t)(0x80 + 3 * i);
                f.data[i] = (uint8_t)(0x33 + 5 * i);
            }
            ownstack_run(obtain);
            assert_int_equal(k.mode, n > 1 || s == PER_BOOT
                             ? FBC_VMMKEY_PER_BOOT : FBC_VMMKEY_SEALED);
            not_left("the key", k.secret);
            not_left("what the index holds", f.data);
            not_left("the TPM's random bytes", f.random);
            assert_int_equal(fbc_hkdf_extract(f.random, sizeof(f.random),
                                              fake_cpu_random,
                                              sizeof(fake_cpu_random), prk),
                             0);
            not_left("what both keys come from", prk);
        }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("without an index: a key of this boot, attested",
                 per_boot_run),
        VEC_TEST("with one: the key is made once, and is the same then",
                 sealed_runs),
        VEC_TEST("memory outlives a reset: the index is not touched",
                 unsealed),
        VEC_TEST("a key sealed even so: PCR 12 says it, one event as before",
                 sealed_anyway),
        VEC_TEST("no TPM: a key, and dom0 is kept from any TPM", no_tpm),
        VEC_TEST("an index with any other attribute is refused", attributes),
        VEC_TEST("an index of another size or hash is refused", kinds),
        VEC_TEST("an index with any other policy is refused", policies),
        VEC_TEST("an index made anew gets a new key", replaced),
        VEC_TEST("PCR 12 was not zero: nothing is attested",
                 already_extended),
        VEC_TEST("an index that is still locked", locks),
        VEC_TEST("no session can be started", exhausted),
        VEC_TEST("no key is wanted: PCR 12 is extended all the same",
                 closed),
#ifndef __SANITIZE_ADDRESS__
        VEC_TEST("no secret is left on the stack, wherever it fails",
                 stack_clean),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
