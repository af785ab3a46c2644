/* SPDX-License-Identifier: GPL-2.0-only */
/* Authenticode hash of an EFI image file with a configuration in it. */
#ifndef FBC_LIB_ATTEST_IMAGE_H
#define FBC_LIB_ATTEST_IMAGE_H

#include "lib/base/fail.h"

#define FBC_IMAGE_MAX (512u << 20)

/*
 * Refuses images that do not have exactly one configuration built in: of what
 * they do, the hash says too little.  pads: a signature would need padding,
 * which is hashed, too.
 */
int FBC_MUST_CHECK fbc_image_hash(const char *path,
                                  uint8_t hash[static FBC_HASH_LEN],
                                  bool *pads, struct fbc_error *e);

#endif /* FBC_LIB_ATTEST_IMAGE_H */
