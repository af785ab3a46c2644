/* SPDX-License-Identifier: GPL-2.0-only */
/* Key blobs: what the owner seals opens, everything else is refused. */
#include "vec.h"

#include <stdlib.h>

#include "core/blob.h"
#include "core/kdf.h"

static struct fbc_session untouched_session, session;
static struct fbc_blob_info untouched_info, info;
static uint64_t seq;

static void mark_outputs(void)
{
    memset(&session, 0xa5, sizeof(session));
    memset(&untouched_session, 0xa5, sizeof(untouched_session));
    memset(&info, 0xa5, sizeof(info));
    memset(&untouched_info, 0xa5, sizeof(untouched_info));
    seq = UINT64_C(0xa5a5a5a5a5a5a5a5);
}

static void assert_untouched(void)
{
    assert_memory_equal(&session, &untouched_session, sizeof(session));
    assert_true(seq == UINT64_C(0xa5a5a5a5a5a5a5a5));
}

static void check_sealed(const json_t *v, const struct hex *want,
                         const uint8_t *vmm_pub)
{
    uint8_t owner_sk[FBC_KEY_LEN], sk_e[FBC_KEY_LEN], blob[FBC_BLOB_LEN];
    enum fbc_err err;

    vec_bytes(v, "owner_sk", owner_sk, sizeof(owner_sk));
    vec_bytes(v, "sk_e", sk_e, sizeof(sk_e));
    err = fbc_blob_seal(blob, &session, seq, vec_u64(v, "not_after"),
                        owner_sk, vmm_pub, sk_e);
    assert_int_equal(err, FBC_OK);
    assert_memory_equal(blob, want->data, sizeof(blob));
}

static void check(const json_t *v)
{
    struct hex blob = vec_hex(v, "blob");
    uint8_t uuid[FBC_UUID_LEN], vmm_sk[FBC_KEY_LEN], vmm_pub[FBC_KEY_LEN];
    uint8_t want[FBC_KEY_LEN];
    enum fbc_err err;

    vec_bytes(v, "uuid", uuid, sizeof(uuid));
    vec_bytes(v, "vmm_sk", vmm_sk, sizeof(vmm_sk));
    vec_bytes(v, "vmm_pub", vmm_pub, sizeof(vmm_pub));
    mark_outputs();

    err = fbc_blob_parse(blob.data, blob.len, &info);
    assert_int_equal(err, vec_err(v, "parse"));
    if ( err )
        assert_memory_equal(&info, &untouched_info, sizeof(info));

    err = fbc_blob_open(blob.data, blob.len, uuid, vec_u64(v, "last_seq"),
                        vmm_sk, vmm_pub, &session, &seq);
    assert_int_equal(err, vec_err(v, "expect"));
    if ( err )
        assert_untouched();
    else
    {
        vec_bytes(v, "session", want, sizeof(want));
        assert_memory_equal(session.key, want, sizeof(want));
        assert_int_equal(session.refresh_ms, vec_u64(v, "refresh_ms"));
        assert_int_equal(session.sealed_input, vec_u64(v, "sealed_input"));
        assert_true(seq == vec_u64(v, "seq"));

        assert_int_equal(info.flags, 0);
        assert_memory_equal(info.uuid, uuid, sizeof(uuid));
        assert_true(info.seq == seq);
        assert_true(info.not_after == vec_u64(v, "not_after"));
        assert_int_equal(fbc_sha256(vmm_pub, sizeof(vmm_pub), want), 0);
        assert_memory_equal(info.vmm_hash, want, sizeof(want));
        assert_int_equal(fbc_kdf_uuid(info.owner_pub, want), 0);
        assert_memory_equal(info.uuid, want, sizeof(uuid));

        if ( vec_has(v, "owner_sk") )
            check_sealed(v, &blob, vmm_pub);
    }
    free(blob.data);
}

static void vectors(void **state)
{
    (void)state;
    vec_each("blob.json", "vectors", check);
}

/* One good blob that the tests below change. */
static uint8_t owner_sk[FBC_KEY_LEN], vmm_sk[FBC_KEY_LEN];
static uint8_t vmm_pub[FBC_KEY_LEN], vm_uuid[FBC_UUID_LEN];
static uint8_t good[FBC_BLOB_LEN];

static int make_good(void **state)
{
    uint8_t sk_e[FBC_KEY_LEN], owner_pub[FBC_KEY_LEN];
    struct fbc_session s = { .refresh_ms = 250 };

    (void)state;
    memset(owner_sk, 1, sizeof(owner_sk));
    memset(vmm_sk, 2, sizeof(vmm_sk));
    memset(sk_e, 3, sizeof(sk_e));
    memset(s.key, 4, sizeof(s.key));

    return fbc_x25519_public(vmm_pub, vmm_sk) ||
           fbc_x25519_public(owner_pub, owner_sk) ||
           fbc_kdf_uuid(owner_pub, vm_uuid) ||
           fbc_blob_seal(good, &s, 1000, 0, owner_sk, vmm_pub, sk_e);
}

static enum fbc_err open_good(const uint8_t *blob, size_t len)
{
    mark_outputs();

    return fbc_blob_open(blob, len, vm_uuid, 999, vmm_sk, vmm_pub, &session,
                         &seq);
}

/*
 * What a flipped bit must give: when opened, and when only read.  The lowest
 * bit of the AEAD id turns AES-256-GCM (2) into ChaCha20-Poly1305 (3).
 */
static const struct field {
    const char *name;
    unsigned int offset, len;
    enum fbc_err open, parse;
} fields[] = {
    { "magic", 0, 4, FBC_ERR_MAGIC, FBC_ERR_MAGIC },
    { "version", 4, 2, FBC_ERR_VERSION, FBC_ERR_VERSION },
    { "algorithms", 6, 6, FBC_ERR_ALGORITHM, FBC_ERR_ALGORITHM },
    { "flags", 12, 4, FBC_ERR_RESERVED, FBC_ERR_RESERVED },
    { "uuid", 16, 16, FBC_ERR_WRONG_VM, FBC_ERR_WRONG_OWNER },
    { "seq", 32, 8, FBC_ERR_AUTH, FBC_OK },
    { "not_after", 40, 8, FBC_ERR_AUTH, FBC_OK },
    { "owner", 48, 32, FBC_ERR_WRONG_OWNER, FBC_ERR_WRONG_OWNER },
    { "vmm", 80, 32, FBC_ERR_WRONG_VMM, FBC_OK },
    { "enc", 112, 32, FBC_ERR_AUTH, FBC_OK },
    { "sealed", 144, 48, FBC_ERR_AUTH, FBC_OK },
    { "tag", 192, 16, FBC_ERR_AUTH, FBC_OK },
};
#define OFF_AEAD 10
#define OFF_SEQ  32

static void flips(void **state)
{
    unsigned int i, bit, count = 0, offset;
    uint8_t blob[FBC_BLOB_LEN];
    enum fbc_err open, parse;
    const struct field *f;

    (void)state;
    assert_int_equal(open_good(good, sizeof(good)), FBC_OK);

    for ( i = 0; i < sizeof(fields) / sizeof(fields[0]); i++ )
    {
        f = &fields[i];
        for ( bit = 0; bit < 8 * f->len; bit++, count++ )
        {
            offset = f->offset + bit / 8;
            open = f->open;
            parse = f->parse;
            if ( offset == OFF_AEAD && bit % 8 == 0 )
            {
                open = FBC_ERR_AUTH;
                parse = FBC_OK;
            }
            memcpy(blob, good, sizeof(blob));
            blob[offset] ^= (uint8_t)(1 << bit % 8);
            /* seq 1000 may fall to 999 or below. */
            if ( !strcmp(f->name, "seq") &&
                 fbc_get64(blob + OFF_SEQ) <= 999 )
                open = FBC_ERR_REPLAY;

            if ( open_good(blob, sizeof(blob)) != open )
                fail_msg("%s, byte %u bit %u: not %s", f->name, offset,
                         bit % 8, fbc_strerror(open));
            assert_untouched();
            assert_int_equal(fbc_blob_parse(blob, sizeof(blob), &info), parse);
        }
    }
    assert_int_equal(count, 1664);
}

static void lengths(void **state)
{
    uint8_t longer[2 * FBC_BLOB_LEN], *exact;
    size_t len;

    (void)state;
    memcpy(longer, good, sizeof(good));
    memcpy(longer + sizeof(good), good, sizeof(good));
    for ( len = 0; len <= sizeof(longer); len++ )
    {
        if ( len == sizeof(good) )
            continue;
        /* On the heap, so that a sanitizer sees a read past the end. */
        exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, longer, len);
        assert_int_equal(open_good(exact, len), FBC_ERR_LENGTH);
        assert_untouched();
        assert_int_equal(fbc_blob_parse(exact, len, &info), FBC_ERR_LENGTH);
        free(exact);
    }
}

/* When several things are wrong, the first of the documented order is told. */
static void order(void **state)
{
    static const struct {
        unsigned int offset;
        uint8_t xor;
        enum fbc_err err;
    } steps[] = {
        { 207, 1, FBC_ERR_AUTH },
        { 33, 0xff, FBC_ERR_REPLAY },
        { 80, 1, FBC_ERR_WRONG_VMM },
        { 48, 1, FBC_ERR_WRONG_OWNER },
        { 16, 1, FBC_ERR_WRONG_VM },
        { 12, 1, FBC_ERR_RESERVED },
        { 6, 1, FBC_ERR_ALGORITHM },
        { 4, 2, FBC_ERR_VERSION },
        { 0, 1, FBC_ERR_MAGIC },
    };
    uint8_t blob[FBC_BLOB_LEN];
    unsigned int i;

    (void)state;
    memcpy(blob, good, sizeof(blob));
    for ( i = 0; i < sizeof(steps) / sizeof(steps[0]); i++ )
    {
        if ( steps[i].err == FBC_ERR_REPLAY )
            fbc_put64(blob + OFF_SEQ, 5);
        else
            blob[steps[i].offset] ^= steps[i].xor;
        assert_int_equal(open_good(blob, sizeof(blob)), steps[i].err);
    }
    assert_int_equal(open_good(blob, sizeof(blob) - 1), FBC_ERR_LENGTH);
}

static void replay(void **state)
{
    (void)state;
    assert_int_equal(fbc_blob_open(good, sizeof(good), vm_uuid, 999, vmm_sk,
                                   vmm_pub, &session, &seq), FBC_OK);
    assert_true(seq == 1000);
    mark_outputs();
    assert_int_equal(fbc_blob_open(good, sizeof(good), vm_uuid, 1000, vmm_sk,
                                   vmm_pub, &session, &seq), FBC_ERR_REPLAY);
    assert_untouched();
}

static void fresh(void **state)
{
    struct fbc_session s = { .refresh_ms = 0 };
    uint8_t sk_e[FBC_KEY_LEN] = { 9 }, a[FBC_BLOB_LEN], b[FBC_BLOB_LEN];

    (void)state;
    assert_int_equal(fbc_blob_seal(a, &s, 1000, 0, owner_sk, vmm_pub, sk_e),
                     FBC_OK);
    sk_e[9] = 1;
    assert_int_equal(fbc_blob_seal(b, &s, 1000, 0, owner_sk, vmm_pub, sk_e),
                     FBC_OK);
    assert_memory_equal(a, b, 112);
    assert_memory_not_equal(a + 112, b + 112, 32);
    assert_memory_not_equal(a + 144, b + 144, 48);
}

static void bad_recipient(void **state)
{
    struct fbc_session s = { .refresh_ms = 0 };
    uint8_t zero[FBC_KEY_LEN] = { 0 }, blob[FBC_BLOB_LEN];
    uint8_t before[FBC_BLOB_LEN];

    (void)state;
    memset(blob, 0xa5, sizeof(blob));
    memset(before, 0xa5, sizeof(before));
    assert_int_equal(fbc_blob_seal(blob, &s, 1, 0, owner_sk, zero, vmm_sk),
                     FBC_ERR_CRYPTO);
    assert_memory_equal(blob, before, sizeof(blob));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("blobs agree with an independent implementation", vectors),
        VEC_TEST("each of 1664 flipped bits is refused for its field", flips),
        VEC_TEST("every other length is refused", lengths),
        VEC_TEST("the first fault in the documented order is told", order),
        VEC_TEST("a blob opens once", replay),
        VEC_TEST("another ephemeral key gives another blob", fresh),
        VEC_TEST("a hypervisor key of small order is not sealed to",
                 bad_recipient),
    };

    return cmocka_run_group_tests(tests, make_good, NULL);
}
