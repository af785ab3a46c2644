/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-attest: is this the hypervisor's key, on a host that booted right? */
#include <string.h>

#include "lib/attest/attest_cmd.h"
#include "lib/base/subcmd.h"

static const char help[] =
    "usage: fbc-attest nonce\n"
    "       fbc-attest enroll --vmm-key FILE [--chain FILE] > request\n"
    "       fbc-attest enroll --challenge request --roots FILE\n"
    "                         --pending FILE > challenge\n"
    "       fbc-attest enroll --activate challenge > response\n"
    "       fbc-attest enroll --accept response --pending FILE --name NAME\n"
    "                         > host-record\n"
    "       fbc-attest quote --nonce HEX --vmm-key FILE > evidence\n"
    "       fbc-attest agent --server URL --host NAME --vmm-key FILE\n"
    "       fbc-attest golden --image FILE --firmware FILE --name NAME\n"
    "                         --provenance TEXT > golden\n"
    "       fbc-attest provision --golden FILE --owner-auth FILE\n"
    "                            --lockout-auth FILE\n"
    "       fbc-attest verify --nonce HEX --host FILE --golden FILE\n"
    "                         --roots FILE [evidence] > vmm.pub\n"
    "       fbc-attest explain [OPTIONS of verify] [evidence]\n"
    "\n"
    "Attest a host: prove which image it booted and which key that has.\n"
    "\n"
    "enroll, quote, agent, on the host:\n"
    "  -k, --vmm-key FILE      the hypervisor's public key; agent: or auto\n"
    "  -a, --ak FILE           attestation key (/var/lib/fbcrypt/ak)\n"
    "  -c, --chain FILE        PEM, intermediates of the EK certificate\n"
    "  -e, --ek-cert FILE      EK certificate, when the TPM holds none\n"
    "      --activate FILE     answer this challenge\n"
    "  -s, --server URL        agent: the key server, https://...\n"
    "      --cacert FILE       PEM, certificates to trust for TLS\n"
    "enroll, on the verifier:\n"
    "      --challenge FILE    check this request and challenge it\n"
    "      --accept FILE       check this response\n"
    "  -p, --pending FILE      what is kept from challenge to accept\n"
    "verify, explain:\n"
    "  -n, --nonce HEX         the verifier's nonce (also of quote)\n"
    "  -H, --host FILE         host record; agent: the host's name\n"
    "  -g, --golden FILE       golden values, up to 8 times; one must fit\n"
    "  -r, --roots FILE        PEM, roots of TPM makers (also of enroll)\n"
    "  -u, --update            keep the quote's counters in the host record\n"
    "      --require-overwrite refuse a host whose memory outlives a reset\n"
    "      --expired-ek        take an EK certificate that has expired (also\n"
    "                          enroll --challenge)\n"
    "golden:\n"
    "      --image FILE        EFI image; --vmm-key pins a key, too\n"
    "      --firmware FILE     PCR 0, 2, 7: evidence, golden values, or raw\n"
    "      --provenance TEXT   where they are from\n"
    "      --name NAME         of these values (also of a host: enroll)\n"
    "provision, on the host:\n"
    "      --owner-auth FILE   authorization value of the owner\n"
    "      --lockout-auth FILE the same of the lockout hierarchy\n"
    "      --index NUMBER      NV index (0x01500021)\n"
    "      --replace           delete an index that is there, and its key\n"
    "      --check             change nothing: is it provisioned?\n"
    "all:\n"
    "  -o, --output FILE       in place of standard output\n"
    "  -j, --json              verify, explain, provision: a JSON object\n"
    FBC_CLI_HELP;

/* Options as bits; those with an argument come first. */
enum opt {
    O_NONCE, O_HOST, O_GOLDEN, O_ROOTS, O_AK, O_VMM_KEY, O_CHAIN, O_EK_CERT,
    O_CHALLENGE, O_ACTIVATE, O_ACCEPT, O_PENDING, O_IMAGE, O_FIRMWARE,
    O_PROVENANCE, O_NAME, O_OWNER_AUTH, O_LOCKOUT_AUTH, O_INDEX, O_SERVER,
    O_CACERT, O_OUTPUT, O_UPDATE, O_REPLACE, O_CHECK, O_JSON, O_EXPIRED_EK,
    O_REQUIRE_OVERWRITE, O_COUNT
};

#define BIT(o) (1u << O_ ## o)

#define ARGUMENT(name, o) FBC_SUBCMD_ARGUMENT(name, O_ ## o)
#define FLAG(name, o) FBC_SUBCMD_FLAG(name, O_ ## o)

static const struct option options[] = {
    ARGUMENT("nonce", NONCE), ARGUMENT("host", HOST),
    ARGUMENT("golden", GOLDEN), ARGUMENT("roots", ROOTS),
    ARGUMENT("ak", AK), ARGUMENT("vmm-key", VMM_KEY),
    ARGUMENT("chain", CHAIN), ARGUMENT("ek-cert", EK_CERT),
    ARGUMENT("challenge", CHALLENGE), ARGUMENT("activate", ACTIVATE),
    ARGUMENT("accept", ACCEPT), ARGUMENT("pending", PENDING),
    ARGUMENT("image", IMAGE), ARGUMENT("firmware", FIRMWARE),
    ARGUMENT("provenance", PROVENANCE), ARGUMENT("name", NAME),
    ARGUMENT("owner-auth", OWNER_AUTH),
    ARGUMENT("lockout-auth", LOCKOUT_AUTH), ARGUMENT("index", INDEX),
    ARGUMENT("server", SERVER), ARGUMENT("cacert", CACERT),
    ARGUMENT("output", OUTPUT), FLAG("update", UPDATE),
    FLAG("replace", REPLACE), FLAG("check", CHECK), FLAG("json", JSON),
    FLAG("expired-ek", EXPIRED_EK),
    FLAG("require-overwrite", REQUIRE_OVERWRITE),
    FBC_CLI_LONG
};

/* Short forms of the first ones, in the order of enum opt; ' ': none. */
static const char shorts[] = "nHgrakce   p       s ou  j  ";

_Static_assert(sizeof(shorts) - 1 == O_COUNT, "a short form for each");

#define HOST_SIDE (BIT(AK) | BIT(VMM_KEY) | BIT(CHAIN) | BIT(EK_CERT) | \
                   BIT(OUTPUT))
#define CHECKING  (BIT(NONCE) | BIT(HOST) | BIT(GOLDEN) | BIT(ROOTS))
#define MODES     (BIT(CHALLENGE) | BIT(ACTIVATE) | BIT(ACCEPT))

static const struct command {
    struct fbc_subcmd cli;
    bool evidence;              /* takes one as its operand */
    fbc_attest_cmd *run;
} commands[] = {
    { { "nonce", 0, 0, 0 }, false, fbc_cmd_nonce },
    { { "enroll", 0, BIT(VMM_KEY), HOST_SIDE }, false, fbc_cmd_request },
    { { "enroll", BIT(CHALLENGE), BIT(ROOTS) | BIT(PENDING),
      BIT(OUTPUT) | BIT(EXPIRED_EK) },
      false, fbc_cmd_challenge },
    { { "enroll", BIT(ACTIVATE), 0, BIT(AK) | BIT(OUTPUT) }, false,
      fbc_cmd_activate },
    { { "enroll", BIT(ACCEPT), BIT(PENDING) | BIT(NAME), BIT(OUTPUT) }, false,
      fbc_cmd_accept },
    { { "quote", 0, BIT(NONCE) | BIT(VMM_KEY), HOST_SIDE }, false,
      fbc_cmd_quote },
    { { "agent", 0, BIT(SERVER) | BIT(HOST) | BIT(VMM_KEY),
      BIT(AK) | BIT(CHAIN) | BIT(EK_CERT) | BIT(CACERT) }, false,
      fbc_cmd_agent },
    { { "golden", 0, BIT(IMAGE) | BIT(FIRMWARE) | BIT(PROVENANCE) | BIT(NAME),
      BIT(VMM_KEY) | BIT(OUTPUT) }, false, fbc_cmd_golden },
    { { "provision", BIT(CHECK), BIT(GOLDEN), BIT(INDEX) | BIT(JSON) }, false,
      fbc_cmd_provision },
    { { "provision", 0, BIT(GOLDEN) | BIT(OWNER_AUTH) | BIT(LOCKOUT_AUTH),
      BIT(INDEX) | BIT(REPLACE) | BIT(JSON) }, false, fbc_cmd_provision },
    { { "verify", 0, CHECKING, BIT(UPDATE) | BIT(OUTPUT) | BIT(JSON) |
      BIT(EXPIRED_EK) | BIT(REQUIRE_OVERWRITE) }, true, fbc_cmd_verify },
    { { "explain", 0, 0, CHECKING | BIT(JSON) | BIT(EXPIRED_EK) |
      BIT(REQUIRE_OVERWRITE) }, true,
      fbc_cmd_explain },
};

#define MEMBER(o, name) [O_ ## o] = offsetof(struct fbc_attest_args, name)

/* Where the arguments go. */
static const size_t members[] = {
    MEMBER(NONCE, nonce), MEMBER(HOST, host), MEMBER(GOLDEN, golden),
    MEMBER(ROOTS, roots), MEMBER(AK, ak), MEMBER(VMM_KEY, vmm_key),
    MEMBER(CHAIN, chain), MEMBER(EK_CERT, ek_cert),
    MEMBER(CHALLENGE, operand), MEMBER(ACTIVATE, operand),
    MEMBER(ACCEPT, operand), MEMBER(PENDING, pending), MEMBER(IMAGE, image),
    MEMBER(FIRMWARE, firmware), MEMBER(PROVENANCE, provenance),
    MEMBER(NAME, name), MEMBER(OWNER_AUTH, owner_auth),
    MEMBER(LOCKOUT_AUTH, lockout_auth), MEMBER(INDEX, index),
    MEMBER(SERVER, server),
    MEMBER(CACERT, cacert), MEMBER(OUTPUT, output),
};

#define ARGUMENTS (sizeof(members) / sizeof(members[0]))

static int set(void *args, unsigned int o)
{
    struct fbc_attest_args *a = args;

    if ( o == O_GOLDEN )
    {
        if ( a->goldens == FBC_GOLDEN_MAX )
            return fbc_cli_usage("--golden", "more than %u", FBC_GOLDEN_MAX);
        a->golden[a->goldens++] = optarg;
    }
    else if ( o < ARGUMENTS )
        *(const char **)((char *)a + members[o]) = optarg;

    return -1;
}

static const struct fbc_subcmds subcmds = {
    .options = options, .shorts = shorts, .repeatable = BIT(GOLDEN),
    .table = commands, .entries = sizeof(commands) / sizeof(commands[0]),
    .entry_size = sizeof(commands[0]), .set = set,
};

int main(int argc, char **argv)
{
    struct fbc_attest_args a = { .ak = FBC_AK_FILE, .output = "-" };
    const struct fbc_subcmd *cli;
    const struct command *c;
    unsigned int given;
    struct fbc_error e;
    int rc;

    fbc_cli_start("fbc-attest", help);
    rc = fbc_subcmd_parse(&subcmds, argc, argv, &a, &given, &cli);
    if ( rc >= 0 )
        return rc;

    c = (const struct command *)cli;
    if ( argc - optind > 1 + c->evidence )
        return fbc_cli_usage(argv[optind + 1 + c->evidence],
                             "unexpected argument");
    if ( c->evidence )
        a.operand = argc - optind == 2 ? argv[optind + 1] : "-";
    a.update = given & BIT(UPDATE);
    a.replace = given & BIT(REPLACE);
    a.check = given & BIT(CHECK);
    a.json = given & BIT(JSON);
    a.expired_ek = given & BIT(EXPIRED_EK);
    a.require_overwrite = given & BIT(REQUIRE_OVERWRITE);

    rc = c->run(&a, &e);

    return rc < 0 ? fbc_cli_fail(&e) : fbc_cli_finish(rc);
}
