/* SPDX-License-Identifier: GPL-2.0-only */
/* The key server's records: signed, read strictly, written in one way. */
#include "vec.h"

#include <stdlib.h>

#include "lib/verify/adminkey.h"
#include "parse/attest/release.h"

#define NAME "host-a"

static char text[FBC_REGISTRATION_MAX];
static size_t len;
static struct fbc_registration reg;
static uint8_t secret[FBC_KEY_LEN] = { 1, 2, 3 };

static size_t put(uint8_t *out, const char *record)
{
    size_t n = strlen(record);

    memcpy(out, record, n);

    return n;
}

/* A registration of the vectors' host, its name made one that may be. */
static int make(void **state)
{
    json_t *root = vec_load("attest.json");
    const char *h = vec_text(json_object_get(root, "hosts"), "a");
    const char *g = vec_text(json_object_get(root, "golden"), "good");
    static char again[FBC_HOST_TEXT_MAX];
    struct fbc_host host;
    struct fbc_error e;

    (void)state;
    assert_int_equal(fbc_record_parse(&fbc_host_record, h, strlen(h), &host,
                                      NULL), FBC_OK);
    strcpy(host.name, NAME);
    memset(&reg, 0, sizeof(reg));
    strcpy(reg.name, NAME);
    reg.serial = 7;
    reg.host.len = (uint16_t)fbc_record_encode(&fbc_host_record, &host, again,
                                               sizeof(again));
    assert_int_not_equal(reg.host.len, 0);
    memcpy(reg.host.data, again, reg.host.len);
    g = strstr(g, "fbc-golden-1");
    assert_non_null(g);
    reg.golden[0].len = (uint16_t)put(reg.golden[0].data, g);
    reg.root[0].len = 5;
    assert_int_equal(fbc_registration_sign(&reg, secret, text, &len, &e), 0);
    json_decref(root);

    return 0;
}

static bool verifies(const char *t, size_t n)
{
    struct fbc_registration r;
    size_t covered;

    return !fbc_registration_parse(t, n, &r, &covered, NULL) &&
           fbc_admin_verify(r.admin, t, covered, r.signature);
}

static void signed_and_read(void **state)
{
    struct fbc_registration r;
    struct fbc_registered in;
    size_t covered = 0;

    (void)state;
    assert_int_equal(fbc_registration_parse(text, len, &r, &covered, NULL),
                     FBC_OK);
    assert_memory_equal(&r, &reg, sizeof(r));
    assert_int_equal(covered, len - FBC_SIGNATURE_LINE);
    assert_memory_equal(text + covered, "signature: ", 11);
    assert_true(verifies(text, len));
    assert_int_equal(fbc_registration_open(&r, &in), FBC_OK);
    assert_int_equal(in.goldens, 1);
    assert_string_equal(in.host.name, NAME);
}

static void every_byte_counts(void **state)
{
    size_t i;

    (void)state;
    for ( i = 0; i < len; i += 1 + i / 97 )
    {
        text[i] ^= 1;
        if ( verifies(text, len) )
            fail_msg("byte %zu is not covered", i);
        text[i] ^= 1;
    }
    for ( i = len - FBC_SIGNATURE_LINE; i < len; i++ )
    {
        text[i] ^= 1;
        assert_false(verifies(text, len));
        text[i] ^= 1;
    }
    assert_true(verifies(text, len));
}

/* RFC 8032, 7.1, tests 1 and 2. */
static void known_answers(void **state)
{
    static const struct {
        const char *secret, *pub, *msg, *sig;
    } cases[] = {
        { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
          "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
          "",
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
          "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
        { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
          "r",
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
          "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
    };
    uint8_t key[32], pub[32], want[64], sig[64];
    unsigned int i, j;

    (void)state;
    for ( i = 0; i < 2; i++ )
    {
        for ( j = 0; j < 32; j++ )
        {
            assert_int_equal(sscanf(cases[i].secret + 2 * j, "%2hhx",
                                    &key[j]), 1);
            assert_int_equal(sscanf(cases[i].pub + 2 * j, "%2hhx", &want[j]),
                             1);
        }
        assert_int_equal(fbc_admin_public(key, pub), 0);
        assert_memory_equal(pub, want, 32);
        for ( j = 0; j < 64; j++ )
            assert_int_equal(sscanf(cases[i].sig + 2 * j, "%2hhx", &want[j]),
                             1);
        assert_int_equal(fbc_admin_sign(key, cases[i].msg,
                                        strlen(cases[i].msg), sig), 0);
        assert_memory_equal(sig, want, 64);
        assert_true(fbc_admin_verify(pub, cases[i].msg, strlen(cases[i].msg),
                                     sig));
        sig[63] ^= 0x80;
        assert_false(fbc_admin_verify(pub, cases[i].msg,
                                      strlen(cases[i].msg), sig));
    }
}

static enum fbc_err parse(const char *t, size_t n)
{
    struct fbc_registration r;
    size_t covered;

    return fbc_registration_parse(t, n, &r, &covered, NULL);
}

static void strict(void **state)
{
    char *big = calloc(1, FBC_REGISTRATION_MAX + 1), *p;

    (void)state;
    assert_non_null(big);
    assert_int_equal(parse(big, FBC_REGISTRATION_MAX + 1), FBC_ERR_LENGTH);
    memcpy(big, "# comment\n", 10);
    memcpy(big + 10, text, len);
    assert_int_equal(parse(big, len + 10), FBC_ERR_FORMAT);
    memcpy(big, text, len);
    assert_int_equal(parse(big, len), FBC_OK);
    p = strstr(big, NAME);
    assert_non_null(p);
    *p = '.';
    assert_int_equal(parse(big, len), FBC_ERR_FORMAT);
    *p = '/';
    assert_int_equal(parse(big, len), FBC_ERR_FORMAT);
    assert_int_equal(parse("", 0), FBC_ERR_FORMAT);
    assert_int_equal(parse("fbc-revocation-1\n", 17), FBC_ERR_MAGIC);
    assert_int_equal(parse("fbc-registration-2\n", 19), FBC_ERR_VERSION);
    free(big);
}

static void names(void **state)
{
    static const char *const bad[] = {
        "", ".", "-a", "_a", "a b", "a/b", "a%41", "\xc3\xa4", "a?",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    unsigned int i;

    (void)state;
    for ( i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
        assert_false(fbc_host_name_ok(bad[i]));
    assert_true(fbc_host_name_ok("a"));
    assert_true(fbc_host_name_ok("0.host_A-1"));
    assert_true(fbc_host_name_ok(bad[i - 1] + 1));
}

/* What is inside must be whole, of this host, and without comments. */
static void inside(void **state)
{
    static struct fbc_registration r;
    struct fbc_registered in;

    (void)state;
    r = reg;
    strcpy(r.name, "host-b");
    assert_int_equal(fbc_registration_open(&r, &in), FBC_ERR_RANGE);
    strcpy(r.name, "host-");
    assert_int_equal(fbc_registration_open(&r, &in), FBC_ERR_RANGE);
    strcpy(r.name, "host-ab");
    assert_int_equal(fbc_registration_open(&r, &in), FBC_ERR_RANGE);
    r = reg;
    r.host.len--;
    assert_int_equal(fbc_registration_open(&r, &in), FBC_ERR_FORMAT);
    r = reg;
    r.golden[1] = r.golden[0];
    assert_int_equal(fbc_registration_open(&r, &in), FBC_OK);
    assert_int_equal(in.goldens, 2);
    r.golden[1].len--;
    assert_int_equal(fbc_registration_open(&r, &in), FBC_ERR_FORMAT);
    r.golden[1] = r.golden[0];
    memmove(r.golden[1].data + 2, r.golden[1].data, r.golden[1].len);
    memcpy(r.golden[1].data, "#\n", 2);
    r.golden[1].len = (uint16_t)(r.golden[1].len + 2);
    assert_int_equal(fbc_registration_open(&r, &in), FBC_ERR_FORMAT);
}

/* A signature on one kind of record is of no use for the other. */
static void revocation(void **state)
{
    struct fbc_revocation r = { .name = NAME, .serial = 8 }, got;
    char rev[FBC_REVOCATION_MAX];
    struct fbc_error e;
    size_t n, covered;

    (void)state;
    assert_int_equal(fbc_revocation_sign(&r, secret, rev, &n, &e), 0);
    assert_int_equal(fbc_revocation_parse(rev, n, &got, &covered, NULL),
                     FBC_OK);
    assert_memory_equal(&got, &r, sizeof(r));
    assert_true(fbc_admin_verify(got.admin, rev, covered, got.signature));
    assert_int_equal(parse(rev, n), FBC_ERR_MAGIC);
    assert_int_equal(fbc_revocation_parse(text, len, &got, &covered, NULL),
                     FBC_ERR_LENGTH);
    strcpy(r.name, "a b");
    assert_int_equal(fbc_revocation_sign(&r, secret, rev, &n, &e), -1);
    assert_int_equal(n, 0);
}

/* The largest texts that are taken fit into a release. */
static void release_fits(void **state)
{
    struct fbc_release *r = calloc(1, sizeof(*r)), *back = calloc(1,
        sizeof(*r));
    struct fbc_evidence *ev = calloc(1, sizeof(*ev));
    static char out[FBC_RECORD_MAX_FILE];
    size_t n, i;

    (void)state;
    assert_true(r && back && ev);
    ev->quote.len = FBC_TPM_QUOTE_MAX;
    ev->signature.len = FBC_TPM_SIG_MAX;
    ev->id.ak.len = FBC_TPM_AK_MAX;
    ev->id.ek.len = FBC_TPM_EK_LEN;
    ev->id.cert.len = FBC_CERT_MAX;
    for ( i = 0; i < FBC_CHAIN_MAX; i++ )
        ev->id.chain[i].len = FBC_CERT_MAX;
    n = fbc_record_encode(&fbc_evidence_record, ev, out, sizeof(out));
    assert_in_range(n, 1, FBC_EVIDENCE_TEXT_MAX);

    memset(r->name, 'a', FBC_HOST_NAME_MAX);
    r->registration.len = FBC_REGISTRATION_MAX;
    r->evidence.len = FBC_EVIDENCE_TEXT_MAX;
    n = fbc_record_encode(&fbc_release_record, r, out, sizeof(out));
    assert_int_not_equal(n, 0);
    assert_int_equal(fbc_record_parse(&fbc_release_record, out, n, back,
                                      NULL), FBC_OK);
    assert_memory_equal(back, r, sizeof(*r));
    free(ev);
    free(back);
    free(r);
}

static void nonces(void **state)
{
    static const char none[] = "fbc-nonces-1\n", bad[] =
        "fbc-nonces-1\nnonce: none\n";
    struct fbc_nonces a, b;
    char out[2048];
    unsigned int i;
    size_t n;

    (void)state;
    assert_int_equal(fbc_record_parse(&fbc_nonces_record, none,
                                      sizeof(none) - 1, &a, NULL), FBC_OK);
    assert_int_equal(a.nonce[0].len, 0);
    assert_int_equal(fbc_record_parse(&fbc_nonces_record, bad,
                                      sizeof(bad) - 1, &a, NULL),
                     FBC_ERR_FORMAT);
    for ( i = 0; i < FBC_NONCES_MAX; i++ )
    {
        a.nonce[i].len = FBC_TPM_NONCE_LEN;
        memset(a.nonce[i].data, (int)i, FBC_TPM_NONCE_LEN);
    }
    n = fbc_record_encode(&fbc_nonces_record, &a, out, sizeof(out));
    assert_int_equal(n, 13 + FBC_NONCES_MAX * 72);
    assert_int_equal(fbc_record_parse(&fbc_nonces_record, out, n, &b, NULL),
                     FBC_OK);
    assert_memory_equal(&a, &b, sizeof(a));
    a.nonce[0].len = 31;
    assert_int_equal(fbc_record_encode(&fbc_nonces_record, &a, out,
                                       sizeof(out)), 0);
}

/* Each denial, and each reason of a verifier, can be said in a refusal. */
static void refusals(void **state)
{
    struct fbc_refusal r;
    char out[512];
    unsigned int i;

    (void)state;
    for ( i = 0; i < FBC_DENIALS; i++ )
    {
        memset(&r, 0, sizeof(r));
        strcpy(r.reason, fbc_denial_name((enum fbc_denial)i));
        strcpy(r.text, fbc_denial_text((enum fbc_denial)i));
        assert_in_range(fbc_denial_status((enum fbc_denial)i), 400, 599);
        assert_int_not_equal(fbc_record_encode(&fbc_refusal_record, &r, out,
                                               sizeof(out)), 0);
    }
    for ( i = 1; i < FBC_REASONS; i++ )
    {
        memset(&r, 0, sizeof(r));
        strcpy(r.reason, fbc_reason_name((enum fbc_reason)i));
        strcpy(r.text, fbc_reason_text((enum fbc_reason)i));
        assert_int_not_equal(fbc_record_encode(&fbc_refusal_record, &r, out,
                                               sizeof(out)), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("Ed25519 gives RFC 8032's answers", known_answers),
        VEC_TEST("a registration is signed and read again", signed_and_read),
        VEC_TEST("the signature covers every byte", every_byte_counts),
        VEC_TEST("comments, other names and larger texts are refused",
                 strict),
        VEC_TEST("names are those that a URL can hold as they are", names),
        VEC_TEST("what is inside must be whole and of this host", inside),
        VEC_TEST("a signature is of use for one kind of record", revocation),
        VEC_TEST("the largest texts fit into a release", release_fits),
        VEC_TEST("up to 16 nonces wait for a host", nonces),
        VEC_TEST("every reason can be said in a refusal", refusals),
    };

    return cmocka_run_group_tests(tests, make, NULL);
}
