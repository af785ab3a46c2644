/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The checks of attestation, in their order, and why one says no.  Names
 * are stable: they are in JSON, in test vectors and in fbc-attest(1).
 */
#ifndef FBC_PARSE_REASON_H
#define FBC_PARSE_REASON_H

#include "core/fbc.h"

enum fbc_reason {
    FBC_REASON_OK = 0,
    FBC_REASON_EVIDENCE_FORMAT,
    FBC_REASON_EVIDENCE_VERSION,
    FBC_REASON_EK_CERT_FORMAT,
    FBC_REASON_EK_CERT_CHAIN,
    FBC_REASON_EK_CERT_TIME,
    FBC_REASON_EK_CERT_WEAK,
    FBC_REASON_EK_CERT_OAEP,
    FBC_REASON_EK_CERT_USAGE,
    FBC_REASON_EK_TEMPLATE,
    FBC_REASON_EK_CERT_KEY,
    FBC_REASON_AK_TEMPLATE,
    FBC_REASON_HOST_EK,
    FBC_REASON_HOST_AK,
    FBC_REASON_SIGNATURE_FORMAT,
    FBC_REASON_SIGNATURE,
    FBC_REASON_QUOTE_MAGIC,
    FBC_REASON_QUOTE_TYPE,
    FBC_REASON_QUOTE_FORMAT,
    FBC_REASON_SIGNER,
    FBC_REASON_NONCE,
    FBC_REASON_SELECTION,
    FBC_REASON_CLOCK_UNSAFE,
    FBC_REASON_ROLLBACK,
    FBC_REASON_REPLAY,
    FBC_REASON_PCR_VALUES,
    FBC_REASON_PCR0,
    FBC_REASON_PCR2,
    FBC_REASON_PCR4,
    FBC_REASON_PCR7,
    FBC_REASON_PCR12_ZERO,
    FBC_REASON_PCR12,
    FBC_REASON_KEY_PINNED,
    FBC_REASON_MEMORY,
    FBC_REASONS
};

/* In the order in which they are made and reported. */
enum fbc_check_id {
    FBC_CHECK_EVIDENCE,         /* the file is well-formed */
    FBC_CHECK_EK_CERT,          /* leads to a root; it is for an EK */
    FBC_CHECK_EK,               /* of the fixed template, and certified */
    FBC_CHECK_AK,               /* can sign nothing but what the TPM made */
    FBC_CHECK_HOST,             /* this EK and this AK were enrolled */
    FBC_CHECK_SIGNATURE,
    FBC_CHECK_QUOTE,            /* a quote, of the fixed format */
    FBC_CHECK_SIGNER,           /* an AK that is the child of this EK */
    FBC_CHECK_NONCE,
    FBC_CHECK_SELECTION,
    FBC_CHECK_CLOCK,
    FBC_CHECK_COUNTERS,         /* newer than the last quote accepted */
    FBC_CHECK_PCR_VALUES,       /* the values are those that were quoted */
    FBC_CHECK_PCR0,
    FBC_CHECK_PCR2,
    FBC_CHECK_PCR4,
    FBC_CHECK_PCR7,
    FBC_CHECK_PCR12,            /* the hypervisor's key, and nothing else */
    FBC_CHECK_KEY,              /* the key that the golden values pin */
    FBC_CHECK_MEMORY,           /* overwritten at a reset, or not required */
    FBC_CHECKS
};

/* "pcr12-zero"; what it means; what to do.  Never NULL. */
const char *fbc_reason_name(enum fbc_reason r);
const char *fbc_reason_text(enum fbc_reason r);
const char *fbc_reason_hint(enum fbc_reason r);

/* "ek-certificate"; what was asked.  Never NULL. */
const char *fbc_check_name(enum fbc_check_id id);
const char *fbc_check_text(enum fbc_check_id id);

#endif /* FBC_PARSE_REASON_H */
