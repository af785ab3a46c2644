/* SPDX-License-Identifier: GPL-2.0-only */
/* The EK's certificates in the TPM's NV memory. */
#include "lib/attest/attest_ekcert.h"

#include <stdlib.h>

#include "lib/attest/nvdata.h"
#include "lib/verify/attest_cert.h"

#define EK_CERT_NV 0x01c00002   /* RSA 2048 */
#define EK_CERT_ROOM 65536      /* an index holds less */
#define CHAIN_NV     0x01c00100 /* from here on */
#define CHAIN_NV_END 0x01c00200
#define CHAIN_BYTES_MAX (FBC_CHAIN_MAX * FBC_CERT_MAX)

/* The index may be larger than the certificate. */
int fbc_ekcert_read(struct fbc_esys *t, struct fbc_identity *id,
                    struct fbc_error *e)
{
    uint8_t *data = malloc(EK_CERT_ROOM);
    size_t len = EK_CERT_ROOM;
    int rc;

    if ( !data )
        return fbc_fail_core(e, "memory", FBC_ERR_NOMEM);
    rc = fbc_nvdata_read(t, EK_CERT_NV, data, &len, e);
    if ( !rc )
    {
        fbc_fail(e, FBC_EXIT_ENV, "TPM", "has no EK certificate at 0x%08x",
                 EK_CERT_NV);
        rc = -1;
    }
    else if ( rc > 0 )
        rc = fbc_ek_cert_take("TPM's EK certificate", data, len, id, e);
    if ( rc )
        fbc_esys_hint(t, e, "give the file from the TPM's maker: --ek-cert");
    free(data);

    return rc;
}

/*
 * The chain's bytes, from all its indices in their order: a certificate may
 * begin in one and end in the next.
 */
static int read_chain(struct fbc_esys *t, uint8_t *all, size_t *len,
                      struct fbc_error *e)
{
    uint32_t nv = CHAIN_NV;
    size_t n;
    int rc;

    *len = 0;
    while ( (rc = fbc_nvdata_next(t, &nv, CHAIN_NV_END, e)) > 0 )
    {
        n = CHAIN_BYTES_MAX - *len;
        rc = fbc_nvdata_read(t, nv++, all + *len, &n, e);
        if ( rc < 0 )
            break;
        *len += rc ? n : 0;
    }

    return rc < 0 ? -1 : 0;
}

int fbc_ekcert_chain(struct fbc_esys *t, struct fbc_identity *id,
                     struct fbc_error *e)
{
    uint8_t *all = malloc(CHAIN_BYTES_MAX);
    size_t len;
    int rc;

    if ( !all )
        return fbc_fail_core(e, "memory", FBC_ERR_NOMEM);
    rc = read_chain(t, all, &len, e) ||
         fbc_ek_chain_take(all, len, id, e) ? -1 : 0;
    if ( rc )
        fbc_esys_hint(t, e, "give the certificates from the TPM's maker: "
                      "--chain");
    free(all);

    return rc;
}
