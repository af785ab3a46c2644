/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rawhelper: makes domains that are no owner's, to get at Xen by them: with
 * nested virtualisation; introspected and debugged; one that has no vCPU and is
 * sent an event; moved to another pool of processors; a dead one that gets a
 * vCPU.  "NAME done", or why not.  With a domain, only tries to resume that.
 *
 * usage: rawhelper [event | resume DOMID]
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xencall.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>

static xc_interface *xc;
static uint32_t domid;

static void say(const char *what, int rc)
{
    printf("%s %s\n", what, rc ? strerrorname_np(errno) : "done");
    fflush(stdout);
}

static int create(uint32_t flags)
{
    struct xen_domctl_createdomain config = {
        .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap | flags,
        .max_vcpus = 1, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .arch.emulation_flags = XEN_X86_EMU_LAPIC,
    };

    domid = 0;

    return xc_domain_create(xc, &domid, &config);
}

/* Of a domain that has no vCPU yet. */
static int event(void)
{
    xenevtchn_handle *evtchn = xenevtchn_open(NULL, 0);
    int there = xc_evtchn_alloc_unbound(xc, domid, 0), here = -1;

    if ( evtchn && there >= 0 )
        here = xenevtchn_bind_interdomain(evtchn, domid,
                                          (evtchn_port_t)there);

    return here < 0 ? -1 : xenevtchn_notify(evtchn, (evtchn_port_t)here);
}

/* As libxc does not: it looks at the domain first, or has no such call. */
static int domctl(uint32_t cmd, domid_t dom)
{
    xencall_handle *call = xencall_open(NULL, 0);
    struct xen_domctl *op = xencall_alloc_buffer(call, sizeof(*op));

    if ( !op )
        return -1;
    memset(op, 0, sizeof(*op));
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = dom;
    if ( cmd == XEN_DOMCTL_vm_event_op )
    {
        op->u.vm_event_op.op = XEN_VM_EVENT_GET_VERSION;
        op->u.vm_event_op.mode = XEN_DOMCTL_VM_EVENT_OP_MONITOR;
    }

    return xencall1(call, __HYPERVISOR_domctl, (uintptr_t)op);
}

/* One that is dead, but for a page that is mapped here. */
static int zombie(void)
{
    xenforeignmemory_handle *fmem = xenforeignmemory_open(NULL, 0);
    xen_pfn_t gfn = 0;
    int err = 0;

    if ( !fmem || xc_domain_setmaxmem(xc, domid, 1024) ||
         xc_shadow_control(xc, domid, XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION,
                           &(unsigned int){ 1 }, 0) < 0 ||
         xc_domain_populate_physmap_exact(xc, domid, 1, 0, 0, &gfn) ||
         !xenforeignmemory_map(fmem, domid, PROT_READ, 1, &gfn, &err) || err )
    {
        perror("rawhelper: zombie");
        return -1;
    }
    xc_domain_destroy(xc, domid);

    return xc_domain_max_vcpus(xc, domid, 1);
}

/* Pool-0 is the only one: to where it is. */
static int pool(void)
{
    return xc_cpupool_movedomain(xc, 0, domid);
}

int main(int argc, char **argv)
{
    uint32_t can;

    xc = xc_interface_open(NULL, NULL, 0);
    if ( !xc )
        return 4;

    if ( argc > 2 )
    {
        say("resume", domctl(XEN_DOMCTL_resumedomain, (domid_t)atoi(argv[2])));
        return 0;
    }

    say("nested", create(XEN_DOMCTL_CDF_nested_virt));
    if ( domid )
        xc_domain_destroy(xc, domid);

    if ( create(0) )
    {
        perror("rawhelper");
        return 4;
    }
    if ( argc > 1 )
        say("event", event());
    if ( xc_domain_max_vcpus(xc, domid, 1) )
        perror("rawhelper: vCPU");
    say("introspect", xc_monitor_get_capabilities(xc, (domid_t)domid, &can));
    say("nobody", domctl(XEN_DOMCTL_vm_event_op, DOMID_INVALID));
    say("debug", xc_domain_setdebugging(xc, domid, 1));
    say("step", xc_domain_debug_control(xc, domid,
                                        XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF,
                                        0));
    say("pool", pool());
    say("zombie", zombie());

    return 0;
}
