/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One TPM command: put together, sent, and its response taken apart.  Of use
 * to tpm2.c only.  Numbers are big-endian, n is their length in bytes.
 */
#ifndef FBC_CORE_TPMCALL_H
#define FBC_CORE_TPMCALL_H

#include "core/cursor.h"
#include "core/tpm2.h"
#include "core/tpmspec.h"

#define FBC_TPMC_PCRS        24
#define FBC_TPMC_SELECT_LEN  (FBC_TPMC_PCRS / 8)
#define FBC_TPMC_NONCE_MAX   64
#define FBC_TPMC_COMMAND_MAX 96             /* longest: NV_Write, 67 */

struct fbc_tpmc {
    struct fbc_tpm *t;
    uint8_t cmd[FBC_TPMC_COMMAND_MAX];
    size_t len;
    uint32_t session;           /* 0, or the one that authorizes */
    struct fbc_cursor in;       /* what is left of the response */
};

void fbc_tpmc_begin(struct fbc_tpmc *c, struct fbc_tpm *t, uint32_t code);

/* For handle, and other unless it is 0; the first is authorized by session. */
void fbc_tpmc_begin_auth(struct fbc_tpmc *c, struct fbc_tpm *t, uint32_t code,
                         uint32_t handle, uint32_t other, uint32_t session);

void fbc_tpmc_put(struct fbc_tpmc *c, uint32_t v, size_t n);
void fbc_tpmc_put_bytes(struct fbc_tpmc *c, const void *data, size_t n);

/* A selection of the SHA-256 bank. */
void fbc_tpmc_put_select(struct fbc_tpmc *c,
                         const uint8_t select[static FBC_TPMC_SELECT_LEN]);

/* Sends it; then the parameters can be taken. */
enum fbc_err FBC_MUST_CHECK fbc_tpmc_run(struct fbc_tpmc *c);

/* n bytes, or NULL. */
const uint8_t *fbc_tpmc_take(struct fbc_tpmc *c, size_t n);
/* A TPM2B of min to max bytes, or NULL. */
const uint8_t *fbc_tpmc_take2b(struct fbc_tpmc *c, size_t min, size_t max,
                               size_t *len);
/* One of 32 bytes. */
const uint8_t *fbc_tpmc_take32(struct fbc_tpmc *c);
uint32_t fbc_tpmc_number(struct fbc_tpmc *c, size_t n);
/* A number that must be v. */
void fbc_tpmc_expect(struct fbc_tpmc *c, uint32_t v, size_t n);

/* FBC_ERR_TPM_RESPONSE unless everything was there and is taken. */
enum fbc_err FBC_MUST_CHECK fbc_tpmc_end(const struct fbc_tpmc *c);

/* Wipes command and response; returns err. */
enum fbc_err FBC_MUST_CHECK fbc_tpmc_finish(struct fbc_tpmc *c,
                                            enum fbc_err err);

/* All of it, where the response has no parameters, or one TPM2B. */
enum fbc_err FBC_MUST_CHECK fbc_tpmc_run_empty(struct fbc_tpmc *c);
enum fbc_err FBC_MUST_CHECK fbc_tpmc_run_32(struct fbc_tpmc *c,
                                            uint8_t out[static 32]);

#endif /* FBC_CORE_TPMCALL_H */
