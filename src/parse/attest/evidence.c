/* SPDX-License-Identifier: GPL-2.0-only */
/* Evidence files. */
#include "parse/attest/evidence.h"

#define PCR(n) FBC_FIELD(struct fbc_evidence, pcrs.value[FBC_PCR_ ## n], \
                         "pcr" #n, FBC_FIELD_HEX, FBC_HASH_LEN, FBC_HASH_LEN)

static const struct fbc_field fields[] = {
    FBC_FIELD(struct fbc_evidence, vmm_key, "vmm-key", FBC_FIELD_HEX,
              FBC_KEY_LEN, FBC_KEY_LEN),
    PCR(0),
    PCR(2),
    PCR(4),
    PCR(7),
    PCR(12),
    FBC_FIELD(struct fbc_evidence, quote, "quote", FBC_FIELD_BASE64,
              FBC_TPM_QUOTE_MIN, FBC_TPM_QUOTE_MAX),
    FBC_FIELD(struct fbc_evidence, signature, "signature", FBC_FIELD_BASE64,
              FBC_TPM_SIG_MIN, FBC_TPM_SIG_MAX),
    FBC_IDENTITY_FIELDS(struct fbc_evidence, id),
};

const struct fbc_record fbc_evidence_record =
    FBC_RECORD(struct fbc_evidence, "fbc-evidence-1", fields);
