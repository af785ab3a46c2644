/* SPDX-License-Identifier: GPL-2.0-only */
/* Certificates of endorsement keys. */
#include "lib/verify/attest_cert.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "lib/base/io.h"
#include "lib/base/secmem.h"
#include "lib/verify/attest_file.h"
#include "lib/base/pem.h"

#define EKU_EK "2.23.133.8.1"   /* tcg-kp-EKCertificate */

struct fbc_roots {
    X509_STORE *store;
    bool allow_expired;
};

static const char *add_root(X509 *x, void *arg)
{
    return X509_STORE_add_cert(arg, x) == 1 ? NULL : "is unusable";
}

int fbc_roots_load(const char *path, struct fbc_roots **out,
                   struct fbc_error *e)
{
    struct fbc_roots *r = fbc_roots_new();

    if ( !r )
        return fbc_fail_core(e, path, FBC_ERR_NOMEM);
    if ( fbc_pem_each(path, add_root, r->store, e) )
    {
        fbc_roots_free(r);
        return -1;
    }
    *out = r;

    return 0;
}

struct fbc_roots *fbc_roots_new(void)
{
    struct fbc_roots *r = calloc(1, sizeof(*r));

    if ( r && !(r->store = X509_STORE_new()) )
    {
        free(r);
        r = NULL;
    }

    return r;
}

void fbc_roots_free(struct fbc_roots *r)
{
    if ( r )
        X509_STORE_free(r->store);
    free(r);
}

bool fbc_roots_add(struct fbc_roots *r, const uint8_t *der, size_t len)
{
    X509 *x = fbc_der_parse(der, len);
    bool ok = x && X509_STORE_add_cert(r->store, x) == 1;

    X509_free(x);

    return ok;
}

struct fbc_roots *fbc_roots_registered(const struct fbc_registration *r)
{
    struct fbc_roots *roots = fbc_roots_new();
    unsigned int i;

    for ( i = 0; roots && i < FBC_REG_ROOTS && r->root[i].len; i++ )
        if ( !fbc_roots_add(roots, r->root[i].data, r->root[i].len) )
        {
            fbc_roots_free(roots);
            return NULL;
        }

    return roots;
}

static bool is_for_ek(X509 *x)
{
    EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(x, NID_ext_key_usage, NULL,
                                               NULL);
    ASN1_OBJECT *want = OBJ_txt2obj(EKU_EK, 1);
    bool found = false;
    int i;

    for ( i = 0; want && i < sk_ASN1_OBJECT_num(eku); i++ )
        found |= !OBJ_cmp(sk_ASN1_OBJECT_value(eku, i), want);
    ASN1_OBJECT_free(want);
    EXTENDED_KEY_USAGE_free(eku);

    return found && !X509_check_ca(x) &&
           (X509_get_key_usage(x) & KU_KEY_ENCIPHERMENT);
}

void fbc_roots_allow_expired(struct fbc_roots *r)
{
    r->allow_expired = true;
}

/* OpenSSL knows no such keys, and so not whose certificate it is. */
static bool is_oaep(const X509 *x)
{
    ASN1_OBJECT *alg;

    return X509_PUBKEY_get0_param(&alg, NULL, NULL, NULL,
                                  X509_get_X509_PUBKEY(x)) == 1 &&
           OBJ_obj2nid(alg) == NID_rsaesOaep;
}

/* An expired certificate, if that is allowed. */
static int excuse(int ok, X509_STORE_CTX *ctx)
{
    const struct fbc_roots *r = X509_STORE_CTX_get_ex_data(ctx, 0);

    return ok || (r->allow_expired && X509_STORE_CTX_get_error(ctx) ==
                                      X509_V_ERR_CERT_HAS_EXPIRED);
}

static enum fbc_reason reason_of(int err)
{
    switch ( err )
    {
    case X509_V_OK:
        return FBC_REASON_OK;

    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return FBC_REASON_EK_CERT_TIME;

    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return FBC_REASON_EK_CERT_WEAK;
    }

    return FBC_REASON_EK_CERT_CHAIN;
}

/* Which certificate it is about, or which one is missing. */
static void explain(X509_STORE_CTX *ctx, int err, char *detail, size_t room)
{
    X509 *x = X509_STORE_CTX_get_current_cert(ctx);
    bool missing = err == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
                   err == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    char name[100] = "";

    if ( x )
        X509_NAME_oneline(missing ? X509_get_issuer_name(x)
                          : X509_get_subject_name(x), name, sizeof(name));
    if ( missing && name[0] )
        snprintf(detail, room, "no certificate of %s", name);
    else
        snprintf(detail, room, "%s%s%s", X509_verify_cert_error_string(err),
                 name[0] ? ": " : "", name);
}

/*
 * The critical subjectAltName of EK certificates is among the extensions that
 * OpenSSL handles; one that it does not know is an error, as it must be.
 */
static enum fbc_reason verify_chain(struct fbc_roots *r, X509 *x,
                                    STACK_OF(X509) *chain, char *detail,
                                    size_t room)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_VERIFY_PARAM *param;
    int err = X509_V_ERR_OUT_OF_MEM;

    snprintf(detail, room, "%s", X509_verify_cert_error_string(err));
    if ( ctx && X509_STORE_CTX_init(ctx, r->store, x, chain) == 1 &&
         X509_STORE_CTX_set_ex_data(ctx, 0, r) == 1 )
    {
        param = X509_STORE_CTX_get0_param(ctx);
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_depth(param, FBC_CHAIN_MAX + 1);
        X509_VERIFY_PARAM_set_auth_level(param, 2);     /* 112 bits */
        X509_STORE_CTX_set_verify_cb(ctx, excuse);
        err = X509_verify_cert(ctx) == 1 ? X509_V_OK
              : X509_STORE_CTX_get_error(ctx);
        if ( err != X509_V_OK )
            explain(ctx, err, detail, room);
    }
    X509_STORE_CTX_free(ctx);
    ERR_clear_error();

    return reason_of(err);
}

enum fbc_reason fbc_ek_cert_check(struct fbc_roots *r,
                                  const struct fbc_identity *id,
                                  char *detail, size_t room)
{
    X509 *x = fbc_der_parse(id->cert.data, id->cert.len), *c;
    STACK_OF(X509) *chain = sk_X509_new_null();
    enum fbc_reason reason = FBC_REASON_EK_CERT_FORMAT;
    unsigned int i;

    snprintf(detail, room, "a certificate that cannot be parsed");
    if ( !x || !chain )
        goto out;
    for ( i = 0; i < FBC_CHAIN_MAX && id->chain[i].len; i++ )
    {
        c = fbc_der_parse(id->chain[i].data, id->chain[i].len);
        if ( !c || !sk_X509_push(chain, c) )
        {
            X509_free(c);
            goto out;
        }
    }

    reason = FBC_REASON_EK_CERT_OAEP;
    detail[0] = '\0';
    if ( is_oaep(x) )
        goto out;

    reason = verify_chain(r, x, chain, detail, room);
    if ( reason )
        goto out;
    if ( !is_for_ek(x) )
    {
        reason = FBC_REASON_EK_CERT_USAGE;
        snprintf(detail, room, "not a certificate for an EK");
        goto out;
    }
    X509_NAME_oneline(X509_get_issuer_name(x), detail, (int)room);

 out:
    X509_free(x);
    sk_X509_pop_free(chain, X509_free);
    return reason;
}

enum fbc_reason fbc_ek_cert_key(const struct fbc_identity *id,
                                const uint8_t modulus[static
                                    FBC_TPM_MODULUS_LEN])
{
    X509 *x = fbc_der_parse(id->cert.data, id->cert.len);
    EVP_PKEY *key = x ? X509_get0_pubkey(x) : NULL;
    enum fbc_reason reason = FBC_REASON_EK_CERT_FORMAT;
    uint8_t have[FBC_TPM_MODULUS_LEN];
    BIGNUM *n = NULL, *exp = NULL;

    if ( key || (x && is_oaep(x)) )
        reason = key ? FBC_REASON_EK_CERT_KEY : FBC_REASON_EK_CERT_OAEP;
    if ( key && EVP_PKEY_is_a(key, "RSA") &&
         EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
         EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exp) == 1 &&
         BN_bn2binpad(n, have, sizeof(have)) == sizeof(have) &&
         BN_is_word(exp, 65537) && !memcmp(have, modulus, sizeof(have)) )
        reason = FBC_REASON_OK;
    BN_free(n);
    BN_free(exp);
    X509_free(x);
    ERR_clear_error();

    return reason;
}

static const char *take_one(X509 *x, void *arg)
{
    struct fbc_identity *id = arg;

    if ( id->cert.len )
        return "is one too many: intermediates go to --chain";
    id->cert.len = fbc_der_write(x, id->cert.data);

    return id->cert.len ? NULL : "is larger than 4096 bytes";
}

/*
 * TPM 1.2's TCG_PCCLIENT_STORED_CERT, which some makers use in TPM 2.0, too:
 * 1001, 00 for a whole certificate, its length; then perhaps 1002.
 */
static size_t tcg_header(const uint8_t *data, size_t len)
{
    if ( len < 7 || memcmp(data, "\x10\x01\x00", 3) )
        return 0;

    return data[5] == 0x10 && data[6] == 0x02 ? 7 : 5;
}

/* Other forms in which makers hand certificates out. */
static int hint_form(const char *text, size_t len, struct fbc_error *e)
{
    if ( len && text[0] == '{' )
        return fbc_hint(e, "it is the JSON of Intel's server: jq -r "
                        ".certificate FILE | tr -- '-_' '+/' | "
                        "base64 -d 2> /dev/null > ek.der");
    if ( len > 2 && text[0] == 'M' && text[1] == 'I' )
        return fbc_hint(e, "it is base64 without PEM's lines: tr -- '-_' "
                        "'+/' < FILE | base64 -di > ek.der");

    return -1;
}

int fbc_ek_cert_take(const char *path, const uint8_t *data, size_t len,
                     struct fbc_identity *id, struct fbc_error *e)
{
    const char *why = NULL;
    const uint8_t *p = data + tcg_header(data, len);
    int rc = 0;
    X509 *x;

    id->cert.len = 0;
    x = d2i_X509(NULL, &p, (long)(len - (size_t)(p - data)));
    ERR_clear_error();
    if ( x )
        why = take_one(x, id);
    else
    {
        rc = fbc_pem_each_of(path, (const char *)data, len, take_one, id, e);
        if ( rc && !e->hint[0] )
            hint_form((const char *)data, len, e);
    }
    X509_free(x);
    if ( why )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "%s", why);

    return rc;
}

int fbc_ek_cert_read(const char *path, struct fbc_identity *id,
                     struct fbc_error *e)
{
    uint8_t *data;
    size_t len;
    int rc;

    if ( fbc_file_read(path, FBC_PEM_MAX, &data, &len, e) )
        return -1;
    rc = fbc_ek_cert_take(path, data, len, id, e);
    fbc_secret_free(data, FBC_PEM_MAX + 1);

    return rc;
}

static const char *add_link(X509 *x, void *arg)
{
    struct fbc_identity *id = arg;
    unsigned int i;

    for ( i = 0; i < FBC_CHAIN_MAX; i++ )
        if ( !id->chain[i].len )
        {
            id->chain[i].len = fbc_der_write(x, id->chain[i].data);
            return id->chain[i].len ? NULL : "is larger than 4096 bytes";
        }

    return "is one too many";
}

static void clear_chain(struct fbc_identity *id)
{
    unsigned int i;

    for ( i = 0; i < FBC_CHAIN_MAX; i++ )
        id->chain[i].len = 0;
}

int fbc_ek_chain_read(const char *path, struct fbc_identity *id,
                      struct fbc_error *e)
{
    clear_chain(id);

    return fbc_pem_each(path, add_link, id, e);
}

/* What fills an index up behind a certificate. */
static bool is_padding(uint8_t byte)
{
    return !byte || byte == 0xff;
}

int fbc_ek_chain_take(const uint8_t *der, size_t len, struct fbc_identity *id,
                      struct fbc_error *e)
{
    const uint8_t *p = der, *end = der + len;
    const char *why = NULL;
    unsigned int n = 0;
    X509 *x;

    clear_chain(id);
    while ( !why )
    {
        while ( p < end && is_padding(*p) )
            p++;
        if ( p == end )
            return 0;
        n++;
        x = d2i_X509(NULL, &p, end - p);
        ERR_clear_error();
        why = x ? add_link(x, id) : "cannot be parsed";
        X509_free(x);
    }

    return fbc_fail(e, FBC_EXIT_ENV, "TPM", "certificate %u of its chain %s",
                    n, why);
}
