/* SPDX-License-Identifier: GPL-2.0-only */
/* A PV guest: start_info, machine frames, page tables that Xen checks. */

#include "arch.h"

#define PTE_RW 0x7UL /* present, writable, user */
#define PTE_RO 0x5UL

static const struct start_info *si;

static uint64_t pv_va_to_frame(const void *va)
{
    return ((const uint64_t *)si->mfn_list)[(uint64_t)va / PAGE_SIZE];
}

static void *pv_frame_to_va(uint64_t frame)
{
    const uint64_t *p2m = (const uint64_t *)si->mfn_list;

    for ( unsigned long pfn = 0; pfn < si->nr_pages; pfn++ )
        if ( p2m[pfn] == frame )
            return (void *)(pfn * PAGE_SIZE);

    return NULL;
}

static void map_frame(void *va, uint64_t mfn, unsigned long prot)
{
    hyp_update_va(va, prot ? (mfn * PAGE_SIZE) | prot : 0);
}

static void pv_map_shared_info(void *va)
{
    map_frame(va, start.shared_frame, PTE_RW);
}

static bool pv_map_grants(void *va)
{
    xen_pfn_t frame;
    struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 1 };

    set_xen_guest_handle(op.frame_list, &frame);
    if ( hyp_grant(GNTTABOP_setup_table, &op, 1) || op.status )
        return false;
    map_frame(va, frame, PTE_RW);

    return true;
}

static bool pv_start_ap(struct shared_info *shared)
{
    static struct vcpu_guest_context ctxt;

    ctxt.flags = VGCF_in_kernel;
    ctxt.user_regs.rip = (uint64_t)ap_start;
    ctxt.user_regs.rsp = (uint64_t)ap_stack_top;
    ctxt.user_regs.cs = FLAT_KERNEL_CS;
    ctxt.user_regs.ss = FLAT_KERNEL_SS;
    ctxt.kernel_ss = FLAT_KERNEL_SS;
    ctxt.kernel_sp = (uint64_t)ap_stack_top;
    ctxt.ctrlreg[3] = pv_va_to_frame(start.top_table) * PAGE_SIZE;
    shared->vcpu_info[1].evtchn_upcall_mask = 1;

    return !hyp_vcpu(VCPUOP_initialise, 1, &ctxt) &&
           !hyp_vcpu(VCPUOP_up, 1, NULL);
}

static long pv_give(void *va)
{
    xen_pfn_t mfn = pv_va_to_frame(va);
    struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

    set_xen_guest_handle(r.extent_start, &mfn);
    map_frame(va, 0, 0);

    return hyp_memory(XENMEM_decrease_reservation, &r);
}

static bool pv_take(void *va)
{
    xen_pfn_t frame = (uint64_t)va / PAGE_SIZE;
    struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

    set_xen_guest_handle(r.extent_start, &frame);
    if ( hyp_memory(XENMEM_populate_physmap, &r) != 1 )
        return false;
    ((uint64_t *)si->mfn_list)[(uint64_t)va / PAGE_SIZE] = frame;
    map_frame(va, frame, PTE_RW);

    return true;
}

/* An exception without a handler. */
static void pv_crash(uint64_t magic)
{
    asm volatile ( "mov %0, %%rbx; mov %0, %%r12; push %0; push %0; ud2"
                   :: "r" (magic) : "rbx", "r12", "memory" );
}

static long pv_pin(void *va)
{
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE,
                            .arg1.mfn = pv_va_to_frame(va) };
    long rc;

    map_frame(va, pv_va_to_frame(va), PTE_RO);
    rc = hyp_mmuext(&op);
    if ( rc )
        map_frame(va, pv_va_to_frame(va), PTE_RW);

    return rc;
}

static void pv_unpin(void *va)
{
    struct mmuext_op op = { .cmd = MMUEXT_UNPIN_TABLE,
                            .arg1.mfn = pv_va_to_frame(va) };

    hyp_mmuext(&op);
    map_frame(va, pv_va_to_frame(va), PTE_RW);
}

static void pv_init(const void *info)
{
    const char *tables;

    si = info;
    tables = (const char *)si->pt_base;
    start = (struct start){
        .cmd_line = (const char *)si->cmd_line,
        .info = si,
        .store_frame = si->store_mfn,
        .store_port = si->store_evtchn,
        .console_frame = si->console.domU.mfn,
        .console_port = si->console.domU.evtchn,
        .shared_frame = si->shared_info / PAGE_SIZE,
        /* The builder puts the top level first and the lowest last. */
        .top_table = tables,
        .low_table = tables + (si->nr_pt_frames - 1) * PAGE_SIZE,
        .no_frame = 0x200, /* 2 MiB: where Xen is loaded */
    };
}

const struct arch pv_arch = {
    .init = pv_init,
    .map_shared_info = pv_map_shared_info,
    .map_grants = pv_map_grants,
    .va_to_frame = pv_va_to_frame,
    .frame_to_va = pv_frame_to_va,
    .start_ap = pv_start_ap,
    .give = pv_give,
    .take = pv_take,
    .crash = pv_crash,
    .pin = pv_pin,
    .unpin = pv_unpin,
};
