/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a launch log (core/launch.h), which dom0 hands out and may have forged:
 * only its digest counts, and that only the hypervisor can vouch for.  After
 * the entries come, in the clear, what the first three are hashes of.
 */
#ifndef FBC_PARSE_LAUNCHLOG_H
#define FBC_PARSE_LAUNCHLOG_H

#include "core/launch.h"

#define FBC_LAUNCHLOG_MAX_E820 128      /* Xen's E820MAX of guests */
#define FBC_LAUNCHLOG_MAX \
    (FBC_LAUNCH_HEADER_LEN + FBC_LAUNCH_MAX_ENTRIES * FBC_LAUNCH_ENTRY_LEN + \
     FBC_LAUNCH_CPU_LEN + FBC_LAUNCHLOG_MAX_E820 * FBC_LAUNCH_E820_LEN + \
     FBC_LAUNCH_PAGE)

struct fbc_launchlog_entry {
    enum fbc_launch_kind kind;
    uint32_t count;
    uint64_t first;
    uint64_t bitmap;
    const uint8_t *hash;
};

/* Longest command line with its NUL: PV has 1024 bytes, PVH a page's rest. */
#define FBC_LAUNCHLOG_CMDLINE FBC_LAUNCH_PAGE

struct fbc_launchlog {
    enum fbc_launch_type type;
    uint32_t state;             /* enum fbc_launch_state; may be unknown */
    uint64_t detail, nr_pages;
    const uint8_t *header, *entries;
    uint32_t nr;
    uint32_t channels;          /* entry of the store's page */
    uint32_t pages, runs;       /* first entries of these kinds, and the end */
    /* NULL: the hypervisor did not get there, and state is not 0. */
    const uint8_t *cpu, *e820, *start;
    uint32_t nr_e820;
    uint8_t digest[FBC_HASH_LEN];       /* zero unless state is 0 */
};

/*
 * data stays the caller's and must outlive *l.  FBC_ERR_MAGIC,
 * FBC_ERR_VERSION: no log that this knows; FBC_ERR_LENGTH: cut short, or
 * trailing bytes; FBC_ERR_RANGE: entries out of order, or out of their limits;
 * FBC_ERR_CHECKSUM: what is in the clear does not fit its hash.
 */
enum fbc_err FBC_MUST_CHECK fbc_launchlog_parse(const uint8_t *data,
                                                size_t len,
                                                struct fbc_launchlog *l);

/* i < l->nr */
struct fbc_launchlog_entry
fbc_launchlog_entry(const struct fbc_launchlog *l, uint32_t i);

/* A PVH guest has this page; measured, a PV guest has all below nr_pages. */
bool fbc_launchlog_has(const struct fbc_launchlog *l, uint64_t pfn);

/*
 * The command line: what is up to the first NUL, less than
 * FBC_LAUNCHLOG_CMDLINE.  len excludes that.
 */
const char *fbc_launchlog_cmdline(const struct fbc_launchlog *l, size_t *len);

/* The meaning of a state and its detail (NULL: there is nothing to say). */
const char *fbc_launchlog_why(uint32_t state);
const char *fbc_launchlog_cpu_why(uint64_t detail);

#endif /* FBC_PARSE_LAUNCHLOG_H */
