/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of an enrolment. */
#include "parse/attest/enrol.h"

#define HEX(type, member, name) \
    FBC_FIELD(type, member, name, FBC_FIELD_HEX, \
              sizeof(((type *)0)->member), sizeof(((type *)0)->member))
#define BASE64(type, member, name, min, max) \
    FBC_FIELD(type, member, name, FBC_FIELD_BASE64, min, max)

static const struct fbc_field ak_fields[] = {
    BASE64(struct fbc_ak, public, "ak-public", FBC_TPM_AK_MIN,
           FBC_TPM_AK_MAX),
    BASE64(struct fbc_ak, private, "ak-private", 1, FBC_TPM_PRIVATE_MAX),
};

const struct fbc_record fbc_ak_record =
    FBC_RECORD(struct fbc_ak, "fbc-ak-1", ak_fields);

static const struct fbc_field request_fields[] = {
    HEX(struct fbc_request, vmm_key, "vmm-key"),
    HEX(struct fbc_request, ak_name, "ak-name"),
    FBC_IDENTITY_FIELDS(struct fbc_request, id),
};

const struct fbc_record fbc_request_record =
    FBC_RECORD(struct fbc_request, "fbc-enroll-request-1", request_fields);

static const struct fbc_field challenge_fields[] = {
    HEX(struct fbc_challenge, ak_name, "ak-name"),
    BASE64(struct fbc_challenge, credential, "credential",
           FBC_CREDENTIAL_LEN, FBC_CREDENTIAL_LEN),
    BASE64(struct fbc_challenge, seed, "seed", FBC_SEED_LEN, FBC_SEED_LEN),
};

const struct fbc_record fbc_challenge_record =
    FBC_RECORD(struct fbc_challenge, "fbc-enroll-challenge-1",
               challenge_fields);

static const struct fbc_field response_fields[] = {
    HEX(struct fbc_response, ak_name, "ak-name"),
    HEX(struct fbc_response, secret, "secret"),
};

const struct fbc_record fbc_response_record =
    FBC_RECORD(struct fbc_response, "fbc-enroll-response-1",
               response_fields);

static const struct fbc_field pending_fields[] = {
    HEX(struct fbc_pending, secret, "secret"),
    HEX(struct fbc_pending, request.vmm_key, "vmm-key"),
    HEX(struct fbc_pending, request.ak_name, "ak-name"),
    FBC_IDENTITY_FIELDS(struct fbc_pending, request.id),
};

const struct fbc_record fbc_pending_record =
    FBC_RECORD(struct fbc_pending, "fbc-enroll-pending-1", pending_fields);

static const struct fbc_field host_fields[] = {
    FBC_FIELD(struct fbc_host, name, "name", FBC_FIELD_TEXT, 1,
              FBC_HOST_NAME_MAX),
    HEX(struct fbc_host, cert_hash, "ek-certificate-sha256"),
    BASE64(struct fbc_host, ek, "ek-public", FBC_TPM_EK_LEN, FBC_TPM_EK_LEN),
    BASE64(struct fbc_host, ak, "ak-public", FBC_TPM_AK_MIN, FBC_TPM_AK_MAX),
    HEX(struct fbc_host, vmm_key, "vmm-key"),
    FBC_FIELD(struct fbc_host, resets, "resets", FBC_FIELD_NUMBER, 0, 32),
    FBC_FIELD(struct fbc_host, restarts, "restarts", FBC_FIELD_NUMBER, 0, 32),
    FBC_FIELD(struct fbc_host, clock, "clock", FBC_FIELD_NUMBER, 0, 64),
};

const struct fbc_record fbc_host_record =
    FBC_RECORD(struct fbc_host, "fbc-host-1", host_fields);
