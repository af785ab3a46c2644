/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random bytes from the CPU.  Xen's get_random() ignores RDRAND's carry flag
 * and falls back to weak mixing: not for keys.
 */
#include "private.h"

#include <asm/cpufeature.h>
#include <asm/msr.h>

#define TRIES 64

bool fbc_entropy_seeded(void)
{
    return cpu_has_rdseed;
}

static bool draw(uint64_t *v)
{
    unsigned int i;
    bool ok = false;

    for ( i = 0; i < TRIES && !ok; i++ )
    {
        if ( cpu_has_rdseed )
            asm volatile ( "rdseed %0; setc %1" : "=r" (*v), "=qm" (ok) );
        else if ( cpu_has_rdrand )
            asm volatile ( "rdrand %0; setc %1" : "=r" (*v), "=qm" (ok) );
        else
            return false;
        if ( !ok )
            cpu_relax();
    }

    /* A stuck generator is known to give all ones or the same word. */
    return ok && *v && ~*v;
}

int fbc_entropy(uint8_t out[static 32])
{
    static uint64_t calls;
    static uint8_t chain[32];
    static DEFINE_SPINLOCK(lock);
    struct {
        uint8_t chain[32];
        uint64_t word[8], tsc, calls;
    } in;
    unsigned int i;
    int rc = 0;

    spin_lock(&lock);

    memcpy(in.chain, chain, sizeof(in.chain));
    in.tsc = rdtsc_ordered();
    in.calls = ++calls;
    for ( i = 0; i < ARRAY_SIZE(in.word); i++ )
        if ( !draw(&in.word[i]) || (i && in.word[i] == in.word[i - 1]) )
            rc = -ENODEV;

    if ( !rc && (fbc_sha256(&in, sizeof(in), chain) ||
                 fbc_hkdf_expand(chain, "fbcrypt entropy", 15, out, 32)) )
        rc = -EIO;

    spin_unlock(&lock);
    fbc_wipe(&in, sizeof(in));

    return rc;
}
