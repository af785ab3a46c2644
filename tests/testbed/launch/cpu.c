/* SPDX-License-Identifier: GPL-2.0-only */
/* Processors that start otherwise than the builder lets them start. */
#include "lab.h"

#define MSR_SPEC_CTRL     0x00000048
#define MSR_MISC_FEATURES 0x00000140
#define MSR_TSC_AUX       0xc0000103
#define MSR_DR0_MASK      0xc0011027

static int context(struct lab *lab, const char *name)
{
    vcpu_guest_context_x86_64_t *c = &lab->ctxt;

    if ( !strcmp(name, "rip") )
        c->user_regs.rip++;             /* past "cld": it runs on */
    else if ( !strcmp(name, "rsp") )
        c->user_regs.rsp -= 8, c->kernel_sp -= 8;
    else if ( !strcmp(name, "gpr") )
        c->user_regs.r12 = 1;
    else if ( !strcmp(name, "iopl") )
        c->user_regs.rflags |= 0x3000;
    else if ( !strcmp(name, "single-step") )
        c->user_regs.rflags |= 0x100;
    else if ( !strcmp(name, "kernel-stack") )
        c->kernel_sp -= 8;
    else if ( !strcmp(name, "fs-base") )
        c->fs_base = 0x1000;
    else if ( !strcmp(name, "selector") )
        c->user_regs.ds = FLAT_KERNEL_SS;
    else if ( !strcmp(name, "trap") )
        c->trap_ctxt[0x80].address = 0x1000;
    else if ( !strcmp(name, "event") )
        c->event_callback_eip = 0x1000;
    else if ( !strcmp(name, "failsafe") )
        c->failsafe_callback_eip = 0x1000;
    else if ( !strcmp(name, "syscall") )
        c->syscall_callback_eip = 0x1000;
    else if ( !strcmp(name, "masked-failsafe") )
        c->flags |= VGCF_failsafe_disables_events;
    else if ( !strcmp(name, "fpu") )
        c->flags |= VGCF_I387_VALID;
    else if ( !strcmp(name, "task-switched") )
        c->ctrlreg[0] |= 8;
    else if ( !strcmp(name, "dr7") )
        c->debugreg[0] = 0x1000, c->debugreg[7] = 0x402;
    else if ( !strcmp(name, "vm-assist") )
        c->vm_assist |= 1u << VMASST_TYPE_writable_pagetables;
    else if ( !strcmp(name, "user-root") )
        c->ctrlreg[1] = c->ctrlreg[3];
    else if ( !strcmp(name, "ldt") )
        c->ldt_base = xc_dom_virt_entry(lab->dom) & ~UINT64_C(0xfff),
        c->ldt_ents = 1;
    else if ( !strcmp(name, "gdt") )
        c->gdt_frames[0] = lab_mfn(lab, lab_last(lab)), c->gdt_ents = 512;

    return 0;
}

/* A second start_info on the boot stack; a second root in free memory. */
static int second(struct lab *lab, const char *name)
{
    vcpu_guest_context_x86_64_t *c = &lab->ctxt;
    uint64_t shift = !strcmp(name, "start-crossing") ? 2048 : 0;
    xen_pfn_t from = lab->dom->start_info_pfn, to = lab->dom->bootstack_pfn;
    uint8_t *a, *b;

    if ( !strcmp(name, "root") )
        from = lab->dom->pgtables_seg.pfn, to = lab_last(lab);
    a = lab_map(lab, from);
    b = lab_map(lab, to);
    if ( !a || !b )
        return lab_refused(lab, "page");
    if ( from == lab->dom->start_info_pfn )
    {
        memcpy(b + shift, a, PAGE - shift);
        c->user_regs.rsi = xc_dom_virt_base(lab->dom) + to * PAGE + shift;
    }
    else
    {
        memcpy(b, a, PAGE / 2);
        c->ctrlreg[3] = lab_mfn(lab, to) << 12;
    }
    lab_release(lab);

    return 0;
}

static int callbacks(struct lab *lab, const char *name)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_set_ext_vcpucontext };

    op.u.ext_vcpucontext.vcpu = !!strchr(name, '1');
    op.u.ext_vcpucontext.size = offsetof(struct xen_domctl_ext_vcpucontext,
                                         vmce);
    if ( !strncmp(name, "sysenter", 8) )
        op.u.ext_vcpucontext.sysenter_callback_eip = 0x1000;
    else
        op.u.ext_vcpucontext.syscall32_callback_eip = 0x1000;

    return lab_domctl(lab, &op, "callbacks");
}

/* Of those that dom0 may set, the first that this machine has. */
int lab_set_msr(xc_interface *xc, xencall_handle *call, uint32_t domid,
                uint32_t v)
{
    static const uint32_t msrs[] = {
        MSR_TSC_AUX, MSR_DR0_MASK, MSR_SPEC_CTRL, MSR_MISC_FEATURES,
    };
    struct xen_domctl_vcpu_msr *m = xencall_alloc_buffer(call, sizeof(*m));
    int rc = -1;
    size_t i;

    for ( i = 0; m && rc && i < sizeof(msrs) / sizeof(msrs[0]); i++ )
    {
        struct xen_domctl op = { .cmd = XEN_DOMCTL_set_vcpu_msrs,
                                 .domain = (domid_t)domid };

        memset(m, 0, sizeof(*m));
        m->index = msrs[i];
        m->value = 1;
        op.u.vcpu_msrs.vcpu = v;
        op.u.vcpu_msrs.msr_count = 1;
        set_xen_guest_handle_raw(op.u.vcpu_msrs.msrs, m);
        rc = xc_domctl(xc, &op);
    }
    xencall_free_buffer(call, m);

    return rc;
}

#define XSAVE_HEADER 512        /* behind the area of FXSAVE */
#define FPU_AND_SSE  3

/* Two words, xcr0 and what was ever in it; then an area as of XSAVE. */
int lab_set_xstate(xc_interface *xc, xencall_handle *call, uint32_t domid,
                   uint32_t v)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpuextstate,
                             .domain = (domid_t)domid };
    uint64_t *room = xencall_alloc_buffer(call, PAGE), *area = room + 2;
    int rc;

    memset(room, 0, PAGE);
    room[0] = room[1] = FPU_AND_SSE;
    area[0] = 0x37f;            /* FCW */
    area[3] = 0x1f80;           /* MXCSR */
    area[20] = 0x41;            /* XMM0 */
    area[XSAVE_HEADER / 8] = FPU_AND_SSE;
    op.u.vcpuextstate.vcpu = v;
    op.u.vcpuextstate.size = 2 * 8 + XSAVE_HEADER + 64;
    set_xen_guest_handle_raw(op.u.vcpuextstate.buffer, room);
    rc = xc_domctl(xc, &op);
    xencall_free_buffer(call, room);

    return rc;
}

static int state(struct lab *lab, const char *name)
{
    int (*set)(xc_interface *, xencall_handle *, uint32_t, uint32_t) =
        !strncmp(name, "msr", 3) ? lab_set_msr : lab_set_xstate;

    return set(lab->xc, lab->call, lab->domid, !!strchr(name, '1'))
           ? lab_refused(lab, "state") : 0;
}

static int other_cpu(struct lab *lab, const char *name)
{
    vcpu_guest_context_any_t any = { .x64 = lab->ctxt };
    uint32_t v = !strcmp(name, "reset-cpu0") ? 0 : 1;

    any.x64.trap_ctxt[0x80].address = 0x1000;
    if ( v && xc_vcpu_setcontext(lab->xc, lab->domid, v, &any) )
        return lab_refused(lab, "vCPU 1");
    if ( strcmp(name, "cpu1") &&
         xc_vcpu_setcontext(lab->xc, lab->domid, v, NULL) )
        return lab_refused(lab, "reset");

    return 0;
}

const struct attack cpu_attacks[] = {
    { "rip", CONTEXT, context, NULL },
    { "rsp", CONTEXT, context, NULL },
    { "gpr", CONTEXT, context, NULL },
    { "iopl", CONTEXT, context, NULL },
    { "single-step", CONTEXT, context, NULL },
    { "kernel-stack", CONTEXT, context, NULL },
    { "fs-base", CONTEXT, context, NULL },
    { "selector", CONTEXT, context, NULL },
    { "trap", CONTEXT, context, NULL },
    { "event", CONTEXT, context, NULL },
    { "failsafe", CONTEXT, context, NULL },
    { "syscall", CONTEXT, context, NULL },
    { "masked-failsafe", CONTEXT, context, NULL },
    { "fpu", CONTEXT, context, NULL },
    { "task-switched", CONTEXT, context, NULL },
    { "dr7", CONTEXT, context, NULL },
    { "vm-assist", CONTEXT, context, NULL },
    { "user-root", CONTEXT, context, NULL },
    { "ldt", CONTEXT, context, NULL },
    { "gdt", CONTEXT, context, NULL },
    { "start-second", CONTEXT, second, NULL },
    { "start-crossing", CONTEXT, second, NULL },
    { "root", CONTEXT, second, NULL },
    { "sysenter-cpu0", BUILT, callbacks, NULL },
    { "sysenter-cpu1", BUILT, callbacks, NULL },
    { "syscall32-cpu1", BUILT, callbacks, NULL },
    { "msr-cpu0", BUILT, state, NULL },
    { "msr-cpu1", BUILT, state, NULL },
    { "xstate-cpu0", BUILT, state, NULL },
    { "xstate-cpu1", BUILT, state, NULL },
    { "cpu1", BUILT, other_cpu, NULL },
    { "cpu1-reset", BUILT, other_cpu, NULL },
    { "reset-cpu0", BUILT, other_cpu, NULL },
    { .name = NULL }
};
