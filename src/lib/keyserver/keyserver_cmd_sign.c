/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-keyserver admin-keygen, sign: what administrators do, offline. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/keyfile.h"
#include "lib/base/outfile.h"
#include "lib/base/random.h"
#include "lib/base/secmem.h"
#include "lib/keyserver/keyserver_cmd.h"
#include "lib/verify/adminkey.h"
#include "lib/verify/attest_cert.h"
#include "lib/verify/attest_file.h"
#include "lib/base/pem.h"

static int print_public(const uint8_t pub[static FBC_KEY_LEN],
                        struct fbc_error *e)
{
    char id[FBC_KEYID_TEXT], print[FBC_FINGERPRINT_TEXT], comment[200];

    if ( fbc_keyid_text(pub, id) || fbc_admin_fingerprint(pub, print) )
        return fbc_fail_core(e, "public key", FBC_ERR_CRYPTO);
    snprintf(comment, sizeof(comment),
             "# fbcrypt administrator's public key %s\n# %s\n", id, print);

    return fbc_keyfile_write(STDOUT_FILENO, "stdout", FBC_KEY_ADMIN_PUBLIC,
                             pub, comment, e);
}

/* The public key is out before the secret key gets its name. */
static int generate(const char *path, uint8_t *secret, struct fbc_error *e)
{
    char id[FBC_KEYID_TEXT], comment[120];
    uint8_t pub[FBC_KEY_LEN];
    struct fbc_outfile out;
    struct stat st;
    int rc = -1;

    if ( fbc_outfile_open(&out, path, e) )
        return -1;
    if ( !lstat(path, &st) )
        fbc_fail(e, FBC_EXIT_INPUT, path, "exists and will not be overwritten");
    else if ( !fbc_random(secret, FBC_KEY_LEN, e) )
    {
        if ( fbc_admin_public(secret, pub) || fbc_keyid_text(pub, id) )
            fbc_fail_core(e, path, FBC_ERR_CRYPTO);
        else
        {
            snprintf(comment, sizeof(comment), "# fbcrypt administrator's "
                     "secret key %s: keep it secret\n", id);
            if ( !fbc_keyfile_write(out.fd, path, FBC_KEY_ADMIN_SECRET,
                                    secret, comment, e) &&
                 !print_public(pub, e) )
                rc = fbc_outfile_commit(&out, false, e);
        }
    }
    if ( rc )
        fbc_outfile_abort(&out);

    return rc;
}

int fbc_ks_cmd_keygen(const struct fbc_ks_args *a, struct fbc_error *e)
{
    uint8_t *secret = fbc_secret_alloc(FBC_KEY_LEN), pub[FBC_KEY_LEN];
    int rc = -1;

    if ( !secret )
        return fbc_fail_errno(e, "memory");
    if ( !a->public )
        rc = generate(a->output, secret, e);
    else if ( !fbc_keyfile_read(FBC_KEY_ADMIN_SECRET, a->public, secret, e) )
        rc = fbc_admin_public(secret, pub)
             ? fbc_fail_core(e, a->public, FBC_ERR_CRYPTO)
             : print_public(pub, e);
    fbc_secret_free(secret, FBC_KEY_LEN);

    return rc;
}

static int write_text(const char *path, const char *text, size_t len,
                      struct fbc_error *e)
{
    struct fbc_outfile out;

    if ( fbc_outfile_open(&out, path, e) )
        return -1;
    if ( fbc_write(out.fd, text, len) )
    {
        fbc_fail_errno(e, out.is_stdout ? "stdout" : path);
        fbc_outfile_abort(&out);
        return -1;
    }

    return fbc_outfile_commit(&out, false, e);
}

static uint64_t serial(const struct fbc_ks_args *a)
{
    return a->serial ? a->serial : (uint64_t)time(NULL);
}

static int put_host(const struct fbc_ks_args *a, struct fbc_registration *r,
                    struct fbc_error *e)
{
    struct fbc_host host;

    if ( fbc_record_read(&fbc_host_record, a->host, &host, e) )
        return -1;
    strcpy(r->name, host.name);
    if ( !fbc_host_name_ok(r->name) )
    {
        fbc_fail(e, FBC_EXIT_INPUT, a->host, "its name cannot be registered");
        return fbc_hint(e, "letters, digits, '.', '-' and '_': "
                        "fbc-attest enroll --accept --name");
    }
    r->host.len = (uint16_t)fbc_record_encode(&fbc_host_record, &host,
                                              (char *)r->host.data,
                                              sizeof(r->host.data));

    return r->host.len ? 0 : fbc_fail_core(e, a->host, FBC_ERR_LENGTH);
}

static int put_goldens(const struct fbc_ks_args *a,
                       struct fbc_registration *r, struct fbc_error *e)
{
    struct fbc_golden g;
    size_t i;

    for ( i = 0; i < a->goldens; i++ )
    {
        if ( fbc_golden_read(a->golden[i], &g, e) )
            return -1;
        r->golden[i].len =
            (uint16_t)fbc_record_encode(&fbc_golden_record, &g,
                                        (char *)r->golden[i].data,
                                        sizeof(r->golden[i].data));
        if ( !r->golden[i].len )
            return fbc_fail_core(e, a->golden[i], FBC_ERR_LENGTH);
    }

    return 0;
}

static const char *put_root(X509 *x, void *arg)
{
    struct fbc_registration *r = arg;
    unsigned int i;

    for ( i = 0; i < FBC_REG_ROOTS; i++ )
        if ( !r->root[i].len )
        {
            r->root[i].len = fbc_der_write(x, r->root[i].data);
            return r->root[i].len ? NULL : "is larger than 4096 bytes";
        }

    return "is one too many";
}

int fbc_ks_cmd_sign(const struct fbc_ks_args *a, struct fbc_error *e)
{
    struct fbc_registration *r = calloc(1, sizeof(*r));
    uint8_t *secret = fbc_secret_alloc(FBC_KEY_LEN);
    char *text = malloc(FBC_REGISTRATION_MAX);
    int rc = -1;
    size_t len;

    if ( !r || !secret || !text )
        fbc_fail_core(e, a->host, FBC_ERR_NOMEM);
    else if ( !fbc_keyfile_read(FBC_KEY_ADMIN_SECRET, a->key, secret, e) &&
              !put_host(a, r, e) && !put_goldens(a, r, e) &&
              !fbc_pem_each(a->roots, put_root, r, e) )
    {
        r->serial = serial(a);
        if ( !fbc_registration_sign(r, secret, text, &len, e) )
            rc = write_text(a->output, text, len, e);
    }
    free(text);
    fbc_secret_free(secret, FBC_KEY_LEN);
    free(r);

    return rc;
}

int fbc_ks_cmd_revoke(const struct fbc_ks_args *a, struct fbc_error *e)
{
    struct fbc_revocation r = { .serial = serial(a) };
    uint8_t *secret = fbc_secret_alloc(FBC_KEY_LEN);
    char text[FBC_REVOCATION_MAX];
    int rc = -1;
    size_t len;

    if ( !secret )
        return fbc_fail_errno(e, "memory");
    if ( !fbc_host_name_ok(a->revoke) )
        fbc_fail(e, FBC_EXIT_USAGE, a->revoke, "is not a valid host name");
    else if ( !fbc_keyfile_read(FBC_KEY_ADMIN_SECRET, a->key, secret, e) )
    {
        strcpy(r.name, a->revoke);
        if ( !fbc_revocation_sign(&r, secret, text, &len, e) )
            rc = write_text(a->output, text, len, e);
    }
    fbc_secret_free(secret, FBC_KEY_LEN);

    return rc;
}
