/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What dom0 holds on to when it lets the guest start: mappings of every kind,
 * and a page table that Xen has looked through half-way.
 */
#include "lab.h"

#include <pthread.h>
#include <unistd.h>
#include <xengnttab.h>

/* Another frame and other caching for a page that is mapped already. */
static int remap(struct lab *lab, void *p, xen_pfn_t mfn, uint64_t caching)
{
    uint64_t e = mfn << 12 | 0x67 | caching;

    return xencall4(lab->call, __HYPERVISOR_update_va_mapping_otherdomain,
                    (uintptr_t)p, e, UVMF_TLB_FLUSH | UVMF_ALL, lab->domid)
           ? lab_refused(lab, "update_va_mapping") : 0;
}

#define PAT 0x80                /* Xen's entry 4: write-combining */

/* Past the caches. */
static int combining(struct lab *lab, const char *name)
{
    uint8_t *p = lab_map(lab, lab_last(lab));
    const struct xc_dom_image *dom = lab->dom;
    xen_pfn_t pfn = !strcmp(name, "wc-start") ? dom->start_info_pfn :
                    !strcmp(name, "wc-p2m") ? dom->p2m_seg.pfn
                                            : dom->kernel_seg.pfn;

    if ( !p )
        return lab_refused(lab, "page");
    if ( remap(lab, p, lab_mfn(lab, pfn), PAT) )
        return -1;
    p[!strcmp(name, "wc-start") ? offsetof(start_info_t, cmd_line) : 8] ^= 1;

    return 0;
}

static uint8_t *held;

static int hold(struct lab *lab, const char *name)
{
    held = lab_map(lab, lab->dom->kernel_seg.pfn);
    if ( !strcmp(name, "held-entry") )
    {
        held = lab_map(lab, lab_last(lab));
        if ( held && remap(lab, held,
                           lab_mfn(lab, lab->dom->kernel_seg.pfn), 0) )
            return -1;
    }

    return held ? 0 : lab_refused(lab, "page");
}

static int write_held(struct lab *lab, const char *name)
{
    (void)lab, (void)name;
    held[8] ^= 1;

    return 0;
}

static int swap_held(struct lab *lab, const char *name)
{
    xen_pfn_t mfn = lab_mfn(lab, lab_last(lab));

    (void)name;

    return xc_domain_decrease_reservation_exact(lab->xc, lab->domid, 1, 0,
                                                &mfn)
           ? lab_refused(lab, "take") : 0;
}

/* As a backend's: the builder's grant of a page, mapped to be written. */
#define OF_PAGE 9

static xengnttab_handle *grants;

static int hold_grant(struct lab *lab, const char *name)
{
    (void)name;
    if ( lab_grant(lab, OF_PAGE, lab_mfn(lab, lab->dom->kernel_seg.pfn),
                   GTF_permit_access) )
        return -1;
    grants = xengnttab_open(NULL, 0);
    held = grants ? xengnttab_map_grant_ref(grants, lab->domid, OF_PAGE,
                                            PROT_READ | PROT_WRITE) : NULL;

    return held ? 0 : lab_refused(lab, "grant");
}

static int write_grant(struct lab *lab, const char *name)
{
    write_held(lab, name);
    xengnttab_unmap(grants, held, 1);
    xengnttab_close(grants);

    return 0;
}

/*
 * A root table of its own in free memory, with so many entries below it that
 * looking through them takes a while.  Xen stops half-way when dom0's vCPU is
 * paused for the guest's start, and the operation is not continued: from then
 * on it is refused.
 */
#define NR_TABLES 600           /* L1s; two L2s, an L3, the root, a page */
#define NR_PAGES  (NR_TABLES + 5)

static struct {
    struct lab *lab;
    struct mmuext_op op;
    volatile bool ready;
    int error;
    pthread_t thread;
} half;

static void *pin_root(void *arg)
{
    (void)arg;
    lab_cpu(1);
    half.ready = true;
    half.error = xc_mmuext_op(half.lab->xc, &half.op, 1, half.lab->domid) < 0
                 ? errno : 0;

    return NULL;
}

static int half_table(struct lab *lab, const char *name)
{
    xen_pfn_t mfn[NR_PAGES], first = lab_last(lab) + 1 - NR_PAGES;
    uint64_t (*t)[ENTRIES], *root, *l3, (*l2)[ENTRIES];
    unsigned int i, j;

    (void)name;
    for ( i = 0; i < NR_PAGES; i++ )
        mfn[i] = lab_mfn(lab, first + i);
    t = xenforeignmemory_map(lab->fmem, lab->domid, PROT_READ | PROT_WRITE,
                             NR_PAGES, mfn, NULL);
    if ( !t )
        return lab_refused(lab, "page tables");
    l2 = t + NR_TABLES;
    l3 = t[NR_TABLES + 2];
    root = t[NR_TABLES + 3];
    for ( i = 0; i < NR_TABLES; i++ )
    {
        for ( j = 0; j < ENTRIES; j++ )
            t[i][j] = mfn[NR_PAGES - 1] << 12 | 0x25;
        l2[i / ENTRIES][i % ENTRIES] = mfn[i] << 12 | 0x27;
    }
    for ( i = 0; i < 2; i++ )
        l3[i] = mfn[NR_TABLES + i] << 12 | 0x27;
    root[0] = mfn[NR_TABLES + 2] << 12 | 0x27;
    xenforeignmemory_unmap(lab->fmem, t, NR_PAGES);

    memset(&half, 0, sizeof(half));
    half.lab = lab;
    half.op.cmd = MMUEXT_PIN_L4_TABLE;
    half.op.arg1.mfn = mfn[NR_TABLES + 3];
    lab_cpu(0);
    if ( pthread_create(&half.thread, NULL, pin_root, NULL) )
        return lab_refused(lab, "thread");
    while ( !half.ready )
        ;
    usleep(20000);

    return 0;
}

static int end_half(struct lab *lab, const char *name)
{
    (void)name;
    pthread_join(half.thread, NULL);
    snprintf(lab->note, sizeof(lab->note), "pin: %s",
             half.error ? strerrorname_np(half.error) : "done");

    return 0;
}

const struct attack held_attacks[] = {
    { "wc-text", BUILT, combining, NULL },
    { "wc-start", BUILT, combining, NULL },
    { "wc-p2m", BUILT, combining, NULL },
    { "held-map", HELD, hold, write_held },
    { "held-entry", HELD, hold, write_held },
    { "held-take", HELD, hold, swap_held },
    { "held-grant", HELD, hold_grant, write_grant },
    { "half-table", HELD, half_table, end_half },
    { .name = NULL }
};
