/* SPDX-License-Identifier: GPL-2.0-only */
/* TPMs that the hypervisor cannot have to itself are refused. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/attest/acpitpm.h"

static int check(const uint8_t *table, size_t len, struct fbc_error *e)
{
    char path[] = "/tmp/fbc-acpi-XXXXXX";
    int fd = mkstemp(path), rc;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, table, len), (ssize_t)len);
    close(fd);
    rc = fbc_acpi_tpm_check(path, e);
    unlink(path);

    return rc;
}

static void start_methods(void **state)
{
    static const struct { uint8_t method[4]; bool good; } cases[] = {
        { { 6 }, true }, { { 7 }, true }, { { 0 }, false }, { { 2 }, false },
        { { 8 }, false }, { { 11 }, false }, { { 6, 1 }, false },
        { { 7, 0, 0, 1 }, false },
    };
    uint8_t table[76] = "TPM2";
    struct fbc_error e;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        memcpy(table + 48, cases[i].method, 4);
        assert_int_equal(check(table, sizeof(table), &e),
                         cases[i].good ? 0 : -1);
        if ( !cases[i].good )
            assert_int_equal(e.status, FBC_EXIT_NO);
    }
}

static void nothing_to_go_by(void **state)
{
    const uint8_t table[51] = "TPM2";
    struct fbc_error e;

    (void)state;
    assert_int_equal(check(table, sizeof(table), &e), 0);
    assert_int_equal(fbc_acpi_tpm_check("/nonexistent", &e), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_methods),
        cmocka_unit_test(nothing_to_go_by),
    };

    return cmocka_run_group_tests_name("the ACPI table TPM2", tests, NULL,
                                       NULL);
}
