/* SPDX-License-Identifier: GPL-2.0-only */
/* The TPM, by the TCG's Enhanced System API. */
#include "lib/attest/esys.h"

#include <stdlib.h>

#include "lib/attest/tpmdevice.h"

int fbc_esys_open(struct fbc_esys *t, struct fbc_error *e)
{
    TSS2_RC rc;

    memset(t, 0, sizeof(*t));
    fbc_tcti_init(&t->tcti);
    t->tss = fbc_tss_load(e);
    if ( !t->tss )
        return -1;

    rc = fbc_tcti_open(&t->tcti, t->tss);
    if ( !rc )
        rc = t->tss->Esys_Initialize(&t->ctx, (TSS2_TCTI_CONTEXT *)&t->tcti,
                                     NULL);
    if ( !rc )
        return 0;
    t->ctx = NULL;
    (void)!fbc_esys_check(t, "TPM", rc, e);
    fbc_tcti_close(&t->tcti);

    return -1;
}

void fbc_esys_close(struct fbc_esys *t)
{
    if ( t->ctx )
        t->tss->Esys_Finalize(&t->ctx);
    fbc_tcti_close(&t->tcti);
}

/* The TPM's own code, without what says which handle or parameter; or 0. */
static uint32_t tpm_code(TSS2_RC rc)
{
    TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

    if ( layer != TSS2_TPM_RC_LAYER && layer != TSS2_RESMGR_TPM_RC_LAYER )
        return 0;

    return rc & TPM2_RC_FMT1 ? rc & (TPM2_RC_FMT1 | 0x3f) : rc & 0xffff;
}

bool fbc_esys_absent(TSS2_RC rc)
{
    return tpm_code(rc) == TPM2_RC_HANDLE &&
           (rc & (TPM2_RC_P | TPM2_RC_N_MASK)) == TPM2_RC_1;
}

static int hint_code(const struct fbc_esys *t, TSS2_RC rc, struct fbc_error *e)
{
    if ( (rc & TSS2_RC_LAYER_MASK) == TSS2_TCTI_RC_LAYER )
        return fbc_tpm_device(t->tcti.conf, e) ? -1
               : fbc_hint(e, "is there a TPM at %.150s?", t->tcti.conf);

    switch ( tpm_code(rc) )
    {
    case TPM2_RC_AUTH_FAIL:
    case TPM2_RC_BAD_AUTH:
        return fbc_hint(e, "wrong authorization value");

    case TPM2_RC_LOCKOUT:
        return fbc_hint(e, "power cuts count as wrong guesses for an AK "
                        "without noDA: tpm2_dictionarylockout "
                        "--clear-lockout, then make a new AK; "
                        "fbcrypt-provision(7), A TPM in lockout");

    case TPM2_RC_OBJECT_MEMORY:
    case TPM2_RC_SESSION_MEMORY:
    case TPM2_RC_SESSION_HANDLES:
        return fbc_hint(e, "others fill the TPM: tpm2_flushcontext -t and "
                        "-s, or use a resource manager such as /dev/tpmrm0");
    }

    return -1;
}

int fbc_esys_check(const struct fbc_esys *t, const char *command, TSS2_RC rc,
                   struct fbc_error *e)
{
    if ( !rc )
        return 0;
    if ( t->tcti.gave_up )
        return fbc_fail(e, t->tcti.gave_up, command,
                        t->tcti.gave_up == FBC_EXIT_TIMEOUT
                        ? "took longer than 5 minutes" : "interrupted");
    fbc_fail(e, FBC_EXIT_ENV, command, "%s (0x%x)",
             t->tss->Tss2_RC_Decode(rc), rc);

    return hint_code(t, rc, e);
}

int fbc_esys_hint(const struct fbc_esys *t, struct fbc_error *e,
                  const char *text)
{
    return e->hint[0] || t->tcti.gave_up ? -1 : fbc_hint(e, "%s", text);
}

void fbc_esys_flush(struct fbc_esys *t, ESYS_TR *object)
{
    /* A TPM that does not answer any more has forgotten it, or will. */
    if ( t->ctx && *object != ESYS_TR_NONE )
        (void)!t->tss->Esys_FlushContext(t->ctx, *object);
    *object = ESYS_TR_NONE;
}

void fbc_esys_free(const struct fbc_esys *t, void *p, size_t len)
{
    if ( p )
        fbc_wipe(p, len);
    if ( p )
        t->tss->Esys_Free(p);
}
