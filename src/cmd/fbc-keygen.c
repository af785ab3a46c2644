/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-keygen: make an owner key, show its public half and its VM's UUID. */
#include "core/kdf.h"
#include "lib/base/cli.h"
#include "lib/base/keyfile.h"
#include "lib/base/outfile.h"
#include "lib/base/random.h"
#include "lib/base/secmem.h"
#include "parse/text/keytext.h"

#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: fbc-keygen -o FILE\n"
    "       fbc-keygen -y FILE\n"
    "       fbc-keygen -u FILE [--xl]\n"
    "\n"
    "Make an owner key, or show what belongs to one.\n"
    "\n"
    "  -o, --output FILE       make a secret key in FILE; print the public "
    "key\n"
    "  -y, --public FILE       print the public key of a key file\n"
    "  -u, --uuid FILE         print the UUID for the VM of this owner\n"
    "      --xl                with -u: as the line for xl.cfg(5)\n"
    FBC_CLI_HELP;

enum { OPT_XL = FBC_CLI_LONG_BASE };

static const struct option options[] = {
    { "output", required_argument, NULL, 'o' },
    { "public", required_argument, NULL, 'y' },
    { "uuid", required_argument, NULL, 'u' },
    { "xl", no_argument, NULL, OPT_XL },
    FBC_CLI_LONG
};

struct names {                  /* of a public key */
    char id[FBC_KEYID_TEXT];
    char uuid[FBC_UUID_TEXT];
};

static int get_names(const uint8_t pub[static FBC_KEY_LEN], struct names *n,
                     struct fbc_error *e)
{
    uint8_t uuid[FBC_UUID_LEN];

    if ( fbc_kdf_uuid(pub, uuid) || fbc_keyid_text(pub, n->id) )
        return fbc_fail_core(e, "public key", FBC_ERR_CRYPTO);
    fbc_uuid_text(uuid, n->uuid);

    return 0;
}

static int print_public(const uint8_t pub[static FBC_KEY_LEN],
                        struct fbc_error *e)
{
    char comment[200];
    struct names n;

    if ( get_names(pub, &n, e) )
        return -1;
    snprintf(comment, sizeof(comment),
             "# fbcrypt owner public key %s\n# VM UUID %s\n", n.id, n.uuid);

    return fbc_keyfile_write(STDOUT_FILENO, "stdout", FBC_KEY_OWNER_PUBLIC,
                             pub, comment, e);
}

/* The public key is out before the secret key gets its name. */
static int generate(const char *path, struct fbc_error *e)
{
    uint8_t *secret = fbc_secret_alloc(FBC_KEY_LEN);
    struct fbc_outfile out;
    struct stat st;
    uint8_t pub[FBC_KEY_LEN];
    char comment[240];
    struct names n;
    int rc = -1;

    if ( !secret )
        return fbc_fail_errno(e, path);
    if ( fbc_outfile_open(&out, path, e) )
        goto wipe;

    if ( !lstat(path, &st) )
    {
        fbc_fail(e, FBC_EXIT_INPUT, path, "exists and will not be overwritten");
        goto out;
    }
    if ( fbc_random(secret, FBC_KEY_LEN, e) )
        goto out;
    if ( fbc_x25519_public(pub, secret) )
    {
        fbc_fail_core(e, path, FBC_ERR_CRYPTO);
        goto out;
    }
    if ( get_names(pub, &n, e) )
        goto out;

    snprintf(comment, sizeof(comment),
             "# fbcrypt owner secret key %s: keep it secret\n# VM UUID %s\n",
             n.id, n.uuid);
    if ( fbc_keyfile_write(out.fd, path, FBC_KEY_OWNER_SECRET, secret,
                           comment, e) ||
         print_public(pub, e) || fbc_outfile_commit(&out, false, e) )
        goto out;
    rc = 0;

 out:
    if ( rc )
        fbc_outfile_abort(&out);
 wipe:
    fbc_secret_free(secret, FBC_KEY_LEN);
    return rc;
}

static int show(const char *path, int what, bool xl, struct fbc_error *e)
{
    uint8_t pub[FBC_KEY_LEN];
    struct names n;

    if ( fbc_keyfile_owner_public(path, pub, e) )
        return -1;
    if ( what == 'y' )
        return print_public(pub, e);
    if ( get_names(pub, &n, e) )
        return -1;
    printf(xl ? "uuid = \"%s\"\n" : "%s\n", n.uuid);

    return 0;
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    int opt, rc, what = 0;
    struct fbc_error e;
    bool xl = false;

    fbc_cli_start("fbc-keygen", help);
    while ( (opt = getopt_long(argc, argv, ":o:y:u:" FBC_CLI_SHORT, options,
                               NULL)) != -1 )
        switch ( opt )
        {
        case 'o': case 'y': case 'u':
            if ( what )
                return fbc_cli_usage("-o, -y, -u", "one of them, once");
            what = opt;
            path = optarg;
            break;
        case OPT_XL:
            xl = true;
            break;
        default:
            if ( (rc = fbc_cli_option(opt, argv)) >= 0 )
                return rc;
        }

    if ( optind < argc )
        return fbc_cli_usage(argv[optind], "unexpected argument");
    if ( !what )
        return fbc_cli_usage("-o, -y, -u", "one of them is needed");
    if ( xl && what != 'u' )
        return fbc_cli_usage("--xl", "goes with -u");
    if ( what == 'o' && !strcmp(path, "-") )
        return fbc_cli_usage("-o -", "a secret key goes into a file");

    rc = what == 'o' ? generate(path, &e) : show(path, what, xl, &e);

    return rc ? fbc_cli_fail(&e) : fbc_cli_finish(FBC_EXIT_OK);
}
