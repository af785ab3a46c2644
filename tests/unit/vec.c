/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading of test vectors. */
#include "vec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static char current[256];

json_t *vec_load(const char *name)
{
    const char *dir = getenv("FBC_VECTORS");
    json_error_t error;
    char path[512];
    json_t *root;

    snprintf(path, sizeof(path), "%s/%s", dir ? dir : "tests/vectors", name);
    root = json_load_file(path, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES,
                          &error);
    if ( !root )
        fail_msg("%s:%d: %s", path, error.line, error.text);

    return root;
}

const char *vec_text(const json_t *v, const char *field)
{
    const char *s = json_string_value(json_object_get(v, field));

    if ( !s )
        fail_msg("%s: no text %s", current, field);

    return s;
}

static unsigned int nibble(char c)
{
    if ( c >= '0' && c <= '9' )
        return (unsigned int)(c - '0');
    if ( c >= 'a' && c <= 'f' )
        return (unsigned int)(c - 'a' + 10);
    fail_msg("%s: not a hex digit: %c", current, c);

    return 0;
}

struct hex vec_hex(const json_t *v, const char *field)
{
    const char *s = vec_text(v, field);
    struct hex h = { .len = strlen(s) / 2 };
    size_t i;

    if ( strlen(s) % 2 )
        fail_msg("%s: odd length of %s", current, field);
    h.data = malloc(h.len ? h.len : 1);
    assert_non_null(h.data);
    for ( i = 0; i < h.len; i++ )
        h.data[i] = (uint8_t)(nibble(s[2 * i]) << 4 | nibble(s[2 * i + 1]));

    return h;
}

void vec_bytes(const json_t *v, const char *field, uint8_t *out, size_t len)
{
    struct hex h = vec_hex(v, field);

    if ( h.len != len )
        fail_msg("%s: %s has %zu bytes, not %zu", current, field, h.len, len);
    memcpy(out, h.data, len);
    free(h.data);
}

uint64_t vec_u64(const json_t *v, const char *field)
{
    const json_t *n = json_object_get(v, field);
    char *end;
    uint64_t u;

    if ( json_is_integer(n) )
        return (uint64_t)json_integer_value(n);

    errno = 0;
    u = strtoull(vec_text(v, field), &end, 10);
    if ( errno || *end )
        fail_msg("%s: %s is not a number", current, field);

    return u;
}

enum fbc_err vec_err(const json_t *v, const char *field)
{
    static const struct {
        const char *name;
        enum fbc_err err;
    } names[] = {
        { "ok", FBC_OK },
        { "length", FBC_ERR_LENGTH },
        { "magic", FBC_ERR_MAGIC },
        { "version", FBC_ERR_VERSION },
        { "algorithm", FBC_ERR_ALGORITHM },
        { "reserved", FBC_ERR_RESERVED },
        { "checksum", FBC_ERR_CHECKSUM },
        { "wrong-vm", FBC_ERR_WRONG_VM },
        { "wrong-owner", FBC_ERR_WRONG_OWNER },
        { "wrong-vmm", FBC_ERR_WRONG_VMM },
        { "replay", FBC_ERR_REPLAY },
        { "auth", FBC_ERR_AUTH },
        { "stale", FBC_ERR_STALE },
        { "size", FBC_ERR_SIZE },
        { "range", FBC_ERR_RANGE },
        { "crypto", FBC_ERR_CRYPTO },
        { "format", FBC_ERR_FORMAT },
    };
    const char *s = vec_text(v, field);
    size_t i;

    for ( i = 0; i < sizeof(names) / sizeof(names[0]); i++ )
        if ( !strcmp(s, names[i].name) )
            return names[i].err;
    fail_msg("%s: unknown result %s", current, s);

    return FBC_OK;
}

bool vec_has(const json_t *v, const char *field)
{
    return json_object_get(v, field);
}

void vec_each(const char *file, const char *array,
              void (*body)(const json_t *v))
{
    json_t *root = vec_load(file), *list = json_object_get(root, array), *v;
    size_t i;

    if ( !json_array_size(list) )
        fail_msg("%s: no %s", file, array);

    json_array_foreach ( list, i, v )
    {
        snprintf(current, sizeof(current), "%s: %s", file,
                 vec_text(v, "name"));
        body(v);
    }
    current[0] = '\0';
    json_decref(root);
}

int vec_teardown(void **state)
{
    (void)state;
    if ( current[0] )
        print_error("failed at %s\n", current);
    current[0] = '\0';

    return 0;
}
