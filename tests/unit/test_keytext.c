/* SPDX-License-Identifier: GPL-2.0-only */
/* Key files: strict in what is read, one way of writing. */
#include "vec.h"

#include <stdlib.h>

#include "parse/text/keytext.h"

static const char *const names[FBC_KEY_KINDS] = {
    [FBC_KEY_OWNER_SECRET] = "owner-secret",
    [FBC_KEY_OWNER_PUBLIC] = "owner-public",
    [FBC_KEY_VMM_PUBLIC] = "vmm-public",
    [FBC_KEY_SESSION] = "session",
    [FBC_KEY_ADMIN_SECRET] = "admin-secret",
    [FBC_KEY_ADMIN_PUBLIC] = "admin-public",
};

static enum fbc_key_kind kind_of(const json_t *v)
{
    const char *s = vec_text(v, "kind");
    unsigned int i;

    for ( i = 0; i < FBC_KEY_KINDS; i++ )
        if ( !strcmp(s, names[i]) )
            return (enum fbc_key_kind)i;
    fail_msg("unknown kind %s", s);

    return FBC_KEY_KINDS;
}

static enum fbc_err parse(enum fbc_key_kind kind, const char *text, size_t len,
                          uint8_t *payload)
{
    /* On the heap, so that a sanitizer sees a read past the end. */
    char *exact = malloc(len ? len : 1);
    enum fbc_err err;

    assert_non_null(exact);
    memcpy(exact, text, len);
    err = fbc_keytext_parse(kind, exact, len, payload);
    free(exact);

    return err;
}

static void check(const json_t *v)
{
    const json_t *text = json_object_get(v, "text");
    enum fbc_key_kind kind = kind_of(v);
    uint8_t payload[FBC_KEYTEXT_MAX_PAYLOAD], want[FBC_KEYTEXT_MAX_PAYLOAD];
    char line[FBC_KEYTEXT_MAX_LINE];
    size_t len = fbc_keytext_payload_len(kind);

    memset(payload, 0xa5, sizeof(payload));
    memset(want, 0xa5, sizeof(want));
    assert_int_equal(parse(kind, json_string_value(text),
                           json_string_length(text), payload),
                     vec_err(v, "expect"));
    if ( vec_has(v, "payload") )
    {
        struct hex h = vec_hex(v, "payload");

        assert_in_range(h.len, 1, len);
        memset(want, 0, len);
        memcpy(want, h.data, h.len);
        free(h.data);
    }
    assert_memory_equal(payload, want, sizeof(payload));

    if ( vec_has(v, "canonical") )
    {
        assert_int_equal(fbc_keytext_encode(kind, payload, line), FBC_OK);
        assert_string_equal(line, json_string_value(text));
    }
}

static void vectors(void **state)
{
    (void)state;
    vec_each("keytext.json", "vectors", check);
}

static void check_id(const json_t *v)
{
    uint8_t pub[FBC_KEY_LEN], want[FBC_KEYID_LEN], id[FBC_KEYID_LEN];

    vec_bytes(v, "pub", pub, sizeof(pub));
    vec_bytes(v, "id", want, sizeof(want));
    assert_int_equal(fbc_keytext_id(pub, id), 0);
    assert_memory_equal(id, want, sizeof(id));
}

static void ids(void **state)
{
    (void)state;
    vec_each("keytext.json", "ids", check_id);
}

/* A session key is one for eight digests; with any, for none. */
static void make(enum fbc_key_kind kind, bool any,
                 char line[FBC_KEYTEXT_MAX_LINE])
{
    uint8_t payload[FBC_KEYTEXT_MAX_PAYLOAD];
    unsigned int i;

    for ( i = 0; i < sizeof(payload); i++ )
        payload[i] = any && i >= FBC_SESSION_LAUNCH
                     ? 0 : (uint8_t)(7 * i + kind);
    assert_int_equal(fbc_keytext_encode(kind, payload, line), FBC_OK);
    assert_in_range(strlen(line), 1, FBC_KEYTEXT_MAX_LINE - 1);
}

static void truncated(void **state)
{
    uint8_t payload[FBC_KEYTEXT_MAX_PAYLOAD];
    char line[FBC_KEYTEXT_MAX_LINE];
    size_t len, full;
    unsigned int n, k;
    enum fbc_err err;

    (void)state;
    for ( n = 0; n < 2 * FBC_KEY_KINDS; n++ )
    {
        k = n / 2;
        make((enum fbc_key_kind)k, n % 2, line);
        full = strlen(line);
        for ( len = 0; len < full - 1; len++ )
        {
            err = parse((enum fbc_key_kind)k, line, len, payload);
            /* A file for fewer digests may be as long. */
            if ( k != FBC_KEY_SESSION || err != FBC_ERR_CHECKSUM )
                assert_int_equal(err, FBC_ERR_FORMAT);
        }
        assert_int_equal(parse((enum fbc_key_kind)k, line, full - 1, payload),
                         FBC_OK);
        /* The NUL that the encoder writes is not part of a file. */
        assert_int_equal(parse((enum fbc_key_kind)k, line, full + 1, payload),
                         FBC_ERR_FORMAT);
    }
}

/* No byte of the line can be replaced by another one. */
static void replaced(void **state)
{
    uint8_t payload[FBC_KEYTEXT_MAX_PAYLOAD];
    char line[FBC_KEYTEXT_MAX_LINE], c;
    unsigned int n, k, byte;
    enum fbc_err err;
    size_t i, full;

    (void)state;
    for ( n = 0; n < 2 * FBC_KEY_KINDS; n++ )
    {
        k = n / 2;
        make((enum fbc_key_kind)k, n % 2, line);
        full = strlen(line);
        for ( i = 0; i < full; i++ )
        {
            c = line[i];
            for ( byte = 0; byte < 256; byte++ )
            {
                line[i] = (char)byte;
                if ( line[i] == c )
                    continue;
                memset(payload, 0xa5, sizeof(payload));
                err = fbc_keytext_parse((enum fbc_key_kind)k, line, full,
                                        payload);
                assert_in_set(err, ((const unsigned long[]){
                    FBC_ERR_FORMAT, FBC_ERR_VERSION, FBC_ERR_CHECKSUM }), 3);
                assert_int_equal(payload[0], 0xa5);
            }
            line[i] = c;
        }
    }
}

/* Each base64 digit in each place, against the payload it stands for. */
static void round_trip(void **state)
{
    uint8_t in[FBC_KEYTEXT_MAX_PAYLOAD], out[FBC_KEYTEXT_MAX_PAYLOAD];
    char line[FBC_KEYTEXT_MAX_LINE];
    unsigned int k, n, i;
    uint32_t x = 1;

    (void)state;
    for ( k = 0; k < FBC_KEY_KINDS; k++ )
        for ( n = 0; n < 2000; n++ )
        {
            for ( i = 0; i < sizeof(in); i++ )
            {
                x = x * 1664525u + 1013904223u;
                in[i] = (uint8_t)(x >> 24);
            }
            assert_int_equal(fbc_keytext_encode((enum fbc_key_kind)k, in,
                                                line), FBC_OK);
            assert_int_equal(fbc_keytext_parse((enum fbc_key_kind)k, line,
                                               strlen(line), out), FBC_OK);
            assert_memory_equal(out, in, fbc_keytext_payload_len(
                                             (enum fbc_key_kind)k));
        }
}

static void table(void **state)
{
    (void)state;
    assert_int_equal(fbc_keytext_payload_len(FBC_KEY_OWNER_SECRET), 32);
    assert_int_equal(fbc_keytext_payload_len(FBC_KEY_SESSION), 88 + 8 * 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("key files agree with an independent implementation",
                 vectors),
        VEC_TEST("a key id is the start of the key's hash", ids),
        VEC_TEST("a file cut anywhere is refused", truncated),
        VEC_TEST("no byte of a key line can be replaced", replaced),
        VEC_TEST("what is written is read", round_trip),
        VEC_TEST("prefixes and lengths are the documented ones", table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
