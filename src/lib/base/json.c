/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes JSON to a stream. */
#include "lib/base/json.h"

#include <inttypes.h>

#include "lib/base/fail.h"
#include "lib/base/utf8.h"

static void put_key(struct fbc_json *j, const char *key)
{
    if ( j->comma )
        fputc(',', j->f);
    j->comma = true;
    if ( key )
        fprintf(j->f, "\"%s\":", key);
}

void fbc_json_str(struct fbc_json *j, const char *key, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;

    if ( !s )
    {
        fbc_json_null(j, key);
        return;
    }

    put_key(j, key);
    fputc('"', j->f);
    while ( *p )
    {
        size_t n = fbc_utf8_len((const char *)p);

        if ( !n )
        {
            fputs("\\ufffd", j->f);
            n = 1;
        }
        else if ( *p == '"' || *p == '\\' )
            fprintf(j->f, "\\%c", *p);
        else if ( *p < 0x20 || *p == 0x7f )
            fprintf(j->f, "\\u%04x", *p);
        else
            fwrite(p, 1, n, j->f);
        p += n;
    }
    fputc('"', j->f);
}

void fbc_json_hex(struct fbc_json *j, const char *key, const uint8_t *p,
                  size_t len)
{
    size_t i;

    put_key(j, key);
    fputc('"', j->f);
    for ( i = 0; i < len; i++ )
        fprintf(j->f, "%02x", p[i]);
    fputc('"', j->f);
}

void fbc_json_uint(struct fbc_json *j, const char *key, uint64_t v)
{
    put_key(j, key);
    fprintf(j->f, "%" PRIu64, v);
}

void fbc_json_bool(struct fbc_json *j, const char *key, bool v)
{
    put_key(j, key);
    fputs(v ? "true" : "false", j->f);
}

void fbc_json_null(struct fbc_json *j, const char *key)
{
    put_key(j, key);
    fputs("null", j->f);
}

void fbc_json_open(struct fbc_json *j, const char *key, char bracket)
{
    put_key(j, key);
    fputc(bracket, j->f);
    j->comma = false;
}

void fbc_json_close(struct fbc_json *j, char bracket)
{
    fputc(bracket, j->f);
    j->comma = true;
}

void fbc_json_begin(struct fbc_json *j, FILE *f, const char *schema, bool ok)
{
    j->f = f;
    j->comma = false;
    fbc_json_open(j, NULL, '{');
    fbc_json_str(j, "schema", schema);
    fbc_json_bool(j, "ok", ok);
}

void fbc_json_end(struct fbc_json *j)
{
    fbc_json_close(j, '}');
    fputc('\n', j->f);
}

void fbc_json_error(struct fbc_json *j, const struct fbc_error *e)
{
    if ( !e )
    {
        fbc_json_null(j, "error");
        return;
    }

    fbc_json_open(j, "error", '{');
    fbc_json_uint(j, "status", e->status);
    fbc_json_str(j, "what", e->what);
    fbc_json_str(j, "why", e->why);
    fbc_json_str(j, "hint", e->hint[0] ? e->hint : NULL);
    fbc_json_close(j, '}');
}
