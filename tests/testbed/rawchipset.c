/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rawchipset LPC MSIX: moves power management of the q35 chipset, and has Xen
 * take RAM for an MSI-X table.  LPC and MSIX are PCI addresses as 00:1f.0 (bus
 * 0 only); a line each: what was tried, and what came of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>
#include <xencall.h>
#include <xenctrl.h>
#include <xen/physdev.h>

#define PMBASE      0x40
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
    put(PMBASE, 0xb001);
    tell("config-file", before);
}

static void by_port(unsigned int devfn, uint32_t before)
{
    outl(0x80000000u | devfn << 8 | PMBASE, 0xcf8);
    outl(0xb001, 0xcfc);
    tell("config-port", before);
}

/* Whether dom0 has these ports to give away. */
static void ports(xc_interface *xc, const char *what, uint32_t first,
                  uint32_t n)
{
    int rc = xc_domain_ioport_permission(xc, 0, first, n, 1);

    printf("%s %s\n", what, rc ? strerrorname_np(errno) : "given");
}

static void msix(xencall_handle *x, unsigned int devfn)
{
    struct physdev_pci_device *dev = xencall_alloc_buffer(x, sizeof(*dev));
    uint32_t bar = get(BAR1), command = get(COMMAND);
    int rc;

    memset(dev, 0, sizeof(*dev));
    dev->devfn = devfn;
    put(COMMAND, command | DECODE);
    put(BAR1, RAM);
    rc = xencall2(x, __HYPERVISOR_physdev_op, PHYSDEVOP_prepare_msix,
                  (uintptr_t)dev);
    printf("msix-table %s\n", rc ? strerrorname_np(errno) : "in-ram");
    if ( !rc )
        xencall2(x, __HYPERVISOR_physdev_op, PHYSDEVOP_release_msix,
                 (uintptr_t)dev);
    put(BAR1, bar);
    rc = xencall2(x, __HYPERVISOR_physdev_op, PHYSDEVOP_prepare_msix,
                  (uintptr_t)dev);
    printf("msix-bar %s\n", rc ? strerrorname_np(errno) : "taken");
    if ( !rc )
        xencall2(x, __HYPERVISOR_physdev_op, PHYSDEVOP_release_msix,
                 (uintptr_t)dev);
    put(COMMAND, command);
}

int main(int argc, char **argv)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    xencall_handle *x = xencall_open(NULL, 0);
    unsigned int dev, fn;
    uint32_t before;

    if ( argc != 3 || !xc || !x || iopl(3) || function(argv[1]) ||
         sscanf(argv[1], "00:%x.%u", &dev, &fn) != 2 )
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    before = get(PMBASE);
    by_file(before);
    by_port(dev << 3 | fn, before);
    ports(xc, "pm1-control", (before & 0xff80) + 4, 2);
    ports(xc, "config-address", 0xcf8, 4);

    if ( function(argv[2]) || sscanf(argv[2], "00:%x.%u", &dev, &fn) != 2 )
        return 2;
    msix(x, dev << 3 | fn);

    return 0;
}
