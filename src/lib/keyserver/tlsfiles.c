/* SPDX-License-Identifier: GPL-2.0-only */
/* Says what is wrong with a server's certificate and key. */
#include "lib/keyserver/tlsfiles.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "lib/base/pem.h"

/* The first is the server's own. */
static const char *take_first(X509 *x, void *arg)
{
    X509 **first = arg;

    if ( !*first && X509_up_ref(x) )
        *first = x;

    return NULL;
}

/* Nobody is asked on a terminal. */
static int no_passphrase(char *buf, int size, int writing, void *asked)
{
    (void)buf, (void)size, (void)writing;
    *(bool *)asked = true;

    return -1;
}

static EVP_PKEY *read_key(const char *text, size_t len, bool *encrypted)
{
    BIO *in = BIO_new_mem_buf(text, (int)len);
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase,
                                                 encrypted) : NULL;

    BIO_free(in);
    ERR_clear_error();

    return key;
}

static int check_pair(const char *cert_path, X509 *x, const char *key_path,
                      EVP_PKEY *key, struct fbc_error *e)
{
    bool mine = X509_check_private_key(x, key) == 1;

    ERR_clear_error();
    if ( !mine )
    {
        fbc_fail(e, FBC_EXIT_INPUT, key_path, "is not the key of the first "
                 "certificate in %.80s", cert_path);
        return fbc_hint(e, "the server's own certificate comes first, then "
                        "its intermediates");
    }
    if ( X509_cmp_current_time(X509_get0_notBefore(x)) > 0 )
        return fbc_fail(e, FBC_EXIT_INPUT, cert_path, "is not valid yet");
    if ( X509_cmp_current_time(X509_get0_notAfter(x)) < 0 )
        return fbc_fail(e, FBC_EXIT_INPUT, cert_path, "has expired");

    return 0;
}

int fbc_tls_files_check(const char *cert_path, const char *cert,
                        size_t cert_len, const char *key_path,
                        const char *key, size_t key_len, struct fbc_error *e)
{
    bool encrypted = false;
    EVP_PKEY *k = NULL;
    X509 *x = NULL;
    int rc = -1;

    if ( fbc_pem_each_of(cert_path, cert, cert_len, take_first, &x, e) )
        goto out;
    k = read_key(key, key_len, &encrypted);
    if ( encrypted )
    {
        fbc_fail(e, FBC_EXIT_INPUT, key_path, "has a passphrase");
        fbc_hint(e, "nobody is there to type it: openssl pkey -in %.80s "
                 "-out FILE", key_path);
    }
    else if ( !k )
        fbc_fail(e, FBC_EXIT_INPUT, key_path, "has no private key in PEM "
                 "form, or one that cannot be parsed");
    else
        rc = check_pair(cert_path, x, key_path, k, e);

 out:
    EVP_PKEY_free(k);
    X509_free(x);

    return rc;
}
