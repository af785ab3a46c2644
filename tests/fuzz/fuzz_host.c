/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's side of attestation with a TPM that answers as the input says.
 * First byte: what is done; two bytes and so many: the AK's TPM2B_PUBLIC; then
 * the answers, each behind its length of two bytes.  No answer is left: the
 * TPM is gone.  libtss2 parses first; what it lets through must fit.
 */
#include <stdlib.h>

#include "core/be.h"
#include "lib/attest/attest_ak.h"
#include "lib/attest/attest_auth.h"
#include "lib/attest/attest_ekcert.h"
#include "lib/attest/attest_nv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

enum { LOOK, DEFINE, QUOTE, ENROLL, ACTIVATE, WORKS };

static struct {
    const uint8_t *p;
    size_t left;
} in;

static void check(bool holds)
{
    if ( !holds )
        abort();
}

/* libtss2 forgets parts of an answer that it refuses. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libtss2\n";
}

/* A length of two bytes, and so many: false at the end. */
static bool take(const uint8_t **p, size_t *len)
{
    if ( in.left < 2 )
        return false;
    *len = fbc_get_be16(in.p);
    if ( *len > in.left - 2 )
        *len = in.left - 2;
    *p = in.p + 2;
    in.p += 2 + *len;
    in.left -= 2 + *len;

    return true;
}

static TSS2_RC transmit(TSS2_TCTI_CONTEXT *tcti, size_t size,
                        const uint8_t *command)
{
    (void)tcti;
    (void)size;
    (void)command;

    return TSS2_RC_SUCCESS;
}

static TSS2_RC receive(TSS2_TCTI_CONTEXT *tcti, size_t *size,
                       uint8_t *response, int32_t timeout)
{
    size_t room = *size, len;
    const uint8_t *p;

    (void)tcti;
    (void)timeout;
    if ( !response )
    {
        *size = TPM2_MAX_RESPONSE_SIZE;
        return TSS2_RC_SUCCESS;
    }
    if ( !take(&p, &len) )
        return TSS2_TCTI_RC_IO_ERROR;
    if ( len > room )
        return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
    memcpy(response, p, len);
    *size = len;

    return TSS2_RC_SUCCESS;
}

/* The real ones, but for these: an answer with an HMAC fits one run only. */
static struct fbc_tss tss;
static const struct fbc_tss *real;

static TSS2_RC load(ESYS_CONTEXT *ctx, ESYS_TR parent, ESYS_TR s1, ESYS_TR s2,
                    ESYS_TR s3, const TPM2B_PRIVATE *private,
                    const TPM2B_PUBLIC *public, ESYS_TR *object)
{
    (void)s1;

    return real->Esys_Load(ctx, parent, ESYS_TR_PASSWORD, s2, s3, private,
                           public, object);
}

static TSS2_RC create(ESYS_CONTEXT *ctx, ESYS_TR parent, ESYS_TR s1,
                      ESYS_TR s2, ESYS_TR s3,
                      const TPM2B_SENSITIVE_CREATE *sensitive,
                      const TPM2B_PUBLIC *public, const TPM2B_DATA *info,
                      const TPML_PCR_SELECTION *pcrs, TPM2B_PRIVATE **private,
                      TPM2B_PUBLIC **made, TPM2B_CREATION_DATA **data,
                      TPM2B_DIGEST **hash, TPMT_TK_CREATION **ticket)
{
    (void)s1;

    return real->Esys_Create(ctx, parent, ESYS_TR_PASSWORD, s2, s3, sensitive,
                             public, info, pcrs, private, made, data, hash,
                             ticket);
}

static TSS2_RC activate(ESYS_CONTEXT *ctx, ESYS_TR key, ESYS_TR by,
                        ESYS_TR s1, ESYS_TR s2, ESYS_TR s3,
                        const TPM2B_ID_OBJECT *credential,
                        const TPM2B_ENCRYPTED_SECRET *secret,
                        TPM2B_DIGEST **out)
{
    (void)s2;

    return real->Esys_ActivateCredential(ctx, key, by, s1, ESYS_TR_PASSWORD,
                                         s3, credential, secret, out);
}

static void prepare(void)
{
    struct fbc_error e;

    real = fbc_tss_load(&e);
    check(real);
    tss = *real;
    tss.Esys_Load = load;
    tss.Esys_Create = create;
    tss.Esys_ActivateCredential = activate;
}

static void index_work(struct fbc_esys *t, unsigned int work)
{
    static const uint8_t policy[FBC_HASH_LEN];
    static const TPM2B_AUTH auth;
    struct fbc_nv_report r;
    struct fbc_error e;

    if ( fbc_nv_look(t, FBC_NV_INDEX, policy, &r, &e) )
        return;
    check(strcmp(fbc_nv_state_name(r.state), "unknown"));
    if ( work != DEFINE ||
         fbc_auth_set(t, ESYS_TR_RH_OWNER, r.owner_auth, &auth, &e) ||
         fbc_nv_undefine(t, FBC_NV_INDEX, &e) ||
         fbc_nv_define(t, FBC_NV_INDEX, policy, &e) )
        return;
}

/* A file's AK with this public part; the private one is for the TPM. */
static void take_ak(struct fbc_ak *ak)
{
    const uint8_t *p;
    size_t len = 0;

    memset(ak, 0, sizeof(*ak));
    if ( take(&p, &len) && len <= sizeof(ak->public.data) )
        memcpy(ak->public.data, p, len);
    ak->public.len = (uint16_t)(len <= sizeof(ak->public.data) ? len : 0);
    ak->private.len = 2 + 16;
    ak->private.data[1] = 16;
}

static void key_work(struct fbc_host_tpm *h, unsigned int work,
                     const struct fbc_ak *ak, struct fbc_evidence *ev)
{
    static const struct fbc_challenge c = {
        .credential = { .len = FBC_CREDENTIAL_LEN,
                        .data = { 0, FBC_CREDENTIAL_LEN - 2 } },
        .seed = { .len = FBC_SEED_LEN, .data = { 1, 0 } },
    };
    uint8_t digest[FBC_HASH_LEN], secret[FBC_SECRET_LEN] = { 0 };
    uint8_t modulus[FBC_TPM_MODULUS_LEN];
    struct fbc_tpm_quote q;
    struct fbc_error e;
    struct fbc_ak made;
    unsigned int i;

    if ( fbc_host_ek(h, &ev->id, &e) )
        return;
    check(!fbc_tpm_ek_parse(ev->id.ek.data, ev->id.ek.len, modulus));
    if ( work != ACTIVATE )
    {
        if ( fbc_ekcert_read(&h->tpm, &ev->id, &e) )
            return;
        check(ev->id.cert.len && ev->id.cert.len <= FBC_CERT_MAX);
        if ( fbc_ekcert_chain(&h->tpm, &ev->id, &e) )
            return;
        for ( i = 0; i < FBC_CHAIN_MAX; i++ )
            check(ev->id.chain[i].len <= FBC_CERT_MAX);
    }
    if ( work == ENROLL )
    {
        if ( fbc_ak_make(h, &made, &e) )
            return;
        check(made.public.len <= sizeof(made.public.data) &&
              made.private.len <= sizeof(made.private.data));
    }
    if ( fbc_ak_load(h, ak, &ev->id, &e) )
        return;
    if ( work == ACTIVATE )
        (void)!fbc_ak_activate(h, &c, secret, &e);
    if ( work == QUOTE && !fbc_ak_quote(h, secret, ev, &e) )
        check(ev->signature.len <= sizeof(ev->signature.data) &&
              !fbc_tpm_quote_parse(ev->quote.data, ev->quote.len, &q) &&
              !fbc_pcrs_digest(&ev->pcrs, digest) &&
              !memcmp(digest, q.digest, sizeof(digest)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fbc_host_tpm *h = calloc(1, sizeof(*h));
    struct fbc_evidence *ev = calloc(1, sizeof(*ev));
    unsigned int work = size ? data[0] % WORKS : LOOK;
    struct fbc_ak ak;

    if ( !real )
        prepare();
    check(h && ev);
    in.p = data + !!size;
    in.left = size - !!size;
    take_ak(&ak);

    fbc_tcti_init(&h->tpm.tcti);
    h->tpm.tcti.v1.transmit = transmit;
    h->tpm.tcti.v1.receive = receive;
    h->tpm.tss = &tss;
    check(!tss.Esys_Initialize(&h->tpm.ctx,
                               (TSS2_TCTI_CONTEXT *)&h->tpm.tcti, NULL));
    if ( work == LOOK || work == DEFINE )
        index_work(&h->tpm, work);
    else
        key_work(h, work, &ak, ev);
    fbc_host_close(h);
    free(ev);
    free(h);

    return 0;
}
