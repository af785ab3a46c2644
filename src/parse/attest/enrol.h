/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of an enrolment (fbc-attest-formats(5)): the host asks, the verifier
 * challenges, the host answers by credential activation, the verifier keeps a
 * host record.
 */
#ifndef FBC_PARSE_ENROL_H
#define FBC_PARSE_ENROL_H

#include "parse/attest/evidence.h"

#define FBC_CREDENTIAL_LEN 70       /* TPM2B_ID_OBJECT of a 32-byte secret */
#define FBC_SEED_LEN       258      /* TPM2B_ENCRYPTED_SECRET, RSA 2048 */
#define FBC_SECRET_LEN     32
#define FBC_TPM_PRIVATE_MAX 256     /* TPM2B_PRIVATE of an AK */
#define FBC_HOST_NAME_MAX  64

/* "fbc-ak-1": the host's attestation key, of use to its TPM only. */
struct fbc_ak {
    FBC_VALUE(FBC_TPM_AK_MAX) public;
    FBC_VALUE(FBC_TPM_PRIVATE_MAX) private;
};

/* "fbc-enroll-request-1", host to verifier. */
struct fbc_request {
    uint8_t vmm_key[FBC_KEY_LEN];   /* a claim so far */
    uint8_t ak_name[FBC_TPM_NAME_LEN];
    struct fbc_identity id;
};

/* "fbc-enroll-challenge-1", verifier to host. */
struct fbc_challenge {
    uint8_t ak_name[FBC_TPM_NAME_LEN];
    FBC_VALUE(FBC_CREDENTIAL_LEN) credential;
    FBC_VALUE(FBC_SEED_LEN) seed;
};

/* "fbc-enroll-response-1", host to verifier. */
struct fbc_response {
    uint8_t ak_name[FBC_TPM_NAME_LEN];
    uint8_t secret[FBC_SECRET_LEN];
};

/* "fbc-enroll-pending-1", stays with the verifier: holds the secret. */
struct fbc_pending {
    uint8_t secret[FBC_SECRET_LEN];
    struct fbc_request request;
};

/*
 * "fbc-host-1": this EK and this AK are in one TPM.  The counters are those
 * of the last quote accepted, 0 before the first.
 */
struct fbc_host {
    char name[FBC_HOST_NAME_MAX + 1];
    uint8_t cert_hash[FBC_HASH_LEN];    /* SHA-256 of the EK certificate */
    FBC_VALUE(FBC_TPM_EK_LEN) ek;
    FBC_VALUE(FBC_TPM_AK_MAX) ak;
    uint8_t vmm_key[FBC_KEY_LEN];       /* as last seen */
    uint64_t resets, restarts, clock;
};

extern const struct fbc_record fbc_ak_record, fbc_request_record,
    fbc_challenge_record, fbc_response_record, fbc_pending_record,
    fbc_host_record;

#endif /* FBC_PARSE_ENROL_H */
