/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TPM 2.0 commands that the hypervisor sends at boot (TCG TPM Library,
 * parts 2 and 3), over a transport of the caller's.  SHA-256 bank only.
 *
 * Every response is checked to the byte: tag, size against the length that was
 * received, response code, length of each parameter, authorization area, no
 * trailing bytes.  Outputs are untouched on failure.  buf and the command are
 * wiped before a function returns.
 *
 * All functions return FBC_OK, FBC_ERR_TPM_IO, FBC_ERR_TPM_RESPONSE,
 * FBC_ERR_TPM_RC (the code is in rc), or FBC_ERR_CRYPTO.
 */
#ifndef FBC_CORE_TPM2_H
#define FBC_CORE_TPM2_H

#include "core/pcr.h"

#define FBC_TPM_BUF       1024
#define FBC_TPM_EVENT_MAX 64    /* bytes that PCR_Event may hash */
#define FBC_TPM_POLICY_MAX 64   /* longest authPolicy: SHA-512 */

/* A command is sent again this often while the TPM says that it is busy:
   TPM_RC_RETRY, TPM_RC_YIELDED, TPM_RC_TESTING. */
#define FBC_TPM_RESENDS   100

struct fbc_tpm {
    /*
     * Sends a command and waits for the response: 0, or -1 when there was no
     * answer in time.  cmd and rsp do not overlap; *rsp_len is at most max.
     */
    int (*xfer)(void *ctx, const uint8_t *cmd, size_t len,
                uint8_t *rsp, size_t max, size_t *rsp_len);
    void *ctx;
    uint32_t rc;                /* of the last response; 0 if there was none */
    uint8_t buf[FBC_TPM_BUF];
};

/* An NV index, as the TPM describes it. */
struct fbc_tpm2_nv {
    uint32_t attributes;
    uint16_t name_alg, size, policy_len;
    uint8_t policy[FBC_TPM_POLICY_MAX];
};

enum fbc_err FBC_MUST_CHECK
fbc_tpm2_get_random(struct fbc_tpm *t, uint8_t out[static FBC_KEY_LEN]);

/* pcr < 24 */
enum fbc_err FBC_MUST_CHECK
fbc_tpm2_pcr_read(struct fbc_tpm *t, unsigned int pcr,
                  uint8_t value[static FBC_HASH_LEN]);

/*
 * Extends pcr in every active bank by the hash of data; that of the SHA-256
 * bank is compared.  FBC_ERR_LENGTH for more than FBC_TPM_EVENT_MAX bytes.
 */
enum fbc_err FBC_MUST_CHECK
fbc_tpm2_pcr_event(struct fbc_tpm *t, unsigned int pcr, const void *data,
                   size_t len);

/* A policy session, which the caller has to flush. */
enum fbc_err FBC_MUST_CHECK
fbc_tpm2_start_policy(struct fbc_tpm *t, uint32_t *session);

/* PolicyPCR over the PCRs of FBC_TPM_PCR_SELECT as they are. */
enum fbc_err FBC_MUST_CHECK
fbc_tpm2_policy_pcr(struct fbc_tpm *t, uint32_t session);

enum fbc_err FBC_MUST_CHECK
fbc_tpm2_policy_digest(struct fbc_tpm *t, uint32_t session,
                       uint8_t digest[static FBC_HASH_LEN]);

enum fbc_err FBC_MUST_CHECK
fbc_tpm2_nv_public(struct fbc_tpm *t, uint32_t index, struct fbc_tpm2_nv *nv);

/*
 * All FBC_NV_SIZE bytes of an index, authorized by a policy session.  The
 * session stays; a successful use empties its policy.
 */
enum fbc_err FBC_MUST_CHECK
fbc_tpm2_nv_read(struct fbc_tpm *t, uint32_t session, uint32_t index,
                 uint8_t out[static FBC_NV_SIZE]);
enum fbc_err FBC_MUST_CHECK
fbc_tpm2_nv_write(struct fbc_tpm *t, uint32_t session, uint32_t index,
                  const uint8_t in[static FBC_NV_SIZE]);
enum fbc_err FBC_MUST_CHECK
fbc_tpm2_nv_read_lock(struct fbc_tpm *t, uint32_t session, uint32_t index);

enum fbc_err FBC_MUST_CHECK
fbc_tpm2_flush(struct fbc_tpm *t, uint32_t session);

/* Is rc TPM_RC_HANDLE, about the first handle or none in particular? */
bool fbc_tpm2_no_handle(uint32_t rc);

#endif /* FBC_CORE_TPM2_H */
