/* SPDX-License-Identifier: GPL-2.0-only */
/* Known hosts of key servers. */
#include "parse/attest/knownhosts.h"
#include "parse/attest/registration.h"
#include "parse/text/decimal.h"
#include "parse/text/hex.h"

/* 1 to FBC_SERVER_NAME_MAX of a-z 0-9 '.' '-' '_' ':' '[' ']'. */
static bool server_name_ok(const char *name)
{
    size_t i;

    for ( i = 0; name[i]; i++ )
    {
        char c = name[i];

        if ( i == FBC_SERVER_NAME_MAX ||
             !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_' || c == ':' || c == '[' ||
               c == ']') )
            return false;
    }

    return i;
}

/* Length of the word at *pos, up to the character that must end it. */
static bool word(struct fbc_known_reader *r, char end, const char **start,
                 size_t *n)
{
    size_t from = r->pos;

    while ( r->pos < r->len && r->text[r->pos] != ' ' &&
            r->text[r->pos] != '\n' )
        r->pos++;
    if ( r->pos == r->len || r->text[r->pos] != end )
        return false;
    *start = r->text + from;
    *n = r->pos++ - from;

    return true;
}

static bool take_name(struct fbc_known_reader *r, char *out, size_t max,
                      bool (*ok)(const char *))
{
    const char *s;
    size_t n, i;

    if ( !word(r, ' ', &s, &n) || n > max )
        return false;
    for ( i = 0; i < n; i++ )
        if ( !s[i] )
            return false;
    memcpy(out, s, n);
    out[n] = 0;

    return ok(out);
}

static bool take_hex(struct fbc_known_reader *r, char end, uint8_t *out)
{
    const char *s;
    size_t n;

    return word(r, end, &s, &n) && fbc_hex_read(s, n, out, FBC_HASH_LEN);
}

static bool take_number(struct fbc_known_reader *r, uint64_t *out)
{
    const char *s;
    size_t n;

    return word(r, ' ', &s, &n) && fbc_decimal_read(s, n, UINT64_MAX, out);
}

bool fbc_known_next(struct fbc_known_reader *r, struct fbc_known_host *out)
{
    struct fbc_known_host h;

    r->bad = false;
    for ( ; ; )
    {
        r->start = r->pos;
        if ( r->pos >= r->len )
            return false;
        r->line++;
        if ( r->text[r->pos] != '#' )
            break;
        while ( r->pos < r->len && r->text[r->pos] != '\n' )
            r->pos++;
        r->bad = r->pos++ == r->len;
        if ( r->bad )
            return false;
    }

    memset(&h, 0, sizeof(h));
    r->bad = !take_name(r, h.server, FBC_SERVER_NAME_MAX,
                        server_name_ok) ||
             !take_name(r, h.name, FBC_HOST_NAME_MAX, fbc_host_name_ok) ||
             !take_hex(r, ' ', h.ek) || !take_hex(r, ' ', h.admin) ||
             !take_number(r, &h.serial) || !take_hex(r, '\n', h.vmm_key);
    if ( !r->bad )
        *out = h;

    return !r->bad;
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
    if ( r.bad )
        return FBC_ERR_FORMAT;

    *found = hit_line;
    *start = hit_start;
    *end = hit_end;
    *line = hit_line;
    if ( hit_line )
        *out = hit;

    return FBC_OK;
}

static char *put_text(char *p, const char *s, char end)
{
    while ( *s )
        *p++ = *s++;
    *p++ = end;

    return p;
}

static char *put_hex(char *p, const uint8_t *v, char end)
{
    p = fbc_hex_write(p, v, FBC_HASH_LEN);
    *p++ = end;

    return p;
}

size_t fbc_known_line(const struct fbc_known_host *h,
                      char line[static FBC_KNOWN_LINE_MAX])
{
    char *p = line;

    if ( !server_name_ok(h->server) || !fbc_host_name_ok(h->name) )
        return 0;

    p = put_text(p, h->server, ' ');
    p = put_text(p, h->name, ' ');
    p = put_hex(p, h->ek, ' ');
    p = put_hex(p, h->admin, ' ');
    p = fbc_decimal_write(p, h->serial);
    *p++ = ' ';
    p = put_hex(p, h->vmm_key, '\n');
    *p = 0;

    return (size_t)(p - line);
}
