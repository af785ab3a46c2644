/* SPDX-License-Identifier: GPL-2.0-only */
/* The options by which a tool takes a hypervisor's key from a key server. */
#ifndef FBC_LIB_KEYCLIENT_CLI_H
#define FBC_LIB_KEYCLIENT_CLI_H

#include "lib/base/cli.h"
#include "lib/keyclient/keyclient.h"

#define FBC_KEYCLIENT_SECONDS 30    /* unless --timeout is given */

struct fbc_keyclient_cli {
    struct fbc_keyclient_args args;
    const char *forget;         /* a host to be forgotten, or NULL */
    bool pin;                   /* --pin was given */
    bool other;                 /* options for a server only were given */
};

enum {
    FBC_KEYCLIENT_ROOTS = FBC_CLI_LONG_BASE, FBC_KEYCLIENT_TIMEOUT,
    FBC_KEYCLIENT_FORGET, FBC_KEYCLIENT_KNOWN_HOSTS,
    FBC_KEYCLIENT_EXPIRED_EK, FBC_KEYCLIENT_OVERWRITE
};

#define FBC_KEYCLIENT_SHORT "s:H:c:a:p:g:"
#define FBC_KEYCLIENT_LONG \
    { "from-server", required_argument, NULL, 's' }, \
    { "host", required_argument, NULL, 'H' }, \
    { "cacert", required_argument, NULL, 'c' }, \
    { "admin", required_argument, NULL, 'a' }, \
    { "pin", required_argument, NULL, 'p' }, \
    { "golden", required_argument, NULL, 'g' }, \
    { "roots", required_argument, NULL, FBC_KEYCLIENT_ROOTS }, \
    { "require-overwrite", no_argument, NULL, FBC_KEYCLIENT_OVERWRITE }, \
    { "timeout", required_argument, NULL, FBC_KEYCLIENT_TIMEOUT }, \
    { "expired-ek", no_argument, NULL, FBC_KEYCLIENT_EXPIRED_EK }, \
    { "forget", required_argument, NULL, FBC_KEYCLIENT_FORGET }, \
    { "known-hosts", required_argument, NULL, FBC_KEYCLIENT_KNOWN_HOSTS }

#define FBC_KEYCLIENT_HELP \
    "the hypervisor's key from a key server, attested:\n" \
    "  -s, --from-server URL   the server, https://...\n" \
    "  -H, --host NAME         the host, as it is registered there; with\n" \
    "                          --to, the one that showed the key: pinned\n" \
    "  -c, --cacert FILE       PEM, certificates to trust for TLS\n" \
    "  -a, --admin FILE        administrator's public key, up to 8 times\n" \
    "  -p, --pin MODE          of a new host: ask, accept-new or strict\n" \
    "      --known-hosts FILE  (~/.config/fbcrypt/known_hosts)\n" \
    "  -g, --golden FILE       golden values of your own, up to 8 times\n" \
    "      --roots FILE        PEM, roots of TPM makers of your own\n" \
    "      --expired-ek        take an EK certificate that has expired\n" \
    "      --require-overwrite refuse a host whose memory outlives a reset\n" \
    "      --timeout SECONDS   wait so long for the server (30)\n" \
    "      --forget NAME       drop a host from the known ones\n"

/*
 * Takes one option: false if it is none of these.  *rc: -1, or the exit status
 * of a usage error.
 */
bool fbc_keyclient_option(int opt, struct fbc_keyclient_cli *c, int *rc);

/*
 * Do the options go together?  to: the key's file, given in place of a server,
 * or NULL; rest: others of the tool were given.  -1, or the exit status.
 */
int fbc_keyclient_usage(const struct fbc_keyclient_cli *c, const char *to,
                        bool rest);

/* Does what --forget asks for; server "none": of hosts known directly. */
int FBC_MUST_CHECK fbc_keyclient_forget(const struct fbc_keyclient_cli *c,
                                        struct fbc_error *e);

#endif /* FBC_LIB_KEYCLIENT_CLI_H */
