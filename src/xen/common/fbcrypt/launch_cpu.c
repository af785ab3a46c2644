/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU as the domain builder leaves it: what arch_set_info_guest() and the
 * domctls on extended state, MSRs and callbacks can set besides must be unset.
 */
#include "private.h"
#include "compat.h"

#include <asm/debugreg.h>
#include <asm/i387.h>
#include <asm/msr.h>
#include <asm/pv/domain.h>
#include <asm/xstate.h>

#include "core/launch.h"

/* Selectors that are null but for a level that Xen has put in. */
static bool null_selector(unsigned long sel)
{
    return sel <= 3;
}

static bool no_traps(const struct vcpu *v)
{
    unsigned int i;

    for ( i = 0; i < X86_NR_VECTORS; i++ )
    {
        const struct trap_info *t = &v->arch.pv.trap_ctxt[i];

        if ( t->address || t->flags || !null_selector(t->cs) )
            return false;
    }

    return true;
}

static bool compat_calls(const struct vcpu *v)
{
    const struct pv_vcpu *pv = &v->arch.pv;

    return pv->sysenter_callback_eip || pv->syscall32_callback_eip ||
           !null_selector(pv->sysenter_callback_cs) ||
           !null_selector(pv->syscall32_callback_cs) ||
           pv->sysenter_disables_events || pv->syscall32_disables_events;
}

#if FBC_XEN(4, 20)
/* As vcpu_reset_fpu() leaves it, all that will be loaded. */
static bool reset_fpu(const struct xsave_struct *area)
{
    fpusse_t fpu = area->fpu_sse;

    if ( area->xsave_hdr.xstate_bv != X86_XCR0_X87 ||
         area->xsave_hdr.xcomp_bv || fpu.mxcsr != MXCSR_DEFAULT ||
         fpu.fcw != FCW_RESET || fpu.ftw != FXSAVE_FTW_RESET )
        return false;

    fpu.mxcsr = fpu.fcw = fpu.ftw = 0;
    return fbc_is_zero(&fpu, sizeof(fpu));
}
#else
static bool reset_fpu(const struct xsave_struct *area)
{
    return !area || (!area->xsave_hdr.xstate_bv && !area->xsave_hdr.xcomp_bv &&
                     area->fpu_sse.mxcsr == MXCSR_DEFAULT);
}
#endif

/* A PVH guest's first vCPU, once its builder has loaded it. */
bool fbc_launch_hvm_fpu(const struct vcpu *v)
{
    const struct xsave_struct *area = v->arch.xsave_area;
#if FBC_XEN(4, 20)
    return reset_fpu(area) && !v->arch.xcr0 && !v->arch.xcr0_accum;
#else
    typeof(((struct xsave_struct *)NULL)->fpu_sse) fpu;

    memcpy(&fpu, v->arch.fpu_ctxt, sizeof(fpu));
    if ( fbc_fpu_initialised(v) || v->arch.xcr0 || v->arch.xcr0_accum ||
         (area && (area->xsave_hdr.xstate_bv != X86_XCR0_FP ||
                   area->xsave_hdr.xcomp_bv)) ||
         fpu.fcw != FCW_RESET || fpu.mxcsr != MXCSR_DEFAULT )
        return false;

    fpu.fcw = fpu.mxcsr = 0;
    return fbc_is_zero(&fpu, sizeof(fpu));
#endif
}

static bool default_fpu(const struct vcpu *v)
{
    return !fbc_fpu_initialised(v) && !v->arch.xcr0 && !v->arch.xcr0_accum &&
           reset_fpu(v->arch.xsave_area);
}

/*
 * The guest will set all of such a vCPU but for its MSRs, extended state and
 * 32-bit calls; nor is anything left where a builder set it up and reset it.
 */
bool fbc_launch_set_up(const struct vcpu *v)
{
    return v->is_initialised || compat_calls(v) || !no_traps(v) ||
           v->arch.xcr0 || v->arch.xcr0_accum ||
           !fbc_is_zero(v->arch.msrs, sizeof(*v->arch.msrs));
}

unsigned int fbc_launch_odd_cpu(const struct vcpu *v)
{
    const struct pv_vcpu *pv = &v->arch.pv;
    const struct vcpu_msrs *msrs = v->arch.msrs;
    struct cpu_user_regs regs = v->arch.user_regs;

    if ( (regs.rflags & ~(X86_EFLAGS_IF | X86_EFLAGS_MBS)) ||
         !(regs.rflags & X86_EFLAGS_IF) || pv->iopl || fbc_port_bitmap(v) ||
         pv->vgc_flags != (VGCF_in_kernel | VGCF_online) ||
         !(v->arch.flags & TF_kernel_mode) )
        return FBC_LAUNCH_CPU_FLAGS;

    if ( regs.cs != FLAT_KERNEL_CS || regs.ss != FLAT_KERNEL_SS ||
         fbc_pv_selectors(v) ||
         pv->fs_base || pv->gs_base_kernel || pv->gs_base_user ||
         pv->kernel_sp != regs.rsp || pv->kernel_ss != FLAT_KERNEL_SS )
        return FBC_LAUNCH_CPU_SEGMENTS;

    regs.rip = regs.rsp = regs.rsi = regs.rflags = 0;
    regs.cs = regs.ss = 0;
    if ( !fbc_is_zero(&regs, sizeof(regs)) )
        return FBC_LAUNCH_CPU_GPRS;

    if ( pv->gdt_ents || pv->ldt_ents )
        return FBC_LAUNCH_CPU_DESCRIPTORS;
    if ( !pagetable_is_null(v->arch.guest_table_user) )
        return FBC_LAUNCH_CPU_USER;
    if ( !no_traps(v) )
        return FBC_LAUNCH_CPU_TRAPS;
    if ( pv->event_callback_eip || pv->failsafe_callback_eip ||
         pv->syscall_callback_eip || compat_calls(v) )
        return FBC_LAUNCH_CPU_CALLBACKS;
    if ( (pv->ctrlreg[0] & X86_CR0_TS) || pv->ctrlreg[1] || pv->ctrlreg[2] ||
         pv->ctrlreg[4] != pv_fixup_guest_cr4(v, 0) ||
         !fbc_is_zero(&pv->ctrlreg[5], 3 * sizeof(pv->ctrlreg[5])) )
        return FBC_LAUNCH_CPU_CONTROL;
    if ( !fbc_is_zero(v->arch.dr, sizeof(v->arch.dr)) || pv->dr7_emul ||
         v->arch.dr6 != X86_DR6_DEFAULT || v->arch.dr7 != X86_DR7_DEFAULT )
        return FBC_LAUNCH_CPU_DEBUG;
    if ( !default_fpu(v) )
        return FBC_LAUNCH_CPU_FPU;
    if ( !fbc_is_zero(msrs, sizeof(*msrs)) )
        return FBC_LAUNCH_CPU_MSRS;

    return 0;
}
