/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall as a hostile dom0 makes it: no check of its own.
 *
 * rawop setkey DOMID FILE...   one line a file: "FILE RC ERRNO RESULT EPOCH"
 * rawop op CMD ABI DOMID PAD   "RC ERRNO ABI"
 * rawop null CMD               with an argument that cannot be read
 * rawop probe DOMID FRAMES     foreign-maps every frame of the machine, one by
 *                              one: "N mappable, M of them writable"
 * rawop own DOMID FRAME...     may dom0 map the frame as its own, as an I/O or
 *                              Xen page, or as DOMID's: "FRAME yes" or "no"
 * rawop hold DOMID FRAMES SECONDS   maps the first mappable frame and keeps it
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/xen.h>
#include <xencall.h>
#include <xenforeignmemory.h>

#include "xen/include/public/fbcrypt.h"

static int setkey(xencall_handle *x, int argc, char **argv)
{
    struct xen_fbcrypt_setkey *op = xencall_alloc_buffer(x, sizeof(*op));
    int i;

    for ( i = 1; op && i < argc; i++ )
    {
        int fd = open(argv[i], O_RDONLY), rc;
        ssize_t n;

        memset(op, 0, sizeof(*op));
        op->abi_version = XEN_FBCRYPT_ABI_VERSION;
        op->domid = (uint16_t)atoi(argv[0]);
        if ( fd < 0 || (n = read(fd, op->blob, sizeof(op->blob))) < 0 )
            return 2;
        close(fd);
        op->blob_len = (uint32_t)n;
        rc = xencall2(x, __HYPERVISOR_fbcrypt_op, XEN_FBCRYPT_set_key,
                      (uintptr_t)op);
        printf("%s %d %s %u %u\n", argv[i], rc,
               rc ? strerrorname_np(errno) : "0", op->result, op->epoch);
    }

    return 0;
}

#define BATCH 512

/* Maps BATCH frames from first on; err[i] is 0 for those that came. */
static void *map(xenforeignmemory_handle *x, uint32_t domid, int prot,
                 xen_pfn_t first, int err[static BATCH])
{
    xen_pfn_t frame[BATCH];
    int i;

    for ( i = 0; i < BATCH; i++ )
        frame[i] = first + (xen_pfn_t)i;

    return xenforeignmemory_map(x, domid, prot, BATCH, frame, err);
}

static unsigned long count(xenforeignmemory_handle *x, uint32_t domid, int prot,
                           xen_pfn_t first)
{
    int err[BATCH], i;
    void *p = map(x, domid, prot, first, err);
    unsigned long n = 0;

    if ( !p )
        return 0;
    for ( i = 0; i < BATCH; i++ )
        n += !err[i];
    xenforeignmemory_unmap(x, p, BATCH);

    return n;
}

static int probe(int argc, char **argv)
{
    xenforeignmemory_handle *x = xenforeignmemory_open(NULL, 0);
    uint32_t domid = (uint32_t)atoi(argv[2]);
    unsigned long first, frames = strtoul(argv[3], NULL, 0);
    int err[BATCH], i;

    if ( !x )
        return 2;
    if ( argc < 5 )
    {
        unsigned long n, ro = 0, rw = 0;

        for ( first = 0; first < frames; first += BATCH )
        {
            n = count(x, domid, PROT_READ, first);
            ro += n;
            if ( n )
                rw += count(x, domid, PROT_READ | PROT_WRITE, first);
        }
        printf("%lu mappable, %lu of them writable\n", ro, rw);
        return 0;
    }

    for ( first = 0; first < frames; first += BATCH )
    {
        void *p = map(x, domid, PROT_READ | PROT_WRITE, first, err);

        for ( i = 0; p && i < BATCH; i++ )
            if ( !err[i] )
            {
                printf("holding frame %lx\n", first + (unsigned long)i);
                fflush(stdout);
                sleep((unsigned int)atoi(argv[4]));
                return 0;
            }
    }

    return 1;
}

/*
 * Its own pages a domain names by DOMID_SELF: by its number, which is for
 * others', Xen refuses all.
 */
static int own(int argc, char **argv)
{
    xenforeignmemory_handle *x = xenforeignmemory_open(NULL, 0);
    const uint32_t owners[] = { DOMID_SELF, DOMID_IO, DOMID_XEN,
                                (uint32_t)atoi(argv[2]) };
    int i;

    if ( !x )
        return 2;

    for ( i = 3; i < argc; i++ )
    {
        xen_pfn_t frame = strtoul(argv[i], NULL, 0);
        bool yes = false;
        size_t k;

        for ( k = 0; k < sizeof(owners) / sizeof(owners[0]); k++ )
        {
            int err = 1;
            void *p = xenforeignmemory_map(x, owners[k], PROT_READ, 1, &frame,
                                           &err);

            yes |= p && !err;
            if ( p )
                xenforeignmemory_unmap(x, p, 1);
        }
        printf("%s %s\n", argv[i], yes ? "yes" : "no");
    }

    return 0;
}

int main(int argc, char **argv)
{
    xencall_handle *x = xencall_open(NULL, 0);
    union {
        struct xen_fbcrypt_head head;
        uint8_t room[1024];
    } *arg;
    int rc;

    if ( !x || argc < 3 )
        return 2;
    if ( argc > 3 && (!strcmp(argv[1], "probe") || !strcmp(argv[1], "hold")) )
        return probe(argc, argv);
    if ( argc > 3 && !strcmp(argv[1], "own") )
        return own(argc, argv);
    if ( !strcmp(argv[1], "setkey") )
        return setkey(x, argc - 2, argv + 2);

    arg = xencall_alloc_buffer(x, sizeof(*arg));
    if ( !arg )
        return 2;
    memset(arg, 0, sizeof(*arg));
    if ( argc == 6 )
    {
        arg->head.abi_version = (uint32_t)strtoul(argv[3], NULL, 0);
        arg->head.domid = (uint16_t)strtoul(argv[4], NULL, 0);
        arg->head.pad = (uint16_t)strtoul(argv[5], NULL, 0);
    }
    rc = xencall2(x, __HYPERVISOR_fbcrypt_op,
                  (uint32_t)strtoul(argv[2], NULL, 0),
                  !strcmp(argv[1], "null") ? 0x1000 : (uintptr_t)arg);
    printf("%d %s %u\n", rc, rc ? strerrorname_np(errno) : "0",
           arg->head.abi_version);

    return 0;
}
