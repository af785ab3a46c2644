/* SPDX-License-Identifier: GPL-2.0-only */
/* Registrations and revocations. */
#include "parse/attest/registration.h"

#define ONE_OR_MORE(member, text, hi) \
    { .name = text, .kind = FBC_FIELD_BASE64, .min = 1, .max = hi, \
      .least = 1, \
      .most = sizeof(((struct fbc_registration *)0)->member) / \
              sizeof(((struct fbc_registration *)0)->member[0]), \
      .offset = offsetof(struct fbc_registration, member), \
      .step = sizeof(((struct fbc_registration *)0)->member[0]) }

#define HEAD(type) \
    FBC_FIELD(type, name, "name", FBC_FIELD_TEXT, 1, FBC_HOST_NAME_MAX), \
    FBC_FIELD(type, serial, "serial", FBC_FIELD_NUMBER, 0, 64)
#define TAIL(type) \
    FBC_FIELD(type, admin, "admin", FBC_FIELD_HEX, FBC_KEY_LEN, \
              FBC_KEY_LEN), \
    FBC_FIELD(type, signature, "signature", FBC_FIELD_HEX, FBC_ED25519_LEN, \
              FBC_ED25519_LEN)

static const struct fbc_field registration_fields[] = {
    HEAD(struct fbc_registration),
    FBC_FIELD(struct fbc_registration, host, "host-record", FBC_FIELD_BASE64,
              1, FBC_HOST_TEXT_MAX),
    ONE_OR_MORE(golden, "golden", FBC_GOLDEN_TEXT_MAX),
    ONE_OR_MORE(root, "root", FBC_CERT_MAX),
    TAIL(struct fbc_registration),
};

static const struct fbc_field revocation_fields[] = {
    HEAD(struct fbc_revocation),
    TAIL(struct fbc_revocation),
};

const struct fbc_record fbc_registration_record =
    FBC_RECORD(struct fbc_registration, "fbc-registration-1",
               registration_fields);
const struct fbc_record fbc_revocation_record =
    FBC_RECORD(struct fbc_revocation, "fbc-revocation-1", revocation_fields);

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

bool fbc_host_name_ok(const char *name)
{
    size_t i;

    for ( i = 0; name[i]; i++ )
        if ( i == FBC_HOST_NAME_MAX ||
             !(is_alnum(name[i]) || (i && (name[i] == '.' || name[i] == '-' ||
                                           name[i] == '_'))) )
            return false;

    return i;
}

/* Of both records: name comes first in their structs. */
static enum fbc_err parse(const struct fbc_record *r, size_t max,
                          const char *text, size_t len, void *out,
                          size_t *covered, unsigned int *line)
{
    enum fbc_err err = FBC_OK;

    if ( len > max )
        err = FBC_ERR_LENGTH;
    else if ( len && text[0] == '#' )
        err = FBC_ERR_FORMAT;
    if ( err )
    {
        if ( line )
            *line = 1;
        return err;
    }

    err = fbc_record_parse(r, text, len, out, line);
    if ( err )
        return err;
    if ( !fbc_host_name_ok(out) )
    {
        if ( line )
            *line = 2;
        return FBC_ERR_FORMAT;
    }
    *covered = len - FBC_SIGNATURE_LINE;

    return FBC_OK;
}

_Static_assert(offsetof(struct fbc_registration, name) == 0 &&
               offsetof(struct fbc_revocation, name) == 0, "name first");

enum fbc_err fbc_registration_parse(const char *text, size_t len,
                                    struct fbc_registration *r,
                                    size_t *covered, unsigned int *line)
{
    return parse(&fbc_registration_record, FBC_REGISTRATION_MAX, text, len, r,
                 covered, line);
}

enum fbc_err fbc_revocation_parse(const char *text, size_t len,
                                  struct fbc_revocation *r, size_t *covered,
                                  unsigned int *line)
{
    return parse(&fbc_revocation_record, FBC_REVOCATION_MAX, text, len, r,
                 covered, line);
}

static bool has_comment(const uint8_t *data, size_t len)
{
    return len && data[0] == '#';
}

enum fbc_err fbc_registration_open(const struct fbc_registration *r,
                                   struct fbc_registered *out)
{
    enum fbc_err err = FBC_ERR_FORMAT;
    size_t i;

    if ( has_comment(r->host.data, r->host.len) )
        return err;
    err = fbc_record_parse(&fbc_host_record, (const char *)r->host.data,
                           r->host.len, &out->host, NULL);
    if ( err )
        return err;
    for ( i = 0; r->name[i] && r->name[i] == out->host.name[i]; i++ )
        ;
    if ( r->name[i] != out->host.name[i] )
        return FBC_ERR_RANGE;

    for ( i = 0; i < FBC_REG_GOLDENS && r->golden[i].len; i++ )
    {
        if ( has_comment(r->golden[i].data, r->golden[i].len) )
            return FBC_ERR_FORMAT;
        err = fbc_golden_parse((const char *)r->golden[i].data,
                               r->golden[i].len, &out->golden[i], NULL);
        if ( err )
            return err;
    }
    out->goldens = i;

    return i ? FBC_OK : FBC_ERR_FORMAT;
}

size_t fbc_registration_encode(const struct fbc_registration *r, char *text)
{
    if ( !fbc_host_name_ok(r->name) )
        return 0;

    return fbc_record_encode(&fbc_registration_record, r, text,
                             FBC_REGISTRATION_MAX);
}

size_t fbc_revocation_encode(const struct fbc_revocation *r, char *text)
{
    if ( !fbc_host_name_ok(r->name) )
        return 0;

    return fbc_record_encode(&fbc_revocation_record, r, text,
                             FBC_REVOCATION_MAX);
}
