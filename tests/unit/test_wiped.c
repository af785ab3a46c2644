/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What core leaves on the stack when it is done with keys: none of them.  dom0
 * cannot look there, but what does not last needs no defence.
 */
#include "vec.h"

#include "core/blob.h"
#include "core/crypto.h"
#include "core/hpke.h"
#include "core/input.h"
#include "core/kdf.h"
#include "core/pool.h"
#include "core/tile.h"
#include "ownstack.h"

static uint8_t owner_sk[FBC_KEY_LEN], owner_pub[FBC_KEY_LEN];
static uint8_t vmm_sk[FBC_KEY_LEN], vmm_pub[FBC_KEY_LEN], sk_e[FBC_KEY_LEN];
static uint8_t uuid[FBC_UUID_LEN], blob[FBC_BLOB_LEN];
static struct fbc_session session, opened;
static struct fbc_epoch epoch;
static struct fbc_epoch_keys keys;
static struct fbc_pool pool;
static uint8_t drawn[FBC_KEY_LEN];
static struct fbc_input_conn conn;
static uint8_t hello[FBC_INPUT_RECORD_LEN], record[FBC_INPUT_RECORD_LEN];
static const struct fbc_input key_a = {
    .kind = FBC_INPUT_KEY, .key = { { 30, true }, { 30, false } },
};
static struct fbc_input typed;
static enum fbc_err err;

static void fill(uint8_t *p, size_t n, uint8_t from)
{
    while ( n-- )
        *p++ = from = (uint8_t)(from * 5 + 77);
}

#define OURS    512     /* what our own frames need */

static void not_left(const char *what, const uint8_t *p)
{
    if ( ownstack_has(p, FBC_KEY_LEN) )
        fail_msg("%s is left on the stack", what);
}

/*
 * Bit-sliced round keys are not seen for what they are: nothing may be left but
 * the ciphertext of a block of four.  Once more, as the first call of a library's
 * function is a deep one.
 */
static void nothing_left(void (*step)(void))
{
    ownstack_run(step);
    assert_int_equal(err, FBC_OK);
    assert_in_range(ownstack_words(OURS), 0, 8);
}

/* Both shared points, and the key that is made of them. */
static void no_shared_secret(void)
{
    uint8_t dh[FBC_KEY_LEN];

    assert_int_equal(fbc_x25519(dh, sk_e, vmm_pub), 0);
    not_left("the ephemeral point", dh);
    assert_int_equal(fbc_x25519(dh, owner_sk, vmm_pub), 0);
    not_left("the owner's point", dh);
    not_left("the session key", session.key);
    not_left("the owner's key", owner_sk);
    not_left("the ephemeral key", sk_e);
    not_left("the hypervisor's key", vmm_sk);
}

static void seal_blob(void)
{
    err = fbc_blob_seal(blob, &session, 7, 0, owner_sk, vmm_pub, sk_e);
}

static void open_blob(void)
{
    uint64_t seq;

    err = fbc_blob_open(blob, sizeof(blob), uuid, 6, vmm_sk, vmm_pub, &opened,
                        &seq);
}

static void blobs(void **state)
{
    (void)state;
    ownstack_run(seal_blob);
    assert_int_equal(err, FBC_OK);
    no_shared_secret();
    ownstack_run(open_blob);
    assert_int_equal(err, FBC_OK);
    assert_memory_equal(opened.key, session.key, FBC_KEY_LEN);
    no_shared_secret();
    blob[sizeof(blob) - 1] ^= 1;
    ownstack_run(open_blob);
    assert_int_equal(err, FBC_ERR_AUTH);
    no_shared_secret();
}

static struct fbc_hpke hpke;
static uint8_t enc[FBC_KEY_LEN];

static void send_hpke(void)
{
    err = fbc_hpke_setup_sender(&hpke, FBC_AEAD_AES256_GCM, vmm_pub, owner_sk,
                                sk_e, "info", 4, enc);
}

static void receive_hpke(void)
{
    err = fbc_hpke_setup_recipient(&hpke, FBC_AEAD_AES256_GCM, enc, vmm_sk,
                                   owner_pub, "info", 4);
}

static void hpkes(void **state)
{
    static void (*const steps[])(void) = { send_hpke, receive_hpke };
    unsigned int i;

    (void)state;
    for ( i = 0; i < 2; i++ )
    {
        ownstack_run(steps[i]);
        assert_int_equal(err, FBC_OK);
        no_shared_secret();
        not_left("the key", hpke.key);
    }
}

static void derive(void)
{
    err = fbc_kdf_epoch(&epoch, session.key, &keys) ? FBC_ERR_CRYPTO : FBC_OK;
}

static void epochs(void **state)
{
    uint8_t root[FBC_HASH_LEN];

    (void)state;
    epoch.aead = FBC_AEAD_AES256_GCM;
    ownstack_run(derive);
    assert_int_equal(err, FBC_OK);
    assert_int_equal(fbc_hkdf_extract(epoch.salt, FBC_SALT_LEN, session.key,
                                      FBC_KEY_LEN, root), 0);
    not_left("the session key", session.key);
    not_left("what all keys come from", root);
    not_left("the key of tiles", keys.tile);
    not_left("the key of manifests", keys.manifest);
    not_left("the key of input", keys.input);
}

static uint8_t prk[FBC_HASH_LEN], expanded[FBC_KEY_LEN];

static void extract(void)
{
    err = fbc_hkdf_extract(epoch.salt, FBC_SALT_LEN, session.key, FBC_KEY_LEN,
                           prk) ? FBC_ERR_CRYPTO : FBC_OK;
}

static void expand(void)
{
    err = fbc_hkdf_expand(prk, "x", 1, expanded, sizeof(expanded))
          ? FBC_ERR_CRYPTO : FBC_OK;
}

static void hkdf(void **state)
{
    (void)state;
    ownstack_run(extract);
    assert_int_equal(err, FBC_OK);
    not_left("the input", session.key);
    not_left("what was extracted", prk);
    ownstack_run(expand);
    assert_int_equal(err, FBC_OK);
    not_left("what was extracted", prk);
    not_left("what was expanded", expanded);
}

static void draw(void)
{
    err = fbc_pool_draw(&pool, blob, sizeof(blob), drawn);
}

static void pools(void **state)
{
    uint8_t before[FBC_HASH_LEN];

    (void)state;
    fill(pool.state, sizeof(pool.state), 4);
    memcpy(before, pool.state, sizeof(before));
    ownstack_run(draw);
    assert_int_equal(err, FBC_OK);
    not_left("the state before", before);
    not_left("the state", pool.state);
    not_left("what was drawn", drawn);
}

static void greet(void)
{
    err = fbc_input_hello(owner_sk, 3, 5, &conn, hello);
}

static void accept_hello(void)
{
    err = fbc_input_accept(owner_sk, hello, &conn);
}

static void type(void)
{
    err = fbc_input_seal(&conn, 1, &key_a, record);
}

static void take(void)
{
    err = fbc_input_open(&conn, 1, record, &typed);
}

static void input(void **state)
{
    static void (*const steps[])(void) = { greet, accept_hello, type, take };
    unsigned int i;

    (void)state;
    for ( i = 0; i < sizeof(steps) / sizeof(steps[0]); i++ )
    {
        ownstack_run(steps[i]);
        assert_int_equal(err, FBC_OK);
        not_left("the epoch's key", owner_sk);
        not_left("the connection's key", conn.key);
        nothing_left(steps[i]);
    }
    hello[8] ^= 1;
    ownstack_run(accept_hello);
    assert_int_equal(err, FBC_ERR_AUTH);
    not_left("the connection's key", conn.key);
}

static struct fbc_aead aead;
static enum fbc_aead_id aead_id;

static void schedule(void)
{
    err = fbc_aead_init(&aead, aead_id, session.key)
          ? FBC_ERR_CRYPTO : FBC_OK;
}

static const uint8_t nonce[FBC_NONCE_LEN];
static uint8_t tile[3072], opened_tile[3072], tile_tag[FBC_TAG_LEN];

static void seal_tile(void)
{
    memset(tile, 0, sizeof(tile));
    err = fbc_aead_seal(&aead, nonce, "x", 1, tile, sizeof(tile),
                        tile_tag) ? FBC_ERR_CRYPTO : FBC_OK;
}

static void open_tile(void)
{
    memcpy(opened_tile, tile, sizeof(tile));
    err = fbc_aead_open(&aead, nonce, "x", 1, opened_tile, sizeof(tile),
                        tile_tag) ? FBC_ERR_CRYPTO : FBC_OK;
}

/* The first two round keys are the key. */
static void ciphers(void **state)
{
    static void (*const steps[])(void) = { schedule, seal_tile, open_tile };
    unsigned int i;

    (void)state;
    for ( aead_id = FBC_AEAD_AES256_GCM; aead_id <= FBC_AEAD_CHACHA20_POLY1305;
          aead_id++ )
        for ( i = 0; i < sizeof(steps) / sizeof(steps[0]); i++ )
        {
            ownstack_run(steps[i]);
            assert_int_equal(err, FBC_OK);
            not_left("the key", session.key);
            nothing_left(steps[i]);
        }
}

static void leave_key(void)
{
    uint8_t copy[FBC_KEY_LEN];

    memcpy(copy, session.key, sizeof(copy));
    __asm__ __volatile__ ( "" : : "r" (copy) : "memory" );
}

static void not_blind(void **state)
{
    (void)state;
    ownstack_run(leave_key);
    assert_true(ownstack_has(session.key, FBC_KEY_LEN));
}

static int make_keys(void **state)
{
    (void)state;
    fill(owner_sk, sizeof(owner_sk), 1);
    fill(vmm_sk, sizeof(vmm_sk), 2);
    fill(sk_e, sizeof(sk_e), 3);
    fill(session.key, sizeof(session.key), 5);
    fill(epoch.salt, sizeof(epoch.salt), 6);

    return fbc_x25519_public(owner_pub, owner_sk) ||
           fbc_x25519_public(vmm_pub, vmm_sk) ||
           fbc_kdf_uuid(owner_pub, uuid) ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("sealing and opening blobs leaves no key", blobs),
        VEC_TEST("either end of HPKE leaves no key", hpkes),
        VEC_TEST("making an epoch's keys leaves none of them", epochs),
        VEC_TEST("HKDF leaves neither what it takes nor what it gives", hkdf),
        VEC_TEST("drawing from a pool leaves neither key nor state", pools),
        VEC_TEST("connections of sealed input leave no key", input),
        VEC_TEST("making a cipher's schedule, sealing and opening leave no key",
                 ciphers),
        VEC_TEST("a key that is left is seen", not_blind),
    };

    return cmocka_run_group_tests_name("wiped", tests, make_keys, NULL);
}
