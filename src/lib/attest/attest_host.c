/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's side of attestation, with tpm2-tools. */
#include "lib/attest/attest_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/verify/attest_cert.h"
#include "parse/text/hex.h"

#define EK_HANDLE  "0x81010001" /* TCG TPM v2.0 Provisioning Guidance */
#define EK_CERT_NV "0x01c00002" /* RSA 2048 */
#define CHAIN_NV     0x01c00100 /* EK Credential Profile, from here on */
#define CHAIN_NV_END 0x01c00200
#define CHAIN_BYTES_MAX (FBC_CHAIN_MAX * FBC_CERT_MAX)
#define PCRS       "sha256:0,2,4,7,12"
#define AK_ATTRIBUTES "fixedtpm|fixedparent|sensitivedataorigin|" \
                      "userwithauth|restricted|sign|noda"

/*
 * Without a resource manager each tool leaves its objects in the TPM, which
 * has room for three.  With one there is nothing to flush.
 */
static int flush(struct fbc_host_tpm *h, struct fbc_error *e)
{
    return FBC_TOOL(&h->tools, e, "tpm2_flushcontext", "-Q", "-t");
}

/* Unless the tool's own message tells more. */
static int hint_unless(struct fbc_error *e, const char *hint)
{
    return e->hint[0] ? -1 : fbc_hint(e, "%s", hint);
}

static int read_ek(struct fbc_host_tpm *h, const char *name,
                   struct fbc_identity *id, struct fbc_error *e)
{
    uint8_t modulus[FBC_TPM_MODULUS_LEN];
    size_t len;

    if ( fbc_tools_read(&h->tools, name, id->ek.data, sizeof(id->ek.data),
                        &len, e) )
        return -1;
    id->ek.len = (uint16_t)len;
    if ( fbc_tpm_ek_parse(id->ek.data, len, modulus) )
        return fbc_fail(e, FBC_EXIT_ENV, "TPM", "%s",
                        fbc_reason_text(FBC_REASON_EK_TEMPLATE));

    return 0;
}

int fbc_host_open(struct fbc_host_tpm *h, struct fbc_identity *id,
                  struct fbc_error *e)
{
    int rc;

    if ( fbc_tools_open(&h->tools, e) )
        return -1;

    rc = fbc_tool_status(&h->tools, FBC_TOOL_ARGV("tpm2_readpublic", "-Q",
                         "-c", EK_HANDLE, "-f", "tss", "-o", "ek.pub"), e);
    h->ek = EK_HANDLE;
    if ( rc < 0 || (rc && !strncmp(e->why, "Could not load tcti", 19)) )
        return -1;
    if ( !rc && !read_ek(h, "ek.pub", id, e) )
        return 0;

    /* None there, or one of another kind. */
    h->ek = "ek.ctx";
    if ( FBC_TOOL(&h->tools, e, "tpm2_createek", "-Q", "-G", "rsa", "-c",
                  h->ek, "-u", "made.pub") ||
         flush(h, e) )
        return -1;

    return read_ek(h, "made.pub", id, e);
}

void fbc_host_close(struct fbc_host_tpm *h)
{
    struct fbc_error ignored;

    if ( h->tools.dir[0] )
        (void)!flush(h, &ignored);
    fbc_tools_close(&h->tools);
}

/* The index may be larger than the certificate. */
int fbc_host_cert(struct fbc_host_tpm *h, struct fbc_identity *id,
                  struct fbc_error *e)
{
    char path[sizeof(h->tools.dir) + 16];

    if ( FBC_TOOL(&h->tools, e, "tpm2_nvread", "-Q", EK_CERT_NV, "-o",
                  "ek.crt") )
    {
        fbc_fail(e, FBC_EXIT_ENV, "TPM", "has no EK certificate at %s",
                 EK_CERT_NV);
        return fbc_hint(e, "give the file from the TPM's maker: --ek-cert");
    }
    snprintf(path, sizeof(path), "%s/ek.crt", h->tools.dir);

    return fbc_ek_cert_read(path, id, e);
}

/*
 * The chain's bytes, from all its indices in their order: a certificate may
 * begin in one and end in the next.  -1: one cannot be read.
 */
static int read_chain(struct fbc_host_tpm *h, uint8_t *all, size_t *len,
                      struct fbc_error *e)
{
    char name[16], *list = NULL;
    unsigned int nv;
    size_t n;
    int rc;

    *len = 0;
    rc = FBC_TOOL(&h->tools, e, "tpm2_getcap", "handles-nv-index");
    if ( !rc && !(list = strdup(h->tools.out)) )
        rc = fbc_fail_core(e, "memory", FBC_ERR_NOMEM);
    for ( nv = CHAIN_NV; !rc && nv < CHAIN_NV_END; nv++ )
    {
        snprintf(name, sizeof(name), "0x%X\n", nv);
        if ( !strcasestr(list, name) )
            continue;
        snprintf(name, sizeof(name), "0x%08x", nv);
        rc = FBC_TOOL(&h->tools, e, "tpm2_nvread", "-Q", name, "-o",
                      "chain") ||
             fbc_tools_read(&h->tools, "chain", all + *len,
                            CHAIN_BYTES_MAX - *len, &n, e) ? -1 : 0;
        *len += rc ? 0 : n;
    }
    free(list);

    return rc;
}

int fbc_host_chain(struct fbc_host_tpm *h, struct fbc_identity *id,
                   struct fbc_error *e)
{
    uint8_t *all = malloc(CHAIN_BYTES_MAX);
    size_t len;
    int rc;

    if ( !all )
        return fbc_fail_core(e, "memory", FBC_ERR_NOMEM);
    rc = read_chain(h, all, &len, e) || fbc_ek_chain_take(all, len, id, e)
         ? hint_unless(e, "give the certificates from the TPM's maker: "
                       "--chain") : 0;
    free(all);

    return rc;
}

/* A session for one use of the EK: its policy asks for the (empty) auth of
   the endorsement hierarchy. */
static int ek_session(struct fbc_host_tpm *h, struct fbc_error *e)
{
    return FBC_TOOL(&h->tools, e, "tpm2_startauthsession", "-Q",
                    "--policy-session", "-S", "ek.session") ||
           FBC_TOOL(&h->tools, e, "tpm2_policysecret", "-Q", "-S",
                    "ek.session", "-c", "e") ? -1 : 0;
}

static int end_session(struct fbc_host_tpm *h, struct fbc_error *e)
{
    return FBC_TOOL(&h->tools, e, "tpm2_flushcontext", "-Q", "ek.session") ||
           flush(h, e) ? -1 : 0;
}

int fbc_host_make_ak(struct fbc_host_tpm *h, struct fbc_ak *ak,
                     struct fbc_error *e)
{
    size_t public, private;

    /*
     * Its authorization is empty, so nobody guesses it; without noDA each
     * power cut after a quote would count as a wrong guess.
     */
    if ( ek_session(h, e) ||
         FBC_TOOL(&h->tools, e, "tpm2_create", "-Q", "-C", h->ek, "-P",
                  "session:ek.session", "-G", "ecc256:ecdsa-sha256:null",
                  "-g", "sha256", "-a", AK_ATTRIBUTES, "-u", "made-ak.pub",
                  "-r", "made-ak.priv") ||
         end_session(h, e) ||
         fbc_tools_read(&h->tools, "made-ak.pub", ak->public.data,
                        sizeof(ak->public.data), &public, e) ||
         fbc_tools_read(&h->tools, "made-ak.priv", ak->private.data,
                        sizeof(ak->private.data), &private, e) )
        return -1;
    ak->public.len = (uint16_t)public;
    ak->private.len = (uint16_t)private;

    return 0;
}

int fbc_host_load_ak(struct fbc_host_tpm *h, const struct fbc_ak *ak,
                     struct fbc_identity *id, struct fbc_error *e)
{
    if ( fbc_tools_write(&h->tools, "ak.pub", ak->public.data,
                         ak->public.len, e) ||
         fbc_tools_write(&h->tools, "ak.priv", ak->private.data,
                         ak->private.len, e) ||
         ek_session(h, e) )
        return -1;
    if ( FBC_TOOL(&h->tools, e, "tpm2_load", "-Q", "-C", h->ek, "-P",
                  "session:ek.session", "-u", "ak.pub", "-r", "ak.priv",
                  "-c", "ak.ctx") )
        return hint_unless(e, "was the AK file made on this TPM? else enroll "
                           "again");
    memcpy(&id->ak, &ak->public, sizeof(id->ak));

    return end_session(h, e);
}

static int quote_files(struct fbc_host_tpm *h, struct fbc_evidence *ev,
                       struct fbc_error *e)
{
    size_t quote, signature, pcrs;

    if ( fbc_tools_read(&h->tools, "quote", ev->quote.data,
                        sizeof(ev->quote.data), &quote, e) ||
         fbc_tools_read(&h->tools, "signature", ev->signature.data,
                        sizeof(ev->signature.data), &signature, e) ||
         fbc_tools_read(&h->tools, "pcrs", ev->pcrs.value,
                        sizeof(ev->pcrs.value), &pcrs, e) )
        return -1;
    if ( pcrs != sizeof(ev->pcrs.value) )
        return fbc_fail(e, FBC_EXIT_ENV, "TPM", "has no SHA-256 PCRs");
    ev->quote.len = (uint16_t)quote;
    ev->signature.len = (uint16_t)signature;

    return 0;
}

int fbc_host_quote(struct fbc_host_tpm *h,
                   const uint8_t nonce[static FBC_TPM_NONCE_LEN],
                   struct fbc_evidence *ev, struct fbc_error *e)
{
    char text[2 * FBC_TPM_NONCE_LEN + 1];

    *fbc_hex_write(text, nonce, FBC_TPM_NONCE_LEN) = '\0';

    return FBC_TOOL(&h->tools, e, "tpm2_quote", "-Q", "-c", "ak.ctx", "-l",
                    PCRS, "-g", "sha256", "-q", text, "-m", "quote", "-s",
                    "signature", "-o", "pcrs", "-F", "values") ||
           flush(h, e) || quote_files(h, ev, e) ? -1 : 0;
}

int fbc_host_activate(struct fbc_host_tpm *h, const struct fbc_challenge *c,
                      uint8_t secret[static FBC_SECRET_LEN],
                      struct fbc_error *e)
{
    /* How tpm2-tools store a credential: magic, version. */
    uint8_t file[8 + FBC_CREDENTIAL_LEN + FBC_SEED_LEN] = {
        0xba, 0xdc, 0xc0, 0xde, 0, 0, 0, 1,
    };
    uint8_t out[FBC_SECRET_LEN];
    size_t len;

    memcpy(file + 8, c->credential.data, FBC_CREDENTIAL_LEN);
    memcpy(file + 8 + FBC_CREDENTIAL_LEN, c->seed.data, FBC_SEED_LEN);
    if ( fbc_tools_write(&h->tools, "credential", file, sizeof(file), e) ||
         ek_session(h, e) )
        return -1;
    if ( FBC_TOOL(&h->tools, e, "tpm2_activatecredential", "-Q", "-c",
                  "ak.ctx", "-C", h->ek, "-P", "session:ek.session", "-i",
                  "credential", "-o", "secret") )
        return hint_unless(e, "is the challenge for this AK and this TPM?");
    if ( end_session(h, e) ||
         fbc_tools_read(&h->tools, "secret", out, sizeof(out), &len, e) )
        return -1;
    if ( len != sizeof(out) )
        return fbc_fail(e, FBC_EXIT_INPUT, "challenge",
                        "holds no secret of 32 bytes");
    memcpy(secret, out, sizeof(out));
    fbc_wipe(out, sizeof(out));

    return 0;
}
