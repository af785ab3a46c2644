/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What measuring a guest costs before it runs, on one core, by the hypervisor's
 * own functions: pages that are hashed, and pages that are found to be zero.
 * 256 MiB and 4 GiB of memory, of which 32 MiB have contents, are computed of
 * these.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/launch.h"

#define MIB         (1u << 20)
#define HASHED_MIB  8u
#define SCANNED_MIB 64u
#define CONTENTS    32u         /* MiB of kernel and ramdisk */

static uint8_t *memory, *copy;
static struct fbc_launch launch;
static uint8_t entries[128 * FBC_LAUNCH_ENTRY_LEN];

static void run_memcpy(void *arg)
{
    (void)arg;
    memcpy(copy, memory, SCANNED_MIB * MIB);
}

static void run_scan(void *arg)
{
    size_t i, n = 0;

    (void)arg;
    for ( i = 0; i < SCANNED_MIB * MIB; i += FBC_LAUNCH_PAGE )
        n += fbc_launch_is_zero(memory + i);
    bench_must(n != SCANNED_MIB * MIB / FBC_LAUNCH_PAGE, "scan");
}

static void run_hash(void *arg)
{
    uint8_t header[FBC_LAUNCH_HEADER_LEN], digest[FBC_HASH_LEN];
    uint64_t pfn;

    (void)arg;
    fbc_launch_begin(&launch, entries, 128, HASHED_MIB * 256);
    for ( pfn = 0; pfn < HASHED_MIB * 256; pfn++ )
    {
        memcpy(launch.link.page, memory + pfn * FBC_LAUNCH_PAGE,
               FBC_LAUNCH_PAGE);
        fbc_launch_page(&launch, pfn, 0);
    }
    bench_must(fbc_launch_end(&launch, FBC_LAUNCH_OK, 0, header, digest),
               "hash");
}

enum { MEMCPY, SCAN, HASH, MEASUREMENTS };

static void guest(const struct bench *b, unsigned int mib)
{
    char size[32];

    snprintf(size, sizeof(size), "%u MiB", mib);
    printf("%-46s %-10s %9s %7.3f s\n", "# measured before it runs", size, "",
           (b[HASH].ms * CONTENTS / HASHED_MIB +
            b[SCAN].ms * mib / SCANNED_MIB) / 1000);
}

int main(void)
{
    struct bench b[MEASUREMENTS] = {
        [MEMCPY] = { "memcpy", run_memcpy, NULL, SCANNED_MIB * MIB },
        [SCAN] = { "launch-zero-pages", run_scan, NULL, SCANNED_MIB * MIB },
        [HASH] = { "launch-hashed-pages", run_hash, NULL, HASHED_MIB * MIB },
    };

    memory = aligned_alloc(FBC_LAUNCH_PAGE, SCANNED_MIB * MIB);
    copy = aligned_alloc(FBC_LAUNCH_PAGE, SCANNED_MIB * MIB);
    bench_must(!memory || !copy, "memory");
    memset(memory, 0, SCANNED_MIB * MIB);

    bench_print_head();
    bench_run(b, MEASUREMENTS);
    bench_print(b, MEASUREMENTS, "64+8 MiB");
    guest(b, 256);
    guest(b, 4096);
    printf("# one step between two checks for preemption: 64 KiB, %.3f ms\n",
           b[HASH].ms * 64 / 1024 / HASHED_MIB);
    free(memory);
    free(copy);

    return bench_end() ? 1 : 0;
}
