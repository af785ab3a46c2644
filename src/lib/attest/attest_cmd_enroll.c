/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-attest enroll: the host's side. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/attest/acpitpm.h"
#include "lib/attest/attest_ak.h"
#include "lib/attest/attest_cmd.h"
#include "lib/attest/attest_ekcert.h"
#include "lib/base/keyfile.h"
#include "lib/verify/attest_file.h"

int fbc_cmd_open_host(const struct fbc_attest_args *a, struct fbc_host_tpm *h,
                      struct fbc_identity *id, struct fbc_error *e)
{
    if ( fbc_host_open(h, id, e) )
        return -1;
    if ( a->ek_cert ? fbc_ek_cert_read(a->ek_cert, id, e)
                    : fbc_ekcert_read(&h->tpm, id, e) )
        return -1;

    return a->chain ? fbc_ek_chain_read(a->chain, id, e)
                    : fbc_ekcert_chain(&h->tpm, id, e);
}

/* The AK of the file, which is made when there is none. */
static int get_ak(const struct fbc_attest_args *a, struct fbc_host_tpm *h,
                  struct fbc_ak *ak, struct fbc_error *e)
{
    struct stat st;

    if ( !lstat(a->ak, &st) )
        return fbc_record_read(&fbc_ak_record, a->ak, ak, e);
    if ( errno != ENOENT )
        return fbc_fail_errno(e, a->ak);

    if ( !strcmp(a->ak, FBC_AK_FILE) &&
         mkdir("/var/lib/fbcrypt", 0700) && errno != EEXIST )
        return fbc_fail_errno(e, "/var/lib/fbcrypt");
    if ( fbc_ak_make(h, ak, e) )
        return -1;

    return fbc_record_write(&fbc_ak_record, ak, "# fbcrypt attestation key, "
                            "of use to this host's TPM only\n", a->ak, false,
                            e);
}

int fbc_cmd_request(const struct fbc_attest_args *a, struct fbc_error *e)
{
    struct fbc_host_tpm *h = calloc(1, sizeof(*h));
    struct fbc_request *r = calloc(1, sizeof(*r));
    struct fbc_ak ak = { .public.len = 0 };
    int rc = -1;

    if ( !h || !r )
        fbc_fail_core(e, "memory", FBC_ERR_NOMEM);
    else if ( !fbc_keyfile_read(FBC_KEY_VMM_PUBLIC, a->vmm_key, r->vmm_key,
                                e) &&
              !fbc_cmd_open_host(a, h, &r->id, e) &&
              !(fbc_tcti_on_device(&h->tpm.tcti) &&
                fbc_acpi_tpm_check(FBC_ACPI_TPM2, e)) &&
              !get_ak(a, h, &ak, e) &&
              !fbc_ak_load(h, &ak, &r->id, e) )
    {
        if ( fbc_tpm_name(r->id.ak.data, r->id.ak.len, r->ak_name) )
            fbc_fail_core(e, a->ak, FBC_ERR_CRYPTO);
        else
            rc = fbc_record_write(&fbc_request_record, r,
                                  "# fbcrypt enrolment request\n", a->output,
                                  false, e);
    }
    if ( h )
        fbc_host_close(h);
    free(h);
    free(r);

    return rc;
}

int fbc_cmd_activate(const struct fbc_attest_args *a, struct fbc_error *e)
{
    struct fbc_host_tpm *h = calloc(1, sizeof(*h));
    struct fbc_identity *id = calloc(1, sizeof(*id));
    struct fbc_challenge c;
    struct fbc_response r;
    struct fbc_ak ak;
    int rc = -1;

    if ( !h || !id )
        fbc_fail_core(e, "memory", FBC_ERR_NOMEM);
    else if ( !fbc_record_read(&fbc_challenge_record, a->operand, &c, e) &&
              !fbc_record_read(&fbc_ak_record, a->ak, &ak, e) &&
              !fbc_host_open(h, id, e) &&
              !fbc_ak_load(h, &ak, id, e) &&
              !fbc_ak_activate(h, &c, r.secret, e) )
    {
        memcpy(r.ak_name, c.ak_name, sizeof(r.ak_name));
        rc = fbc_record_write(&fbc_response_record, &r,
                              "# fbcrypt enrolment response\n", a->output,
                              false, e);
    }
    if ( h )
        fbc_host_close(h);
    free(h);
    free(id);

    return rc;
}
