/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Byte 0: bit 0 puts the checksum right.  Then a header, then a manifest.
 * What parses must encode to the same bytes; no manifest may verify.
 */
#include <stdlib.h>

#include "core/crc32.h"
#include "core/header.h"
#include "core/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TILES 3

static void must(bool ok)
{
    if ( !ok )
        abort();
}

static void header(const uint8_t *data, bool fix)
{
    uint8_t bytes[FBC_HEADER_LEN], again[FBC_HEADER_LEN];
    struct fbc_header h;

    memcpy(bytes, data, sizeof(bytes));
    if ( fix )
        fbc_put32(bytes + FBC_HEADER_LEN - 4,
                  fbc_crc32(0, bytes, FBC_HEADER_LEN - 4));
    if ( fbc_header_parse(bytes, &h) )
        return;

    must(h.ep.geom.swidth <= FBC_MAX_SWIDTH &&
         h.ep.geom.sheight <= FBC_MAX_SHEIGHT &&
         h.ep.geom.tiles && h.ep.geom.tiles <= FBC_MAX_TILES);
    fbc_header_encode(&h, again);
    must(!memcmp(bytes, again, sizeof(bytes)));
}

static void manifest(const uint8_t *data, uint16_t version)
{
    static const uint8_t key[FBC_KEY_LEN] = { 1 };
    static struct fbc_aead a;
    uint8_t vec[FBC_VECTOR_LEN(TILES)];
    struct fbc_manifest m;
    enum fbc_err err;

    if ( !a.id )
        must(!fbc_aead_init(&a, FBC_AEAD_AES256_GCM, key));
    fbc_vector_init(vec, 1, TILES);
    err = fbc_manifest_open(&a, version, data, vec, TILES, &m);
    must(err == (fbc_get64(data) ? FBC_ERR_AUTH : FBC_ERR_PENDING));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if ( size >= 1 + FBC_HEADER_LEN )
        header(data + 1, data[0] & 1);
    if ( size >= 1 + FBC_HEADER_LEN + FBC_MANIFEST_LEN )
    {
        manifest(data + 1 + FBC_HEADER_LEN, 1);
        manifest(data + 1 + FBC_HEADER_LEN, 2);
    }

    return 0;
}
