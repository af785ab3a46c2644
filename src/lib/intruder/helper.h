/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain of dom0's own, whose only program copies pages to where dom0 may
 * map them: it reads what dom0 may hand to another domain only.
 */
#ifndef FBC_LIB_HELPER_H
#define FBC_LIB_HELPER_H

#include "lib/intruder/method.h"

/*
 * Pages of its address space from which it can copy; in those below it runs.
 * They are its physical memory or, of a PV domain, what its page tables map.
 */
#define FBC_HELPER_FIRST 4u
#define FBC_HELPER_END   4096u

struct fbc_helper {
    struct fbc_victim *t;
    uint32_t domid;
    bool created, running;
    volatile uint32_t *mail;    /* page of requests, one for the copy */
    uint64_t l1[FBC_HELPER_END / 512];  /* PV: frames of its page tables */
};

/*
 * Paused: 0, or a positive errno with what failed in *what.  In either case
 * fbc_helper_destroy() is due.
 */
int fbc_helper_create_pvh(struct fbc_helper *h, struct fbc_victim *t,
                          const char **what);
int fbc_helper_create_pv(struct fbc_helper *h, struct fbc_victim *t,
                         const char **what);
void fbc_helper_destroy(struct fbc_helper *h);

/*
 * The helper, unpaused by the first call, reads the page at number at of its
 * address space: 0, or a positive errno.  ETIMEDOUT: it died of that.
 */
int fbc_helper_copy(struct fbc_helper *h, uint32_t at,
                    uint8_t page[static FBC_PAGE]);

#endif /* FBC_LIB_HELPER_H */
