/* SPDX-License-Identifier: GPL-2.0-only */
/* A PVH guest: hvm_start_info, guest frames, page tables of its own. */

#include "arch.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/hvm_vcpu.h>

#define CPUID_FIRST 0x40000000U
#define CPUID_LAST 0x40010000U

#define APIC 0xfee00000UL
#define APIC_ICR 0x300
#define ICR_SELF 0x40000U
#define ICR_EXTINT 0x700U /* of which no interrupt can be sent */

#define CR0_PE 0x1U
#define CR0_PG 0x80000000U
#define CR4_PAE 0x20U
#define EFER_LME 0x100U

/* 4 GiB one to one, of 2 MiB pages; pvhboot.S fills them. */
uint64_t pvh_l4[512] __attribute__((aligned(4096)));
uint64_t pvh_l3[512] __attribute__((aligned(4096)));
uint64_t pvh_l2[4][512] __attribute__((aligned(4096)));

static const struct hvm_start_info *si;

static uint64_t pvh_va_to_frame(const void *va)
{
    return (uint64_t)va / PAGE_SIZE;
}

static void *pvh_frame_to_va(uint64_t frame)
{
    const struct hvm_memmap_table_entry *map = (const void *)si->memmap_paddr;

    if ( frame == start.store_frame || frame == start.console_frame )
        return (void *)(frame * PAGE_SIZE);

    for ( unsigned int i = 0; i < si->memmap_entries; i++ )
        if ( map[i].type == XEN_HVM_MEMMAP_TYPE_RAM &&
             frame >= map[i].addr / PAGE_SIZE &&
             frame < (map[i].addr + map[i].size) / PAGE_SIZE )
            return (void *)(frame * PAGE_SIZE);

    return NULL;
}

static long add_to_physmap(void *va, unsigned int space, uint64_t idx)
{
    struct xen_add_to_physmap op = {
        .domid = DOMID_SELF,
        .space = space,
        .idx = idx,
        .gpfn = pvh_va_to_frame(va),
    };

    return hyp_memory(XENMEM_add_to_physmap, &op);
}

static void pvh_map_shared_info(void *va)
{
    start.shared_frame = pvh_va_to_frame(va);
    add_to_physmap(va, XENMAPSPACE_shared_info, 0);
}

static bool pvh_map_grants(void *va)
{
    return !add_to_physmap(va, XENMAPSPACE_grant_table, 0);
}

static bool pvh_start_ap(struct shared_info *shared)
{
    static struct vcpu_hvm_context ctxt = { .mode = VCPU_HVM_MODE_64B };
    struct vcpu_hvm_x86_64 *regs = &ctxt.cpu_regs.x86_64;

    (void)shared;
    regs->rip = (uint64_t)ap_start;
    regs->rsp = (uint64_t)ap_stack_top;
    regs->rflags = 2;
    regs->cr0 = CR0_PG | CR0_PE;
    regs->cr3 = (uint64_t)pvh_l4;
    regs->cr4 = CR4_PAE;
    regs->efer = EFER_LME;

    return !hyp_vcpu(VCPUOP_initialise, 1, &ctxt) &&
           !hyp_vcpu(VCPUOP_up, 1, NULL);
}

static long reservation(unsigned int cmd, void *va)
{
    xen_pfn_t frame = pvh_va_to_frame(va);
    struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

    set_xen_guest_handle(r.extent_start, &frame);

    return hyp_memory(cmd, &r);
}

static long pvh_give(void *va)
{
    return reservation(XENMEM_decrease_reservation, va);
}

static bool pvh_take(void *va)
{
    return reservation(XENMEM_populate_physmap, va) == 1;
}

static long pvh_move(void *to, void *from)
{
    return add_to_physmap(to, XENMAPSPACE_gmfn, pvh_va_to_frame(from));
}

/* Xen itself crashes the domain; an exception would be a triple fault. */
static void pvh_crash(uint64_t magic)
{
    asm volatile ( "mov %0, %%rbx; mov %0, %%r12; push %0; push %0;"
                   "movl %1, (%2); ud2"
                   :: "r" (magic), "r" (ICR_SELF | ICR_EXTINT),
                      "r" (APIC + APIC_ICR) : "rbx", "r12", "memory" );
}

static void cpuid(uint32_t leaf, uint32_t regs[static 4])
{
    asm volatile ( "cpuid" : "=a" (regs[0]), "=b" (regs[1]), "=c" (regs[2]),
                   "=d" (regs[3]) : "a" (leaf), "c" (0) );
}

/* Xen writes the way to call it that this processor has. */
static void fill_hypercall_page(void)
{
    uint32_t regs[4], base;

    for ( base = CPUID_FIRST; base < CPUID_LAST; base += 0x100 )
    {
        cpuid(base, regs);
        if ( !memcmp(&regs[1], "XenVMMXenVMM", 12) )
            break;
    }

    cpuid(base + 2, regs);
    asm volatile ( "wrmsr" :: "c" (regs[1]), "a" (hypercall_page), "d" (0)
                   : "memory" );
}

static uint64_t hvm_param(unsigned int index)
{
    struct xen_hvm_param op = { .domid = DOMID_SELF, .index = index };

    return hypercall4(__HYPERVISOR_hvm_op, HVMOP_get_param, (uint64_t)&op,
                      0, 0) ? 0 : op.value;
}

static void pvh_init(const void *info)
{
    si = info;
    fill_hypercall_page();
    start = (struct start){
        .cmd_line = si->cmdline_paddr ? (const char *)si->cmdline_paddr : "",
        .info = si,
        .store_frame = hvm_param(HVM_PARAM_STORE_PFN),
        .store_port = hvm_param(HVM_PARAM_STORE_EVTCHN),
        .console_frame = hvm_param(HVM_PARAM_CONSOLE_PFN),
        .console_port = hvm_param(HVM_PARAM_CONSOLE_EVTCHN),
        .top_table = pvh_l4,
        .low_table = pvh_l2,
        .no_frame = APIC / PAGE_SIZE,
    };
}

const struct arch pvh_arch = {
    .init = pvh_init,
    .map_shared_info = pvh_map_shared_info,
    .map_grants = pvh_map_grants,
    .va_to_frame = pvh_va_to_frame,
    .frame_to_va = pvh_frame_to_va,
    .start_ap = pvh_start_ap,
    .give = pvh_give,
    .take = pvh_take,
    .crash = pvh_crash,
    .move = pvh_move,
};
