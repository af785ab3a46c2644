/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's attestation key. */
#include "lib/attest/attest_ak.h"

#define NONE ESYS_TR_NONE

/*
 * Its authorization value is empty, so nobody guesses it; without noDA each
 * power cut after a quote would count as a wrong guess.
 */
static const TPM2B_PUBLIC ak_template = { .publicArea = {
    .type = TPM2_ALG_ECC,
    .nameAlg = TPM2_ALG_SHA256,
    .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
        TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
        TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_NODA,
    .parameters.eccDetail = {
        .symmetric.algorithm = TPM2_ALG_NULL,
        .scheme = { .scheme = TPM2_ALG_ECDSA,
                    .details.ecdsa.hashAlg = TPM2_ALG_SHA256 },
        .curveID = TPM2_ECC_NIST_P256,
        .kdf.scheme = TPM2_ALG_NULL,
    },
} };

/* PCR 0, 2, 4, 7, 12, in the order of enum fbc_pcr. */
static const TPML_PCR_SELECTION quoted_pcrs = { .count = 1,
    .pcrSelections = { { .hash = TPM2_ALG_SHA256, .sizeofSelect = 3,
                         .pcrSelect = { 0x95, 0x10, 0x00 } } } };

int fbc_ak_make(struct fbc_host_tpm *h, struct fbc_ak *ak,
                struct fbc_error *e)
{
    static const TPM2B_SENSITIVE_CREATE sensitive;
    static const TPML_PCR_SELECTION pcrs;
    static const TPM2B_DATA data;
    const struct fbc_tss *tss = h->tpm.tss;
    TPM2B_PRIVATE *private = NULL;
    TPM2B_PUBLIC *public = NULL;
    size_t public_len = 0, private_len = 0;
    struct fbc_ak made;
    ESYS_TR session;
    TSS2_RC rc;

    if ( fbc_host_session(h, &session, e) )
        return -1;
    rc = tss->Esys_Create(h->tpm.ctx, h->ek, session, NONE, NONE, &sensitive,
                          &ak_template, &data, &pcrs, &private, &public,
                          NULL, NULL, NULL);
    fbc_esys_flush(&h->tpm, &session);
    if ( !rc )
        rc = tss->Tss2_MU_TPM2B_PUBLIC_Marshal(public, made.public.data,
                                               sizeof(made.public.data),
                                               &public_len);
    if ( !rc )
        rc = tss->Tss2_MU_TPM2B_PRIVATE_Marshal(private, made.private.data,
                                                sizeof(made.private.data),
                                                &private_len);
    tss->Esys_Free(public);
    tss->Esys_Free(private);
    if ( fbc_esys_check(&h->tpm, "TPM2_Create", rc, e) )
        return -1;
    made.public.len = (uint16_t)public_len;
    made.private.len = (uint16_t)private_len;
    *ak = made;

    return 0;
}

int fbc_ak_load(struct fbc_host_tpm *h, const struct fbc_ak *ak,
                struct fbc_identity *id, struct fbc_error *e)
{
    const struct fbc_tss *tss = h->tpm.tss;
    TPM2B_PUBLIC public = { .size = 0 };
    TPM2B_PRIVATE private = { .size = 0 };
    size_t public_len = 0, private_len = 0;
    ESYS_TR session;
    TSS2_RC rc;

    if ( tss->Tss2_MU_TPM2B_PUBLIC_Unmarshal(ak->public.data, ak->public.len,
                                             &public_len, &public) ||
         tss->Tss2_MU_TPM2B_PRIVATE_Unmarshal(ak->private.data,
                                              ak->private.len, &private_len,
                                              &private) ||
         public_len != ak->public.len || private_len != ak->private.len )
        return fbc_fail(e, FBC_EXIT_INPUT, "AK file", "holds no key");

    if ( fbc_host_session(h, &session, e) )
        return -1;
    rc = tss->Esys_Load(h->tpm.ctx, h->ek, session, NONE, NONE, &private,
                        &public, &h->ak);
    fbc_esys_flush(&h->tpm, &session);
    if ( fbc_esys_check(&h->tpm, "TPM2_Load", rc, e) )
        return fbc_esys_hint(&h->tpm, e, "was the AK file made on this TPM? "
                             "else enroll again");
    memcpy(&id->ak, &ak->public, sizeof(id->ak));

    return 0;
}

/* Appends values of the PCRs that are left, and takes them off them. */
static int read_some(struct fbc_host_tpm *h, TPMS_PCR_SELECTION *left,
                     struct fbc_pcrs *out, size_t *have, struct fbc_error *e)
{
    TPML_PCR_SELECTION want = { .count = 1, .pcrSelections = { *left } };
    TPML_PCR_SELECTION *got = NULL;
    TPML_DIGEST *values = NULL;
    bool bad = false;
    uint8_t bits;
    size_t i;
    TSS2_RC rc;

    rc = h->tpm.tss->Esys_PCR_Read(h->tpm.ctx, NONE, NONE, NONE, &want, NULL,
                                   &got, &values);
    if ( fbc_esys_check(&h->tpm, "TPM2_PCR_Read", rc, e) )
        return -1;
    for ( i = 0; i < values->count && *have < FBC_PCRS; i++, (*have)++ )
        if ( values->digests[i].size == FBC_HASH_LEN )
            memcpy(out->value[*have], values->digests[i].buffer,
                   FBC_HASH_LEN);
        else
            bad = true;
    bad |= !i || i < values->count || got->count != 1;
    for ( i = 0; !bad && i < left->sizeofSelect; i++ )
    {
        bits = got->pcrSelections[0].pcrSelect[i];
        bad = bits & ~left->pcrSelect[i];
        left->pcrSelect[i] &= (uint8_t)~bits;
    }
    h->tpm.tss->Esys_Free(got);
    h->tpm.tss->Esys_Free(values);

    return bad ? fbc_fail(e, FBC_EXIT_ENV, "TPM", "has no SHA-256 PCRs") : 0;
}

static int read_pcrs(struct fbc_host_tpm *h, struct fbc_pcrs *out,
                     struct fbc_error *e)
{
    TPMS_PCR_SELECTION left = quoted_pcrs.pcrSelections[0];
    size_t have = 0;

    while ( have < FBC_PCRS )
        if ( read_some(h, &left, out, &have, e) )
            return -1;

    return 0;
}

static int fail_malformed(struct fbc_error *e)
{
    return fbc_fail(e, FBC_EXIT_ENV, "TPM2_Quote",
                    "the TPM's answer is malformed");
}

/* Copies out what the TPM has signed.  0, or it is larger than any quote. */
static int take_quote(const struct fbc_tss *tss, const TPM2B_ATTEST *quoted,
                      const TPMT_SIGNATURE *signature,
                      struct fbc_evidence *ev)
{
    size_t len = 0;

    if ( quoted->size > sizeof(ev->quote.data) ||
         tss->Tss2_MU_TPMT_SIGNATURE_Marshal(signature, ev->signature.data,
                                             sizeof(ev->signature.data),
                                             &len) )
        return -1;
    memcpy(ev->quote.data, quoted->attestationData, quoted->size);
    ev->quote.len = quoted->size;
    ev->signature.len = (uint16_t)len;

    return 0;
}

/* Nothing has extended one in the meantime. */
static int check_quoted(const struct fbc_evidence *ev, struct fbc_error *e)
{
    uint8_t digest[FBC_HASH_LEN];
    struct fbc_tpm_quote q;

    if ( fbc_tpm_quote_parse(ev->quote.data, ev->quote.len, &q) )
        return fail_malformed(e);
    if ( fbc_pcrs_digest(&ev->pcrs, digest) )
        return fbc_fail_core(e, "TPM2_Quote", FBC_ERR_CRYPTO);
    if ( !memcmp(digest, q.digest, sizeof(digest)) )
        return 0;
    fbc_fail(e, FBC_EXIT_ENV, "TPM2_Quote", "not of the PCRs as they are");

    return fbc_hint(e, "did something extend one just now? try again");
}

int fbc_ak_quote(struct fbc_host_tpm *h,
                 const uint8_t nonce[static FBC_TPM_NONCE_LEN],
                 struct fbc_evidence *ev, struct fbc_error *e)
{
    static const TPMT_SIG_SCHEME by_key = { .scheme = TPM2_ALG_NULL };
    TPM2B_DATA data = { .size = FBC_TPM_NONCE_LEN };
    TPMT_SIGNATURE *signature = NULL;
    TPM2B_ATTEST *quoted = NULL;
    TSS2_RC rc;
    int bad;

    memcpy(data.buffer, nonce, FBC_TPM_NONCE_LEN);
    rc = h->tpm.tss->Esys_Quote(h->tpm.ctx, h->ak, ESYS_TR_PASSWORD, NONE,
                                NONE, &data, &by_key, &quoted_pcrs, &quoted,
                                &signature);
    if ( fbc_esys_check(&h->tpm, "TPM2_Quote", rc, e) )
        return -1;
    bad = take_quote(h->tpm.tss, quoted, signature, ev);
    h->tpm.tss->Esys_Free(quoted);
    h->tpm.tss->Esys_Free(signature);
    if ( bad )
        return fail_malformed(e);

    return read_pcrs(h, &ev->pcrs, e) || check_quoted(ev, e) ? -1 : 0;
}

int fbc_ak_activate(struct fbc_host_tpm *h, const struct fbc_challenge *c,
                    uint8_t secret[static FBC_SECRET_LEN],
                    struct fbc_error *e)
{
    const struct fbc_tss *tss = h->tpm.tss;
    TPM2B_ID_OBJECT credential = { .size = 0 };
    TPM2B_ENCRYPTED_SECRET seed = { .size = 0 };
    TPM2B_DIGEST *out = NULL;
    size_t at = 0, seed_at = 0;
    ESYS_TR session;
    TSS2_RC rc;
    bool good;

    if ( tss->Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(c->credential.data,
             c->credential.len, &at, &credential) ||
         tss->Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(c->seed.data,
             c->seed.len, &seed_at, &seed) )
        return fbc_fail(e, FBC_EXIT_INPUT, "challenge", "holds no credential");

    if ( fbc_host_session(h, &session, e) )
        return -1;
    rc = tss->Esys_ActivateCredential(h->tpm.ctx, h->ak, h->ek,
                                      ESYS_TR_PASSWORD, session, NONE,
                                      &credential, &seed, &out);
    fbc_esys_flush(&h->tpm, &session);
    if ( fbc_esys_check(&h->tpm, "TPM2_ActivateCredential", rc, e) )
        return fbc_esys_hint(&h->tpm, e, "is the challenge for this AK and "
                             "this TPM?");
    good = out->size == FBC_SECRET_LEN;
    if ( good )
        memcpy(secret, out->buffer, FBC_SECRET_LEN);
    fbc_esys_free(&h->tpm, out, sizeof(*out));

    return good ? 0 : fbc_fail(e, FBC_EXIT_INPUT, "challenge",
                               "holds no secret of 32 bytes");
}
