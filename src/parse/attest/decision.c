/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of the decision log. */
#include "parse/attest/decision.h"
#include "core/crypto.h"
#include "parse/text/decimal.h"
#include "parse/text/hex.h"

static const char *const kinds[FBC_DECISIONS] = {
    [FBC_DECISION_RELEASED] = "released",
    [FBC_DECISION_REFUSED] = "refused",
    [FBC_DECISION_REGISTERED] = "registered",
    [FBC_DECISION_REVOKED] = "revoked",
};

static bool time_ok(const char *t, size_t n)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    size_t i;

    if ( n != sizeof(form) - 1 )
        return false;
    for ( i = 0; i < n; i++ )
        if ( form[i] == 'd' ? t[i] < '0' || t[i] > '9' : t[i] != form[i] )
            return false;

    return true;
}

static bool reason_ok(const char *r, size_t n)
{
    size_t i;

    if ( !n || n > FBC_REASON_NAME_MAX )
        return false;
    for ( i = 0; i < n; i++ )
        if ( (r[i] < 'a' || r[i] > 'z') && (r[i] < '0' || r[i] > '9') &&
             r[i] != '-' )
            return false;

    return true;
}

static int chain(const uint8_t *before, const char *entry, size_t len,
                 uint8_t hash[static FBC_HASH_LEN])
{
    uint8_t buf[FBC_HASH_LEN + FBC_DECISION_LINE];

    memcpy(buf, before, FBC_HASH_LEN);
    memcpy(buf + FBC_HASH_LEN, entry, len);

    return fbc_sha256(buf, FBC_HASH_LEN + len, hash);
}

static char *put_text(char *p, const char *s)
{
    size_t n = strlen(s);

    memcpy(p, s, n);

    return p + n;
}

size_t fbc_decision_encode(struct fbc_decision *d,
                           const uint8_t before[static FBC_HASH_LEN],
                           char line[static FBC_DECISION_LINE])
{
    char *p;

    if ( !d->number || d->number > INT64_MAX || d->kind >= FBC_DECISIONS ||
         !fbc_host_name_ok(d->host) || !time_ok(d->time, strlen(d->time)) ||
         !reason_ok(d->reason, strlen(d->reason)) )
        return 0;

    p = fbc_decimal_write(line, d->number);
    *p++ = ' ';
    p = put_text(p, d->time);
    *p++ = ' ';
    p = put_text(p, d->host);
    *p++ = ' ';
    p = fbc_hex_write(p, d->nonce, sizeof(d->nonce));
    *p++ = ' ';
    p = put_text(p, kinds[d->kind]);
    *p++ = ' ';
    p = put_text(p, d->reason);
    if ( chain(before, line, (size_t)(p - line), d->hash) )
        return 0;
    *p++ = ' ';
    p = fbc_hex_write(p, d->hash, sizeof(d->hash));
    *p++ = '\n';
    *p = '\0';

    return (size_t)(p - line);
}

/* The field at *pos, up to a space or the end; false when it is empty. */
static bool next_field(const char *line, size_t len, size_t *pos,
                       const char **field, size_t *n)
{
    size_t end = *pos;

    if ( end > len )
        return false;
    *field = line + end;
    while ( end < len && line[end] != ' ' )
        end++;
    *n = end - *pos;
    *pos = end + 1;

    return *n;
}

static bool read_kind(const char *s, size_t n, enum fbc_decision_kind *out)
{
    unsigned int k;

    for ( k = 0; k < FBC_DECISIONS; k++ )
        if ( strlen(kinds[k]) == n && !memcmp(kinds[k], s, n) )
        {
            *out = (enum fbc_decision_kind)k;
            return true;
        }

    return false;
}

enum fbc_err fbc_decision_parse(const char *line, size_t len,
                                const uint8_t *before,
                                struct fbc_decision *d)
{
    struct fbc_decision t;
    const char *f[7];
    size_t n[7], pos = 0, i;
    uint8_t hash[FBC_HASH_LEN];

    if ( len >= FBC_DECISION_LINE - 1 )
        return FBC_ERR_FORMAT;
    for ( i = 0; i < 7; i++ )
        if ( !next_field(line, len, &pos, &f[i], &n[i]) )
            return FBC_ERR_FORMAT;
    if ( pos != len + 1 )
        return FBC_ERR_FORMAT;

    memset(&t, 0, sizeof(t));
    if ( !fbc_decimal_read(f[0], n[0], INT64_MAX, &t.number) || !t.number ||
         !time_ok(f[1], n[1]) ||
         n[2] > FBC_HOST_NAME_MAX || !fbc_hex_read(f[3], n[3], t.nonce,
                                                      sizeof(t.nonce)) ||
         !read_kind(f[4], n[4], &t.kind) || !reason_ok(f[5], n[5]) ||
         !fbc_hex_read(f[6], n[6], t.hash, sizeof(t.hash)) )
        return FBC_ERR_FORMAT;
    memcpy(t.time, f[1], n[1]);
    memcpy(t.host, f[2], n[2]);
    memcpy(t.reason, f[5], n[5]);
    if ( strlen(t.host) != n[2] || !fbc_host_name_ok(t.host) )
        return FBC_ERR_FORMAT;

    if ( before )
    {
        if ( chain(before, line, (size_t)(f[6] - 1 - line), hash) )
            return FBC_ERR_CRYPTO;
        if ( memcmp(hash, t.hash, sizeof(hash)) )
            return FBC_ERR_CHECKSUM;
    }
    *d = t;

    return FBC_OK;
}

enum fbc_err fbc_log_next(struct fbc_log_span *s, const char *line,
                          size_t len)
{
    static const uint8_t zero[FBC_HASH_LEN];
    const uint8_t *before = s->count ? s->last.hash : NULL;
    struct fbc_decision d;
    enum fbc_err err;

    if ( !len || line[len - 1] != '\n' )
        return FBC_ERR_FORMAT;
    /* What comes before the first entry is known if it is number 1. */
    if ( !before && len > 2 && line[0] == '1' && line[1] == ' ' )
        before = zero;
    err = fbc_decision_parse(line, len - 1, before, &d);
    if ( !err && !s->count && s->known && d.number == s->known + 1 )
        err = fbc_decision_parse(line, len - 1, s->known_hash, &d);
    if ( err )
        return err;
    if ( s->count && d.number != s->last.number + 1 )
        return FBC_ERR_RANGE;

    if ( !s->count++ )
        s->first = d;
    s->last = d;

    return FBC_OK;
}
