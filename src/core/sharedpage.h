/* SPDX-License-Identifier: GPL-2.0-only */
/* Access to a page that somebody hostile writes at the same time. */
#ifndef FBC_CORE_SHAREDPAGE_H
#define FBC_CORE_SHAREDPAGE_H

#include "core/fbc.h"

/* Exactly one access; off is a multiple of 4. */
static inline uint32_t fbc_page_load(const void *page, uint32_t off)
{
    return *(const volatile uint32_t *)((const uint8_t *)page + off);
}

static inline void fbc_page_store(void *page, uint32_t off, uint32_t v)
{
    *(volatile uint32_t *)((uint8_t *)page + off) = v;
}

/* x86 orders loads with loads and stores with stores; the compiler may not. */
static inline void fbc_page_order(void)
{
    __asm__ __volatile__ ( "" ::: "memory" );
}

#endif /* FBC_CORE_SHAREDPAGE_H */
