/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes a PVH guest that is built and has not started, as a domain builder
 * that lies would have built it.
 *
 * rawpvh WHAT DOMID      "done", or an errno
 *
 * WHAT is poke (a byte of free memory), text (of the kernel), acpi, hole (a page
 * less), extra (a page more), map (its memory map), or of the processors: entry,
 * start-info (rbx, to a copy), register, segment, paging, event, apic, cache,
 * msr, vcpu1 (set up as the first), event1 (that is left when it is reset); or
 * param.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenctrl.h>
#include <xendevicemodel.h>
#include <xenforeignmemory.h>
#include <xen/hvm/params.h>
#include <xen/hvm/save.h>

#define PAGE 4096
#define FREE 0x3000             /* a page that nobody uses, with 64 MiB */

static xc_interface *xc;
static xenforeignmemory_handle *fmem;
static uint32_t domid;

static uint8_t *map(xen_pfn_t gfn)
{
    int err = 0;
    uint8_t *p = xenforeignmemory_map(fmem, domid, PROT_READ | PROT_WRITE, 1,
                                      &gfn, &err);

    return p && !err ? p : NULL;
}

static int change(xen_pfn_t gfn, size_t at)
{
    uint8_t *p = map(gfn);

    if ( !p )
        return -1;
    p[at] ^= 1;

    return xenforeignmemory_unmap(fmem, p, 1);
}

static int hole(void)
{
    xen_pfn_t gfn = FREE;

    return xc_domain_decrease_reservation_exact(xc, domid, 1, 0, &gfn);
}

static int extra(void)
{
    xen_pfn_t gfn = 0xf0000;

    return xc_domain_setmaxmem(xc, domid, 1 << 20) ?:
           xc_domain_populate_physmap_exact(xc, domid, 1, 0, 0, &gfn);
}

static int memory_map(void)
{
    struct e820entry e = { 0, 64 << 20, 1 };

    return xc_domain_set_memory_map(xc, domid, &e, 1);
}

/* A record of the guest's context, with what is to be put back. */
static struct {
    struct hvm_save_descriptor header_d;
    HVM_SAVE_TYPE(HEADER) header;
    uint8_t rest[4096];
} out;
static uint8_t *context;

static void *record(uint16_t type, uint16_t instance)
{
    uint8_t *p = context;

    for ( ; ; )
    {
        struct hvm_save_descriptor *d = (void *)p;

        if ( d->typecode == type && d->instance == instance )
            return d;
        if ( !d->typecode )
            return NULL;
        p += sizeof(*d) + d->length;
    }
}

static int load(void)
{
    int size = xc_domain_hvm_getcontext(xc, domid, NULL, 0);
    struct hvm_save_descriptor *d;

    if ( size <= 0 || !(context = calloc(1, (size_t)size)) ||
         xc_domain_hvm_getcontext(xc, domid, context, (uint32_t)size) <= 0 )
        return -1;
    d = record(HVM_SAVE_CODE(HEADER), 0);
    if ( !d )
        return -1;
    memcpy(&out, d, sizeof(*d) + d->length);

    return 0;
}

/* Other vCPUs are left as they are: down. */
static int store(const struct hvm_save_descriptor *d,
                 const struct hvm_save_descriptor *then)
{
    uint8_t *p = out.rest;

    memcpy(p, d, sizeof(*d) + d->length);
    p += sizeof(*d) + d->length;
    if ( then )
    {
        memcpy(p, then, sizeof(*then) + then->length);
        p += sizeof(*then) + then->length;
    }
    memset(p, 0, sizeof(struct hvm_save_descriptor));
    p += sizeof(struct hvm_save_descriptor);

    return xc_domain_hvm_setcontext(xc, domid, (uint8_t *)&out,
                                    (uint32_t)(p - (uint8_t *)&out));
}

/* The page behind rbx, once more. */
static int second_start_info(HVM_SAVE_TYPE(CPU) *cpu)
{
    uint8_t *from = map((xen_pfn_t)cpu->rbx / PAGE), *to = map(FREE);

    if ( !from || !to )
        return -1;
    memcpy(to, from, PAGE);
    cpu->rbx = FREE * PAGE;

    return xenforeignmemory_unmap(fmem, from, 1) ?:
           xenforeignmemory_unmap(fmem, to, 1);
}

static int change_cpu(const char *what)
{
    struct hvm_save_descriptor *d = record(HVM_SAVE_CODE(CPU), 0);
    struct hvm_save_descriptor *other = NULL;
    HVM_SAVE_TYPE(CPU) *cpu = (void *)(d + 1);

    if ( !d )
        return -1;
    /* Loading a vCPU puts all down, but those that are loaded. */
    if ( !strcmp(what, "entry") )
        cpu->rip += 16;
    else if ( !strcmp(what, "start-info") )
    {
        if ( second_start_info(cpu) )
            return -1;
    }
    else if ( !strcmp(what, "register") )
        cpu->rcx = 1;
    else if ( !strcmp(what, "segment") )
        cpu->fs_base = 0x1000;
    else if ( !strcmp(what, "paging") )
        cpu->cr3 = FREE * PAGE;
    else if ( !strcmp(what, "msr") )
        cpu->msr_lstar = 0x1000;
    else if ( !strcmp(what, "apic") )
    {
        other = record(HVM_SAVE_CODE(LAPIC_REGS), 0);
        if ( !other )
            return -1;
        ((uint8_t *)(other + 1))[0x80] = 0x10;  /* priority */
    }
    else if ( !strcmp(what, "cache") )
    {
        other = record(HVM_SAVE_CODE(MTRR), 0);
        if ( !other )
            return -1;
        ((HVM_SAVE_TYPE(MTRR) *)(other + 1))->msr_mtrr_def_type = 0x800;
    }
    else
        return -1;

    return other ? store(other, d) : store(d, NULL);
}

/* Loaded as the first is; with an interrupt, and put down again. */
static int second_vcpu(bool event)
{
    struct hvm_save_descriptor *d = record(HVM_SAVE_CODE(CPU), 0);
    static struct {
        struct hvm_save_descriptor d;
        HVM_SAVE_TYPE(CPU) cpu;
    } copy;

    if ( !d || d->length > sizeof(copy.cpu) )
        return -1;
    memcpy(&copy, d, sizeof(*d) + d->length);
    copy.d.instance = 1;
    if ( event )
    {
        copy.cpu.pending_vector = 0x80;
        copy.cpu.pending_type = 0;      /* external, so that it is kept */
        copy.cpu.pending_valid = 1;
    }

    return store(d, &copy.d) ?:
           (event ? xc_vcpu_setcontext(xc, domid, 1, NULL) : 0);
}

static int event(void)
{
    xendevicemodel_handle *dm = xendevicemodel_open(NULL, 0);

    /* A software interrupt. */
    return dm ? xendevicemodel_inject_event(dm, (domid_t)domid, 0, 0x80, 4,
                                            ~0u, 2, 0) : -1;
}

static int run(const char *what)
{
    if ( !strcmp(what, "poke") )
        return change(FREE, 100);
    if ( !strcmp(what, "text") )
        return change(0x102, 100);
    if ( !strcmp(what, "acpi") )
        return change(0xfc001, 100);
    if ( !strcmp(what, "hole") )
        return hole();
    if ( !strcmp(what, "extra") )
        return extra();
    if ( !strcmp(what, "map") )
        return memory_map();
    if ( !strcmp(what, "param") )
        return xc_hvm_param_set(xc, domid, HVM_PARAM_VM86_TSS_SIZED,
                                (UINT64_C(128) << 32) | 0x1000);
    if ( !strcmp(what, "event") )
        return event();
    if ( load() )
        return -1;

    if ( !strcmp(what, "vcpu1") || !strcmp(what, "event1") )
        return second_vcpu(!strcmp(what, "event1"));

    return change_cpu(what);
}

int main(int argc, char **argv)
{
    xc = xc_interface_open(NULL, NULL, 0);
    fmem = xenforeignmemory_open(NULL, 0);
    if ( argc != 3 || !xc || !fmem )
        return 2;
    domid = (uint32_t)atoi(argv[2]);
    errno = 0;
    printf("%s\n", run(argv[1]) ? strerrorname_np(errno) ?: "failed" : "done");

    return 0;
}
