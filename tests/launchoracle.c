/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The launch log of a guest that the real domain builder lays out: libxenguest
 * without Xen, in memory of this process, with machine frames drawn by lot.
 *
 * usage: launchoracle SEED KERNEL RAMDISK CMDLINE MEMORY [MAXMEM] > log
 *
 * RAMDISK may be empty; memory is in MiB.  What Xen does to the guest is done
 * here: it marks entries of page tables as the kernel's, and writes the
 * hypercall page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <xenctrl.h>
#include <xenguest.h>

#include "core/launch.h"
#include "parse/launch/log.h"
#include "parse/launch/pvelf.h"

static struct xc_dom_image *dom;
static vcpu_guest_context_x86_64_t vcpu;
static xen_pfn_t *m2p;
static uint8_t *level_of;       /* a page table's, by page */
static struct fbc_launch l;
static uint8_t data[FBC_LAUNCHLOG_MAX];

/* In place of libxenctrl's, which would ask Xen. */
int xc_clear_domain_pages(xc_interface *xch, uint32_t domid, uint64_t mfn,
                          int num)
{
    (void)xch, (void)domid, (void)mfn, (void)num;
    return 0;
}

int xc_vcpu_setcontext(xc_interface *xch, uint32_t domid, uint32_t v,
                       vcpu_guest_context_any_t *ctxt)
{
    (void)xch, (void)domid, (void)v;
    vcpu = ctxt->x64;
    return 0;
}

static void must(int ok, const char *what)
{
    if ( ok )
        return;
    fprintf(stderr, "launchoracle: %s failed\n", what);
    exit(1);
}

static void *page_of(xen_pfn_t pfn)
{
    return xc_dom_pfn_to_ptr(dom, pfn, 0);
}

static xen_pfn_t pfn_of(uint64_t mfn)
{
    must(mfn < dom->total_pages, "frame of an entry");
    return m2p[mfn];
}

/* Marks the tables below, and what Xen marks in their entries. */
static void validate(xen_pfn_t pfn, unsigned int level)
{
    uint64_t *t = page_of(pfn);
    unsigned int i;

    must(t != NULL, "page table");
    if ( level_of[pfn] )
        return;
    level_of[pfn] = level;
    for ( i = 0; i < 512; i++ )
    {
        if ( !(t[i] & 1) )
            continue;
        t[i] |= level > 1 || t[i] & 4 ? 4 : 4 | UINT64_C(1) << 52;
        if ( level > 1 )
            validate(pfn_of(fbc_launch_pte_frame(t[i])), level - 1);
    }
}

static void hypercall_page(void)
{
    struct fbc_pvelf k;
    uint8_t *p;
    unsigned int i;

    must(!fbc_pvelf_parse(dom->kernel_blob, dom->kernel_size, &k), "ELF");
    if ( k.hypercall_page == FBC_PVELF_UNSET )
        return;
    p = page_of((k.hypercall_page - k.virt_base) >> 12);
    must(p != NULL, "hypercall page");
    memset(p, 0xcc, 4096);
    for ( i = 0; i < 128; i++, p += 32 )
        if ( i == 23 )
            memcpy(p, "\x51\x41\x53\x50\xb8\x17\0\0\0\x0f\x05", 11);
        else
        {
            memcpy(p, "\x51\x41\x53\xb8\0\0\0\0\x0f\x05\x41\x5b\x59\xc3", 14);
            p[4] = i;
        }
}

static void build(char **argv, unsigned int mem)
{
    xc_interface *xch = xc_interface_open(NULL, NULL, XC_OPENFLAG_DUMMY);
    xen_pfn_t i;

    dom = xc_dom_allocate(xch, argv[4], NULL);
    must(dom != NULL, "xc_dom_allocate");
    dom->container_type = XC_DOM_PV_CONTAINER;
    strcpy(dom->xen_caps, "xen-3.0-x86_64");
    dom->flags = 0;             /* as libxl */
    must(!xc_dom_kernel_file(dom, argv[2]), "kernel");
    if ( *argv[3] )
        must(!xc_dom_module_file(dom, argv[3], NULL), "ramdisk");
    must(!xc_dom_parse_image(dom), "xc_dom_parse_image");
    must(!xc_dom_mem_init(dom, mem), "xc_dom_mem_init");

    dom->p2m_size = dom->total_pages;
    dom->pv_p2m = calloc(dom->p2m_size, sizeof(*dom->pv_p2m));
    m2p = calloc(dom->p2m_size, sizeof(*m2p));
    level_of = calloc(dom->p2m_size, 1);
    must(dom->pv_p2m && m2p && level_of, "calloc");
    srandom(atoi(argv[1]));
    for ( i = 0; i < dom->p2m_size; i++ )
    {
        xen_pfn_t j = random() % (i + 1);

        dom->pv_p2m[i] = dom->pv_p2m[j];
        dom->pv_p2m[j] = i;
    }
    for ( i = 0; i < dom->p2m_size; i++ )
        m2p[dom->pv_p2m[i]] = i;
    dom->shared_info_mfn = random();
    dom->xenstore_evtchn = random() % 100;
    dom->console_evtchn = random() % 100;

    must(!xc_dom_build_image(dom), "xc_dom_build_image");
    must(!dom->arch_hooks->setup_pgtables(dom), "setup_pgtables");
    must(!dom->arch_hooks->start_info(dom), "start_info");
    must(!dom->arch_hooks->vcpu(dom), "vcpu");
    hypercall_page();
    validate(pfn_of(vcpu.ctrlreg[3] >> 12), 4);
}

static void add_page(xen_pfn_t pfn)
{
    uint64_t *p = page_of(pfn), e;
    unsigned int i;

    if ( !p || (!level_of[pfn] && fbc_launch_is_zero(p)) )
        return;
    memcpy(l.link.page, p, 4096);
    for ( i = 0; level_of[pfn] && i < 512; i++ )
        if ( (e = p[i]) & 1 )
            fbc_put64(l.link.page + 8 * i,
                      fbc_launch_pte(e, pfn_of(fbc_launch_pte_frame(e))));
    fbc_launch_page(&l, pfn, level_of[pfn]);
}

int main(int argc, char **argv)
{
    unsigned int mem = argc > 5 ? (unsigned int)atoi(argv[5]) : 0;
    unsigned int maxmem = argc > 6 ? (unsigned int)atoi(argv[6]) : mem;
    uint8_t cpu[FBC_LAUNCH_CPU_LEN], e820[FBC_LAUNCH_E820_LEN], digest[32];
    uint8_t start[4096];
    const uint64_t *list;
    xen_pfn_t pfn, p2m_pages;

    must(mem != 0, "usage");
    build(argv, mem);

    p2m_pages = (dom->total_pages + 511) / 512;
    list = page_of(dom->p2m_seg.pfn);
    for ( pfn = 0; pfn < p2m_pages * 512; pfn++ )
        must(list[pfn] == (pfn < dom->total_pages ? dom->pv_p2m[pfn] : 0),
             "P2M list");

    fbc_launch_begin(&l, data + FBC_LAUNCH_HEADER_LEN, FBC_LAUNCH_MAX_ENTRIES,
                     dom->total_pages);
    fbc_launch_cpu(cpu, vcpu.user_regs.rip, vcpu.user_regs.rsp,
                   vcpu.user_regs.rsi, pfn_of(vcpu.ctrlreg[3] >> 12),
                   vcpu.vm_assist);
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_CPU, 0, 1, cpu, sizeof(cpu));
    fbc_put64(e820, 0);
    fbc_put64(e820 + 8, (uint64_t)maxmem << 20);
    fbc_put32(e820 + 16, 1);
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_E820, 0, 1, e820, sizeof(e820));
    memcpy(start, page_of(dom->start_info_pfn), sizeof(start));
    fbc_launch_start_normalise(start,
                               pfn_of(fbc_get64(start + FBC_LAUNCH_SI_STORE)),
                               pfn_of(fbc_get64(start +
                                                FBC_LAUNCH_SI_CONSOLE)));
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_START, dom->start_info_pfn, 1, start,
                    sizeof(start));
    fbc_launch_range(&l, FBC_LAUNCH_LOG_P2M, dom->p2m_seg.pfn, p2m_pages);
    fbc_launch_range(&l, FBC_LAUNCH_LOG_CHANNEL, dom->xenstore_pfn, 1);
    fbc_launch_range(&l, FBC_LAUNCH_LOG_CHANNEL, dom->console_pfn, 1);

    for ( pfn = 0; pfn < dom->total_pages; pfn++ )
        if ( pfn != dom->start_info_pfn && pfn != dom->xenstore_pfn &&
             pfn != dom->console_pfn &&
             pfn - dom->p2m_seg.pfn >= p2m_pages )
            add_page(pfn);

    must(!fbc_launch_end(&l, FBC_LAUNCH_OK, 0, data, digest), "log");
    must(fwrite(data, FBC_LAUNCH_HEADER_LEN + l.nr * FBC_LAUNCH_ENTRY_LEN, 1,
                stdout) == 1 &&
         fwrite(cpu, sizeof(cpu), 1, stdout) == 1 &&
         fwrite(e820, sizeof(e820), 1, stdout) == 1 &&
         fwrite(start, sizeof(start), 1, stdout) == 1 && !fflush(stdout),
         "write");

    return 0;
}
