/* SPDX-License-Identifier: GPL-2.0-only */
/* Secret memory is wiped before it is given back; not locked, it is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
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

/* Likewise: as under ulimit -l 0. */
int __wrap_mlock(const void *p, size_t len);
int __wrap_mlock(const void *p, size_t len)
{
    (void)p;
    (void)len;
    errno = ENOMEM;

    return -1;
}

static void not_locked(void **state)
{
    static const char want[] = "fbc: warning: memory for secrets cannot be "
                               "locked, and may be swapped out: Cannot "
                               "allocate memory\n";
    char said[512] = "";
    int out[2], old = dup(STDERR_FILENO);
    void *p, *q;

    (void)state;
    assert_int_equal(pipe(out), 0);
    dup2(out[1], STDERR_FILENO);
    close(out[1]);
    p = fbc_secret_alloc(100);
    q = fbc_secret_alloc(100);
    dup2(old, STDERR_FILENO);
    close(old);

    assert_non_null(p);
    assert_non_null(q);
    assert_int_equal(read(out[0], said, sizeof(said) - 1), sizeof(want) - 1);
    assert_string_equal(said, want);
    assert_int_equal(read(out[0], said, sizeof(said)), 0);
    close(out[0]);
    fbc_secret_free(p, 100);
    fbc_secret_free(q, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(not_locked),
        cmocka_unit_test(wiped),
    };

    return cmocka_run_group_tests_name("secmem", tests, NULL, NULL);
}
