/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time that tells nothing of keys.  Secrets are marked as undefined; valgrind
 * then reports each branch and each address that depends on one, which is what
 * a clock or a cache could show.  To be run under valgrind; prints TAP.
 *
 * Public are, besides what is sent: the verdict on a tag, key id or shared
 * point (verdict.h), and what of a message is acted upon once it has verified.
 */
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "core/blob.h"
#include "core/hpke.h"
#include "core/input.h"
#include "core/kdf.h"
#include "core/manifest.h"
#include "core/pool.h"
#include "core/tile.h"
#include "core/vmmkey.h"

#define PIXELS (FBC_TILE_W * FBC_TILE_H)
#define TILES  4

static unsigned int tests, failed;
static size_t secret_part;      /* of what an open message says */

static uint8_t key[FBC_KEY_LEN], other[FBC_KEY_LEN], third[FBC_KEY_LEN];
static uint8_t pub[FBC_KEY_LEN], uuid[FBC_UUID_LEN], owner_pub[FBC_KEY_LEN];
static uint8_t tile[PIXELS * 3], vec[FBC_VECTOR_LEN(TILES)];
static const uint8_t nonce[FBC_NONCE_LEN] = { 1, 2, 3 }, aad[5] = { 9 };

static void secret(void *p, size_t len)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

static void public(void *p, size_t len)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(p, len);
}

/* In the place of the functions of crypto that core calls. */
int __real_fbc_aead_open(struct fbc_aead *a, const uint8_t *n,
                         const void *ad, size_t ad_len, void *buf, size_t len,
                         const uint8_t *tag);
int __wrap_fbc_aead_open(struct fbc_aead *a, const uint8_t *n,
                         const void *ad, size_t ad_len, void *buf, size_t len,
                         const uint8_t *tag);
int __wrap_fbc_aead_open(struct fbc_aead *a, const uint8_t *n,
                         const void *ad, size_t ad_len, void *buf, size_t len,
                         const uint8_t *tag)
{
    int rc = __real_fbc_aead_open(a, n, ad, ad_len, buf, len, tag);

    if ( len > secret_part )
        public((uint8_t *)buf + secret_part, len - secret_part);

    return rc;
}

int __real_fbc_ccm8_open(const uint8_t *k, const uint8_t *n, const void *ad,
                         size_t ad_len, void *buf, size_t len,
                         const uint8_t *tag);
int __wrap_fbc_ccm8_open(const uint8_t *k, const uint8_t *n, const void *ad,
                         size_t ad_len, void *buf, size_t len,
                         const uint8_t *tag);
int __wrap_fbc_ccm8_open(const uint8_t *k, const uint8_t *n, const void *ad,
                         size_t ad_len, void *buf, size_t len,
                         const uint8_t *tag)
{
    int rc = __real_fbc_ccm8_open(k, n, ad, ad_len, buf, len, tag);

    public(buf, len);

    return rc;
}

#ifdef FBC_CT_OPENSSL
/* The verdict inside of OpenSSL: valgrind puts this before its function. */
int I_WRAP_SONAME_FNNAME_ZU(libcryptoZdsoZd3, CRYPTO_memcmp)(
    const void *a, const void *b, size_t len);
int I_WRAP_SONAME_FNNAME_ZU(libcryptoZdsoZd3, CRYPTO_memcmp)(
    const void *a, const void *b, size_t len)
{
    OrigFn fn;
    int rc;

    VALGRIND_GET_ORIG_FN(fn);
    CALL_FN_W_WWW(rc, fn, a, b, len);
    public(&rc, sizeof(rc));

    return rc;
}
#endif

static void fill(void *data, size_t len, uint8_t from)
{
    uint8_t *p = data;

    while ( len-- )
        *p++ = from = (uint8_t)(from * 5 + 77);
}

static unsigned long before;

static void begin(void)
{
    secret_part = SIZE_MAX;
    fill(key, sizeof(key), 1);
    fill(other, sizeof(other), 2);
    fill(third, sizeof(third), 3);
    secret(key, sizeof(key));
    secret(other, sizeof(other));
    secret(third, sizeof(third));
    before = VALGRIND_COUNT_ERRORS;
}

/* ok: also what it should have done was done. */
static void end(const char *what, bool ok)
{
    unsigned long n = VALGRIND_COUNT_ERRORS - before;

    ok = ok && !n;
    failed += !ok;
    printf("%sok %u - %s: no branch, no address depends on a secret",
           ok ? "" : "not ", ++tests, what);
    if ( n )
        printf(": %lu reports", n);
    putchar('\n');
}

static void aead(enum fbc_aead_id id, const char *what)
{
    uint8_t buf[100], tag[FBC_TAG_LEN];
    struct fbc_aead a;
    unsigned int i;
    bool ok;

    begin();
    fill(buf, sizeof(buf), 4);
    secret(buf, sizeof(buf));
    ok = !fbc_aead_init(&a, id, key) &&
         !fbc_aead_seal(&a, nonce, aad, sizeof(aad), buf, sizeof(buf), tag);
    /* Right, wrong in the first byte, in the last one. */
    for ( i = 0; i < 3; i++ )
    {
        uint8_t t[FBC_TAG_LEN], b[sizeof(buf)];

        memcpy(t, tag, sizeof(t));
        memcpy(b, buf, sizeof(b));
        if ( i )
            t[i == 1 ? 0 : FBC_TAG_LEN - 1] ^= 1;
        ok &= !fbc_aead_open(&a, nonce, aad, sizeof(aad), b, sizeof(b), t) ==
              !i;
    }
    fbc_aead_clear(&a);
    end(what, ok);
}

static void ccm8(void)
{
    uint8_t buf[7], tag[FBC_CCM8_TAG_LEN];
    unsigned int i;
    bool ok;

    begin();
    fill(buf, sizeof(buf), 4);
    secret(buf, sizeof(buf));
    ok = !fbc_ccm8_seal(key, nonce, aad, sizeof(aad), buf, sizeof(buf), tag);
    for ( i = 0; i < 3; i++ )
    {
        uint8_t t[FBC_CCM8_TAG_LEN], b[sizeof(buf)];

        memcpy(t, tag, sizeof(t));
        memcpy(b, buf, sizeof(b));
        if ( i )
            t[i == 1 ? 0 : FBC_CCM8_TAG_LEN - 1] ^= 1;
        ok &= !fbc_ccm8_open(key, nonce, aad, sizeof(aad), b, sizeof(b), t) ==
              !i;
    }
    end("AES-256-CCM-8", ok);
}

static void hkdf(void)
{
    uint8_t prk[FBC_HASH_LEN], out[3 * FBC_HASH_LEN];
    bool ok;

    begin();
    ok = !fbc_hkdf_extract(nonce, sizeof(nonce), key, sizeof(key), prk) &&
         !fbc_hkdf_expand(prk, aad, sizeof(aad), out, sizeof(out));
    end("HKDF", ok);
}

static void x25519(void)
{
    static const uint8_t one[FBC_KEY_LEN] = { 1 };      /* of small order */
    uint8_t a[FBC_KEY_LEN];
    bool ok;

    begin();
    ok = !fbc_x25519_public(a, key);
    public(a, sizeof(a));
    ok = ok && !fbc_x25519(a, other, a) && fbc_x25519(a, other, one);
    end("X25519", ok);
}

/* Both sides of a wrapped session key. */
static void blobs(void)
{
    uint8_t blob[FBC_BLOB_LEN], forged[FBC_BLOB_LEN], vmm_pub[FBC_KEY_LEN];
    struct fbc_session s, got;
    uint64_t seq;
    bool ok;

    begin();
    ok = !fbc_x25519_public(vmm_pub, third) &&
         !fbc_x25519_public(owner_pub, key);
    public(vmm_pub, sizeof(vmm_pub));
    public(owner_pub, sizeof(owner_pub));
    ok = ok && !fbc_kdf_uuid(owner_pub, uuid);
    memset(&s, 0, sizeof(s));
    secret(s.key, sizeof(s.key));
    ok = ok && !fbc_blob_seal(blob, &s, 5, 0, key, vmm_pub, other);
    end("sealing a session key", ok);

    begin();
    public(blob, sizeof(blob));
    memcpy(forged, blob, sizeof(blob));
    forged[sizeof(forged) - 1] ^= 1;
    secret_part = FBC_KEY_LEN;
    ok = !fbc_blob_open(blob, sizeof(blob), uuid, 4, third, vmm_pub, &got,
                        &seq) &&
         fbc_blob_open(forged, sizeof(forged), uuid, 4, third, vmm_pub, &got,
                       &seq) == FBC_ERR_AUTH;
    forged[sizeof(forged) - 1] ^= 1;
    forged[FBC_BLOB_AAD_LEN] ^= 1;
    ok = ok && fbc_blob_open(forged, sizeof(forged), uuid, 4, third, vmm_pub,
                             &got, &seq) == FBC_ERR_AUTH;
    end("opening a session key", ok);
}

static void epochs(void)
{
    struct fbc_epoch e = { .aead = FBC_AEAD_AES256_GCM, .epoch = 3 };
    struct fbc_epoch_keys k;
    struct fbc_pool pool = { { 0 } };
    struct fbc_vmmkey v;
    uint8_t out[FBC_KEY_LEN];
    bool ok;

    begin();
    ok = !fbc_kdf_epoch(&e, key, &k);
    end("making the keys of an epoch", ok);

    begin();
    secret(&pool, sizeof(pool));
    ok = !fbc_pool_draw(&pool, key, sizeof(key), out);
    end("drawing from a pool", ok);

    begin();
    ok = !fbc_vmmkey_obtain(NULL, key, true, false, &v);
    end("making the hypervisor's key", ok);
}

static void screen(void)
{
    uint8_t record[FBC_RECORD_LEN], bytes[FBC_MANIFEST_LEN];
    struct fbc_manifest m = { .counter = 3, .launched = FBC_LAUNCHED_ANY };
    struct fbc_manifest got;
    struct fbc_aead a;
    uint64_t counter;
    bool ok;

    begin();
    fbc_vector_init(vec, 1, TILES);
    secret(tile, sizeof(tile));
    ok = !fbc_aead_init(&a, FBC_AEAD_AES256_GCM, key) &&
         !fbc_tile_seal(&a, 1, 2, 3, FBC_TILE_W, FBC_TILE_H, tile, record);
    public(record, FBC_COUNTER_LEN + 1);
    ok = ok && !fbc_tile_open(&a, 1, 2, 0, FBC_TILE_W, FBC_TILE_H, tile,
                              record, &counter);
    record[FBC_RECORD_LEN - 1] ^= 1;
    ok = ok && fbc_tile_open(&a, 1, 2, 0, FBC_TILE_W, FBC_TILE_H, tile,
                             record, &counter) == FBC_ERR_AUTH;
    end("a tile", ok);

    begin();
    secret_part = 0;
    ok = ok && !fbc_manifest_seal(&a, 2, &m, vec, TILES, bytes) &&
         !fbc_manifest_open(&a, 2, bytes, vec, TILES, &got);
    bytes[FBC_MANIFEST_LEN - 1] ^= 1;
    ok = ok && fbc_manifest_open(&a, 2, bytes, vec, TILES,
                                 &got) == FBC_ERR_AUTH;
    fbc_aead_clear(&a);
    end("a manifest", ok);
}

static void input(void)
{
    static const struct fbc_input in = {
        .kind = FBC_INPUT_KEY, .key = { { 30, true } },
    };
    uint8_t hello[FBC_INPUT_RECORD_LEN], record[FBC_INPUT_RECORD_LEN];
    struct fbc_input_conn c, d;
    struct fbc_input got;
    bool ok;

    begin();
    ok = !fbc_input_hello(key, 2, 7, &c, hello);
    ok = ok && !fbc_input_accept(key, hello, &d);
    hello[FBC_INPUT_RECORD_LEN - 1] ^= 1;
    ok = ok && fbc_input_accept(key, hello, &d) == FBC_ERR_AUTH;
    end("a hello of sealed input", ok);

    begin();
    secret(c.key, sizeof(c.key));
    ok = ok && !fbc_input_seal(&c, 1, &in, record) &&
         !fbc_input_open(&c, 1, record, &got);
    record[FBC_INPUT_RECORD_LEN - 1] ^= 1;
    ok = ok && fbc_input_open(&c, 1, record, &got) == FBC_ERR_AUTH;
    end("a record of sealed input", ok);
}

/* What no key may meet; both must be reported. */
static bool early_out(const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t i;

    for ( i = 0; i < len; i++ )
    {
        if ( a[i] != b[i] )
            return false;
        __asm__ __volatile__ ( "" ::: "memory" );
    }

    return true;
}

static void controls(void)
{
    static const uint8_t table[256] = { 1, 2 };
    volatile uint8_t seen;
    unsigned long n;

    begin();
    seen = early_out(key, other, sizeof(key));
    n = VALGRIND_COUNT_ERRORS - before;
    failed += !n;
    printf("%sok %u - a comparison that ends early is reported\n",
           n ? "" : "not ", ++tests);

    begin();
    seen = table[key[3]];
    n = VALGRIND_COUNT_ERRORS - before;
    failed += !n;
    printf("%sok %u - a table that is read by a secret is reported\n",
           n ? "" : "not ", ++tests);
    (void)seen;
}

int main(void)
{
    if ( !RUNNING_ON_VALGRIND )
    {
        puts("1..1\nnot ok 1 - to be run under valgrind");
        return 1;
    }

    fill(pub, sizeof(pub), 9);
    aead(FBC_AEAD_AES256_GCM, fbc_aead_fast(FBC_AEAD_AES256_GCM)
         ? "AES-256-GCM" : "AES-256-GCM without AES instructions");
    aead(FBC_AEAD_CHACHA20_POLY1305, "ChaCha20-Poly1305");
    ccm8();
    hkdf();
    x25519();
    blobs();
    epochs();
    screen();
    input();
    controls();
    printf("1..%u\n", tests);

    return !!failed;
}
