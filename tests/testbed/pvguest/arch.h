/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a PV and a PVH guest do differently.  The same ELF boots as either: the
 * entry that the domain builder takes (boot.S, pvhboot.S) picks pv.c or pvh.c.
 *
 * A frame number is what Xen and dom0 call a page of this guest's: a machine
 * frame for PV, a guest frame for PVH.  Everything is mapped one to one.
 */
#ifndef PVGUEST_ARCH_H
#define PVGUEST_ARCH_H

#include "hypercall.h"
#include "lib.h"

#define PAGE_SIZE 4096UL

/* What the builder and Xen have told; filled in by arch->init(). */
struct start
{
    const char *cmd_line;
    const void *info; /* start_info (PV), hvm_start_info (PVH) */
    uint64_t store_frame, console_frame, shared_frame;
    evtchn_port_t store_port, console_port;
    const void *top_table, *low_table; /* page tables in use */
    uint64_t no_frame; /* Xen's memory (PV), a device's registers (PVH) */
};

struct arch
{
    /* @info as it came; nothing is mapped, no hypercall made before. */
    void (*init)(const void *info);

    /* Maps the shared_info page, or the first grant frame, at this page. */
    void (*map_shared_info)(void *va);
    bool (*map_grants)(void *va);

    uint64_t (*va_to_frame)(const void *va);
    void *(*frame_to_va)(uint64_t frame); /* NULL: not ours */

    /* Starts vCPU 1 at ap_start; false: there is none. */
    bool (*start_ap)(struct shared_info *shared);

    /* Gives the page to Xen, and takes another in its place. */
    long (*give)(void *va); /* 1: given */
    bool (*take)(void *va);

    /* Dies by Xen's hand, with @magic in registers and on the stack. */
    void (*crash)(uint64_t magic);

    /* An L1 page table of what is mapped here; 0 or an error.  NULL: PVH. */
    long (*pin)(void *va);
    void (*unpin)(void *va);

    /*
     * Moves the page at @from to @to: it gets another frame number, and at @from
     * there is nothing.  What was at @to is given to Xen.  NULL: PV.
     */
    long (*move)(void *to, void *from);
};

/* Nothing is here in a PVH guest: 3.75 GiB. */
#define SPARE ((void *)0xf0000000UL)

extern const struct arch pv_arch, pvh_arch;

/* The one in use, and what it was told; platform.c. */
extern const struct arch *arch;
extern struct start start;

/* Called by boot.S and pvhboot.S. */
void main(const void *info, const struct arch *how);
void ap_main(void);
extern char ap_start[], ap_stack_top[];

#endif
