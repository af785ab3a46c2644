/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Byte 0: bit 0 puts the checksum right.  Then a stream header, then frame
 * headers.  What parses must be in its limits and encode to the same bytes.
 */
#include <stdlib.h>

#include "core/crc32.h"
#include "parse/picture/framehdr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if ( !ok )
        abort();
}

static void frame(const uint8_t *data, bool fix)
{
    uint8_t bytes[FBC_FRAME_LEN], again[FBC_FRAME_LEN];
    struct fbc_frame f;
    uint64_t pixels;

    memcpy(bytes, data, sizeof(bytes));
    if ( fix )
        fbc_put32(bytes + FBC_FRAME_LEN - 4,
                  fbc_crc32(0, bytes, FBC_FRAME_LEN - 4));
    if ( fbc_frame_parse(bytes, &f) )
        return;

    pixels = (uint64_t)f.width * f.height;
    must(pixels && pixels <= FBC_FRAME_MAX_PIXELS && f.depth == 32);
    must(f.stride == (uint64_t)f.width * 4);
    must(f.codec == FBC_CODEC_RAW ? f.data_len == pixels * 4
         : f.codec == FBC_CODEC_ZLIB && f.data_len <= pixels * 4 + 65536);
    fbc_frame_encode(&f, again);
    must(!memcmp(bytes, again, sizeof(bytes)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t again[FBC_STREAM_LEN];
    size_t n = 1 + FBC_STREAM_LEN;

    if ( size < n )
        return 0;

    fbc_stream_encode(again);
    must(!fbc_stream_parse(data + 1) ==
         !memcmp(data + 1, again, sizeof(again)));
    for ( ; size - n >= FBC_FRAME_LEN; n += FBC_FRAME_LEN )
        frame(data + n, data[0] & 1);

    return 0;
}
