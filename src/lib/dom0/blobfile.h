/* SPDX-License-Identifier: GPL-2.0-only */
/* Key blobs on standard input, for those that hand them to the hypervisor. */
#ifndef FBC_LIB_BLOBFILE_H
#define FBC_LIB_BLOBFILE_H

#include "core/blob.h"
#include "lib/base/fail.h"

#define FBC_BLOB_SET 8          /* blobs at most, each for another guest */

struct fbc_blobs {
    unsigned int nr;
    size_t len[FBC_BLOB_SET];
    uint8_t blob[FBC_BLOB_SET][FBC_BLOB_MAX];
};

/*
 * Reads one, or several of which all but the last are of version 2, and looks
 * at each: not another file, nothing behind it, not expired by this machine's
 * clock.  The hypervisor checks all that matters.  command: how the tool is
 * called, for a hint.
 */
int FBC_MUST_CHECK fbc_blobs_read(const char *command, struct fbc_blobs *b,
                                  struct fbc_error *e);

#endif /* FBC_LIB_BLOBFILE_H */
