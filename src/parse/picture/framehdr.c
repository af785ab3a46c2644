/* SPDX-License-Identifier: GPL-2.0-only */
/* Headers of the frame stream. */
#include "parse/picture/framehdr.h"
#include "core/crc32.h"

static const uint8_t stream_magic[8] = { 'F', 'B', 'C', 'S',
                                         'T', 'R', 'M', '1' };
static const uint8_t frame_magic[4] = { 'F', 'B', 'C', 'F' };

#define MAX_SIDE 8192
#define DEPTH    32
#define SLACK    (64u << 10)    /* what zlib may add to incompressible data */

/* Byte offsets in the frame header. */
#define OFF_LEN      4
#define OFF_CODEC    6
#define OFF_WIDTH    8
#define OFF_HEIGHT   12
#define OFF_STRIDE   16
#define OFF_DEPTH    20
#define OFF_TIME     24
#define OFF_SEQ      32
#define OFF_DATA_LEN 40
#define OFF_DATA_CRC 44
#define OFF_RESERVED 48
#define OFF_CRC      60

void fbc_stream_encode(uint8_t out[static FBC_STREAM_LEN])
{
    memset(out, 0, FBC_STREAM_LEN);
    memcpy(out, stream_magic, sizeof(stream_magic));
    fbc_put16(out + 8, FBC_STREAM_VERSION);
}

enum fbc_err fbc_stream_parse(const uint8_t in[static FBC_STREAM_LEN])
{
    if ( memcmp(in, stream_magic, sizeof(stream_magic)) )
        return FBC_ERR_MAGIC;
    if ( fbc_get16(in + 8) != FBC_STREAM_VERSION )
        return FBC_ERR_VERSION;
    if ( !fbc_is_zero(in + 10, FBC_STREAM_LEN - 10) )
        return FBC_ERR_RESERVED;

    return FBC_OK;
}

void fbc_frame_encode(const struct fbc_frame *f,
                      uint8_t out[static FBC_FRAME_LEN])
{
    memset(out, 0, FBC_FRAME_LEN);
    memcpy(out, frame_magic, sizeof(frame_magic));
    fbc_put16(out + OFF_LEN, FBC_FRAME_LEN);
    out[OFF_CODEC] = (uint8_t)f->codec;
    fbc_put32(out + OFF_WIDTH, f->width);
    fbc_put32(out + OFF_HEIGHT, f->height);
    fbc_put32(out + OFF_STRIDE, f->stride);
    fbc_put32(out + OFF_DEPTH, f->depth);
    fbc_put64(out + OFF_TIME, f->time_ns);
    fbc_put64(out + OFF_SEQ, f->seq);
    fbc_put32(out + OFF_DATA_LEN, f->data_len);
    fbc_put32(out + OFF_DATA_CRC, f->data_crc);
    fbc_put32(out + OFF_CRC, fbc_crc32(0, out, OFF_CRC));
}

/* Sizes and lengths; 8192 x 8192 x 4 and the slack fit 32 bits. */
static enum fbc_err check_sizes(const struct fbc_frame *f)
{
    uint32_t size;

    if ( !f->width || f->width > MAX_SIDE ||
         !f->height || f->height > MAX_SIDE )
        return FBC_ERR_SIZE;
    if ( f->depth != DEPTH )
        return FBC_ERR_DEPTH;
    if ( f->stride != f->width * 4 )
        return FBC_ERR_STRIDE;

    size = f->stride * f->height;
    if ( f->codec == FBC_CODEC_RAW ? f->data_len != size
                                   : f->data_len > size + SLACK )
        return FBC_ERR_LENGTH;

    return FBC_OK;
}

enum fbc_err fbc_frame_parse(const uint8_t in[static FBC_FRAME_LEN],
                             struct fbc_frame *f)
{
    struct fbc_frame t;
    enum fbc_err err;

    if ( memcmp(in, frame_magic, sizeof(frame_magic)) )
        return FBC_ERR_MAGIC;
    if ( fbc_get32(in + OFF_CRC) != fbc_crc32(0, in, OFF_CRC) )
        return FBC_ERR_CHECKSUM;
    if ( fbc_get16(in + OFF_LEN) != FBC_FRAME_LEN ||
         in[OFF_CODEC] > FBC_CODEC_ZLIB )
        return FBC_ERR_VERSION;
    if ( in[OFF_CODEC + 1] ||
         !fbc_is_zero(in + OFF_RESERVED, OFF_CRC - OFF_RESERVED) )
        return FBC_ERR_RESERVED;

    t.codec = (enum fbc_frame_codec)in[OFF_CODEC];
    t.width = fbc_get32(in + OFF_WIDTH);
    t.height = fbc_get32(in + OFF_HEIGHT);
    t.stride = fbc_get32(in + OFF_STRIDE);
    t.depth = fbc_get32(in + OFF_DEPTH);
    t.time_ns = fbc_get64(in + OFF_TIME);
    t.seq = fbc_get64(in + OFF_SEQ);
    t.data_len = fbc_get32(in + OFF_DATA_LEN);
    t.data_crc = fbc_get32(in + OFF_DATA_CRC);
    err = check_sizes(&t);
    if ( err )
        return err;

    *f = t;

    return FBC_OK;
}
