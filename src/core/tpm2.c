/* SPDX-License-Identifier: GPL-2.0-only */
/* The TPM 2.0 commands of the hypervisor. */
#include "core/be.h"
#include "core/crypto.h"
#include "core/tpmcall.h"

#define NONCE_LEN  16
#define BANKS_MAX  16

enum fbc_err fbc_tpm2_get_random(struct fbc_tpm *t,
                                 uint8_t out[static FBC_KEY_LEN])
{
    struct fbc_tpmc c;

    fbc_tpmc_begin(&c, t, FBC_TPM_CC_GET_RANDOM);
    fbc_tpmc_put(&c, FBC_KEY_LEN, 2);

    return fbc_tpmc_run_32(&c, out);
}

enum fbc_err fbc_tpm2_pcr_read(struct fbc_tpm *t, unsigned int pcr,
                               uint8_t value[static FBC_HASH_LEN])
{
    uint8_t select[FBC_TPMC_SELECT_LEN] = { 0 };
    const uint8_t *p, *got;
    enum fbc_err err;
    struct fbc_tpmc c;

    if ( pcr >= FBC_TPMC_PCRS )
        return FBC_ERR_RANGE;
    select[pcr / 8] = (uint8_t)(1 << pcr % 8);
    fbc_tpmc_begin(&c, t, FBC_TPM_CC_PCR_READ);
    fbc_tpmc_put_select(&c, select);

    err = fbc_tpmc_run(&c);
    if ( !err )
    {
        fbc_tpmc_number(&c, 4); /* how often PCRs were changed */
        fbc_tpmc_expect(&c, 1, 4);
        fbc_tpmc_expect(&c, FBC_TPM_ALG_SHA256, 2);
        fbc_tpmc_expect(&c, FBC_TPMC_SELECT_LEN, 1);
        got = fbc_tpmc_take(&c, FBC_TPMC_SELECT_LEN);
        fbc_tpmc_expect(&c, 1, 4);
        p = fbc_tpmc_take32(&c);
        err = fbc_tpmc_end(&c);
        if ( !err && memcmp(got, select, FBC_TPMC_SELECT_LEN) )
            err = FBC_ERR_TPM_RESPONSE;
        if ( !err )
            memcpy(value, p, FBC_HASH_LEN);
    }

    return fbc_tpmc_finish(&c, err);
}

/* 0: not known */
static size_t digest_len(uint32_t alg)
{
    switch ( alg )
    {
    case 0x0004:                /* SHA-1 */
        return 20;
    case FBC_TPM_ALG_SHA256:
    case 0x0012:                /* SM3 */
    case 0x0027:                /* SHA3-256 */
        return 32;
    case 0x000c:                /* SHA-384 */
    case 0x0028:                /* SHA3-384 */
        return 48;
    case 0x000d:                /* SHA-512 */
    case 0x0029:                /* SHA3-512 */
        return 64;
    }

    return 0;
}

enum fbc_err fbc_tpm2_pcr_event(struct fbc_tpm *t, unsigned int pcr,
                                const void *data, size_t len)
{
    const uint8_t *p, *found = NULL;
    uint8_t hash[FBC_HASH_LEN];
    uint32_t banks, alg;
    enum fbc_err err;
    struct fbc_tpmc c;
    size_t n;

    if ( pcr >= FBC_TPMC_PCRS )
        return FBC_ERR_RANGE;
    if ( len > FBC_TPM_EVENT_MAX )
        return FBC_ERR_LENGTH;
    fbc_tpmc_begin_auth(&c, t, FBC_TPM_CC_PCR_EVENT, pcr, 0, FBC_TPM_RS_PW);
    fbc_tpmc_put(&c, (uint32_t)len, 2);
    fbc_tpmc_put_bytes(&c, data, len);

    err = fbc_tpmc_run(&c);
    if ( !err )
    {
        banks = fbc_tpmc_number(&c, 4);
        if ( banks > BANKS_MAX )
            c.in.bad = true;
        while ( banks-- && !c.in.bad )
        {
            alg = fbc_tpmc_number(&c, 2);
            n = digest_len(alg);
            p = fbc_tpmc_take(&c, n);
            if ( !n || (alg == FBC_TPM_ALG_SHA256 && found) )
                c.in.bad = true;
            if ( alg == FBC_TPM_ALG_SHA256 )
                found = p;
        }
        err = fbc_tpmc_end(&c);
        if ( !err && fbc_sha256(data, len, hash) )
            err = FBC_ERR_CRYPTO;
        if ( !err && (!found || memcmp(found, hash, sizeof(hash))) )
            err = FBC_ERR_TPM_RESPONSE;
    }

    return fbc_tpmc_finish(&c, err);
}

enum fbc_err fbc_tpm2_start_policy(struct fbc_tpm *t, uint32_t *session)
{
    /* Neither HMAC nor encryption: the nonce is of no use. */
    static const uint8_t nonce[NONCE_LEN];
    enum fbc_err err;
    uint32_t handle;
    struct fbc_tpmc c;
    size_t len;

    fbc_tpmc_begin(&c, t, FBC_TPM_CC_START_AUTH);
    fbc_tpmc_put(&c, FBC_TPM_RH_NULL, 4); /* not salted */
    fbc_tpmc_put(&c, FBC_TPM_RH_NULL, 4); /* not bound */
    fbc_tpmc_put(&c, NONCE_LEN, 2);
    fbc_tpmc_put_bytes(&c, nonce, NONCE_LEN);
    fbc_tpmc_put(&c, 0, 2);
    fbc_tpmc_put(&c, FBC_TPM_SE_POLICY, 1);
    fbc_tpmc_put(&c, FBC_TPM_ALG_NULL, 2);
    fbc_tpmc_put(&c, FBC_TPM_ALG_SHA256, 2);

    err = fbc_tpmc_run(&c);
    if ( !err )
    {
        handle = fbc_tpmc_number(&c, 4);
        fbc_tpmc_take2b(&c, 0, FBC_TPMC_NONCE_MAX, &len);
        err = fbc_tpmc_end(&c);
        if ( !err && handle >> 24 != FBC_TPM_HT_POLICY_SESSION )
            err = FBC_ERR_TPM_RESPONSE;
        if ( !err )
            *session = handle;
    }

    return fbc_tpmc_finish(&c, err);
}

enum fbc_err fbc_tpm2_policy_pcr(struct fbc_tpm *t, uint32_t session)
{
    static const uint8_t select[FBC_TPMC_SELECT_LEN] = FBC_TPM_PCR_SELECT;
    struct fbc_tpmc c;

    fbc_tpmc_begin(&c, t, FBC_TPM_CC_POLICY_PCR);
    fbc_tpmc_put(&c, session, 4);
    fbc_tpmc_put(&c, 0, 2);     /* the values as they are */
    fbc_tpmc_put_select(&c, select);

    return fbc_tpmc_run_empty(&c);
}

enum fbc_err fbc_tpm2_policy_digest(struct fbc_tpm *t, uint32_t session,
                                    uint8_t digest[static FBC_HASH_LEN])
{
    struct fbc_tpmc c;

    fbc_tpmc_begin(&c, t, FBC_TPM_CC_POLICY_DIGEST);
    fbc_tpmc_put(&c, session, 4);

    return fbc_tpmc_run_32(&c, digest);
}

/* The rest of c is the area, and then its name. */
static enum fbc_err nv_public(struct fbc_tpmc *c, uint32_t index,
                              struct fbc_tpm2_nv *nv)
{
    struct fbc_tpm2_nv v = { 0 };
    uint8_t hash[FBC_HASH_LEN];
    const uint8_t *area, *policy, *name;
    size_t size, len, name_len;
    struct fbc_tpmc a = { 0 };

    area = fbc_tpmc_take2b(c, 0, FBC_TPM_BUF, &size);
    name = fbc_tpmc_take2b(c, 2, 2 + FBC_TPM_POLICY_MAX, &name_len);
    if ( fbc_tpmc_end(c) )
        return FBC_ERR_TPM_RESPONSE;

    a.in.p = area;
    a.in.left = size;
    fbc_tpmc_expect(&a, index, 4);
    v.name_alg = (uint16_t)fbc_tpmc_number(&a, 2);
    v.attributes = fbc_tpmc_number(&a, 4);
    policy = fbc_tpmc_take2b(&a, 0, sizeof(v.policy), &len);
    v.size = (uint16_t)fbc_tpmc_number(&a, 2);
    if ( fbc_tpmc_end(&a) || fbc_get_be16(name) != v.name_alg )
        return FBC_ERR_TPM_RESPONSE;
    v.policy_len = (uint16_t)len;
    memcpy(v.policy, policy, len);

    if ( v.name_alg == FBC_TPM_ALG_SHA256 )
    {
        if ( fbc_sha256(area, size, hash) )
            return FBC_ERR_CRYPTO;
        if ( name_len != FBC_TPM_NAME_LEN ||
             memcmp(name + 2, hash, sizeof(hash)) )
            return FBC_ERR_TPM_RESPONSE;
    }
    *nv = v;

    return FBC_OK;
}

enum fbc_err fbc_tpm2_nv_public(struct fbc_tpm *t, uint32_t index,
                                struct fbc_tpm2_nv *nv)
{
    enum fbc_err err;
    struct fbc_tpmc c;

    fbc_tpmc_begin(&c, t, FBC_TPM_CC_NV_READ_PUBLIC);
    fbc_tpmc_put(&c, index, 4);
    err = fbc_tpmc_run(&c);

    return fbc_tpmc_finish(&c, err ? err : nv_public(&c, index, nv));
}

enum fbc_err fbc_tpm2_nv_read(struct fbc_tpm *t, uint32_t session,
                              uint32_t index, uint8_t out[static FBC_NV_SIZE])
{
    struct fbc_tpmc c;

    _Static_assert(FBC_NV_SIZE == FBC_HASH_LEN, "run_32");

    fbc_tpmc_begin_auth(&c, t, FBC_TPM_CC_NV_READ, index, index, session);
    fbc_tpmc_put(&c, FBC_NV_SIZE, 2);
    fbc_tpmc_put(&c, 0, 2);     /* offset */

    return fbc_tpmc_run_32(&c, out);
}

enum fbc_err fbc_tpm2_nv_write(struct fbc_tpm *t, uint32_t session,
                               uint32_t index,
                               const uint8_t in[static FBC_NV_SIZE])
{
    struct fbc_tpmc c;

    fbc_tpmc_begin_auth(&c, t, FBC_TPM_CC_NV_WRITE, index, index, session);
    fbc_tpmc_put(&c, FBC_NV_SIZE, 2);
    fbc_tpmc_put_bytes(&c, in, FBC_NV_SIZE);
    fbc_tpmc_put(&c, 0, 2);     /* offset */

    return fbc_tpmc_run_empty(&c);
}

enum fbc_err fbc_tpm2_nv_read_lock(struct fbc_tpm *t, uint32_t session,
                                   uint32_t index)
{
    struct fbc_tpmc c;

    fbc_tpmc_begin_auth(&c, t, FBC_TPM_CC_NV_READ_LOCK, index, index, session);

    return fbc_tpmc_run_empty(&c);
}

enum fbc_err fbc_tpm2_flush(struct fbc_tpm *t, uint32_t session)
{
    struct fbc_tpmc c;

    fbc_tpmc_begin(&c, t, FBC_TPM_CC_FLUSH_CONTEXT);
    fbc_tpmc_put(&c, session, 4);

    return fbc_tpmc_run_empty(&c);
}

bool fbc_tpm2_no_handle(uint32_t rc)
{
    return (rc & ~FBC_TPM_RC_NUMBER) == FBC_TPM_RC_HANDLE &&
           (rc & FBC_TPM_RC_NUMBER) <= 0x100;
}
