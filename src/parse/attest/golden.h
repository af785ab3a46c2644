/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Golden values, "fbc-golden-1" (fbc-attest-formats(5)): what one boot image
 * on one firmware must measure as.
 */
#ifndef FBC_PARSE_GOLDEN_H
#define FBC_PARSE_GOLDEN_H

#include "core/pcr.h"
#include "parse/text/record.h"

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
 * Was nothing measured into PCR 0, 2 or 7, going by its value?  Then the
 * firmware does not extend this bank, which is dom0's to fill.
 */
bool fbc_golden_untouched(const struct fbc_pcrs *pcrs);

/*
 * As fbc_record_parse(); a file whose values do not belong together gives
 * FBC_ERR_CHECKSUM, one with an untouched PCR FBC_ERR_RANGE.
 */
enum fbc_err FBC_MUST_CHECK fbc_golden_parse(const char *text, size_t len,
                                             struct fbc_golden *g,
                                             unsigned int *line);

#endif /* FBC_PARSE_GOLDEN_H */
