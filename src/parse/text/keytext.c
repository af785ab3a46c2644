/* SPDX-License-Identifier: GPL-2.0-only */
/* Key files: one prefixed and checksummed line of text. */
#include "parse/text/base64.h"
#include "core/crypto.h"
#include "parse/text/keytext.h"

#define CHECK_LEN  4
#define PREFIX_MAX 18
#define RAW_MAX    (FBC_KEYTEXT_MAX_PAYLOAD + CHECK_LEN)

_Static_assert(PREFIX_MAX + 1 + FBC_BASE64_LEN(RAW_MAX) + 2 <=
               FBC_KEYTEXT_MAX_LINE, "key line");

#define KIND(name, len) { .prefix = name, .prefix_len = sizeof(name) - 1, \
                          .payload_len = len }

/* A prefix is a stem and a version number of one digit, here the first. */
static const struct kind {
    char prefix[PREFIX_MAX + 1];
    uint8_t prefix_len, payload_len;
} kinds[FBC_KEY_KINDS] = {
    [FBC_KEY_OWNER_SECRET] = KIND("fbc-owner-secret-1", FBC_KEY_LEN),
    [FBC_KEY_OWNER_PUBLIC] = KIND("fbc-owner-public-1", FBC_KEY_LEN),
    [FBC_KEY_VMM_PUBLIC] = KIND("fbc-vmm-public-1", FBC_KEY_LEN),
    [FBC_KEY_SESSION] = KIND("fbc-session-1", FBC_SESSION_LAUNCH),
    [FBC_KEY_ADMIN_SECRET] = KIND("fbc-admin-secret-1", FBC_KEY_LEN),
    [FBC_KEY_ADMIN_PUBLIC] = KIND("fbc-admin-public-1", FBC_KEY_LEN),
};

/* What a line holds: the launch digests are of version 2 of a session key. */
struct form {
    char version;
    size_t len;
};

size_t fbc_keytext_payload_len(enum fbc_key_kind kind)
{
    return kind == FBC_KEY_SESSION ? FBC_SESSION_FILE_LEN
                                   : kinds[kind].payload_len;
}

unsigned int
fbc_session_launches(const uint8_t file[static FBC_SESSION_FILE_LEN])
{
    unsigned int n = 0;

    while ( n < FBC_SESSION_LAUNCHES &&
            !fbc_is_zero(file + FBC_SESSION_LAUNCH + n * FBC_HASH_LEN,
                         FBC_HASH_LEN) )
        n++;

    return n;
}

static struct form form_of(enum fbc_key_kind kind, const uint8_t *payload)
{
    unsigned int n = kind == FBC_KEY_SESSION ? fbc_session_launches(payload)
                                             : 0;

    return (struct form){ n ? '2' : '1',
                          kinds[kind].payload_len + n * FBC_HASH_LEN };
}

static int checksum(const struct kind *k, const struct form *f,
                    const uint8_t *payload, uint8_t sum[static FBC_HASH_LEN])
{
    uint8_t buf[PREFIX_MAX + 1 + FBC_KEYTEXT_MAX_PAYLOAD];
    size_t len = k->prefix_len;
    int rc;

    memcpy(buf, k->prefix, len);
    buf[len - 1] = (uint8_t)f->version;
    buf[len++] = ':';
    memcpy(buf + len, payload, f->len);
    rc = fbc_sha256(buf, len + f->len, sum);
    fbc_wipe(buf, sizeof(buf));

    return rc;
}

enum fbc_err fbc_keytext_encode(enum fbc_key_kind kind, const uint8_t *payload,
                                char line[static FBC_KEYTEXT_MAX_LINE])
{
    const struct kind *k = &kinds[kind];
    const struct form f = form_of(kind, payload);
    uint8_t raw[RAW_MAX], sum[FBC_HASH_LEN];

    if ( checksum(k, &f, payload, sum) )
        return FBC_ERR_CRYPTO;

    memcpy(raw, payload, f.len);
    memcpy(raw + f.len, sum, CHECK_LEN);

    memcpy(line, k->prefix, k->prefix_len);
    line += k->prefix_len;
    line[-1] = f.version;
    *line++ = ':';
    fbc_base64_encode(line, raw, f.len + CHECK_LEN);
    line += FBC_BASE64_LEN(f.len + CHECK_LEN);
    *line++ = '\n';
    *line = '\0';
    fbc_wipe(raw, sizeof(raw));
    fbc_wipe(sum, sizeof(sum));

    return FBC_OK;
}

/* Does the text before ':' name this kind, and in a version that it has? */
static enum fbc_err match(enum fbc_key_kind kind, const char *name, size_t len)
{
    const struct kind *k = &kinds[kind];
    const char last = kind == FBC_KEY_SESSION ? '2' : '1';
    size_t stem = k->prefix_len - 1u, i;

    if ( len <= stem || memcmp(name, k->prefix, stem) )
        return FBC_ERR_MAGIC;
    if ( len == k->prefix_len && name[stem] >= '1' && name[stem] <= last )
        return FBC_OK;
    for ( i = stem; i < len; i++ )
        if ( name[i] < '0' || name[i] > '9' )
            return FBC_ERR_FORMAT;

    return FBC_ERR_VERSION;
}

static enum fbc_err check_prefix(enum fbc_key_kind kind, const char *name,
                                 size_t len)
{
    enum fbc_err err = match(kind, name, len);
    unsigned int i;

    if ( err != FBC_ERR_MAGIC )
        return err;

    for ( i = 0; i < FBC_KEY_KINDS; i++ )
    {
        err = match((enum fbc_key_kind)i, name, len);
        if ( err == FBC_OK || err == FBC_ERR_VERSION )
            return FBC_ERR_MAGIC;
    }

    return FBC_ERR_FORMAT;
}

static size_t find_char(const char *text, size_t from, size_t len, char c)
{
    while ( from < len && text[from] != c )
        from++;

    return from;
}

/* The form of a line with so many characters of base64; len 0: of none. */
static struct form form_for(enum fbc_key_kind kind, char version, size_t chars)
{
    struct form f = { version, kinds[kind].payload_len };
    unsigned int n = version == '2' ? 1 : 0, last = n * FBC_SESSION_LAUNCHES;

    for ( ; n <= last; n++ )
        if ( chars == FBC_BASE64_LEN(f.len + n * FBC_HASH_LEN + CHECK_LEN) )
        {
            f.len += n * FBC_HASH_LEN;
            return f;
        }
    f.len = 0;

    return f;
}

/* raw has room for RAW_MAX bytes. */
static enum fbc_err decode(enum fbc_key_kind kind, const struct form *f,
                           const char *base64, uint8_t *raw)
{
    uint8_t sum[FBC_HASH_LEN];
    enum fbc_err err = FBC_OK;
    size_t at;

    if ( !fbc_base64_decode(raw, f->len + CHECK_LEN, base64) )
        return FBC_ERR_FORMAT;
    if ( checksum(&kinds[kind], f, raw, sum) )
        return FBC_ERR_CRYPTO;
    if ( !fbc_equal(raw + f->len, sum, CHECK_LEN) )
        err = FBC_ERR_CHECKSUM;
    /* "Any" is what version 1 says. */
    for ( at = kinds[kind].payload_len; at < f->len; at += FBC_HASH_LEN )
        if ( !err && fbc_is_zero(raw + at, FBC_HASH_LEN) )
            err = FBC_ERR_RESERVED;
    fbc_wipe(sum, sizeof(sum));

    return err;
}

enum fbc_err fbc_keytext_parse(enum fbc_key_kind kind, const char *text,
                               size_t len, uint8_t *payload)
{
    size_t pos = 0, end, colon;
    uint8_t raw[RAW_MAX];
    enum fbc_err err;
    struct form f;

    if ( len > FBC_KEYTEXT_MAX_FILE )
        return FBC_ERR_FORMAT;

    while ( pos < len && text[pos] == '#' )
        pos = find_char(text, pos, len, '\n') + 1;
    if ( pos >= len )
        return FBC_ERR_FORMAT;

    end = find_char(text, pos, len, '\n');
    colon = find_char(text, pos, end, ':');
    if ( colon == end )
        return FBC_ERR_FORMAT;
    err = check_prefix(kind, text + pos, colon - pos);
    if ( err )
        return err;

    /* The newline at the end may be missing; nothing may follow it. */
    f = form_for(kind, text[colon - 1], end - colon - 1);
    if ( !f.len || end + 1 < len )
        return FBC_ERR_FORMAT;

    err = decode(kind, &f, text + colon + 1, raw);
    if ( !err )
    {
        memset(payload, 0, fbc_keytext_payload_len(kind));
        memcpy(payload, raw, f.len);
    }
    fbc_wipe(raw, sizeof(raw));

    return err;
}

int fbc_keytext_id(const uint8_t pub[static FBC_KEY_LEN],
                   uint8_t id[static FBC_KEYID_LEN])
{
    uint8_t hash[FBC_HASH_LEN];

    if ( fbc_sha256(pub, FBC_KEY_LEN, hash) )
        return -1;

    memcpy(id, hash, FBC_KEYID_LEN);

    return 0;
}
