/* SPDX-License-Identifier: GPL-2.0-only */
/* Known hosts. */
#include "parse/attest/knownhosts.h"
#include "parse/attest/registration.h"

/* As a record has it. */
struct entry {
    char server[FBC_SERVER_NAME_MAX + 1];
    char name[FBC_KNOWN_NAME_MAX + 1];
    FBC_VALUE(FBC_HASH_LEN) ek;
    FBC_VALUE(FBC_KEY_LEN) admin;
    uint64_t serial;
    uint8_t vmm_key[FBC_KEY_LEN];
};

static const struct fbc_field fields[] = {
    FBC_FIELD(struct entry, server, "server", FBC_FIELD_TEXT, 1,
              FBC_SERVER_NAME_MAX),
    FBC_FIELD(struct entry, name, "name", FBC_FIELD_TEXT, 1,
              FBC_KNOWN_NAME_MAX),
    FBC_FIELD(struct entry, ek, "ek", FBC_FIELD_HEX_NONE, FBC_HASH_LEN,
              FBC_HASH_LEN),
    FBC_FIELD(struct entry, admin, "admin", FBC_FIELD_HEX_NONE, FBC_KEY_LEN,
              FBC_KEY_LEN),
    FBC_FIELD(struct entry, serial, "serial", FBC_FIELD_NUMBER, 0, 64),
    FBC_FIELD(struct entry, vmm_key, "vmm-key", FBC_FIELD_HEX, FBC_KEY_LEN,
              FBC_KEY_LEN),
};

static const struct fbc_record record =
    FBC_RECORD(struct entry, "fbc-known-host-1", fields);

static bool is_of(char c, bool upper, const char *others)
{
    if ( (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         (upper && c >= 'A' && c <= 'Z') )
        return true;
    while ( *others && *others != c )
        others++;

    return *others;
}

/* 1 to FBC_SERVER_NAME_MAX of a-z 0-9 '.' '-' '_' ':' '[' ']'. */
static bool server_name_ok(const char *name)
{
    size_t i;

    for ( i = 0; name[i]; i++ )
        if ( i == FBC_SERVER_NAME_MAX || !is_of(name[i], false, ".-_:[]") )
            return false;

    return i;
}

bool fbc_direct_name_ok(const char *name)
{
    size_t i;

    for ( i = 0; name[i]; i++ )
        if ( i == FBC_KNOWN_NAME_MAX || !is_of(name[i], true, "._:%+-") )
            return false;

    return i && name[0] != '-';
}

bool fbc_known_is_direct(const struct fbc_known_host *h)
{
    return !strcmp(h->server, FBC_KNOWN_DIRECT);
}

static bool names_ok(const struct fbc_known_host *h)
{
    return fbc_known_is_direct(h) ? fbc_direct_name_ok(h->name)
           : server_name_ok(h->server) && fbc_host_name_ok(h->name);
}

/* Behind the line at pos. */
static size_t skip_line(const struct fbc_known_reader *r, size_t pos)
{
    while ( pos < r->len && r->text[pos] != '\n' )
        pos++;

    return pos < r->len ? pos + 1 : pos;
}

/* A comment or a title: no line of a record starts like this. */
static bool is_between(const struct fbc_known_reader *r, size_t pos)
{
    return r->text[pos] == '#' ||
           (r->len - pos >= 4 && !memcmp(r->text + pos, "fbc-", 4));
}

/* The record that starts at pos and has n bytes; *line is one of its own. */
static enum fbc_err read_entry(const char *text, size_t n,
                               struct fbc_known_host *out, unsigned int *line)
{
    struct fbc_known_host h;
    enum fbc_err err;
    struct entry in;
    bool direct;

    err = fbc_record_parse(&record, text, n, &in, line);
    if ( err )
        return err;

    memset(&h, 0, sizeof(h));
    memcpy(h.server, in.server, sizeof(h.server));
    memcpy(h.name, in.name, sizeof(h.name));
    memcpy(h.ek, in.ek.data, sizeof(h.ek));
    memcpy(h.admin, in.admin.data, sizeof(h.admin));
    h.serial = in.serial;
    memcpy(h.vmm_key, in.vmm_key, sizeof(h.vmm_key));

    direct = fbc_known_is_direct(&h);
    *line = !names_ok(&h) ? 2 : direct != !in.ek.len ? 4
            : direct != !in.admin.len ? 5 : direct && in.serial ? 6 : 0;
    if ( *line )
        return FBC_ERR_FORMAT;
    *out = h;

    return FBC_OK;
}

bool fbc_known_next(struct fbc_known_reader *r, struct fbc_known_host *out)
{
    unsigned int line, lines;
    size_t end;

    r->err = FBC_OK;
    while ( r->pos < r->len && r->text[r->pos] == '#' )
    {
        r->line = ++r->lines;
        r->start = r->pos;
        r->pos = skip_line(r, r->pos);
        if ( r->text[r->pos - 1] != '\n' )
        {
            r->err = FBC_ERR_FORMAT;
            return false;
        }
    }
    r->start = r->pos;
    if ( r->pos == r->len )
        return false;

    for ( end = r->pos, lines = 0; !lines || (end < r->len &&
                                              !is_between(r, end)); lines++ )
        end = skip_line(r, end);
    r->err = read_entry(r->text + r->pos, end - r->pos, out, &line);
    r->line = r->lines + (r->err ? line : 1);
    if ( r->err )
        return false;
    r->lines += lines;
    r->pos = end;

    return true;
}

enum fbc_err fbc_known_find(const char *text, size_t len, const char *server,
                            const char *name, struct fbc_known_host *out,
                            bool *found, size_t *start, size_t *end,
                            unsigned int *line)
{
    struct fbc_known_reader r = { .text = text, .len = len };
    struct fbc_known_host h, hit;
    size_t hit_start = 0, hit_end = 0;
    unsigned int hit_line = 0;

    *line = 0;
    if ( len > FBC_KNOWN_MAX_FILE )
        return FBC_ERR_LENGTH;

    while ( fbc_known_next(&r, &h) )
    {
        if ( strcmp(h.server, server) || strcmp(h.name, name) )
            continue;
        *line = r.line;
        if ( hit_line )
            return FBC_ERR_RANGE;
        hit = h;
        hit_start = r.start;
        hit_end = r.pos;
        hit_line = r.line;
    }
    *line = r.line;
    if ( r.err )
        return r.err;

    *found = hit_line;
    *start = hit_start;
    *end = hit_end;
    *line = hit_line;
    if ( hit_line )
        *out = hit;

    return FBC_OK;
}

size_t fbc_known_text(const struct fbc_known_host *h,
                      char text[static FBC_KNOWN_TEXT_MAX])
{
    uint16_t some = fbc_known_is_direct(h) ? 0 : FBC_HASH_LEN;
    struct entry out;

    if ( !names_ok(h) || (!some && h->serial) )
        return 0;

    memset(&out, 0, sizeof(out));
    memcpy(out.server, h->server, sizeof(out.server));
    memcpy(out.name, h->name, sizeof(out.name));
    out.ek.len = out.admin.len = some;
    memcpy(out.ek.data, h->ek, sizeof(out.ek.data));
    memcpy(out.admin.data, h->admin, sizeof(out.admin.data));
    out.serial = h->serial;
    memcpy(out.vmm_key, h->vmm_key, sizeof(out.vmm_key));

    return fbc_record_encode(&record, &out, text, FBC_KNOWN_TEXT_MAX);
}
