/* SPDX-License-Identifier: GPL-2.0-only */
/* What key servers of one database tell each other. */
#include "parse/attest/waitnews.h"
#include "parse/text/hex.h"

#define HEX_LEN (2 * FBC_TPM_NONCE_LEN)

bool fbc_wait_news_parse(const char *text, size_t len,
                         struct fbc_wait_news *n)
{
    struct fbc_wait_news t;
    const char *p = text + 2, *end = text + len;
    size_t host = 0;

    memset(&t, 0, sizeof(t));
    if ( len < 2 || (text[0] != 'w' && text[0] != 'a') || text[1] != ' ' )
        return false;
    t.is_outcome = text[0] == 'a';

    while ( p + host < end && host < sizeof(t.host) && p[host] != ' ' )
        host++;
    if ( host == sizeof(t.host) )
        return false;
    memcpy(t.host, p, host);
    p += host;
    if ( strlen(t.host) != host || !fbc_host_name_ok(t.host) )
        return false;

    if ( (size_t)(end - p) < 1 + HEX_LEN || *p++ != ' ' ||
         !fbc_hex_read(p, HEX_LEN, t.nonce, sizeof(t.nonce)) )
        return false;
    p += HEX_LEN;
    if ( t.is_outcome )
    {
        if ( (size_t)(end - p) != 1 + FBC_SERVER_ID_LEN || *p++ != ' ' ||
             !fbc_hex_read(p, FBC_SERVER_ID_LEN, NULL,
                           FBC_SERVER_ID_LEN / 2) )
            return false;
        memcpy(t.server, p, FBC_SERVER_ID_LEN);
        p += FBC_SERVER_ID_LEN;
    }
    if ( p != end )
        return false;
    *n = t;

    return true;
}
