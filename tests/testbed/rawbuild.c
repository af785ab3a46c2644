/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain builder that lies.  Each prints what unpausing came to.
 *
 * rawbuild empty         a domain without a vCPU
 * rawbuild bare          a vCPU that nobody set up
 * rawbuild pin DOMID     of a paused domain: the console's grant is mapped while
 *                        it names another page, then names the console again
 * rawbuild console DOMID start_info, or a parameter, and grant say that the
 *                        console's page is the store's
 * rawbuild register DOMID a register is set that a builder leaves 0
 * rawbuild store-port DOMID   start_info, or a parameter, names a port whose
 *                        other end is not dom0's
 * rawbuild subscribe DOMID   events of the domain's end come by a port of its
 * rawbuild target DOMID  another domain is its device model, and it another's:
 *                        two lines
 * rawbuild unpause DOMID once more
 * rawbuild handle DOMID UUID   gives the domain another handle
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>
#include <xen/grant_table.h>
#include <xen/hvm/params.h>

#define PAGE  4096
#define BATCH 512

static xc_interface *xc;
static xenforeignmemory_handle *fmem;

static int unpause(uint32_t domid)
{
    int rc = xc_domain_unpause(xc, domid);

    printf("%s\n", rc ? strerrorname_np(errno) : "unpaused");

    return 0;
}

static int create(bool vcpu)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };
    uint32_t domid = 0;

    /* An owner's, by its looks: protected. */
    config.handle[6] = config.handle[8] = 0x80;
    if ( xc_domain_create(xc, &domid, &config) )
    {
        perror("rawbuild: create");
        return 2;
    }
    if ( vcpu && xc_domain_max_vcpus(xc, domid, 1) )
        perror("rawbuild: vCPU");
    unpause(domid);
    if ( xc_domain_destroy(xc, domid) )
        perror("rawbuild: destroy");

    return 0;
}

static grant_entry_v1_t *table(uint16_t domid,
                               xenforeignmemory_resource_handle **h)
{
    void *p = NULL;

    *h = xenforeignmemory_map_resource(
        fmem, domid, XENMEM_resource_grant_table,
        XENMEM_resource_grant_table_id_shared, 0, 1, &p,
        PROT_READ | PROT_WRITE, 0);

    return *h ? p : NULL;
}

static bool is_pvh(uint32_t domid)
{
    xc_dominfo_t info;

    return xc_domain_getinfo(xc, domid, 1, &info) == 1 && info.hvm;
}

static int pin(uint16_t domid)
{
    xenforeignmemory_resource_handle *h;
    grant_entry_v1_t *e = table(domid, &h);
    xengnttab_handle *g = xengnttab_open(NULL, 0);
    uint32_t console;
    void *p;

    if ( !e || !g )
        return 2;
    console = e[0].frame;
    e[0].frame = is_pvh(domid) ? 0x100 : console + 1;
    p = xengnttab_map_grant_ref(g, domid, 0, PROT_READ);
    e[0].frame = console;
    xenforeignmemory_unmap_resource(fmem, h);
    if ( !p )
    {
        perror("rawbuild: map");
        return 2;
    }

    return unpause(domid);
}

/* The page of the guest that starts with the magic. */
static start_info_t *find_start_info(uint32_t domid, unsigned long frames)
{
    xen_pfn_t frame[BATCH], first, found;
    int err[BATCH], i;

    for ( first = 0; first < frames; first += BATCH )
    {
        char *p;

        for ( i = 0; i < BATCH; i++ )
            frame[i] = first + (xen_pfn_t)i;
        p = xenforeignmemory_map(fmem, domid, PROT_READ, BATCH, frame, err);
        if ( !p )
            continue;
        for ( i = 0; i < BATCH; i++ )
            if ( !err[i] && !memcmp(p + i * PAGE, "xen-3.0-x86_64", 14) )
                break;
        xenforeignmemory_unmap(fmem, p, BATCH);
        if ( i == BATCH )
            continue;
        found = first + (xen_pfn_t)i;
        return xenforeignmemory_map(fmem, domid, PROT_READ | PROT_WRITE, 1,
                                    &found, err);
    }

    return NULL;
}

static int console(uint16_t domid)
{
    xenforeignmemory_resource_handle *h;
    grant_entry_v1_t *e = table(domid, &h);

    if ( !e )
        return 2;
    e[0].frame = e[1].frame;
    if ( is_pvh(domid) )
    {
        if ( xc_hvm_param_set(xc, domid, HVM_PARAM_CONSOLE_PFN, e[1].frame) )
            return 2;
    }
    else
    {
        start_info_t *si = find_start_info(domid, 0x80000);

        if ( !si )
            return 2;
        si->console.domU.mfn = si->store_mfn;
        xenforeignmemory_unmap(fmem, si, 1);
    }
    xenforeignmemory_unmap_resource(fmem, h);

    return unpause(domid);
}

static int store_port(uint32_t domid)
{
    int port = xc_evtchn_alloc_unbound(xc, domid, domid);

    if ( port < 0 )
        return 2;
    if ( is_pvh(domid) )
    {
        if ( xc_hvm_param_set(xc, domid, HVM_PARAM_STORE_EVTCHN,
                              (uint64_t)port) )
            return 2;
    }
    else
    {
        start_info_t *si = find_start_info(domid, 0x80000);

        if ( !si )
            return 2;
        si->store_evtchn = (uint32_t)port;
        xenforeignmemory_unmap(fmem, si, 1);
    }

    return unpause(domid);
}

static void say(int rc)
{
    puts(rc ? strerrorname_np(errno) : "done");
}

static int target(uint32_t domid)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };
    uint32_t other = 0;

    if ( xc_domain_create(xc, &other, &config) )
    {
        perror("rawbuild: create");
        return 2;
    }
    say(xc_domain_set_target(xc, other, domid));
    say(xc_domain_set_target(xc, domid, other));
    xc_domain_destroy(xc, other);

    return 0;
}

static int set_register(uint32_t domid)
{
    vcpu_guest_context_any_t c;

    if ( xc_vcpu_getcontext(xc, domid, 0, &c) )
        return 2;
    c.x64.user_regs.rbx = 1;
    if ( xc_vcpu_setcontext(xc, domid, 0, &c) )
    {
        printf("%s\n", strerrorname_np(errno));
        return 0;
    }

    return unpause(domid);
}

static int set_handle(uint32_t domid, const char *text)
{
    xen_domain_handle_t handle;
    size_t i;

    for ( i = 0; i < sizeof(handle); i++ )
    {
        text += *text == '-';
        if ( sscanf(text, "%2hhx", &handle[i]) != 1 )
            return 2;
        text += 2;
    }
    puts(xc_domain_sethandle(xc, domid, handle) ? strerrorname_np(errno)
         : "done");

    return 0;
}

int main(int argc, char **argv)
{
    uint16_t domid = argc > 2 ? (uint16_t)atoi(argv[2]) : 0;

    xc = xc_interface_open(NULL, NULL, 0);
    fmem = xenforeignmemory_open(NULL, 0);
    if ( !xc || !fmem || argc < 2 )
        return 2;
    if ( !strcmp(argv[1], "empty") || !strcmp(argv[1], "bare") )
        return create(argv[1][0] == 'b');
    if ( !strcmp(argv[1], "pin") )
        return pin(domid);
    if ( !strcmp(argv[1], "console") )
        return console(domid);
    if ( !strcmp(argv[1], "store-port") )
        return store_port(domid);
    if ( !strcmp(argv[1], "subscribe") )
        return say(xc_domain_subscribe_for_suspend(xc, domid, 1)), 0;
    if ( !strcmp(argv[1], "target") )
        return target(domid);
    if ( !strcmp(argv[1], "register") )
        return set_register(domid);
    if ( !strcmp(argv[1], "unpause") )
        return unpause(domid);
    if ( !strcmp(argv[1], "handle") && argc > 3 )
        return set_handle(domid, argv[3]);

    return 2;
}
