/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A TPM of the few commands that the hypervisor sends: it takes them to the
 * byte, keeps a log, and lets a test come between.  fake_judge() decides from
 * the log alone what may be said about the key.
 */
#ifndef FBC_TEST_FAKETPM_H
#define FBC_TEST_FAKETPM_H

#include "core/vmmkey.h"

#define FAKE_PCRS     24
#define FAKE_SESSIONS 3
#define FAKE_LOG      64        /* busy answers are counted only */
#define FAKE_CMD_MAX  96
#define FAKE_RSP_MAX  FBC_TPM_BUF
#define FAKE_LOST     ((size_t)-1)

#define FAKE_CC_NV_WRITE       0x137u
#define FAKE_CC_PCR_EVENT      0x13cu
#define FAKE_CC_NV_READ        0x14eu
#define FAKE_CC_NV_READ_LOCK   0x14fu
#define FAKE_CC_FLUSH          0x165u
#define FAKE_CC_NV_READ_PUBLIC 0x169u
#define FAKE_CC_START_AUTH     0x176u
#define FAKE_CC_GET_RANDOM     0x17bu
#define FAKE_CC_PCR_READ       0x17eu
#define FAKE_CC_POLICY_PCR     0x17fu
#define FAKE_CC_POLICY_DIGEST  0x189u

struct fake_entry {
    uint8_t cmd[FAKE_CMD_MAX], rsp[FAKE_RSP_MAX];
    size_t cmd_len, rsp_len;    /* FAKE_LOST: no answer */
};

struct faketpm {
    struct fbc_tpm tpm;

    uint8_t pcr[FAKE_PCRS][FBC_HASH_LEN];
    uint8_t random[FBC_KEY_LEN];
    unsigned int changes;       /* of PCRs */
    struct {
        bool open;
        uint8_t digest[FBC_HASH_LEN];
        unsigned int changes;
    } session[FAKE_SESSIONS];

    bool defined;               /* the NV index */
    uint32_t attributes;
    uint16_t alg, size, policy_len;
    uint8_t policy[FBC_TPM_POLICY_MAX], data[FBC_NV_SIZE];

    /* What a test does; arg is its own.  code is that of the command. */
    bool (*block)(struct faketpm *f, uint32_t code);    /* never arrives */
    /* Changes an answer of *len bytes in rsp, or sets *len to FAKE_LOST. */
    void (*meddle)(struct faketpm *f, uint32_t code, uint8_t *rsp,
                   size_t *len);
    void *arg;
    uint8_t fill;               /* the buffer behind an answer */

    unsigned int total;         /* commands, busy answers included */
    unsigned int count;         /* entries of the log */
    struct fake_entry log[FAKE_LOG];
};

/* Random bytes from the CPU, in all tests. */
extern const uint8_t fake_cpu_random[FBC_KEY_LEN];

/* As firmware leaves it before the hypervisor; there is no index. */
void fake_init(struct faketpm *f);
/* An index as it should be; written unless data is NULL. */
void fake_define(struct faketpm *f, const uint8_t *data);
/* A reset, and the firmware's measurements. */
void fake_reboot(struct faketpm *f);

/* An answer without parameters, for meddlers. */
size_t fake_answer(uint8_t *rsp, uint32_t rc);
/* The response code of such an answer, or 0 if it is none. */
uint32_t fake_rc(const uint8_t *rsp, size_t len);
/* The answer to NV_ReadPublic. */
size_t fake_nv_public(const struct faketpm *f, uint8_t *rsp);

/* Could dom0 now fulfil the policy of the index, were it not read-locked? */
bool fake_readable(const struct faketpm *f);
/* Could dom0 extend PCR 12 by a key of its own? */
bool fake_forgeable(const struct faketpm *f);

/*
 * NULL, or what is wrong about k (rc is what made it) by what the TPM was
 * asked and answered.
 */
const char *fake_judge(const struct faketpm *f, int rc,
                       const struct fbc_vmmkey *k);

#endif /* FBC_TEST_FAKETPM_H */
