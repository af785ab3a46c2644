/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain builder that lies, step by step: libxenguest's own, and between its
 * steps whatever an attack changes.  Nothing of xl or libxl takes part.
 */
#ifndef LAB_H
#define LAB_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xencall.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xenguest.h>
#include <xen/grant_table.h>

#define PAGE    4096
#define ENTRIES 512
#define FRAME   UINT64_C(0x000ffffffffff000)
#define NX      (UINT64_C(1) << 63)

/* When an attack has its turn. */
enum phase {
    FILES,      /* before anything is read: it changes what lab->files names */
    TABLES,     /* page tables are written, and are data still */
    CONTEXT,    /* vCPU 0's registers are about to be set: lab->ctxt */
    BUILT,      /* all is done */
    HELD,       /* as BUILT, and again after a first unpause, at second */
    RACE,       /* a thread beside the unpause, on dom0's other vCPU */
};

struct lab;

struct attack {
    const char *name;
    enum phase phase;
    int (*run)(struct lab *lab, const char *name);  /* -1: errno, lab->op */
    int (*second)(struct lab *lab, const char *name);
};

extern const struct attack memory_attacks[], table_attacks[], cpu_attacks[],
    page_attacks[], race_attacks[], held_attacks[], device_attacks[];

struct lab {
    xc_interface *xc;
    xencall_handle *call;
    xenforeignmemory_handle *fmem;
    const struct attack *attack;

    struct {
        const char *kernel, *ramdisk;
        char cmdline[1024];
        unsigned int memory, maxmem;    /* MiB */
    } files;
    xen_domain_handle_t handle;

    uint32_t domid, other;      /* other: 0 or a helper domain */
    struct xc_dom_image *dom;
    vcpu_guest_context_x86_64_t ctxt;   /* as it is set */
    const char *op;             /* the operation that was refused */

    void *mapped[64];           /* a page each, until release() */
    unsigned int nr_mapped;

    volatile bool stop;         /* the race is over */
    char note[256];             /* what else there is to say */
};

/* 0, or -1 with errno and the name of what was refused. */
int lab_refused(struct lab *lab, const char *op);

/* Maps one frame of the guest's; NULL. */
void *lab_map_mfn(struct lab *lab, xen_pfn_t mfn);
void *lab_map(struct lab *lab, xen_pfn_t pfn);
/* The page at va of vCPU 0's, whose context is known: from CONTEXT on. */
void *lab_map_va(struct lab *lab, uint64_t va);
void lab_release(struct lab *lab);

/* The last entry that maps va, and the machine address of it. */
uint64_t lab_walk(struct lab *lab, uint64_t va, uint64_t *at);
xen_pfn_t lab_mfn(const struct lab *lab, xen_pfn_t pfn);
xen_pfn_t lab_last(const struct lab *lab);
start_info_t *lab_start(struct lab *lab);

/* mmu_update; owners is its foreigndom. */
int lab_update(struct lab *lab, uint64_t ptr, uint64_t val, uint32_t owners);
int lab_set_m2p(struct lab *lab, xen_pfn_t mfn, uint64_t pfn);
int lab_domctl(struct lab *lab, struct xen_domctl *op, const char *what);
/* An entry for dom0 in the guest's grant table. */
int lab_grant(struct lab *lab, uint32_t ref, xen_pfn_t frame, uint16_t flags);
/* A page that dom0 gets for this, and nothing maps. */
int lab_dom0_page(struct lab *lab, xen_pfn_t *mfn);
/* This thread runs there. */
void lab_cpu(int cpu);
/* A vCPU's, as a restore would set them. */
int lab_set_msr(xc_interface *xc, xencall_handle *call, uint32_t domid,
                uint32_t v);
int lab_set_xstate(xc_interface *xc, xencall_handle *call, uint32_t domid,
                   uint32_t v);
/* A frame of a domain that is neither dom0 nor the guest. */
int lab_other_frame(struct lab *lab, xen_pfn_t *mfn);

#endif /* LAB_H */
