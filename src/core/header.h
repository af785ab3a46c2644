/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header of a shadow, in its first row (fbc-formats(5)).  Byte strings of
 * a row are stored three bytes a pixel.
 */
#ifndef FBC_CORE_HEADER_H
#define FBC_CORE_HEADER_H

#include "core/fbc.h"
#include "core/kdf.h"

#define FBC_HEADER_LEN       96
#define FBC_HEADER_VERSION   2      /* is written; 1 is read, too */
#define FBC_HEADER_CODED     3      /* the same, and bands may be coded */
#define FBC_LAYOUT_INTERLEAVED 1    /* one metadata row under each band */

struct fbc_header {
    uint16_t version;               /* 1 to 3; of the manifest's form, too */
    struct fbc_epoch ep;            /* aead == FBC_AEAD_NONE: not keyed yet;
                                       the launch stands elsewhere */
    uint8_t key_id[FBC_KEYID_LEN];
    uint8_t vmm_id[16];             /* SHA-256(VMM public key), first half */
};

void fbc_header_encode(const struct fbc_header *h,
                       uint8_t out[static FBC_HEADER_LEN]);
enum fbc_err FBC_MUST_CHECK
fbc_header_parse(const uint8_t in[static FBC_HEADER_LEN],
                 struct fbc_header *h);

#endif /* FBC_CORE_HEADER_H */
