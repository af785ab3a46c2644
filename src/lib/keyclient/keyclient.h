/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client of the key server (fbc-keyserver-formats(5)): asks for a host's
 * hypervisor key and believes nothing that it cannot check itself.
 */
#ifndef FBC_LIB_KEYCLIENT_H
#define FBC_LIB_KEYCLIENT_H

#include "lib/keyclient/knownhosts.h"
#include "lib/verify/attest_verify.h"
#include "parse/attest/release.h"

#define FBC_ADMIN_MAX 8

struct fbc_keyclient_args {
    const char *server, *host;      /* URL; name */
    const char *cacert;             /* NULL: the system's */
    unsigned int seconds;           /* at most, for the server's answer */
    /* The client's own, in place of what the registration says; NULL, 0. */
    const char *roots, *golden[FBC_GOLDEN_MAX];
    size_t goldens;
    bool require_overwrite;         /* as in struct fbc_attest */
    /* Files of the administrators' keys that are trusted; 0: see pin. */
    const char *admin[FBC_ADMIN_MAX];
    size_t admins;
    enum fbc_pin_mode pin;
    const char *known_hosts;        /* NULL: the default */
    bool expired_ek;                /* is as good as another */
};

/* Large. */
struct fbc_keyclient {
    uint8_t nonce[FBC_TPM_NONCE_LEN];
    struct fbc_release release;
    struct fbc_registration registration;
    struct fbc_registered registered;
    struct fbc_golden golden[FBC_GOLDEN_MAX];   /* the client's own */
    struct fbc_evidence evidence;
    struct fbc_verdict verdict;
    struct fbc_known_host shown;    /* what the server presents, checked */
    bool trusted;                   /* by a key of args->admin */
};

/* "keys.example:443: REASON: TEXT"; returns -1. */
int fbc_keyclient_refuse(struct fbc_error *e, enum fbc_exit status,
                         const char *what, const char *reason,
                         const char *text);

/* Draws the nonce and fills the release, which is well-formed then. */
int FBC_MUST_CHECK fbc_keyclient_fetch(const struct fbc_keyclient_args *a,
                                       struct fbc_keyclient *c,
                                       struct fbc_error *e);

/*
 * Checks it: names, the administrator's signature, that the administrator is
 * among args->admin if that is given, and the evidence, as fbc_attest_check()
 * does.  Fills c->shown.  Whether registration and host are the ones meant is
 * still to be asked.
 */
int FBC_MUST_CHECK fbc_keyclient_check(const struct fbc_keyclient_args *a,
                                       struct fbc_keyclient *c,
                                       struct fbc_error *e);

/*
 * All of it: fetches and checks, holds what is shown against the known hosts,
 * asks if need be (it talks on standard error and on the terminal) and
 * remembers the host, warns if its memory outlives a reset.  vmm: the key of
 * its hypervisor.
 */
int FBC_MUST_CHECK fbc_keyclient_vmm_key(const struct fbc_keyclient_args *a,
                                         uint8_t vmm[static FBC_KEY_LEN],
                                         struct fbc_error *e);

/*
 * The host a->host showed vmm itself, and nobody vouches for it: the same for
 * that.
 */
int FBC_MUST_CHECK fbc_keyclient_direct(const struct fbc_keyclient_args *a,
                                        const uint8_t vmm[static FBC_KEY_LEN],
                                        struct fbc_error *e);

#endif /* FBC_LIB_KEYCLIENT_H */
