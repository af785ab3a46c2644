/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An update of the whole screen under other ciphers, as a yardstick: from the
 * guest's pixels to a replica, and from there to a screen, tile by tile as ours
 * goes.  They have no tags, counters or manifest: nothing else may use them.
 */
#ifndef FBC_BENCH_UPDATE_H
#define FBC_BENCH_UPDATE_H

#include <openssl/evp.h>

#include "bench.h"
#include "core/crypto.h"
#include "core/geom.h"

struct update {
    struct fbc_geom g;
    size_t bytes;               /* of 24-bit pixels */
    uint8_t *fb, *replica, *screen;     /* 32 bits a pixel; fb is random */
    uint8_t *frame, *copy;      /* 24 bits a pixel */
    EVP_CIPHER_CTX *seal, *open;
};

/* One direction. */
struct update_way {
    const char *name;           /* "seal" or "open" */
    /* Ours, with the pixels of u; what run and end get.  console: coded. */
    void *(*begin)(const struct update *u, enum fbc_aead_id aead,
                   bool console);
    void (*run)(void *ours);
    void (*end)(void *ours);
    bool opens;                 /* what the peers do; or they seal */
};

/*
 * usage: PROGRAM [FILE.csv]: compares at each size of the report, prints, and
 * writes a line for each round to the file: what, way, size, bytes, ns.  What
 * main() returns.
 */
int update_compare(const struct update_way *way, int argc, char **argv);

#endif /* FBC_BENCH_UPDATE_H */
