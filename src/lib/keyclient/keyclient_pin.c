/* SPDX-License-Identifier: GPL-2.0-only */
/* A host whose evidence is right: is it the one, and then its key. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/cli.h"
#include "lib/keyclient/keyclient_known.h"
#include "lib/verify/adminkey.h"

#define RULE "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"

struct fingerprints {
    char ek[FBC_FINGERPRINT_TEXT], admin[FBC_FINGERPRINT_TEXT];
};

static void print(const struct fbc_known_host *h, struct fingerprints *f)
{
    fbc_fingerprint(h->ek, f->ek);
    if ( fbc_admin_fingerprint(h->admin, f->admin) )
        strcpy(f->admin, "unknown");
}

static int refuse_new(const struct fbc_known_host *s,
                      const struct fingerprints *f, bool asked,
                      struct fbc_error *e)
{
    fbc_keyclient_refuse(e, FBC_EXIT_NO, s->name, "host-unknown", asked
                         ? "was not accepted"
                         : "is not among the known hosts");
    if ( asked )
        return -1;

    return fbc_hint(e, "its administrator's key is %s: compare that, then use "
                    "--pin accept-new, or --admin with the key", f->admin);
}

/*
 * Which AK is that EK's, and what the host should run, is the administrator's
 * word alone: it is his key that is to be compared, not the EK, which anybody
 * can name who has seen it.
 */
static int meet(const struct fbc_keyclient_args *a,
                const struct fbc_keyclient *c, const struct fingerprints *f,
                struct fbc_error *e)
{
    const struct fbc_known_host *s = &c->shown;
    char question[1024];
    bool yes;

    if ( c->trusted || a->pin == FBC_PIN_ACCEPT_NEW )
        return 0;
    if ( a->pin == FBC_PIN_STRICT )
        return refuse_new(s, f, false, e);

    snprintf(question, sizeof(question),
             "The host %s of %s is not known yet.\n"
             "Its evidence is right, if who registered it told the truth: TPM "
             "and golden\n"
             "values \"%.*s\" are his word alone.\n"
             "Its administrator     %s\n"
             "Its TPM's EK          %s\n",
             s->name, s->server, FBC_LABEL_MAX, c->verdict.golden->name,
             f->admin, f->ek);
    if ( fbc_known_ask(question, "administrator's fingerprint", f->admin,
                       &yes) )
        return refuse_new(s, f, false, e);

    return yes ? 0 : refuse_new(s, f, true, e);
}

/* Nobody should miss this. */
static int changed(const char *path, unsigned int line, const char *title,
                   const char *reason, const char *what,
                   const struct fbc_known_host *s, const char *was,
                   const char *is, struct fbc_error *e)
{
    fprintf(stderr, RULE "\n@ %-55s @\n" RULE "\n"
            "Somebody may be passing another machine off as %s, or another\n"
            "administrator's word as that of yours.  It may also be that its\n"
            "%s was exchanged for good reasons: ask its administrator.\n"
            "known: %s\nshown: %s\nKnown hosts: %s, line %u\n",
            title, s->name, what, was, is, path, line);
    fbc_keyclient_refuse(e, FBC_EXIT_NO, s->name, reason,
                         "is not what is known of this host");

    return fbc_hint(e, "once you know why: fbc-wrapkey --forget %s",
                    s->name);
}

static int refuse_old(const struct fbc_known_host *s,
                      const struct fbc_known_host *pinned,
                      struct fbc_error *e)
{
    fbc_fail(e, FBC_EXIT_NO, s->name, "serial: registration %llu was seen "
             "already, and %llu is shown", (unsigned long long)pinned->serial,
             (unsigned long long)s->serial);

    return fbc_hint(e, "an old registration may allow what was withdrawn "
                    "since: ask its administrator");
}

static bool has_changed(const struct fbc_known_host *s,
                        const struct fbc_known_host *p)
{
    return s->serial != p->serial ||
           memcmp(s->admin, p->admin, sizeof(s->admin)) ||
           memcmp(s->vmm_key, p->vmm_key, sizeof(s->vmm_key));
}

static int meet_again(const char *path, const struct fbc_keyclient *c,
                      enum fbc_pin pin, const struct fbc_known_host *pinned,
                      unsigned int line, struct fbc_error *e)
{
    const struct fbc_known_host *s = &c->shown;
    struct fingerprints was, is;

    print(pinned, &was);
    print(s, &is);
    if ( pin == FBC_PIN_EK )
        return changed(path, line, "WARNING: THE HOST HAS ANOTHER TPM!",
                       "ek-changed", "TPM", s, was.ek, is.ek, e);
    if ( pin == FBC_PIN_ADMIN && !c->trusted )
        return changed(path, line, "WARNING: ANOTHER ADMINISTRATOR SPEAKS "
                       "FOR THE HOST!", "admin-changed",
                       "administrator's key", s, was.admin, is.admin, e);
    if ( s->serial < pinned->serial )
        return refuse_old(s, pinned, e);

    if ( memcmp(s->vmm_key, pinned->vmm_key, sizeof(s->vmm_key)) )
        fbc_cli_warn("%s: its hypervisor has another key than last time, and "
                     "evidence for it", s->name);
    if ( pin == FBC_PIN_ADMIN )
        fbc_cli_warn("%s: now registered by %s", s->name, is.admin);

    return has_changed(s, pinned) ? fbc_known_store(path, s, pinned, e) : 0;
}

static int pin_host(const struct fbc_keyclient_args *a,
                    const struct fbc_keyclient *c, struct fbc_error *e)
{
    const struct fbc_known_host *s = &c->shown;
    struct fbc_known_host pinned;
    struct fingerprints f;
    char path[PATH_MAX];
    unsigned int line;
    enum fbc_pin pin;

    if ( fbc_keyclient_known(a, path, e) ||
         fbc_known_check(path, s, &pin, &pinned, &line, e) )
        return -1;
    if ( pin != FBC_PIN_NEW )
        return meet_again(path, c, pin, &pinned, line, e);

    print(s, &f);
    if ( meet(a, c, &f, e) || fbc_known_store(path, s, NULL, e) )
        return -1;
    fbc_cli_warn("%s: pinned in %s: administrator %s, EK %s", s->name, path,
                 f.admin, f.ek);

    return 0;
}

int fbc_keyclient_vmm_key(const struct fbc_keyclient_args *a,
                          uint8_t vmm[static FBC_KEY_LEN],
                          struct fbc_error *e)
{
    struct fbc_keyclient *c = calloc(1, sizeof(*c));
    int rc;

    if ( !c )
        return fbc_fail_core(e, a->server, FBC_ERR_NOMEM);

    rc = fbc_keyclient_fetch(a, c, e) || fbc_keyclient_check(a, c, e) ||
         pin_host(a, c, e) ? -1 : 0;
    if ( !rc )
    {
        memcpy(vmm, c->shown.vmm_key, FBC_KEY_LEN);
        if ( !c->verdict.overwrites )
            fbc_cli_warn("%s: its memory outlives a reset", a->host);
    }
    free(c);

    return rc;
}
