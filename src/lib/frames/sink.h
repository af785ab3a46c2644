/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where pictures go: PNG files in a directory, one PPM, or a YUV4MPEG2
 * stream, in which a picture stands for as long as it did in the input.  Files
 * appear when all is done, or not at all: PNG files are gathered in a hidden
 * directory inside DIR and moved at the end.
 */
#ifndef FBC_LIB_SINK_H
#define FBC_LIB_SINK_H

#include "lib/base/outfile.h"
#include "lib/frames/picture.h"

enum fbc_sink_kind { FBC_SINK_NONE, FBC_SINK_PNG, FBC_SINK_PPM,
                     FBC_SINK_Y4M };

struct fbc_sink {
    enum fbc_sink_kind kind;
    const char *path;
    unsigned int fps;               /* Y4M */
    struct fbc_outfile file;        /* PPM, Y4M */
    uint32_t width, height;         /* of the first picture */
    struct fbc_picture held;        /* Y4M: the last one, not written yet */
    uint64_t time_ns, film_ns;      /* Y4M: its time in the stream, the film */
    uint64_t next;                  /* Y4M: frames of the film written */
    uint64_t credit;                /* Y4M: bytes that repeats may still take */
    const volatile int *stop;       /* Y4M: set: no more repeats */
    bool made_dir;                  /* PNG: path was not there before */
    char stage[PATH_MAX - 64];      /* PNG: the hidden directory */
    uint32_t *frames;               /* PNG: numbers written */
    size_t count, cap;
};

/*
 * path: directory (PNG, made if missing) or file, "-" for stdout.  stop may be
 * NULL.
 */
int FBC_MUST_CHECK fbc_sink_open(struct fbc_sink *s, enum fbc_sink_kind kind,
                                 const char *path, unsigned int fps,
                                 const volatile int *stop,
                                 struct fbc_error *e);

/*
 * frame: number for frame-NNNNNN.png, strictly increasing.  time_ns: since the
 * stream began, for Y4M; when it goes back, another stream was joined.  len:
 * what the frame takes in the stream; a film has no pauses out of nothing.
 */
int FBC_MUST_CHECK fbc_sink_put(struct fbc_sink *s, uint32_t frame,
                                uint64_t time_ns, size_t len,
                                const struct fbc_picture *p,
                                struct fbc_error *e);

/* Gives the files their names. */
int FBC_MUST_CHECK fbc_sink_commit(struct fbc_sink *s, struct fbc_error *e);

/* Removes everything; harmless after a commit. */
void fbc_sink_abort(struct fbc_sink *s);

#endif /* FBC_LIB_SINK_H */
