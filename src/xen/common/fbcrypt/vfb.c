/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From "the guest says its framebuffer is here" to a shadow that dom0 can
 * map, and back.  What the guest published is copied once and never looked at
 * again.
 */
#include "private.h"

#include <xen/vmap.h>

static DEFINE_RCU_READ_LOCK(fbc_frames_lock);

/* Pages that are held already are given back step by step. */
static void refuse(struct fbcrypt *fb, enum fbc_err why)
{
    fb->vfb.state = FBC_VFB_UNDO;
    fb->vfb.reason = why;
    gprintk(XENLOG_WARNING, "fbcrypt: %pd: framebuffer refused: %s\n",
            fb->d, fbc_strerror(why));
}

void fbc_vfb_arm(struct fbcrypt *fb)
{
    fb->vfb.state = FBC_VFB_LATCH;
}

bool fbc_is_vfb_frame(struct fbcrypt *fb, mfn_t mfn)
{
    const struct fbc_frames *f;
    bool found;

    rcu_read_lock(&fbc_frames_lock);
    f = rcu_dereference(fb->frames);
    found = f && fbc_frameset_has(f->sorted, f->nr_sorted, mfn_x(mfn));
    rcu_read_unlock(&fbc_frames_lock);

    return found;
}

static void copy_page_once(void *dst, mfn_t mfn)
{
    const void *src = map_domain_page(mfn);

    memcpy(dst, src, PAGE_SIZE);
    barrier();
    unmap_domain_page(src);
}

/* Room for the largest geometry that the guest's memory can hold. */
static unsigned int pixel_pages(const struct fbc_fbif *fb,
                                const struct fbc_geom *g)
{
    size_t most = fb->mem_length + fb->mem_length / FBC_TILE_H,
           now = fbc_shadow_bytes(g),
           cap = FBC_MAX_SWIDTH * FBC_MAX_SHEIGHT * 4;

    return PFN_UP(max(now, min(most, cap)));
}

/* A reference to the page that the guest published, or NULL and why. */
static struct page_info *published_page(struct fbcrypt *fb, enum fbc_err *err)
{
    const uint64_t port = fb->dev[FBC_XS_VFB].port;
    struct page_info *pg;

    *err = FBC_ERR_PORT;
    if ( port > UINT32_MAX || !port_is_valid(fb->d, port) )
        return NULL;

    *err = FBC_ERR_FRAME;
    pg = fbc_guest_page(fb->d, fb->dev[FBC_XS_VFB].page);
    if ( !pg )
        return NULL;

    /* One that can be written to, and not yet in use here. */
    if ( pg == fb->store || pg == fb->kbd.page ||
         !get_page_type(pg, PGT_writable_page) )
    {
        put_page(pg);
        return NULL;
    }
    put_page_type(pg);

    return pg;
}

/* How much the shadow is going to need. */
static enum fbc_err size_up(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;

    v->pixel_pages = pixel_pages(&v->fb, &v->geom);
    v->shadow_pages = v->pixel_pages +
                      DIV_ROUND_UP(v->pixel_pages, FBC_FBIF_PD_ENTRIES) + 1;
    if ( fb->d->extra_pages + v->shadow_pages > FBC_MAX_PAGES )
        return FBC_ERR_NOMEM;

    v->meta_tiles = DIV_ROUND_UP(v->pixel_pages << PAGE_SHIFT,
                                 FBC_TILE_W * FBC_TILE_H * 4) * 2;
    v->meta_tiles = min_t(unsigned int, v->meta_tiles, FBC_MAX_TILES);
    v->meta_tiles = max(v->meta_tiles, v->geom.tiles);

    return FBC_OK;
}

static void free_tables(struct fbc_vfb *v)
{
    if ( v->info_va )
        unmap_domain_page_global(v->info_va);
    v->info_va = NULL;
    XFREE(v->dirty);
    XFREE(v->vec);
    fbc_vfb_free_engine(v);
    XFREE(v->shadow);
    if ( v->guest )
        xfree(v->guest->sorted);
    XFREE(v->guest);
}

static enum fbc_err allocate_tables(struct fbc_vfb *v, struct page_info *info)
{
    v->guest = xzalloc_flex_struct(struct fbc_frames, mfn, v->fb.pages);
    if ( v->guest )
        v->guest->sorted = xmalloc_array(uint64_t, v->fb.pages);
    v->shadow = xzalloc_array(mfn_t, v->shadow_pages);
    v->engine = xzalloc(struct fbc_shadow);
    if ( v->engine && fbc_opt_console )
        v->engine->cells = vzalloc(sizeof(*v->engine->cells));
    v->vec = xmalloc_array(uint8_t, FBC_VECTOR_LEN(v->meta_tiles));
    v->dirty = xmalloc_array(uint8_t, 2 * ((v->meta_tiles + 7) / 8));
    v->info_va = map_domain_page_global(page_to_mfn(info));
    if ( v->guest && v->guest->sorted && v->shadow && v->engine &&
         (v->engine->cells || !fbc_opt_console) && v->vec && v->dirty &&
         v->info_va )
        return FBC_OK;
    free_tables(v);

    return FBC_ERR_NOMEM;
}

/* Latches the published page.  FBC_OK or why not; nothing is kept then. */
static enum fbc_err latch(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;
    uint8_t *copy = NULL;
    enum fbc_err err;
    struct page_info *pg = published_page(fb, &err);
    unsigned int i;

    if ( !pg )
        return err;

    err = FBC_ERR_NOMEM;
    copy = xmalloc_array(uint8_t, PAGE_SIZE);
    if ( !copy )
        goto out;

    copy_page_once(copy, page_to_mfn(pg));
    err = fbc_fbif_parse(copy, &v->fb, &v->geom);
    if ( !err )
        err = size_up(fb);
    if ( !err )
        err = allocate_tables(v, pg);
    if ( err )
        goto out;

    /* The directories' frame numbers wait where the pages' will stand. */
    for ( i = 0; i < v->fb.dirs; i++ )
        v->guest->mfn[i * FBC_FBIF_PD_ENTRIES] = _mfn(fbc_fbif_pd(copy, i));
    write_atomic(&v->port, fb->dev[FBC_XS_VFB].port);
    smp_mb();
    if ( !fbc_port_is_open(fb->d, v->port) )
    {
        write_atomic(&v->port, 0);
        free_tables(v);
        err = FBC_ERR_PORT;
        goto out;
    }
    v->info = pg;
    v->dirs_done = 0;

 out:
    xfree(copy);
    if ( err )
        put_page(pg);

    return err;
}

/* May dom0 have a page mapped that the guest used for something else? */
static bool known_to_dom0(const struct fbcrypt *fb, mfn_t mfn)
{
    return mfn_eq(mfn, fb->console) || mfn_eq(mfn, fb->store_granted);
}

/* References the frames that one directory page lists. */
static enum fbc_err take_directory(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;
    unsigned int first = v->dirs_done * FBC_FBIF_PD_ENTRIES;
    unsigned int i, nr = min(v->fb.pages - first, FBC_FBIF_PD_ENTRIES + 0u);
    struct page_info *pg = fbc_guest_page(fb->d, mfn_x(v->guest->mfn[first]));
    uint64_t *list;

    if ( !pg )
        return FBC_ERR_FRAME;

    list = xmalloc_array(uint64_t, FBC_FBIF_PD_ENTRIES);
    if ( list )
        copy_page_once(list, page_to_mfn(pg));
    put_page(pg);
    if ( !list )
        return FBC_ERR_NOMEM;

    for ( i = 0; i < nr; i++ )
    {
        pg = fbc_guest_page(fb->d, list[i]);
        if ( !pg )
            break;
        v->guest->mfn[first + i] = page_to_mfn(pg);
        list[i] = mfn_x(page_to_mfn(pg));
        v->guest->nr++;
        if ( known_to_dom0(fb, page_to_mfn(pg)) )
            break;
    }
    if ( i == nr )
    {
        fbc_frameset_add(v->guest->sorted, v->guest->nr_sorted, list, nr);
        v->guest->nr_sorted += nr;
    }
    xfree(list);
    v->dirs_done++;

    return i == nr ? FBC_OK : pg ? FBC_ERR_SHARED : FBC_ERR_FRAME;
}

static enum fbc_err take_shadow_pages(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;
    unsigned int i;

    for ( i = 0; i < FBC_STEP_PAGES && v->shadow_held < v->shadow_pages; i++ )
    {
        struct page_info *pg = fbc_page_alloc(fb->d);

        if ( !pg )
            return FBC_ERR_NOMEM;
        v->shadow[v->shadow_held++] = page_to_mfn(pg);
    }

    return FBC_OK;
}

/* Directories and info page of the shadow: dom0 reads shadow frames there. */
static void write_shadow_info(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;
    unsigned int i, dirs = v->shadow_pages - v->pixel_pages - 1;
    const mfn_t *dir = v->shadow + v->pixel_pages;

    fbc_fbif_shadow_page(v->s_info_va, &v->geom,
                         v->pixel_pages << PAGE_SHIFT);

    for ( i = 0; i < dirs; i++ )
        fbc_fbif_put_pd(v->s_info_va, i, fbc_shadow_frame(fb->d, dir[i]));

    for ( i = 0; i < v->pixel_pages; i++ )
    {
        uint64_t *list = map_domain_page(dir[i / FBC_FBIF_PD_ENTRIES]);

        list[i % FBC_FBIF_PD_ENTRIES] = fbc_shadow_frame(fb->d, v->shadow[i]);
        unmap_domain_page(list);
    }
}

/*
 * From here on nobody can map the frames by a grant any more.  Whoever had one
 * mapped before would see the screen.
 */
static void forbid_grants(struct fbcrypt *fb)
{
    rcu_assign_pointer(fb->frames, fb->vfb.guest);
    fb->vfb.grants_done = 0;
    fb->vfb.state = FBC_VFB_GRANTS;
}

static enum fbc_err check_grants(struct fbcrypt *fb, bool *done)
{
    mfn_t mfn = gnttab_next_mapped(fb->d, &fb->vfb.grants_done);

    *done = mfn_eq(mfn, INVALID_MFN);

    return !*done && fbc_is_vfb_frame(fb, mfn) ? FBC_ERR_SHARED : FBC_OK;
}

static enum fbc_err finish(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;

    v->guest_va = __vmap(v->guest->mfn, 1, v->fb.pages, 1,
                         PAGE_HYPERVISOR_RO, VMAP_DEFAULT);
    v->shadow_va = vmap(v->shadow, v->pixel_pages);
    v->s_info_va = map_domain_page_global(v->shadow[v->shadow_pages - 1]);
    if ( !v->guest_va || !v->shadow_va || !v->s_info_va )
        return FBC_ERR_NOMEM;

    fbc_fbring_init(&v->ring, v->info_va);
    fbc_shadow_init(v->engine, &v->geom, v->guest_va + v->fb.offset,
                    v->fb.line_length, v->shadow_va, v->vec, v->dirty,
                    fb->uuid, fbc_vmm_hash);
    write_shadow_info(fb);
    if ( fb->keyed )
    {
        enum fbc_err err = fbc_seal_new_epoch(fb);

        /* Without randomness the screen is black until there is some. */
        if ( err && err != FBC_ERR_NO_ENTROPY )
            return err;
    }

    write_atomic(&fb->redir[FBC_REDIR_VFB].shadow,
                 mfn_x(v->shadow[v->shadow_pages - 1]));
    smp_wmb();
    write_atomic(&fb->redir[FBC_REDIR_VFB].real,
                 mfn_x(page_to_mfn(v->info)));
    smp_mb();
    if ( !read_atomic(&v->port) )
    {
        /* Closed while this went on. */
        write_atomic(&fb->redir[FBC_REDIR_VFB].real, 0);
        return FBC_ERR_PORT;
    }
    v->state = FBC_VFB_UP;
    v->reason = FBC_OK;

    return FBC_OK;
}

int fbc_vfb_arm_step(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;
    enum fbc_err err = FBC_OK;
    int rc;

    if ( v->state == FBC_VFB_LATCH )
    {
        rc = fbc_vfb_release(fb);
        if ( rc )
            return rc;
        err = latch(fb);
        if ( !err )
            v->state = FBC_VFB_PAGES;
    }

    while ( !err &&
            (v->state == FBC_VFB_PAGES || v->state == FBC_VFB_GRANTS) )
    {
        bool checked = false;

        if ( v->state == FBC_VFB_GRANTS )
            err = check_grants(fb, &checked);
        else if ( v->dirs_done < v->fb.dirs )
            err = take_directory(fb);
        else if ( v->shadow_held < v->shadow_pages )
            err = take_shadow_pages(fb);
        else
            forbid_grants(fb);

        if ( !err && checked )
            err = finish(fb);

        if ( !err && v->state != FBC_VFB_UP && hypercall_preempt_check() )
            return -ERESTART;
    }

    if ( err )
        refuse(fb, err);

    if ( v->state == FBC_VFB_UNDO )
    {
        rc = fbc_vfb_release(fb);
        if ( rc )
            return rc;
        v->state = FBC_VFB_REFUSED;
    }

    return 0;
}
