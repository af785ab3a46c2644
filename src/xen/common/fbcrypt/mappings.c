/* SPDX-License-Identifier: GPL-2.0-only */
/* What dom0 gets when it maps a guest's page (patches 04 and 05). */
#include "private.h"

mfn_t fbcrypt_redirect(struct domain *d, unsigned long frame, mfn_t mfn)
{
    struct fbcrypt *fb = d->fbcrypt;
    unsigned int i;

    if ( !fb )
        return mfn;

    /*
     * A xenstored that does not map grants maps the store's page before the
     * guest runs, when the builder has said which one it is.
     */
    if ( !read_atomic(&fb->settled) )
    {
        struct page_info *shadow = ACCESS_ONCE(fb->store_shadow);

        if ( !shadow ||
             frame != gnttab_seeded_frame(d, GNTTAB_RESERVED_XENSTORE) )
            return mfn;
        fb->store_granted = mfn;
        return page_to_mfn(shadow);
    }

    for ( i = 0; i < FBC_REDIRS; i++ )
    {
        unsigned long real = read_atomic(&fb->redir[i].real);

        if ( !real || real != mfn_x(mfn) )
            continue;
        /* A keyboard that is gone has left its page to the guest. */
        if ( i == FBC_REDIR_KBD && !read_atomic(&fb->kbd.port) )
            continue;
        smp_rmb();
        atomic_inc(&fb->redirected);
        return _mfn(read_atomic(&fb->redir[i].shadow));
    }

    return mfn;
}

struct page_info *fbcrypt_foreign_page(struct domain *d, gfn_t gfn,
                                       struct page_info *pg)
{
    mfn_t mfn = pg ? page_to_mfn(pg) : INVALID_MFN, to;

    if ( !d->fbcrypt )
        return pg;

    /* Shadows are in no p2m: the frame's number says which one it is. */
    if ( gfn_x(gfn) & FBC_SHADOW_GFN )
        to = _mfn(gfn_x(gfn) & ~FBC_SHADOW_GFN);
    else
        to = pg ? fbcrypt_redirect(d, gfn_x(gfn), mfn) : mfn;
    if ( mfn_eq(to, mfn) )
        return pg;

    if ( pg )
        put_page(pg);
    if ( !mfn_valid(to) || !get_page(mfn_to_page(to), d) )
        return NULL;
    pg = mfn_to_page(to);
    if ( !(pg->count_info & PGC_extra) )
    {
        put_page(pg);
        return NULL;
    }

    return pg;
}

bool fbcrypt_map_denied(struct domain *owner, const struct page_info *pg)
{
    struct fbcrypt *fb = owner->fbcrypt;

    /* Shadows; and pages of Xen's that hold nothing of the guest's. */
    if ( !fb || !fb->locked || (pg->count_info & PGC_extra) )
        return false;

    atomic_inc(&fb->denied);

    return true;
}

int fbcrypt_grant_frame(struct domain *rd, grant_ref_t ref,
                        unsigned long frame, struct page_info **pg, mfn_t *mfn)
{
    struct fbcrypt *fb = rd->fbcrypt;
    struct page_info *store;
    mfn_t to;

    if ( !fb || rd == current->domain )
        return GNTST_okay;

    /*
     * Before the guest runs, the reserved reference says which page is the
     * store's; the first unpause compares it with what the guest will use.
     */
    if ( !read_atomic(&fb->settled) && ref == GNTTAB_RESERVED_XENSTORE )
    {
        /* It goes when the domain does. */
        store = ACCESS_ONCE(fb->store_shadow);
        if ( !store )
            return GNTST_permission_denied;
        fb->store_granted = *mfn;
        to = page_to_mfn(store);
    }
    else
        to = fbcrypt_redirect(rd, frame, *mfn);

    if ( mfn_eq(to, *mfn) )
    {
        /*
         * Linux closes the channel of a keyboard before it ends the grant of
         * the page, which it then frees.  Under another reference the page
         * serves something else.
         */
        bool gone = read_atomic(&fb->redir[FBC_REDIR_KBD].real) ==
                    mfn_x(*mfn) && ref == read_atomic(&fb->kbd.ref);

        smp_rmb();
        /* What was redirected is not any more, while its entries stand. */
        if ( !gone && !fbc_is_vfb_frame(fb, *mfn) &&
             !read_atomic(&fb->dying) )
            return GNTST_okay;
        atomic_inc(&fb->denied);
        return GNTST_permission_denied;
    }

    if ( !get_page(mfn_to_page(to), rd) )
        return GNTST_permission_denied;
    if ( !(mfn_to_page(to)->count_info & PGC_extra) )
    {
        /* The shadow has just gone, and the frame is the guest's again. */
        put_page(mfn_to_page(to));
        return GNTST_permission_denied;
    }
    put_page(*pg);
    *pg = mfn_to_page(to);
    *mfn = to;

    return GNTST_okay;
}
