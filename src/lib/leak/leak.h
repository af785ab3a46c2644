/* SPDX-License-Identifier: GPL-2.0-only */
/* Does a frame stream, or raw memory, leak?  (fbc-leakcheck) */
#ifndef FBC_LIB_LEAK_H
#define FBC_LIB_LEAK_H

#include <stdio.h>

#include "lib/base/fail.h"
#include "lib/leak/leakblock.h"
#include "lib/leak/leakfind.h"
#include "lib/leak/leakfont.h"
#include "lib/leak/leakglyph.h"
#include "lib/leak/leaksize.h"
#include "lib/leak/leakstat.h"
#include "lib/leak/leaktile.h"
#include "lib/leak/leaktruth.h"

/* Glyphs read at which a text counts as recovered. */
#define FBC_LEAK_READ     20u
#define FBC_LEAK_DISTINCT 8u

/*
 * Pixels of a frame, as large as QEMU's VNC servers show one.  The check of a
 * long stream of such takes a GiB of memory.
 */
#define FBC_LEAK_PIXELS (2560u * 2160u)

enum fbc_leak_answer { FBC_LEAK_NOT_RUN, FBC_LEAK_NO, FBC_LEAK_YES };

struct fbc_leak_item {          /* one analysis */
    const char *name;
    const char *about;          /* what value counts */
    enum fbc_leak_answer answer;
    double value, limit;        /* value >= limit: yes */
    const char *why;            /* not run: why */
};

#define FBC_LEAK_ITEMS 17

struct fbc_leak_result {
    bool raw, input;
    uint64_t frames;            /* or pages of 4096 bytes, or events */
    uint64_t keys, records;     /* input: in the clear; sealed */
    double gap_ms;              /* mean time from one to the next record */
    uint64_t changed;           /* frames unlike the one before */
    uint64_t shadows, keyed;    /* frames with our header; with a key */
    uint32_t width, height;     /* of the last screen */
    uint64_t tiles, uniform;    /* or pages: looked at; of one colour (byte) */
    double entropy_min, entropy_mean, chi2_max;     /* of tiles or pages */
    uint64_t inked, read;       /* cells of the last screen */
    uint64_t updates;           /* with coded bands, as far as can be told */
    double update_bits;         /* what the size of one tells */
    bool scored;                /* --truth-text was given */
    struct fbc_leak_score score;
    struct fbc_leak_item item[FBC_LEAK_ITEMS];
    uint32_t items;
    bool leak;
};

struct fbc_leak_args {
    bool raw;                   /* standard input is any bytes */
    bool input;                 /* it is an input log */
    bool rhythm;                /* which should have none */
    const char *font;           /* NULL: FBC_LEAK_FONT if it is there */
    const char *truth;          /* picture of the last frame, or NULL */
    const char *truth_text;     /* its text, or NULL */
    const char *find;           /* or NULL */
    const char *render;         /* PNG file to write, or NULL */
    const volatile int *stop;   /* see fbc_read() */
    void (*on_frame)(unsigned long n);
};

/*
 * A check that is fed frame by frame, for tests; fields are private.  Zero it
 * before fbc_leak_begin().
 */
struct fbc_leak {
    const struct fbc_leak_args *a;
    struct fbc_leak_result *r;
    bool have_font, have_prev;
    struct fbc_leak_font font;
    char *text;                 /* of truth_text */
    size_t text_len;
    struct fbc_leak_screen screen[2];
    unsigned int now;           /* which of them */
    uint8_t *flat;
    struct fbc_leak_tiles tiles;
    struct fbc_leak_sizes sizes;
    struct fbc_leak_blocks blocks;
    struct fbc_leak_glyphs glyphs;
    struct fbc_leak_truth truth;
    struct fbc_leak_find find;
};

int FBC_MUST_CHECK fbc_leak_begin(struct fbc_leak *l,
                                  const struct fbc_leak_args *a,
                                  struct fbc_leak_result *r,
                                  struct fbc_error *e);
/* pixels: width * 4 bytes a row, sizes as of a frame stream. */
int FBC_MUST_CHECK fbc_leak_feed(struct fbc_leak *l, const uint8_t *pixels,
                                 uint32_t width, uint32_t height,
                                 struct fbc_error *e);
/* The verdicts, after at least one frame. */
int FBC_MUST_CHECK fbc_leak_finish(struct fbc_leak *l, struct fbc_error *e);
void fbc_leak_free(struct fbc_leak *l);

/* Reads standard input; *r is as far as it went in any case. */
int FBC_MUST_CHECK fbc_leak_run(const struct fbc_leak_args *a,
                                struct fbc_leak_result *r,
                                struct fbc_error *e);

/* Raw memory; called by fbc_leak_run(). */
int FBC_MUST_CHECK fbc_leak_run_raw(const struct fbc_leak_args *a,
                                    struct fbc_leak_result *r,
                                    struct fbc_error *e);

/* An input log; likewise. */
int FBC_MUST_CHECK fbc_leak_run_input(const struct fbc_leak_args *a,
                                      struct fbc_leak_result *r,
                                      struct fbc_error *e);

/* All verdicts, from what was gathered; called by fbc_leak_finish(). */
void fbc_leak_judge(struct fbc_leak *l);

/* Appends a verdict; why not NULL: it was not run. */
void fbc_leak_item(struct fbc_leak_result *r, const char *name,
                   const char *about, double value, double limit,
                   const char *why);

/* e NULL: no error. */
void fbc_leak_json(FILE *f, const struct fbc_leak_result *r,
                   const struct fbc_error *e);

#endif /* FBC_LIB_LEAK_H */
