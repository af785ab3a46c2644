/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers of the key server. */
#include "parse/attest/release.h"

static const struct fbc_field release_fields[] = {
    FBC_FIELD(struct fbc_release, name, "name", FBC_FIELD_TEXT, 1,
              FBC_HOST_NAME_MAX),
    FBC_FIELD(struct fbc_release, vmm_key, "vmm-key", FBC_FIELD_HEX,
              FBC_KEY_LEN, FBC_KEY_LEN),
    FBC_FIELD(struct fbc_release, registration, "registration",
              FBC_FIELD_BASE64, 1, FBC_REGISTRATION_MAX),
    FBC_FIELD(struct fbc_release, evidence, "evidence", FBC_FIELD_BASE64, 1,
              FBC_EVIDENCE_TEXT_MAX),
};

static const struct fbc_field nonces_fields[] = {
    FBC_FIELDS(struct fbc_nonces, nonce, "nonce", FBC_FIELD_HEX_SOME,
               FBC_TPM_NONCE_LEN, FBC_TPM_NONCE_LEN),
};

static const struct fbc_field refusal_fields[] = {
    FBC_FIELD(struct fbc_refusal, reason, "reason", FBC_FIELD_TEXT, 1,
              FBC_REASON_NAME_MAX),
    FBC_FIELD(struct fbc_refusal, text, "text", FBC_FIELD_TEXT, 1,
              FBC_LABEL_MAX),
};

const struct fbc_record fbc_release_record =
    FBC_RECORD(struct fbc_release, "fbc-release-1", release_fields);
const struct fbc_record fbc_nonces_record =
    FBC_RECORD(struct fbc_nonces, "fbc-nonces-1", nonces_fields);
const struct fbc_record fbc_refusal_record =
    FBC_RECORD(struct fbc_refusal, "fbc-refusal-1", refusal_fields);

static const struct {
    const char *name, *text;
    unsigned int status;
} denials[FBC_DENIALS] = {
    [FBC_DENIAL_BAD_REQUEST] = { "bad-request", "the request is malformed",
                                 400 },
    [FBC_DENIAL_NO_SUCH_PAGE] = { "no-such-page", "there is nothing here",
                                  404 },
    [FBC_DENIAL_METHOD] = { "method", "not allowed with this method", 405 },
    [FBC_DENIAL_TOO_LARGE] = { "too-large", "the body is too large", 413 },
    [FBC_DENIAL_LENGTH] = { "length", "the body's length must be given",
                            411 },
    [FBC_DENIAL_RATE] = { "rate", "too many requests: slow down", 429 },
    [FBC_DENIAL_BUSY] = { "busy", "too many requests are waiting", 503 },
    [FBC_DENIAL_STOPPING] = { "stopping", "the server restarts: ask again",
                              503 },
    [FBC_DENIAL_NO_SUCH_HOST] = { "no-such-host",
                                  "no host of this name is registered", 404 },
    [FBC_DENIAL_HOST_SILENT] = { "host-silent",
                                 "the host gave no evidence in time", 504 },
    [FBC_DENIAL_ADMIN_UNKNOWN] = { "admin-unknown",
                                   "signed by a key that is not accepted",
                                   403 },
    [FBC_DENIAL_ADMIN_SIGNATURE] = { "admin-signature",
                                     "the signature does not verify", 403 },
    [FBC_DENIAL_SERIAL] = { "serial", "the serial number is not above the "
                            "one that is held", 409 },
    [FBC_DENIAL_NAME] = { "name", "body and address name different hosts",
                          400 },
    [FBC_DENIAL_NO_WAITER] = { "no-waiter",
                               "nobody waits for this nonce",
                               409 },
    [FBC_DENIAL_INTERNAL] = { "internal", "the server failed", 500 },
    [FBC_DENIAL_DATABASE] = { "database", "the server cannot reach its "
                              "database: ask again", 503 },
};

const char *fbc_denial_name(enum fbc_denial d)
{
    return denials[d].name;
}

const char *fbc_denial_text(enum fbc_denial d)
{
    return denials[d].text;
}

unsigned int fbc_denial_status(enum fbc_denial d)
{
    return denials[d].status;
}
