/* SPDX-License-Identifier: GPL-2.0-only */
/* The NV index of the hypervisor's sealed key. */
#include "lib/attest/attest_nv.h"

#include "core/pcr.h"
#include "lib/attest/nvdata.h"

#define NONE ESYS_TR_NONE

/* What the TPM itself changes. */
#define STATE (FBC_NV_WRITTEN | FBC_NV_READLOCKED | FBC_NV_WRITELOCKED)

const char *fbc_nv_state_name(enum fbc_nv_state state)
{
    switch ( state )
    {
    case FBC_NV_ABSENT:    return "absent";
    case FBC_NV_FOREIGN:   return "foreign";
    case FBC_NV_UNWRITTEN: return "unwritten";
    case FBC_NV_SEALED:    return "sealed";
    }

    return "unknown";
}

/* As the hypervisor wants it, or it takes no key from there. */
static bool is_right(const TPMS_NV_PUBLIC *p, uint32_t index,
                     const uint8_t *policy)
{
    return p->nvIndex == index && p->nameAlg == TPM2_ALG_SHA256 &&
           (p->attributes & ~STATE) == FBC_NV_ATTRIBUTES &&
           p->authPolicy.size == FBC_HASH_LEN &&
           !memcmp(p->authPolicy.buffer, policy, FBC_HASH_LEN) &&
           p->dataSize == FBC_NV_SIZE;
}

int fbc_nv_look(struct fbc_esys *t, uint32_t index,
                const uint8_t policy[static FBC_HASH_LEN],
                struct fbc_nv_report *r, struct fbc_error *e)
{
    TPMS_NV_PUBLIC public;
    uint32_t permanent;
    ESYS_TR nv;
    int found;

    if ( fbc_nvdata_property(t, TPM2_PT_PERMANENT, &permanent, e) )
        return -1;
    found = fbc_nvdata_find(t, index, &nv, &public, e);
    if ( found < 0 )
        return -1;

    r->owner_auth = permanent & TPMA_PERMANENT_OWNERAUTHSET;
    r->lockout_auth = permanent & TPMA_PERMANENT_LOCKOUTAUTHSET;
    if ( !found )
        r->state = FBC_NV_ABSENT;
    else if ( !is_right(&public, index, policy) )
        r->state = FBC_NV_FOREIGN;
    else
        r->state = public.attributes & FBC_NV_WRITTEN ? FBC_NV_SEALED
                   : FBC_NV_UNWRITTEN;

    return 0;
}

int fbc_nv_define(struct fbc_esys *t, uint32_t index,
                  const uint8_t policy[static FBC_HASH_LEN],
                  struct fbc_error *e)
{
    static const TPM2B_AUTH no_auth;
    TPM2B_NV_PUBLIC public = { .nvPublic = {
        .nvIndex = index, .nameAlg = TPM2_ALG_SHA256,
        .attributes = FBC_NV_ATTRIBUTES, .dataSize = FBC_NV_SIZE,
        .authPolicy.size = FBC_HASH_LEN } };
    ESYS_TR nv;
    TSS2_RC rc;

    memcpy(public.nvPublic.authPolicy.buffer, policy, FBC_HASH_LEN);
    rc = t->tss->Esys_NV_DefineSpace(t->ctx, ESYS_TR_RH_OWNER,
                                     ESYS_TR_PASSWORD, NONE, NONE, &no_auth,
                                     &public, &nv);

    return fbc_esys_check(t, "TPM2_NV_DefineSpace", rc, e);
}

int fbc_nv_undefine(struct fbc_esys *t, uint32_t index, struct fbc_error *e)
{
    TPMS_NV_PUBLIC public;
    ESYS_TR nv;
    TSS2_RC rc;
    int found;

    found = fbc_nvdata_find(t, index, &nv, &public, e);
    if ( found <= 0 )
        return found;
    rc = t->tss->Esys_NV_UndefineSpace(t->ctx, ESYS_TR_RH_OWNER, nv,
                                       ESYS_TR_PASSWORD, NONE, NONE);

    return fbc_esys_check(t, "TPM2_NV_UndefineSpace", rc, e);
}
