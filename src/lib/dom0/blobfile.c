/* SPDX-License-Identifier: GPL-2.0-only */
/* A key blob on standard input. */
#include "lib/dom0/blobfile.h"

#include <time.h>
#include <unistd.h>

#include "lib/base/io.h"

int fbc_blob_read(const char *command, uint8_t blob[static FBC_BLOB_MAX],
                  size_t *len, struct fbc_error *e)
{
    uint8_t buf[FBC_BLOB_MAX + 1];      /* one more shows trailing bytes */
    struct fbc_blob_info info;
    enum fbc_err err;
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

    err = fbc_blob_parse(buf, (size_t)n, &info);
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
    memcpy(blob, buf, (size_t)n);
    *len = (size_t)n;

    return 0;
}
