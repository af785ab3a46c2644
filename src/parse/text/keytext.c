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

/* A prefix is a stem and a version number of one digit. */
static const struct kind {
    char prefix[PREFIX_MAX + 1];
    uint8_t prefix_len, payload_len;
} kinds[FBC_KEY_KINDS] = {
    [FBC_KEY_OWNER_SECRET] = KIND("fbc-owner-secret-1", FBC_KEY_LEN),
    [FBC_KEY_OWNER_PUBLIC] = KIND("fbc-owner-public-1", FBC_KEY_LEN),
    [FBC_KEY_VMM_PUBLIC] = KIND("fbc-vmm-public-1", FBC_KEY_LEN),
    [FBC_KEY_SESSION] = KIND("fbc-session-1", FBC_SESSION_FILE_LEN),
    [FBC_KEY_ADMIN_SECRET] = KIND("fbc-admin-secret-1", FBC_KEY_LEN),
    [FBC_KEY_ADMIN_PUBLIC] = KIND("fbc-admin-public-1", FBC_KEY_LEN),
};

size_t fbc_keytext_payload_len(enum fbc_key_kind kind)
{
    return kinds[kind].payload_len;
}

static int checksum(const struct kind *k, const uint8_t *payload,
                    uint8_t sum[static FBC_HASH_LEN])
{
    uint8_t buf[PREFIX_MAX + 1 + FBC_KEYTEXT_MAX_PAYLOAD];
    size_t len = k->prefix_len;
    int rc;

    memcpy(buf, k->prefix, len);
    buf[len++] = ':';
    memcpy(buf + len, payload, k->payload_len);
    rc = fbc_sha256(buf, len + k->payload_len, sum);
    fbc_wipe(buf, sizeof(buf));

    return rc;
}

enum fbc_err fbc_keytext_encode(enum fbc_key_kind kind, const uint8_t *payload,
                                char line[static FBC_KEYTEXT_MAX_LINE])
{
    const struct kind *k = &kinds[kind];
    uint8_t raw[RAW_MAX], sum[FBC_HASH_LEN];

    if ( checksum(k, payload, sum) )
        return FBC_ERR_CRYPTO;

    memcpy(raw, payload, k->payload_len);
    memcpy(raw + k->payload_len, sum, CHECK_LEN);

    memcpy(line, k->prefix, k->prefix_len);
    line += k->prefix_len;
    *line++ = ':';
    fbc_base64_encode(line, raw, k->payload_len + CHECK_LEN);
    line += FBC_BASE64_LEN(k->payload_len + CHECK_LEN);
    *line++ = '\n';
    *line = '\0';
    fbc_wipe(raw, sizeof(raw));
    fbc_wipe(sum, sizeof(sum));

    return FBC_OK;
}

/* Does the text before ':' name this kind, and in which version? */
static enum fbc_err match(const struct kind *k, const char *name, size_t len)
{
    size_t stem = k->prefix_len - 1u, i;

    if ( len <= stem || memcmp(name, k->prefix, stem) )
        return FBC_ERR_MAGIC;
    if ( len == k->prefix_len && name[stem] == k->prefix[stem] )
        return FBC_OK;
    for ( i = stem; i < len; i++ )
        if ( name[i] < '0' || name[i] > '9' )
            return FBC_ERR_FORMAT;

    return FBC_ERR_VERSION;
}

static enum fbc_err check_prefix(enum fbc_key_kind kind, const char *name,
                                 size_t len)
{
    enum fbc_err err = match(&kinds[kind], name, len);
    unsigned int i;

    if ( err != FBC_ERR_MAGIC )
        return err;

    for ( i = 0; i < FBC_KEY_KINDS; i++ )
    {
        err = match(&kinds[i], name, len);
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

enum fbc_err fbc_keytext_parse(enum fbc_key_kind kind, const char *text,
                               size_t len, uint8_t *payload)
{
    const struct kind *k = &kinds[kind];
    size_t raw_len = k->payload_len + CHECK_LEN, pos = 0, end, colon;
    uint8_t raw[RAW_MAX], sum[FBC_HASH_LEN];
    enum fbc_err err;

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
    if ( end - colon - 1 != FBC_BASE64_LEN(raw_len) || end + 1 < len )
        return FBC_ERR_FORMAT;

    err = FBC_ERR_FORMAT;
    if ( !fbc_base64_decode(raw, raw_len, text + colon + 1) )
        goto out;

    err = FBC_ERR_CRYPTO;
    if ( checksum(k, raw, sum) )
        goto out;

    err = FBC_ERR_CHECKSUM;
    if ( !fbc_equal(raw + k->payload_len, sum, CHECK_LEN) )
        goto out;

    memcpy(payload, raw, k->payload_len);
    err = FBC_OK;

 out:
    fbc_wipe(raw, sizeof(raw));
    fbc_wipe(sum, sizeof(sum));

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
