/* SPDX-License-Identifier: GPL-2.0-only */
/* Headers of the frame stream. */
#include "vec.h"

#include "core/crc32.h"
#include "parse/picture/framehdr.h"

static struct fbc_frame good_frame(void)
{
    struct fbc_frame f = {
        .codec = FBC_CODEC_RAW, .width = 0x321, .height = 0x123,
        .stride = 0x321 * 4, .depth = 32, .time_ns = 0x1112131415161718,
        .seq = 0x2122232425262728, .data_len = 0x321 * 4 * 0x123,
        .data_crc = 0x31323334,
    };

    return f;
}

static void frame_layout(void **state)
{
    static const uint8_t expect[FBC_FRAME_LEN - 4] = {
        'F', 'B', 'C', 'F', 64, 0, 0, 0,
        0x21, 3, 0, 0, 0x23, 1, 0, 0, 0x84, 0x0c, 0, 0, 32, 0, 0, 0,
        0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
        0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21,
        0x0c, 0x3a, 0x0e, 0, 0x34, 0x33, 0x32, 0x31,
    };
    struct fbc_frame f = good_frame(), back;
    uint8_t bytes[FBC_FRAME_LEN];

    (void)state;
    memset(bytes, 0xee, sizeof(bytes));
    fbc_frame_encode(&f, bytes);
    assert_memory_equal(bytes, expect, sizeof(expect));
    assert_int_equal(fbc_get32(bytes + 60), fbc_crc32(0, bytes, 60));
    assert_int_equal(fbc_frame_parse(bytes, &back), FBC_OK);
    assert_int_equal(back.codec, f.codec);
    assert_int_equal(back.width, f.width);
    assert_int_equal(back.height, f.height);
    assert_int_equal(back.stride, f.stride);
    assert_int_equal(back.depth, f.depth);
    assert_true(back.time_ns == f.time_ns && back.seq == f.seq);
    assert_int_equal(back.data_len, f.data_len);
    assert_int_equal(back.data_crc, f.data_crc);
}

static void stream_header(void **state)
{
    static const uint8_t expect[FBC_STREAM_LEN] = "FBCSTRM1\1\0";
    uint8_t bytes[FBC_STREAM_LEN];
    size_t bit;

    (void)state;
    memset(bytes, 0xee, sizeof(bytes));
    fbc_stream_encode(bytes);
    assert_memory_equal(bytes, expect, sizeof(expect));
    assert_int_equal(fbc_stream_parse(bytes), FBC_OK);
    for ( bit = 0; bit < 8 * sizeof(bytes); bit++ )
    {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(fbc_stream_parse(bytes),
                         bit < 64 ? FBC_ERR_MAGIC : bit < 80 ? FBC_ERR_VERSION
                         : FBC_ERR_RESERVED);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void frame_bits(void **state)
{
    struct fbc_frame f = good_frame(), out, before;
    uint8_t bytes[FBC_FRAME_LEN];
    size_t bit;

    (void)state;
    memset(&out, 0xa5, sizeof(out));
    before = out;
    fbc_frame_encode(&f, bytes);
    for ( bit = 0; bit < 8 * sizeof(bytes); bit++ )
    {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(fbc_frame_parse(bytes, &out),
                         bit < 32 ? FBC_ERR_MAGIC : FBC_ERR_CHECKSUM);
        assert_memory_equal(&out, &before, sizeof(out));
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static enum fbc_err parse(uint8_t bytes[static FBC_FRAME_LEN])
{
    struct fbc_frame out;

    fbc_put32(bytes + 60, fbc_crc32(0, bytes, 60));

    return fbc_frame_parse(bytes, &out);
}

/* With a good checksum. */
static void frame_format(void **state)
{
    static const struct {
        size_t at;
        enum fbc_err err;
    } cases[] = {
        { 4, FBC_ERR_VERSION }, { 5, FBC_ERR_VERSION },
        { 7, FBC_ERR_RESERVED }, { 48, FBC_ERR_RESERVED },
        { 59, FBC_ERR_RESERVED }, { 20, FBC_ERR_DEPTH },
        { 23, FBC_ERR_DEPTH }, { 16, FBC_ERR_STRIDE },
        { 19, FBC_ERR_STRIDE }, { 40, FBC_ERR_LENGTH },
        { 43, FBC_ERR_LENGTH }, { 10, FBC_ERR_SIZE }, { 15, FBC_ERR_SIZE },
    };
    struct fbc_frame f = good_frame();
    uint8_t bytes[FBC_FRAME_LEN];
    unsigned int codec;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        fbc_frame_encode(&f, bytes);
        bytes[cases[i].at] ^= 0x80;
        assert_int_equal(parse(bytes), cases[i].err);
    }
    for ( codec = 0; codec < 256; codec++ )
    {
        fbc_frame_encode(&f, bytes);
        bytes[6] = (uint8_t)codec;
        assert_int_equal(parse(bytes), codec < 2 ? FBC_OK : FBC_ERR_VERSION);
    }
}

static enum fbc_err limits(enum fbc_frame_codec codec, uint32_t w, uint32_t h,
                           uint32_t stride, uint32_t len)
{
    struct fbc_frame f = good_frame();
    uint8_t bytes[FBC_FRAME_LEN];

    f.codec = codec;
    f.width = w;
    f.height = h;
    f.stride = stride;
    f.data_len = len;
    fbc_frame_encode(&f, bytes);

    return parse(bytes);
}

static void frame_limits(void **state)
{
    const uint32_t most = 8192u * 8192 * 4;

    (void)state;
    assert_int_equal(limits(FBC_CODEC_RAW, 8192, 8192, 32768, most), FBC_OK);
    assert_int_equal(limits(FBC_CODEC_RAW, 1, 1, 4, 4), FBC_OK);
    assert_int_equal(limits(FBC_CODEC_RAW, 1, 1, 4, 5), FBC_ERR_LENGTH);
    assert_int_equal(limits(FBC_CODEC_RAW, 1, 1, 4, 3), FBC_ERR_LENGTH);
    assert_int_equal(limits(FBC_CODEC_ZLIB, 1, 1, 4, 0), FBC_OK);
    assert_int_equal(limits(FBC_CODEC_ZLIB, 1, 1, 4, 4 + 65536), FBC_OK);
    assert_int_equal(limits(FBC_CODEC_ZLIB, 1, 1, 4, 4 + 65537),
                     FBC_ERR_LENGTH);
    assert_int_equal(limits(FBC_CODEC_ZLIB, 8192, 8192, 32768, most + 65536),
                     FBC_OK);
    assert_int_equal(limits(FBC_CODEC_ZLIB, 8192, 8192, 32768, most + 65537),
                     FBC_ERR_LENGTH);
    assert_int_equal(limits(FBC_CODEC_RAW, 8193, 1, 8193 * 4, 8193 * 4),
                     FBC_ERR_SIZE);
    assert_int_equal(limits(FBC_CODEC_RAW, 0, 1, 0, 0), FBC_ERR_SIZE);
    assert_int_equal(limits(FBC_CODEC_RAW, 1, 0, 4, 0), FBC_ERR_SIZE);
    assert_int_equal(limits(FBC_CODEC_RAW, 0x40000001, 1, 4, 4),
                     FBC_ERR_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("a frame header has its documented bytes", frame_layout),
        VEC_TEST("a stream header is taken exactly", stream_header),
        VEC_TEST("each flipped bit of a frame header is refused", frame_bits),
        VEC_TEST("each field of a frame header is checked", frame_format),
        VEC_TEST("sizes and lengths have limits that cannot wrap",
                 frame_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
