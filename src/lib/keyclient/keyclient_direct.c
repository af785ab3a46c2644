/* SPDX-License-Identifier: GPL-2.0-only */
/* A host that shows its hypervisor's key itself: is it the pinned one? */
#include <stdio.h>

#include "lib/base/cli.h"
#include "lib/base/keyfile.h"
#include "lib/keyclient/keyclient_known.h"

static int refuse_new(const char *name, const char *id, bool asked,
                      struct fbc_error *e)
{
    fbc_fail(e, FBC_EXIT_NO, name, asked
             ? "host-unknown: its hypervisor key, %s, was not accepted"
             : "host-unknown: its hypervisor key, %s, is not pinned", id);
    if ( asked )
        return -1;

    return fbc_hint(e, "compare the id with the provider's, then use --pin "
                    "accept-new (fbc-view: -c accept-new)");
}

static int meet(const struct fbc_keyclient_args *a, const char *id,
                struct fbc_error *e)
{
    char question[512];
    bool yes;

    if ( a->pin == FBC_PIN_ACCEPT_NEW )
        return 0;
    if ( a->pin == FBC_PIN_STRICT )
        return refuse_new(a->host, id, false, e);

    snprintf(question, sizeof(question),
             "The hypervisor of %s shows the key %s.\n"
             "Compare this id with the one that you have from its provider.\n",
             a->host, id);
    if ( fbc_known_ask(question, "id", id, &yes) )
        return refuse_new(a->host, id, false, e);

    return yes ? 0 : refuse_new(a->host, id, true, e);
}

static int refuse_other(const char *name, const char *id,
                        const struct fbc_known_host *pinned,
                        struct fbc_error *e)
{
    char was[FBC_KEYID_TEXT];

    if ( fbc_keyid_text(pinned->vmm_key, was) )
        return fbc_fail_core(e, name, FBC_ERR_CRYPTO);
    fbc_fail(e, FBC_EXIT_NO, name, "vmm-changed: its hypervisor key is %s, "
             "the pinned one %s", id, was);

    return fbc_hint(e, "the host was rebooted, or dom0 shows a key of its "
                    "own: once you know that the new one is right, "
                    "fbc-wrapkey --forget %s -s none", name);
}

int fbc_keyclient_direct(const struct fbc_keyclient_args *a,
                         const uint8_t vmm[static FBC_KEY_LEN],
                         struct fbc_error *e)
{
    struct fbc_known_host shown = { .server = FBC_KNOWN_DIRECT }, pinned;
    char path[PATH_MAX], id[FBC_KEYID_TEXT];
    unsigned int line;
    enum fbc_pin pin;
    bool adopted;

    if ( !fbc_direct_name_ok(a->host) )
        return fbc_fail(e, FBC_EXIT_USAGE, a->host, "is not a valid host name");
    if ( fbc_keyid_text(vmm, id) )
        return fbc_fail_core(e, a->host, FBC_ERR_CRYPTO);
    strcpy(shown.name, a->host);
    memcpy(shown.vmm_key, vmm, FBC_KEY_LEN);

    if ( fbc_keyclient_known(a, path, e) ||
         fbc_known_check(path, &shown, &pin, &pinned, &line, e) )
        return -1;
    if ( pin == FBC_PIN_NEW &&
         (fbc_keyclient_adopt(a, path, a->host, &adopted, e) ||
          (adopted &&
           fbc_known_check(path, &shown, &pin, &pinned, &line, e))) )
        return -1;
    if ( pin == FBC_PIN_SAME )
        return 0;
    if ( pin != FBC_PIN_NEW )
        return refuse_other(a->host, id, &pinned, e);

    if ( meet(a, id, e) || fbc_known_store(path, &shown, NULL, e) )
        return -1;
    fbc_cli_warn("%s: pinned its hypervisor key, %s, in %s", a->host, id,
                 path);

    return 0;
}
