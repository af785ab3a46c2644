/* SPDX-License-Identifier: GPL-2.0-only */
/* What a connection has loaded into the TPM. */
#include "lib/attest/tpmhandles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "core/be.h"

#define FLUSH 0x165u
#define LOAD 0x157u
#define QUOTE 0x158u
#define SESSION 0x176u

static void note(struct fbc_tpmhandles *h, uint32_t command, uint32_t handle,
                 uint32_t rc, uint32_t answer)
{
    uint8_t c[14] = { 0x80, 1 }, a[14] = { 0x80, 1 };

    fbc_put_be32(c + 6, command);
    fbc_put_be32(c + 10, handle);
    fbc_put_be32(a + 6, rc);
    fbc_put_be32(a + 10, answer);
    fbc_tpmhandles_note(h, c, sizeof(c), a, sizeof(a));
}

static void what_is_left_is_flushed(void **state)
{
    static const uint8_t expected[FBC_TPMHANDLES_FLUSH] = {
        0x80, 1, 0, 0, 0, 14, 0, 0, 1, 0x65, 0x80, 0, 0, 2,
    };
    struct fbc_tpmhandles h = { .n = 0 };
    uint8_t c[FBC_TPMHANDLES_FLUSH];

    (void)state;
    note(&h, LOAD, 0x81000001, 0, 0x80000001);
    note(&h, SESSION, 0x40000007, 0, 0x03000000);
    note(&h, LOAD, 0x81000001, 0, 0x80000002);
    note(&h, LOAD, 0x81000001, 0x902, 0x80000003);      /* failed */
    note(&h, QUOTE, 0x80000001, 0, 0x80000004);         /* loads nothing */
    note(&h, FLUSH, 0x80000001, 0, 0);
    note(&h, FLUSH, 0x03000000, 0x902, 0);              /* failed */
    note(&h, SESSION, 0x40000007, 0, 0x03000000);       /* known already */
    assert_int_equal(h.n, 2);
    assert_int_equal(fbc_tpmhandles_flush(&h, c), sizeof(c));
    assert_int_equal(fbc_get_be32(c + 10), 0x03000000);
    assert_int_equal(fbc_tpmhandles_flush(&h, c), sizeof(c));
    assert_memory_equal(c, expected, sizeof(c));
    assert_int_equal(fbc_tpmhandles_flush(&h, c), 0);
}

static void short_and_many(void **state)
{
    uint8_t c[14] = { 0x80, 1, 0, 0, 0, 14, 0, 0, 1, 0x57 }, a[14] = { 0x80 };
    struct fbc_tpmhandles h = { .n = 0 };
    size_t i, j;

    (void)state;
    for ( i = 0; i <= sizeof(c); i++ )
        for ( j = 0; j < sizeof(a); j++ )
            fbc_tpmhandles_note(&h, c, i, a, j);
    assert_int_equal(h.n, 0);
    for ( i = 0; i < 100; i++ )
        note(&h, LOAD, 0, 0, 0x80000000u + (uint32_t)i);
    assert_int_equal(h.n, FBC_TPMHANDLES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_is_flushed),
        cmocka_unit_test(short_and_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
