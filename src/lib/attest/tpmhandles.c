/* SPDX-License-Identifier: GPL-2.0-only */
/* What a connection has loaded into the TPM. */
#include "lib/attest/tpmhandles.h"

#include <tss2/tss2_tpm2_types.h>

#include "core/be.h"

/* Command and answer begin alike: tag, length, command or return code. */
#define CODE 6
#define HEAD 10

static void forget(struct fbc_tpmhandles *h, uint32_t handle)
{
    size_t i, kept = 0;

    for ( i = 0; i < h->n; i++ )
        if ( h->handle[i] != handle )
            h->handle[kept++] = h->handle[i];
    h->n = kept;
}

void fbc_tpmhandles_note(struct fbc_tpmhandles *h, const uint8_t *command,
                         size_t len, const uint8_t *answer, size_t answer_len)
{
    if ( len < HEAD || answer_len < HEAD || fbc_get_be32(answer + CODE) )
        return;

    switch ( fbc_get_be32(command + CODE) )
    {
    case TPM2_CC_FlushContext:
        if ( len >= HEAD + 4 )
            forget(h, fbc_get_be32(command + HEAD));
        break;

    case TPM2_CC_ContextLoad:
    case TPM2_CC_CreatePrimary:
    case TPM2_CC_Load:
    case TPM2_CC_LoadExternal:
    case TPM2_CC_StartAuthSession:
        if ( answer_len < HEAD + 4 )
            break;
        forget(h, fbc_get_be32(answer + HEAD));
        if ( h->n < FBC_TPMHANDLES_MAX )
            h->handle[h->n++] = fbc_get_be32(answer + HEAD);
        break;
    }
}

size_t fbc_tpmhandles_flush(struct fbc_tpmhandles *h,
                            uint8_t command[FBC_TPMHANDLES_FLUSH])
{
    if ( !h->n )
        return 0;
    command[0] = TPM2_ST_NO_SESSIONS >> 8;
    command[1] = TPM2_ST_NO_SESSIONS & 0xff;
    fbc_put_be32(command + 2, FBC_TPMHANDLES_FLUSH);
    fbc_put_be32(command + CODE, TPM2_CC_FlushContext);
    fbc_put_be32(command + HEAD, h->handle[--h->n]);

    return FBC_TPMHANDLES_FLUSH;
}
