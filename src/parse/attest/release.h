/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the key server answers (fbc-keyserver-formats(5)): "fbc-release-1" to
 * a client, "fbc-nonces-1" to a host, "fbc-refusal-1" to anybody.
 */
#ifndef FBC_PARSE_RELEASE_H
#define FBC_PARSE_RELEASE_H

#include "parse/attest/registration.h"

#define FBC_EVIDENCE_TEXT_MAX 52224     /* of evidence that is released */
#define FBC_NONCES_MAX        16
#define FBC_REASON_NAME_MAX   32

/*
 * All that the server knows: the client checks it again.  registration and
 * evidence are the texts as the administrator and the host sent them.
 */
struct fbc_release {
    char name[FBC_HOST_NAME_MAX + 1];
    uint8_t vmm_key[FBC_KEY_LEN];
    FBC_VALUE(FBC_REGISTRATION_MAX) registration;
    FBC_VALUE(FBC_EVIDENCE_TEXT_MAX) evidence;
};

/* Nonces that wait for a quote, oldest first; those in use come first. */
struct fbc_nonces {
    FBC_VALUE(FBC_TPM_NONCE_LEN) nonce[FBC_NONCES_MAX];
};

struct fbc_refusal {
    char reason[FBC_REASON_NAME_MAX + 1];
    char text[FBC_LABEL_MAX + 1];
};

extern const struct fbc_record fbc_release_record, fbc_nonces_record,
    fbc_refusal_record;

/* Reasons of the server's own, beside those of parse/attest/reason.h. */
enum fbc_denial {
    FBC_DENIAL_BAD_REQUEST,     /* target or body malformed */
    FBC_DENIAL_NO_SUCH_PAGE,
    FBC_DENIAL_METHOD,
    FBC_DENIAL_TOO_LARGE,
    FBC_DENIAL_LENGTH,          /* a body without a Content-Length */
    FBC_DENIAL_RATE,
    FBC_DENIAL_BUSY,            /* too many wait already */
    FBC_DENIAL_STOPPING,
    FBC_DENIAL_NO_SUCH_HOST,    /* never registered, or revoked */
    FBC_DENIAL_HOST_SILENT,     /* no evidence in time */
    FBC_DENIAL_ADMIN_UNKNOWN,
    FBC_DENIAL_ADMIN_SIGNATURE,
    FBC_DENIAL_SERIAL,          /* not above the one that is held */
    FBC_DENIAL_NAME,            /* body and target name different hosts */
    FBC_DENIAL_NO_WAITER,       /* evidence for a nonce nobody waits for */
    FBC_DENIAL_INTERNAL,
    FBC_DENIAL_DATABASE,        /* cannot be reached */
    FBC_DENIALS
};

/* "no-such-host"; what it means; its HTTP status.  Never NULL. */
const char *fbc_denial_name(enum fbc_denial d);
const char *fbc_denial_text(enum fbc_denial d);
unsigned int fbc_denial_status(enum fbc_denial d);

#endif /* FBC_PARSE_RELEASE_H */
