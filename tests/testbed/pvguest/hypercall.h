/* SPDX-License-Identifier: GPL-2.0-only */
/* Hypercalls of a 64-bit guest; some are for PV guests only. */
#ifndef PVGUEST_HYPERCALL_H
#define PVGUEST_HYPERCALL_H

#include <stdint.h>
#include <stddef.h>
#include <stdbool.h>
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

extern char hypercall_page[];

static inline long hypercall4(unsigned int nr, uint64_t a1, uint64_t a2,
                              uint64_t a3, uint64_t a4)
{
    register uint64_t r10 asm ("r10") = a4;
    long ret;

    asm volatile ( "call *%[entry]"
                   : "=a" (ret), "+D" (a1), "+S" (a2), "+d" (a3), "+r" (r10)
                   : [entry] "r" (hypercall_page + nr * 32)
                   : "memory", "rcx", "r8", "r9", "r11" );

    return ret;
}

static inline long hyp_evtchn(unsigned int cmd, void *arg)
{
    return hypercall4(__HYPERVISOR_event_channel_op, cmd, (uint64_t)arg, 0, 0);
}

static inline long hyp_sched(unsigned int cmd, void *arg)
{
    return hypercall4(__HYPERVISOR_sched_op, cmd, (uint64_t)arg, 0, 0);
}

static inline long hyp_memory(unsigned int cmd, void *arg)
{
    return hypercall4(__HYPERVISOR_memory_op, cmd, (uint64_t)arg, 0, 0);
}

static inline long hyp_grant(unsigned int cmd, void *arg, unsigned int n)
{
    return hypercall4(__HYPERVISOR_grant_table_op, cmd, (uint64_t)arg, n, 0);
}

static inline long hyp_vcpu(unsigned int cmd, unsigned int vcpu, void *arg)
{
    return hypercall4(__HYPERVISOR_vcpu_op, cmd, vcpu, (uint64_t)arg, 0);
}

static inline long hyp_mmuext(struct mmuext_op *op)
{
    return hypercall4(__HYPERVISOR_mmuext_op, (uint64_t)op, 1, 0, DOMID_SELF);
}

static inline long hyp_update_va(void *va, uint64_t pte)
{
    return hypercall4(__HYPERVISOR_update_va_mapping, (uint64_t)va, pte,
                      UVMF_INVLPG | UVMF_ALL, 0);
}

#endif
