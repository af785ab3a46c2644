/* SPDX-License-Identifier: GPL-2.0-only */
/* Known hosts as older versions wrote them: a line a host. */
#include "parse/attest/knownhosts_old.h"
#include "parse/text/decimal.h"
#include "parse/text/hex.h"

struct reader {
    const char *text;
    size_t len, pos;
};

/* Length of the word at *pos, up to the character that must end it. */
static bool word(struct reader *r, char end, const char **start, size_t *n)
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

static bool take_name(struct reader *r, char *out, size_t max)
{
    const char *s;
    size_t n;

    if ( !word(r, ' ', &s, &n) || n > max )
        return false;
    memcpy(out, s, n);
    out[n] = 0;

    return strlen(out) == n;
}

static bool take_hex(struct reader *r, char end, uint8_t *out)
{
    const char *s;
    size_t n;

    return word(r, end, &s, &n) && fbc_hex_read(s, n, out, FBC_HASH_LEN);
}

static bool take_number(struct reader *r, uint64_t *out)
{
    const char *s;
    size_t n;

    return word(r, ' ', &s, &n) && fbc_decimal_read(s, n, UINT64_MAX, out);
}

/* Length of the line at pos with its newline; 0: it has none. */
static size_t line_length(const struct reader *r)
{
    size_t end = r->pos;

    while ( end < r->len && r->text[end] != '\n' )
        end++;

    return end < r->len ? end + 1 - r->pos : 0;
}

bool fbc_known_is_old(const char *text, size_t len)
{
    struct reader r = { .text = text, .len = len };
    const char *s;
    size_t n;

    while ( r.pos < len && text[r.pos] == '#' )
    {
        n = line_length(&r);
        if ( !n )
            return false;
        r.pos += n;
    }

    return word(&r, ' ', &s, &n);
}

enum fbc_err fbc_known_convert(const char *text, size_t len, char *out,
                               size_t room, size_t *out_len,
                               unsigned int *line)
{
    struct reader r = { .text = text, .len = len };
    size_t pos = 0, n;

    if ( len > FBC_KNOWN_OLD_MAX )
    {
        *line = 0;
        return FBC_ERR_LENGTH;
    }

    for ( *line = 1; r.pos < len; (*line)++ )
    {
        char record[FBC_KNOWN_TEXT_MAX];
        const char *from = record;
        struct fbc_known_host h;

        if ( text[r.pos] == '#' )
        {
            n = line_length(&r);
            from = text + r.pos;
            r.pos += n;
        }
        else
        {
            memset(&h, 0, sizeof(h));
            n = take_name(&r, h.server, FBC_SERVER_NAME_MAX) &&
                take_name(&r, h.name, FBC_HOST_NAME_MAX) &&
                take_hex(&r, ' ', h.ek) && take_hex(&r, ' ', h.admin) &&
                take_number(&r, &h.serial) && take_hex(&r, '\n', h.vmm_key) &&
                !fbc_known_is_direct(&h) ? fbc_known_text(&h, record) : 0;
        }
        if ( !n )
            return FBC_ERR_FORMAT;
        if ( n > room - pos )
            return FBC_ERR_LENGTH;
        memcpy(out + pos, from, n);
        pos += n;
    }
    *out_len = pos;

    return FBC_OK;
}
