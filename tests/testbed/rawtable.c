/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rawtable DOMID FRAMES SECONDS: puts the frames of a domain, of the machine's
 * FRAMES, into a page table of a helper domain of its own, by mmu_update with
 * the one as the frames' owner and the other as the table's.  "holding N
 * frames" for SECONDS or until SIGTERM, or the error; then the helper goes.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xencall.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>

#define PAGE    4096
#define BATCH   512
#define ENTRIES 512

/* The sleep ends, the helper goes. */
static void enough(int sig)
{
    (void)sig;
}

static xc_interface *xc;
static xencall_handle *call;
static xenforeignmemory_handle *fmem;

/* A domain with one page, a page table. */
static int create(uint32_t *domid, xen_pfn_t *table)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };
    struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE };
    int err = 0;
    void *p;

    if ( xc_domain_create(xc, domid, &config) )
        return -1;
    *table = 0;
    if ( xc_domain_max_vcpus(xc, *domid, 1) ||
         xc_domain_setmaxmem(xc, *domid, 1024) ||
         xc_domain_populate_physmap_exact(xc, *domid, 1, 0, 0, table) )
        return -1;
    p = xenforeignmemory_map(fmem, *domid, PROT_READ | PROT_WRITE, 1, table,
                             &err);
    if ( !p || err )
        return -1;
    memset(p, 0, PAGE);
    xenforeignmemory_unmap(fmem, p, 1);
    pin.arg1.mfn = *table;

    return xc_mmuext_op(xc, &pin, 1, *domid) < 0 ? -1 : 0;
}

/* Which of the frames from first on are the domain's, as foreign maps say. */
static int find(uint32_t domid, xen_pfn_t first, xen_pfn_t own[static BATCH])
{
    xen_pfn_t frame[BATCH];
    int err[BATCH], i, n = 0;
    void *p;

    for ( i = 0; i < BATCH; i++ )
        frame[i] = first + (xen_pfn_t)i;
    p = xenforeignmemory_map(fmem, domid, PROT_READ, BATCH, frame, err);
    if ( !p )
        return 0;
    for ( i = 0; i < BATCH; i++ )
        if ( !err[i] )
            own[n++] = frame[i];
    xenforeignmemory_unmap(fmem, p, BATCH);

    return n;
}

static int fill(uint32_t helper, xen_pfn_t table, uint16_t domid,
                xen_pfn_t frames)
{
    struct mmu_update *u = xencall_alloc_buffer(call, sizeof(*u));
    xen_pfn_t own[BATCH], first;
    int held = 0, err = ESRCH, i, n;

    for ( first = 0; u && first < frames && held < ENTRIES; first += BATCH )
    {
        n = find(domid, first, own);
        for ( i = 0; i < n && held < ENTRIES; i++ )
        {
            u->ptr = (table << 12) + (uint64_t)held * 8;
            u->val = own[i] << 12 | 1 | 1 << 2 | 1 << 5;
            if ( xencall4(call, __HYPERVISOR_mmu_update, (uintptr_t)u, 1, 0,
                          (helper + 1) << 16 | domid) )
                err = errno;
            else
                held++;
        }
    }
    if ( !held )
        errno = err;

    return held;
}

int main(int argc, char **argv)
{
    uint32_t helper = 0;
    xen_pfn_t table;
    int held = 0;

    xc = xc_interface_open(NULL, NULL, 0);
    call = xencall_open(NULL, 0);
    fmem = xenforeignmemory_open(NULL, 0);
    if ( argc != 4 || !xc || !call || !fmem )
        return 2;
    signal(SIGTERM, enough);
    if ( create(&helper, &table) )
        perror("rawtable: helper");
    else
    {
        held = fill(helper, table, (uint16_t)atoi(argv[1]),
                    strtoul(argv[2], NULL, 0));
        if ( held )
            printf("holding %d frames\n", held);
        else
            printf("%s\n", strerrorname_np(errno));
        fflush(stdout);
    }
    if ( held )
        sleep((unsigned int)atoi(argv[3]));
    if ( helper )
        xc_domain_destroy(xc, helper);

    return held ? 0 : 1;
}
