/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between the versions of Xen that this is built in, 4.17 on.
 * Where a hook's surroundings differ, patches/VERSION has a variant instead.
 */
#ifndef __FBCRYPT_COMPAT_H__
#define __FBCRYPT_COMPAT_H__

#include <xen/compile.h>
#include <xen/sched.h>
#include <xen/spinlock.h>

#include <asm/hvm/hvm.h>
#include <asm/i387.h>

#define FBC_XEN(major, minor)                                           \
    (XEN_VERSION > (major) ||                                           \
     (XEN_VERSION == (major) && XEN_SUBVERSION >= (minor)))

/* trampoline_start, trampoline_end, trampoline_phys */
#if FBC_XEN(4, 20)
#include <asm/trampoline.h>
#endif

/* struct vcpu_msrs */
#if FBC_XEN(4, 22)
#include <asm/guest-msr.h>
#define X86_NR_VECTORS X86_IDT_VECTORS
#endif

static inline void fbc_page_alloc_lock(struct domain *d)
{
#if FBC_XEN(4, 19)
    rspin_lock(&d->page_alloc_lock);
#else
    spin_lock(&d->page_alloc_lock);
#endif
}

static inline void fbc_page_alloc_unlock(struct domain *d)
{
#if FBC_XEN(4, 19)
    rspin_unlock(&d->page_alloc_lock);
#else
    spin_unlock(&d->page_alloc_lock);
#endif
}

/*
 * Vector registers in the current vCPU's stead, which is not idle.  Before
 * 4.22 Xen may have yet to load a vCPU's, which CR0.TS says; since then the
 * flag is the guest's only, and an idle vCPU must leave it clear.
 */
static inline void fbc_fpu_borrow(void)
{
#if FBC_XEN(4, 22)
    vcpu_save_fpu(current);
#else
    save_fpu_enable();
#endif
}

static inline void fbc_fpu_return(void)
{
#if FBC_XEN(4, 22)
    vcpu_restore_fpu(current);
#else
    vcpu_restore_fpu_nonlazy(current, true);
    /*
     * If they are to be loaded when used: a PV vCPU's TS is that of CR0, while
     * an HVM one runs with the CR0 of its VMCB or VMCS.
     */
    if ( is_hvm_vcpu(current) && !current->fpu_dirtied )
        alternative_vcall(hvm_funcs.fpu_leave, current);
#endif
}

#define FBC_IDLE_TS (!FBC_XEN(4, 22))

/* Ports in a PV vCPU's bitmap of them; renamed in 4.20. */
static inline unsigned int fbc_port_bitmap(const struct vcpu *v)
{
#if FBC_XEN(4, 20)
    return v->arch.pv.iobmp_nr;
#else
    return v->arch.pv.iobmp_limit;
#endif
}

/* Has the builder given a vCPU an FPU state?  As of 4.22 the state says so. */
static inline bool fbc_fpu_initialised(const struct vcpu *v)
{
#if FBC_XEN(4, 22)
    return false;
#else
    return v->fpu_initialised;
#endif
}

/* ds, es, fs, gs as of 4.22; before, user_regs has them. */
static inline bool fbc_pv_selectors(const struct vcpu *v)
{
#if FBC_XEN(4, 22)
    return v->arch.pv.ds || v->arch.pv.es || v->arch.pv.fs || v->arch.pv.gs;
#else
    return false;
#endif
}

#endif /* __FBCRYPT_COMPAT_H__ */
