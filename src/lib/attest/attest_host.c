/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's side of attestation: the TPM with its EK. */
#include "lib/attest/attest_host.h"

#include <stdlib.h>

#define NONE ESYS_TR_NONE

#define EK_HANDLE 0x81010001    /* TCG TPM v2.0 Provisioning Guidance */

/* Default EK template L-1 (EK Credential Profile 2.3, B.3.3). */
static const TPM2B_PUBLIC ek_template = { .publicArea = {
    .type = TPM2_ALG_RSA,
    .nameAlg = TPM2_ALG_SHA256,
    .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
        TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |
        TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
    .authPolicy = { .size = 32, .buffer = {
        0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8,
        0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24,
        0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64,
        0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
    } },
    .parameters.rsaDetail = {
        .symmetric = { .algorithm = TPM2_ALG_AES, .keyBits.aes = 128,
                       .mode.aes = TPM2_ALG_CFB },
        .scheme.scheme = TPM2_ALG_NULL,
        .keyBits = 2048,
    },
    .unique.rsa.size = FBC_TPM_MODULUS_LEN,
} };

static int take_ek(struct fbc_host_tpm *h, const TPM2B_PUBLIC *public,
                   struct fbc_identity *id, struct fbc_error *e)
{
    uint8_t modulus[FBC_TPM_MODULUS_LEN];
    size_t len = 0;

    if ( h->tpm.tss->Tss2_MU_TPM2B_PUBLIC_Marshal(public, id->ek.data,
                                                  sizeof(id->ek.data),
                                                  &len) ||
         fbc_tpm_ek_parse(id->ek.data, len, modulus) )
        return fbc_fail(e, FBC_EXIT_ENV, "TPM", "%s",
                        fbc_reason_text(FBC_REASON_EK_TEMPLATE));
    id->ek.len = (uint16_t)len;

    return 0;
}

/* 0: there is none, or one of another kind; 1; -1. */
static int find_ek(struct fbc_host_tpm *h, struct fbc_identity *id,
                   struct fbc_error *e)
{
    const struct fbc_tss *tss = h->tpm.tss;
    TPM2B_PUBLIC *public = NULL;
    TSS2_RC rc;
    int found;

    rc = tss->Esys_TR_FromTPMPublic(h->tpm.ctx, EK_HANDLE, NONE, NONE, NONE,
                                    &h->ek);
    if ( fbc_esys_absent(rc) )
        return 0;
    if ( !rc )
        rc = tss->Esys_ReadPublic(h->tpm.ctx, h->ek, NONE, NONE, NONE,
                                  &public, NULL, NULL);
    if ( fbc_esys_check(&h->tpm, "TPM2_ReadPublic", rc, e) )
        return -1;
    found = !take_ek(h, public, id, e);
    tss->Esys_Free(public);

    return found;
}

static int make_ek(struct fbc_host_tpm *h, struct fbc_identity *id,
                   struct fbc_error *e)
{
    static const TPM2B_SENSITIVE_CREATE sensitive;
    static const TPML_PCR_SELECTION pcrs;
    static const TPM2B_DATA data;
    TPM2B_PUBLIC *public = NULL;
    TSS2_RC rc;

    rc = h->tpm.tss->Esys_CreatePrimary(h->tpm.ctx, ESYS_TR_RH_ENDORSEMENT,
                                        ESYS_TR_PASSWORD, NONE, NONE,
                                        &sensitive, &ek_template, &data,
                                        &pcrs, &h->ek, &public, NULL, NULL,
                                        NULL);
    if ( fbc_esys_check(&h->tpm, "TPM2_CreatePrimary", rc, e) )
        return -1;
    h->made_ek = true;
    rc = (TSS2_RC)take_ek(h, public, id, e);
    h->tpm.tss->Esys_Free(public);

    return rc ? -1 : 0;
}

int fbc_host_ek(struct fbc_host_tpm *h, struct fbc_identity *id,
                struct fbc_error *e)
{
    int rc;

    h->ek = h->ak = NONE;
    rc = find_ek(h, id, e);

    return rc < 0 || (!rc && make_ek(h, id, e)) ? -1 : 0;
}

int fbc_host_open(struct fbc_host_tpm *h, struct fbc_identity *id,
                  struct fbc_error *e)
{
    memset(h, 0, sizeof(*h));
    if ( fbc_esys_open(&h->tpm, e) )
        return -1;
    if ( !fbc_host_ek(h, id, e) )
        return 0;
    fbc_host_close(h);

    return -1;
}

/* Without a word: what was loaded is of no further use. */
static void let_go(struct fbc_host_tpm *h)
{
    if ( h->ak )
        fbc_esys_flush(&h->tpm, &h->ak);
    if ( h->made_ek )
        fbc_esys_flush(&h->tpm, &h->ek);
    h->made_ek = false;
    h->ek = NONE;
    fbc_esys_close(&h->tpm);
}

void fbc_host_close(struct fbc_host_tpm *h)
{
    let_go(h);
    if ( h->saved_ak )
        h->tpm.tss->Esys_Free(h->saved_ak);
    h->saved_ak = NULL;
}

int fbc_host_session(struct fbc_host_tpm *h, ESYS_TR *session,
                     struct fbc_error *e)
{
    static const TPMT_SYM_DEF no_cipher = { .algorithm = TPM2_ALG_NULL };
    const struct fbc_tss *tss = h->tpm.tss;
    ESYS_TR made = NONE;
    TSS2_RC rc;

    rc = tss->Esys_StartAuthSession(h->tpm.ctx, NONE, NONE, NONE, NONE, NONE,
                                    NULL, TPM2_SE_POLICY, &no_cipher,
                                    TPM2_ALG_SHA256, &made);
    /* It is flushed whether its command succeeds or not. */
    if ( !rc )
        rc = tss->Esys_TRSess_SetAttributes(h->tpm.ctx, made,
                                            TPMA_SESSION_CONTINUESESSION,
                                            0xff);
    if ( fbc_esys_check(&h->tpm, "TPM2_StartAuthSession", rc, e) )
        return -1;
    rc = tss->Esys_PolicySecret(h->tpm.ctx, ESYS_TR_RH_ENDORSEMENT, made,
                                ESYS_TR_PASSWORD, NONE, NONE, NULL, NULL,
                                NULL, 0, NULL, NULL);
    if ( fbc_esys_check(&h->tpm, "TPM2_PolicySecret", rc, e) )
    {
        fbc_esys_flush(&h->tpm, &made);
        return -1;
    }
    *session = made;

    return 0;
}

int fbc_host_rest(struct fbc_host_tpm *h, struct fbc_error *e)
{
    TSS2_RC rc = h->saved_ak ? 0
                 : h->tpm.tss->Esys_ContextSave(h->tpm.ctx, h->ak,
                                                &h->saved_ak);

    if ( fbc_esys_check(&h->tpm, "TPM2_ContextSave", rc, e) )
        return -1;
    let_go(h);

    return 0;
}

int fbc_host_wake(struct fbc_host_tpm *h, struct fbc_error *e)
{
    TSS2_RC rc;

    if ( h->tpm.ctx )
        return 0;
    if ( fbc_esys_open(&h->tpm, e) )
        return -1;
    rc = h->tpm.tss->Esys_ContextLoad(h->tpm.ctx, h->saved_ak, &h->ak);

    return fbc_esys_check(&h->tpm, "TPM2_ContextLoad", rc, e);
}
