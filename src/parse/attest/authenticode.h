/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which parts of an EFI image its Authenticode hash covers (Microsoft,
 * "Windows Authenticode Portable Executable Signature Format"): what UEFI
 * firmware measures into PCR 4.  The file may be hostile.
 */
#ifndef FBC_PARSE_AUTHENTICODE_H
#define FBC_PARSE_AUTHENTICODE_H

#include "core/fbc.h"

#define FBC_PE_SECTIONS 96
#define FBC_PE_RANGES   (3 + FBC_PE_SECTIONS + 1)

struct fbc_pe_range {
    uint64_t offset, len;
};

/*
 * Bytes to hash, in this order; n of them.  The file is PE32+ for x86-64.
 * FBC_ERR_MAGIC: not a PE file; FBC_ERR_ALGORITHM: of another kind;
 * FBC_ERR_LENGTH: it ends early; FBC_ERR_RANGE: headers or sections overlap,
 * or there are too many.  What firmware would load differently from what it
 * hashes is refused.
 */
enum fbc_err FBC_MUST_CHECK
fbc_pe_ranges(const uint8_t *file, uint64_t len,
              struct fbc_pe_range range[static FBC_PE_RANGES],
              unsigned int *n);

/*
 * How many sections have this name, of at most 7 characters, and where the
 * bytes of the first one are in the file; they may be none.  Files are refused
 * as above; *range is left alone if *n is 0.
 */
enum fbc_err FBC_MUST_CHECK
fbc_pe_sections(const uint8_t *file, uint64_t len, const char *name,
                struct fbc_pe_range *range, unsigned int *n);

#endif /* FBC_PARSE_AUTHENTICODE_H */
