/* SPDX-License-Identifier: GPL-2.0-only */
/* Certificates in PEM form. */
#include "lib/base/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "lib/base/io.h"
#include "lib/base/oddtext.h"
#include "lib/base/secmem.h"

static const char begin[] = "-----BEGIN ", end[] = "-----END ";

/* A file, and where in it we are. */
struct pem {
    const char *path, *text;
    size_t len, at;
    unsigned int count;         /* certificates so far */
};

X509 *fbc_der_parse(const uint8_t *der, size_t len)
{
    const uint8_t *p = der;
    X509 *x = d2i_X509(NULL, &p, (long)len);

    if ( x && p != der + len )
    {
        X509_free(x);
        x = NULL;
    }
    ERR_clear_error();

    return x;
}

/* CRLF is nothing odd here. */
static const char *odd_text(const struct pem *p)
{
    const char *odd = fbc_odd_text(p->text, p->len);

    return odd && !strstr(odd, "CRLF") ? odd : NULL;
}

uint16_t fbc_der_write(X509 *x, uint8_t data[static FBC_CERT_MAX])
{
    int n = i2d_X509(x, NULL);

    if ( n <= 0 || n > FBC_CERT_MAX || i2d_X509(x, &data) != n )
        return 0;

    return (uint16_t)n;
}

/* Where s is, from at on; len: nowhere. */
static size_t find(const struct pem *p, size_t at, const char *s)
{
    const char *found = memmem(p->text + at, p->len - at, s, strlen(s));

    return found ? (size_t)(found - p->text) : p->len;
}

/* Behind the line that at is in. */
static size_t line_end(const struct pem *p, size_t at)
{
    const char *found = memchr(p->text + at, '\n', p->len - at);

    return found ? (size_t)(found - p->text) + 1 : p->len;
}

static X509 *parse_block(const char *text, size_t len)
{
    BIO *in = BIO_new_mem_buf(text, (int)len);
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    X509 *x = NULL;
    long n;

    if ( in && PEM_read_bio(in, &name, &header, &der, &n) == 1 && !header[0] )
        x = fbc_der_parse(der, (size_t)n);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(der);
    BIO_free(in);
    ERR_clear_error();

    return x;
}

static int fail_block(const struct pem *p, struct fbc_error *e)
{
    return fbc_fail(e, FBC_EXIT_INPUT, p->path,
                    "certificate %u cannot be parsed", p->count + 1);
}

static bool is_certificate(const struct pem *p, size_t at)
{
    static const char *const names[] = { "CERTIFICATE-----",
                                         "X509 CERTIFICATE-----" };
    size_t i, n;

    at += sizeof(begin) - 1;
    for ( i = 0; i < 2; i++ )
    {
        n = strlen(names[i]);
        if ( p->len - at >= n && !memcmp(p->text + at, names[i], n) )
            return true;
    }

    return false;
}

/* The next one in *x, or NULL at the end. */
static int next(struct pem *p, X509 **x, struct fbc_error *e)
{
    size_t from = find(p, p->at, begin), to = find(p, p->at, end), last;

    *x = NULL;
    if ( from == p->len && to == p->len )
        return 0;
    /* An end without a beginning, or without its end. */
    if ( to < from || to == p->len )
    {
        fail_block(p, e);
        return fbc_hint(e, "its %s line is missing or damaged",
                        to < from ? "BEGIN" : "END");
    }
    if ( from && p->text[from - 1] != '\n' )
    {
        if ( from == 3 && odd_text(p) )
            return fbc_fail(e, FBC_EXIT_INPUT, p->path, "%s", odd_text(p));
        fail_block(p, e);
        return fbc_hint(e, "its BEGIN line must stand alone: was a newline "
                        "lost where files were joined?");
    }
    if ( !is_certificate(p, from) )
    {
        fbc_fail(e, FBC_EXIT_INPUT, p->path, "has a block that is no "
                 "certificate, before certificate %u", p->count + 1);
        return fbc_hint(e, "only -----BEGIN CERTIFICATE----- is taken");
    }
    last = line_end(p, to);
    if ( find(p, from + 1, begin) < to )
        return fail_block(p, e);
    /* Two that touch are found at the second's beginning. */
    *x = parse_block(p->text + from, (find(p, to, begin) < last
                                      ? find(p, to, begin) : last) - from);
    if ( !*x )
        return fail_block(p, e);
    p->at = to + sizeof(end) - 1;
    p->count++;

    return 0;
}

/* take NULL: all of it is parsed, and nothing else done. */
static int walk(struct pem p, const char *(*take)(X509 *x, void *arg),
                void *arg, struct fbc_error *e)
{
    const char *why = NULL;
    X509 *x;

    do
    {
        if ( next(&p, &x, e) )
            return -1;
        if ( x && take )
            why = take(x, arg);
        X509_free(x);
    } while ( x && !why );
    if ( why )
        return fbc_fail(e, FBC_EXIT_INPUT, p.path, "certificate %u %s",
                        p.count, why);
    if ( p.count )
        return 0;
    if ( odd_text(&p) )
        return fbc_fail(e, FBC_EXIT_INPUT, p.path, "%s", odd_text(&p));

    fbc_fail(e, FBC_EXIT_INPUT, p.path, "has no certificate in PEM form");
    x = fbc_der_parse((const uint8_t *)p.text, p.len);
    if ( x )
        fbc_hint(e, "it is one in DER form: openssl x509 -inform DER "
                 "-in FILE -out FILE.pem");
    X509_free(x);

    return -1;
}

int fbc_pem_each_of(const char *path, const char *text, size_t len,
                    const char *(*take)(X509 *x, void *arg), void *arg,
                    struct fbc_error *e)
{
    const struct pem p = { .path = path, .text = text, .len = len };

    return walk(p, NULL, NULL, e) || walk(p, take, arg, e) ? -1 : 0;
}

int fbc_pem_each(const char *path, const char *(*take)(X509 *x, void *arg),
                 void *arg, struct fbc_error *e)
{
    uint8_t *data;
    size_t len;
    int rc;

    if ( fbc_file_read(path, FBC_PEM_MAX, &data, &len, e) )
        return -1;
    rc = fbc_pem_each_of(path, (char *)data, len, take, arg, e);
    fbc_secret_free(data, FBC_PEM_MAX + 1);

    return rc;
}
