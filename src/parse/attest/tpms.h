/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TPM 2.0 structures (TCG TPM Library part 2), of the few fixed formats that
 * attestation uses; everything else is refused.  Numbers are big-endian.
 */
#ifndef FBC_PARSE_TPMS_H
#define FBC_PARSE_TPMS_H

#include "core/pcr.h"
#include "parse/attest/reason.h"

#define FBC_TPM_EK_LEN      316     /* TPM2B_PUBLIC */
#define FBC_TPM_MODULUS_LEN 256
#define FBC_TPM_AK_MIN      28      /* TPM2B_PUBLIC; coordinates may lack */
#define FBC_TPM_AK_MAX      90      /* leading zeros */
#define FBC_TPM_COORD_LEN   32
#define FBC_TPM_QUOTE_MIN   8       /* fixed: 145; shorter ones get a reason */
#define FBC_TPM_QUOTE_LEN   145
#define FBC_TPM_QUOTE_MAX   512
#define FBC_TPM_SIG_MIN     10
#define FBC_TPM_SIG_MAX     72
#define FBC_TPM_NONCE_LEN   32

struct fbc_tpm_quote {
    uint8_t signer[FBC_TPM_NAME_LEN];   /* qualified name */
    uint8_t nonce[FBC_TPM_NONCE_LEN];
    uint64_t clock;                     /* ms */
    uint32_t resets, restarts;
    bool safe;
    uint64_t firmware;
    uint8_t select[3];
    uint8_t digest[FBC_HASH_LEN];
};

/*
 * TPM2B_PUBLIC of an EK of the TCG's default template L-1 (EK Credential
 * Profile 2.3, B.3.3): RSA 2048, AES-128-CFB, SHA-256.  OK or EK_TEMPLATE.
 */
enum fbc_reason FBC_MUST_CHECK
fbc_tpm_ek_parse(const uint8_t *p, size_t len,
                 uint8_t modulus[static FBC_TPM_MODULUS_LEN]);

/*
 * TPM2B_PUBLIC of an AK: ECC P-256, ECDSA with SHA-256, and the attributes
 * fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, sign
 * and no other: it was made in a TPM, cannot leave it, and signs no data from
 * outside that looks like the TPM's own.  noDA may be set, and should be; it
 * says nothing about what the key signs.  OK or AK_TEMPLATE.
 */
enum fbc_reason FBC_MUST_CHECK
fbc_tpm_ak_parse(const uint8_t *p, size_t len,
                 uint8_t x[static FBC_TPM_COORD_LEN],
                 uint8_t y[static FBC_TPM_COORD_LEN]);

/* TPMT_SIGNATURE: ECDSA with SHA-256.  OK or SIGNATURE_FORMAT. */
enum fbc_reason FBC_MUST_CHECK
fbc_tpm_sig_parse(const uint8_t *p, size_t len,
                  uint8_t r[static FBC_TPM_COORD_LEN],
                  uint8_t s[static FBC_TPM_COORD_LEN]);

/*
 * TPMS_ATTEST of a quote over one bank.  OK, QUOTE_MAGIC, QUOTE_TYPE,
 * QUOTE_FORMAT, NONCE (not 32 bytes), SELECTION (not one SHA-256 bank of 24
 * PCRs; the caller checks which).
 */
enum fbc_reason FBC_MUST_CHECK
fbc_tpm_quote_parse(const uint8_t *p, size_t len, struct fbc_tpm_quote *q);

/* Name of an object, from its TPM2B_PUBLIC of at least 2 bytes. */
int FBC_MUST_CHECK fbc_tpm_name(const uint8_t *public, size_t len,
                                uint8_t name[static FBC_TPM_NAME_LEN]);

/*
 * Qualified name, as a quote gives it, of a child of a primary key in the
 * endorsement hierarchy.
 */
int FBC_MUST_CHECK
fbc_tpm_qualified(const uint8_t ek_name[static FBC_TPM_NAME_LEN],
                  const uint8_t ak_name[static FBC_TPM_NAME_LEN],
                  uint8_t name[static FBC_TPM_NAME_LEN]);

#endif /* FBC_PARSE_TPMS_H */
