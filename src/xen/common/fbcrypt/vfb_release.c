/* SPDX-License-Identifier: GPL-2.0-only */
/* A shadow and all that was held for it is given back, step by step. */
#include "private.h"

#include <xen/vmap.h>

static void cf_check free_frames(struct rcu_head *head)
{
    struct fbc_frames *f = container_of(head, struct fbc_frames, rcu);

    xfree(f->sorted);
    xfree(f);
}

/* Each page that is unmapped costs an interrupt on all CPUs.  Is there more? */
static bool unmap_some(struct fbc_vfb *v, const void *va, unsigned int pages)
{
    if ( !va )
        return false;

    while ( v->unmapped < pages )
    {
        unsigned int n = min(pages - v->unmapped, FBC_STEP_PAGES + 0u);

        map_pages_to_xen((unsigned long)va + (v->unmapped << PAGE_SHIFT),
                         INVALID_MFN, n, _PAGE_NONE);
        v->unmapped += n;
        if ( hypercall_preempt_check() )
            return true;
    }
    vunmap(va);
    v->unmapped = 0;

    return false;
}

int fbc_vfb_release(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;
    unsigned int done = 0;

    /* It may take several calls, with others in between. */
    if ( v->state == FBC_VFB_UP )
        v->state = FBC_VFB_UNDO;

    write_atomic(&fb->redir[FBC_REDIR_VFB].real, 0);
    rcu_assign_pointer(fb->frames, NULL);

    if ( v->engine )
    {
        fbc_shadow_clear(v->engine);
        fbc_wipe(v->engine, sizeof(*v->engine));
        vfree(v->engine);
        v->engine = NULL;
    }
    if ( unmap_some(v, v->guest_va, v->fb.pages) )
        return -ERESTART;
    v->guest_va = NULL;
    if ( unmap_some(v, v->shadow_va, v->pixel_pages) )
        return -ERESTART;
    v->shadow_va = NULL;
    if ( v->s_info_va )
        unmap_domain_page_global(v->s_info_va);
    v->s_info_va = NULL;

    while ( v->guest && v->guest->nr )
    {
        put_page(mfn_to_page(v->guest->mfn[--v->guest->nr]));
        if ( !(++done % 64) && hypercall_preempt_check() )
            return -ERESTART;
    }
    while ( v->shadow_held )
    {
        fbc_page_free(mfn_to_page(v->shadow[--v->shadow_held]));
        if ( !(++done % 64) && hypercall_preempt_check() )
            return -ERESTART;
    }

    if ( v->info )
    {
        unmap_domain_page_global(v->info_va);
        put_page(v->info);
        v->info = NULL;
        v->info_va = NULL;
    }
    if ( v->guest )
        call_rcu(&v->guest->rcu, free_frames);
    v->guest = NULL;
    XFREE(v->shadow);
    XFREE(v->vec);
    XFREE(v->dirty);
    v->shadow_pages = v->pixel_pages = 0;

    return 0;
}
