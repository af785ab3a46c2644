/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rawchipset LPC MSIX [BUSY]: moves power management of the q35 chipset, writes
 * CMOS RAM, has Xen take RAM, and configuration space, for an MSI-X table, and
 * forget BUSY, whose interrupts are in use.  All are PCI addresses as 00:1f.0
 * (bus 0 only); a line each: what was tried, and what came of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xencall.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xen/physdev.h>

#include "written.h"

#define PMBASE      0x40
#define MOVED       0xb001
#define PCIEXBAR    0x60
#define BAR1        0x14
#define COMMAND     0x04
#define DECODE      0x02
#define RAM         0x10000000u

static int config;

static uint32_t get(unsigned int reg)
{
    uint32_t v = 0;

    return pread(config, &v, sizeof(v), reg) == sizeof(v) ? v : ~0u;
}

static int put(unsigned int reg, uint32_t v)
{
    return pwrite(config, &v, sizeof(v), reg) == sizeof(v) ? 0 : -1;
}

static int function(const char *address)
{
    char path[80];

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/0000:%s/config",
             address);
    config = open(path, O_RDWR | O_SYNC);

    return config < 0 ? -1 : 0;
}

static void tell(const char *how, uint32_t before)
{
    printf("%s %s\n", how, get(PMBASE) == before ? "stays" : "moved");
    put(PMBASE, before);
}

static void by_file(uint32_t before)
{
    put(PMBASE, MOVED);
    tell("config-file", before);
}

static void by_port(unsigned int devfn, uint32_t before)
{
    outl(0x80000000u | devfn << 8 | PMBASE, 0xcf8);
    outl(MOVED, 0xcfc);
    tell("config-port", before);
}

/* The memory that is a function's configuration space; mapped anew. */
static volatile uint8_t *ecam(uint32_t base, unsigned int devfn)
{
    xenforeignmemory_handle *f = xenforeignmemory_open(NULL, 0);
    xen_pfn_t frame = (base >> 12) + devfn;
    int err = 1;
    void *p = f ? xenforeignmemory_map(f, DOMID_IO, PROT_READ | PROT_WRITE, 1,
                                       &frame, &err) : NULL;

    if ( !p || err )
    {
        perror("rawchipset: configuration space");
        exit(2);
    }

    return p;
}

/*
 * Xen carries out, or drops, what a kernel writes there, and lets a program go
 * on trying: so Linux is to put a number there, of bytes in a pipe.
 */
static void by_memory(volatile uint8_t *space, uint32_t before)
{
    static char bytes[MOVED];
    int fd[2];

    if ( pipe(fd) || write(fd[1], bytes, MOVED) != MOVED ||
         ioctl(fd[0], FIONREAD, space + PMBASE) )
        perror("rawchipset: pipe");
    close(fd[0]);
    close(fd[1]);
    tell("config-memory", before);
}

static unsigned int cmos(unsigned int index)
{
    outb(index, 0x70);

    return inb(0x71);
}

static void by_cmos(const char *what, unsigned int index)
{
    unsigned int before = cmos(index);

    outb(before ^ 1, 0x71);
    printf("%s %s\n", what, cmos(index) == before ? "stays" : "changed");
    outb(before, 0x71);
}

/* Whether dom0 has these ports to give away. */
static void ports(xc_interface *xc, const char *what, uint32_t first,
                  uint32_t n)
{
    int rc = xc_domain_ioport_permission(xc, 0, first, n, 1);

    printf("%s %s\n", what, rc ? strerrorname_np(errno) : "given");
}

/* Xen is to take the table where the device's BAR says, and to let it go. */
static void table(xencall_handle *x, struct physdev_pci_device *dev,
                  const char *what, uint32_t bar, const char *well)
{
    int rc;

    put(BAR1, bar);
    rc = xencall2(x, __HYPERVISOR_physdev_op, PHYSDEVOP_prepare_msix,
                  (uintptr_t)dev);
    printf("%s %s\n", what, rc ? strerrorname_np(errno) : well);
    if ( !rc )
        xencall2(x, __HYPERVISOR_physdev_op, PHYSDEVOP_release_msix,
                 (uintptr_t)dev);
}

static void msix(xencall_handle *x, unsigned int devfn, uint32_t config_space,
                 unsigned int lpc)
{
    struct physdev_pci_device *dev = xencall_alloc_buffer(x, sizeof(*dev));
    uint32_t bar = get(BAR1), command = get(COMMAND);

    memset(dev, 0, sizeof(*dev));
    dev->devfn = devfn;
    put(COMMAND, command | DECODE);
    table(x, dev, "msix-table", RAM, "in-ram");
    table(x, dev, "msix-config", config_space + (lpc << 12), "in-config");
    /* Once, and again: it must be there for the next one, too. */
    table(x, dev, "msix-bar", bar, "taken");
    table(x, dev, "msix-again", bar, "taken");
    put(COMMAND, command);
    printf("config-space %s\n",
           written(ecam(config_space, lpc) + PMBASE + 1) ? "written"
                                                         : "read-only");
}

static void forget(xencall_handle *x, unsigned int devfn)
{
    struct physdev_manage_pci *dev = xencall_alloc_buffer(x, sizeof(*dev));
    int rc;

    memset(dev, 0, sizeof(*dev));
    dev->devfn = (uint8_t)devfn;
    rc = xencall2(x, __HYPERVISOR_physdev_op, PHYSDEVOP_manage_pci_remove,
                  (uintptr_t)dev);
    printf("pci-remove %s\n", rc ? strerrorname_np(errno) : "done");
}

int main(int argc, char **argv)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    xencall_handle *x = xencall_open(NULL, 0);
    unsigned int dev, fn, lpc;
    uint32_t before, config_space;

    if ( argc < 3 || argc > 4 || !xc || !x || iopl(3) || function("00:00.0") )
        return 2;
    config_space = get(PCIEXBAR) & 0xf0000000;
    if ( function(argv[1]) || sscanf(argv[1], "00:%x.%u", &dev, &fn) != 2 )
        return 2;
    lpc = dev << 3 | fn;
    setvbuf(stdout, NULL, _IOLBF, 0);
    before = get(PMBASE);
    by_file(before);
    by_port(lpc, before);
    by_memory(ecam(config_space, lpc), before);
    ports(xc, "pm1-control", (before & 0xff80) + 4, 2);
    ports(xc, "config-address", 0xcf8, 4);
    ports(xc, "cmos-more", 0x72, 6);
    by_cmos("cmos-shutdown", 0x0f);
    by_cmos("cmos-setup", 0x38);
    by_cmos("cmos-alarm", 0x03);
    by_cmos("cmos-century", 0x32);

    if ( function(argv[2]) || sscanf(argv[2], "00:%x.%u", &dev, &fn) != 2 )
        return 2;
    msix(x, dev << 3 | fn, config_space, lpc);

    if ( argc > 3 && sscanf(argv[3], "00:%x.%u", &dev, &fn) == 2 )
        forget(x, dev << 3 | fn);

    return 0;
}
