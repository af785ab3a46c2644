/* SPDX-License-Identifier: GPL-2.0-only */
/* Records: one strict parser and one writer, driven by tables. */
#include "parse/text/record.h"
#include "parse/text/base64.h"
#include "parse/text/decimal.h"
#include "parse/text/hex.h"

static const char none[] = "none";

static bool starts(const char *text, size_t len, const char *s, size_t n)
{
    return len >= n && !memcmp(text, s, n);
}

/* Where the value of len bytes begins; its length is set. */
static uint8_t *value_data(uint8_t *value, size_t len)
{
    uint16_t n = (uint16_t)len;

    memcpy(value, &n, sizeof(n));

    return value + sizeof(n);
}

/* In all readers: out NULL means that the value is only checked. */

static bool read_base64(const struct fbc_field *f, const char *v, size_t n,
                        uint8_t *out)
{
    size_t bytes = fbc_base64_bytes(v, n), i, left;
    uint8_t group[3];

    if ( !bytes || bytes < f->min || bytes > f->max )
        return false;

    if ( out )
        out = value_data(out, bytes);
    for ( i = 0; i < bytes; i += 3, v += 4 )
    {
        left = bytes - i < 3 ? bytes - i : 3;
        if ( !fbc_base64_decode(group, left, v) )
            return false;
        if ( out )
            memcpy(out + i, group, left);
    }

    return true;
}

static bool read_text(const struct fbc_field *f, const char *v, size_t n,
                      uint8_t *out)
{
    size_t i;

    if ( !n || n > f->max || v[0] == ' ' || v[n - 1] == ' ' )
        return false;
    for ( i = 0; i < n; i++ )
        if ( v[i] < ' ' || v[i] > '~' )
            return false;

    if ( out )
    {
        memcpy(out, v, n);
        out[n] = 0;
    }

    return true;
}

static bool read_number(const struct fbc_field *f, const char *v, size_t n,
                        uint8_t *out)
{
    uint64_t x;

    if ( !fbc_decimal_read(v, n, f->max == 32 ? UINT32_MAX : UINT64_MAX, &x) )
        return false;

    if ( out )
        memcpy(out, &x, sizeof(x));

    return true;
}

static bool read_value(const struct fbc_field *f, const char *v, size_t n,
                       uint8_t *out)
{
    bool is_none = n == sizeof(none) - 1 && !memcmp(v, none, n);

    switch ( f->kind )
    {
    case FBC_FIELD_HEX:
        return fbc_hex_read(v, n, out, f->max);

    case FBC_FIELD_HEX_NONE:
        if ( n != 2u * f->max && !is_none )
            return false;
        if ( out )
            out = value_data(out, is_none ? 0 : f->max);
        return is_none || fbc_hex_read(v, n, out, f->max);

    case FBC_FIELD_HEX_SOME:
        if ( n != 2u * f->max )
            return false;
        return fbc_hex_read(v, n, out ? value_data(out, f->max) : NULL,
                            f->max);

    case FBC_FIELD_BASE64:
        return read_base64(f, v, n, out);

    case FBC_FIELD_TEXT:
        return read_text(f, v, n, out);

    case FBC_FIELD_NUMBER:
        return read_number(f, v, n, out);
    }

    return false;
}

struct reader {
    const char *text;
    size_t len, pos;
    unsigned int line;
};

/* Length of the line at pos without its newline; false if there is none. */
static bool line_length(const struct reader *in, size_t *n)
{
    size_t end = in->pos;

    while ( end < in->len && in->text[end] != '\n' )
        end++;
    *n = end - in->pos;

    return end < in->len;
}

static void next_line(struct reader *in, size_t n)
{
    in->pos += n + 1;
    in->line++;
}

/* "fbc-NAME-VERSION", and nothing else in the line. */
static enum fbc_err read_title(const struct fbc_record *r, struct reader *in)
{
    size_t n, title = strlen(r->title), stem = title - 1, i;
    const char *text = in->text + in->pos;

    if ( !line_length(in, &n) )
        return FBC_ERR_FORMAT;
    if ( n == title && !memcmp(text, r->title, n) )
    {
        next_line(in, n);
        return FBC_OK;
    }
    if ( !starts(text, n, "fbc-", 4) )
        return FBC_ERR_FORMAT;
    if ( n == stem || !starts(text, n, r->title, stem) )
        return FBC_ERR_MAGIC;
    for ( i = stem; i < n; i++ )
        if ( text[i] < '0' || text[i] > '9' )
            return FBC_ERR_FORMAT;

    return FBC_ERR_VERSION;
}

/* All lines of one field. */
static bool read_field(const struct fbc_field *f, struct reader *in,
                       uint8_t *out)
{
    size_t name = strlen(f->name), n;
    unsigned int i;

    for ( i = 0; i < f->most; i++ )
    {
        const char *text = in->text + in->pos;

        if ( !line_length(in, &n) || !starts(text, n, f->name, name) ||
             !starts(text + name, n - name, ": ", 2) )
            return i >= f->least;
        if ( !read_value(f, text + name + 2, n - name - 2,
                         out ? out + f->offset + i * f->step : NULL) )
            return false;
        next_line(in, n);
    }

    return true;
}

static enum fbc_err read_all(const struct fbc_record *r, struct reader *in,
                             uint8_t *out)
{
    enum fbc_err err;
    size_t i, n;

    while ( in->pos < in->len && in->text[in->pos] == '#' )
    {
        if ( !line_length(in, &n) )
            return FBC_ERR_FORMAT;
        next_line(in, n);
    }

    err = read_title(r, in);
    for ( i = 0; !err && i < r->count; i++ )
        if ( !read_field(&r->fields[i], in, out) )
            err = FBC_ERR_FORMAT;
    if ( !err && in->pos != in->len )
        err = FBC_ERR_FORMAT;

    return err;
}

enum fbc_err fbc_record_parse(const struct fbc_record *r, const char *text,
                              size_t len, void *out, unsigned int *line)
{
    struct reader in = { .text = text, .len = len, .line = 1 }, again = in;
    enum fbc_err err = FBC_ERR_LENGTH;

    if ( len <= FBC_RECORD_MAX_FILE )
        err = read_all(r, &in, NULL);
    if ( err )
    {
        if ( line )
            *line = in.line;
        return err;
    }

    memset(out, 0, r->size);

    return read_all(r, &again, out);
}

struct writer {
    char *text;
    size_t room, pos;
    bool bad;
};

/* Room for n characters, or NULL. */
static char *put_room(struct writer *w, size_t n)
{
    char *p = w->text + w->pos;

    if ( w->bad || w->room - w->pos < n )
    {
        w->bad = true;
        return NULL;
    }
    w->pos += n;

    return p;
}

static void put_text(struct writer *w, const char *s, size_t n)
{
    char *p = put_room(w, n);

    if ( p )
        memcpy(p, s, n);
}

static void put_hex(struct writer *w, const uint8_t *v, size_t n)
{
    char *p = put_room(w, 2 * n);

    if ( p )
        fbc_hex_write(p, v, n);
}

static void put_number(struct writer *w, const uint8_t *v)
{
    char digits[FBC_DECIMAL_MAX];
    uint64_t x;

    memcpy(&x, v, sizeof(x));
    put_text(w, digits, (size_t)(fbc_decimal_write(digits, x) - digits));
}

/* v: as the field's kind stores it. */
static void put_value(struct writer *w, const struct fbc_field *f,
                      const uint8_t *v, uint16_t len)
{
    const uint8_t *data = v + sizeof(len);
    char *p;

    switch ( f->kind )
    {
    case FBC_FIELD_HEX:
        put_hex(w, v, f->max);
        return;

    case FBC_FIELD_HEX_NONE:
        if ( !len )
            put_text(w, none, sizeof(none) - 1);
        else
            put_hex(w, data, len);
        return;

    case FBC_FIELD_HEX_SOME:
        put_hex(w, data, len);
        return;

    case FBC_FIELD_BASE64:
        p = put_room(w, FBC_BASE64_LEN((size_t)len));
        if ( p )
            fbc_base64_encode(p, data, len);
        return;

    case FBC_FIELD_TEXT:
        while ( len < f->max && v[len] )
            len++;
        put_text(w, (const char *)v, len);
        return;

    case FBC_FIELD_NUMBER:
        put_number(w, v);
        return;
    }
}

static void put_field(struct writer *w, const struct fbc_field *f,
                      const uint8_t *in)
{
    unsigned int i;
    size_t start;

    for ( i = 0; i < f->most; i++ )
    {
        const uint8_t *v = in + f->offset + i * f->step;
        uint16_t len = 0;

        if ( f->kind == FBC_FIELD_BASE64 || f->kind == FBC_FIELD_HEX_NONE ||
             f->kind == FBC_FIELD_HEX_SOME )
        {
            memcpy(&len, v, sizeof(len));
            if ( len > f->max )
                w->bad = true;
        }
        if ( w->bad || (i >= f->least && !len) )
            return;
        put_text(w, f->name, strlen(f->name));
        put_text(w, ": ", 2);
        start = w->pos;
        put_value(w, f, v, len);
        if ( !w->bad && !read_value(f, w->text + start, w->pos - start,
                                    NULL) )
            w->bad = true;
        put_text(w, "\n", 1);
    }
}

size_t fbc_record_encode(const struct fbc_record *r, const void *in,
                         char *text, size_t room)
{
    struct writer w = { .text = text, .room = room };
    size_t i;

    put_text(&w, r->title, strlen(r->title));
    put_text(&w, "\n", 1);
    for ( i = 0; i < r->count; i++ )
        put_field(&w, &r->fields[i], in);

    return w.bad ? 0 : w.pos;
}
