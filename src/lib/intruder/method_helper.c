/* SPDX-License-Identifier: GPL-2.0-only */
/* Another domain, to which dom0 gives what it may not map itself. */
#include "lib/intruder/helper.h"

#include <errno.h>
#include <inttypes.h>

struct borrower {
    struct fbc_helper h;
    uint32_t next;              /* page of its address space */
    int (*map)(struct borrower *b, uint64_t frame);
    int err;                    /* of the helper */
};

/* As a device's memory is given to a guest. */
static int give(struct borrower *b, uint64_t frame)
{
    xc_interface *xc = b->h.t->xc;

    if ( xc_domain_iomem_permission(xc, b->h.domid, frame, 1, 1) ||
         xc_domain_memory_mapping(xc, b->h.domid, b->next, frame, 1,
                                  DPCI_ADD_MAPPING) )
        return errno ?: EINVAL;

    return 0;
}

/* The frame's owner and the table's are two domains, neither of them dom0. */
static int point(struct borrower *b, uint64_t frame)
{
    struct fbc_victim *t = b->h.t;
    struct mmu_update *u = xencall_alloc_buffer(t->call, sizeof(*u));
    int rc;

    if ( !u )
        return ENOMEM;
    u->ptr = b->h.l1[b->next / 512] << 12 | b->next % 512 * 8 |
             MMU_NORMAL_PT_UPDATE;
    u->val = frame << 12 | 1 | 1 << 2 | 1 << 5;
    rc = xencall4(t->call, __HYPERVISOR_mmu_update, (uintptr_t)u, 1, 0,
                  (b->h.domid + 1) << 16 | t->domid) ? errno : 0;
    xencall_free_buffer(t->call, u);

    return rc;
}

static int read_page(void *arg, uint64_t frame, uint8_t page[static FBC_PAGE])
{
    struct borrower *b = arg;
    int rc;

    /* Each once: the helper's TLB is left alone. */
    if ( b->next == FBC_HELPER_END )
        return ENOSPC;
    rc = b->map(b, frame);
    if ( rc )
        return rc;

    b->err = fbc_helper_copy(&b->h, b->next++, page);

    return b->err;
}

static void borrow(struct fbc_method_run *r, struct borrower *b,
                   int (*create)(struct fbc_helper *h, struct fbc_victim *t,
                                 const char **what))
{
    const char *what = NULL;
    int rc;

    if ( r->t->page_ref == FBC_NO_FRAME )
        return fbc_method_say(r, FBC_METHOD_NOTHING, "no framebuffer");
    rc = create(&b->h, r->t, &what);
    if ( rc )
        fbc_method_errno(r, rc, what);
    else
        fbc_method_walk(r, read_page, b);
    if ( b->err )
        fbc_method_say(r, FBC_METHOD_NOTHING, "%" PRIu32 " frames mapped, but "
                       "the helper does not read: %s",
                       b->next - FBC_HELPER_FIRST, strerrorname_np(b->err));
    fbc_helper_destroy(&b->h);
}

void fbc_method_helper(struct fbc_method_run *r)
{
    struct borrower b = { .next = FBC_HELPER_FIRST, .map = give };

    borrow(r, &b, fbc_helper_create_pvh);
}

void fbc_method_table(struct fbc_method_run *r)
{
    struct borrower b = { .next = FBC_HELPER_FIRST, .map = point };

    borrow(r, &b, fbc_helper_create_pv);
}
