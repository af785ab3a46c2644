/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain of dom0's own that reads memory for it. */
#include "lib/intruder/helper.h"

#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#define L1S     (FBC_HELPER_END / 512)
#define SPIN    100000
#define WAIT_MS 5000

/* Pages of its address space. */
enum { CODE = 1, MAIL, COPY };

/*
 * The same in protected mode without paging and in 64-bit mode.  EBX is
 * where the requests are: the address to copy from, 0 when that is done.
 */
static const uint8_t program[] = {
    0xf3, 0x90,                         /* 1: pause */
    0x8b, 0x33,                         /*    mov (%ebx), %esi */
    0x85, 0xf6,                         /*    test %esi, %esi */
    0x74, 0xf8,                         /*    jz 1b */
    0x8d, 0xbb, 0x00, 0x10, 0x00, 0x00, /*    lea 4096(%ebx), %edi */
    0xb9, 0x00, 0x04, 0x00, 0x00,       /*    mov $1024, %ecx */
    0xf3, 0xa5,                         /*    rep movsl */
    0xc7, 0x03, 0x00, 0x00, 0x00, 0x00, /*    movl $0, (%ebx) */
    0xeb, 0xe3,                         /*    jmp 1b */
};

static int failed(const char **what, const char *name)
{
    *what = name;

    return errno ?: EINVAL;
}

static int create(struct fbc_helper *h, struct fbc_victim *t, uint32_t flags,
                  uint32_t emulation, const char **what)
{
    struct xen_domctl_createdomain config = {
        .flags = flags, .max_vcpus = 1, .max_evtchn_port = 63,
        .max_grant_frames = 4, .max_maptrack_frames = 4,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .arch.emulation_flags = emulation,
    };

    memset(h, 0, sizeof(*h));
    h->t = t;
    if ( xc_domain_create(t->xc, &h->domid, &config) )
        return failed(what, "creation of a helper");
    h->created = true;
    if ( xc_domain_max_vcpus(t->xc, h->domid, 1) ||
         xc_domain_setmaxmem(t->xc, h->domid, 1024) )
        return failed(what, "helper's vCPU");

    return 0;
}

/* frame: as a foreign mapping names it. */
static void *map(struct fbc_helper *h, xen_pfn_t *frame, size_t nr)
{
    int err[3] = { 0 };
    size_t i;
    void *p = xenforeignmemory_map(h->t->fmem, h->domid,
                                   PROT_READ | PROT_WRITE, nr, frame, err);

    for ( i = 0; p && i < nr; i++ )
        if ( err[i] )
        {
            xenforeignmemory_unmap(h->t->fmem, p, nr);
            errno = err[i] < 0 ? -err[i] : err[i];
            return NULL;
        }

    return p;
}

/* frame: CODE, MAIL and COPY. */
static int load(struct fbc_helper *h, xen_pfn_t frame[static 3],
                const char **what)
{
    uint8_t *code = map(h, frame, 1);

    h->mail = map(h, frame + 1, 2);
    if ( code )
    {
        memset(code, 0, FBC_PAGE);
        memcpy(code, program, sizeof(program));
        xenforeignmemory_unmap(h->t->fmem, code, 1);
    }
    if ( !code || !h->mail )
        return failed(what, "helper's memory");
    h->mail[0] = 0;

    return 0;
}

/* cr3 0: without paging. */
static int start(struct fbc_helper *h, uint64_t cr3, const char **what)
{
    vcpu_guest_context_any_t c;

    memset(&c, 0, sizeof(c));
    c.x64.flags = VGCF_in_kernel | VGCF_online;
    c.x64.user_regs.rip = CODE * FBC_PAGE;
    c.x64.user_regs.rbx = MAIL * FBC_PAGE;
    c.x64.user_regs.rsp = c.x64.kernel_sp = (COPY + 1) * FBC_PAGE;
    c.x64.user_regs.rflags = 2;
    if ( cr3 )
    {
        c.x64.user_regs.cs = FLAT_KERNEL_CS64;
        c.x64.user_regs.ss = c.x64.kernel_ss = FLAT_KERNEL_SS64;
        c.x64.ctrlreg[3] = cr3;
    }
    if ( xc_vcpu_setcontext(h->t->xc, h->domid, 0, &c) )
        return failed(what, "helper's registers");

    return 0;
}

int fbc_helper_create_pvh(struct fbc_helper *h, struct fbc_victim *t,
                          const char **what)
{
    xen_pfn_t frame[] = { CODE, MAIL, COPY };
    int rc = create(h, t, XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
                    XEN_X86_EMU_LAPIC, what);

    if ( rc )
        return rc;
    if ( xc_domain_populate_physmap_exact(t->xc, h->domid, 3, 0, 0, frame) )
        return failed(what, "helper's memory");

    return load(h, frame, what) ?: start(h, 0, what);
}

static int put_table(struct fbc_helper *h, xen_pfn_t frame,
                     const uint64_t *entry, size_t nr)
{
    uint64_t *table = map(h, &frame, 1);

    if ( !table )
        return -1;
    memset(table, 0, FBC_PAGE);
    memcpy(table, entry, nr * sizeof(*entry));
    xenforeignmemory_unmap(h->t->fmem, table, 1);

    return 0;
}

/* The first of its page tables maps the pages in which it runs. */
int fbc_helper_create_pv(struct fbc_helper *h, struct fbc_victim *t,
                         const char **what)
{
    enum { L2 = 3, L3, L4, L1, PAGES = L1 + L1S };
    const uint64_t flags = 1 | 1 << 1 | 1 << 2 | 1 << 5 | 1 << 6;
    struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE };
    uint64_t entry[L1S] = { 0 };
    xen_pfn_t frame[PAGES];
    int rc = create(h, t, 0, 0, what);
    size_t i;

    if ( rc )
        return rc;
    for ( i = 0; i < PAGES; i++ )
        frame[i] = i;
    if ( xc_domain_populate_physmap_exact(t->xc, h->domid, PAGES, 0, 0,
                                          frame) )
        return failed(what, "helper's memory");

    for ( i = 0; i < 3; i++ )
        entry[CODE + i] = frame[i] << 12 | flags;
    for ( i = 0; i < L1S; i++ )
    {
        h->l1[i] = frame[L1 + i];
        if ( put_table(h, frame[L1 + i], entry, i ? 0 : COPY + 1) )
            return failed(what, "helper's page tables");
    }
    for ( i = 0; i < L1S; i++ )
        entry[i] = frame[L1 + i] << 12 | flags;
    if ( put_table(h, frame[L2], entry, L1S) )
        return failed(what, "helper's page tables");
    for ( i = L3; i <= L4; i++ )
    {
        entry[0] = frame[i - 1] << 12 | flags;
        if ( put_table(h, frame[i], entry, 1) )
            return failed(what, "helper's page tables");
    }
    pin.arg1.mfn = frame[L4];
    if ( xc_mmuext_op(t->xc, &pin, 1, h->domid) < 0 )
        return failed(what, "helper's page tables");

    return load(h, frame, what) ?: start(h, (uint64_t)frame[L4] << 12, what);
}

void fbc_helper_destroy(struct fbc_helper *h)
{
    if ( h->mail )
        xenforeignmemory_unmap(h->t->fmem, (void *)h->mail, 2);
    if ( h->created )
        xc_domain_destroy(h->t->xc, h->domid);
    h->mail = NULL;
    h->created = h->running = false;
}

int fbc_helper_copy(struct fbc_helper *h, uint32_t at,
                    uint8_t page[static FBC_PAGE])
{
    const struct timespec step = { .tv_nsec = 1000000 };
    int i;

    if ( !h->running && xc_domain_unpause(h->t->xc, h->domid) )
        return errno ?: EINVAL;
    h->running = true;
    h->mail[0] = at * FBC_PAGE;
    for ( i = 0; i < SPIN && h->mail[0]; i++ )
        ;
    for ( i = 0; i < WAIT_MS && h->mail[0]; i++ )
        nanosleep(&step, NULL);
    if ( h->mail[0] )
        return ETIMEDOUT;
    memcpy(page, (const uint8_t *)h->mail + FBC_PAGE, FBC_PAGE);

    return 0;
}
