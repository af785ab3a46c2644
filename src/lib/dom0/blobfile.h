/* SPDX-License-Identifier: GPL-2.0-only */
/* A key blob on standard input, for those that hand it to the hypervisor. */
#ifndef FBC_LIB_BLOBFILE_H
#define FBC_LIB_BLOBFILE_H

#include "core/blob.h"
#include "lib/base/fail.h"

/*
 * Reads one and looks at it: not another file, nothing behind it, not expired
 * by this machine's clock.  The hypervisor checks all that matters.  command:
 * how the tool is called, for a hint.
 */
int FBC_MUST_CHECK fbc_blob_read(const char *command,
                                 uint8_t blob[static FBC_BLOB_MAX],
                                 size_t *len, struct fbc_error *e);

#endif /* FBC_LIB_BLOBFILE_H */
