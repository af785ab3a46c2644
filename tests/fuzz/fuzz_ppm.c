/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A picture, byte by byte.  A header that is taken must be in its limits, end
 * in white space, and say the same when it is written the plain way.
 */
#include <stdio.h>
#include <stdlib.h>

#include "parse/picture/ppm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if ( !ok )
        abort();
}

static enum fbc_err feed(struct fbc_ppm *p, const uint8_t *data, size_t size,
                         size_t *used)
{
    enum fbc_err err = FBC_ERR_PENDING;

    fbc_ppm_begin(p);
    for ( *used = 0; err == FBC_ERR_PENDING && *used < size; ++*used )
        err = fbc_ppm_feed(p, data[*used]);

    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fbc_ppm p, q;
    char plain[64];
    size_t used, n;

    switch ( feed(&p, data, size, &used) )
    {
    case FBC_OK:
        break;

    case FBC_ERR_PENDING:
        must(used == size && size <= FBC_PPM_MAX_HEADER);
        return 0;

    case FBC_ERR_MAGIC:
        must(used <= 2);
        return 0;

    case FBC_ERR_FORMAT:
    case FBC_ERR_SIZE:
    case FBC_ERR_RANGE:
        must(used > 2 && used <= FBC_PPM_MAX_HEADER + 1);
        return 0;

    default:
        abort();
    }

    must(used >= 9 && used <= FBC_PPM_MAX_HEADER);
    must(data[used - 1] == ' ' ||
         (data[used - 1] >= '\t' && data[used - 1] <= '\r'));
    must(p.width && p.width <= FBC_PPM_MAX_SIDE && p.height &&
         p.height <= FBC_PPM_MAX_SIDE && p.maxval == 255);

    n = (size_t)snprintf(plain, sizeof(plain), "P6\n%u %u\n%u\n", p.width,
                         p.height, p.maxval);
    must(!feed(&q, (const uint8_t *)plain, n, &used) && used == n);
    must(q.width == p.width && q.height == p.height);

    return 0;
}
