/* SPDX-License-Identifier: GPL-2.0-only */
/* Frame streams. */
#include "lib/frames/frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "lib/base/io.h"

static int reserve(uint8_t **buf, size_t *cap, size_t len,
                   struct fbc_error *e)
{
    uint8_t *p;

    if ( len <= *cap )
        return 0;
    p = realloc(*buf, len);
    if ( !p )
        return fbc_fail(e, FBC_EXIT_ENV, "frame", "no memory for %zu bytes",
                        len);
    *buf = p;
    *cap = len;

    return 0;
}

int fbc_frame_out_begin(struct fbc_frame_out *o, int fd, bool raw,
                        const char *name, struct fbc_error *e)
{
    uint8_t head[FBC_STREAM_LEN];

    memset(o, 0, sizeof(*o));
    o->fd = fd;
    o->raw = raw;
    fbc_stream_encode(head);

    return fbc_write(fd, head, sizeof(head)) ? fbc_fail_errno(e, name) : 0;
}

int fbc_frame_out_put(struct fbc_frame_out *o, uint32_t width,
                      uint32_t height, uint64_t time_ns,
                      const uint8_t *pixels, const char *name,
                      struct fbc_error *e)
{
    struct fbc_frame f = {
        .codec = FBC_CODEC_RAW,
        .width = width, .height = height, .stride = width * 4, .depth = 32,
        .time_ns = time_ns, .seq = o->seq,
    };
    size_t len = (size_t)f.stride * height;
    const uint8_t *data = pixels;
    uint8_t head[FBC_FRAME_LEN];
    uLongf zlen;

    if ( !o->raw )
    {
        zlen = compressBound(len);
        if ( reserve(&o->buf, &o->cap, zlen, e) )
            return -1;
        if ( compress2(o->buf, &zlen, pixels, len, 1) == Z_OK && zlen < len )
        {
            f.codec = FBC_CODEC_ZLIB;
            data = o->buf;
            len = zlen;
        }
    }

    f.data_len = (uint32_t)len;
    f.data_crc = (uint32_t)crc32_z(0, data, len);
    fbc_frame_encode(&f, head);
    if ( fbc_write(o->fd, head, sizeof(head)) ||
         fbc_write(o->fd, data, len) )
        return fbc_fail_errno(e, name);
    o->seq++;

    return 0;
}

void fbc_frame_out_end(struct fbc_frame_out *o)
{
    free(o->buf);
    o->buf = NULL;
}

void fbc_frame_in_begin(struct fbc_frame_in *in, int fd,
                        const volatile int *stop)
{
    memset(in, 0, sizeof(*in));
    in->fd = fd;
    in->stop = stop;
}

void fbc_frame_in_end(struct fbc_frame_in *in)
{
    free(in->pixels);
    free(in->buf);
    in->pixels = in->buf = NULL;
}

/* 1: all there; 0: nothing there (only if may_end), or asked to stop; -1. */
static int take_bytes(struct fbc_frame_in *in, void *buf, size_t len,
                      bool may_end, struct fbc_error *e)
{
    ssize_t n = fbc_read(in->fd, buf, len, in->stop);
    char what[40];

    if ( n == (ssize_t)len )
        return 1;
    if ( n < 0 )
        return fbc_fail_errno(e, "frame stream");
    if ( (!n && may_end) || (in->stop && *in->stop) )
        return 0;

    snprintf(what, sizeof(what), "frame %llu",
             (unsigned long long)in->frames + 1);
    return fbc_fail(e, FBC_EXIT_INPUT, in->begun ? what : "frame stream",
                    !n && !in->begun ? "is empty" : "is cut short");
}

static int stream_header(struct fbc_frame_in *in,
                         const uint8_t head[static FBC_STREAM_LEN],
                         struct fbc_error *e)
{
    enum fbc_err err = fbc_stream_parse(head);

    if ( err == FBC_ERR_MAGIC )
    {
        fbc_fail(e, FBC_EXIT_INPUT, "frame stream", "is not one: bad magic");
        return fbc_hint(e, "fbc-dumpvfb makes one");
    }
    if ( err )
        return fbc_fail_core(e, "frame stream", err);
    in->begun = true;

    return 1;
}

/* As take_bytes(); joined streams have stream headers between frames. */
static int frame_header(struct fbc_frame_in *in, uint8_t head[static 64],
                        struct fbc_error *e)
{
    int rc;

    if ( !in->begun )
    {
        rc = take_bytes(in, head, FBC_STREAM_LEN, false, e);
        if ( rc <= 0 || (rc = stream_header(in, head, e)) < 0 )
            return rc;
    }

    for ( ; ; )
    {
        rc = take_bytes(in, head, FBC_STREAM_LEN, true, e);
        if ( rc <= 0 )
            return rc;
        if ( fbc_stream_parse(head) == FBC_ERR_MAGIC )
            break;
        if ( (rc = stream_header(in, head, e)) < 0 )
            return rc;
    }

    return take_bytes(in, head + FBC_STREAM_LEN,
                      FBC_FRAME_LEN - FBC_STREAM_LEN, false, e);
}

static int unpack(struct fbc_frame_in *in, const char *what, size_t len,
                  struct fbc_error *e)
{
    z_stream z = { 0 };
    int rc;

    if ( inflateInit(&z) != Z_OK )
        return fbc_fail(e, FBC_EXIT_ENV, what, "no memory");
    z.next_in = in->buf;
    z.avail_in = in->frame.data_len;
    z.next_out = in->pixels;
    z.avail_out = (uInt)len;
    rc = inflate(&z, Z_FINISH);
    inflateEnd(&z);

    if ( rc != Z_STREAM_END || z.avail_in || z.avail_out )
        return fbc_fail(e, FBC_EXIT_INPUT, what,
                        "compressed data is damaged");

    return 1;
}

int fbc_frame_in_next(struct fbc_frame_in *in, struct fbc_error *e)
{
    uint8_t head[FBC_FRAME_LEN];
    struct fbc_frame f;
    enum fbc_err err;
    char what[40];
    uint8_t *dst;
    size_t len;
    int rc = frame_header(in, head, e);

    if ( rc <= 0 )
        return rc;

    snprintf(what, sizeof(what), "frame %llu",
             (unsigned long long)in->frames + 1);
    err = fbc_frame_parse(head, &f);
    if ( err )
        return fbc_fail_core(e, what, err);
    in->frame = f;

    len = (size_t)f.stride * f.height;
    if ( reserve(&in->pixels, &in->pixels_cap, len, e) ||
         (f.codec == FBC_CODEC_ZLIB &&
          reserve(&in->buf, &in->buf_cap, f.data_len, e)) )
        return -1;

    dst = f.codec == FBC_CODEC_ZLIB ? in->buf : in->pixels;
    rc = take_bytes(in, dst, f.data_len, false, e);
    if ( rc <= 0 )
        return rc;
    if ( crc32_z(0, dst, f.data_len) != f.data_crc )
        return fbc_fail_core(e, what, FBC_ERR_CHECKSUM);
    if ( f.codec == FBC_CODEC_ZLIB && unpack(in, what, len, e) < 0 )
        return -1;
    in->frames++;

    return 1;
}
