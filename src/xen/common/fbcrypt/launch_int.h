/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A measurement under way: launch.c begins and ends it, launch_pages.c looks
 * at the pages; at a PVH guest launch_pvh.c.
 */
#ifndef __FBCRYPT_LAUNCH_INT_H__
#define __FBCRYPT_LAUNCH_INT_H__

#include "private.h"

#include "core/launch.h"

#define FBC_MEASURE_E820 128

struct fbc_measure {
    struct fbc_launch log;
    uint64_t pfn;               /* next */
    uint64_t p2m_va, p2m_first;
    uint64_t start, store, console;     /* pages that are not hashed here */
    uint8_t cpu[FBC_LAUNCH_CPU_LEN];
    unsigned int nr_e820;
    struct e820entry e820[FBC_MEASURE_E820];
    uint8_t start_info[FBC_LAUNCH_PAGE];
};

/*
 * A page of the guest's memory that nobody else has by design, and its number;
 * NULL: it is no such page.
 */
const struct page_info *fbc_own_page(const struct domain *d, mfn_t mfn,
                                     uint64_t *pfn);
/* Is it one, and neither a page table nor one of descriptors? */
bool fbc_data_page(const struct domain *d, mfn_t mfn, uint64_t *pfn);

/*
 * Maps a page as the guest will see it: dom0 may have written past the cache.
 * For unmap_domain_page().
 */
const void *fbc_map_page(mfn_t mfn);

/* Room for the entries that one more page adds; false: there is none. */
bool fbc_measure_grow(struct fbc_measure *m);

/* Looked at between two checks for preemption, if nothing is to be hashed. */
#define FBC_MEASURE_STEP_PAGES 1024

/* Pages that the P2M list fills. */
uint64_t fbc_p2m_pages(const struct domain *d);

/*
 * One step: pages from m->pfn on go into the log.  FBC_LAUNCH_PENDING: there
 * are more.  *detail: the last one that was looked at.
 */
enum fbc_launch_state fbc_measure_pages(const struct domain *d,
                                        struct fbc_measure *m,
                                        uint64_t *detail);

/*
 * launch_pvh.c.  begin: all but memory map and pages; what is known of CPU,
 * start_info, store and console goes to *m.
 */
enum fbc_launch_state fbc_measure_pvh_begin(struct domain *d,
                                            struct fbc_measure *m,
                                            uint64_t *detail);
enum fbc_launch_state fbc_measure_pvh_pages(struct domain *d,
                                            struct fbc_measure *m,
                                            uint64_t *detail);

#endif /* __FBCRYPT_LAUNCH_INT_H__ */
