/* SPDX-License-Identifier: GPL-2.0-only */
/* Which bytes of an EFI image are hashed, and which files are refused. */
#include "vec.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "parse/attest/authenticode.h"

static unsigned int named;

static void check(const json_t *v)
{
    struct fbc_pe_range range[FBC_PE_RANGES];
    struct hex file = vec_hex(v, "file");
    uint8_t hash[FBC_HASH_LEN], want[FBC_HASH_LEN];
    enum fbc_err expect = vec_err(v, "expect");
    unsigned int n = 0xa5a5, i;
    EVP_MD_CTX *ctx;

    assert_int_equal(fbc_pe_ranges(file.data, file.len, range, &n), expect);
    if ( expect )
    {
        assert_int_equal(n, 0xa5a5);
        free(file.data);
        return;
    }

    ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestInit_ex(ctx, EVP_sha256(), NULL), 1);
    for ( i = 0; i < n; i++ )
        EVP_DigestUpdate(ctx, file.data + range[i].offset, range[i].len);
    assert_int_equal(EVP_DigestFinal_ex(ctx, hash, NULL), 1);
    EVP_MD_CTX_free(ctx);
    vec_bytes(v, "hash", want, sizeof(want));
    assert_memory_equal(hash, want, sizeof(hash));
    free(file.data);
}

static void vectors(void **state)
{
    (void)state;
    vec_each("authenticode.json", "vectors", check);
}

static void cut(const json_t *v)
{
    struct fbc_pe_range range[FBC_PE_RANGES];
    struct hex file = vec_hex(v, "file");
    unsigned int n, i;
    size_t len;

    if ( vec_err(v, "expect") == FBC_OK )
        for ( len = 0; len < file.len; len++ )
        {
            uint8_t *exact = malloc(len ? len : 1);

            assert_non_null(exact);
            memcpy(exact, file.data, len);
            if ( !fbc_pe_ranges(exact, len, range, &n) )
                for ( i = 0; i < n; i++ )
                    assert_true(range[i].offset + range[i].len <= len);
            free(exact);
        }
    free(file.data);
}

static void cut_anywhere(void **state)
{
    (void)state;
    vec_each("authenticode.json", "vectors", cut);
}

/* A file of the vectors with another table of sections. */
static void sections(const json_t *v)
{
    static const struct {
        const char *name[2];
        unsigned int n, first;  /* first: index of it */
    } cases[] = {
        { { ".config\0", ".data\0\0\0" }, 1, 0 },
        { { ".text\0\0\0", ".config\0" }, 1, 1 },
        { { ".config\0", ".config\0" }, 2, 0 },
        { { ".text\0\0\0", ".data\0\0\0" }, 0, 0 },
        { { ".configx", ".conf\0ig" }, 0, 0 },
        { { "config\0\0", ".Config\0" }, 0, 0 },
    };
    struct fbc_pe_range range = { 0xa5, 0xa5 };
    struct hex file;
    uint8_t *table;
    unsigned int n = 0xa5a5, i, j;

    if ( strcmp(vec_text(v, "name"), "two sections") )
        return;

    file = vec_hex(v, "file");
    table = memmem(file.data, file.len, ".text\0\0\0", 8);
    assert_non_null(table);
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        for ( j = 0; j < 2; j++ )
            memcpy(table + j * 40, cases[i].name[j], 8);
        range.len = 0xa5;
        assert_int_equal(fbc_pe_sections(file.data, file.len, ".config",
                                         &range, &n), FBC_OK);
        assert_int_equal(n, cases[i].n);
        assert_int_equal(range.len, !n ? 0xa5 : cases[i].first ? 0x40 : 0x80);
        if ( n )
            assert_int_equal(range.offset, cases[i].first ? 0x280 : 0x200);
    }

    /* Without data; and refused as where it is hashed. */
    memcpy(table, ".config", 8);
    memset(table + 16, 0, 4);
    assert_int_equal(fbc_pe_sections(file.data, file.len, ".config", &range,
                                     &n), FBC_OK);
    assert_int_equal(n, 1);
    assert_int_equal(range.len, 0);
    n = 0xa5a5;
    assert_int_equal(fbc_pe_sections(file.data, file.len - 1, ".config",
                                     &range, &n), FBC_ERR_LENGTH);
    assert_int_equal(n, 0xa5a5);
    free(file.data);
    named++;
}

static void by_name(void **state)
{
    (void)state;
    named = 0;
    vec_each("authenticode.json", "vectors", sections);
    assert_int_equal(named, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("images hash as in firmware, or are refused", vectors),
        VEC_TEST("sections are found by name, and counted", by_name),
        VEC_TEST("no range lies outside a file that was cut", cut_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
