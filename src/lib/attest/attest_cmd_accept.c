/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-attest enroll: the verifier's side. */
#include <stdlib.h>
#include <unistd.h>

#include "core/crypto.h"
#include "lib/attest/attest_cmd.h"
#include "lib/base/random.h"
#include "lib/base/secmem.h"
#include "lib/verify/attest_crypto.h"
#include "lib/verify/attest_file.h"

/* EK certificate, EK and AK are what they must be, and the name is theirs. */
static int check_request(const struct fbc_attest_args *a,
                         const struct fbc_request *r, struct fbc_error *e)
{
    struct fbc_verdict *v = calloc(1, sizeof(*v));
    uint8_t name[FBC_TPM_NAME_LEN];
    struct fbc_roots *roots;
    int rc = 0;

    if ( !v )
        return fbc_fail_core(e, a->operand, FBC_ERR_NOMEM);
    if ( fbc_roots_load(a->roots, &roots, e) )
    {
        free(v);
        return -1;
    }

    if ( a->expired_ek )
        fbc_roots_allow_expired(roots);
    fbc_attest_identity(roots, &r->id, v);
    if ( !v->ok )
    {
        rc = fbc_fail_verdict(e, FBC_EXIT_NO, a->operand, v);
    }
    else if ( fbc_tpm_name(r->id.ak.data, r->id.ak.len, name) ||
              memcmp(name, r->ak_name, sizeof(name)) )
        rc = fbc_fail(e, FBC_EXIT_INPUT, a->operand,
                      "ak-name is not the name of ak-public");
    fbc_roots_free(roots);
    free(v);

    return rc;
}

int fbc_cmd_challenge(const struct fbc_attest_args *a, struct fbc_error *e)
{
    uint8_t modulus[FBC_TPM_MODULUS_LEN];
    struct fbc_challenge c;
    struct fbc_pending *p;
    int rc = -1;

    if ( !strcmp(a->pending, "-") )
        return fbc_fail(e, FBC_EXIT_USAGE, "--pending -",
                        "what holds a secret goes into a file");
    p = fbc_secret_alloc(sizeof(*p));
    if ( !p )
        return fbc_fail_errno(e, "memory");
    if ( fbc_record_read(&fbc_request_record, a->operand, &p->request, e) ||
         check_request(a, &p->request, e) ||
         fbc_random(p->secret, sizeof(p->secret), e) )
        goto out;
    if ( fbc_tpm_ek_parse(p->request.id.ek.data, p->request.id.ek.len,
                          modulus) )
    {
        fbc_fail_core(e, a->operand, FBC_ERR_FORMAT);
        goto out;
    }

    /* No challenge goes out that could not be answered later. */
    if ( fbc_credential_make(modulus, p->request.ak_name, p->secret, &c, e) ||
         fbc_record_write(&fbc_pending_record, p, "# fbcrypt enrolment: keep "
                          "it secret until the response is there\n",
                          a->pending, false, e) )
        goto out;
    rc = fbc_record_write(&fbc_challenge_record, &c,
                          "# fbcrypt enrolment challenge\n", a->output, false,
                          e);
    /* What nobody was asked has no answer, and is not in the way. */
    if ( rc )
        unlink(a->pending);

 out:
    fbc_secret_free(p, sizeof(*p));
    return rc;
}

/* The TPM with this EK has this AK: what a host record says. */
static int accept_host(const struct fbc_attest_args *a,
                       const struct fbc_pending *p, struct fbc_error *e)
{
    struct fbc_host host = { .resets = 0 };

    if ( strlen(a->name) > FBC_HOST_NAME_MAX )
        return fbc_fail(e, FBC_EXIT_USAGE, "--name",
                        "is longer than %u characters", FBC_HOST_NAME_MAX);
    strcpy(host.name, a->name);
    if ( fbc_sha256(p->request.id.cert.data, p->request.id.cert.len,
                    host.cert_hash) )
        return fbc_fail_core(e, a->pending, FBC_ERR_CRYPTO);
    memcpy(&host.ek, &p->request.id.ek, sizeof(host.ek));
    memcpy(&host.ak, &p->request.id.ak, sizeof(host.ak));
    memcpy(host.vmm_key, p->request.vmm_key, sizeof(host.vmm_key));

    return fbc_record_write(&fbc_host_record, &host,
                            "# fbcrypt host record\n", a->output, false, e);
}

int fbc_cmd_accept(const struct fbc_attest_args *a, struct fbc_error *e)
{
    struct fbc_pending *p = fbc_secret_alloc(sizeof(*p));
    struct fbc_response r;
    int rc = -1;

    if ( !p )
        return fbc_fail_errno(e, "memory");
    if ( !fbc_record_read_secret(&fbc_pending_record, a->pending,
                                 "its secret", p, e) &&
         !fbc_record_read(&fbc_response_record, a->operand, &r, e) )
    {
        if ( memcmp(r.ak_name, p->request.ak_name, sizeof(r.ak_name)) )
            fbc_fail(e, FBC_EXIT_NO, a->operand, "answers for another AK");
        else if ( !fbc_equal(r.secret, p->secret, sizeof(r.secret)) )
            fbc_fail(e, FBC_EXIT_NO, a->operand, "wrong secret: the AK is "
                     "not proven to be in the TPM of this EK");
        else
            rc = accept_host(a, p, e);
    }
    fbc_secret_free(p, sizeof(*p));

    return rc;
}
