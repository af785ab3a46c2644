/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What only guests with a p2m have, as a hostile toolstack uses it.
 *
 * rawhvm doors DOMID           each operation on its behalf: "NAME ERRNO", or
 *                              "NAME done"
 * rawhvm rights DOMID          the same of a guest that is built: what it, or
 *                              dom0, would keep
 * rawhvm map DOMID GFN         one of its frames
 * rawhvm shadows DOMID FRAMES  as shadows are named, every frame of the machine:
 *                              "N mappable"
 * rawhvm device-model DOMID    of a guest that is built: one is attached
 * rawhvm log-dirty DOMID       of a guest that is built: its memory is watched
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenctrl.h>
#include <xendevicemodel.h>
#include <xenforeignmemory.h>
#include <xen/hvm/params.h>

#define BATCH       512
#define SHADOW_GFN  (1UL << 39)

static xc_interface *xc;
static xendevicemodel_handle *dm;
static xenforeignmemory_handle *fmem;
static uint32_t domid;
static domid_t dom;

static int set_param(void)
{
    return xc_hvm_param_set(xc, domid, HVM_PARAM_STORE_PFN, 0x1234);
}

static int get_param(void)
{
    uint64_t v;

    return xc_hvm_param_get(xc, domid, HVM_PARAM_STORE_PFN, &v);
}

static int altp2m(void)
{
    return xc_altp2m_set_domain_state(xc, domid, 1);
}

static int ioreq_server(void)
{
    ioservid_t id;

    return xendevicemodel_create_ioreq_server(dm, dom, 0, &id);
}

static int track_vram(void)
{
    uint8_t map[8];

    return xendevicemodel_track_dirty_vram(dm, dom, 0, 64,
                                           (unsigned long *)(void *)map);
}

static int modified(void)
{
    return xendevicemodel_modified_memory(dm, dom, 0, 1);
}

static int mem_type(void)
{
    return xendevicemodel_set_mem_type(dm, dom, HVMMEM_ram_rw, 0x100, 1);
}

static int inject(void)
{
    return xendevicemodel_inject_event(dm, dom, 0, 3, 0, ~0u, 0, 0);
}

static int relocate(void)
{
    return xendevicemodel_relocate_memory(dm, dom, 1, 0x100, 0x3f000);
}

static int pin_cache(void)
{
    return xendevicemodel_pin_memory_cacheattr(dm, dom, 0x100, 0x100, 6);
}

static int shared_info(void)
{
    return xc_domain_add_to_physmap(xc, domid, XENMAPSPACE_shared_info, 0,
                                    0x3f001);
}

static int move_frame(void)
{
    return xc_domain_add_to_physmap(xc, domid, XENMAPSPACE_gmfn, 0x100,
                                    0x3f002);
}

static int mem_access(void)
{
    return xc_set_mem_access(xc, dom, XENMEM_access_rw, 0x100, 1);
}

static int release(void)
{
    xen_pfn_t gfn = 0x101;

    return xc_domain_decrease_reservation_exact(xc, domid, 1, 0, &gfn);
}

static int populate(void)
{
    xen_pfn_t gfn = 0x3f003;

    return xc_domain_populate_physmap_exact(xc, domid, 1, 0, 0, &gfn);
}

static int resource(unsigned int type, unsigned int id)
{
    void *p = NULL;
    xenforeignmemory_resource_handle *h = xenforeignmemory_map_resource(
        fmem, dom, type, id, 0, 1, &p, PROT_READ, 0);

    if ( !h )
        return -1;
    xenforeignmemory_unmap_resource(fmem, h);

    return 0;
}

static int grant_table(void)
{
    return resource(XENMEM_resource_grant_table,
                    XENMEM_resource_grant_table_id_shared);
}

static int ioreq_page(void)
{
    return resource(XENMEM_resource_ioreq_server, 0);
}

static int get_context(void)
{
    static uint8_t buf[65536];

    return xc_domain_hvm_getcontext(xc, domid, buf, sizeof(buf)) < 0 ? -1 : 0;
}

static int get_cpu(void)
{
    static uint8_t buf[8192];

    return xc_domain_hvm_getcontext_partial(xc, domid, 2, 0, buf, sizeof(buf));
}

static int set_context(void)
{
    uint8_t buf[64] = { 0 };

    return xc_domain_hvm_setcontext(xc, domid, buf, sizeof(buf));
}

static int vcpu_context(void)
{
    vcpu_guest_context_any_t c;

    return xc_vcpu_getcontext(xc, domid, 0, &c);
}

static int log_dirty(void)
{
    return xc_shadow_control(xc, domid, XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY,
                             NULL, 0) < 0 ? -1 : 0;
}

static int monitor(void)
{
    uint32_t port;
    void *p = xc_monitor_enable(xc, dom, &port);

    return p ? 0 : -1;
}

static int mmio(void)
{
    return xc_domain_iomem_permission(xc, domid, 0xb8, 1, 1) ?:
           xc_domain_memory_mapping(xc, domid, 0x3f004, 0xb8, 1, 1);
}

static int map_frame(xen_pfn_t gfn)
{
    int err = 0;
    void *p = xenforeignmemory_map(fmem, domid, PROT_READ, 1, &gfn, &err);

    if ( p )
        xenforeignmemory_unmap(fmem, p, 1);
    if ( p && err )
        errno = -err;

    return p && !err ? 0 : -1;
}

static int map_ram(void)
{
    return map_frame(0x100);
}

static int iomem(void)
{
    return xc_domain_iomem_permission(xc, domid, 0xb8, 1, 1);
}

static int ioport(void)
{
    return xc_domain_ioport_permission(xc, domid, 0x80, 1, 1);
}

static int ioport_mapping(void)
{
    return xc_domain_ioport_mapping(xc, domid, 0x80, 0x80, 1, 1);
}

/* A line of the machine's, which is to be the guest's vector 0x80. */
static int vector(void)
{
    int pirq = 3;

    xc_physdev_map_pirq(xc, domid, 3, &pirq);

    return xc_domain_update_msi_irq(xc, domid, 0x80, (uint32_t)pirq, 0, 0);
}

static int monitor_op(void)
{
    uint32_t can;

    return xc_monitor_get_capabilities(xc, dom, &can);
}

static int debug(void)
{
    return xc_domain_debug_control(xc, domid,
                                   XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF, 0);
}

static int trigger(void)
{
    return xc_domain_send_trigger(xc, domid, XEN_DOMCTL_SENDTRIGGER_NMI, 0);
}

struct door {
    const char *name;
    int (*try)(void);
};

static const struct door rights[] = {
    { "iomem-permission", iomem },  { "ioport-permission", ioport },
    { "ioport-mapping", ioport_mapping }, { "memory-mapping", mmio },
    { "bind-vector", vector },      { "monitor", monitor_op },
    { "debug", debug },             { "trigger", trigger },
    { NULL, NULL }
};

static const struct door doors[] = {
    { "map-ram", map_ram },         { "get-param", get_param },
    { "altp2m", altp2m },           { "ioreq-server", ioreq_server },
    { "track-dirty-vram", track_vram }, { "modified-memory", modified },
    { "set-mem-type", mem_type },   { "inject-event", inject },
    { "relocate-memory", relocate }, { "pin-cacheattr", pin_cache },
    { "map-shared-info", shared_info }, { "move-frame", move_frame },
    { "mem-access", mem_access },
    { "decrease-reservation", release }, { "populate", populate },
    { "acquire-grant-table", grant_table }, { "acquire-ioreq", ioreq_page },
    { "get-hvm-context", get_context }, { "get-hvm-cpu", get_cpu },
    { "set-hvm-context", set_context }, { "get-vcpu-context", vcpu_context },
    { "log-dirty", log_dirty },     { "monitor", monitor },
    { "memory-mapping", mmio },     { "set-param", set_param },
    { NULL, NULL }
};

static int try_all(const struct door *d)
{
    for ( ; d->name; d++ )
    {
        int rc;

        errno = 0;
        rc = d->try();
        printf("%s %s\n", d->name,
               rc ? strerrorname_np(errno) : "done");
        fflush(stdout);
    }

    return 0;
}

static int shadows(unsigned long frames)
{
    unsigned long first, n = 0;

    for ( first = 0; first < frames; first += BATCH )
    {
        xen_pfn_t frame[BATCH];
        int err[BATCH], i;
        void *p;

        for ( i = 0; i < BATCH; i++ )
            frame[i] = SHADOW_GFN | (first + (unsigned long)i);
        p = xenforeignmemory_map(fmem, domid, PROT_READ, BATCH, frame, err);
        for ( i = 0; p && i < BATCH; i++ )
            n += !err[i];
        if ( p )
            xenforeignmemory_unmap(fmem, p, BATCH);
    }
    printf("%lu mappable\n", n);

    return 0;
}

static int say(int rc)
{
    printf("%s\n", rc ? strerrorname_np(errno) : "done");

    return 0;
}

int main(int argc, char **argv)
{
    xc = xc_interface_open(NULL, NULL, 0);
    dm = xendevicemodel_open(NULL, 0);
    fmem = xenforeignmemory_open(NULL, 0);
    if ( argc < 3 || !xc || !dm || !fmem )
        return 2;
    domid = (uint32_t)atoi(argv[2]);
    dom = (domid_t)domid;

    if ( !strcmp(argv[1], "doors") )
        return try_all(doors);
    if ( !strcmp(argv[1], "rights") )
        return try_all(rights);
    if ( !strcmp(argv[1], "shadows") && argc > 3 )
        return shadows(strtoul(argv[3], NULL, 0));
    if ( !strcmp(argv[1], "map") && argc > 3 )
        return say(map_frame(strtoul(argv[3], NULL, 0)));
    if ( !strcmp(argv[1], "device-model") )
        return say(ioreq_server());
    if ( !strcmp(argv[1], "log-dirty") )
        return say(log_dirty());

    return 2;
}
