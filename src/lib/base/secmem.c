/* SPDX-License-Identifier: GPL-2.0-only */
/* Locked, undumpable, wiped memory. */
#include "lib/base/secmem.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/base/cli.h"

/* Keys are good for use all the same. */
static void lock(void *p, size_t len)
{
    static bool warned;

    if ( !mlock(p, len) || warned )
        return;
    warned = true;
    fbc_cli_warn("memory for secrets cannot be locked, and may be swapped "
                 "out: %s", strerror(errno));
}

void *fbc_secret_alloc(size_t len)
{
    void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if ( p == MAP_FAILED )
        return NULL;

    (void)madvise(p, len, MADV_DONTDUMP);
    (void)madvise(p, len, MADV_DONTFORK);
    lock(p, len);

    return p;
}

void fbc_secret_free(void *p, size_t len)
{
    if ( !p )
        return;

    explicit_bzero(p, len);
    munmap(p, len);
}
