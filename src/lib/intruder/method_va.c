/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * update_va_mapping_otherdomain: an entry of this process' own page tables
 * is pointed at the guest's frame behind the kernel's back.
 */
#include "lib/intruder/method.h"

#include <errno.h>
#include <sys/mman.h>

/* Present, user, accessed, dirty, and Linux's "special": none of its pages. */
#define PTE_FLAGS (1ull | 1ull << 2 | 1ull << 5 | 1ull << 6 | 1ull << 9)

struct window {
    struct fbc_victim *t;
    const volatile uint8_t *va; /* maps home */
    uint64_t home;
};

static int point(const struct window *w, uint64_t frame, uint16_t domid)
{
    return xencall4(w->t->call, __HYPERVISOR_update_va_mapping_otherdomain,
                    (uintptr_t)w->va, frame << 12 | PTE_FLAGS,
                    UVMF_INVLPG | UVMF_ALL, domid) ? errno : 0;
}

static int read_page(void *arg, uint64_t frame, uint8_t page[static FBC_PAGE])
{
    const struct window *w = arg;
    int rc = point(w, frame, w->t->domid);

    if ( rc )
        return rc;
    memcpy(page, (const void *)w->va, FBC_PAGE);

    return point(w, w->home, DOMID_SELF);
}

/* A frame of dom0's own that is mapped as frames of devices are. */
void fbc_method_va(struct fbc_method_run *r)
{
    struct window w = { .t = r->t };
    xc_domaininfo_t info;
    xen_pfn_t pfn;
    int err = 0;
    void *p;

    if ( xc_domain_getinfolist(r->t->xc, 0, 1, &info) != 1 )
        return fbc_method_errno(r, errno, "dom0's shared info page");
    pfn = w.home = info.shared_info_frame;
    p = xenforeignmemory_map(r->t->fmem, DOMID_SELF, PROT_READ, 1, &pfn,
                             &err);
    if ( !p || err )
    {
        fbc_method_errno(r, p ? err : errno, "dom0's shared info page");
        goto out;
    }

    w.va = p;
    err = point(&w, w.home, DOMID_SELF);
    if ( err )
        fbc_method_errno(r, err, "own frame");
    else
        fbc_method_walk(r, read_page, &w);

 out:
    if ( p )
        xenforeignmemory_unmap(r->t->fmem, p, 1);
}
