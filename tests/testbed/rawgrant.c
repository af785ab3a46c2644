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
#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>

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

int main(int argc, char **argv)
{
    if ( argc == 3 && !strcmp(argv[1], "race") )
        return race((uint16_t)atoi(argv[2]));
    if ( argc == 5 && !strcmp(argv[1], "hold") )
        return hold((uint16_t)atoi(argv[2]), (uint32_t)atoi(argv[3]),
                    (unsigned int)atoi(argv[4]));

    return 2;
}
