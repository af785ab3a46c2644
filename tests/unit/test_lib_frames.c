/* SPDX-License-Identifier: GPL-2.0-only */
/* Frame streams: what is written is read back, what is damaged is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <cmocka.h>

#include "core/crc32.h"
#include "lib/base/io.h"
#include "lib/frames/frames.h"

#define W 33
#define H 7
#define LEN (W * H * 4)

static uint8_t flat[LEN], noise[LEN];

static int setup(void **state)
{
    FILE *f = tmpfile();
    uint32_t x = 1;
    size_t i;

    for ( i = 0; i < LEN; i++ )
    {
        x = x * 1664525 + 1013904223;
        noise[i] = (uint8_t)(x >> 24);
        flat[i] = 7;
    }
    *state = f;

    return !f;
}

static int teardown(void **state)
{
    return fclose(*state);
}

static void write_stream(int fd, bool raw, unsigned int frames)
{
    struct fbc_frame_out out;
    struct fbc_error e;
    unsigned int i;

    assert_int_equal(fbc_frame_out_begin(&out, fd, raw, "t", &e), 0);
    for ( i = 0; i < frames; i++ )
        assert_int_equal(fbc_frame_out_put(&out, W, H, i * 1000,
                                           i & 1 ? noise : flat, "t", &e),
                         0);
    fbc_frame_out_end(&out);
}

static void round_trip(void **state)
{
    int fd = fileno(*state), raw;
    struct fbc_frame_in in;
    struct fbc_error e;
    unsigned int i;

    for ( raw = 0; raw < 2; raw++ )
    {
        assert_int_equal(ftruncate(fd, 0), 0);
        lseek(fd, 0, SEEK_SET);
        write_stream(fd, raw, 3);
        write_stream(fd, raw, 1);       /* joined */
        lseek(fd, 0, SEEK_SET);

        fbc_frame_in_begin(&in, fd, NULL);
        for ( i = 0; i < 4; i++ )
        {
            unsigned int n = i % 3;

            assert_int_equal(fbc_frame_in_next(&in, &e), 1);
            assert_int_equal(in.frame.width, W);
            assert_int_equal(in.frame.height, H);
            assert_int_equal(in.frame.seq, n);
            assert_int_equal(in.frame.time_ns, n * 1000);
            assert_int_equal(in.frame.codec, raw || n == 1 ? FBC_CODEC_RAW
                             : FBC_CODEC_ZLIB);
            assert_memory_equal(in.pixels, n == 1 ? noise : flat, LEN);
        }
        assert_int_equal(fbc_frame_in_next(&in, &e), 0);
        assert_int_equal(in.frames, 4);
        fbc_frame_in_end(&in);
    }
}

/* Status of reading all of a stream: 0 or an exit status. */
static int read_all(int fd)
{
    struct fbc_frame_in in;
    struct fbc_error e = { 0 };
    int rc;

    lseek(fd, 0, SEEK_SET);
    fbc_frame_in_begin(&in, fd, NULL);
    while ( (rc = fbc_frame_in_next(&in, &e)) > 0 )
        ;
    fbc_frame_in_end(&in);

    return rc ? (int)e.status : 0;
}

static void cut_anywhere(void **state)
{
    int fd = fileno(*state);
    off_t end, first, n;

    write_stream(fd, false, 1);
    first = lseek(fd, 0, SEEK_CUR);
    lseek(fd, 0, SEEK_SET);
    write_stream(fd, false, 2);
    end = lseek(fd, 0, SEEK_CUR);

    for ( n = end; n >= 0; n-- )
    {
        assert_int_equal(ftruncate(fd, n), 0);
        assert_int_equal(read_all(fd), n == end || n == first || n == 16
                         ? 0 : FBC_EXIT_INPUT);
    }
}

static void every_bit_counts(void **state)
{
    int fd = fileno(*state), rc;
    uint8_t byte, bad;
    off_t end, at;

    write_stream(fd, false, 1);
    end = lseek(fd, 0, SEEK_CUR);
    for ( at = 0; at < end; at++ )
    {
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        bad = byte ^ (uint8_t)(1 << (at & 7));
        assert_int_equal(pwrite(fd, &bad, 1, at), 1);
        rc = read_all(fd);
        assert_true(rc == FBC_EXIT_INPUT || rc == FBC_EXIT_VERSION);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_int_equal(read_all(fd), 0);
}

/* A zlib stream of the wrong length, though its CRC is right. */
static void wrong_size_inside(void **state)
{
    static const size_t sizes[] = { 0, 1, LEN - 1, LEN + 1, LEN * 2 };
    struct fbc_frame f = { .codec = FBC_CODEC_ZLIB, .width = W, .height = H,
                           .stride = W * 4, .depth = 32 };
    uint8_t head[FBC_FRAME_LEN], stream[FBC_STREAM_LEN], z[2 * LEN + 64];
    uint8_t *big = calloc(2, LEN);
    int fd = fileno(*state);
    size_t i;

    fbc_stream_encode(stream);
    for ( i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
    {
        uLongf len = sizeof(z);

        assert_int_equal(compress(z, &len, big, sizes[i]), Z_OK);
        f.data_len = (uint32_t)len;
        f.data_crc = fbc_crc32(0, z, len);
        fbc_frame_encode(&f, head);
        assert_int_equal(ftruncate(fd, 0), 0);
        lseek(fd, 0, SEEK_SET);
        assert_int_equal(fbc_write(fd, stream, sizeof(stream)), 0);
        assert_int_equal(fbc_write(fd, head, sizeof(head)), 0);
        assert_int_equal(fbc_write(fd, z, len), 0);
        assert_int_equal(read_all(fd), FBC_EXIT_INPUT);
    }
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(cut_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(every_bit_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_size_inside, setup, teardown),
    };

    return cmocka_run_group_tests_name("lib_frames", tests, NULL, NULL);
}
