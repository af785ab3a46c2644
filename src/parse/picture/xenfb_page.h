/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What dom0 sees on a xenfb info page (Xen public/io/fbif.h, x86_64 layout):
 * a guest's own, or its shadow.  Wider limits than fbif.h, which says what the
 * hypervisor serves: fbc-dumpvfb reads unprotected guests as well.
 */
#ifndef FBC_PARSE_XENFB_PAGE_H
#define FBC_PARSE_XENFB_PAGE_H

#include "core/fbc.h"
#include "core/fbif.h"

#define FBC_XENFB_MAX_SIDE 8192u           /* what a frame stream carries */
#define FBC_XENFB_MAX_MEM  (512u << 20)    /* 256 directories of 2 MiB */

struct fbc_xenfb_page {
    uint32_t width, height;             /* pixels of 32 bits */
    uint32_t line_length, mem_length;   /* bytes */
    uint32_t pages, dirs;               /* that hold mem_length, list it */
};

/*
 * page: private copy.  On success every byte of all rows lies in mem_length.
 * FBC_ERR_PENDING: not set up yet; FBC_ERR_DEPTH, FBC_ERR_SIZE,
 * FBC_ERR_STRIDE, FBC_ERR_MEMORY.
 */
enum fbc_err FBC_MUST_CHECK
fbc_xenfb_page_parse(const uint8_t page[static FBC_PAGE],
                     struct fbc_xenfb_page *v);

#endif /* FBC_PARSE_XENFB_PAGE_H */
