/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Evidence: what a host shows to a verifier, "fbc-evidence-1"
 * (fbc-attest-formats(5)).  Parsing says nothing about its truth.
 */
#ifndef FBC_PARSE_EVIDENCE_H
#define FBC_PARSE_EVIDENCE_H

#include "core/pcr.h"
#include "parse/attest/tpms.h"
#include "parse/text/record.h"

/* A TPM's certified identity and the key it attests with. */
struct fbc_identity {
    FBC_VALUE(FBC_CERT_MAX) cert, chain[FBC_CHAIN_MAX];     /* DER */
    FBC_VALUE(FBC_TPM_EK_LEN) ek;
    FBC_VALUE(FBC_TPM_AK_MAX) ak;
};

struct fbc_evidence {
    uint8_t vmm_key[FBC_KEY_LEN];
    struct fbc_pcrs pcrs;
    FBC_VALUE(FBC_TPM_QUOTE_MAX) quote;
    FBC_VALUE(FBC_TPM_SIG_MAX) signature;
    struct fbc_identity id;
};

extern const struct fbc_record fbc_evidence_record;

/* Rows of a record's table for an identity member of its struct. */
#define FBC_IDENTITY_FIELDS(type, id) \
    FBC_FIELD(type, id.ak, "ak-public", FBC_FIELD_BASE64, \
              FBC_TPM_AK_MIN, FBC_TPM_AK_MAX), \
    FBC_FIELD(type, id.ek, "ek-public", FBC_FIELD_BASE64, \
              FBC_TPM_EK_LEN, FBC_TPM_EK_LEN), \
    FBC_FIELD(type, id.cert, "ek-certificate", FBC_FIELD_BASE64, 1, \
              FBC_CERT_MAX), \
    FBC_FIELDS(type, id.chain, "ek-chain", FBC_FIELD_BASE64, 1, \
               FBC_CERT_MAX)

#endif /* FBC_PARSE_EVIDENCE_H */
