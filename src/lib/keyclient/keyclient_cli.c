/* SPDX-License-Identifier: GPL-2.0-only */
/* The options by which a tool takes a hypervisor's key from a key server. */
#include "lib/keyclient/keyclient_cli.h"

#include "lib/base/https.h"
#include "lib/keyclient/keyclient_known.h"

bool fbc_keyclient_option(int opt, struct fbc_keyclient_cli *cli, int *rc)
{
    struct fbc_keyclient_args *a = &cli->args;
    unsigned long n;

    *rc = -1;
    switch ( opt )
    {
    case 's': a->server = optarg; return true;
    case FBC_KEYCLIENT_FORGET: cli->forget = optarg; return true;
    case FBC_KEYCLIENT_KNOWN_HOSTS: a->known_hosts = optarg; return true;
    case 'H': a->host = optarg; return true;
    case 'c': a->cacert = optarg; break;
    case FBC_KEYCLIENT_ROOTS: a->roots = optarg; break;
    case FBC_KEYCLIENT_EXPIRED_EK: a->expired_ek = true; break;
    case FBC_KEYCLIENT_OVERWRITE: a->require_overwrite = true; break;
    case 'a':
        if ( a->admins == FBC_ADMIN_MAX )
            *rc = fbc_cli_usage("--admin", "more than %u", FBC_ADMIN_MAX);
        else
            a->admin[a->admins++] = optarg;
        break;
    case 'g':
        if ( a->goldens == FBC_GOLDEN_MAX )
            *rc = fbc_cli_usage("--golden", "more than %u", FBC_GOLDEN_MAX);
        else
            a->golden[a->goldens++] = optarg;
        break;
    case 'p':
        if ( !fbc_pin_mode(optarg, &a->pin) )
            *rc = fbc_cli_usage("--pin", "%.60s: not ask, accept-new or "
                                "strict", optarg);
        cli->pin = true;
        return true;
    case FBC_KEYCLIENT_TIMEOUT:
        if ( fbc_cli_number("--timeout", optarg, 1, 300, &n) )
            *rc = FBC_EXIT_USAGE;
        else
            a->seconds = (unsigned int)n;
        break;
    default:
        return false;
    }
    cli->other = true;

    return true;
}

int fbc_keyclient_usage(const struct fbc_keyclient_cli *c, const char *to,
                        bool rest)
{
    const struct fbc_keyclient_args *a = &c->args;

    if ( c->forget )
        return to || rest || c->other || c->pin || a->host
               ? fbc_cli_usage("--forget", "goes with --from-server and "
                               "--known-hosts only") : -1;
    if ( to && (a->server || c->other) )
        return fbc_cli_usage("--to", "not with %s", a->server
                             ? "--from-server" : "options of --from-server");
    if ( to && !a->host && (c->pin || a->known_hosts) )
        return fbc_cli_usage("--host", "is needed with --pin and "
                             "--known-hosts");
    if ( !to && !a->server )
        return fbc_cli_usage("--to", "or --from-server is needed");
    if ( a->server && !a->host )
        return fbc_cli_usage("--host", "is needed with --from-server");

    return -1;
}

int fbc_keyclient_forget(const struct fbc_keyclient_cli *c,
                         struct fbc_error *e)
{
    char path[PATH_MAX], base[FBC_HTTPS_URL_MAX];
    char name[FBC_HTTPS_NAME_MAX] = FBC_KNOWN_DIRECT;
    const struct fbc_keyclient_args *a = &c->args;
    bool direct = !a->server || !strcmp(a->server, name), old = false;
    unsigned int count;

    if ( (!direct && fbc_https_url(a->server, base, name, e)) ||
         fbc_keyclient_known(a, path, e) ||
         fbc_known_forget(path, a->server ? name : NULL, c->forget, &count,
                          e) ||
         (direct && fbc_keyclient_drop(a, path, c->forget, &old, e)) )
        return -1;
    count += old;
    if ( !count )
        return fbc_fail(e, FBC_EXIT_NO, c->forget,
                        "is not among the known hosts");
    fbc_cli_say("%s: %u records removed", c->forget, count);

    return 0;
}
