/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random bytes from the CPU.  Xen's get_random() ignores RDRAND's carry flag
 * and falls back to weak mixing: not for keys.
 */
#include "private.h"

#include <asm/cpufeature.h>
#include <asm/msr.h>

#include "core/pool.h"

uint64_t fbc_entropy_starved;

static bool cf_check rdseed(uint64_t *v)
{
    bool ok;

    asm volatile ( "rdseed %0; setc %1" : "=r" (*v), "=qm" (ok) );
    if ( !ok )
        cpu_relax();

    return ok;
}

static bool cf_check rdrand(uint64_t *v)
{
    bool ok;

    asm volatile ( "rdrand %0; setc %1" : "=r" (*v), "=qm" (ok) );
    if ( !ok )
        cpu_relax();

    return ok;
}

bool fbc_entropy_seeded(void)
{
    return cpu_has_rdseed && !ACCESS_ONCE(fbc_entropy_starved);
}

int fbc_entropy(uint8_t out[static 32])
{
    static uint64_t calls;
    static struct fbc_pool pool;
    static DEFINE_SPINLOCK(lock);
    const struct fbc_pool_source src = {
        .seed = cpu_has_rdseed ? rdseed : NULL,
        .rand = cpu_has_rdrand ? rdrand : NULL,
    };
    struct {
        uint64_t word[FBC_POOL_WORDS], tsc, calls;
    } in;
    bool starved;
    int rc = -ENODEV;

    spin_lock(&lock);

    in.tsc = rdtsc_ordered();
    in.calls = ++calls;
    if ( !fbc_pool_gather(&src, in.word, &starved) )
        rc = fbc_pool_draw(&pool, &in, sizeof(in), out) ? -EIO : 0;
    fbc_entropy_starved += starved;

    spin_unlock(&lock);
    fbc_wipe(&in, sizeof(in));

    return rc;
}
