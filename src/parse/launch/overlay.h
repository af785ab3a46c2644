/* SPDX-License-Identifier: GPL-2.0-only */
/* A page of a guest, of what the builder has put at which address. */
#ifndef FBC_PARSE_OVERLAY_H
#define FBC_PARSE_OVERLAY_H

#include "core/launch.h"
#include "parse/launch/pvelf.h"

/* Puts data, which lies at byte at of the guest, into page pfn; NULL: zeros. */
void fbc_overlay(uint8_t page[static FBC_LAUNCH_PAGE], uint64_t pfn,
                 uint64_t at, const uint8_t *data, uint64_t len);

/* The kernel's segments, of which the first page is kernel_pfn. */
void fbc_overlay_kernel(uint8_t page[static FBC_LAUNCH_PAGE], uint64_t pfn,
                        uint64_t kernel_pfn, const struct fbc_pvelf *k);

#endif /* FBC_PARSE_OVERLAY_H */
