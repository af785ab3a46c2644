/* SPDX-License-Identifier: GPL-2.0-only */
/* Which bytes of an EFI image are hashed, and which files are refused. */
#include "vec.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "core/authenticode.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("images hash as in firmware, or are refused", vectors),
        VEC_TEST("no range lies outside a file that was cut", cut_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
