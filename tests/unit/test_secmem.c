/* SPDX-License-Identifier: GPL-2.0-only */
/* Secret memory is wiped before it is given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "core/fbc.h"
#include "lib/base/secmem.h"

static unsigned int unmapped;
static bool was_wiped;

/* In the place of munmap() in the library: see tests/mk/lib.mk. */
int __wrap_munmap(void *p, size_t len);
int __real_munmap(void *p, size_t len);
int __wrap_munmap(void *p, size_t len)
{
    unmapped++;
    was_wiped = fbc_is_zero(p, len);

    return __real_munmap(p, len);
}

static void wiped(void **state)
{
    uint8_t *p = fbc_secret_alloc(5000);

    (void)state;
    assert_non_null(p);
    memset(p, 0x5a, 5000);
    unmapped = 0;
    fbc_secret_free(p, 5000);
    assert_int_equal(unmapped, 1);
    assert_true(was_wiped);
    fbc_secret_free(NULL, 5000);
    assert_int_equal(unmapped, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(wiped) };

    return cmocka_run_group_tests_name("secmem", tests, NULL, NULL);
}
