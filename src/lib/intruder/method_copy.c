/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations of the hypervisor on the guest's memory, on its behalf. */
#include "lib/intruder/method.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <xengnttab.h>

#include "lib/dom0/domain.h"
#include "lib/dom0/xenlog.h"

struct copier {
    struct fbc_victim *t;
    struct mmuext_op *op;       /* hypercall buffer */
    uint64_t frame;             /* page of the guest that dom0 may map */
    uint8_t *page;              /* mapped by grant */
};

static int read_page(void *arg, uint64_t frame, uint8_t page[static FBC_PAGE])
{
    const struct copier *c = arg;

    memset(c->op, 0, sizeof(*c->op));
    c->op->cmd = MMUEXT_COPY_PAGE;
    c->op->arg1.mfn = c->frame;
    c->op->arg2.src_mfn = frame;
    if ( xencall4(c->t->call, __HYPERVISOR_mmuext_op, (uintptr_t)c->op, 1, 0,
                  c->t->domid) )
        return errno;
    memcpy(page, c->page, FBC_PAGE);

    return 0;
}

/* Onto the console's page, which is given back its contents. */
static void copy(struct fbc_method_run *r, struct copier *c)
{
    uint8_t keep[FBC_PAGE];
    char text[24], *end;

    if ( !fbc_domain_read(r->t->xs, r->t->domid, "console/ring-ref", text,
                          sizeof(text)) )
        return fbc_method_say(r, FBC_METHOD_NOTHING, "no console page");
    c->frame = strtoull(text, &end, 10);

    if ( xc_domain_pause(r->t->xc, r->t->domid) )
        return fbc_method_errno(r, errno, "pause");
    memcpy(keep, c->page, FBC_PAGE);
    fbc_method_walk(r, read_page, c);
    memcpy(c->page, keep, FBC_PAGE);
    xc_domain_unpause(r->t->xc, r->t->domid);
}

void fbc_method_copypage(struct fbc_method_run *r)
{
    struct copier c = { .t = r->t };
    xengnttab_handle *gnt = xengnttab_open(&fbc_xenlog, 0);

    c.op = xencall_alloc_buffer(r->t->call, sizeof(*c.op));
    if ( gnt )
        c.page = xengnttab_map_grant_ref(gnt, r->t->domid,
                                         GNTTAB_RESERVED_CONSOLE,
                                         PROT_READ | PROT_WRITE);
    if ( c.op && c.page )
        copy(r, &c);
    else
        fbc_method_errno(r, errno, "map of the console page");

    if ( c.page )
        xengnttab_unmap(gnt, c.page, 1);
    if ( gnt )
        xengnttab_close(gnt);
    xencall_free_buffer(r->t->call, c.op);
}

/*
 * XENMEM_exchange of the xenfb page: the old frame would go to the free pool
 * with its contents.  A page in use is refused by any Xen.
 */
void fbc_method_exchange(struct fbc_method_run *r)
{
    xen_pfn_t in = r->t->page_ref, out = 0;
    int rc;

    if ( in == FBC_NO_FRAME )
        return fbc_method_say(r, FBC_METHOD_NOTHING, "no framebuffer");

    rc = xc_domain_memory_exchange_pages(r->t->xc, r->t->domid, 1, 0, &in, 1,
                                         0, &out);
    if ( rc < 0 )
        fbc_method_errno(r, errno ?: EINVAL, "memory exchange");
    else
        fbc_method_say(r, FBC_METHOD_NOTHING, "frame %lx was taken from the "
                       "guest, %lx given", (unsigned long)r->t->page_ref,
                       (unsigned long)out);
}
