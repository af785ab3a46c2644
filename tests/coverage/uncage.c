/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linked with what is measured: a child that ends without exit() writes what
 * it ran, and the proxy gets no cage, in which it could write nothing.
 */
#include <string.h>

#include "lib/proxy/confine.h"

void __gcov_dump(void);

_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
_Noreturn void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}

int __wrap_fbc_confine(int dir, struct fbc_confined *c, struct fbc_error *e);
int __wrap_fbc_confine(int dir, struct fbc_confined *c, struct fbc_error *e)
{
    (void)dir, (void)e;
    memset(c, 0, sizeof(*c));

    return 0;
}
