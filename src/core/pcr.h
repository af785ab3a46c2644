/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arithmetic of measured boot, without a TPM: what the PCRs hold after the
 * right image has booted, and the policy and name of the NV index that only
 * this image can read.  SHA-256 bank.  All functions that hash return 0, or -1
 * when that failed.
 */
#ifndef FBC_CORE_PCR_H
#define FBC_CORE_PCR_H

#include "core/fbc.h"

#define FBC_TPM_NAME_LEN    34      /* 000b || SHA-256 */

/* sha256:0,2,4,7,12 as in the three bytes of a TPMS_PCR_SELECTION. */
#define FBC_TPM_PCR_SELECT  { 0x95, 0x10, 0x00 }

/* The PCRs of quote and policy, in this order. */
enum fbc_pcr {
    FBC_PCR_0,                  /* firmware code */
    FBC_PCR_2,                  /* option ROMs, drivers of devices */
    FBC_PCR_4,                  /* boot image */
    FBC_PCR_7,                  /* Secure Boot policy */
    FBC_PCR_12,                 /* hypervisor key; all zero until then */
    FBC_PCRS
};

struct fbc_pcrs {
    uint8_t value[FBC_PCRS][FBC_HASH_LEN];
};

/* The hypervisor's NV index. */
#define FBC_NV_INDEX      0x01500021u
#define FBC_NV_SIZE       32
/* policywrite|policyread|read_stclear|write_stclear|no_da, and no other */
#define FBC_NV_ATTRIBUTES 0x82084008u
/* The TPM itself sets these: written, readlocked, writelocked. */
#define FBC_NV_WRITTEN     0x20000000u
#define FBC_NV_READLOCKED  0x10000000u
#define FBC_NV_WRITELOCKED 0x00000800u

/* PCR := SHA-256(PCR || digest) */
int FBC_MUST_CHECK fbc_pcr_extend(uint8_t pcr[static FBC_HASH_LEN],
                                  const uint8_t digest[static FBC_HASH_LEN]);

/* As TPM2_PCR_Event: extends by the hash of data. */
int FBC_MUST_CHECK fbc_pcr_event(uint8_t pcr[static FBC_HASH_LEN],
                                 const void *data, size_t len);

/*
 * PCR 4 after UEFI firmware started one image, the first boot option:
 * the action "Calling EFI Application from Boot Option", the separator, and
 * the image's Authenticode hash (TCG PC Client Firmware Profile).
 */
int FBC_MUST_CHECK fbc_pcr4_of_image(const uint8_t image[static FBC_HASH_LEN],
                                     uint8_t pcr[static FBC_HASH_LEN]);

/*
 * Data of the hypervisor's PCR_Event: its public key; followed, where the
 * firmware has not agreed to overwrite memory at a reset, by this text,
 * without its zero byte.  Returns the length.
 */
#define FBC_PCR12_OUTLIVES  "memory outlives a reset"
#define FBC_PCR12_EVENT_MAX (FBC_KEY_LEN + sizeof(FBC_PCR12_OUTLIVES) - 1)
size_t fbc_pcr12_event(const uint8_t key[static FBC_KEY_LEN], bool overwrites,
                       uint8_t event[static FBC_PCR12_EVENT_MAX]);

/* PCR 12 after this event. */
int FBC_MUST_CHECK fbc_pcr12_of_key(const uint8_t key[static FBC_KEY_LEN],
                                    bool overwrites,
                                    uint8_t pcr[static FBC_HASH_LEN]);

/* The digest in a quote of these values. */
int FBC_MUST_CHECK fbc_pcrs_digest(const struct fbc_pcrs *p,
                                   uint8_t digest[static FBC_HASH_LEN]);

/* authPolicy of TPM2_PolicyPCR over these values, PCR 12 taken as zero. */
int FBC_MUST_CHECK fbc_pcrs_policy(const struct fbc_pcrs *p,
                                   uint8_t policy[static FBC_HASH_LEN]);

#endif /* FBC_CORE_PCR_H */
