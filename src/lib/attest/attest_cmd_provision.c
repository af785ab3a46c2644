/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-attest provision. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/attest/acpitpm.h"
#include "lib/attest/attest_auth.h"
#include "lib/attest/attest_cmd.h"
#include "lib/attest/attest_nv.h"
#include "lib/base/cli.h"
#include "lib/base/json.h"
#include "lib/base/secmem.h"
#include "lib/verify/attest_file.h"

/* Both hierarchies', from files. */
static int set_auths(const struct fbc_attest_args *a, struct fbc_esys *t,
                     const struct fbc_nv_report *r, struct fbc_error *e)
{
    struct { TPM2B_AUTH owner, lockout; } *s = fbc_secret_alloc(sizeof(*s));
    int rc;

    if ( !s )
        return fbc_fail_errno(e, "memory");
    rc = fbc_auth_read(a->owner_auth, &s->owner, e) ||
         fbc_auth_read(a->lockout_auth, &s->lockout, e) ||
         fbc_auth_set(t, ESYS_TR_RH_OWNER, r->owner_auth, &s->owner, e) ||
         fbc_auth_set(t, ESYS_TR_RH_LOCKOUT, r->lockout_auth, &s->lockout, e)
         ? -1 : 0;
    fbc_secret_free(s, sizeof(*s));

    return rc;
}

static int provision(const struct fbc_attest_args *a, struct fbc_esys *t,
                     uint32_t index, const struct fbc_golden *g,
                     struct fbc_nv_report *r, struct fbc_error *e)
{
    bool right = r->state == FBC_NV_UNWRITTEN || r->state == FBC_NV_SEALED;

    if ( r->state == FBC_NV_FOREIGN && !a->replace )
    {
        fbc_fail(e, FBC_EXIT_NO, "NV index", "0x%08x exists, for another "
                 "image or another purpose", index);
        return fbc_hint(e, "--replace deletes it; a key in it is lost");
    }
    if ( set_auths(a, t, r, e) )
        return -1;

    if ( right && !a->replace )
        fbc_cli_say("NV index 0x%08x is defined already", index);
    else if ( fbc_nv_undefine(t, index, e) ||
              fbc_nv_define(t, index, g->policy, e) )
        return -1;

    if ( fbc_nv_look(t, index, g->policy, r, e) )
        return -1;
    if ( r->state == FBC_NV_UNWRITTEN || r->state == FBC_NV_SEALED )
        return 0;

    return fbc_fail(e, FBC_EXIT_ENV, "NV index",
                    "the TPM did not define it as asked");
}

/* r NULL: nothing was found out. */
static void print_json(uint32_t index, const struct fbc_golden *g,
                       const struct fbc_nv_report *r,
                       const struct fbc_error *e)
{
    struct fbc_json j;
    char text[16];

    snprintf(text, sizeof(text), "0x%08x", index);
    fbc_json_begin(&j, stdout, "fbcrypt/attest-provision/1", !e);
    fbc_json_str(&j, "index", text);
    fbc_json_str(&j, "state", r ? fbc_nv_state_name(r->state) : NULL);
    if ( r )
    {
        fbc_json_hex(&j, "policy", g->policy, sizeof(g->policy));
        fbc_json_bool(&j, "owner_auth", r->owner_auth);
        fbc_json_bool(&j, "lockout_auth", r->lockout_auth);
    }
    else
    {
        fbc_json_null(&j, "policy");
        fbc_json_null(&j, "owner_auth");
        fbc_json_null(&j, "lockout_auth");
    }
    fbc_json_error(&j, e);
    fbc_json_end(&j);
}

/* Is everything as provisioning leaves it? */
static int check_index(uint32_t index, const struct fbc_nv_report *r,
                       struct fbc_error *e)
{
    if ( r->state != FBC_NV_UNWRITTEN && r->state != FBC_NV_SEALED )
        return fbc_fail(e, FBC_EXIT_NO, "NV index", "0x%08x is %s",
                        index, fbc_nv_state_name(r->state));
    if ( !r->owner_auth || !r->lockout_auth )
        return fbc_fail(e, FBC_EXIT_NO, "TPM", "the %s hierarchy has no "
                        "authorization value", r->owner_auth ? "lockout"
                        : "owner");

    return 0;
}

static int parse_index(const char *text, uint32_t *index, struct fbc_error *e)
{
    unsigned long v;
    char *end;

    if ( !text )
        return 0;
    errno = 0;
    v = strtoul(text, &end, 0);
    if ( text[0] != '0' || *end || errno || v >> 24 != 1 )
        return fbc_fail(e, FBC_EXIT_USAGE, "--index",
                        "is not from 0x01000000 to 0x01ffffff");
    *index = (uint32_t)v;

    return 0;
}

int fbc_cmd_provision(const struct fbc_attest_args *a, struct fbc_error *e)
{
    struct fbc_esys *t = calloc(1, sizeof(*t));
    uint32_t index = FBC_NV_INDEX;
    struct fbc_nv_report r;
    struct fbc_golden g;
    bool looked = false;
    int rc = -1;

    if ( !t )
        return fbc_fail_core(e, "memory", FBC_ERR_NOMEM);

    if ( a->goldens > 1 )
        fbc_fail(e, FBC_EXIT_USAGE, "--golden", "more than one");
    else if ( !parse_index(a->index, &index, e) &&
              !fbc_golden_read(a->golden[0], &g, e) &&
              !fbc_esys_open(t, e) &&
              !(fbc_tcti_on_device(&t->tcti) &&
                fbc_acpi_tpm_check(FBC_ACPI_TPM2, e)) &&
              !fbc_nv_look(t, index, g.policy, &r, e) )
    {
        looked = true;
        rc = a->check ? check_index(index, &r, e)
             : provision(a, t, index, &g, &r, e);
    }
    fbc_esys_close(t);
    free(t);

    if ( a->json )
        print_json(index, &g, looked ? &r : NULL, rc ? e : NULL);
    else if ( !rc && a->check )
        printf("%s\n", fbc_nv_state_name(r.state));

    return rc;
}
