/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory, time, event channels, console, second vCPU. */
#ifndef PVGUEST_PLATFORM_H
#define PVGUEST_PLATFORM_H

#include "hypercall.h"
#include "lib.h"

#define PAGE_SIZE 4096UL
#define PTE_RW 0x7UL /* present, writable, user */
#define PTE_RO 0x5UL

extern struct start_info *si;

void platform_init(struct start_info *info);

/* The builder maps pfn at pfn * PAGE_SIZE. */
uint64_t va_to_mfn(const void *va);
void *mfn_to_va(uint64_t mfn); /* NULL: not ours */
void map_frame(void *va, uint64_t mfn, unsigned long prot);

/*
 * Shared memory comes from two arenas used in turn, so that a reconnect never
 * sees the pages of the connection before it. Pages are zeroed.
 */
void arena_switch(void);
void *arena_pages(unsigned int n);

uint64_t now_ms(void);
void sleep_ms(uint64_t ms);

/*
 * Events are polled: clear the port, look at the condition, then wait.
 * evt_wait() returns when the port is pending or the time has come.
 */
evtchn_port_t evt_alloc(domid_t remote);
void evt_close(evtchn_port_t port);
void evt_send(evtchn_port_t port);
void evt_clear(evtchn_port_t port);
void evt_wait(evtchn_port_t port, uint64_t until_ms);

/* A writable grant of @va to @dom: the reference, 0 if there is none. */
grant_ref_t grant_page(domid_t dom, const void *va);
void grant_end(grant_ref_t ref);
bool grant_mapped(grant_ref_t ref);

/* Runs fn on vCPU 1 for ever; false if the domain has only one vCPU. */
bool smp_start(void (*fn)(void));

/* console.c. Output is dropped if nobody reads it for two seconds. */
void console_init(void);
void printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Called by boot.S. */
void main(struct start_info *info);
void ap_main(void);
extern char ap_start[], ap_stack_top[];

#endif
