/* SPDX-License-Identifier: GPL-2.0-only */
/* The decision log shows what was changed in it. */
#include "vec.h"

#include <stdlib.h>

#include "logtext.h"

#define ENTRIES 5

static char text[sizeof(FBC_DECISION_TITLE) + ENTRIES * FBC_DECISION_LINE];
static size_t starts[ENTRIES + 1];

static int make(void **state)
{
    struct fbc_decision d = { .time = "2026-11-24T20:15:00Z",
                              .host = "host-a", .reason = "ok" };
    uint8_t before[FBC_HASH_LEN] = { 0 };
    size_t n = sizeof(FBC_DECISION_TITLE) - 1, i;

    (void)state;
    memcpy(text, FBC_DECISION_TITLE, n);
    for ( i = 0; i < ENTRIES; i++ )
    {
        d.number = i + 1;
        d.kind = (enum fbc_decision_kind)(i % FBC_DECISIONS);
        memset(d.nonce, (int)i, sizeof(d.nonce));
        starts[i] = n;
        n += fbc_decision_encode(&d, before, text + n);
        memcpy(before, d.hash, sizeof(before));
    }
    starts[ENTRIES] = n;

    return 0;
}

/* H computed by hash tools of the line as documented. */
static void documented(void **state)
{
    static const char line[] =
        "1 2026-11-24T20:15:00Z host-a 0000000000000000000000000000000000000"
        "000000000000000000000000000 released ok "
        "1f1dd804c10726d4278e7c31cd0aa76ccf162b9ef085e96eb0a4d23e78078d52";
    struct fbc_decision d;
    static const uint8_t zero[FBC_HASH_LEN];

    (void)state;
    assert_int_equal(starts[1] - starts[0], sizeof(line));
    assert_memory_equal(text + starts[0], line, sizeof(line) - 1);
    assert_int_equal(fbc_decision_parse(line, sizeof(line) - 1, zero, &d),
                     FBC_OK);
    assert_int_equal(d.kind, FBC_DECISION_RELEASED);
}

static void whole(void **state)
{
    struct fbc_log_span s;
    size_t at;

    (void)state;
    assert_int_equal(log_check(text, starts[ENTRIES], &s, &at), FBC_OK);
    assert_int_equal(s.count, ENTRIES);
    assert_int_equal(s.first.number, 1);
    assert_int_equal(s.last.number, ENTRIES);
    assert_int_equal(log_check(text, starts[0], &s, &at), FBC_OK);
    assert_int_equal(s.count, 0);
}

/* No byte can be changed, and no line be taken out, doubled or moved. */
static void tampered(void **state)
{
    struct fbc_log_span s;
    char *t = malloc(2 * sizeof(text));
    size_t n = starts[ENTRIES], i, cut, at;

    (void)state;
    assert_non_null(t);
    for ( i = 0; i < n; i++ )
    {
        memcpy(t, text, n);
        t[i] ^= 1;
        if ( log_check(t, n, &s, &at) == FBC_OK )
            fail_msg("byte %zu can be changed", i);
    }
    for ( i = 0; i + 1 < ENTRIES; i++ )
    {
        cut = starts[i + 1] - starts[i];
        memcpy(t, text, starts[i]);
        memcpy(t + starts[i], text + starts[i + 1], n - starts[i + 1]);
        /* But for the first: a log may begin anywhere. */
        assert_int_equal(log_check(t, n - cut, &s, &at),
                         i ? FBC_ERR_CHECKSUM : FBC_OK);
        memcpy(t, text, starts[i + 1]);
        memcpy(t + starts[i + 1], text + starts[i], n - starts[i]);
        assert_int_not_equal(log_check(t, n + cut, &s, &at), FBC_OK);
        assert_int_equal(at, i + 3);
    }
    assert_int_equal(log_check(text, n - 1, &s, &at), FBC_ERR_FORMAT);
    assert_int_equal(at, ENTRIES + 1);
    assert_int_equal(log_check(text + 1, n - 1, &s, &at), FBC_ERR_MAGIC);
    free(t);
}

/* A number is left out, with a hash that fits. */
static void gap(void **state)
{
    struct fbc_decision d;
    struct fbc_log_span s;
    char t[sizeof(text)];
    uint8_t before[FBC_HASH_LEN];
    size_t n = starts[1], at;

    (void)state;
    memcpy(t, text, n);
    assert_int_equal(fbc_decision_parse(t + starts[0], n - starts[0] - 1,
                                        NULL, &d), FBC_OK);
    memcpy(before, d.hash, sizeof(before));
    d.number = 3;
    n += fbc_decision_encode(&d, before, t + n);
    assert_int_equal(log_check(t, n, &s, &at), FBC_ERR_RANGE);
}

static void not_written(void **state)
{
    struct fbc_decision good = { .number = 1, .host = "a", .reason = "ok",
                                 .time = "2026-11-24T20:15:00Z" }, d;
    static const uint8_t zero[FBC_HASH_LEN];
    char line[FBC_DECISION_LINE];

    (void)state;
    d = good;
    assert_int_not_equal(fbc_decision_encode(&d, zero, line), 0);
    d = good;
    d.number = 0;
    assert_int_equal(fbc_decision_encode(&d, zero, line), 0);
    d.number = 1ull << 63;
    assert_int_equal(fbc_decision_encode(&d, zero, line), 0);
    d = good;
    strcpy(d.host, "a b");
    assert_int_equal(fbc_decision_encode(&d, zero, line), 0);
    d = good;
    strcpy(d.reason, "a\nb");
    assert_int_equal(fbc_decision_encode(&d, zero, line), 0);
    d = good;
    d.time[10] = ' ';
    assert_int_equal(fbc_decision_encode(&d, zero, line), 0);
    d = good;
    d.kind = FBC_DECISIONS;
    assert_int_equal(fbc_decision_encode(&d, zero, line), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("a line is as documented", documented),
        VEC_TEST("a whole log passes", whole),
        VEC_TEST("no byte and no line can be changed", tampered),
        VEC_TEST("numbers have no gaps", gap),
        VEC_TEST("nothing is written that would not be read", not_written),
    };

    return cmocka_run_group_tests(tests, make, NULL);
}
