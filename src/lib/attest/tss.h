/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TCG's TPM2 software stack, loaded when a TPM is wanted: whoever only
 * verifies needs none of it.
 */
#ifndef FBC_LIB_TSS_H
#define FBC_LIB_TSS_H

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "lib/base/fail.h"

/* X(library, function) */
#define FBC_TSS_FUNCTIONS(X) \
    X(ESYS, Esys_ActivateCredential) \
    X(ESYS, Esys_ContextLoad) \
    X(ESYS, Esys_ContextSave) \
    X(ESYS, Esys_Create) \
    X(ESYS, Esys_CreatePrimary) \
    X(ESYS, Esys_Finalize) \
    X(ESYS, Esys_FlushContext) \
    X(ESYS, Esys_Free) \
    X(ESYS, Esys_GetCapability) \
    X(ESYS, Esys_HierarchyChangeAuth) \
    X(ESYS, Esys_Initialize) \
    X(ESYS, Esys_Load) \
    X(ESYS, Esys_NV_DefineSpace) \
    X(ESYS, Esys_NV_Read) \
    X(ESYS, Esys_NV_ReadPublic) \
    X(ESYS, Esys_NV_UndefineSpace) \
    X(ESYS, Esys_PCR_Read) \
    X(ESYS, Esys_PolicySecret) \
    X(ESYS, Esys_Quote) \
    X(ESYS, Esys_ReadPublic) \
    X(ESYS, Esys_StartAuthSession) \
    X(ESYS, Esys_TRSess_SetAttributes) \
    X(ESYS, Esys_TR_FromTPMPublic) \
    X(ESYS, Esys_TR_SetAuth) \
    X(MU, Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal) \
    X(MU, Tss2_MU_TPM2B_ID_OBJECT_Unmarshal) \
    X(MU, Tss2_MU_TPM2B_PRIVATE_Marshal) \
    X(MU, Tss2_MU_TPM2B_PRIVATE_Unmarshal) \
    X(MU, Tss2_MU_TPM2B_PUBLIC_Marshal) \
    X(MU, Tss2_MU_TPM2B_PUBLIC_Unmarshal) \
    X(MU, Tss2_MU_TPMT_SIGNATURE_Marshal) \
    X(RC, Tss2_RC_Decode) \
    X(TCTILDR, Tss2_TctiLdr_Finalize) \
    X(TCTILDR, Tss2_TctiLdr_Initialize)

struct fbc_tss {
#define FBC_TSS_MEMBER(library, function) __typeof__(function) *function;
    FBC_TSS_FUNCTIONS(FBC_TSS_MEMBER)
#undef FBC_TSS_MEMBER
};

/*
 * The same each time; NULL with *e filled when a library is not there.  It
 * logs nothing unless the environment has TSS2_LOG.
 */
const struct fbc_tss * FBC_MUST_CHECK fbc_tss_load(struct fbc_error *e);

#endif /* FBC_LIB_TSS_H */
