/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of the TCG TPM 2.0 Library, part 2, by their names there. */
#ifndef FBC_CORE_TPMSPEC_H
#define FBC_CORE_TPMSPEC_H

#define FBC_TPM_GENERATED        0xff544347u    /* TPM_GENERATED_VALUE */

#define FBC_TPM_ALG_SHA256       0x000b
#define FBC_TPM_ALG_NULL         0x0010
#define FBC_TPM_ALG_ECDSA        0x0018
#define FBC_TPM_ALG_ECC          0x0023

#define FBC_TPM_ST_NO_SESSIONS   0x8001
#define FBC_TPM_ST_SESSIONS      0x8002
#define FBC_TPM_ST_ATTEST_QUOTE  0x8018

#define FBC_TPM_RH_NULL          0x40000007u
#define FBC_TPM_RS_PW            0x40000009u    /* an empty password */
#define FBC_TPM_RH_ENDORSEMENT   0x4000000bu
#define FBC_TPM_HT_POLICY_SESSION 0x03
#define FBC_TPM_SE_POLICY        0x01

#define FBC_TPM_CC_NV_WRITE       0x137u
#define FBC_TPM_CC_PCR_EVENT      0x13cu
#define FBC_TPM_CC_NV_READ        0x14eu
#define FBC_TPM_CC_NV_READ_LOCK   0x14fu
#define FBC_TPM_CC_FLUSH_CONTEXT  0x165u
#define FBC_TPM_CC_NV_READ_PUBLIC 0x169u
#define FBC_TPM_CC_START_AUTH     0x176u        /* StartAuthSession */
#define FBC_TPM_CC_GET_RANDOM     0x17bu
#define FBC_TPM_CC_PCR_READ       0x17eu
#define FBC_TPM_CC_POLICY_PCR     0x17fu
#define FBC_TPM_CC_POLICY_DIGEST  0x189u

#define FBC_TPM_RC_HANDLE         0x08bu
#define FBC_TPM_RC_NUMBER         0x700u        /* bits: which handle */
#define FBC_TPM_RC_NV_UNINITIALIZED 0x14au
/* Send the command again. */
#define FBC_TPM_RC_YIELDED        0x908u
#define FBC_TPM_RC_TESTING        0x90au
#define FBC_TPM_RC_RETRY          0x922u

#endif /* FBC_CORE_TPMSPEC_H */
