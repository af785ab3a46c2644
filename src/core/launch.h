/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Launch measurement: what memory and first vCPU of a 64-bit PV guest, or of a
 * PVH guest, hold before its first instruction, as a log "FBL1" and the digest
 * of it (fbc-formats(5), "Launch log").
 *
 * Machine frames are replaced by pseudo-physical ones first, so that the same
 * kernel, ramdisk, command line and memory give the same log on any host.  PVH
 * guests know no others; a page's number is its guest frame there.  The
 * hypervisor writes the log from what lies in memory, fbc-launch(1) from the
 * files; both by these functions.  Nothing here looks at a page twice.
 */
#ifndef FBC_CORE_LAUNCH_H
#define FBC_CORE_LAUNCH_H

#include "core/fbc.h"

#define FBC_LAUNCH_PAGE        4096
#define FBC_LAUNCH_HEADER_LEN  32
#define FBC_LAUNCH_ENTRY_LEN   56
#define FBC_LAUNCH_MAX_ENTRIES 16384    /* 4 GiB of contents */
#define FBC_LAUNCH_WINDOW      64       /* pages of an entry, aligned */
#define FBC_LAUNCH_CPU_LEN     40
#define FBC_LAUNCH_E820_LEN    20       /* of an entry of the guest's map */
#define FBC_LAUNCH_RUNS        32       /* of pages in a row, of a PVH guest */

enum fbc_launch_type {
    FBC_LAUNCH_PV64 = 1,
    FBC_LAUNCH_PVH = 2,
};

/* Header: why there is no digest.  Values are on disk: append. */
enum fbc_launch_state {
    FBC_LAUNCH_OK = 0,
    FBC_LAUNCH_PENDING = 1,     /* not looked at yet */
    FBC_LAUNCH_TYPE = 2,        /* 32-bit PV, or shadow paging */
    FBC_LAUNCH_START = 3,       /* no start_info page of its own behind rsi,
                                   or rbx */
    FBC_LAUNCH_SIZE = 4,        /* its nr_pages is not what the guest has */
    FBC_LAUNCH_P2M = 5,         /* the P2M list is no row of data pages */
    FBC_LAUNCH_FRAME = 6,       /* P2M entry: not the guest's, or not only;
                                   PVH: of the p2m */
    FBC_LAUNCH_CHANNEL = 7,     /* pages of store and console */
    FBC_LAUNCH_TABLE = 8,       /* half a page table, or descriptors */
    FBC_LAUNCH_ENTRY = 9,       /* table entry: no frame of the guest's */
    FBC_LAUNCH_CPU = 10,        /* vCPU 0: more is set than a builder sets */
    FBC_LAUNCH_VCPU = 11,       /* another vCPU is set up, too */
    FBC_LAUNCH_TOO_MUCH = 12,   /* more contents than a log takes */
    FBC_LAUNCH_RESOURCES = 13,  /* memory, or SHA-256, failed */
    FBC_LAUNCH_PARAM = 14,      /* HVM parameter that no builder sets */
};

/*
 * Header, detail with FBC_LAUNCH_CPU; with FBC_LAUNCH_VCPU a vCPU's number,
 * with FBC_LAUNCH_PARAM a parameter's, and with other states a page's.
 */
enum fbc_launch_cpu {
    FBC_LAUNCH_CPU_GPRS = 1,    /* other than rip, rsp, rsi; PVH: rip, rbx */
    FBC_LAUNCH_CPU_FLAGS = 2,   /* rflags, or how the context is to start */
    FBC_LAUNCH_CPU_SEGMENTS = 3,        /* selectors, bases, kernel stack */
    FBC_LAUNCH_CPU_DESCRIPTORS = 4,     /* a GDT or LDT */
    FBC_LAUNCH_CPU_USER = 5,    /* a page table for user mode */
    FBC_LAUNCH_CPU_TRAPS = 6,   /* trap handlers */
    FBC_LAUNCH_CPU_CALLBACKS = 7,       /* event, failsafe, system calls */
    FBC_LAUNCH_CPU_CONTROL = 8,
    FBC_LAUNCH_CPU_DEBUG = 9,
    FBC_LAUNCH_CPU_FPU = 10,    /* and all extended state */
    FBC_LAUNCH_CPU_MSRS = 11,
    FBC_LAUNCH_CPU_ROOT = 12,   /* CR3 names no page of the P2M's */
    FBC_LAUNCH_CPU_CACHE = 13,  /* MTRR, PAT, or memory types from outside */
    FBC_LAUNCH_CPU_APIC = 14,   /* local APIC */
    FBC_LAUNCH_CPU_EVENT = 15,  /* an exception or interrupt is pending */
};

enum fbc_launch_kind {
    FBC_LAUNCH_LOG_CPU = 1,     /* fbc_launch_cpu() */
    FBC_LAUNCH_LOG_E820 = 2,    /* addr 8, size 8, type 4; as the guest gets */
    FBC_LAUNCH_LOG_START = 3,   /* fbc_launch_start_normalise() */
    FBC_LAUNCH_LOG_PAGES = 4,
    FBC_LAUNCH_LOG_P2M = 5,     /* verified, not hashed */
    FBC_LAUNCH_LOG_CHANNEL = 6, /* dom0's to write, not hashed */
    FBC_LAUNCH_LOG_RAM = 7,     /* PVH: pages in a row that the guest has */
};

/* A page that is hashed: 0 data, 1 to 4 a page table of this level. */
enum { FBC_LAUNCH_DATA = 0, FBC_LAUNCH_ROOT = 4 };

struct fbc_launch {
    uint8_t *entries;           /* the caller's, room of them */
    uint32_t room, nr;
    enum fbc_launch_type type;
    uint64_t nr_pages;          /* PVH: so far */
    uint64_t next;              /* the lowest page that may come */
    unsigned int runs;          /* PVH: of pages so far */
    struct {
        uint64_t first, count;
    } run[FBC_LAUNCH_RUNS];
    uint64_t first, bitmap;     /* window that is being filled */
    bool failed;
    uint64_t hashed;            /* bytes so far: what all this costs */
    uint8_t sum[FBC_HASH_LEN];  /* over the entries so far */

    /* What one page adds to its window's hash. */
    struct {
        uint8_t hash[FBC_HASH_LEN];
        uint8_t pfn[8];
        uint8_t type;
        uint8_t page[FBC_LAUNCH_PAGE];  /* the caller fills this in */
    } link;
};

/* Bytes that fbc_launch_page() hashes at most, with the end of the log. */
#define FBC_LAUNCH_PAGE_COST (sizeof(((struct fbc_launch *)0)->link) + \
                              (3 + FBC_LAUNCH_RUNS) * \
                              (FBC_HASH_LEN + FBC_LAUNCH_ENTRY_LEN))

void fbc_launch_begin(struct fbc_launch *l, void *entries, uint32_t room,
                      uint64_t nr_pages);
/* Of a PVH guest: how many pages it has fbc_launch_have() finds out. */
void fbc_launch_begin_pvh(struct fbc_launch *l, void *entries, uint32_t room);

/*
 * Must the entries move to where there is more room before anything else is
 * added?  Any function below adds one at most; the end one, and one for each
 * run.
 */
static inline bool fbc_launch_full(const struct fbc_launch *l)
{
    return l->room - l->nr < 2 + l->runs + (l->type == FBC_LAUNCH_PVH);
}

/*
 * In this order: CPU; E820, count being that of the map's entries; START, first
 * being its page; P2M, but for PVH, with those of its list; CHANNEL for the
 * store's page and the console's; then pages, ascending.  What fails shows at
 * the end.
 */
void fbc_launch_fact(struct fbc_launch *l, enum fbc_launch_kind kind,
                     uint64_t first, uint32_t count, const void *data,
                     size_t len);
void fbc_launch_range(struct fbc_launch *l, enum fbc_launch_kind kind,
                      uint64_t first, uint32_t count);
/*
 * A PVH guest has this page, whatever is in it; ascending, and before
 * fbc_launch_page() of it.  false: there are too many holes.
 */
bool FBC_MUST_CHECK fbc_launch_have(struct fbc_launch *l, uint64_t pfn);
/* Adds l->link.page, which is private memory. */
void fbc_launch_page(struct fbc_launch *l, uint64_t pfn, uint8_t type);

/*
 * header goes in front of the entries.  The digest is zero if state is not
 * FBC_LAUNCH_OK.  Returns the state, with what had failed before.
 */
enum fbc_launch_state
fbc_launch_end(struct fbc_launch *l, enum fbc_launch_state state,
               uint64_t detail, uint8_t header[static FBC_LAUNCH_HEADER_LEN],
               uint8_t digest[static FBC_HASH_LEN]);

/* The digest of a log that is all there, as fbc_launch_end() makes it. */
int FBC_MUST_CHECK
fbc_launch_digest(const uint8_t header[static FBC_LAUNCH_HEADER_LEN],
                  const uint8_t *entries, uint32_t nr,
                  uint8_t digest[static FBC_HASH_LEN]);

/* PVH: rsp 0, rsi being rbx, and the root the page of HVM_PARAM_IDENT_PT. */
void fbc_launch_cpu(uint8_t out[static FBC_LAUNCH_CPU_LEN], uint64_t rip,
                    uint64_t rsp, uint64_t rsi, uint64_t root_pfn,
                    uint64_t vm_assist);

/* Page-table entries.  Accessed and dirty bits are the processor's. */
#define FBC_LAUNCH_PTE_PRESENT UINT64_C(0x001)
#define FBC_LAUNCH_PTE_AD      UINT64_C(0x060)
#define FBC_LAUNCH_PTE_FRAME   UINT64_C(0x000ffffffffff000)

static inline bool fbc_launch_pte_present(uint64_t e)
{
    return e & FBC_LAUNCH_PTE_PRESENT;
}

static inline uint64_t fbc_launch_pte_frame(uint64_t e)
{
    return (e & FBC_LAUNCH_PTE_FRAME) >> 12;
}

/* A present entry, with the guest's number of the page it names. */
static inline uint64_t fbc_launch_pte(uint64_t e, uint64_t pfn)
{
    return (e & ~(FBC_LAUNCH_PTE_FRAME | FBC_LAUNCH_PTE_AD)) |
           (pfn << 12 & FBC_LAUNCH_PTE_FRAME);
}

/* Slots of a root table that are the hypervisor's; they count as 0. */
static inline bool fbc_launch_xen_slot(unsigned int slot)
{
    return slot >= 256 && slot < 272;
}

/* start_info (Xen public/xen.h, x86_64): offsets of what is read here. */
#define FBC_LAUNCH_SI_MAGIC      0
#define FBC_LAUNCH_SI_NR_PAGES   32
#define FBC_LAUNCH_SI_SHARED     40     /* machine address of shared_info */
#define FBC_LAUNCH_SI_FLAGS      48
#define FBC_LAUNCH_SI_STORE      56     /* frame */
#define FBC_LAUNCH_SI_STORE_PORT 64
#define FBC_LAUNCH_SI_CONSOLE    72     /* frame */
#define FBC_LAUNCH_SI_CONS_PORT  80
#define FBC_LAUNCH_SI_PT_BASE    88
#define FBC_LAUNCH_SI_NR_PT      96
#define FBC_LAUNCH_SI_MFN_LIST   104
#define FBC_LAUNCH_SI_MOD_START  112
#define FBC_LAUNCH_SI_MOD_LEN    120
#define FBC_LAUNCH_SI_CMDLINE    128
#define FBC_LAUNCH_SI_CMDLINE_LEN 1024
#define FBC_LAUNCH_SI_P2M_FIRST  1152
#define FBC_LAUNCH_SI_P2M_NR     1160
#define FBC_LAUNCH_SI_LEN        1168

/* hvm_start_info (Xen public/arch-x86/hvm/start_info.h), version 1 */
#define FBC_LAUNCH_HSI_MAGIC     0
#define FBC_LAUNCH_HSI_VERSION   4
#define FBC_LAUNCH_HSI_FLAGS     8
#define FBC_LAUNCH_HSI_NR_MODS   12
#define FBC_LAUNCH_HSI_MODLIST   16     /* physical addresses */
#define FBC_LAUNCH_HSI_CMDLINE   24
#define FBC_LAUNCH_HSI_RSDP      32
#define FBC_LAUNCH_HSI_MEMMAP    40
#define FBC_LAUNCH_HSI_NR_MEMMAP 48
#define FBC_LAUNCH_HSI_LEN       56

/* A private copy, of whose frames the caller has found the pages. */
void fbc_launch_start_normalise(uint8_t page[static FBC_LAUNCH_PAGE],
                                uint64_t store_pfn, uint64_t console_pfn);

/* Whole, aligned page; memory of which nobody makes a secret. */
static inline bool fbc_launch_is_zero(const void *page)
{
    const uint64_t *p = page;
    unsigned int i;

    for ( i = 0; i < FBC_LAUNCH_PAGE / sizeof(*p); i += 8 )
        if ( p[i] | p[i + 1] | p[i + 2] | p[i + 3] |
             p[i + 4] | p[i + 5] | p[i + 6] | p[i + 7] )
            return false;

    return true;
}

#endif /* FBC_CORE_LAUNCH_H */
