/* SPDX-License-Identifier: GPL-2.0-only */
/* Owner fingerprints, epoch keys and error phrases. */
#include "vec.h"

#include "core/kdf.h"

static void check_owner(const json_t *v)
{
    uint8_t pub[FBC_KEY_LEN], want[FBC_UUID_LEN], uuid[FBC_UUID_LEN];
    unsigned int i;

    vec_bytes(v, "owner_pub", pub, sizeof(pub));
    vec_bytes(v, "uuid", want, sizeof(want));
    assert_int_equal(fbc_kdf_uuid(pub, uuid), 0);
    assert_memory_equal(uuid, want, sizeof(uuid));
    assert_int_equal(uuid[6] >> 4, 8);
    assert_int_equal(uuid[8] >> 6, 2);

    /* Such a UUID protects its VM; one of any other form does not. */
    assert_true(fbc_kdf_is_uuid(uuid));
    for ( i = 1; i < 16; i++ )
    {
        uuid[6] ^= (uint8_t)(i << 4);
        assert_false(fbc_kdf_is_uuid(uuid));
        uuid[6] ^= (uint8_t)(i << 4);
    }
    for ( i = 1; i < 4; i++ )
    {
        uuid[8] ^= (uint8_t)(i << 6);
        assert_false(fbc_kdf_is_uuid(uuid));
        uuid[8] ^= (uint8_t)(i << 6);
    }
    uuid[7] ^= 0xff;
    uuid[8] ^= 0x3f;
    assert_true(fbc_kdf_is_uuid(uuid));
}

static void owners(void **state)
{
    (void)state;
    vec_each("kdf.json", "vectors", check_owner);
}

static void check_epoch(const json_t *v)
{
    struct fbc_epoch_keys keys, untouched;
    uint8_t session[FBC_KEY_LEN], want[FBC_KEY_LEN];
    struct fbc_epoch e;

    /* Whatever of geom is not named in kdf.h must not matter. */
    memset(&e, 0xa5, sizeof(e));
    e.epoch = (uint32_t)vec_u64(v, "epoch");
    e.aead = (enum fbc_aead_id)vec_u64(v, "aead");
    e.geom.width = (uint16_t)vec_u64(v, "width");
    e.geom.height = (uint16_t)vec_u64(v, "height");
    vec_bytes(v, "uuid", e.uuid, sizeof(e.uuid));
    vec_bytes(v, "salt", e.salt, sizeof(e.salt));
    vec_bytes(v, "session", session, sizeof(session));
    e.launched = vec_has(v, "launch") ? FBC_LAUNCHED_ACCEPTED
                                      : FBC_LAUNCHED_ANY;
    if ( vec_has(v, "launch") )
        vec_bytes(v, "launch", e.launch, sizeof(e.launch));

    memset(&keys, 0xa5, sizeof(keys));
    memset(&untouched, 0xa5, sizeof(untouched));
    if ( vec_err(v, "expect") != FBC_OK )
    {
        assert_int_equal(fbc_kdf_epoch(&e, session, &keys), -1);
        assert_memory_equal(&keys, &untouched, sizeof(keys));
        return;
    }

    assert_int_equal(fbc_kdf_epoch(&e, session, &keys), 0);
    vec_bytes(v, "tile", want, sizeof(want));
    assert_memory_equal(keys.tile, want, sizeof(want));
    vec_bytes(v, "manifest", want, sizeof(want));
    assert_memory_equal(keys.manifest, want, sizeof(want));
    vec_bytes(v, "input", want, sizeof(want));
    assert_memory_equal(keys.input, want, sizeof(want));
    vec_bytes(v, "key_id", want, FBC_KEYID_LEN);
    assert_memory_equal(keys.key_id, want, FBC_KEYID_LEN);
}

/* What nobody asked for is in no key, measured or not. */
static void unbound(void **state)
{
    struct fbc_epoch e = { .epoch = 1, .aead = FBC_AEAD_AES256_GCM };
    static const uint8_t session[FBC_KEY_LEN] = { 7 };
    struct fbc_epoch_keys untold, keys;

    (void)state;
    assert_int_equal(fbc_kdf_epoch(&e, session, &untold), 0);
    memset(e.launch, 0xc3, sizeof(e.launch));
    e.launched = FBC_LAUNCHED_ANY;
    assert_int_equal(fbc_kdf_epoch(&e, session, &keys), 0);
    assert_memory_equal(&keys, &untold, sizeof(keys));
    e.launched = FBC_LAUNCHED_UNMEASURED;
    assert_int_equal(fbc_kdf_epoch(&e, session, &keys), 0);
    assert_memory_equal(&keys, &untold, sizeof(keys));
    e.launched = FBC_LAUNCHED_ACCEPTED;
    assert_int_equal(fbc_kdf_epoch(&e, session, &keys), 0);
    assert_memory_not_equal(keys.key_id, untold.key_id, FBC_KEYID_LEN);
    assert_memory_not_equal(keys.input, untold.input, FBC_KEY_LEN);
}

static void epochs(void **state)
{
    (void)state;
    vec_each("kdf.json", "epochs", check_epoch);
}

static void phrases(void **state)
{
    const char *s, *t;
    int i, j;

    (void)state;
    for ( i = FBC_OK; i <= FBC_ERR_LAUNCH; i++ )
    {
        s = fbc_strerror((enum fbc_err)i);
        assert_non_null(s);
        assert_true(*s && s[strlen(s) - 1] != '.');
        assert_string_not_equal(s, "unknown error");
        for ( j = FBC_OK; j < i; j++ )
        {
            t = fbc_strerror((enum fbc_err)j);
            assert_string_not_equal(s, t);
        }
    }
    assert_string_equal(fbc_strerror((enum fbc_err)1000), "unknown error");
    assert_string_equal(fbc_strerror((enum fbc_err)-1), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("a VM's UUID is its owner's fingerprint", owners),
        VEC_TEST("epoch keys depend on each input as written", epochs),
        VEC_TEST("only a launch that was asked for is in the keys", unbound),
        VEC_TEST("each error has a phrase of its own", phrases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
