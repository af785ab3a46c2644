/* SPDX-License-Identifier: GPL-2.0-only */
/* Random bytes from the kernel. */
#include "lib/base/random.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/types.h>

int fbc_random(void *out, size_t len, struct fbc_error *e)
{
    uint8_t *p = out;

    while ( len )
    {
        ssize_t n = getrandom(p, len, 0);

        if ( n < 0 && errno == EINTR )
            continue;
        if ( n <= 0 )
        {
            fbc_wipe(out, (size_t)(p - (uint8_t *)out));
            return fbc_fail_errno(e, "getrandom");
        }
        p += n;
        len -= (size_t)n;
    }

    return 0;
}
