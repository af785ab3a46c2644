/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Golden values, "fbc-golden-1" (fbc-attest-formats(5)): what one boot image
 * on one firmware must measure as.
 */
#ifndef FBC_CORE_GOLDEN_H
#define FBC_CORE_GOLDEN_H

#include "pcr.h"
#include "record.h"

struct fbc_golden {
    char name[FBC_LABEL_MAX + 1];
    uint8_t image[FBC_HASH_LEN];        /* Authenticode */
    struct fbc_pcrs pcrs;               /* that of PCR 12 is not used */
    uint8_t policy[FBC_HASH_LEN];
    FBC_VALUE(FBC_KEY_LEN) vmm_key;     /* pinned, or len 0: any */
    /* Of the pinned key where memory is overwritten, or len 0; not used. */
    FBC_VALUE(FBC_HASH_LEN) pcr12;
    char provenance[FBC_LABEL_MAX + 1]; /* where PCR 0, 2 and 7 are from */
};

extern const struct fbc_record fbc_golden_record;

/* PCR 4, policy and PCR 12 from image, PCR 0, 2, 7 and vmm_key. */
enum fbc_err FBC_MUST_CHECK fbc_golden_derive(struct fbc_golden *g);

/*
 * As fbc_record_parse(); a file whose values do not belong together gives
 * FBC_ERR_CHECKSUM.
 */
enum fbc_err FBC_MUST_CHECK fbc_golden_parse(const char *text, size_t len,
                                             struct fbc_golden *g,
                                             unsigned int *line);

#endif /* FBC_CORE_GOLDEN_H */
