/* SPDX-License-Identifier: GPL-2.0-only */
/* How one launch log differs from another, in words that a person acts on. */
#ifndef FBC_LIB_LAUNCH_COMPARE_H
#define FBC_LIB_LAUNCH_COMPARE_H

#include "parse/launch/log.h"

#define FBC_COMPARE_MAX  40     /* then "and N more" */
#define FBC_COMPARE_LINE 200

struct fbc_compare {
    size_t lines;
    size_t more;                /* that found no room */
    char line[FBC_COMPARE_MAX][FBC_COMPARE_LINE];
};

/* What lies on a page of want's guest. */
typedef const char *fbc_compare_name(const void *arg, uint64_t pfn);

/*
 * got in the place of want.  name may be NULL.  No line means that the digests
 * are equal.  What got says is escaped: dom0 wrote it.
 */
void fbc_compare_logs(const struct fbc_launchlog *got,
                      const struct fbc_launchlog *want,
                      fbc_compare_name *name, const void *arg,
                      struct fbc_compare *c);

/* One more line, of the caller's. */
void fbc_compare_line(struct fbc_compare *c, const char *line);

/* "not measured: why"; got's state is not 0. */
void fbc_compare_state(const struct fbc_launchlog *got,
                       char line[static FBC_COMPARE_LINE]);

#endif /* FBC_LIB_LAUNCH_COMPARE_H */
