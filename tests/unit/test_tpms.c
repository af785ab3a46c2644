/* SPDX-License-Identifier: GPL-2.0-only */
/* What a TPM computes, computed without one. */
#include "vec.h"

#include <stdlib.h>

#include "lib/verify/attest_crypto.h"

static json_t *root, *values;

static void value_equal(const char *name, const uint8_t *p, size_t len)
{
    uint8_t want[512];

    vec_bytes(values, name, want, len);
    assert_memory_equal(p, want, len);
}

static void value_of(const char *name, uint8_t *out, size_t len)
{
    vec_bytes(values, name, out, len);
}

static void computed(void **state)
{
    uint8_t a[FBC_HASH_LEN], b[FBC_HASH_LEN], name[FBC_TPM_NAME_LEN];
    uint8_t ek[FBC_TPM_EK_LEN], ak[FBC_TPM_AK_MAX], ek_name[sizeof(name)];
    uint8_t seed[FBC_HASH_LEN], credential[FBC_CREDENTIAL_LEN];
    struct fbc_pcrs pcrs;

    (void)state;
    value_of("image", a, sizeof(a));
    assert_int_equal(fbc_pcr4_of_image(a, b), 0);
    value_equal("pcr4", b, sizeof(b));
    value_of("key", a, sizeof(a));
    assert_int_equal(fbc_pcr12_of_key(a, true, b), 0);
    value_equal("pcr12", b, sizeof(b));
    assert_int_equal(fbc_pcr12_of_key(a, false, b), 0);
    value_equal("pcr12_outlives", b, sizeof(b));

    value_of("pcrs", pcrs.value[0], sizeof(pcrs.value));
    assert_int_equal(fbc_pcrs_digest(&pcrs, a), 0);
    value_equal("digest", a, sizeof(a));
    assert_int_equal(fbc_pcrs_policy(&pcrs, a), 0);
    value_equal("policy", a, sizeof(a));

    value_of("ek", ek, sizeof(ek));
    value_of("ak", ak, sizeof(ak));
    assert_int_equal(fbc_tpm_name(ek, sizeof(ek), ek_name), 0);
    assert_int_equal(fbc_tpm_name(ak, sizeof(ak), name), 0);
    value_equal("ak_name", name, sizeof(name));
    value_of("seed", seed, sizeof(seed));
    value_of("secret", a, sizeof(a));
    assert_int_equal(fbc_credential_seal(seed, name, a, credential), 0);
    value_equal("credential", credential, sizeof(credential));
    assert_int_equal(fbc_tpm_qualified(ek_name, name, name), 0);
    value_equal("qualified", name, sizeof(name));
}

/* Coordinates without their leading zeros, as some TPMs give them. */
static void short_ak(void **state)
{
    struct hex ak = vec_hex(values, "short_ak");
    uint8_t x[FBC_TPM_COORD_LEN], y[FBC_TPM_COORD_LEN], sig[FBC_TPM_SIG_MAX];
    uint8_t r[FBC_TPM_COORD_LEN], s[FBC_TPM_COORD_LEN];

    (void)state;
    assert_true(ak.len < FBC_TPM_AK_MAX);
    assert_int_equal(fbc_tpm_ak_parse(ak.data, ak.len, x, y), FBC_REASON_OK);
    assert_int_equal(x[0], 0);

    value_of("short_signature", sig, sizeof(sig));
    assert_int_equal(fbc_tpm_sig_parse(sig, sizeof(sig), r, s),
                     FBC_REASON_OK);
    assert_true(fbc_ecdsa_verify(x, y, r, s, "message", 7));
    assert_false(fbc_ecdsa_verify(x, y, r, s, "massage", 7));
    y[31] ^= 1;                 /* no longer on the curve */
    assert_false(fbc_ecdsa_verify(x, y, r, s, "message", 7));
    free(ak.data);
}

static int setup(void **state)
{
    (void)state;
    root = vec_load("attest.json");
    values = json_object_get(root, "tpm");

    return !values;
}

static int teardown(void **state)
{
    (void)state;
    json_decref(root);

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("names, PCRs, policy and credential are as computed "
                 "independently", computed),
        VEC_TEST("an AK's coordinates may lack leading zeros", short_ak),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
