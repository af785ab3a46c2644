/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * LD_PRELOAD for QEMU: what it asks of Xen, a line each to the file DMSHIM_LOG,
 * "dm_op NAME", "map N frames" or "hypercall NUMBER ARGUMENT".
 *
 * With DMSHIM_UNMAPPED the adapter's memory is not moved to where the guest has
 * put it, though QEMU is told so.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <xendevicemodel.h>
#include <xen/xen.h>

/* Linux's include/uapi/xen/privcmd.h */
#define HYPERCALL       _IOC(_IOC_NONE, 'P', 0, sizeof(struct hypercall))
#define MAP_FRAMES      _IOC(_IOC_NONE, 'P', 4, sizeof(struct map_frames))
#define DM_OP           _IOC(_IOC_NONE, 'P', 5, sizeof(struct dm_op))

struct hypercall
{
    uint64_t op, arg[5];
};

struct map_frames
{
    unsigned int num;
    domid_t dom;
    void *addr;
    const xen_pfn_t *frame;
    int *err;
};

struct dm_op
{
    domid_t dom;
    uint16_t num;
    const struct
    {
        const struct xen_dm_op *op;
        size_t size;
    } *buf;
};

static const char *const name[] = {
    [XEN_DMOP_create_ioreq_server] = "create_ioreq_server",
    [XEN_DMOP_get_ioreq_server_info] = "get_ioreq_server_info",
    [XEN_DMOP_map_io_range_to_ioreq_server] = "map_io_range",
    [XEN_DMOP_unmap_io_range_from_ioreq_server] = "unmap_io_range",
    [XEN_DMOP_set_ioreq_server_state] = "set_ioreq_server_state",
    [XEN_DMOP_destroy_ioreq_server] = "destroy_ioreq_server",
    [XEN_DMOP_track_dirty_vram] = "track_dirty_vram",
    [XEN_DMOP_set_pci_intx_level] = "set_pci_intx_level",
    [XEN_DMOP_set_isa_irq_level] = "set_isa_irq_level",
    [XEN_DMOP_set_pci_link_route] = "set_pci_link_route",
    [XEN_DMOP_modified_memory] = "modified_memory",
    [XEN_DMOP_set_mem_type] = "set_mem_type",
    [XEN_DMOP_inject_event] = "inject_event",
    [XEN_DMOP_inject_msi] = "inject_msi",
    [XEN_DMOP_map_mem_type_to_ioreq_server] = "map_mem_type",
    [XEN_DMOP_remote_shutdown] = "remote_shutdown",
    [XEN_DMOP_relocate_memory] = "relocate_memory",
    [XEN_DMOP_pin_memory_cacheattr] = "pin_memory_cacheattr",
};

static void note(const char *what, ...)
{
    static FILE *log;
    va_list args;

    if ( !log && !(log = fopen(getenv("DMSHIM_LOG"), "a")) )
        return;
    va_start(args, what);
    vfprintf(log, what, args);
    va_end(args);
    fflush(log);
}

int ioctl(int fd, unsigned long request, ...)
{
    static int (*real)(int, unsigned long, void *);
    va_list args;
    void *arg;

    va_start(args, request);
    arg = va_arg(args, void *);
    va_end(args);
    if ( !real )
        *(void **)&real = dlsym(RTLD_NEXT, "ioctl");

    if ( request == HYPERCALL )
    {
        const struct hypercall *h = arg;
        const struct multicall_entry *m = (const void *)h->arg[0];

        if ( h->op == __HYPERVISOR_multicall )
            note("hypercall %lu %lx\n", m->op, m->args[0]);
        else
            note("hypercall %lu %lx\n", (unsigned long)h->op,
                 (unsigned long)h->arg[0]);
    }
    else if ( request == MAP_FRAMES )
        note("map %u frames\n", ((const struct map_frames *)arg)->num);
    else if ( request == DM_OP && ((const struct dm_op *)arg)->num )
    {
        uint32_t op = ((const struct dm_op *)arg)->buf->op->op;

        note("dm_op %s\n", op < sizeof(name) / sizeof(name[0]) && name[op]
                           ? name[op] : "?");
        if ( op == XEN_DMOP_relocate_memory && getenv("DMSHIM_UNMAPPED") )
            return 0;
    }

    return real(fd, request, arg);
}
