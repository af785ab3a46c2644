/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An update of the whole screen under other ciphers, as a yardstick: from the
 * guest's pixels to a replica, and from there to a screen, tile by tile as ours
 * goes.  They have no tags, counters or manifest: nothing else may use them.
 */
#ifndef FBC_BENCH_UPDATE_H
#define FBC_BENCH_UPDATE_H

#include <openssl/evp.h>
#include <stdio.h>

#include "bench.h"
#include "core/geom.h"

struct update {
    struct fbc_geom g;
    size_t bytes;               /* of 24-bit pixels */
    uint8_t *fb, *replica, *screen;     /* 32 bits a pixel; fb is random */
    uint8_t *frame, *copy;      /* 24 bits a pixel */
    EVP_CIPHER_CTX *seal, *open;
};

/* cipher NULL: none but RC5.  Ends the program if it cannot. */
void update_init(struct update *u, uint32_t width, uint32_t height,
                 const EVP_CIPHER *cipher);
void update_free(struct update *u);

/* For struct bench; arg is a struct update. */
void update_memcpy(void *arg);          /* of 24-bit pixels */
void update_seal(void *arg);            /* the cipher that init was told */
void update_open(void *arg);
void update_seal_rc5(void *arg);        /* as in the paper */
void update_open_rc5(void *arg);

/* Ends the program unless open gives back what seal was given, and hid. */
void update_check(struct update *u, void (*seal)(void *arg),
                  void (*open)(void *arg));

/* Whole frames of random pixels, 32 bits each. */
void update_noise(uint8_t *fb, size_t len);

/*
 * Runs and prints all, and writes to csv, if there is one, a line for each
 * round: what, way, size, bytes, nanoseconds.
 */
void update_run(struct bench *b, size_t n, const char *way,
                const struct fbc_geom *g, FILE *csv);

/* usage: PROGRAM [FILE.csv]: opens the file and writes its head. */
FILE *update_csv(int argc, char **argv);

/* The sizes of the report, then { 0, 0 }. */
extern const uint32_t update_sizes[][2];

#endif /* FBC_BENCH_UPDATE_H */
