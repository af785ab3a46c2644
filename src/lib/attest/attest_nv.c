/* SPDX-License-Identifier: GPL-2.0-only */
/* The NV index of the hypervisor's sealed key. */
#include "lib/attest/attest_nv.h"

#include <stdio.h>

#include "parse/text/hex.h"

#define ATTRIBUTES "policywrite|policyread|read_stclear|write_stclear|no_da"

const char *fbc_nv_state_name(enum fbc_nv_state state)
{
    switch ( state )
    {
    case FBC_NV_ABSENT:    return "absent";
    case FBC_NV_FOREIGN:   return "foreign";
    case FBC_NV_UNWRITTEN: return "unwritten";
    case FBC_NV_SEALED:    return "sealed";
    }

    return "unknown";
}

static bool is_set(const char *properties, const char *name)
{
    const char *p = strstr(properties, name);

    return p && p[strcspn(p, "01\n")] == '1';
}

/* The index's name is a hash over all that defines it. */
static enum fbc_nv_state by_name(const char *text, uint32_t index,
                                 const uint8_t *policy)
{
    static const uint32_t locks[] = { 0, FBC_NV_READLOCKED,
        FBC_NV_WRITELOCKED, FBC_NV_READLOCKED | FBC_NV_WRITELOCKED };
    char line[16 + 2 * FBC_TPM_NAME_LEN] = "name: ";
    uint8_t name[FBC_TPM_NAME_LEN];
    uint32_t set;
    size_t i;

    for ( i = 0; i < 8; i++ )
    {
        set = locks[i / 2] | (i % 2 ? FBC_NV_WRITTEN : 0);
        if ( fbc_nv_name(index, FBC_NV_ATTRIBUTES | set, policy, name) )
            return FBC_NV_FOREIGN;
        *fbc_hex_write(line + 6, name, sizeof(name)) = '\0';
        if ( strstr(text, line) )
            return set & FBC_NV_WRITTEN ? FBC_NV_SEALED : FBC_NV_UNWRITTEN;
    }

    return FBC_NV_FOREIGN;
}

int fbc_nv_look(struct fbc_tools *t, uint32_t index,
                const uint8_t policy[static FBC_HASH_LEN],
                struct fbc_nv_report *r, struct fbc_error *e)
{
    char handle[16];

    if ( FBC_TOOL(t, e, "tpm2_getcap", "properties-variable") )
        return -1;
    r->owner_auth = is_set(t->out, "ownerAuthSet:");
    r->lockout_auth = is_set(t->out, "lockoutAuthSet:");

    /* tpm2_nvreadpublic of an index that is not there crashes in 5.4. */
    if ( FBC_TOOL(t, e, "tpm2_getcap", "handles-nv-index") )
        return -1;
    snprintf(handle, sizeof(handle), "0x%x\n", index);
    if ( !strcasestr(t->out, handle) )
    {
        r->state = FBC_NV_ABSENT;
        return 0;
    }

    snprintf(handle, sizeof(handle), "0x%08x", index);
    if ( FBC_TOOL(t, e, "tpm2_nvreadpublic", handle) )
        return -1;
    r->state = by_name(t->out, index, policy);

    return 0;
}

int fbc_nv_define(struct fbc_tools *t, uint32_t index,
                  const uint8_t policy[static FBC_HASH_LEN], const char *auth,
                  struct fbc_error *e)
{
    char handle[16];

    snprintf(handle, sizeof(handle), "0x%08x", index);

    return fbc_tools_write(t, "policy", policy, FBC_HASH_LEN, e) ||
           FBC_TOOL(t, e, "tpm2_nvdefine", "-Q", handle, "-C", "o", "-P",
                    auth, "-s", "32", "-g", "sha256", "-L", "policy", "-a",
                    ATTRIBUTES) ? -1 : 0;
}

int fbc_nv_undefine(struct fbc_tools *t, uint32_t index, const char *auth,
                    struct fbc_error *e)
{
    char handle[16];

    snprintf(handle, sizeof(handle), "0x%08x", index);

    return FBC_TOOL(t, e, "tpm2_nvundefine", "-Q", handle, "-C", "o", "-P",
                    auth);
}
