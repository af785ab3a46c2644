/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy of a page must allow scripts written in the page itself. */
#include "lib/viewers/web_int.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/crypto.h"
#include "parse/text/base64.h"
#include "parse/web/inline.h"

#define HASH_BASE64 FBC_BASE64_LEN(FBC_HASH_LEN)

/* Browsers hash what they parsed, in which all line ends are LF. */
static size_t one_line_end(char *text, size_t len)
{
    size_t in, out = 0;

    for ( in = 0; in < len; in++ )
    {
        if ( text[in] == '\r' && in + 1 < len && text[in + 1] == '\n' )
            continue;
        text[out++] = text[in] == '\r' ? '\n' : text[in];
    }

    return out;
}

static bool add(char list[static WEB_HASHES_TEXT], const struct fbc_inline *i)
{
    static const char before[] = " 'sha256-";
    size_t used = strlen(list), room = WEB_HASHES_TEXT - used;
    char *p = list + used + sizeof(before) - 1;
    uint8_t hash[FBC_HASH_LEN];

    if ( room < sizeof(before) + HASH_BASE64 + 1 ||
         fbc_sha256(i->p, i->len, hash) )
        return false;
    memcpy(list + used, before, sizeof(before) - 1);
    fbc_base64_encode(p, hash, sizeof(hash));
    memcpy(p + HASH_BASE64, "'", 2);

    return true;
}

static bool add_all(const char *page, size_t len, struct web_hashes *h)
{
    struct fbc_inline found;
    size_t pos = 0;

    while ( fbc_inline_next(page, len, &pos, &found) )
        if ( !add(found.kind == FBC_INLINE_SCRIPT ? h->script : h->style,
                  &found) )
            return false;

    return true;
}

bool web_hash_page(int fd, size_t len, struct web_hashes *h)
{
    char *page = malloc(len + 1);
    size_t got = 0;
    ssize_t n = 1;
    bool ok;

    h->script[0] = h->style[0] = '\0';
    while ( page && got < len && n > 0 )
    {
        n = pread(fd, page + got, len - got, (off_t)got);
        got += n > 0 ? (size_t)n : 0;
    }
    ok = page && got == len && add_all(page, one_line_end(page, len), h);
    free(page);

    return ok;
}
