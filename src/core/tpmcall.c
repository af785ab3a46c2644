/* SPDX-License-Identifier: GPL-2.0-only */
/* One TPM command, and the checks that every response goes through. */
#include "core/be.h"
#include "core/tpmcall.h"

#define CONTINUE   0x01u        /* continueSession */

void fbc_tpmc_put(struct fbc_tpmc *c, uint32_t v, size_t n)
{
    while ( n-- && c->len < sizeof(c->cmd) )
        c->cmd[c->len++] = (uint8_t)(v >> 8 * n);
}

void fbc_tpmc_put_bytes(struct fbc_tpmc *c, const void *data, size_t n)
{
    const uint8_t *p = data;

    while ( n-- )
        fbc_tpmc_put(c, *p++, 1);
}

void fbc_tpmc_put_select(struct fbc_tpmc *c,
                         const uint8_t select[static FBC_TPMC_SELECT_LEN])
{
    fbc_tpmc_put(c, 1, 4);
    fbc_tpmc_put(c, FBC_TPM_ALG_SHA256, 2);
    fbc_tpmc_put(c, FBC_TPMC_SELECT_LEN, 1);
    fbc_tpmc_put_bytes(c, select, FBC_TPMC_SELECT_LEN);
}

void fbc_tpmc_begin(struct fbc_tpmc *c, struct fbc_tpm *t, uint32_t code)
{
    memset(c, 0, sizeof(*c));
    c->t = t;
    fbc_tpmc_put(c, FBC_TPM_ST_NO_SESSIONS, 2);
    fbc_tpmc_put(c, 0, 4);
    fbc_tpmc_put(c, code, 4);
}

void fbc_tpmc_begin_auth(struct fbc_tpmc *c, struct fbc_tpm *t, uint32_t code,
                         uint32_t handle, uint32_t other, uint32_t session)
{
    fbc_tpmc_begin(c, t, code);
    fbc_put_be16(c->cmd, FBC_TPM_ST_SESSIONS);
    fbc_tpmc_put(c, handle, 4);
    if ( other )
        fbc_tpmc_put(c, other, 4);
    fbc_tpmc_put(c, 4 + 2 + 1 + 2, 4);
    fbc_tpmc_put(c, session, 4);
    fbc_tpmc_put(c, 0, 2);      /* nonce */
    fbc_tpmc_put(c, session == FBC_TPM_RS_PW ? 0 : CONTINUE, 1);
    fbc_tpmc_put(c, 0, 2);      /* HMAC, or the empty password */
    c->session = session;
}

const uint8_t *fbc_tpmc_take(struct fbc_tpmc *c, size_t n)
{
    return fbc_take(&c->in, n);
}

uint32_t fbc_tpmc_number(struct fbc_tpmc *c, size_t n)
{
    return (uint32_t)fbc_take_number(&c->in, n);
}

const uint8_t *fbc_tpmc_take2b(struct fbc_tpmc *c, size_t min, size_t max,
                               size_t *len)
{
    *len = fbc_tpmc_number(c, 2);
    if ( *len < min || *len > max )
        c->in.bad = true;

    return fbc_tpmc_take(c, *len);
}

const uint8_t *fbc_tpmc_take32(struct fbc_tpmc *c)
{
    size_t len;

    return fbc_tpmc_take2b(c, FBC_HASH_LEN, FBC_HASH_LEN, &len);
}

void fbc_tpmc_expect(struct fbc_tpmc *c, uint32_t v, size_t n)
{
    if ( fbc_tpmc_number(c, n) != v )
        c->in.bad = true;
}

enum fbc_err fbc_tpmc_end(const struct fbc_tpmc *c)
{
    return c->in.bad || c->in.left ? FBC_ERR_TPM_RESPONSE : FBC_OK;
}

/* Responses may hold secrets, and so may commands. */
enum fbc_err fbc_tpmc_finish(struct fbc_tpmc *c, enum fbc_err err)
{
    fbc_wipe(c->t->buf, sizeof(c->t->buf));
    fbc_wipe(c, sizeof(*c));

    return err;
}

/* Takes the authorization area off; the parameters remain. */
static enum fbc_err split(struct fbc_tpmc *c)
{
    size_t size = fbc_tpmc_number(c, 4), len;
    const uint8_t *parameters = fbc_tpmc_take(c, size);
    uint32_t attributes;

    fbc_tpmc_take2b(c, 0, FBC_TPMC_NONCE_MAX, &len);
    attributes = fbc_tpmc_number(c, 1);
    if ( c->session == FBC_TPM_RS_PW ? (attributes & ~CONTINUE) || len
                             : attributes != CONTINUE )
        return FBC_ERR_TPM_RESPONSE;
    fbc_tpmc_expect(c, 0, 2);   /* no HMAC */
    if ( fbc_tpmc_end(c) )
        return FBC_ERR_TPM_RESPONSE;
    c->in.p = parameters;
    c->in.left = size;

    return FBC_OK;
}

static enum fbc_err send(struct fbc_tpmc *c)
{
    struct fbc_tpm *t = c->t;
    uint32_t tag, size, rc;
    size_t len = 0;

    t->rc = 0;
    if ( t->xfer(t->ctx, c->cmd, c->len, t->buf, sizeof(t->buf), &len) ||
         len > sizeof(t->buf) )
        return FBC_ERR_TPM_IO;

    c->in.p = t->buf;
    c->in.left = len;
    c->in.bad = false;
    tag = fbc_tpmc_number(c, 2);
    size = fbc_tpmc_number(c, 4);
    rc = fbc_tpmc_number(c, 4);
    if ( c->in.bad || size != len )
        return FBC_ERR_TPM_RESPONSE;
    if ( rc )
    {
        if ( tag != FBC_TPM_ST_NO_SESSIONS || c->in.left )
            return FBC_ERR_TPM_RESPONSE;
        t->rc = rc;
        return FBC_ERR_TPM_RC;
    }
    if ( tag != (c->session ? FBC_TPM_ST_SESSIONS : FBC_TPM_ST_NO_SESSIONS) )
        return FBC_ERR_TPM_RESPONSE;

    return c->session ? split(c) : FBC_OK;
}

static bool busy(uint32_t rc)
{
    return rc == FBC_TPM_RC_RETRY || rc == FBC_TPM_RC_YIELDED ||
           rc == FBC_TPM_RC_TESTING;
}

enum fbc_err fbc_tpmc_run(struct fbc_tpmc *c)
{
    unsigned int resends = FBC_TPM_RESENDS;
    enum fbc_err err;

    fbc_put_be32(c->cmd + 2, (uint32_t)c->len);
    do {
        err = send(c);
    } while ( err == FBC_ERR_TPM_RC && busy(c->t->rc) && resends-- );

    return err;
}

enum fbc_err fbc_tpmc_run_empty(struct fbc_tpmc *c)
{
    enum fbc_err err = fbc_tpmc_run(c);

    return fbc_tpmc_finish(c, err ? err : fbc_tpmc_end(c));
}

enum fbc_err fbc_tpmc_run_32(struct fbc_tpmc *c, uint8_t out[static 32])
{
    enum fbc_err err = fbc_tpmc_run(c);
    const uint8_t *p;

    if ( !err )
    {
        p = fbc_tpmc_take32(c);
        err = fbc_tpmc_end(c);
        if ( !err )
            memcpy(out, p, FBC_HASH_LEN);
    }

    return fbc_tpmc_finish(c, err);
}

