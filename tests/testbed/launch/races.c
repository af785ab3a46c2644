/* SPDX-License-Identifier: GPL-2.0-only */
/* What dom0 does while its other vCPU is in the unpause that measures. */
#include "lab.h"
#include "frames.h"

#include <pthread.h>
#include <xen/memory.h>

/* Grants that the builder has made. */
#define INVITATION 8            /* for a page */
#define OF_PAGE    9            /* the kernel's first, for dom0 to write */

/* Made ready before the unpause: the thread changes nothing of lab. */
static struct race {
    struct lab *lab;
    xc_interface *xc;
    xencall_handle *call;
    xenforeignmemory_handle *fmem;
    volatile bool ready;
    xen_pfn_t text, last, l1;
    xen_pfn_t page;             /* dom0's, that nothing maps */
    uint64_t l1_entry;
    vcpu_guest_context_any_t ctxt;
    unsigned int rounds, succeeded;
    char which[128];
    pthread_t thread;
} race;

/* Read-only, so that it may happen before the lock. */
static bool map_probe(void)
{
    int err = 1;
    void *p = xenforeignmemory_map(race.fmem, race.lab->domid, PROT_READ, 1,
                                   &race.text, &err);

    if ( p )
        xenforeignmemory_unmap(race.fmem, p, 1);

    return p && !err;
}

static bool map_page(void)
{
    int err = 1;
    void *p = xenforeignmemory_map(race.fmem, race.lab->domid,
                                   PROT_READ | PROT_WRITE, 1, &race.text,
                                   &err);

    if ( p )
    {
        if ( !err )
            memset(p, 0xcc, 16);
        xenforeignmemory_unmap(race.fmem, p, 1);
    }

    return p && !err;
}

static bool update(uint64_t ptr, uint64_t val, uint32_t owners)
{
    struct mmu_update *u = xencall_alloc_buffer(race.call, sizeof(*u));
    int rc;

    u->ptr = ptr;
    u->val = val;
    rc = xencall4(race.call, __HYPERVISOR_mmu_update, (uintptr_t)u, 1, 0,
                  owners);
    xencall_free_buffer(race.call, u);

    return !rc;
}

static bool edit_table(void)
{
    return update(race.l1, race.l1_entry | NX,
                  (race.lab->domid + 1) << 16 | race.lab->domid);
}

static bool set_m2p(void)
{
    return update(race.last << 12 | MMU_MACHPHYS_UPDATE, 0, race.lab->domid);
}

static bool clear_page(void)
{
    struct mmuext_op op = { .cmd = MMUEXT_CLEAR_PAGE };

    op.arg1.mfn = race.text;

    return xc_mmuext_op(race.xc, &op, 1, race.lab->domid) >= 0;
}

static bool pin_page(void)
{
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE };

    op.arg1.mfn = race.last;

    return xc_mmuext_op(race.xc, &op, 1, race.lab->domid) >= 0;
}

static bool take(void)
{
    return !xc_domain_decrease_reservation_exact(race.xc, race.lab->domid, 1,
                                                 0, &race.last);
}

static bool populate(void)
{
    xen_pfn_t pfn = 0;

    return !xc_domain_populate_physmap_exact(race.xc, race.lab->domid, 1, 0,
                                             0, &pfn);
}

static bool exchange(void)
{
    xen_pfn_t in = race.last, out = lab_last(race.lab);
    struct xen_memory_exchange *x = xencall_alloc_buffer(race.call,
                                                         sizeof(*x) + 16);
    xen_pfn_t *frames = (xen_pfn_t *)(x + 1);
    int rc;

    memset(x, 0, sizeof(*x));
    frames[0] = in;
    frames[1] = out;
    x->in.nr_extents = x->out.nr_extents = 1;
    x->in.domid = x->out.domid = (domid_t)race.lab->domid;
    set_xen_guest_handle_raw(x->in.extent_start, frames);
    set_xen_guest_handle_raw(x->out.extent_start, frames + 1);
    rc = xencall2(race.call, __HYPERVISOR_memory_op, XENMEM_exchange,
                  (uintptr_t)x);
    xencall_free_buffer(race.call, x);

    return !rc;
}

static bool add_to_physmap(void)
{
    return !xc_domain_add_to_physmap(race.xc, race.lab->domid,
                                     XENMAPSPACE_grant_table, 0, 1);
}

static bool memory_map(void)
{
    struct e820entry e = { 0, 4096, 1 };

    return !xc_domain_set_memory_map(race.xc, race.lab->domid, &e, 1);
}

static bool set_context(void)
{
    return !xc_vcpu_setcontext(race.xc, race.lab->domid, 0, &race.ctxt);
}

static bool set_other_context(void)
{
    return !xc_vcpu_setcontext(race.xc, race.lab->domid, 1, &race.ctxt);
}

static bool hypercall_page(void)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_hypercall_init };

    op.domain = (domid_t)race.lab->domid;
    op.u.hypercall_init.gmfn = race.text;

    return !xc_domctl(race.xc, &op);
}

static bool grant_table(void)
{
    void *p = NULL;
    xenforeignmemory_resource_handle *h = xenforeignmemory_map_resource(
        race.fmem, race.lab->domid, XENMEM_resource_grant_table,
        XENMEM_resource_grant_table_id_shared, 0, 1, &p,
        PROT_READ | PROT_WRITE, 0);

    if ( h )
        xenforeignmemory_unmap_resource(race.fmem, h);

    return h;
}

/* By a grant of the builder's, which was there before the lock. */
static bool copy(void)
{
    struct gnttab_copy *c = xencall_alloc_buffer(race.call, sizeof(*c));
    int rc;

    memset(c, 0, sizeof(*c));
    c->source.u.ref = c->dest.u.ref = OF_PAGE;
    c->source.domid = c->dest.domid = (domid_t)race.lab->domid;
    c->len = 64;
    c->dest.offset = 128;
    c->flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
    rc = xencall3(race.call, __HYPERVISOR_grant_table_op, GNTTABOP_copy,
                  (uintptr_t)c, 1) || c->status;
    xencall_free_buffer(race.call, c);

    return !rc;
}

/* One of the builder's grants invites a page. */
static bool transfer(void)
{
    struct gnttab_transfer *t = xencall_alloc_buffer(race.call, sizeof(*t));
    int rc;

    memset(t, 0, sizeof(*t));
    t->mfn = race.page;
    t->domid = (domid_t)race.lab->domid;
    t->ref = INVITATION;
    rc = xencall3(race.call, __HYPERVISOR_grant_table_op, GNTTABOP_transfer,
                  (uintptr_t)t, 1) || t->status;
    xencall_free_buffer(race.call, t);

    return !rc;
}

static bool handle(void)
{
    xen_domain_handle_t h = { 1 };

    return !xc_domain_sethandle(race.xc, race.lab->domid, h);
}

static bool set_msr(void)
{
    return !lab_set_msr(race.xc, race.call, race.lab->domid, 0);
}

static bool set_xstate(void)
{
    return !lab_set_xstate(race.xc, race.call, race.lab->domid, 0);
}

static const struct {
    const char *name;
    bool (*run)(void);
} ops[] = {
    { "map", map_page }, { "mmu_update", edit_table }, { "M2P", set_m2p },
    { "clear", clear_page }, { "pin", pin_page }, { "take", take },
    { "populate", populate }, { "exchange", exchange },
    { "add_to_physmap", add_to_physmap }, { "e820", memory_map },
    { "context", set_context }, { "context1", set_other_context },
    { "hypercall page", hypercall_page }, { "grant table", grant_table },
    { "grant copy", copy }, { "transfer", transfer }, { "handle", handle },
    { "MSR", set_msr }, { "extended state", set_xstate },
};

/* Until the lock the builder may do all this: waits for it, then tries. */
static void *racer(void *arg)
{
    size_t i;

    (void)arg;
    lab_cpu(1);
    race.ready = true;
    while ( map_probe() && !race.lab->stop )
        ;
    do {
        for ( i = 0; i < sizeof(ops) / sizeof(ops[0]); i++ )
            if ( ops[i].run() )
            {
                race.succeeded++;
                if ( !strstr(race.which, ops[i].name) )
                    snprintf(race.which + strlen(race.which),
                             sizeof(race.which) - strlen(race.which), " %s",
                             ops[i].name);
            }
        race.rounds++;
    } while ( !race.lab->stop );

    return NULL;
}

static void *pauser(void *arg)
{
    (void)arg;
    lab_cpu(1);
    race.ready = true;
    while ( !race.lab->stop )
    {
        race.rounds++;
        if ( !xc_domain_pause(race.xc, race.lab->domid) &&
             !xc_domain_unpause(race.xc, race.lab->domid) )
            race.succeeded++;
    }

    return NULL;
}

static void *unpauser(void *arg)
{
    (void)arg;
    lab_cpu(1);
    race.ready = true;
    while ( !race.lab->stop )
    {
        race.rounds++;
        race.succeeded += !xc_domain_unpause(race.xc, race.lab->domid);
    }

    return NULL;
}

static void *destroyer(void *arg)
{
    (void)arg;
    lab_cpu(1);
    race.ready = true;
    while ( map_probe() && !race.lab->stop )
        ;
    race.rounds++;
    race.succeeded += !xc_domain_destroy(race.xc, race.lab->domid);

    return NULL;
}

static int start(struct lab *lab, const char *name)
{
    void *(*run)(void *) = !strcmp(name, "race-pause") ? pauser :
                           !strcmp(name, "race-unpause") ? unpauser :
                           !strcmp(name, "race-destroy") ? destroyer : racer;

    memset(&race, 0, sizeof(race));
    race.lab = lab;
    race.xc = xc_interface_open(NULL, NULL, 0);
    race.call = xencall_open(NULL, 0);
    race.fmem = xenforeignmemory_open(NULL, 0);
    race.text = lab_mfn(lab, lab->dom->kernel_seg.pfn);
    race.last = lab_mfn(lab, lab_last(lab));
    race.l1_entry = lab_walk(lab, xc_dom_virt_entry(lab->dom), &race.l1);
    lab_release(lab);
    race.ctxt.x64 = lab->ctxt;
    race.ctxt.x64.user_regs.rip++;
    lab->stop = false;
    if ( !race.xc || !race.call || !race.fmem ||
         lab_grant(lab, OF_PAGE, race.text, GTF_permit_access) ||
         lab_grant(lab, INVITATION, lab_last(lab) + 1,
                   GTF_accept_transfer) ||
         lab_dom0_page(lab, &race.page) )
        return lab_refused(lab, "race");
    lab_cpu(0);
    if ( pthread_create(&race.thread, NULL, run, NULL) )
        return lab_refused(lab, "thread");
    while ( !race.ready )
        ;

    return 0;
}

static int end(struct lab *lab, const char *name)
{
    (void)name;
    lab->stop = true;
    pthread_join(race.thread, NULL);
    snprintf(lab->note, sizeof(lab->note), "%u of %u rounds%s%s",
             race.succeeded, race.rounds, *race.which ? ":" : "",
             race.which);
    xenforeignmemory_close(race.fmem);
    xencall_close(race.call);
    xc_interface_close(race.xc);

    return 0;
}

const struct attack race_attacks[] = {
    { "race", RACE, start, end },
    { "race-pause", RACE, start, end },
    { "race-unpause", RACE, start, end },
    { "race-destroy", RACE, start, end },
    { .name = NULL }
};
