/* SPDX-License-Identifier: GPL-2.0-only */
/* The TPM's NV memory. */
#include "lib/attest/nvdata.h"

#include <stdio.h>

#define NONE ESYS_TR_NONE

static int fail_malformed(const char *command, struct fbc_error *e)
{
    return fbc_fail(e, FBC_EXIT_ENV, command, "the TPM's answer is malformed");
}

int fbc_nvdata_find(struct fbc_esys *t, uint32_t index, ESYS_TR *nv,
                    TPMS_NV_PUBLIC *public, struct fbc_error *e)
{
    TPM2B_NV_PUBLIC *p = NULL;
    ESYS_TR found = NONE;
    TSS2_RC rc;

    rc = t->tss->Esys_TR_FromTPMPublic(t->ctx, index, NONE, NONE, NONE,
                                       &found);
    if ( fbc_esys_absent(rc) )
        return 0;
    if ( !rc )
        rc = t->tss->Esys_NV_ReadPublic(t->ctx, found, NONE, NONE, NONE, &p,
                                        NULL);
    if ( fbc_esys_check(t, "TPM2_NV_ReadPublic", rc, e) )
        return -1;
    *public = p->nvPublic;
    *nv = found;
    t->tss->Esys_Free(p);

    return 1;
}

static int capability(struct fbc_esys *t, TPM2_CAP what, uint32_t first,
                      TPMS_CAPABILITY_DATA **data, struct fbc_error *e)
{
    TSS2_RC rc = t->tss->Esys_GetCapability(t->ctx, NONE, NONE, NONE, what,
                                            first, 1, NULL, data);

    if ( fbc_esys_check(t, "TPM2_GetCapability", rc, e) )
        return -1;
    if ( (*data)->capability == what )
        return 0;
    t->tss->Esys_Free(*data);

    return fail_malformed("TPM2_GetCapability", e);
}

int fbc_nvdata_next(struct fbc_esys *t, uint32_t *index, uint32_t end,
                    struct fbc_error *e)
{
    TPMS_CAPABILITY_DATA *data;
    uint32_t found = end;
    int rc = 0;

    if ( capability(t, TPM2_CAP_HANDLES, *index, &data, e) )
        return -1;
    if ( data->data.handles.count )
        found = data->data.handles.handle[0];
    t->tss->Esys_Free(data);
    if ( found < *index )
        rc = fail_malformed("TPM2_GetCapability", e);
    else if ( found < end )
    {
        *index = found;
        rc = 1;
    }

    return rc;
}

int fbc_nvdata_property(struct fbc_esys *t, uint32_t property,
                        uint32_t *value, struct fbc_error *e)
{
    TPMS_CAPABILITY_DATA *data;
    TPMS_TAGGED_PROPERTY first = { 0 };

    if ( capability(t, TPM2_CAP_TPM_PROPERTIES, property, &data, e) )
        return -1;
    if ( data->data.tpmProperties.count )
        first = data->data.tpmProperties.tpmProperty[0];
    t->tss->Esys_Free(data);
    if ( first.property != property )
        return fail_malformed("TPM2_GetCapability", e);
    *value = first.value;

    return 0;
}

static int read_part(struct fbc_esys *t, ESYS_TR nv, uint16_t size,
                     uint16_t offset, uint8_t *out, struct fbc_error *e)
{
    TPM2B_MAX_NV_BUFFER *part = NULL;
    TSS2_RC rc;
    int bad;

    rc = t->tss->Esys_NV_Read(t->ctx, nv, nv, ESYS_TR_PASSWORD, NONE, NONE,
                              size, offset, &part);
    if ( fbc_esys_check(t, "TPM2_NV_Read", rc, e) )
        return -1;
    bad = part->size != size;
    if ( !bad )
        memcpy(out, part->buffer, size);
    t->tss->Esys_Free(part);

    return bad ? fail_malformed("TPM2_NV_Read", e) : 0;
}

int fbc_nvdata_read(struct fbc_esys *t, uint32_t index, uint8_t *data,
                    size_t *len, struct fbc_error *e)
{
    TPMS_NV_PUBLIC public;
    uint32_t most, at, n;
    char name[24];
    ESYS_TR nv;
    int rc;

    rc = fbc_nvdata_find(t, index, &nv, &public, e);
    if ( rc <= 0 )
        return rc;
    if ( public.dataSize > *len )
    {
        snprintf(name, sizeof(name), "NV index 0x%08x", index);
        return fbc_fail(e, FBC_EXIT_ENV, name, "is larger than expected");
    }
    if ( fbc_nvdata_property(t, TPM2_PT_NV_BUFFER_MAX, &most, e) )
        return -1;
    if ( !most || most > TPM2_MAX_NV_BUFFER_SIZE )
        most = TPM2_MAX_NV_BUFFER_SIZE;

    for ( at = 0; at < public.dataSize; at += n )
    {
        n = public.dataSize - at < most ? public.dataSize - at : most;
        if ( read_part(t, nv, (uint16_t)n, (uint16_t)at, data + at, e) )
            return -1;
    }
    *len = public.dataSize;

    return 1;
}
