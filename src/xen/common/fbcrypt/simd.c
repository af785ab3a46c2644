/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector registers for the current vCPU, as EFI runtime calls take them, or for
 * a tasklet on an idle vCPU, which has none of its own.
 */
#include "private.h"
#include "compat.h"

void fbc_simd_begin(void)
{
    if ( is_idle_vcpu(current) )
    {
        /* The registers may still be those of the vCPU that ran before. */
        sync_local_execstate();
        clts();
    }
    else
        fbc_fpu_borrow();
}

void fbc_simd_end(void)
{
    /* Round keys must not stay behind when the restore is lazy. */
    asm volatile ( "pxor %%xmm0, %%xmm0; pxor %%xmm1, %%xmm1;"
                   "pxor %%xmm2, %%xmm2; pxor %%xmm3, %%xmm3;"
                   "pxor %%xmm4, %%xmm4; pxor %%xmm5, %%xmm5;"
                   "pxor %%xmm6, %%xmm6; pxor %%xmm7, %%xmm7;"
                   "pxor %%xmm8, %%xmm8; pxor %%xmm9, %%xmm9;"
                   "pxor %%xmm10, %%xmm10; pxor %%xmm11, %%xmm11;"
                   "pxor %%xmm12, %%xmm12; pxor %%xmm13, %%xmm13;"
                   "pxor %%xmm14, %%xmm14; pxor %%xmm15, %%xmm15"
                   ::: "memory" );
    if ( !is_idle_vcpu(current) )
        fbc_fpu_return();
    else if ( FBC_IDLE_TS )
        stts();
}
