/* SPDX-License-Identifier: GPL-2.0-only */
/* Hosts without TPMs. */
#include "fakehost.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(cond) do { if ( !(cond) ) die(#cond, __LINE__); } while ( 0 )

static _Noreturn void die(const char *what, int line)
{
    fprintf(stderr, "fakehost: line %d: %s failed\n", line, what);
    exit(4);
}

static void put_be(uint8_t **p, uint64_t v, unsigned int bytes)
{
    while ( bytes-- )
        *(*p)++ = (uint8_t)(v >> 8 * bytes);
}

static void put(uint8_t **p, const void *v, size_t n)
{
    memcpy(*p, v, n);
    *p += n;
}

static void add_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509_EXTENSION *ext;
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    MUST(ext && X509_add_ext(x, ext, -1) == 1);
    X509_EXTENSION_free(ext);
}

static X509 *certify(EVP_PKEY *key, const char *name, X509 *issuer,
                     EVP_PKEY *by)
{
    X509 *x = X509_new();
    X509_NAME *n = X509_NAME_new();

    MUST(x && n && X509_set_version(x, 2) == 1);
    MUST(X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC,
                                    (const unsigned char *)name, -1, -1,
                                    0) == 1);
    MUST(ASN1_INTEGER_set(X509_get_serialNumber(x), issuer ? 2 : 1) == 1);
    MUST(X509_gmtime_adj(X509_getm_notBefore(x), -86400) &&
         X509_gmtime_adj(X509_getm_notAfter(x), 10 * 86400));
    MUST(X509_set_subject_name(x, n) == 1 &&
         X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer)
                              : n) == 1 &&
         X509_set_pubkey(x, key) == 1);
    if ( issuer )
    {
        add_ext(x, issuer, NID_basic_constraints, "critical,CA:FALSE");
        add_ext(x, issuer, NID_key_usage, "critical,keyEncipherment");
        add_ext(x, issuer, NID_ext_key_usage, "2.23.133.8.1");
    }
    else
    {
        add_ext(x, x, NID_basic_constraints, "critical,CA:TRUE");
        add_ext(x, x, NID_key_usage, "critical,keyCertSign");
    }
    MUST(X509_sign(x, by, EVP_sha256()) > 0);
    X509_NAME_free(n);

    return x;
}

static uint16_t put_der(X509 *x, uint8_t *out)
{
    int n = i2d_X509(x, NULL);

    MUST(n > 0 && n <= FBC_CERT_MAX && i2d_X509(x, &out) == n);

    return (uint16_t)n;
}

/* TPM2B_PUBLIC of the default template. */
static void make_ek(struct fake_world *w)
{
    static const uint8_t head[] = { 0x01, 0x3a, 0x00, 0x01, 0x00, 0x0b, 0x00,
                                    0x03, 0x00, 0xb2, 0x00, 0x20 };
    static const uint8_t policy[] = {
        0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
        0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
        0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa };
    static const uint8_t rest[] = { 0x00, 0x06, 0x00, 0x80, 0x00, 0x43, 0x00,
                                    0x10, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00,
                                    0x01, 0x00 };
    uint8_t *p = w->ek.data;
    BIGNUM *n = NULL;

    put(&p, head, sizeof(head));
    put(&p, policy, sizeof(policy));
    put(&p, rest, sizeof(rest));
    MUST(EVP_PKEY_get_bn_param(w->ek_key, OSSL_PKEY_PARAM_RSA_N, &n) == 1);
    MUST(BN_bn2binpad(n, p, FBC_TPM_MODULUS_LEN) == FBC_TPM_MODULUS_LEN);
    BN_free(n);
    w->ek.len = FBC_TPM_EK_LEN;
}

static void make_golden(struct fbc_golden *g)
{
    memset(g, 0, sizeof(*g));
    strcpy(g->name, "xen-fake");
    strcpy(g->provenance, "made up");
    memset(g->image, 0x11, sizeof(g->image));
    memset(g->pcrs.value[FBC_PCR_0], 0x20, FBC_HASH_LEN);
    memset(g->pcrs.value[FBC_PCR_2], 0x22, FBC_HASH_LEN);
    memset(g->pcrs.value[FBC_PCR_7], 0x27, FBC_HASH_LEN);
    MUST(!fbc_golden_derive(g));
}

static void certify_all(struct fake_world *w)
{
    X509 *root = certify(w->root_key, "fake TPM maker", NULL, w->root_key);
    X509 *ek = certify(w->ek_key, "fake EK", root, w->root_key);

    w->root.len = put_der(root, w->root.data);
    w->ek_cert.len = put_der(ek, w->ek_cert.data);
    X509_free(ek);
    X509_free(root);
}

void fake_world_make(struct fake_world *w)
{
    memset(w, 0, sizeof(*w));
    w->root_key = EVP_EC_gen("P-256");
    w->ek_key = EVP_RSA_gen(2048);
    MUST(w->root_key && w->ek_key);
    certify_all(w);
    make_ek(w);
    make_golden(&w->golden);
}

static FILE *file(const char *dir, const char *name, const char *ext,
                  const char *mode)
{
    char path[512];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s%s", dir, name, ext);
    f = fopen(path, mode);
    if ( !f )
        perror(path);
    MUST(f);

    return f;
}

static void save_key(EVP_PKEY *key, const char *dir, const char *name)
{
    FILE *f = file(dir, name, ".pem", "w");

    MUST(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1);
    MUST(!fclose(f));
}

static EVP_PKEY *load_key(const char *dir, const char *name)
{
    FILE *f = file(dir, name, ".pem", "r");
    EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);

    MUST(key);
    fclose(f);

    return key;
}

static void save_record(const struct fbc_record *r, const void *in,
                        const char *dir, const char *name, const char *ext)
{
    FILE *f = file(dir, name, ext, "w");
    static char text[FBC_RECORD_MAX_FILE];
    size_t n = fbc_record_encode(r, in, text, sizeof(text));

    MUST(n && fwrite(text, 1, n, f) == n && !fclose(f));
}

void fake_world_save(const struct fake_world *w, const char *dir)
{
    FILE *f = file(dir, "root", ".crt", "w");
    const uint8_t *p = w->root.data;
    X509 *x = d2i_X509(NULL, &p, w->root.len);

    MUST(x && PEM_write_X509(f, x) == 1 && !fclose(f));
    X509_free(x);
    f = file(dir, "ek", ".der", "w");
    MUST(fwrite(w->ek_cert.data, 1, w->ek_cert.len, f) == w->ek_cert.len &&
         !fclose(f));
    save_key(w->ek_key, dir, "ek");
    save_record(&fbc_golden_record, &w->golden, dir, "golden", "");
}

void fake_world_load(struct fake_world *w, const char *dir)
{
    FILE *f = file(dir, "ek", ".der", "r");

    memset(w, 0, sizeof(*w));
    w->ek_cert.len = (uint16_t)fread(w->ek_cert.data, 1,
                                     sizeof(w->ek_cert.data), f);
    MUST(w->ek_cert.len);
    fclose(f);
    w->ek_key = load_key(dir, "ek");
    make_ek(w);
    make_golden(&w->golden);
}

/* TPM2B_PUBLIC; false when a coordinate begins with a zero. */
static bool make_public(struct fake_host *h)
{
    static const uint8_t head[] = {
        0x00, 0x58, 0x00, 0x23, 0x00, 0x0b, 0x00, 0x05, 0x00, 0x72, 0x00,
        0x00, 0x00, 0x10, 0x00, 0x18, 0x00, 0x0b, 0x00, 0x03, 0x00, 0x10 };
    uint8_t point[1 + 2 * FBC_TPM_COORD_LEN], *p = h->public.data;
    size_t n = 0;

    MUST(EVP_PKEY_get_octet_string_param(h->ak, OSSL_PKEY_PARAM_PUB_KEY,
                                         point, sizeof(point), &n) == 1 &&
         n == sizeof(point));
    put(&p, head, sizeof(head));
    put_be(&p, FBC_TPM_COORD_LEN, 2);
    put(&p, point + 1, FBC_TPM_COORD_LEN);
    put_be(&p, FBC_TPM_COORD_LEN, 2);
    put(&p, point + 1 + FBC_TPM_COORD_LEN, FBC_TPM_COORD_LEN);
    h->public.len = FBC_TPM_AK_MAX;
    memset(h->vmm_key, 0xa7, sizeof(h->vmm_key));

    return point[1] && point[1 + FBC_TPM_COORD_LEN];
}

void fake_host_make(struct fake_host *h, const char *name)
{
    memset(h, 0, sizeof(*h));
    snprintf(h->name, sizeof(h->name), "%s", name);
    do {
        EVP_PKEY_free(h->ak);
        h->ak = EVP_EC_gen("P-256");
        MUST(h->ak);
    } while ( !make_public(h) );
}

void fake_host_save(const struct fake_host *h, const char *dir)
{
    save_key(h->ak, dir, h->name);
}

void fake_host_load(struct fake_host *h, const char *dir, const char *name)
{
    memset(h, 0, sizeof(*h));
    snprintf(h->name, sizeof(h->name), "%s", name);
    h->ak = load_key(dir, name);
    MUST(make_public(h));
}

void fake_host_record(const struct fake_world *w, const struct fake_host *h,
                      struct fbc_host *out)
{
    unsigned int n = 0;

    memset(out, 0, sizeof(*out));
    strcpy(out->name, h->name);
    MUST(EVP_Digest(w->ek_cert.data, w->ek_cert.len, out->cert_hash, &n,
                    EVP_sha256(), NULL) == 1);
    out->ek.len = w->ek.len;
    memcpy(out->ek.data, w->ek.data, w->ek.len);
    out->ak.len = h->public.len;
    memcpy(out->ak.data, h->public.data, h->public.len);
    memcpy(out->vmm_key, h->vmm_key, sizeof(out->vmm_key));
}

static uint8_t *put_int(uint8_t *p, const BIGNUM *b)
{
    int n = BN_num_bytes(b);

    put_be(&p, (uint64_t)n, 2);
    MUST(BN_bn2bin(b, p) == n);

    return p + n;
}

static void sign(const struct fake_host *h, struct fbc_evidence *ev)
{
    static const uint8_t head[] = { 0x00, 0x18, 0x00, 0x0b };
    uint8_t der[80], *p = ev->signature.data;
    const uint8_t *d = der;
    size_t n = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const BIGNUM *r, *s;
    ECDSA_SIG *sig;

    MUST(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, h->ak)
         == 1);
    MUST(EVP_DigestSign(ctx, der, &n, ev->quote.data, ev->quote.len) == 1);
    EVP_MD_CTX_free(ctx);
    sig = d2i_ECDSA_SIG(NULL, &d, (long)n);
    MUST(sig);
    ECDSA_SIG_get0(sig, &r, &s);
    put(&p, head, sizeof(head));
    p = put_int(put_int(p, r), s);
    ev->signature.len = (uint16_t)(p - ev->signature.data);
    ECDSA_SIG_free(sig);
}

static void quote(const struct fake_world *w, const struct fake_host *h,
                  const struct fake_quote *q, struct fbc_evidence *ev)
{
    static const uint8_t head[] = { 0xff, 0x54, 0x43, 0x47, 0x80, 0x18 };
    static const uint8_t select[] = { 0x00, 0x00, 0x00, 0x01, 0x00, 0x0b,
                                      0x03, 0x95, 0x10, 0x00 };
    uint8_t ek[FBC_TPM_NAME_LEN], ak[FBC_TPM_NAME_LEN], digest[FBC_HASH_LEN];
    uint8_t signer[FBC_TPM_NAME_LEN], *p = ev->quote.data;

    MUST(!fbc_tpm_name(w->ek.data, w->ek.len, ek) &&
         !fbc_tpm_name(h->public.data, h->public.len, ak) &&
         !fbc_tpm_qualified(ek, ak, signer) &&
         !fbc_pcrs_digest(&ev->pcrs, digest));
    put(&p, head, sizeof(head));
    put_be(&p, sizeof(signer), 2);
    put(&p, signer, sizeof(signer));
    put_be(&p, sizeof(q->nonce), 2);
    put(&p, q->nonce, sizeof(q->nonce));
    put_be(&p, q->clock, 8);
    put_be(&p, q->resets, 4);
    put_be(&p, 0, 4);
    put_be(&p, 1, 1);
    put_be(&p, 1, 8);
    put(&p, select, sizeof(select));
    put_be(&p, sizeof(digest), 2);
    put(&p, digest, sizeof(digest));
    ev->quote.len = (uint16_t)(p - ev->quote.data);
}

char *fake_evidence(const struct fake_world *w, const struct fake_host *h,
                    const struct fake_quote *q, size_t *len)
{
    struct fbc_evidence *ev = calloc(1, sizeof(*ev));
    char *text = malloc(FBC_RECORD_MAX_FILE);

    MUST(ev && text);
    memcpy(ev->vmm_key, h->vmm_key, sizeof(ev->vmm_key));
    ev->pcrs = w->golden.pcrs;
    if ( q->other_pcr4 )
        ev->pcrs.value[FBC_PCR_4][0] ^= 1;
    MUST(!fbc_pcr12_of_key(ev->vmm_key, true, ev->pcrs.value[FBC_PCR_12]));
    ev->id.cert.len = w->ek_cert.len;
    memcpy(ev->id.cert.data, w->ek_cert.data, w->ek_cert.len);
    ev->id.ek.len = w->ek.len;
    memcpy(ev->id.ek.data, w->ek.data, w->ek.len);
    ev->id.ak.len = h->public.len;
    memcpy(ev->id.ak.data, h->public.data, h->public.len);
    quote(w, h, q, ev);
    sign(h, ev);
    *len = fbc_record_encode(&fbc_evidence_record, ev, text,
                             FBC_RECORD_MAX_FILE);
    MUST(*len);
    free(ev);

    return text;
}
