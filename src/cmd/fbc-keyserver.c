/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-keyserver: hands out hypervisors' keys with the proof that goes along. */
#include <string.h>

#include "lib/base/subcmd.h"
#include "lib/keyserver/keyserver_cmd.h"

static const char help[] =
    "usage: fbc-keyserver serve --database DATABASE --tls-cert FILE\n"
    "                           --tls-key FILE --admin FILE...\n"
    "       fbc-keyserver admin-keygen -o FILE | -y FILE\n"
    "       fbc-keyserver sign --key FILE --host FILE --golden FILE\n"
    "                          --roots FILE > registration\n"
    "       fbc-keyserver sign --key FILE --revoke NAME > revocation\n"
    "       fbc-keyserver register --server URL registration|revocation\n"
    "       fbc-keyserver log [--verify] DATABASE|LOG\n"
    "       fbc-keyserver backup --database FILE COPY\n"
    "\n"
    "Give clients a host's hypervisor key, with fresh evidence for it.\n"
    "\n"
    "serve:\n"
    "  -d, --database DATABASE hosts and decision log: a file (also of\n"
    "                          backup), or postgresql://USER@HOST/NAME\n"
    "      --tls-cert FILE     PEM, certificate and intermediates\n"
    "      --tls-key FILE      PEM, its secret key\n"
    "  -a, --admin FILE        public key of an administrator, up to 32 times\n"
    "  -l, --listen ADDR:PORT  where (127.0.0.1:8443); not when a socket is\n"
    "                          passed by the service manager\n"
    "      --wait SECONDS      how long a host may take (10)\n"
    "      --rate-client N     requests a second from an address (20)\n"
    "      --rate-host N       key requests a second for a host (5)\n"
    "      --connections N     at most, in all (4096)\n"
    "      --per-client N      at most, from an address (64)\n"
    "      --metrics PORT      counts, at http://127.0.0.1:PORT/metrics\n"
    "admin-keygen:\n"
    "  -o, --output FILE       make a secret key in FILE; print the public "
    "one\n"
    "  -y, --public FILE       print the public key of a secret key\n"
    "sign:\n"
    "  -k, --key FILE          administrator's secret key\n"
    "  -H, --host FILE         host record, from fbc-attest enroll\n"
    "  -g, --golden FILE       golden values, up to 8 times\n"
    "  -r, --roots FILE        PEM, up to 4 roots of TPM makers\n"
    "      --serial N          above those signed before (the time, in s)\n"
    "      --revoke NAME       take this host's registration back\n"
    "register:\n"
    "  -s, --server URL        https://HOST[:PORT]\n"
    "      --cacert FILE       PEM, in place of the system's authorities\n"
    "log:\n"
    "      --verify            check the hash chain; print its end\n"
    "      --known N:HASH      the chain must have this entry\n"
    "      --from N            begin with this entry\n"
    "all:\n"
    "  -j, --json              serve, log --verify: JSON objects\n"
    FBC_CLI_HELP;

/* Options as bits; those with an argument come first. */
enum opt {
    O_DATABASE, O_TLS_CERT, O_TLS_KEY, O_ADMIN, O_LISTEN, O_WAIT,
    O_RATE_CLIENT, O_RATE_HOST, O_CONNECTIONS, O_PER_CLIENT, O_OUTPUT,
    O_PUBLIC, O_KEY, O_HOST, O_GOLDEN, O_ROOTS, O_SERIAL, O_REVOKE, O_SERVER,
    O_CACERT, O_KNOWN, O_FROM, O_METRICS, O_VERIFY, O_JSON, O_COUNT
};

#define BIT(o) (1u << O_ ## o)

#define ARGUMENT(name, o) FBC_SUBCMD_ARGUMENT(name, O_ ## o)
#define FLAG(name, o) FBC_SUBCMD_FLAG(name, O_ ## o)

static const struct option options[] = {
    ARGUMENT("database", DATABASE), ARGUMENT("tls-cert", TLS_CERT),
    ARGUMENT("tls-key", TLS_KEY), ARGUMENT("admin", ADMIN),
    ARGUMENT("listen", LISTEN), ARGUMENT("wait", WAIT),
    ARGUMENT("rate-client", RATE_CLIENT), ARGUMENT("rate-host", RATE_HOST),
    ARGUMENT("connections", CONNECTIONS),
    ARGUMENT("per-client", PER_CLIENT), ARGUMENT("output", OUTPUT),
    ARGUMENT("public", PUBLIC), ARGUMENT("key", KEY), ARGUMENT("host", HOST),
    ARGUMENT("golden", GOLDEN), ARGUMENT("roots", ROOTS),
    ARGUMENT("serial", SERIAL), ARGUMENT("revoke", REVOKE),
    ARGUMENT("server", SERVER), ARGUMENT("cacert", CACERT),
    ARGUMENT("known", KNOWN), ARGUMENT("from", FROM),
    ARGUMENT("metrics", METRICS),
    FLAG("verify", VERIFY), FLAG("json", JSON),
    FBC_CLI_LONG
};

/* Short forms of the first ones, in the order of enum opt; ' ': none. */
static const char shorts[] = "d  al     oykHgr  s     j";

_Static_assert(sizeof(shorts) - 1 == O_COUNT, "a short form for each");

static const struct command {
    struct fbc_subcmd cli;
    const char *operand;        /* what it is called, or NULL: none */
    fbc_ks_cmd *run;
} commands[] = {
    { { "serve", 0, BIT(DATABASE) | BIT(TLS_CERT) | BIT(TLS_KEY) | BIT(ADMIN),
      BIT(LISTEN) | BIT(WAIT) | BIT(RATE_CLIENT) | BIT(RATE_HOST) |
      BIT(CONNECTIONS) | BIT(PER_CLIENT) | BIT(METRICS) | BIT(JSON) }, NULL,
      fbc_ks_cmd_serve },
    { { "admin-keygen", BIT(PUBLIC), 0, 0 }, NULL, fbc_ks_cmd_keygen },
    { { "admin-keygen", 0, BIT(OUTPUT), 0 }, NULL, fbc_ks_cmd_keygen },
    { { "sign", BIT(REVOKE), BIT(KEY), BIT(SERIAL) | BIT(OUTPUT) }, NULL,
      fbc_ks_cmd_revoke },
    { { "sign", 0, BIT(KEY) | BIT(HOST) | BIT(GOLDEN) | BIT(ROOTS),
      BIT(SERIAL) | BIT(OUTPUT) }, NULL, fbc_ks_cmd_sign },
    { { "register", 0, BIT(SERVER), BIT(CACERT) }, "FILE",
      fbc_ks_cmd_register },
    { { "log", 0, 0, BIT(VERIFY) | BIT(KNOWN) | BIT(FROM) | BIT(JSON) }, "FILE",
      fbc_ks_cmd_log },
    { { "backup", 0, BIT(DATABASE), 0 }, "COPY", fbc_ks_cmd_backup },
};

#define MEMBER(o, name) [O_ ## o] = offsetof(struct fbc_ks_args, name)

/* Fields for arguments taken as they are; 0: set_other(). */
static const size_t members[O_COUNT] = {
    MEMBER(DATABASE, config.database), MEMBER(TLS_CERT, config.tls_cert),
    MEMBER(TLS_KEY, config.tls_key), MEMBER(LISTEN, config.listen),
    MEMBER(OUTPUT, output), MEMBER(PUBLIC, public), MEMBER(KEY, key),
    MEMBER(HOST, host), MEMBER(ROOTS, roots), MEMBER(REVOKE, revoke),
    MEMBER(SERVER, server), MEMBER(CACERT, cacert), MEMBER(KNOWN, known),
};

/* -1, or the exit status of a usage error. */
static int number(const char *name, unsigned long min, unsigned long max,
                  unsigned long *out)
{
    return fbc_cli_number(name, optarg, min, max, out) ? FBC_EXIT_USAGE : -1;
}

static int small(const char *name, unsigned long min, unsigned long max,
                 unsigned int *out)
{
    unsigned long v = 0;
    int rc = number(name, min, max, &v);

    if ( rc < 0 )
        *out = (unsigned int)v;

    return rc;
}

static int set_other(struct fbc_ks_args *a, unsigned int o)
{
    unsigned int port = 0;
    char name[32];
    int rc;

    snprintf(name, sizeof(name), "--%s", options[o].name);
    switch ( o )
    {
    case O_ADMIN:
        if ( a->admins == FBC_KS_ADMINS_MAX )
            return fbc_cli_usage(name, "more than %u", FBC_KS_ADMINS_MAX);
        a->admin[a->admins++] = optarg;
        return -1;

    case O_GOLDEN:
        if ( a->goldens == FBC_REG_GOLDENS )
            return fbc_cli_usage(name, "more than %u", FBC_REG_GOLDENS);
        a->golden[a->goldens++] = optarg;
        return -1;

    case O_WAIT:
        return small(name, 1, 60, &a->config.wait);

    case O_RATE_CLIENT:
        return small(name, 0, 1000000, &a->config.rate_client);

    case O_RATE_HOST:
        return small(name, 0, 1000000, &a->config.rate_host);

    case O_CONNECTIONS:
        return small(name, 16, 100000, &a->config.connections);

    case O_PER_CLIENT:
        return small(name, 0, 100000, &a->config.per_client);

    case O_SERIAL:
        return number(name, 1, INT64_MAX, &a->serial);

    case O_FROM:
        return number(name, 1, INT64_MAX, &a->from);

    case O_METRICS:
        rc = small(name, 0, 65535, &port);
        a->config.metrics = rc < 0 ? (int)port : -1;
        return rc;

    case O_VERIFY:
        a->verify = true;
        return -1;

    case O_JSON:
        a->json = true;
        return -1;
    }

    return -1;
}

static int set(void *args, unsigned int o)
{
    if ( o != O_DATABASE && !members[o] )
        return set_other(args, o);
    *(const char **)((char *)args + members[o]) = optarg;

    return -1;
}

static const struct fbc_subcmds subcmds = {
    .options = options, .shorts = shorts,
    .repeatable = BIT(GOLDEN) | BIT(ADMIN),
    .table = commands, .entries = sizeof(commands) / sizeof(commands[0]),
    .entry_size = sizeof(commands[0]), .set = set,
};

int main(int argc, char **argv)
{
    struct fbc_ks_args a = {
        .config = { .listen = "127.0.0.1:8443", .wait = 10,
                    .rate_client = 20, .rate_host = 5, .connections = 4096,
                    .per_client = 64, .metrics = -1 },
        .output = "-",
    };
    const struct fbc_subcmd *cli;
    const struct command *c;
    unsigned int given;
    struct fbc_error e;
    int rc;

    fbc_cli_start("fbc-keyserver", help);
    rc = fbc_subcmd_parse(&subcmds, argc, argv, &a, &given, &cli);
    if ( rc >= 0 )
        return rc;

    c = (const struct command *)cli;
    if ( argc - optind > 1 + !!c->operand )
        return fbc_cli_usage(argv[optind + 1 + !!c->operand],
                             "unexpected argument");
    if ( argc - optind < 1 + !!c->operand )
        return fbc_cli_usage(c->operand, "is needed");
    a.operand = argv[optind + 1];
    if ( a.known && !a.verify )
        return fbc_cli_usage("--known", "goes with --verify");
    if ( a.json && !a.verify && !strcmp(cli->name, "log") )
        return fbc_cli_usage("--json", "goes with --verify");
    if ( !strcmp(cli->name, "admin-keygen") && !strcmp(a.output, "-") &&
         !a.public )
        return fbc_cli_usage("-o -", "a secret key goes into a file");
    if ( !strcmp(cli->name, "backup") && !strcmp(a.operand, "-") )
        return fbc_cli_usage("-", "a copy goes into a file");

    rc = c->run(&a, &e);

    return rc < 0 ? fbc_cli_fail(&e) : fbc_cli_finish(rc);
}
