/* SPDX-License-Identifier: GPL-2.0-only */
/* ECDSA verification and TPM2_MakeCredential. */
#include "lib/verify/attest_crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "lib/base/random.h"

#define DER_SIG_MAX 80

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if ( !ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
         EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1 )
        key = NULL;
    EVP_PKEY_CTX_free(ctx);

    return key;
}

/* NULL when the point is not on the curve. */
static EVP_PKEY *ec_key(const uint8_t *x, const uint8_t *y)
{
    uint8_t point[1 + 2 * FBC_TPM_COORD_LEN] = { 0x04 };
    char group[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 5),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
                                sizeof(point)),
        OSSL_PARAM_END,
    };

    memcpy(point + 1, x, FBC_TPM_COORD_LEN);
    memcpy(point + 1 + FBC_TPM_COORD_LEN, y, FBC_TPM_COORD_LEN);

    return from_params("EC", params);
}

/* Length of the DER form, or 0. */
static size_t der_sig(const uint8_t *r, const uint8_t *s,
                      uint8_t out[static DER_SIG_MAX])
{
    BIGNUM *br = BN_bin2bn(r, FBC_TPM_COORD_LEN, NULL);
    BIGNUM *bs = BN_bin2bn(s, FBC_TPM_COORD_LEN, NULL);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    int n = 0;

    if ( br && bs && sig && ECDSA_SIG_set0(sig, br, bs) == 1 )
    {
        br = bs = NULL;
        n = i2d_ECDSA_SIG(sig, NULL) <= DER_SIG_MAX
            ? i2d_ECDSA_SIG(sig, &out) : 0;
    }
    BN_free(br);
    BN_free(bs);
    ECDSA_SIG_free(sig);

    return n > 0 ? (size_t)n : 0;
}

bool fbc_ecdsa_verify(const uint8_t x[static FBC_TPM_COORD_LEN],
                      const uint8_t y[static FBC_TPM_COORD_LEN],
                      const uint8_t r[static FBC_TPM_COORD_LEN],
                      const uint8_t s[static FBC_TPM_COORD_LEN],
                      const void *msg, size_t len)
{
    EVP_PKEY *key = ec_key(x, y);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t sig[DER_SIG_MAX];
    size_t n = der_sig(r, s, sig);
    bool ok;

    ok = key && ctx && n &&
         EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
         EVP_DigestVerify(ctx, sig, n, msg, len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    ERR_clear_error();

    return ok;
}

/* KDFa (part 1, 11.4.10.2) is SP 800-108 in counter mode with HMAC. */
static int kdfa(const uint8_t *seed, const char *label, const uint8_t *context,
                size_t context_len, uint8_t *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "KBKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    char mode[] = "counter", mac[] = "HMAC", digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_MODE, mode, 7),
        OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_MAC, mac, 4),
        OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 6),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_KEY, (void *)seed,
                                FBC_HASH_LEN),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SALT, (void *)label,
                                strlen(label)),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_INFO, (void *)context,
                                context_len),
        OSSL_PARAM_END,
    };
    int rc = -1;

    if ( ctx && EVP_KDF_derive(ctx, out, len, params) == 1 )
        rc = 0;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);

    return rc;
}

static int aes_cfb(const uint8_t *key, const uint8_t *in, int len,
                   uint8_t *out)
{
    static const uint8_t iv[16];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n, rc = -1;

    if ( ctx &&
         EVP_EncryptInit_ex(ctx, EVP_aes_128_cfb128(), NULL, key, iv) == 1 &&
         EVP_EncryptUpdate(ctx, out, &n, in, len) == 1 && n == len )
        rc = 0;
    EVP_CIPHER_CTX_free(ctx);

    return rc;
}

int fbc_credential_seal(const uint8_t seed[static FBC_HASH_LEN],
                        const uint8_t name[static FBC_TPM_NAME_LEN],
                        const uint8_t secret[static FBC_SECRET_LEN],
                        uint8_t credential[static FBC_CREDENTIAL_LEN])
{
    /* TPM2B_ID_OBJECT: length, TPM2B HMAC, encrypted TPM2B secret */
    enum { ENC = 2 + 2 + FBC_HASH_LEN, ENC_LEN = 2 + FBC_SECRET_LEN };
    uint8_t key[16], mac_key[FBC_HASH_LEN], plain[ENC_LEN] = { 0 };
    uint8_t signed_part[ENC_LEN + FBC_TPM_NAME_LEN];
    uint8_t out[FBC_CREDENTIAL_LEN] = { 0, FBC_CREDENTIAL_LEN - 2, 0,
                                        FBC_HASH_LEN };
    size_t n = 0;
    int rc = -1;

    _Static_assert(ENC + ENC_LEN == FBC_CREDENTIAL_LEN, "TPM2B_ID_OBJECT");

    plain[1] = FBC_SECRET_LEN;
    memcpy(plain + 2, secret, FBC_SECRET_LEN);
    if ( kdfa(seed, "STORAGE", name, FBC_TPM_NAME_LEN, key, sizeof(key)) ||
         kdfa(seed, "INTEGRITY", NULL, 0, mac_key, sizeof(mac_key)) ||
         aes_cfb(key, plain, ENC_LEN, out + ENC) )
        goto out;

    memcpy(signed_part, out + ENC, ENC_LEN);
    memcpy(signed_part + ENC_LEN, name, FBC_TPM_NAME_LEN);
    if ( !EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, mac_key,
                    sizeof(mac_key), signed_part, sizeof(signed_part),
                    out + 4, FBC_HASH_LEN, &n) || n != FBC_HASH_LEN )
        goto out;

    memcpy(credential, out, sizeof(out));
    rc = 0;

 out:
    fbc_wipe(key, sizeof(key));
    fbc_wipe(mac_key, sizeof(mac_key));
    fbc_wipe(plain, sizeof(plain));
    return rc;
}

/* RSA-OAEP with SHA-256 and the label "IDENTITY", its NUL included. */
static int oaep(const uint8_t *modulus, const uint8_t *in, size_t len,
                uint8_t out[static FBC_TPM_MODULUS_LEN])
{
    BIGNUM *n = BN_bin2bn(modulus, FBC_TPM_MODULUS_LEN, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = NULL;
    size_t out_len = FBC_TPM_MODULUS_LEN;
    char label[] = "IDENTITY", hash[] = "SHA256";
    OSSL_PARAM options[] = {
        OSSL_PARAM_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, label,
                                sizeof(label)),
        OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, hash, 6),
        OSSL_PARAM_END,
    };
    int rc = -1;

    if ( n && build &&
         OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
         OSSL_PARAM_BLD_push_uint(build, OSSL_PKEY_PARAM_RSA_E, 65537) == 1 )
        params = OSSL_PARAM_BLD_to_param(build);
    if ( params )
        key = from_params("RSA", params);
    if ( key )
        ctx = EVP_PKEY_CTX_new(key, NULL);
    if ( ctx && EVP_PKEY_encrypt_init(ctx) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_params(ctx, options) == 1 &&
         EVP_PKEY_encrypt(ctx, out, &out_len, in, len) == 1 &&
         out_len == FBC_TPM_MODULUS_LEN )
        rc = 0;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    ERR_clear_error();

    return rc;
}

int fbc_credential_make(const uint8_t modulus[static FBC_TPM_MODULUS_LEN],
                        const uint8_t name[static FBC_TPM_NAME_LEN],
                        const uint8_t secret[static FBC_SECRET_LEN],
                        struct fbc_challenge *out, struct fbc_error *e)
{
    uint8_t seed[FBC_HASH_LEN], sealed[FBC_TPM_MODULUS_LEN];
    struct fbc_challenge t = { .credential.len = FBC_CREDENTIAL_LEN,
                               .seed.len = FBC_SEED_LEN };
    int rc = -1;

    if ( fbc_random(seed, sizeof(seed), e) )
        return -1;
    memcpy(t.ak_name, name, FBC_TPM_NAME_LEN);
    if ( fbc_credential_seal(seed, name, secret, t.credential.data) ||
         oaep(modulus, seed, sizeof(seed), sealed) )
        fbc_fail_core(e, "credential", FBC_ERR_CRYPTO);
    else
    {
        t.seed.data[0] = FBC_TPM_MODULUS_LEN >> 8;
        t.seed.data[1] = FBC_TPM_MODULUS_LEN & 0xff;
        memcpy(t.seed.data + 2, sealed, sizeof(sealed));
        *out = t;
        rc = 0;
    }
    fbc_wipe(seed, sizeof(seed));

    return rc;
}
