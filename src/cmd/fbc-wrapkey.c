/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-wrapkey: make a session key and seal it to one hypervisor. */
#include "core/blob.h"
#include "lib/base/cli.h"
#include "lib/base/filelock.h"
#include "lib/base/io.h"
#include "lib/base/keyfile.h"
#include "lib/base/outfile.h"
#include "lib/base/random.h"
#include "lib/base/secmem.h"
#include "lib/keyclient/keyclient_cli.h"
#include "parse/text/hex.h"
#include "parse/text/keytext.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: fbc-wrapkey --to VMM.pub [--host NAME] --from OWNER.key\n"
    "                   -o SESSION.key > blob\n"
    "       fbc-wrapkey --from-server URL --host NAME --from OWNER.key\n"
    "                   -o SESSION.key [OPTIONS] > blob\n"
    "       fbc-wrapkey --forget NAME [--from-server URL|none] "
    "[--known-hosts FILE]\n"
    "\n"
    "Make a session key; the sealed copy for the hypervisor goes to stdout.\n"
    "\n"
    "  -t, --to FILE           the hypervisor's public key\n"
    "  -f, --from FILE         the owner's secret key\n"
    "  -o, --output FILE       session key file, replaced when it is one\n"
    "  -e, --expires SECONDS   ask the host not to use the blob later\n"
    "  -r, --refresh MS        wanted time between two manifests\n"
    "  -i, --input HOW         sealed: the guest gets none but the tenant's "
    "input;\n"
    "                          plain (default): dom0's, too, until sealed "
    "comes\n"
    "  -l, --launch DIGEST     for a guest that fbc-launch(1) gives this "
    "digest\n"
    "                          (up to 8 times: for one of these)\n"
    FBC_KEYCLIENT_HELP
    FBC_CLI_HELP;

static const struct option options[] = {
    { "to", required_argument, NULL, 't' },
    { "from", required_argument, NULL, 'f' },
    { "output", required_argument, NULL, 'o' },
    { "expires", required_argument, NULL, 'e' },
    { "refresh", required_argument, NULL, 'r' },
    { "input", required_argument, NULL, 'i' },
    { "launch", required_argument, NULL, 'l' },
    FBC_KEYCLIENT_LONG,
    FBC_CLI_LONG
};

struct args {
    const char *to, *from, *output;
    unsigned long expires, refresh;
    bool sealed_input;
    unsigned int launches;      /* digests of which the guest must have one */
    uint8_t launch[FBC_SESSION_LAUNCHES][FBC_HASH_LEN];
    struct fbc_keyclient_cli client;
};

struct keys {                   /* in secret memory */
    uint8_t owner[FBC_KEY_LEN], ephemeral[FBC_KEY_LEN];
    struct fbc_session session;
    uint8_t file[FBC_SESSION_FILE_LEN];
};

/*
 * Only a session key is ever replaced, and never by an older number: *seq
 * becomes higher than that of the file that is there.
 */
static int check_old(const char *path, struct keys *k, uint64_t *seq,
                     bool *exists, struct fbc_error *e)
{
    struct stat st;
    uint64_t old;

    *exists = !lstat(path, &st) || errno != ENOENT;
    if ( !*exists )
        return 0;
    if ( fbc_keyfile_read(FBC_KEY_SESSION, path, k->file, e) )
        return fbc_hint(e, "only a session key file is replaced");

    old = fbc_get64(k->file + FBC_SESSION_SEQ);
    if ( old > UINT64_MAX - FBC_SESSION_LAUNCHES )
        return fbc_fail(e, FBC_EXIT_INPUT, path,
                        "has used up its sequence numbers");
    if ( *seq <= old )
        *seq = old + 1;

    return 0;
}

/*
 * A blob, or one for each digest, with rising numbers: *seq becomes the last.
 * All hold the same session key.
 */
static int seal(const struct args *a, struct keys *k,
                const uint8_t vmm[static FBC_KEY_LEN], uint64_t *seq,
                uint64_t not_after, const char *what, uint8_t *blobs,
                size_t *len, struct fbc_blob_info *info, struct fbc_error *e)
{
    unsigned int i = 0;
    enum fbc_err err;

    *len = 0;
    do {
        k->session.bound = a->launches;
        memcpy(k->session.launch, a->launch[i], FBC_HASH_LEN);
        if ( fbc_random(k->ephemeral, FBC_KEY_LEN, e) )
            return -1;
        *seq += !!i;
        err = fbc_blob_seal(blobs + *len, &k->session, *seq, not_after,
                            k->owner, vmm, k->ephemeral);
        if ( !err )
            err = fbc_blob_parse(blobs + *len, fbc_blob_len(&k->session),
                                 info);
        if ( err == FBC_ERR_CRYPTO )
            return fbc_fail(e, FBC_EXIT_INPUT, what,
                            "nothing can be sealed to this public key");
        if ( err )
            return fbc_fail_core(e, what, err);
        *len += fbc_blob_len(&k->session);
    } while ( ++i < a->launches );

    return 0;
}

/* Draws and seals; of two at once, each has to exceed the other's number. */
static int make(const struct args *a, struct keys *k,
                const uint8_t vmm[static FBC_KEY_LEN], struct fbc_error *e)
{
    uint8_t blobs[FBC_SESSION_LAUNCHES * FBC_BLOB_MAX];
    const char *what = a->to ? a->to : a->client.args.host;
    struct fbc_blob_info info;
    struct fbc_outfile out;
    struct timespec now;
    uint64_t seq;
    bool exists;
    size_t len;

    clock_gettime(CLOCK_REALTIME, &now);
    seq = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;

    if ( check_old(a->output, k, &seq, &exists, e) ||
         fbc_random(k->session.key, FBC_KEY_LEN, e) )
        return -1;

    k->session.refresh_ms = (uint16_t)a->refresh;
    k->session.sealed_input = a->sealed_input;
    if ( seal(a, k, vmm, &seq, a->expires ? (uint64_t)now.tv_sec + a->expires
              : 0, what, blobs, &len, &info, e) )
        return -1;
    if ( a->to && a->client.args.host &&
         fbc_keyclient_direct(&a->client.args, vmm, e) )
        return -1;

    memcpy(k->file + FBC_SESSION_KEY, k->session.key, FBC_KEY_LEN);
    memcpy(k->file + FBC_SESSION_UUID, info.uuid, FBC_UUID_LEN);
    memcpy(k->file + FBC_SESSION_VMM, info.vmm_hash, FBC_HASH_LEN);
    fbc_put64(k->file + FBC_SESSION_SEQ, seq);
    memset(k->file + FBC_SESSION_LAUNCH, 0, sizeof(a->launch));
    memcpy(k->file + FBC_SESSION_LAUNCH, a->launch,
           a->launches * FBC_HASH_LEN);

    /*
     * When the blob cannot be handed out, the old session key stays; and no
     * blob goes out before its session key is safe on the disk.
     */
    if ( fbc_outfile_open(&out, a->output, e) )
        return -1;
    if ( fbc_keyfile_write(out.fd, a->output, FBC_KEY_SESSION, k->file,
                           "# fbcrypt session key: keep it secret\n", e) ||
         fbc_outfile_sync(&out, e) )
        goto fail;
    if ( fbc_write(STDOUT_FILENO, blobs, len) )
    {
        fbc_fail_errno(e, "stdout");
        goto fail;
    }

    return fbc_outfile_commit(&out, exists, e);

 fail:
    fbc_outfile_abort(&out);
    return -1;
}

static int wrap(const struct args *a, struct keys *k, struct fbc_error *e)
{
    uint8_t vmm[FBC_KEY_LEN];
    uint64_t seq = 0;
    int lock, rc;
    bool exists;

    /* What is here should be right before a server is asked. */
    if ( fbc_cli_binary_stdout(e) ||
         (a->to && fbc_keyfile_read(FBC_KEY_VMM_PUBLIC, a->to, vmm, e)) ||
         fbc_keyfile_read(FBC_KEY_OWNER_SECRET, a->from, k->owner, e) ||
         check_old(a->output, k, &seq, &exists, e) ||
         (!a->to && fbc_keyclient_vmm_key(&a->client.args, vmm, e)) ||
         fbc_filelock(a->output, &lock, e) )
        return -1;
    rc = make(a, k, vmm, e);
    if ( lock >= 0 )
        close(lock);

    return rc;
}

/* -1, or the exit status of a usage error. */
static int add_launch(struct args *a, const char *text)
{
    uint8_t *digest;

    if ( a->launches == FBC_SESSION_LAUNCHES )
        return fbc_cli_usage("--launch", "%u times at most",
                             FBC_SESSION_LAUNCHES);
    digest = a->launch[a->launches++];
    if ( strlen(text) != 2 * FBC_HASH_LEN ||
         !fbc_hex_read(text, 2 * FBC_HASH_LEN, digest, FBC_HASH_LEN) ||
         fbc_is_zero(digest, FBC_HASH_LEN) )
        return fbc_cli_usage("--launch", "64 digits are needed, as "
                             "fbc-launch prints");

    return -1;
}

/* -1, or the exit status of a usage error. */
static int check_args(const struct args *a)
{
    int rc = fbc_keyclient_usage(&a->client, a->to, a->from || a->output);

    if ( rc >= 0 || a->client.forget )
        return rc;
    if ( !a->from || !a->output )
        return fbc_cli_usage("--from, -o", "both are needed");
    if ( !strcmp(a->output, "-") )
        return fbc_cli_usage("-o -", "a session key goes into a file");
    if ( a->to && !strcmp(a->to, "-") && !strcmp(a->from, "-") )
        return fbc_cli_usage("--from -", "standard input is taken by --to");

    return -1;
}

int main(int argc, char **argv)
{
    struct args a = { .client.args.seconds = FBC_KEYCLIENT_SECONDS };
    struct fbc_error e;
    struct keys *k;
    int opt, rc;

    fbc_cli_start("fbc-wrapkey", help);
    while ( (opt = getopt_long(argc, argv, ":t:f:o:e:r:i:l:" FBC_KEYCLIENT_SHORT
                               FBC_CLI_SHORT, options, NULL)) != -1 )
        switch ( opt )
        {
        case 't': a.to = optarg; break;
        case 'f': a.from = optarg; break;
        case 'o': a.output = optarg; break;
        case 'e':
            if ( fbc_cli_number("--expires", optarg, 1, 1ul << 32,
                                &a.expires) )
                return FBC_EXIT_USAGE;
            break;
        case 'r':
            if ( fbc_cli_number("--refresh", optarg, 1, UINT16_MAX,
                                &a.refresh) )
                return FBC_EXIT_USAGE;
            break;
        case 'i':
            a.sealed_input = !strcmp(optarg, "sealed");
            if ( !a.sealed_input && strcmp(optarg, "plain") )
                return fbc_cli_usage(optarg, "not sealed or plain");
            break;
        case 'l':
            if ( (rc = add_launch(&a, optarg)) >= 0 )
                return rc;
            break;
        default:
            if ( !fbc_keyclient_option(opt, &a.client, &rc) )
                rc = fbc_cli_option(opt, argv);
            if ( rc >= 0 )
                return rc;
        }

    if ( optind < argc )
        return fbc_cli_usage(argv[optind], "unexpected argument");
    rc = check_args(&a);
    if ( rc >= 0 )
        return rc;
    if ( a.client.forget )
        return fbc_keyclient_forget(&a.client, &e) ? fbc_cli_fail(&e)
               : fbc_cli_finish(FBC_EXIT_OK);

    k = fbc_secret_alloc(sizeof(*k));
    rc = k ? wrap(&a, k, &e) : fbc_fail_errno(&e, "memory");
    fbc_secret_free(k, sizeof(*k));

    return rc ? fbc_cli_fail(&e) : fbc_cli_finish(FBC_EXIT_OK);
}
