/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * First byte: how the rest, a guest's XenStore requests, is cut.  The watcher
 * must see the same writes as a parser that has all bytes at once.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/xs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DOMID "12"
#define XS_WRITE 11

static void must(bool ok)
{
    if ( !ok )
        abort();
}

/* Is payload a write that counts?  The slow way, with libc. */
static bool wanted(const uint8_t *payload, size_t len, struct fbc_xs_write *w)
{
    static const char *const devs[] = { "vfb", "vkbd" };
    static const char *const keys[] = {
        NULL, "page-ref", "event-channel", "state", "protocol",
    };
    char text[FBC_XS_PAYLOAD_MAX + 1], path[128], again[32];
    const char *value;
    size_t vlen;
    int dev, key, root;

    memcpy(text, payload, len);
    text[len] = 0;
    if ( strlen(text) == len )
        return false;

    for ( root = 0; root < 2; root++ )
        for ( dev = 0; dev < FBC_XS_DEVS; dev++ )
            for ( key = FBC_XS_PAGE_REF; key <= FBC_XS_PROTOCOL; key++ )
            {
                snprintf(path, sizeof(path), "%sdevice/%s/0/%s",
                         root ? "/local/domain/" DOMID "/" : "", devs[dev],
                         keys[key]);
                if ( !strcmp(path, text) )
                    goto found;
            }

    return false;

 found:
    memset(w, 0, sizeof(*w));
    w->dev = (enum fbc_xs_dev)dev;
    w->key = (enum fbc_xs_key)key;
    value = text + strlen(text) + 1;
    vlen = len - strlen(text) - 1;
    if ( vlen && !value[vlen - 1] )
        vlen--;

    if ( key == FBC_XS_PROTOCOL )
    {
        w->valid = true;
        w->value = vlen == 10 && !memcmp(value, "x86_64-abi", 10);
        return true;
    }

    errno = 0;
    w->value = strtoull(value, NULL, 10);
    snprintf(again, sizeof(again), "%" PRIu64, w->value);
    w->valid = !errno && vlen == strlen(again) && !memcmp(value, again, vlen);
    if ( !w->valid )
        w->value = 0;

    return true;
}

static bool same(const struct fbc_xs_write *a, const struct fbc_xs_write *b)
{
    return a->dev == b->dev && a->key == b->key && a->valid == b->valid &&
           a->value == b->value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t chunk, fed = 0, at = 0;
    struct fbc_xs_write w, want;
    struct fbc_xs xs;

    if ( !size )
        return 0;
    chunk = 1 + *data++ % 64u;
    size--;
    fbc_xs_init(&xs, atoi(DOMID));

    while ( size - at >= FBC_XS_HEADER_LEN )
    {
        uint32_t type = fbc_get32(data + at), len = fbc_get32(data + at + 12);

        if ( len > FBC_XS_PAYLOAD_MAX ||
             len > size - at - FBC_XS_HEADER_LEN )
            break;
        at += FBC_XS_HEADER_LEN;
        if ( type == XS_WRITE && wanted(data + at, len, &want) )
        {
            do {
                size_t n = size - fed < chunk ? size - fed : chunk, took;

                xs.door.nr = xs.door.shut = 0;     /* all are answered */
                took = fbc_xs_feed(&xs, data + fed, n, &w);
                must(took <= n);
                must(took == n || w.key != FBC_XS_NONE);
                fed += took;
            } while ( w.key == FBC_XS_NONE && fed < size );
            must(same(&w, &want) && fed == at + len && !xs.broken);
        }
        at += len;
    }

    /* Nothing more is seen, whatever the rest is. */
    while ( fed < size )
    {
        size_t n = size - fed < chunk ? size - fed : chunk;

        xs.door.nr = xs.door.shut = 0;
        must(fbc_xs_feed(&xs, data + fed, n, &w) == n);
        must(w.key == FBC_XS_NONE);
        fed += n;
    }
    must(xs.broken == (size - at >= FBC_XS_HEADER_LEN &&
                       fbc_get32(data + at + 12) > FBC_XS_PAYLOAD_MAX));

    return 0;
}
