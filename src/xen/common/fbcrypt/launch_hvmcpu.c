/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PVH guest's vCPU as the domain builder leaves it (vcpu_hvm() of Xen's
 * xg_dom_x86.c): the first one in flat 32-bit mode, all of them with memory
 * that is write-back by default, and all else as after a reset.
 */
#include "private.h"
#include "compat.h"

#include <asm/apicdef.h>
#include <asm/debugreg.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/vlapic.h>
#include <asm/msr.h>
#include <asm/mtrr.h>

#include <public/hvm/save.h>

#include "core/launch.h"

#define RESET_PAT       0x0007040600070406ULL
#define RESET_LVR       0x00050014              /* VLAPIC_VERSION */
#define RESET_DIVISOR   2
#define LVTS            6
#define WRITE_BACK      6

static bool odd_segments(struct vcpu *v)
{
    static const struct {
        enum x86_segment seg;
        uint16_t attr;
        uint32_t limit;
    } want[] = {
        { x86_seg_cs, 0xc9b, ~0u }, { x86_seg_ds, 0xc93, ~0u },
        { x86_seg_es, 0xc93, ~0u }, { x86_seg_ss, 0xc93, ~0u },
        { x86_seg_tr, 0x8b, 0x67 }, { x86_seg_fs, 0, 0 },
        { x86_seg_gs, 0, 0 }, { x86_seg_ldtr, 0, 0 },
    };
    struct segment_register gdtr = {}, idtr = {};
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(want); i++ )
    {
        struct segment_register s = {};

        hvm_get_segment_register(v, want[i].seg, &s);
        if ( s.sel || s.base || s.limit != want[i].limit ||
             s.attr != want[i].attr )
            return true;
    }
    hvm_get_segment_register(v, x86_seg_gdtr, &gdtr);
    hvm_get_segment_register(v, x86_seg_idtr, &idtr);

    return gdtr.base || gdtr.limit || idtr.base || idtr.limit;
}

static bool odd_gprs(const struct cpu_user_regs *r)
{
    return r->rax || r->rcx || r->rdx || r->rsp || r->rbp || r->rsi ||
           r->rdi || r->r8 || r->r9 || r->r10 || r->r11 || r->r12 || r->r13 ||
           r->r14 || r->r15;
}

/* Xen's list of what it saves with a guest (hvm.c, msrs_to_send). */
static bool odd_msrs(struct vcpu *v)
{
    static const uint32_t list[] = {
        MSR_SPEC_CTRL, MSR_INTEL_MISC_FEATURES_ENABLES,
#if FBC_XEN(4, 18)
        MSR_PKRS,
#endif
        MSR_IA32_BNDCFGS, MSR_IA32_XSS, MSR_VIRT_SPEC_CTRL,
        MSR_AMD64_DR0_ADDRESS_MASK, MSR_AMD64_DR1_ADDRESS_MASK,
        MSR_AMD64_DR2_ADDRESS_MASK, MSR_AMD64_DR3_ADDRESS_MASK,
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(list); i++ )
    {
        uint64_t value = 0;

        if ( guest_rdmsr(v, list[i], &value) == X86EMUL_OKAY && value )
            return true;
    }

    return v->arch.hvm.msr_tsc_adjust ||
           !fbc_is_zero(v->arch.msrs, sizeof(*v->arch.msrs));
}

static bool odd_cache(struct vcpu *v)
{
    const struct mtrr_state *m = &v->arch.hvm.mtrr;
    uint64_t pat;
    unsigned int i;

    hvm_get_guest_pat(v, &pat);
    if ( pat != RESET_PAT || m->def_type != WRITE_BACK || !m->enabled ||
         m->fixed_enabled ||
         !fbc_is_zero(m->fixed_ranges, sizeof(m->fixed_ranges)) )
        return true;
    for ( i = 0; i < MASK_EXTR(m->mtrr_cap, MTRRcap_VCNT); i++ )
        if ( m->var_ranges[i].base || m->var_ranges[i].mask )
            return true;

    return false;
}

static bool odd_apic(struct vcpu *v)
{
    const struct vlapic *apic = vcpu_vlapic(v);
    unsigned int at;

    if ( apic->hw.apic_base_msr != (APIC_BASE_ENABLE | APIC_DEFAULT_PHYS_BASE |
                                    (v->vcpu_id ? 0 : APIC_BASE_BSP)) ||
         apic->hw.disabled != VLAPIC_SW_DISABLED ||
         apic->hw.timer_divisor != RESET_DIVISOR || apic->hw.tdt_msr )
        return true;

    /* Interrupts that are on their way to a register. */
    if ( hvm_funcs.sync_pir_to_irr )
        alternative_vcall(hvm_funcs.sync_pir_to_irr, v);

    for ( at = 0; at < sizeof(*apic->regs); at += sizeof(uint32_t) )
    {
        uint32_t want = 0;

        switch ( at )
        {
        case APIC_ID:   want = (v->vcpu_id * 2) << 24; break;
        case APIC_LVR:  want = RESET_LVR; break;
        case APIC_DFR:  want = ~0u; break;
        case APIC_SPIV: want = 0xff; break;
        case APIC_LVTT ... APIC_LVTT + 0x10 * LVTS - 1:
            want = at % 0x10 ? 0 : APIC_LVT_MASKED;
            break;
        }
        if ( vlapic_get_reg(apic, at) != want )
            return true;
    }

    return false;
}

unsigned int fbc_launch_odd_hvm_other(struct vcpu *v)
{
    struct hvm_hw_cpu c = {};

    /* One that was loaded stays when a vCPU is put down. */
    alternative_vcall(hvm_funcs.save_cpu_ctxt, v, &c);
    if ( c.pending_event )
        return FBC_LAUNCH_CPU_EVENT;
    if ( v->arch.hvm.inject_event.vector != HVM_EVENT_VECTOR_UNSET )
        return FBC_LAUNCH_CPU_EVENT;
    if ( v->arch.xcr0 || v->arch.xcr0_accum )
        return FBC_LAUNCH_CPU_FPU;
    if ( odd_msrs(v) )
        return FBC_LAUNCH_CPU_MSRS;
    if ( odd_cache(v) )
        return FBC_LAUNCH_CPU_CACHE;
    if ( odd_apic(v) )
        return FBC_LAUNCH_CPU_APIC;

    return 0;
}

unsigned int fbc_launch_odd_hvm_cpu(struct vcpu *v)
{
    const struct cpu_user_regs *regs = &v->arch.user_regs;
    const unsigned long *cr = v->arch.hvm.guest_cr;
    struct hvm_hw_cpu c = {};

    if ( odd_gprs(regs) )
        return FBC_LAUNCH_CPU_GPRS;
    if ( regs->rflags != X86_EFLAGS_MBS )
        return FBC_LAUNCH_CPU_FLAGS;
    if ( odd_segments(v) )
        return FBC_LAUNCH_CPU_SEGMENTS;
    if ( cr[0] != (X86_CR0_PE | X86_CR0_ET) || cr[2] || cr[3] || cr[4] ||
         v->arch.hvm.guest_efer )
        return FBC_LAUNCH_CPU_CONTROL;
    if ( !fbc_is_zero(v->arch.dr, sizeof(v->arch.dr)) ||
         v->arch.dr6 != X86_DR6_DEFAULT || v->arch.dr7 != X86_DR7_DEFAULT )
        return FBC_LAUNCH_CPU_DEBUG;
    if ( !fbc_launch_hvm_fpu(v) )
        return FBC_LAUNCH_CPU_FPU;

    alternative_vcall(hvm_funcs.save_cpu_ctxt, v, &c);
    if ( c.sysenter_cs || c.sysenter_esp || c.sysenter_eip || c.shadow_gs ||
         c.msr_lstar || c.msr_star || c.msr_cstar || c.msr_syscall_mask )
        return FBC_LAUNCH_CPU_MSRS;

    return fbc_launch_odd_hvm_other(v);
}
