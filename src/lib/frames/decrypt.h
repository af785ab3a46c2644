/* SPDX-License-Identifier: GPL-2.0-only */
/* Verifies and decrypts a frame stream into pictures. */
#ifndef FBC_LIB_DECRYPT_H
#define FBC_LIB_DECRYPT_H

#include <stdio.h>

#include "lib/base/fail.h"
#include "lib/frames/sink.h"
#include "parse/shadow/view.h"

enum fbc_decrypt_mode {
    FBC_DECRYPT_ALL,
    FBC_DECRYPT_HALF,           /* the lower half stays as dom0 sees it */
    FBC_DECRYPT_NONE,           /* the shadow itself, no key */
};

struct fbc_decrypt_frame {      /* what on_frame is told */
    uint64_t number;            /* from 1 */
    enum fbc_err err;           /* not FBC_OK: the frame was useless */
    const struct fbc_view_stats *stats; /* NULL: of no use, or no key */
};

struct fbc_decrypt_args {
    enum fbc_decrypt_mode mode;
    const char *key;            /* session key file */
    bool image;                 /* standard input is one PPM picture */
    bool last;                  /* only the last frame goes to the sink */
    bool check_counters;
    bool live;                  /* the last manifest must verify */
    enum fbc_sink_kind sink;
    const char *path;
    unsigned int fps;
    const volatile int *stop;   /* set: what was read so far is the input */
    void (*on_frame)(const struct fbc_decrypt_frame *f);
};

struct fbc_decrypt_result {
    uint64_t frames;
    uint64_t unusable;          /* of no use: torn header, other key ... */
    uint64_t fresh, held;       /* sums over all frames */
    uint64_t pending, bad;
    uint64_t manifests_ok, manifests_pending, manifests_stale, manifests_bad;
    uint32_t tiles;             /* of the last usable frame */
    uint32_t last_pending, last_bad;
    uint32_t width, height;
    uint32_t epochs, epoch;     /* how many were seen, the last one */
    uint64_t counter, manifest_counter;     /* newest verified */
    uint64_t counters_seen, counters_reused;
    bool live;                  /* the last frame's manifest verified */
    enum fbc_launched launched; /* of the last epoch */
    uint8_t launch[FBC_HASH_LEN];   /* fbc_launched_known() bytes of it */
};

/*
 * Reads standard input.  0: every tile of the last frame is verified.
 * FBC_EXIT_NO: it is not, or no key was set yet, or the key is another one,
 * a counter was used twice, or the screen is not live though it must be.
 * *r is as far as it went in any case; files appear when at least one frame
 * was of use and the input was sound.
 */
int FBC_MUST_CHECK fbc_decrypt_run(const struct fbc_decrypt_args *a,
                                   struct fbc_decrypt_result *r,
                                   struct fbc_error *e);

/* e NULL: success. */
void fbc_decrypt_json(FILE *f, const struct fbc_decrypt_result *r,
                      const struct fbc_error *e);

#endif /* FBC_LIB_DECRYPT_H */
