/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records, requests and log of the key server; the first byte of an input is
 * the kind that is asked for.  What is accepted has one form only.
 */
#include <stdlib.h>

#include "../unit/logtext.h"
#include "parse/attest/keyserver_route.h"
#include "parse/attest/waitnews.h"

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

static union {
    struct fbc_registration registration;
    struct fbc_revocation revocation;
    struct fbc_release release;
    struct fbc_nonces nonces;
    struct fbc_refusal refusal;
} out;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text but for its comments is what the writer makes of the values. */
static void check_canonical(const struct fbc_record *r, const char *text,
                            size_t len, bool comments)
{
    static char again[FBC_RECORD_MAX_FILE];
    size_t n = fbc_record_encode(r, &out, again, sizeof(again));

    CHECK(n && n <= len && !memcmp(text + len - n, again, n));
    CHECK(n == len ||
          (comments && text[0] == '#' && text[len - n - 1] == '\n'));
}

static void registration(const char *text, size_t size)
{
    struct fbc_registered in;
    unsigned int line = 0;
    size_t covered = 0;

    if ( fbc_registration_parse(text, size, &out.registration, &covered,
                                &line) )
    {
        CHECK(line && line <= size + 2);
        return;
    }
    check_canonical(&fbc_registration_record, text, size, false);
    CHECK(covered + FBC_SIGNATURE_LINE == size);
    CHECK(!memcmp(text + covered, "signature: ", 11));
    CHECK(fbc_host_name_ok(out.registration.name));
    if ( !fbc_registration_open(&out.registration, &in) )
    {
        CHECK(in.goldens >= 1 && in.goldens <= FBC_REG_GOLDENS);
        CHECK(!strcmp(in.host.name, out.registration.name));
    }
}

static void revocation(const char *text, size_t size)
{
    size_t covered = 0;

    if ( fbc_revocation_parse(text, size, &out.revocation, &covered, NULL) )
        return;
    check_canonical(&fbc_revocation_record, text, size, false);
    CHECK(covered + FBC_SIGNATURE_LINE == size);
    CHECK(fbc_host_name_ok(out.revocation.name));
}

/* METHOD TARGET */
static void request(const char *text, size_t size)
{
    char *line = malloc(size + 1), *target;
    struct fbc_route r;
    enum fbc_denial why = FBC_DENIALS;

    CHECK(line);
    memcpy(line, text, size);
    line[size] = '\0';
    target = strchr(line, ' ');
    if ( target )
    {
        *target++ = '\0';
        if ( !fbc_route_parse(line, target, &r, &why) )
            CHECK(why == FBC_DENIAL_METHOD || why == FBC_DENIAL_BAD_REQUEST ||
                  why == FBC_DENIAL_NO_SUCH_PAGE);
        else
        {
            CHECK(r.kind < FBC_ROUTES && r.wait <= FBC_POLL_MAX);
            CHECK(r.kind == FBC_ROUTE_LOG || fbc_host_name_ok(r.name));
        }
    }
    free(line);
}

static void decisions(const char *text, size_t size)
{
    char line[FBC_DECISION_LINE];
    struct fbc_decision again;
    struct fbc_log_span s;
    size_t n, at;

    if ( log_check(text, size, &s, &at) )
    {
        CHECK(at && at <= size + 1);
        return;
    }
    if ( !s.count )
        return;
    CHECK(s.last.number - s.first.number == s.count - 1);
    again = s.last;
    n = fbc_decision_encode(&again, s.first.hash, line);
    CHECK(n > 66 && n <= size);
    CHECK(!memcmp(line, text + size - n, n - 66));
}

static void news(const char *text, size_t size)
{
    struct fbc_wait_news n;

    if ( !fbc_wait_news_parse(text, size, &n) )
        return;
    CHECK(fbc_host_name_ok(n.host));
    CHECK(size == 2 + strlen(n.host) + 1 + 2 * sizeof(n.nonce) +
          (n.is_outcome ? 1 + FBC_SERVER_ID_LEN : 0));
    CHECK(strlen(n.server) == (n.is_outcome ? FBC_SERVER_ID_LEN : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct fbc_record *const records[] = {
        &fbc_release_record, &fbc_nonces_record, &fbc_refusal_record,
    };
    unsigned int kind;
    char *text;

    if ( !size )
        return 0;

    kind = *data++ % 8;
    size--;
    text = malloc(size ? size : 1);
    CHECK(text);
    memcpy(text, data, size);

    if ( !kind )
        registration(text, size);
    else if ( kind == 1 )
        revocation(text, size);
    else if ( kind == 5 )
        request(text, size);
    else if ( kind == 6 )
        decisions(text, size);
    else if ( kind == 7 )
        news(text, size);
    else if ( !fbc_record_parse(records[kind - 2], text, size, &out, NULL) )
        check_canonical(records[kind - 2], text, size, true);
    free(text);

    return 0;
}
