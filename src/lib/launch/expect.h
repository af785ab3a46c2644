/* SPDX-License-Identifier: GPL-2.0-only */
/* The launch log that a guest of these files must have. */
#ifndef FBC_LIB_LAUNCH_EXPECT_H
#define FBC_LIB_LAUNCH_EXPECT_H

#include "lib/base/fail.h"
#include "parse/launch/log.h"
#include "parse/launch/pvbuild.h"
#include "parse/launch/pvhbuild.h"

/* What a tenant says of the guest. */
struct fbc_guest {
    const char *kernel, *ramdisk;       /* files; ramdisk may be NULL */
    const char *cmdline;
    uint64_t memory;            /* MiB */
    uint64_t maxmem;            /* MiB, 0: as memory */
    bool gunzip;                /* by the toolstack, if there is what to */

    bool pvh;                   /* all below is for PVH only */
    const char *dsdt, *libxl;   /* files: the table, or a library with it */
    uint64_t vcpus, maxvcpus;   /* 0: 1, and as many */
    bool again, nvs;            /* acpi.h, pvhbuild.h */
};

struct fbc_expect {
    bool pvh;
    struct fbc_pvbuild build;   /* names ranges; its files are gone */
    struct fbc_pvhbuild pvhbuild;       /* of PVH, in its place */
    struct fbc_acpi *acpi;
    uint8_t *data;              /* the log */
    size_t len;
    struct fbc_launchlog log;   /* in data */
};

/* 1: kernel and ramdisk do not fit into such memory, and *e says that. */
int FBC_MUST_CHECK fbc_expect(const struct fbc_guest *g, struct fbc_expect *x,
                              struct fbc_error *e);

/* What lies on a page; for fbc_compare_logs(). */
const char *fbc_expect_name(const void *x, uint64_t pfn);

/* Harmless on what was set to 0. */
void fbc_expect_free(struct fbc_expect *x);

/*
 * *gzip: does it matter whether the toolstack unpacks this ramdisk?  *part: it
 * would unpack a part of it.
 */
int FBC_MUST_CHECK fbc_expect_is_gzip(const struct fbc_guest *g, bool *gzip,
                                      bool *part,
                                      struct fbc_error *e);

#endif /* FBC_LIB_LAUNCH_EXPECT_H */
