/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to the key server are taken in one form only. */
#include "vec.h"

#include "parse/attest/keyserver_route.h"

#define HEX64 "00112233445566778899aabbccddeeff" \
              "00112233445566778899aabbccddeeff"
#define NAME64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void taken(void **state)
{
    static const struct {
        const char *method, *target;
        enum fbc_route_kind kind;
    } cases[] = {
        { "GET", "/v1/hosts/a/key?nonce=" HEX64, FBC_ROUTE_KEY },
        { "GET", "/v1/hosts/a/nonces", FBC_ROUTE_NONCES },
        { "GET", "/v1/hosts/a/nonces?wait=0", FBC_ROUTE_NONCES },
        { "GET", "/v1/hosts/a/nonces?wait=60", FBC_ROUTE_NONCES },
        { "POST", "/v1/hosts/a/evidence", FBC_ROUTE_EVIDENCE },
        { "PUT", "/v1/hosts/" NAME64, FBC_ROUTE_REGISTER },
        { "DELETE", "/v1/hosts/A.b-c_9", FBC_ROUTE_REVOKE },
        { "GET", "/v1/log?from=1", FBC_ROUTE_LOG },
        { "GET", "/v1/log?from=9223372036854775807", FBC_ROUTE_LOG },
    };
    struct fbc_route r;
    enum fbc_denial why;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        if ( !fbc_route_parse(cases[i].method, cases[i].target, &r, &why) )
            fail_msg("%s: %s", cases[i].target, fbc_denial_name(why));
        assert_int_equal(r.kind, cases[i].kind);
    }

    assert_true(fbc_route_parse("GET", cases[0].target, &r, &why));
    assert_string_equal(r.name, "a");
    assert_int_equal(r.nonce[1], 0x11);
    assert_int_equal(r.nonce[31], 0xff);
    assert_true(fbc_route_parse("GET", cases[1].target, &r, &why));
    assert_int_equal(r.wait, FBC_POLL_DEFAULT);
    assert_true(fbc_route_parse("GET", cases[3].target, &r, &why));
    assert_int_equal(r.wait, 60);
    assert_true(fbc_route_parse("PUT", cases[5].target, &r, &why));
    assert_string_equal(r.name, NAME64);
    assert_true(fbc_route_parse("GET", cases[8].target, &r, &why));
    assert_true(r.from == INT64_MAX);
}

static void refused(void **state)
{
    static const struct {
        const char *method, *target;
        enum fbc_denial why;
    } cases[] = {
        { "GET", "/", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "*", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "http://x/v1/log?from=1", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "//v1/log?from=1", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v2/log?from=1", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/hosts/", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/hosts", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/hosts//key?nonce=" HEX64, FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/hosts/../log?from=1", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/hosts/a%2e/nonces", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/hosts/%61/nonces", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/hosts/a/nonces/", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/hosts/a/noncesx", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/hosts/a/", FBC_DENIAL_NO_SUCH_PAGE },
        { "PUT", "/v1/hosts/" NAME64 "a", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/logs?from=1", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/log/?from=1", FBC_DENIAL_NO_SUCH_PAGE },
        { "GET", "/v1/hosts/a", FBC_DENIAL_METHOD },
        { "HEAD", "/v1/hosts/a/nonces", FBC_DENIAL_METHOD },
        { "get", "/v1/hosts/a/nonces", FBC_DENIAL_METHOD },
        { "POST", "/v1/hosts/a/nonces", FBC_DENIAL_METHOD },
        { "GET", "/v1/hosts/a/evidence", FBC_DENIAL_METHOD },
        { "POST", "/v1/log?from=1", FBC_DENIAL_METHOD },
        { "GET", "/v1/hosts/a/key", FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/key?nonce=", FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/key?nonce=0", FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/key?nonce=" HEX64 "0",
          FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/key?nonce=" HEX64 "&x=1",
          FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/key?x=1&nonce=" HEX64,
          FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/key?nonce=A" HEX64, FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/nonces?", FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/nonces?wait=", FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/nonces?wait=61", FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/nonces?wait=01", FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/hosts/a/nonces?wait=-1", FBC_DENIAL_BAD_REQUEST },
        { "POST", "/v1/hosts/a/evidence?x", FBC_DENIAL_BAD_REQUEST },
        { "PUT", "/v1/hosts/a?x", FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/log", FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/log?from=0", FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/log?from=9223372036854775808",
          FBC_DENIAL_BAD_REQUEST },
        { "GET", "/v1/log?from=99999999999999999999",
          FBC_DENIAL_BAD_REQUEST },
    };
    struct fbc_route r, before;
    enum fbc_denial why;
    size_t i;

    (void)state;
    memset(&r, 0xa5, sizeof(r));
    before = r;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        if ( fbc_route_parse(cases[i].method, cases[i].target, &r, &why) )
            fail_msg("%s %s is taken", cases[i].method, cases[i].target);
        if ( why != cases[i].why )
            fail_msg("%s: %s", cases[i].target, fbc_denial_name(why));
        assert_memory_equal(&r, &before, sizeof(r));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("requests of the documented form are taken", taken),
        VEC_TEST("all others are refused", refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
