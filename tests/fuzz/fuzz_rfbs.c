/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A viewer: whatever it sends, what goes on to the library is a message of
 * those let through, whole, and no longer than what came.
 */
#include <stdlib.h>

#include "core/be.h"
#include "parse/rfb/rfbs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
    if ( !ok )
        abort();
}

static void check(const uint8_t *p, const struct fbc_rfbs_message *m,
                  size_t left)
{
    must(m->len && m->len <= left && m->len <= FBC_RFBS_MAX);
    must(m->server_len <= m->len);
    must(m->skip <= FBC_RFBS_MAX_TEXT);

    switch ( m->kind )
    {
    case FBC_RFBS_SERVER:
        must((p[0] == 0 && m->server_len == 20) ||
             (p[0] == 3 && m->server_len == 10));
        break;

    case FBC_RFBS_ENCODINGS_SET:
        must(p[0] == 2 && m->server_len == 4u + 4u * fbc_get_be16(p + 2));
        break;

    default:
        must(!m->server_len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *buf = malloc(size + !size), version[FBC_RFBS_VERSION_LEN];
    struct fbc_rfbs_message m;
    size_t pos = 0;

    must(buf != NULL);
    memcpy(buf, data, size);
    while ( pos < size && !fbc_rfbs_next(buf + pos, size - pos, &m) )
    {
        check(buf + pos, &m, size - pos);
        pos += m.len;
        pos += m.skip < size - pos ? m.skip : size - pos;
    }
    free(buf);

    if ( size >= sizeof(version) )
    {
        memcpy(version, data, sizeof(version));
        if ( !fbc_rfbs_version(version) )
            must(!memcmp(version, "RFB 003.", 8));
    }

    return 0;
}
