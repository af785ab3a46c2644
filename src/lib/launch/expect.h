/* SPDX-License-Identifier: GPL-2.0-only */
/* The launch log that a guest of these files must have. */
#ifndef FBC_LIB_LAUNCH_EXPECT_H
#define FBC_LIB_LAUNCH_EXPECT_H

#include "lib/base/fail.h"
#include "parse/launch/log.h"
#include "parse/launch/pvbuild.h"

/* What a tenant says of the guest. */
struct fbc_guest {
    const char *kernel, *ramdisk;       /* files; ramdisk may be NULL */
    const char *cmdline;
    uint64_t memory;            /* MiB */
    uint64_t maxmem;            /* MiB, 0: as memory */
    bool gunzip;                /* by the toolstack, if there is what to */
};

struct fbc_expect {
    struct fbc_pvbuild build;   /* names ranges; its files are gone */
    uint8_t *data;              /* the log */
    size_t len;
    struct fbc_launchlog log;   /* in data */
};

int FBC_MUST_CHECK fbc_expect(const struct fbc_guest *g, struct fbc_expect *x,
                              struct fbc_error *e);

/* Harmless on what was set to 0. */
void fbc_expect_free(struct fbc_expect *x);

/* *gzip: does it matter whether the toolstack unpacks this ramdisk? */
int FBC_MUST_CHECK fbc_expect_is_gzip(const struct fbc_guest *g, bool *gzip,
                                      struct fbc_error *e);

#endif /* FBC_LIB_LAUNCH_EXPECT_H */
