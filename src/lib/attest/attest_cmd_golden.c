/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-attest golden. */
#include <stdlib.h>

#include "lib/attest/attest_cmd.h"
#include "lib/base/cli.h"
#include "lib/base/io.h"
#include "lib/base/keyfile.h"
#include "lib/base/secmem.h"
#include "lib/verify/attest_file.h"
#include "lib/verify/attest_image.h"

static const enum fbc_pcr firmware_pcrs[] = { FBC_PCR_0, FBC_PCR_2,
                                              FBC_PCR_7 };

#define FIRMWARE_PCRS (sizeof(firmware_pcrs) / sizeof(firmware_pcrs[0]))
/* tpm2_pcrread -o FILE sha256:0,2,7 */
#define RAW_LEN       (FIRMWARE_PCRS * FBC_HASH_LEN)

/* PCR 0, 2 and 7 from evidence, from other golden values, or raw. */
static int firmware(const char *path, struct fbc_pcrs *out,
                    struct fbc_error *e)
{
    struct fbc_evidence *ev = calloc(1, sizeof(*ev));
    struct fbc_golden g;
    uint8_t *data;
    size_t len, i;
    enum fbc_err err;
    int rc = -1;

    if ( !ev )
        return fbc_fail_core(e, path, FBC_ERR_NOMEM);
    if ( fbc_file_read(path, FBC_RECORD_MAX_FILE, &data, &len, e) )
    {
        free(ev);
        return -1;
    }

    for ( i = 0; len == RAW_LEN && i < FIRMWARE_PCRS; i++ )
        memcpy(ev->pcrs.value[firmware_pcrs[i]], data + i * FBC_HASH_LEN,
               FBC_HASH_LEN);
    if ( len == RAW_LEN ||
         !fbc_record_parse(&fbc_evidence_record, (char *)data, len, ev,
                           NULL) )
        rc = 0;
    else if ( !(err = fbc_golden_parse((char *)data, len, &g, NULL)) )
    {
        ev->pcrs = g.pcrs;
        rc = 0;
    }
    else if ( err == FBC_ERR_RANGE )
        fbc_fail_untouched(e, path);
    else
        fbc_fail(e, FBC_EXIT_INPUT, path, "is neither evidence, nor golden "
                 "values, nor 96 bytes from tpm2_pcrread");
    if ( !rc && fbc_golden_untouched(&ev->pcrs) )
        rc = fbc_fail_untouched(e, path);
    if ( !rc )
        *out = ev->pcrs;
    fbc_secret_free(data, FBC_RECORD_MAX_FILE + 1);
    free(ev);

    return rc;
}

static int label(const char *option, const char *text,
                 char out[static FBC_LABEL_MAX + 1], struct fbc_error *e)
{
    size_t len = strlen(text), i;

    for ( i = 0; i < len; i++ )
        if ( text[i] < ' ' || text[i] > '~' )
            break;
    if ( !len || len > FBC_LABEL_MAX || i < len || text[0] == ' ' ||
         text[len - 1] == ' ' )
        return fbc_fail(e, FBC_EXIT_USAGE, option, "is not 1 to %u printable "
                        "ASCII characters, no blank at either end",
                        FBC_LABEL_MAX);
    memcpy(out, text, len + 1);

    return 0;
}

int fbc_cmd_golden(const struct fbc_attest_args *a, struct fbc_error *e)
{
    struct fbc_golden g = { .policy = { 0 } };
    enum fbc_err err;
    bool pads;

    if ( label("--name", a->name, g.name, e) ||
         label("--provenance", a->provenance, g.provenance, e) ||
         fbc_image_hash(a->image, g.image, &pads, e) ||
         firmware(a->firmware, &g.pcrs, e) )
        return -1;
    if ( pads )
        fbc_cli_warn("%s: signing it would change its hash, as its length is "
                     "no multiple of 8: make it with fbc-mkimage(8)",
                     a->image);
    if ( a->vmm_key )
    {
        if ( fbc_keyfile_read(FBC_KEY_VMM_PUBLIC, a->vmm_key, g.vmm_key.data,
                              e) )
            return -1;
        g.vmm_key.len = FBC_KEY_LEN;
    }
    err = fbc_golden_derive(&g);
    if ( err )
        return fbc_fail_core(e, a->image, err);

    return fbc_record_write(&fbc_golden_record, &g,
                            "# fbcrypt golden values\n", a->output, false, e);
}
