/* SPDX-License-Identifier: GPL-2.0-only */
/* The decision about the hypervisor's key, and the cap on PCR 12. */
#include "core/vmmkey.h"
#include "core/crypto.h"
#include "core/tpmspec.h"

#define PCR 12

/* What HKDF makes of the same random bytes. */
#define INFO_PER_BOOT "fbcrypt v1 vmm per-boot"
#define INFO_SEALED   "fbcrypt v1 vmm sealed"

/* Extends PCR 12 where no key is attested. */
#define UNATTESTED "fbcrypt: unattested"
#define CAPS_MAX   3

_Static_assert(FBC_PCR12_EVENT_MAX <= FBC_TPM_EVENT_MAX, "a PCR_Event's room");

static const uint8_t zero[FBC_HASH_LEN];
static const unsigned int policy_pcrs[FBC_PCRS] = { 0, 2, 4, 7, PCR };

struct obtain {
    struct fbc_tpm *tpm;
    struct fbc_vmmkey *k;
    uint32_t session;
    bool overwrites;            /* memory, at a reset */
    bool open;                  /* there is a session */
    bool written;               /* what the TPM says about the index */
    enum fbc_err unsealed;      /* why the index is not used */
    uint8_t policy[FBC_HASH_LEN];       /* of the index */
    uint8_t fresh[FBC_KEY_LEN];         /* to be sealed on the first boot */
    uint8_t sealed[FBC_KEY_LEN];
};

/* The first reason is the one that is told.  Returns whether err is none. */
static bool ok(struct obtain *o, enum fbc_err err, const char *step)
{
    struct fbc_vmmkey *k = o->k;

    if ( err && !k->err )
    {
        k->err = err;
        k->step = step;
        k->rc = err == FBC_ERR_TPM_RC ? o->tpm->rc : 0;
    }

    return !err;
}

static int draw(struct fbc_tpm *tpm, const uint8_t random[static FBC_KEY_LEN],
                uint8_t per_boot[static FBC_KEY_LEN],
                uint8_t fresh[static FBC_KEY_LEN])
{
    uint8_t salt[FBC_KEY_LEN] = { 0 }, prk[FBC_HASH_LEN];
    int rc = -1;

    if ( tpm && fbc_tpm2_get_random(tpm, salt) )
        memset(salt, 0, sizeof(salt));
    if ( !fbc_hkdf_extract(salt, sizeof(salt), random, FBC_KEY_LEN, prk) &&
         !fbc_hkdf_expand(prk, INFO_PER_BOOT, sizeof(INFO_PER_BOOT) - 1,
                          per_boot, FBC_KEY_LEN) &&
         !fbc_hkdf_expand(prk, INFO_SEALED, sizeof(INFO_SEALED) - 1,
                          fresh, FBC_KEY_LEN) )
        rc = 0;
    fbc_wipe(salt, sizeof(salt));
    fbc_wipe(prk, sizeof(prk));

    return rc;
}

static int set_key(struct fbc_vmmkey *k, enum fbc_vmmkey_mode mode,
                   const uint8_t secret[static FBC_KEY_LEN])
{
    memcpy(k->secret, secret, FBC_KEY_LEN);
    k->mode = mode;

    return fbc_x25519_public(k->public_key, k->secret);
}

/* The policy that the index should have: the PCRs of this boot. */
static bool expected_policy(struct obtain *o,
                            uint8_t policy[static FBC_HASH_LEN])
{
    struct fbc_pcrs pcrs;
    unsigned int i;

    for ( i = 0; i < FBC_PCRS; i++ )
        if ( !ok(o, fbc_tpm2_pcr_read(o->tpm, policy_pcrs[i], pcrs.value[i]),
                 "PCR_Read of the policy's PCRs") )
            return false;

    return ok(o, fbc_pcrs_policy(&pcrs, policy) ? FBC_ERR_CRYPTO : FBC_OK,
              "policy");
}

/*
 * Is the index one that nobody but this image, before the cap, can read and
 * write?  Whoever had the owner's authorization may have defined it.
 */
static bool check_index(struct obtain *o, const struct fbc_tpm2_nv *nv)
{
    const uint32_t set_by_tpm = FBC_NV_WRITTEN | FBC_NV_READLOCKED |
                                FBC_NV_WRITELOCKED;
    bool kind = (nv->attributes & ~set_by_tpm) == FBC_NV_ATTRIBUTES &&
                nv->name_alg == FBC_TPM_ALG_SHA256 && nv->size == FBC_NV_SIZE;
    uint8_t policy[FBC_HASH_LEN];
    bool same;

    if ( !ok(o, kind ? FBC_OK : FBC_ERR_NV_KIND, "NV index") ||
         !expected_policy(o, policy) )
        return false;

    same = nv->policy_len == FBC_HASH_LEN &&
           !memcmp(nv->policy, policy, FBC_HASH_LEN);
    memcpy(o->policy, policy, FBC_HASH_LEN);
    o->written = nv->attributes & FBC_NV_WRITTEN;

    return ok(o, same ? FBC_OK : FBC_ERR_NV_POLICY, "NV index");
}

static bool satisfy(struct obtain *o)
{
    return ok(o, fbc_tpm2_policy_pcr(o->tpm, o->session), "PolicyPCR");
}

/* A session whose policy is that of the index, by the TPM's own account. */
static bool start(struct obtain *o)
{
    uint8_t digest[FBC_HASH_LEN];

    if ( !ok(o, fbc_tpm2_start_policy(o->tpm, &o->session),
             "StartAuthSession") )
        return false;
    o->open = true;

    return satisfy(o) &&
           ok(o, fbc_tpm2_policy_digest(o->tpm, o->session, digest),
              "PolicyGetDigest") &&
           ok(o, memcmp(digest, o->policy, sizeof(digest))
                 ? FBC_ERR_NV_POLICY : FBC_OK, "PolicyGetDigest");
}

static bool stop(struct obtain *o)
{
    if ( !o->open )
        return true;
    o->open = false;

    return ok(o, fbc_tpm2_flush(o->tpm, o->session), "FlushContext");
}

/* First boot: into the index, and what is in it then. */
static bool create(struct obtain *o)
{
    if ( !stop(o) || !start(o) ||
         !ok(o, fbc_tpm2_nv_write(o->tpm, o->session, FBC_NV_INDEX, o->fresh),
             "NV_Write") ||
         !satisfy(o) ||
         !ok(o, fbc_tpm2_nv_read(o->tpm, o->session, FBC_NV_INDEX, o->sealed),
             "NV_Read after NV_Write") )
        return false;

    return ok(o, fbc_equal(o->sealed, o->fresh, FBC_KEY_LEN)
                 ? FBC_OK : FBC_ERR_NV_CONTENT, "NV_Read after NV_Write");
}

static bool read_sealed(struct obtain *o, bool *created)
{
    enum fbc_err err;

    if ( !start(o) )
        return false;

    err = fbc_tpm2_nv_read(o->tpm, o->session, FBC_NV_INDEX, o->sealed);
    *created = err == FBC_ERR_TPM_RC && !o->written &&
               o->tpm->rc == FBC_TPM_RC_NV_UNINITIALIZED;
    if ( *created )
    {
        if ( !create(o) )
            return false;
    }
    else if ( !ok(o, err, "NV_Read") ||
              !ok(o, o->written ? FBC_OK : FBC_ERR_NV_CONTENT, "NV_Read") )
        return false;

    return satisfy(o) &&
           ok(o, fbc_tpm2_nv_read_lock(o->tpm, o->session, FBC_NV_INDEX),
              "NV_ReadLock");
}

/* Puts the sealed key in k, if there is an index.  False: no attested key. */
static bool unseal(struct obtain *o)
{
    uint8_t pcr[FBC_HASH_LEN];
    struct fbc_tpm2_nv nv;
    bool done, created;
    enum fbc_err err;

    if ( !ok(o, fbc_tpm2_pcr_read(o->tpm, PCR, pcr), "PCR_Read") ||
         !ok(o, memcmp(pcr, zero, sizeof(pcr)) ? FBC_ERR_PCR_USED : FBC_OK,
             "PCR_Read") )
        return false;

    if ( o->unsealed )
        return true;

    err = fbc_tpm2_nv_public(o->tpm, FBC_NV_INDEX, &nv);
    if ( err == FBC_ERR_TPM_RC && fbc_tpm2_no_handle(o->tpm->rc) )
    {
        o->unsealed = FBC_ERR_NV_ABSENT;
        return true;
    }
    if ( !ok(o, err, "NV_ReadPublic") || !check_index(o, &nv) )
        return false;

    done = read_sealed(o, &created);
    if ( !stop(o) || !done )
        return false;
    o->k->created = created;

    return ok(o, set_key(o->k, FBC_VMMKEY_SEALED, o->sealed)
                 ? FBC_ERR_CRYPTO : FBC_OK, "public key");
}

/* Extends PCR 12 by the public key, and by what becomes of memory. */
static bool bind(struct obtain *o)
{
    uint8_t want[FBC_HASH_LEN], pcr[FBC_HASH_LEN];
    uint8_t event[FBC_PCR12_EVENT_MAX];
    struct fbc_vmmkey *k = o->k;
    size_t len = fbc_pcr12_event(k->public_key, o->overwrites, event);

    if ( !ok(o, fbc_pcr12_of_key(k->public_key, o->overwrites, want)
                ? FBC_ERR_CRYPTO : FBC_OK, "PCR 12") ||
         !ok(o, fbc_tpm2_pcr_event(o->tpm, PCR, event, len), "PCR_Event") ||
         !ok(o, fbc_tpm2_pcr_read(o->tpm, PCR, pcr), "PCR_Read after it") ||
         !ok(o, memcmp(pcr, want, sizeof(pcr)) ? FBC_ERR_PCR_VALUE : FBC_OK,
             "PCR_Read after it") )
        return false;

    k->attested = true;
    k->exposed = false;
    ok(o, o->unsealed, "NV_ReadPublic");

    return true;
}

/*
 * Extends PCR 12 by what is no key, so that it is not zero and none that dom0
 * could make it.  Again if need be: it does no harm.
 */
static void cap(struct obtain *o)
{
    unsigned int i;
    uint8_t pcr[FBC_HASH_LEN];

    for ( i = 0; i < CAPS_MAX && o->k->exposed; i++ )
        if ( !fbc_tpm2_pcr_event(o->tpm, PCR, UNATTESTED,
                                 sizeof(UNATTESTED) - 1) &&
             !fbc_tpm2_pcr_read(o->tpm, PCR, pcr) &&
             memcmp(pcr, zero, sizeof(pcr)) )
            o->k->exposed = false;
}

int fbc_vmmkey_obtain(struct fbc_tpm *tpm,
                      const uint8_t random[static FBC_KEY_LEN],
                      bool overwrites, bool seal_anyway,
                      struct fbc_vmmkey *k)
{
    struct obtain o = {
        .tpm = tpm, .k = k, .overwrites = overwrites,
        .unsealed = overwrites || seal_anyway ? FBC_OK : FBC_ERR_OUTLIVES
    };
    uint8_t per_boot[FBC_KEY_LEN];
    int rc;

    memset(k, 0, sizeof(*k));
    k->exposed = true;
    k->step = "";

    rc = draw(tpm, random, per_boot, o.fresh) ||
         set_key(k, FBC_VMMKEY_PER_BOOT, per_boot) ? -1 : 0;
    if ( !tpm )
        ok(&o, FBC_ERR_NO_TPM, "TPM");
    else if ( rc || !unseal(&o) || !bind(&o) )
        cap(&o);

    if ( !rc && !k->attested && k->mode != FBC_VMMKEY_PER_BOOT )
    {
        k->created = false;
        rc = set_key(k, FBC_VMMKEY_PER_BOOT, per_boot) ? -1 : 0;
    }
    if ( rc )
    {
        k->err = FBC_ERR_CRYPTO;
        k->step = "key";
        k->rc = 0;
        fbc_wipe(k->secret, sizeof(k->secret));
        fbc_wipe(k->public_key, sizeof(k->public_key));
    }
    fbc_wipe(per_boot, sizeof(per_boot));
    fbc_wipe(&o, sizeof(o));

    return rc;
}

void fbc_vmmkey_close(struct fbc_tpm *tpm, struct fbc_vmmkey *k)
{
    struct obtain o = { .tpm = tpm, .k = k };

    fbc_wipe(k, sizeof(*k));
    k->exposed = true;
    k->step = "";

    if ( !tpm )
        ok(&o, FBC_ERR_NO_TPM, "TPM");
    else
    {
        cap(&o);
        ok(&o, k->exposed ? FBC_ERR_PCR_VALUE : FBC_OK, "PCR_Event");
    }
}
