/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rawlaunch WHAT DOMID: changes one thing of a 64-bit PV guest that the domain
 * builder has made and that has not started.  Prints "done", or the error.
 *
 * text free cmdline cmdline-end start-end p2m-tail    a byte of memory
 * nx foreign pin m2p-swap m2p-twice take              tables, frames, pages
 * rip gpr trap callback debug fpu msr sysenter e820   vCPU 0, memory map
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xencall.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>

#define PAGE  4096
#define FRAME UINT64_C(0x000ffffffffff000)
#define NX    (UINT64_C(1) << 63)

static xc_interface *xc;
static xencall_handle *call;
static xenforeignmemory_handle *fmem;
static uint32_t domid;
static vcpu_guest_context_any_t ctxt;
static start_info_t *si;

static int fail(const char *what)
{
    printf("%s: %s\n", what, strerrorname_np(errno));
    exit(1);
}

static void *map(xen_pfn_t mfn, int prot)
{
    int err = 0;
    void *p = xenforeignmemory_map(fmem, domid, prot, 1, &mfn, &err);

    return p && !err ? p : NULL;
}

/* The last entry that maps va, and where it lies. */
static uint64_t walk(uint64_t va, uint64_t *at)
{
    uint64_t e = ctxt.x64.ctrlreg[3] & FRAME;
    int shift;

    for ( shift = 39; shift >= 12; shift -= 9 )
    {
        const uint64_t *t = map(e >> 12, PROT_READ);
        unsigned int i = va >> shift & 511;

        if ( !t )
            fail("page table");
        *at = (e & FRAME) + 8 * i;
        e = t[i];
        xenforeignmemory_unmap(fmem, (void *)t, 1);
        if ( !(e & 1) )
            break;
    }

    return e;
}

static void *map_va(uint64_t va)
{
    uint64_t at;
    void *p = map((walk(va, &at) & FRAME) >> 12, PROT_READ | PROT_WRITE);

    return p ? p : (fail("page"), NULL);
}

static xen_pfn_t mfn_of(uint64_t pfn)
{
    uint64_t *p2m = map_va(si->mfn_list + pfn / 512 * PAGE);
    xen_pfn_t mfn = p2m[pfn % 512];

    xenforeignmemory_unmap(fmem, p2m, 1);

    return mfn;
}

static void update(uint64_t ptr, uint64_t val, uint32_t owners)
{
    struct mmu_update *u = xencall_alloc_buffer(call, sizeof(*u));

    if ( !u )
        fail("buffer");
    u->ptr = ptr;
    u->val = val;
    if ( xencall4(call, __HYPERVISOR_mmu_update, (uintptr_t)u, 1, 0, owners) )
        fail("mmu_update");
}

static void set_m2p(xen_pfn_t mfn, uint64_t pfn)
{
    update(mfn << 12 | MMU_MACHPHYS_UPDATE, pfn, domid);
}

/* A page of memory, in which one byte becomes another. */
static int poke(const char *what)
{
    uint64_t last = si->nr_pages - 1;
    uint8_t *p;

    if ( !strcmp(what, "text") )
        p = (uint8_t *)map_va(ctxt.x64.user_regs.rip) + 0x7f0;
    else if ( !strcmp(what, "free") )
        p = map(mfn_of(last), PROT_READ | PROT_WRITE);
    else if ( !strcmp(what, "cmdline") )
        p = (uint8_t *)si->cmd_line;
    else if ( !strcmp(what, "cmdline-end") )
        p = (uint8_t *)si->cmd_line + strlen((char *)si->cmd_line) + 1;
    else if ( !strcmp(what, "start-end") )
        p = (uint8_t *)si + sizeof(*si) + 100;
    else if ( !strcmp(what, "p2m-tail") )
        p = (uint8_t *)map_va(si->mfn_list + last / 512 * PAGE) + PAGE - 1;
    else
        return 0;
    if ( !p )
        fail("page");
    *p ^= 1;

    return 1;
}

/* A page of a domain that is not the guest. */
static xen_pfn_t page_of_another(uint32_t *other)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };
    xen_pfn_t pfn = 0;

    if ( xc_domain_create(xc, other, &config) ||
         xc_domain_max_vcpus(xc, *other, 1) ||
         xc_domain_setmaxmem(xc, *other, 1024) ||
         xc_domain_populate_physmap_exact(xc, *other, 1, 0, 0, &pfn) )
        fail("another domain");

    return pfn;
}

static int tables(const char *what)
{
    uint64_t va = ctxt.x64.user_regs.rip, at, e = walk(va, &at);
    uint64_t last = si->nr_pages - 1;
    xen_pfn_t a = mfn_of(last), b = mfn_of(last - 1);

    if ( !strcmp(what, "nx") )
        update(at, e | NX, (domid + 1) << 16 | domid);
    else if ( !strcmp(what, "foreign") )
    {
        uint32_t other = 0;
        xen_pfn_t mfn = page_of_another(&other);

        update(at, (e & ~FRAME) | mfn << 12, (domid + 1) << 16 | other);
    }
    else if ( !strcmp(what, "pin") )
    {
        struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = a };

        if ( xc_mmuext_op(xc, &op, 1, domid) < 0 )
            fail("pin");
    }
    else if ( !strcmp(what, "m2p-swap") )
    {
        set_m2p(a, last - 1);
        set_m2p(b, last);
    }
    else if ( !strcmp(what, "m2p-twice") )
        set_m2p(a, last - 1);
    else if ( !strcmp(what, "take") )
    {
        if ( xc_domain_decrease_reservation_exact(xc, domid, 1, 0, &a) )
            fail("take");
    }
    else
        return 0;

    return 1;
}

static int domctl(struct xen_domctl *op)
{
    op->domain = (domid_t)domid;

    return xc_domctl(xc, op) ? fail("domctl") : 1;
}

static int extras(const char *what)
{
    struct xen_domctl op = { 0 };

    if ( !strcmp(what, "msr") )
    {
        struct xen_domctl_vcpu_msr *m = xencall_alloc_buffer(call,
                                                             sizeof(*m));

        m->index = 0xc0000103;          /* TSC_AUX */
        m->value = 1;
        op.cmd = XEN_DOMCTL_set_vcpu_msrs;
        op.u.vcpu_msrs.msr_count = 1;
        set_xen_guest_handle_raw(op.u.vcpu_msrs.msrs, m);
        return domctl(&op);
    }
    if ( !strcmp(what, "sysenter") )
    {
        op.cmd = XEN_DOMCTL_set_ext_vcpucontext;
        op.u.ext_vcpucontext.vcpu = 1;  /* which is not initialised */
        op.u.ext_vcpucontext.size = sizeof(op.u.ext_vcpucontext);
        op.u.ext_vcpucontext.syscall32_callback_eip = 0x1000;
        return domctl(&op);
    }
    if ( !strcmp(what, "e820") )
    {
        struct e820entry map[2] = { { 0, 1 << 20, 1 }, { 1 << 20, 4096, 2 } };

        if ( xc_domain_set_memory_map(xc, domid, map, 2) )
            fail("memory map");
        return 1;
    }

    return 0;
}

static int vcpu(const char *what)
{
    vcpu_guest_context_x86_64_t *c = &ctxt.x64;

    if ( !strcmp(what, "rip") )
        c->user_regs.rip++;           /* past "cld": it runs on */
    else if ( !strcmp(what, "gpr") )
        c->user_regs.r12 = 1;
    else if ( !strcmp(what, "trap") )
        c->trap_ctxt[0x80].address = 0x1000;
    else if ( !strcmp(what, "callback") )
        c->syscall_callback_eip = 0x1000;
    else if ( !strcmp(what, "debug") )
        c->debugreg[0] = 0x1000;
    else if ( !strcmp(what, "fpu") )
        c->flags |= VGCF_I387_VALID;
    else
        return 0;
    if ( xc_vcpu_setcontext(xc, domid, 0, &ctxt) )
        fail("vCPU");

    return 1;
}

int main(int argc, char **argv)
{
    xc = xc_interface_open(NULL, NULL, 0);
    call = xencall_open(NULL, 0);
    fmem = xenforeignmemory_open(NULL, 0);
    if ( argc != 3 || !xc || !call || !fmem )
        return 2;
    domid = (uint32_t)atoi(argv[2]);
    if ( xc_vcpu_getcontext(xc, domid, 0, &ctxt) )
        fail("vCPU");
    si = map_va(ctxt.x64.user_regs.rsi);
    if ( !poke(argv[1]) && !tables(argv[1]) && !extras(argv[1]) &&
         !vcpu(argv[1]) )
        return 2;
    puts("done");

    return 0;
}
