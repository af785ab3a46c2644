/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device that dom0 drives past its kernel: QEMU's edu, which copies between
 * 4 KiB of its own and any machine address (QEMU's docs/specs/edu).
 */
#include "lab.h"

#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

#define BAR_SIZE (1u << 20)
#define SOURCE   0x80           /* offsets of registers, 64 bits */
#define DEST     0x88
#define COUNT    0x90
#define COMMAND  0x98
#define BUFFER   0x40000        /* its own memory, as an address of its */
#define START    1
#define TO_RAM   2
#define CHUNK    2048

#define PCI_COMMAND 4
#define PCI_BAR0    16
#define MEMORY_AND_MASTER 6

static struct {
    volatile uint8_t *bar;
    uint32_t sbdf;
} edu;

static unsigned long number_in(const char *dir, const char *name)
{
    unsigned long n = 0;
    char path[256];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "r");
    if ( !f || fscanf(f, "%lx", &n) != 1 )
        n = 0;
    if ( f )
        fclose(f);

    return n;
}

static int open_in(const char *dir, const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", dir, name);

    return open(path, O_RDWR | O_SYNC);
}

/* As the kernel set it up: QEMU's snapshots have none of edu's registers. */
static bool set_up(const char *dir)
{
    uint32_t address = (uint32_t)number_in(dir, "resource");
    uint16_t command = 0;
    int config = open_in(dir, "config");
    bool ok = pwrite(config, &address, 4, PCI_BAR0) == 4 &&
              pread(config, &command, 2, PCI_COMMAND) == 2;

    command |= MEMORY_AND_MASTER;
    ok = ok && pwrite(config, &command, 2, PCI_COMMAND) == 2;
    close(config);

    return ok;
}

static int find(struct lab *lab)
{
    unsigned int bus, dev, fn;
    size_t i;
    glob_t g;

    if ( edu.bar )
        return 0;
    if ( glob("/sys/bus/pci/devices/*", 0, NULL, &g) )
        return lab_refused(lab, "devices");
    for ( i = 0; i < g.gl_pathc && !edu.bar; i++ )
    {
        const char *dir = g.gl_pathv[i];
        void *p;
        int bar;

        if ( number_in(dir, "vendor") != 0x1234 ||
             number_in(dir, "device") != 0x11e8 ||
             sscanf(strrchr(dir, '/'), "/0000:%x:%x.%x", &bus, &dev,
                    &fn) != 3 || !set_up(dir) )
            continue;
        edu.sbdf = bus << 8 | dev << 3 | fn;
        bar = open_in(dir, "resource0");
        p = mmap(NULL, BAR_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, bar, 0);
        if ( p != MAP_FAILED )
            edu.bar = p;
        close(bar);
    }
    globfree(&g);

    return edu.bar ? 0 : lab_refused(lab, "edu");
}

static volatile uint64_t *reg(unsigned int offset)
{
    return (volatile uint64_t *)(edu.bar + offset);
}

/* One way or the other; takes it a tenth of a second. */
static int transfer(uint64_t ram, bool to_ram)
{
    unsigned int i;

    *reg(SOURCE) = to_ram ? BUFFER : ram;
    *reg(DEST) = to_ram ? ram : BUFFER;
    *reg(COUNT) = CHUNK;
    *reg(COMMAND) = START | (to_ram ? TO_RAM : 0);
    for ( i = 0; i < 1000 && (*reg(COMMAND) & START); i++ )
        usleep(10000);

    return *reg(COMMAND) & START ? -1 : 0;
}

/* Writes a page of the guest's and reads it back; *reached: both worked. */
static int try_guest(struct lab *lab, uint64_t guest, bool *reached)
{
    xen_pfn_t mfn;
    uint64_t ours;
    uint8_t *p;
    int err = 1, rc = 0;

    if ( lab_dom0_page(lab, &mfn) )
        return -1;
    p = xenforeignmemory_map(lab->fmem, DOMID_SELF, PROT_READ | PROT_WRITE, 1,
                             &mfn, &err);
    if ( !p || err )
        return lab_refused(lab, "dom0's page");
    ours = mfn << 12;

    /* It works: there and back again. */
    memset(p, 0xa5, CHUNK);
    memset(p + CHUNK, 0, CHUNK);
    rc = transfer(ours, false) || transfer(ours + CHUNK, true) ||
         memcmp(p, p + CHUNK, CHUNK);
    if ( !rc )
        rc = transfer(guest, true);
    memset(p, 0x5a, CHUNK);
    if ( !rc )
        rc = transfer(ours, false) || transfer(guest, false) ||
             transfer(ours + CHUNK, true);
    *reached = p[CHUNK] == 0xa5;
    xenforeignmemory_unmap(lab->fmem, p, 1);

    return rc ? lab_refused(lab, "DMA") : 0;
}

/* To a page of free memory, so that the guest lives on. */
static int dma(struct lab *lab, const char *name)
{
    bool reached = false;

    (void)name;
    if ( find(lab) ||
         try_guest(lab, lab_mfn(lab, lab_last(lab)) << 12, &reached) )
    {
        snprintf(lab->note, sizeof(lab->note), "no %s", lab->op);
        return -1;
    }
    snprintf(lab->note, sizeof(lab->note), "DMA %s the guest",
             reached ? "reaches" : "does not reach");

    return 0;
}

static int assign(struct lab *lab, const char *name)
{
    (void)name;
    if ( find(lab) )
        return -1;

    return xc_assign_device(lab->xc, lab->domid, edu.sbdf, 0)
           ? lab_refused(lab, "assign") : 0;
}

const struct attack device_attacks[] = {
    { "dma", BUILT, dma, NULL },
    { "dma-later", BUILT, NULL, dma },
    { "assign", BUILT, assign, NULL },
    { .name = NULL }
};
