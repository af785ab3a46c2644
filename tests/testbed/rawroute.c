/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rawroute: gives an HVM guest, which is no owner's, a state that it cannot
 * have, as a toolstack that restores one: a PCI interrupt routed behind the end
 * of a table, and a second PIC that says it is the first.  "NAME stays", or what
 * became of it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>
#include <xen/hvm/save.h>

#define FAR     200         /* of 48 */
#define ROOM    65536

static xc_interface *xc;
static uint32_t domid;

static struct hvm_save_descriptor *find(uint8_t *context, uint16_t type,
                                        uint16_t instance)
{
    struct hvm_save_descriptor *d = (void *)context;

    while ( d->typecode &&
            (d->typecode != type || d->instance != instance) )
        d = (void *)((uint8_t *)(d + 1) + d->length);

    return d->typecode == type ? d : NULL;
}

static void *get(uint8_t *context, uint16_t type, uint16_t instance)
{
    struct hvm_save_descriptor *d;

    memset(context, 0, ROOM);
    if ( xc_domain_hvm_getcontext(xc, domid, context, ROOM) <= 0 )
        return NULL;
    d = find(context, type, instance);

    return d ? d + 1 : NULL;
}

/* Header, this record, and the end. */
static void put(uint8_t *context, void *record)
{
    struct hvm_save_descriptor *header = (void *)context,
                               *d = (struct hvm_save_descriptor *)record - 1;
    size_t first = sizeof(*header) + header->length,
           second = sizeof(*d) + d->length;
    uint8_t *small = calloc(1, first + second + sizeof(*d));

    if ( !small )
        exit(4);
    memcpy(small, context, first);
    memcpy(small + first, d, second);
    (void)!xc_domain_hvm_setcontext(xc, domid, small, (uint32_t)
                                    (first + second + sizeof(*d)));
    free(small);
}

int main(void)
{
    struct xen_domctl_createdomain config = {
        .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
        .max_vcpus = 1, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .arch.emulation_flags = XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI,
    };
    static uint8_t context[ROOM];
    struct hvm_hw_pci_link *link;
    struct hvm_hw_vpic *pic;
    int rc = 1;

    xc = xc_interface_open(NULL, NULL, 0);
    if ( !xc || xc_domain_create(xc, &domid, &config) )
    {
        perror("rawroute");
        return 4;
    }
    if ( xc_domain_max_vcpus(xc, domid, 1) ||
         xc_shadow_control(xc, domid, XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION,
                           &(unsigned int){ 4 }, 0) < 0 )
        perror("rawroute");

    link = get(context, HVM_SAVE_CODE(PCI_LINK), 0);
    if ( !link )
        goto out;
    link->route[0] = FAR;
    put(context, link);
    link = get(context, HVM_SAVE_CODE(PCI_LINK), 0);
    if ( !link )
        goto out;
    printf("route %s\n", link->route[0] == FAR ? "changed" : "stays");

    pic = get(context, HVM_SAVE_CODE(PIC), 1);
    if ( !pic )
        goto out;
    pic->is_master = 1;
    put(context, pic);
    pic = get(context, HVM_SAVE_CODE(PIC), 1);
    if ( !pic )
        goto out;
    printf("pic %s\n", pic->is_master ? "changed" : "stays");
    rc = 0;

 out:
    if ( rc )
        perror("rawroute: context");
    xc_domain_destroy(xc, domid);

    return rc;
}
