/* SPDX-License-Identifier: GPL-2.0-only */
/* Authorization values of the TPM's hierarchies. */
#include "lib/attest/attest_auth.h"

#include "lib/base/io.h"
#include "lib/base/secmem.h"

#define AUTH_MAX 32

static bool is_auth(const uint8_t *s, size_t len)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz0123456789.-_";
    size_t i;

    for ( i = 0; i < len; i++ )
        if ( !s[i] || !strchr(set, s[i]) )
            return false;

    return len && len <= AUTH_MAX;
}

int fbc_auth_read(const char *path, TPM2B_AUTH *auth, struct fbc_error *e)
{
    uint8_t *text;
    size_t len;
    int rc = 0;

    if ( fbc_file_read_secret(path, "authorization value", AUTH_MAX + 1,
                              &text, &len, e) )
        return -1;
    if ( len && text[len - 1] == '\n' )
        len--;
    if ( is_auth(text, len) )
    {
        auth->size = (uint16_t)len;
        memcpy(auth->buffer, text, len);
    }
    else
        rc = fbc_fail(e, FBC_EXIT_INPUT, path, "is not 1 to %u letters, "
                      "digits, '.', '-' or '_'", AUTH_MAX);
    fbc_secret_free(text, AUTH_MAX + 2);

    return rc;
}

int fbc_auth_set(struct fbc_esys *t, ESYS_TR hierarchy, bool is_set,
                 const TPM2B_AUTH *auth, struct fbc_error *e)
{
    TSS2_RC rc = 0;

    if ( !is_set )
        rc = t->tss->Esys_HierarchyChangeAuth(t->ctx, hierarchy,
                                              ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                              ESYS_TR_NONE, auth);
    if ( !rc )
        rc = t->tss->Esys_TR_SetAuth(t->ctx, hierarchy, auth);

    return fbc_esys_check(t, "TPM2_HierarchyChangeAuth", rc, e);
}
