/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-attest nonce, quote. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/attest/attest_ak.h"
#include "lib/attest/attest_cmd.h"
#include "lib/base/cli.h"
#include "lib/base/keyfile.h"
#include "lib/base/random.h"
#include "lib/verify/attest_file.h"
#include "parse/text/hex.h"

int fbc_nonce_parse(const char *text, uint8_t out[static FBC_TPM_NONCE_LEN],
                    struct fbc_error *e)
{
    uint8_t nonce[FBC_TPM_NONCE_LEN];

    if ( !fbc_hex_read(text, strlen(text), nonce, sizeof(nonce)) )
    {
        fbc_fail(e, FBC_EXIT_USAGE, "--nonce",
                 "is not 64 lower-case hexadecimal digits");
        return fbc_hint(e, "fbc-attest nonce makes one");
    }
    memcpy(out, nonce, sizeof(nonce));

    return 0;
}

int fbc_cmd_nonce(const struct fbc_attest_args *a, struct fbc_error *e)
{
    uint8_t nonce[FBC_TPM_NONCE_LEN];
    char text[2 * FBC_TPM_NONCE_LEN + 1];

    (void)a;
    if ( fbc_random(nonce, sizeof(nonce), e) )
        return -1;
    *fbc_hex_write(text, nonce, sizeof(nonce)) = '\0';
    puts(text);

    return FBC_EXIT_OK;
}

void fbc_cmd_warn_early(const struct fbc_evidence *ev)
{
    const uint8_t *found = ev->pcrs.value[FBC_PCR_12];
    uint8_t want[FBC_HASH_LEN], outlives[FBC_HASH_LEN];

    if ( !fbc_pcr12_of_key(ev->vmm_key, true, want) &&
         !fbc_pcr12_of_key(ev->vmm_key, false, outlives) &&
         memcmp(found, want, sizeof(want)) &&
         memcmp(found, outlives, sizeof(outlives)) )
        fbc_cli_warn("PCR 12 is not that of this hypervisor key: a verifier "
                     "will say no");
}

int fbc_cmd_quote(const struct fbc_attest_args *a, struct fbc_error *e)
{
    struct fbc_host_tpm *h = calloc(1, sizeof(*h));
    struct fbc_evidence *ev = calloc(1, sizeof(*ev));
    uint8_t nonce[FBC_TPM_NONCE_LEN];
    struct fbc_ak ak;
    int rc = -1;

    if ( !h || !ev )
        fbc_fail_core(e, "memory", FBC_ERR_NOMEM);
    else if ( !fbc_nonce_parse(a->nonce, nonce, e) &&
              !fbc_keyfile_read(FBC_KEY_VMM_PUBLIC, a->vmm_key, ev->vmm_key,
                                e) &&
              !fbc_record_read(&fbc_ak_record, a->ak, &ak, e) &&
              !fbc_cmd_open_host(a, h, &ev->id, e) &&
              !fbc_ak_load(h, &ak, &ev->id, e) &&
              !fbc_ak_quote(h, nonce, ev, e) )
    {
        fbc_cmd_warn_early(ev);
        rc = fbc_record_write(&fbc_evidence_record, ev,
                              "# fbcrypt attestation evidence\n", a->output,
                              false, e);
    }
    if ( h )
        fbc_host_close(h);
    free(h);
    free(ev);

    return rc;
}
