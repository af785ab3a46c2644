/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frame streams (parse/picture/framehdr.h): writing them compressed, and
 * reading them from an untrusted source with bounded memory.
 */
#ifndef FBC_LIB_FRAMES_H
#define FBC_LIB_FRAMES_H

#include "lib/base/fail.h"
#include "parse/picture/framehdr.h"

struct fbc_frame_out {
    int fd;
    bool raw;                   /* do not compress */
    uint64_t seq;
    uint8_t *buf;               /* grows with the frames */
    size_t cap;
};

/* Writes the stream header.  name: of fd, for messages. */
int FBC_MUST_CHECK fbc_frame_out_begin(struct fbc_frame_out *o, int fd,
                                       bool raw, const char *name,
                                       struct fbc_error *e);

/*
 * pixels: width * 4 bytes a row, rows packed, private memory.  A frame that
 * does not shrink is stored as it is.
 */
int FBC_MUST_CHECK fbc_frame_out_put(struct fbc_frame_out *o, uint32_t width,
                                     uint32_t height, uint64_t time_ns,
                                     const uint8_t *pixels, const char *name,
                                     struct fbc_error *e);
void fbc_frame_out_end(struct fbc_frame_out *o);

struct fbc_frame_in {
    int fd;
    const volatile int *stop;   /* see fbc_read(); may be NULL */
    bool begun;                 /* a stream header was seen */
    uint64_t frames;            /* read so far */
    struct fbc_frame frame;     /* of the last frame */
    uint8_t *pixels;            /* its pixels, owned here */
    size_t pixels_cap;
    uint8_t *buf;
    size_t buf_cap;
};

void fbc_frame_in_begin(struct fbc_frame_in *in, int fd,
                        const volatile int *stop);

/* 1: there is a frame; 0: the input ended after a whole frame; -1. */
int FBC_MUST_CHECK fbc_frame_in_next(struct fbc_frame_in *in,
                                     struct fbc_error *e);
void fbc_frame_in_end(struct fbc_frame_in *in);

#endif /* FBC_LIB_FRAMES_H */
