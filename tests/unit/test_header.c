/* SPDX-License-Identifier: GPL-2.0-only */
/* Header, counter vector and manifest of a shadow. */
#include <stdlib.h>

#include "vec.h"

#include "core/crc32.h"
#include "core/header.h"
#include "core/manifest.h"

static enum fbc_err want(const json_t *v)
{
    const char *s = vec_text(v, "expect");

    if ( !strcmp(s, "pending") )
        return FBC_ERR_PENDING;
    if ( !strcmp(s, "size") )
        return FBC_ERR_SIZE;

    return vec_err(v, "expect");
}

static void check_header(const json_t *v)
{
    uint8_t bytes[FBC_HEADER_LEN], made[FBC_HEADER_LEN];
    struct fbc_header h, before;
    uint8_t salt[FBC_SALT_LEN], uuid[FBC_UUID_LEN];
    uint8_t key_id[FBC_KEYID_LEN], vmm_id[16];
    enum fbc_err expect = want(v);

    vec_bytes(v, "bytes", bytes, sizeof(bytes));
    memset(&h, 0xa5, sizeof(h));
    before = h;
    assert_int_equal(fbc_header_parse(bytes, &h), expect);
    if ( expect )
    {
        assert_memory_equal(&h, &before, sizeof(h));
        return;
    }

    vec_bytes(v, "uuid", uuid, sizeof(uuid));
    vec_bytes(v, "salt", salt, sizeof(salt));
    vec_bytes(v, "key_id", key_id, sizeof(key_id));
    vec_bytes(v, "vmm_id", vmm_id, sizeof(vmm_id));
    assert_int_equal(h.version, vec_u64(v, "version"));
    assert_int_equal(h.ep.epoch, vec_u64(v, "epoch"));
    assert_int_equal(h.ep.aead, vec_u64(v, "aead"));
    assert_int_equal(h.ep.geom.width, vec_u64(v, "width"));
    assert_int_equal(h.ep.geom.height, vec_u64(v, "height"));
    assert_true(h.ep.geom.tiles);
    assert_memory_equal(h.ep.uuid, uuid, sizeof(uuid));
    assert_memory_equal(h.ep.salt, salt, sizeof(salt));
    assert_memory_equal(h.key_id, key_id, sizeof(key_id));
    assert_memory_equal(h.vmm_id, vmm_id, sizeof(vmm_id));

    fbc_header_encode(&h, made);
    assert_memory_equal(made, bytes, sizeof(bytes));
}

static void headers(void **state)
{
    (void)state;
    vec_each("header.json", "vectors", check_header);
}

static void header_bits(void **state)
{
    struct fbc_header h, other;
    uint8_t good[FBC_HEADER_LEN];
    size_t bit;

    (void)state;
    memset(&h, 0x3c, sizeof(h));
    assert_int_equal(fbc_geom_init(&h.ep.geom, 800, 600), FBC_OK);
    h.version = FBC_HEADER_VERSION;
    h.ep.aead = FBC_AEAD_AES256_GCM;
    fbc_header_encode(&h, good);
    for ( bit = 0; bit < 8 * sizeof(good); bit++ )
    {
        /* Version 2 becomes 3 by bit 32. */
        enum fbc_err expect = bit < 32 ? FBC_ERR_MAGIC
                              : bit > 32 && bit < 48 ? FBC_ERR_VERSION
                              : FBC_ERR_CHECKSUM;

        good[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(fbc_header_parse(good, &other), expect);
        good[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(fbc_header_parse(good, &other), FBC_OK);
}

static void crc32_known(void **state)
{
    uint8_t zero[64] = {};
    uint32_t crc;

    (void)state;
    assert_int_equal(fbc_crc32(0, "", 0), 0);
    assert_int_equal(fbc_crc32(0, "123456789", 9), 0xcbf43926);
    assert_int_equal(fbc_crc32(0, zero, 64), 0x758d6336);
    crc = fbc_crc32(0, "1234", 4);
    assert_int_equal(fbc_crc32(crc, "56789", 5), 0xcbf43926);
}

static void vector(void **state)
{
    enum { TILES = 5 };
    uint8_t *vec = malloc(FBC_VECTOR_LEN(TILES));
    uint32_t t, set;

    (void)state;
    assert_non_null(vec);
    memset(vec, 0xa5, FBC_VECTOR_LEN(TILES));
    fbc_vector_init(vec, 0x04030201, TILES);
    assert_memory_equal(vec, "\1\2\3\4", 4);
    for ( t = 0; t < TILES; t++ )
        assert_true(!fbc_vector_get(vec, t));

    for ( set = 0; set < TILES; set++ )
    {
        fbc_vector_set(vec, set, FBC_COUNTER_MAX - set);
        for ( t = 0; t < TILES; t++ )
            assert_true(fbc_vector_get(vec, t) ==
                        (t <= set ? FBC_COUNTER_MAX - t : 0));
    }
    fbc_vector_set(vec, 4, UINT64_C(0x07060504030201));
    assert_memory_equal(vec + 4 + 4 * 7, "\1\2\3\4\5\6\7", 7);
    assert_memory_equal(vec, "\1\2\3\4", 4);
    free(vec);
}

static uint8_t *vector_of(const json_t *v, uint32_t *tiles)
{
    const json_t *list = json_object_get(v, "counters"), *c;
    uint8_t *vec;
    size_t i;

    *tiles = (uint32_t)json_array_size(list);
    vec = malloc(FBC_VECTOR_LEN(*tiles));
    assert_non_null(vec);
    fbc_vector_init(vec, (uint32_t)vec_u64(v, "epoch"), *tiles);
    json_array_foreach ( list, i, c )
        fbc_vector_set(vec, (uint32_t)i,
                       strtoull(json_string_value(c), NULL, 10));

    return vec;
}

static void check_manifest(const json_t *v)
{
    uint8_t key[FBC_KEY_LEN], bytes[FBC_MANIFEST_LEN] = {};
    uint8_t made[FBC_MANIFEST_LEN];
    struct hex h = vec_hex(v, "bytes");
    struct fbc_manifest m, before;
    uint8_t launch[FBC_MANIFEST_LAUNCH];
    uint16_t version = (uint16_t)vec_u64(v, "version");
    enum fbc_err expect = want(v);
    const json_t *ack = json_object_get(v, "ack");
    const json_t *conn = json_object_get(v, "conn");
    struct fbc_aead a;
    uint32_t tiles;
    uint8_t *vec = vector_of(v, &tiles);
    size_t i;

    vec_bytes(v, "key", key, sizeof(key));
    assert_in_range(h.len, 80, sizeof(bytes));
    memcpy(bytes, h.data, h.len);
    free(h.data);
    assert_int_equal(fbc_aead_init(&a, (enum fbc_aead_id)vec_u64(v, "aead"),
                                   key), 0);
    memset(&m, 0xa5, sizeof(m));
    before = m;
    assert_int_equal(fbc_manifest_open(&a, version, bytes, vec, tiles,
                                       &m), expect);
    if ( expect )
        assert_memory_equal(&m, &before, sizeof(m));
    else
    {
        assert_true(m.counter == vec_u64(v, "counter"));
        assert_true(m.time_ns == vec_u64(v, "time_ns"));
        assert_true(m.input.challenge == vec_u64(v, "challenge"));
        assert_int_equal(m.input.gap, vec_u64(v, "gap"));
        assert_int_equal(json_array_size(ack), FBC_INPUT_SLOTS);
        assert_int_equal(json_array_size(conn), FBC_INPUT_SLOTS);
        for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
        {
            assert_int_equal(m.input.ack[i],
                             json_integer_value(json_array_get(ack, i)));
            assert_int_equal(m.input.conn[i],
                             json_integer_value(json_array_get(conn, i)));
        }

        vec_bytes(v, "launch", launch, sizeof(launch));
        assert_int_equal(m.launched, vec_u64(v, "launched"));
        assert_memory_equal(m.launch, launch, sizeof(launch));

        assert_int_equal(fbc_manifest_seal(&a, version, &m, vec, tiles, made),
                         FBC_OK);
        assert_memory_equal(made, bytes, sizeof(bytes));
    }

    fbc_aead_clear(&a);
    free(vec);
}

static void manifests(void **state)
{
    (void)state;
    vec_each("header.json", "manifests", check_manifest);
}

/* Each bit of manifest and counter vector. */
static void manifest_bits(void **state)
{
    enum { TILES = 4 };
    static const uint8_t key[FBC_KEY_LEN] = { 9 };
    uint8_t vec[FBC_VECTOR_LEN(TILES)], bytes[FBC_MANIFEST_LEN];
    struct fbc_manifest m = { .counter = 5, .time_ns = 6,
                              .launched = FBC_LAUNCHED_ANY }, out;
    struct fbc_aead a;
    size_t bit;

#define OPEN() fbc_manifest_open(&a, 2, bytes, vec, TILES, &out)
#define SEAL(version) fbc_manifest_seal(&a, version, &m, vec, TILES, bytes)
    (void)state;
    fbc_vector_init(vec, 1, TILES);
    assert_int_equal(fbc_aead_init(&a, FBC_AEAD_CHACHA20_POLY1305, key), 0);
    assert_int_equal(SEAL(2), FBC_OK);
    for ( bit = 0; bit < 8 * sizeof(bytes); bit++ )
    {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(OPEN(), FBC_ERR_AUTH);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for ( bit = 0; bit < 8 * sizeof(vec); bit++ )
    {
        vec[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(OPEN(), FBC_ERR_AUTH);
        vec[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(OPEN(), FBC_OK);

    m.counter = 0;
    assert_int_equal(SEAL(2), FBC_ERR_RANGE);
    m.counter = FBC_COUNTER_MAX + 1;
    assert_int_equal(SEAL(2), FBC_ERR_RANGE);
    /* What has no place in it, or means nothing. */
    m.counter = 5;
    assert_int_equal(SEAL(1), FBC_ERR_RANGE);
    m.launched = FBC_LAUNCHED_UNTOLD;
    assert_int_equal(SEAL(1), FBC_OK);
    assert_int_equal(SEAL(2), FBC_ERR_RANGE);
    m.launched = FBC_LAUNCHED_UNMEASURED;
    assert_int_equal(SEAL(2), FBC_OK);
    m.launch[0] = 1;
    assert_int_equal(SEAL(2), FBC_ERR_RANGE);
    fbc_aead_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("headers agree with an independent implementation", headers),
        VEC_TEST("each flipped bit of a header is refused", header_bits),
        VEC_TEST("the CRC-32 is zlib's", crc32_known),
        VEC_TEST("a counter vector holds 56-bit counters", vector),
        VEC_TEST("manifests agree with an independent implementation",
                 manifests),
        VEC_TEST("a manifest stands for one screen and no other",
                 manifest_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
