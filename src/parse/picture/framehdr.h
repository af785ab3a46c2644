/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Headers of the frame stream that fbc-dumpvfb writes (fbc-formats(5),
 * "Frame stream"): one stream header, then a frame header and its data for
 * each frame, so that a stream can be piped, cut at any frame and joined.
 */
#ifndef FBC_PARSE_FRAMEHDR_H
#define FBC_PARSE_FRAMEHDR_H

#include "core/fbc.h"

#define FBC_STREAM_LEN      16      /* "FBCSTRM1", version u16, 6 zero bytes */
#define FBC_STREAM_VERSION  1
#define FBC_FRAME_LEN       64
#define FBC_FRAME_MAX_PIXELS (8192u * 8192u)

enum fbc_frame_codec {
    FBC_CODEC_RAW = 0,          /* stride * height bytes, 4 a pixel, BGRX */
    FBC_CODEC_ZLIB = 1,         /* the same as one zlib stream (RFC 1950) */
};

/*
 * Frame header, little-endian: magic "FBCF" 4 | header length u16 = 64 |
 * codec u8 | reserved u8 | width u32 | height u32 | stride u32 | depth u32 |
 * time_ns u64 since the stream's first frame | sequence u64 | data length
 * u32 | CRC-32 of the data as stored u32 | reserved 12 | CRC-32 of the 60
 * bytes before it u32.
 */
struct fbc_frame {
    enum fbc_frame_codec codec;
    uint32_t width, height, stride, depth;
    uint64_t time_ns, seq;
    uint32_t data_len, data_crc;
};

void fbc_stream_encode(uint8_t out[static FBC_STREAM_LEN]);
enum fbc_err FBC_MUST_CHECK
fbc_stream_parse(const uint8_t in[static FBC_STREAM_LEN]);

void fbc_frame_encode(const struct fbc_frame *f,
                      uint8_t out[static FBC_FRAME_LEN]);
/*
 * On success width and height are 1..8192, depth is 32, stride is width * 4
 * and data_len is at most stride * height + 64 KiB (raw: exactly that).
 */
enum fbc_err FBC_MUST_CHECK
fbc_frame_parse(const uint8_t in[static FBC_FRAME_LEN], struct fbc_frame *f);

#endif /* FBC_PARSE_FRAMEHDR_H */
