/* SPDX-License-Identifier: GPL-2.0-only */
/* HPKE key schedule (RFC 9180) for DHKEM(X25519, HKDF-SHA256). */
#include "core/hpke.h"

#define MODE_BASE 0
#define MODE_AUTH 2

#define LABEL_MAX 13            /* "shared_secret" */
#define SUITE_MAX 10
/* L || "HPKE-v1" || suite id || label || the longest argument */
#define MESSAGE_MAX (2 + 7 + SUITE_MAX + LABEL_MAX + FBC_HPKE_INFO_MAX)

#define KEM_CONTEXT_MAX (3 * FBC_KEY_LEN)   /* enc, pkR, pkS */
#define SCHEDULE_LEN (1 + 2 * FBC_HASH_LEN)

_Static_assert(KEM_CONTEXT_MAX <= FBC_HPKE_INFO_MAX &&
               SCHEDULE_LEN <= FBC_HPKE_INFO_MAX, "longest HPKE message");

struct suite {
    uint8_t id[SUITE_MAX];
    size_t len;
};

struct message {
    uint8_t data[MESSAGE_MAX];
    size_t len;
};

static void put_be16(uint8_t *p, unsigned int v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void add_bytes(struct message *m, const void *data, size_t len)
{
    if ( !len )
        return;

    memcpy(m->data + m->len, data, len);
    m->len += len;
}

static struct suite kem_suite(void)
{
    struct suite s = { .id = "KEM", .len = 5 };

    put_be16(s.id + 3, FBC_HPKE_KEM_X25519);

    return s;
}

static struct suite hpke_suite(enum fbc_aead_id aead)
{
    struct suite s = { .id = "HPKE", .len = 10 };

    put_be16(s.id + 4, FBC_HPKE_KEM_X25519);
    put_be16(s.id + 6, FBC_HPKE_KDF_SHA256);
    put_be16(s.id + 8, aead);

    return s;
}

static void add_label(struct message *m, const struct suite *s,
                      const char *label)
{
    size_t len = 0;

    while ( label[len] )
        len++;

    add_bytes(m, "HPKE-v1", 7);
    add_bytes(m, s->id, s->len);
    add_bytes(m, label, len);
}

static int labeled_extract(const struct suite *s, const void *salt,
                           size_t salt_len, const char *label,
                           const void *ikm, size_t ikm_len,
                           uint8_t prk[static FBC_HASH_LEN])
{
    struct message m = { .len = 0 };
    int rc;

    add_label(&m, s, label);
    add_bytes(&m, ikm, ikm_len);
    rc = fbc_hkdf_extract(salt, salt_len, m.data, m.len, prk);
    fbc_wipe(&m, sizeof(m));

    return rc;
}

static int labeled_expand(const struct suite *s,
                          const uint8_t prk[static FBC_HASH_LEN],
                          const char *label, const void *info, size_t info_len,
                          uint8_t *out, size_t len)
{
    struct message m = { .len = 2 };

    put_be16(m.data, (unsigned int)len);
    add_label(&m, s, label);
    add_bytes(&m, info, info_len);

    return fbc_hkdf_expand(prk, m.data, m.len, out, len);
}

/* RFC 9180 4.1: dh is one shared point (base) or two (auth). */
static int kem_secret(const uint8_t *dh, size_t dh_len,
                      const uint8_t *context, size_t context_len,
                      uint8_t secret[static FBC_HASH_LEN])
{
    const struct suite s = kem_suite();
    uint8_t prk[FBC_HASH_LEN];
    int rc;

    rc = labeled_extract(&s, NULL, 0, "eae_prk", dh, dh_len, prk);
    if ( !rc )
        rc = labeled_expand(&s, prk, "shared_secret", context, context_len,
                            secret, FBC_HASH_LEN);
    fbc_wipe(prk, sizeof(prk));

    return rc;
}

/* RFC 9180 5.1 without PSK; key_len is Nk. */
static int key_schedule(uint8_t mode, enum fbc_aead_id aead,
                        const uint8_t shared[static FBC_HASH_LEN],
                        const void *info, size_t info_len,
                        uint8_t *key, size_t key_len,
                        uint8_t base_nonce[static FBC_NONCE_LEN])
{
    const struct suite s = hpke_suite(aead);
    uint8_t context[SCHEDULE_LEN], secret[FBC_HASH_LEN];
    int rc = -1;

    context[0] = mode;
    if ( labeled_extract(&s, NULL, 0, "psk_id_hash", NULL, 0, context + 1) ||
         labeled_extract(&s, NULL, 0, "info_hash", info, info_len,
                         context + 1 + FBC_HASH_LEN) ||
         labeled_extract(&s, shared, FBC_HASH_LEN, "secret", NULL, 0,
                         secret) ||
         labeled_expand(&s, secret, "key", context, sizeof(context), key,
                        key_len) ||
         labeled_expand(&s, secret, "base_nonce", context, sizeof(context),
                        base_nonce, FBC_NONCE_LEN) )
        goto out;

    rc = 0;

 out:
    fbc_wipe(secret, sizeof(secret));

    return rc;
}

static enum fbc_err check_args(enum fbc_aead_id aead, size_t info_len)
{
    if ( aead != FBC_AEAD_AES256_GCM && aead != FBC_AEAD_CHACHA20_POLY1305 )
        return FBC_ERR_ALGORITHM;

    return info_len > FBC_HPKE_INFO_MAX ? FBC_ERR_LENGTH : FBC_OK;
}

/* The part that sender and recipient share; *ctx is written on success. */
static enum fbc_err finish(struct fbc_hpke *ctx, bool auth,
                           enum fbc_aead_id aead, const uint8_t *dh,
                           const uint8_t *context, const void *info,
                           size_t info_len)
{
    size_t dh_len = auth ? 2 * FBC_KEY_LEN : FBC_KEY_LEN;
    uint8_t shared[FBC_HASH_LEN];
    struct fbc_hpke h;
    enum fbc_err err = FBC_ERR_CRYPTO;

    if ( kem_secret(dh, dh_len, context,
                    auth ? KEM_CONTEXT_MAX : 2 * FBC_KEY_LEN, shared) ||
         key_schedule(auth ? MODE_AUTH : MODE_BASE, aead, shared, info,
                      info_len, h.key, sizeof(h.key), h.base_nonce) )
        goto out;

    *ctx = h;
    err = FBC_OK;

 out:
    fbc_wipe(shared, sizeof(shared));
    fbc_wipe(&h, sizeof(h));

    return err;
}

enum fbc_err
fbc_hpke_setup_sender(struct fbc_hpke *ctx, enum fbc_aead_id aead,
                      const uint8_t pk_r[static FBC_KEY_LEN],
                      const uint8_t *sk_s,
                      const uint8_t sk_e[static FBC_KEY_LEN],
                      const void *info, size_t info_len,
                      uint8_t enc[static FBC_KEY_LEN])
{
    uint8_t dh[2 * FBC_KEY_LEN], context[KEM_CONTEXT_MAX];
    enum fbc_err err = check_args(aead, info_len);

    if ( err )
        return err;

    err = FBC_ERR_CRYPTO;
    memcpy(context + FBC_KEY_LEN, pk_r, FBC_KEY_LEN);
    if ( fbc_x25519_public(context, sk_e) || fbc_x25519(dh, sk_e, pk_r) )
        goto out;
    if ( sk_s && (fbc_x25519(dh + FBC_KEY_LEN, sk_s, pk_r) ||
                  fbc_x25519_public(context + 2 * FBC_KEY_LEN, sk_s)) )
        goto out;

    err = finish(ctx, sk_s, aead, dh, context, info, info_len);
    if ( !err )
        memcpy(enc, context, FBC_KEY_LEN);

 out:
    fbc_wipe(dh, sizeof(dh));

    return err;
}

enum fbc_err
fbc_hpke_setup_recipient(struct fbc_hpke *ctx, enum fbc_aead_id aead,
                         const uint8_t enc[static FBC_KEY_LEN],
                         const uint8_t sk_r[static FBC_KEY_LEN],
                         const uint8_t *pk_s, const void *info,
                         size_t info_len)
{
    uint8_t dh[2 * FBC_KEY_LEN], context[KEM_CONTEXT_MAX];
    enum fbc_err err = check_args(aead, info_len);

    if ( err )
        return err;

    memcpy(context, enc, FBC_KEY_LEN);
    if ( pk_s )
        memcpy(context + 2 * FBC_KEY_LEN, pk_s, FBC_KEY_LEN);

    err = FBC_ERR_CRYPTO;
    if ( fbc_x25519_public(context + FBC_KEY_LEN, sk_r) )
        goto out;

    err = FBC_ERR_AUTH;
    if ( fbc_x25519(dh, sk_r, enc) ||
         (pk_s && fbc_x25519(dh + FBC_KEY_LEN, sk_r, pk_s)) )
        goto out;

    err = finish(ctx, pk_s, aead, dh, context, info, info_len);

 out:
    fbc_wipe(dh, sizeof(dh));

    return err;
}
