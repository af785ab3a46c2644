/* SPDX-License-Identifier: GPL-2.0-only */
/* Key blobs on standard input. */
#include "lib/dom0/blobfile.h"

#include <time.h>
#include <unistd.h>

#include "lib/base/io.h"

/* Of the blob that starts here; several stand only where the guest counts. */
static size_t blob_len(const uint8_t *p, size_t left)
{
    return left > FBC_BLOB_BOUND_LEN &&
           fbc_get16(p + 4) == FBC_BLOB_BOUND_VERSION
           ? FBC_BLOB_BOUND_LEN : left;
}

static int look_at(const uint8_t *blob, size_t len, struct fbc_error *e)
{
    struct fbc_blob_info info;
    enum fbc_err err = fbc_blob_parse(blob, len, &info);

    if ( err )
    {
        fbc_fail_core(e, "key blob", err);
        return fbc_hint(e, "fbc-wrapkey makes one, of %u or %u bytes",
                        FBC_BLOB_LEN, FBC_BLOB_BOUND_LEN);
    }
    if ( info.not_after && (uint64_t)time(NULL) > info.not_after )
    {
        fbc_fail(e, FBC_EXIT_NO, "key blob", "has expired");
        return fbc_hint(e, "ask the owner for a new one");
    }

    return 0;
}

int fbc_blobs_read(const char *command, struct fbc_blobs *out,
                   struct fbc_error *e)
{
    uint8_t buf[FBC_BLOB_SET * FBC_BLOB_MAX + 1], *p = buf;
    struct fbc_blobs b = { .nr = 0 };
    ssize_t n;

    if ( isatty(STDIN_FILENO) )
    {
        fbc_fail(e, FBC_EXIT_USAGE, "stdin", "is a terminal");
        return fbc_hint(e, "%s DOMAIN < blob", command);
    }

    n = fbc_read(STDIN_FILENO, buf, sizeof(buf), NULL);
    if ( n < 0 )
        return fbc_fail_errno(e, "stdin");
    if ( !n )
        return fbc_fail(e, FBC_EXIT_INPUT, "stdin", "is empty");

    while ( n )
    {
        size_t len = blob_len(p, (size_t)n);

        if ( look_at(p, b.nr < FBC_BLOB_SET ? len : 0, e) )
            return -1;
        memcpy(b.blob[b.nr], p, len);
        b.len[b.nr++] = len;
        p += len;
        n -= (ssize_t)len;
    }
    *out = b;

    return 0;
}
