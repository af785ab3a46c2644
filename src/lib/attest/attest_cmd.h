/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands of fbc-attest.  Each returns an exit status, or -1 with *e
 * filled; the options that it requires are there (src/cmd/fbc-attest.c).
 */
#ifndef FBC_LIB_ATTEST_CMD_H
#define FBC_LIB_ATTEST_CMD_H

#include "lib/verify/attest_verify.h"

#define FBC_AK_FILE "/var/lib/fbcrypt/ak"

struct fbc_attest_args {
    const char *operand;        /* evidence file, or what enroll works on */
    const char *nonce, *roots, *host, *ak, *vmm_key, *chain, *ek_cert;
    const char *image, *firmware, *provenance, *name, *pending;
    const char *owner_auth, *lockout_auth, *index, *output;
    const char *server, *cacert;
    const char *golden[FBC_GOLDEN_MAX];
    size_t goldens;
    bool json, update, replace, check, expired_ek, require_overwrite;
};

typedef int fbc_attest_cmd(const struct fbc_attest_args *a,
                           struct fbc_error *e);

/* Host. */
fbc_attest_cmd fbc_cmd_request;     /* enroll */
fbc_attest_cmd fbc_cmd_activate;    /* enroll --activate */
fbc_attest_cmd fbc_cmd_quote;
fbc_attest_cmd fbc_cmd_agent;       /* here host is a name */
fbc_attest_cmd fbc_cmd_provision;
/* Verifier. */
fbc_attest_cmd fbc_cmd_challenge;   /* enroll --challenge */
fbc_attest_cmd fbc_cmd_accept;      /* enroll --accept */
fbc_attest_cmd fbc_cmd_golden;
fbc_attest_cmd fbc_cmd_nonce;
fbc_attest_cmd fbc_cmd_verify;
fbc_attest_cmd fbc_cmd_explain;

/* 64 lower-case hex digits. */
int FBC_MUST_CHECK fbc_nonce_parse(const char *text,
                                   uint8_t out[static FBC_TPM_NONCE_LEN],
                                   struct fbc_error *e);

/* Identity of this host with certificates, for request and evidence. */
struct fbc_host_tpm;
int FBC_MUST_CHECK fbc_cmd_open_host(const struct fbc_attest_args *a,
                                     struct fbc_host_tpm *h,
                                     struct fbc_identity *id,
                                     struct fbc_error *e);

/*
 * Warns when PCR 12 is not that of the key: a verifier would find out, but
 * whoever runs the host may want to know now.
 */
void fbc_cmd_warn_early(const struct fbc_evidence *ev);

#endif /* FBC_LIB_ATTEST_CMD_H */
