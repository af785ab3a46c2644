/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory, time, event channels, console, second vCPU. */
#ifndef PVGUEST_PLATFORM_H
#define PVGUEST_PLATFORM_H

#include "arch.h"

void platform_init(const void *info, const struct arch *how);

/* By their frame numbers, see arch.h. */
uint64_t va_to_frame(const void *va);
void *frame_to_va(uint64_t frame); /* NULL: not ours */

/*
 * Shared memory comes from two arenas used in turn, so that a reconnect never
 * sees the pages of the connection before it. Pages are zeroed.
 */
void arena_switch(void);
void *arena_pages(unsigned int n);

uint64_t now_us(void);
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

#endif
