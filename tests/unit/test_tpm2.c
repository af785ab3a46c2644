/* SPDX-License-Identifier: GPL-2.0-only */
/* TPM commands to the byte, and answers that are not. */
#include "vec.h"

#include <stdlib.h>

#include "core/be.h"
#include "core/crypto.h"
#include "core/tpm2.h"

#define INDEX   FBC_NV_INDEX
#define SESSION 0x03000001u

#define B16 "11223344556677889900aabbccddeeff"
#define B32 B16 "0102030405060708090a0b0c0d0e0f10"
#define Z16 "00000000000000000000000000000000"
/* SHA-256 of "fbcrypt", and of the area below */
#define EVENT_HASH \
    "00a78e481303c46259792bc00dbb24a93bba2042ccdab32aa2984036ab058787"
#define AREA "01500021000b820840080020" B32 "0020"

/* The answer that the transport gives; out is what the command yields. */
static struct {
    uint8_t cmd[128], rsp[2048];
    size_t cmd_len, rsp_len;
    unsigned int calls, busy;
    uint32_t busy_rc;
    uint8_t fill;
    int rc;
} line;

static struct fbc_tpm tpm;
static uint8_t out[128], in[FBC_KEY_LEN];

static int xfer(void *ctx, const uint8_t *cmd, size_t len, uint8_t *rsp,
                size_t max, size_t *rsp_len)
{
    assert_ptr_equal(ctx, &line);
    assert_int_equal(max, FBC_TPM_BUF);
    assert_true(len <= sizeof(line.cmd));
    memcpy(line.cmd, cmd, len);
    line.cmd_len = len;
    line.calls++;
    if ( line.rc )
        return line.rc;
    memset(rsp, line.fill, max);
    if ( line.busy )
    {
        line.busy--;
        memcpy(rsp, "\x80\x01\0\0\0\x0a\0\0", 8);
        fbc_put_be16(rsp + 8, (uint16_t)line.busy_rc);
        *rsp_len = 10;
        return 0;
    }
    memcpy(rsp, line.rsp, line.rsp_len < max ? line.rsp_len : max);
    *rsp_len = line.rsp_len;

    return 0;
}

static size_t unhex(const char *s, uint8_t *p)
{
    size_t n = strlen(s) / 2, i;

    for ( i = 0; i < n; i++ )
    {
        char byte[3] = { s[2 * i], s[2 * i + 1] };

        p[i] = (uint8_t)strtoul(byte, NULL, 16);
    }

    return n;
}

static enum fbc_err get_random(void)
{
    return fbc_tpm2_get_random(&tpm, out);
}

static enum fbc_err pcr_read(void)
{
    return fbc_tpm2_pcr_read(&tpm, 12, out);
}

static enum fbc_err pcr_event(void)
{
    return fbc_tpm2_pcr_event(&tpm, 12, "fbcrypt", 7);
}

static enum fbc_err start_policy(void)
{
    uint32_t session = 0xa5a5a5a5;
    enum fbc_err err = fbc_tpm2_start_policy(&tpm, &session);

    memcpy(out, &session, sizeof(session));
    return err;
}

static enum fbc_err policy_pcr(void)
{
    return fbc_tpm2_policy_pcr(&tpm, SESSION);
}

static enum fbc_err policy_digest(void)
{
    return fbc_tpm2_policy_digest(&tpm, SESSION, out);
}

static enum fbc_err nv_public(void)
{
    _Static_assert(sizeof(struct fbc_tpm2_nv) <= sizeof(out), "out");

    return fbc_tpm2_nv_public(&tpm, INDEX, (struct fbc_tpm2_nv *)out);
}

static enum fbc_err nv_read(void)
{
    return fbc_tpm2_nv_read(&tpm, SESSION, INDEX, out);
}

static enum fbc_err nv_write(void)
{
    return fbc_tpm2_nv_write(&tpm, SESSION, INDEX, in);
}

static enum fbc_err nv_read_lock(void)
{
    return fbc_tpm2_nv_read_lock(&tpm, SESSION, INDEX);
}

static enum fbc_err flush(void)
{
    return fbc_tpm2_flush(&tpm, SESSION);
}


#define NAME "000b" Z16 Z16

/*
 * From notes taken with swtpm.  free: bytes that may be anything, as pairs of
 * offset and length; value: where the output is, and its length.
 */
static struct {
    const char *name;
    enum fbc_err (*call)(void);
    const char *cmd, *rsp;
    struct { size_t at, len; } open[3], value;
} commands[] = {
    { "GetRandom", get_random, "80010000000c0000017b0020",
      "80010000002c000000000020" B32, { { 12, 32 } }, { 12, 32 } },
    { "PCR_Read", pcr_read,
      "8001000000140000017e" "00000001000b03001000",
      "80010000003e00000000" "0000001a" "00000001000b03001000"
      "000000010020" B32, { { 10, 4 }, { 30, 32 } }, { 30, 32 } },
    { "PCR_Event", pcr_event,
      "8002000000240000013c" "0000000c" "00000009" "40000009" "0000000000"
      "0007" "66626372797074",
      "80020000004f00000000" "0000003c" "00000002" "0004" B16 "01020304"
      "000b" EVENT_HASH "000001" "0000", { { 20, 20 } }, { 0, 0 } },
    { "StartAuthSession", start_policy,
      "80010000002b00000176" "40000007" "40000007" "0010" Z16 "0000" "01"
      "0010" "000b", "80010000002000000000" "03000000" "0010" B16,
      { { 11, 3 }, { 16, 16 } }, { 0, 0 } },
    { "PolicyPCR", policy_pcr,
      "80010000001a0000017f" "03000001" "0000" "00000001000b03951000",
      "80010000000a00000000", { { 0, 0 } }, { 0, 0 } },
    { "PolicyGetDigest", policy_digest, "80010000000e00000189" "03000001",
      "80010000002c000000000020" B32, { { 12, 32 } }, { 12, 32 } },
    { "NV_ReadPublic", nv_public, "80010000000e00000169" "01500021",
      "80010000005e00000000" "002e" AREA "0022" NAME, { { 0, 0 } }, { 0, 0 } },
    { "NV_Read", nv_read,
      "8002000000230000014e" "01500021" "01500021" "00000009" "03000001"
      "0000" "01" "0000" "0020" "0000",
      "80020000004500000000" "00000022" "0020" B32 "0010" B16 "01" "0000",
      { { 16, 32 }, { 50, 16 } }, { 16, 32 } },
    { "NV_Write", nv_write,
      "80020000004300000137" "01500021" "01500021" "00000009" "03000001"
      "0000" "01" "0000" "0020" B32 "0000",
      "80020000002300000000" "00000000" "0010" B16 "01" "0000",
      { { 16, 16 } }, { 0, 0 } },
    { "NV_ReadLock", nv_read_lock,
      "80020000001f0000014f" "01500021" "01500021" "00000009" "03000001"
      "0000" "01" "0000",
      "80020000002300000000" "00000000" "0010" B16 "01" "0000",
      { { 16, 16 } }, { 0, 0 } },
    { "FlushContext", flush, "80010000000e00000165" "03000001",
      "80010000000a00000000", { { 0, 0 } }, { 0, 0 } },
};

enum { EVENT = 2, NV_PUBLIC = 6, NV_READ = 7 };      /* places */
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void answer(unsigned int i)
{
    memset(&line, 0, sizeof(line));
    line.rsp_len = unhex(commands[i].rsp, line.rsp);
    if ( commands[i].call == nv_public )
        assert_int_equal(fbc_sha256(line.rsp + 12, 46, line.rsp + 62), 0);
    unhex(B32, in);
}

/* What comes back must be an error that changes nothing, or not. */
static enum fbc_err call(unsigned int i)
{
    uint8_t untouched[sizeof(out)];
    uint32_t none = 0xa5a5a5a5;
    enum fbc_err err;
    size_t j;

    memset(&tpm, 0xee, sizeof(tpm));
    tpm.xfer = xfer;
    tpm.ctx = &line;
    memset(out, 0xa5, sizeof(out));
    memset(untouched, 0xa5, sizeof(untouched));
    memcpy(untouched, &none, sizeof(none));
    err = commands[i].call();
    if ( err )
        assert_memory_equal(out, untouched, sizeof(out));
    if ( err != FBC_ERR_TPM_RC )
        assert_int_equal(tpm.rc, 0);
    for ( j = 0; j < sizeof(tpm.buf); j++ )
        if ( tpm.buf[j] )
            fail_msg("%s: byte %zu of the buffer is left",
                     commands[i].name, j);

    return err;
}

static void commands_exact(void **state)
{
    uint8_t want[128];
    unsigned int i;
    size_t n;

    (void)state;
    for ( i = 0; i < COMMANDS; i++ )
    {
        answer(i);
        assert_int_equal(call(i), FBC_OK);
        n = unhex(commands[i].cmd, want);
        assert_int_equal(line.cmd_len, n);
        assert_memory_equal(line.cmd, want, n);
        assert_memory_equal(out, line.rsp + commands[i].value.at,
                            commands[i].value.len);
    }
}

static void nv_fields(void **state)
{
    struct fbc_tpm2_nv nv;

    (void)state;
    answer(NV_PUBLIC);
    assert_int_equal(call(NV_PUBLIC), FBC_OK);
    memcpy(&nv, out, sizeof(nv));
    assert_int_equal(nv.attributes, 0x82084008);
    assert_int_equal(nv.name_alg, 0x000b);
    assert_int_equal(nv.size, 32);
    assert_int_equal(nv.policy_len, 32);
    assert_memory_equal(nv.policy, in, sizeof(in));
}

/* Neither what is behind the answer, nor what was there, matters. */
static void lengths(void **state)
{
    unsigned int i, fill;
    size_t n, full;

    (void)state;
    for ( i = 0; i < COMMANDS; i++ )
        for ( fill = 0; fill < 256; fill += 51 )
        {
            answer(i);
            full = line.rsp_len;
            for ( n = 0; n <= full + 3; n++ )
            {
                answer(i);
                line.fill = (uint8_t)fill;
                line.rsp_len = n;
                assert_int_equal(call(i), n == full ? FBC_OK
                                                    : FBC_ERR_TPM_RESPONSE);
                if ( n == full || n < 10 )
                    continue;
                /* The same with a size that fits. */
                fbc_put_be32(line.rsp + 2, (uint32_t)n);
                assert_int_equal(call(i), FBC_ERR_TPM_RESPONSE);
            }
        }
}

static bool may_vary(unsigned int i, size_t at)
{
    size_t j;

    for ( j = 0; j < 3; j++ )
        if ( at - commands[i].open[j].at < commands[i].open[j].len )
            return true;

    return false;
}

static void flips(void **state)
{
    unsigned int i, bit;
    enum fbc_err err;
    size_t at;

    (void)state;
    for ( i = 0; i < COMMANDS; i++ )
    {
        answer(i);
        for ( at = 0; at < line.rsp_len; at++ )
            for ( bit = 0; bit < 8; bit++ )
            {
                line.rsp[at] ^= 1 << bit;
                err = call(i);
                line.rsp[at] ^= 1 << bit;
                if ( may_vary(i, at) )
                    assert_int_equal(err, FBC_OK);
                else if ( commands[i].call == pcr_event && !bit &&
                          at == line.rsp_len - 3 )
                    assert_int_equal(err, FBC_OK);  /* continueSession */
                else if ( at >= 6 && at < 10 && line.rsp_len == 10 )
                    assert_int_equal(err, FBC_ERR_TPM_RC);
                else if ( err != FBC_ERR_TPM_RESPONSE )
                    fail_msg("%s: byte %zu, bit %u: %s", commands[i].name,
                             at, bit, fbc_strerror(err));
            }
    }
}

static void refusals(void **state)
{
    static const uint32_t codes[] = { 0x100, 0x101, 0x18b, 0x14a, 0x99d,
                                      0x921, 0x923, 0xffffffff };
    unsigned int i, j;

    (void)state;
    for ( i = 0; i < COMMANDS; i++ )
        for ( j = 0; j < sizeof(codes) / sizeof(codes[0]); j++ )
        {
            answer(i);
            line.rsp_len = unhex("80010000000a00000000", line.rsp);
            fbc_put_be32(line.rsp + 6, codes[j]);
            assert_int_equal(call(i), FBC_ERR_TPM_RC);
            assert_int_equal(tpm.rc, codes[j]);
            assert_int_equal(line.calls, 1);

            /* Not with a session's tag, nor that of TPM 1.2. */
            line.rsp[1] = 0x02;
            assert_int_equal(call(i), FBC_ERR_TPM_RESPONSE);
            memcpy(line.rsp, "\0\xc4", 2);
            assert_int_equal(call(i), FBC_ERR_TPM_RESPONSE);
            memcpy(line.rsp, "\x80\x01\0\0\0\x0b", 6);
            line.rsp_len = 11;
            assert_int_equal(call(i), FBC_ERR_TPM_RESPONSE);
        }
}

static void transport(void **state)
{
    unsigned int i;

    (void)state;
    for ( i = 0; i < COMMANDS; i++ )
    {
        answer(i);
        line.rc = -1;
        assert_int_equal(call(i), FBC_ERR_TPM_IO);
        assert_int_equal(line.calls, 1);
        /* A transport that does not keep to its contract. */
        answer(i);
        line.rsp_len = FBC_TPM_BUF + 1;
        fbc_put_be32(line.rsp + 2, FBC_TPM_BUF + 1);
        assert_int_equal(call(i), FBC_ERR_TPM_IO);
        line.rsp_len = FBC_TPM_BUF;
        fbc_put_be32(line.rsp + 2, FBC_TPM_BUF);
        assert_int_equal(call(i), FBC_ERR_TPM_RESPONSE);
    }
}

static void busy(void **state)
{
    static const uint32_t codes[] = { 0x922, 0x908, 0x90a };
    unsigned int i, j;

    (void)state;
    for ( i = 0; i < COMMANDS; i++ )
        for ( j = 0; j < 3; j++ )
        {
            answer(i);
            line.busy_rc = codes[j];
            line.busy = FBC_TPM_RESENDS;
            assert_int_equal(call(i), FBC_OK);
            assert_int_equal(line.calls, FBC_TPM_RESENDS + 1);

            answer(i);
            line.busy_rc = codes[j];
            line.busy = FBC_TPM_RESENDS + 1;
            assert_int_equal(call(i), FBC_ERR_TPM_RC);
            assert_int_equal(tpm.rc, codes[j]);
            assert_int_equal(line.calls, FBC_TPM_RESENDS + 1);
        }
}

static void event(const char *hex)
{
    memset(&line, 0, sizeof(line));
    line.rsp_len = unhex(hex, line.rsp);
    fbc_put_be32(line.rsp + 2, (uint32_t)line.rsp_len);
    fbc_put_be32(line.rsp + 10, (uint32_t)line.rsp_len - 14 - 5);
}

#define EVENT_HEAD  "80020000000000000000" "00000000"
#define EVENT_TAIL  "0000010000"

/* Banks in any order; exactly one is SHA-256, and its hash is right. */
static void banks(void **state)
{
    static const char *const good[] = {
        EVENT_HEAD "00000001" "000b" EVENT_HASH EVENT_TAIL,
        EVENT_HEAD "00000004" "000d" B32 B32 "000c" B32 B16 "000b" EVENT_HASH
            "0004" B16 "01020304" EVENT_TAIL,
        EVENT_HEAD "00000005" "0012" B32 "0027" B32 "0028" B32 B16 "0029" B32
            B32 "000b" EVENT_HASH EVENT_TAIL,
    };
    static const char *const bad[] = {
        EVENT_HEAD "00000000" EVENT_TAIL,
        EVENT_HEAD "00000001" "0004" B16 "01020304" EVENT_TAIL,
        EVENT_HEAD "00000002" "000b" EVENT_HASH "000b" EVENT_HASH EVENT_TAIL,
        EVENT_HEAD "00000001" "000b" B32 EVENT_TAIL,
        EVENT_HEAD "00000002" "0010" "000b" EVENT_HASH EVENT_TAIL,
        EVENT_HEAD "00000001" "0012" EVENT_HASH EVENT_TAIL,
        EVENT_HEAD "ffffffff" "000b" EVENT_HASH EVENT_TAIL,
        EVENT_HEAD "00000001" "000b" EVENT_HASH "00" EVENT_TAIL,
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < sizeof(good) / sizeof(good[0]); i++ )
    {
        event(good[i]);
        assert_int_equal(call(EVENT), FBC_OK);
    }
    for ( i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        event(bad[i]);
        assert_int_equal(call(EVENT), FBC_ERR_TPM_RESPONSE);
    }
}

/* Sizes within the authorization area that would reach out of it. */
static void areas(void **state)
{
    static const struct { size_t at; uint32_t v; size_t n; } bad[] = {
        { 10, 0x21, 4 }, { 10, 0x23, 4 }, { 10, 0xffffffff, 4 },
        { 10, 0x80000000, 4 }, { 10, 0x37, 4 }, { 14, 0x21, 2 },
        { 14, 0x1f, 2 }, { 14, 0xffff, 2 }, { 14, 0, 2 }, { 48, 0x0f, 2 },
        { 48, 0x11, 2 }, { 48, 0xffff, 2 }, { 66, 0, 1 }, { 66, 0x81, 1 },
        { 67, 1, 2 }, { 67, 0xffff, 2 },
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        answer(NV_READ);
        if ( bad[i].n == 1 )
            line.rsp[bad[i].at] = (uint8_t)bad[i].v;
        else if ( bad[i].n == 2 )
            fbc_put_be16(line.rsp + bad[i].at, (uint16_t)bad[i].v);
        else
            fbc_put_be32(line.rsp + bad[i].at, bad[i].v);
        assert_int_equal(call(NV_READ), FBC_ERR_TPM_RESPONSE);
    }
}

/* The TPM2B that ends at the offset `end` gets n bytes; all sizes fit. */
static void resize(unsigned int i, size_t end, size_t old, size_t n)
{
    size_t at = end - old;

    answer(i);
    memmove(line.rsp + at + n, line.rsp + end, line.rsp_len - end);
    fbc_put_be16(line.rsp + at - 2, (uint16_t)n);
    line.rsp_len = line.rsp_len + n - old;
    fbc_put_be32(line.rsp + 2, (uint32_t)line.rsp_len);
}

static void sizes(void **state)
{
    static const struct { unsigned int i; size_t end, old; } in32[] = {
        { 0, 44, 32 }, { 1, 62, 32 }, { 5, 44, 32 }, { NV_READ, 48, 32 },
    };
    unsigned int j;
    size_t n;

    (void)state;
    for ( j = 0; j < sizeof(in32) / sizeof(in32[0]); j++ )
        for ( n = 0; n <= 70; n++ )
        {
            resize(in32[j].i, in32[j].end, in32[j].old, n);
            if ( in32[j].i == NV_READ )
                fbc_put_be32(line.rsp + 10, (uint32_t)n + 2);
            assert_int_equal(call(in32[j].i), n == 32
                             ? FBC_OK : FBC_ERR_TPM_RESPONSE);
        }

    for ( n = 0; n <= 70; n++ )
    {
        /* Nonces of a session, and with a password. */
        resize(3, 32, 16, n);
        assert_int_equal(call(3), n <= 64 ? FBC_OK : FBC_ERR_TPM_RESPONSE);
        resize(NV_READ, 66, 16, n);
        assert_int_equal(call(NV_READ), n <= 64 ? FBC_OK
                                                : FBC_ERR_TPM_RESPONSE);
        resize(EVENT, 76, 0, n);
        assert_int_equal(call(EVENT), n ? FBC_ERR_TPM_RESPONSE : FBC_OK);
        /* The policy of an index whose name is right. */
        resize(NV_PUBLIC, 56, 32, n);
        fbc_put_be16(line.rsp + 10, (uint16_t)(14 + n));
        assert_int_equal(fbc_sha256(line.rsp + 12, 14 + n,
                                    line.rsp + 30 + n), 0);
        assert_int_equal(call(NV_PUBLIC), n <= 64 ? FBC_OK
                                                  : FBC_ERR_TPM_RESPONSE);
        /* A name with more, or less, than the hash. */
        resize(NV_PUBLIC, 94, 34, n);
        assert_int_equal(call(NV_PUBLIC), n == 34 ? FBC_OK
                                                  : FBC_ERR_TPM_RESPONSE);
    }

    /* What is said of another index. */
    answer(NV_PUBLIC);
    line.rsp[15] ^= 1;
    assert_int_equal(fbc_sha256(line.rsp + 12, 46, line.rsp + 62), 0);
    assert_int_equal(call(NV_PUBLIC), FBC_ERR_TPM_RESPONSE);
}

static void arguments(void **state)
{
    uint8_t v[FBC_HASH_LEN];

    (void)state;
    answer(1);
    tpm.xfer = xfer;
    tpm.ctx = &line;
    assert_int_equal(fbc_tpm2_pcr_read(&tpm, 24, v), FBC_ERR_RANGE);
    assert_int_equal(fbc_tpm2_pcr_event(&tpm, 24, v, 1), FBC_ERR_RANGE);
    assert_int_equal(fbc_tpm2_pcr_event(&tpm, 12, v, FBC_TPM_EVENT_MAX + 1),
                     FBC_ERR_LENGTH);
    assert_int_equal(line.calls, 0);
}

/* Part 2, 6.6.3: format one is bit 7; then P is 6, N is 11:8, S is 11. */
static void no_handle(void **state)
{
    uint32_t rc;

    (void)state;
    for ( rc = 0; rc < 0x10000; rc++ )
        assert_int_equal(fbc_tpm2_no_handle(rc), rc == 0x8b || rc == 0x18b);
    assert_false(fbc_tpm2_no_handle(0x1018b));
    assert_false(fbc_tpm2_no_handle(0x8000018b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("every command is as part 3 has it, to the byte",
                 commands_exact),
        VEC_TEST("what an index is", nv_fields),
        VEC_TEST("answers of every length but the right one are refused",
                 lengths),
        VEC_TEST("a bit that is not data makes an answer malformed", flips),
        VEC_TEST("a response code is told only if the answer is well-formed",
                 refusals),
        VEC_TEST("no answer, and one that is too long", transport),
        VEC_TEST("a busy TPM is asked again, but not for ever", busy),
        VEC_TEST("PCR_Event: any banks, and SHA-256 exactly once", banks),
        VEC_TEST("sizes in an authorization area that do not add up", areas),
        VEC_TEST("parameters of every size, in answers that fit", sizes),
        VEC_TEST("no command for a PCR that there is not", arguments),
        VEC_TEST("TPM_RC_HANDLE is told from all other codes", no_handle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
