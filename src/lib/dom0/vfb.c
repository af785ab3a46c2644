/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps a virtual framebuffer the way QEMU does. */
#include "lib/dom0/vfb.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <xenforeignmemory.h>
#include <xenstore.h>

#include "lib/dom0/domain.h"
#include "lib/dom0/xenlog.h"
#include "parse/picture/xenfb_page.h"

struct fbc_vfb {
    char domain[128];
    uint16_t domid;
    char page_ref[24];                  /* as XenStore has it */
    struct xs_handle *xs;
    xenforeignmemory_handle *fmem;
    const uint8_t *info, *fb;           /* mapped */
    struct fbc_xenfb_page shape;
    uint8_t page[FBC_PAGE];             /* private copy of info */
    uint8_t *pixels;
    size_t pixels_cap;
};

/* Guest and hypervisor are both free to write nonsense on their pages. */
static int check_page(struct fbc_vfb *v, struct fbc_error *e)
{
    enum fbc_err err = fbc_xenfb_page_parse(v->page, &v->shape);

    if ( err == FBC_ERR_PENDING )
        return fbc_fail(e, FBC_EXIT_NO, v->domain,
                        "framebuffer is not set up yet");
    if ( !err )
        return 0;

    fbc_fail_core(e, v->domain, err);
    return fbc_hint(e, "info page: %" PRId32 " x %" PRId32 " pixels, depth "
                    "%u, %u bytes a row, %u in all",
                    (int32_t)fbc_get32(v->page + FBC_FBIF_WIDTH),
                    (int32_t)fbc_get32(v->page + FBC_FBIF_HEIGHT),
                    v->page[FBC_FBIF_DEPTH],
                    fbc_get32(v->page + FBC_FBIF_LINE_LENGTH),
                    fbc_get32(v->page + FBC_FBIF_MEM_LENGTH));
}

/* NULL with *e filled unless every single page could be mapped. */
static void *map(struct fbc_vfb *v, const uint64_t *frames, uint32_t count,
                 const char *what, struct fbc_error *e)
{
    xen_pfn_t *pfn = calloc(count, sizeof(*pfn));
    int *err = calloc(count, sizeof(*err));
    void *p = NULL;
    uint32_t i;
    int code;

    if ( !pfn || !err )
    {
        fbc_fail(e, FBC_EXIT_ENV, v->domain, "no memory");
        goto out;
    }
    for ( i = 0; i < count; i++ )
        pfn[i] = frames[i];

    p = xenforeignmemory_map(v->fmem, v->domid, PROT_READ, count, pfn, err);
    if ( !p )
        err[0] = errno;
    for ( i = 0; i < count && !err[i]; i++ )
        ;
    if ( i == count )
        goto out;

    if ( p )
        xenforeignmemory_unmap(v->fmem, p, count);
    p = NULL;
    code = err[i] < 0 ? -err[i] : err[i];
    if ( code == ESRCH )
        fbc_fail(e, FBC_EXIT_INPUT, v->domain,
                 "no such domain, or it is gone");
    else
    {
        fbc_fail(e, FBC_EXIT_ENV, v->domain, "%s: access denied by the "
                 "hypervisor (frame %#" PRIx64 ": %s)", what, frames[i],
                 strerror(code));
        fbc_hint(e, "run as root in dom0; fbc-status tells the state");
    }

 out:
    free(pfn);
    free(err);
    return p;
}

/* Finds the info page: 0, or why there is none. */
static int find_page(struct fbc_vfb *v, uint64_t *frame, struct fbc_error *e)
{
    char protocol[40], text[128], *end;

    if ( !fbc_domain_read(v->xs, v->domid, "name", text, sizeof(text)) &&
         !xs_is_domain_introduced(v->xs, v->domid) )
    {
        fbc_fail(e, FBC_EXIT_INPUT, v->domain,
                 "no such domain, or it is gone");
        return fbc_hint(e, "xl list");
    }
    if ( !fbc_domain_read(v->xs, v->domid, "device/vfb/0/page-ref",
                          v->page_ref, sizeof(v->page_ref)) )
    {
        fbc_fail(e, FBC_EXIT_NO, v->domain, "domain has no framebuffer");
        return fbc_hint(e, "it needs a vfb= line, and a guest that has "
                        "started its driver");
    }

    errno = 0;
    *frame = strtoull(v->page_ref, &end, 10);
    if ( v->page_ref[0] < '0' || v->page_ref[0] > '9' || *end || errno )
        return fbc_fail(e, FBC_EXIT_INPUT, v->domain,
                        "XenStore: page-ref %s is not a number",
                        v->page_ref);

    if ( !fbc_domain_read(v->xs, v->domid, "device/vfb/0/protocol", protocol,
                          sizeof(protocol)) )
        strcpy(protocol, "x86_64-abi");
    if ( strcmp(protocol, "x86_64-abi") )
        return fbc_fail(e, FBC_EXIT_INPUT, v->domain,
                        "framebuffer protocol %s, not x86_64-abi", protocol);

    return 0;
}

/* The shape is latched before any frame number is looked at. */
static int map_frames(struct fbc_vfb *v, struct fbc_error *e)
{
    const struct fbc_xenfb_page *s = &v->shape;
    uint64_t *dirs = calloc(s->dirs, sizeof(*dirs));
    uint64_t *frames = calloc((size_t)s->dirs * FBC_FBIF_PD_ENTRIES,
                              sizeof(*frames));
    int rc = -1;
    uint32_t i;
    void *pd;

    if ( !dirs || !frames )
    {
        fbc_fail(e, FBC_EXIT_ENV, v->domain, "no memory");
        goto out;
    }

    for ( i = 0; i < s->dirs; i++ )
        dirs[i] = fbc_fbif_pd(v->page, i);
    pd = map(v, dirs, s->dirs, "page directory", e);
    if ( !pd )
        goto out;
    memcpy(frames, pd, (size_t)s->dirs * FBC_PAGE);
    xenforeignmemory_unmap(v->fmem, pd, s->dirs);

    v->fb = map(v, frames, s->pages, "framebuffer", e);
    if ( v->fb )
        rc = 0;

 out:
    free(dirs);
    free(frames);
    return rc;
}

struct fbc_vfb *fbc_vfb_open(const char *domain, struct fbc_error *e)
{
    struct fbc_vfb *v = calloc(1, sizeof(*v));
    uint64_t frame;

    if ( !v )
    {
        fbc_fail_errno(e, "memory");
        return NULL;
    }

    snprintf(v->domain, sizeof(v->domain), "%s", domain);
    if ( fbc_domain_find(domain, &v->domid, e) )
        goto fail;
    v->xs = fbc_xs_open(e);
    if ( !v->xs )
        goto fail;
    v->fmem = xenforeignmemory_open(&fbc_xenlog, 0);
    if ( !v->fmem )
    {
        fbc_fail(e, FBC_EXIT_ENV, "Xen", "no foreign mappings from here: %s",
                 strerror(errno));
        fbc_hint(e, "run this in dom0, as root");
        goto fail;
    }

    if ( find_page(v, &frame, e) )
        goto fail;
    v->info = map(v, &frame, 1, "framebuffer info page", e);
    if ( !v->info )
        goto fail;
    memcpy(v->page, v->info, FBC_PAGE);
    if ( check_page(v, e) || map_frames(v, e) )
        goto fail;

    return v;

 fail:
    fbc_vfb_close(v);
    return NULL;
}

void fbc_vfb_close(struct fbc_vfb *v)
{
    if ( !v )
        return;
    if ( v->fb )
        xenforeignmemory_unmap(v->fmem, (void *)v->fb, v->shape.pages);
    if ( v->info )
        xenforeignmemory_unmap(v->fmem, (void *)v->info, 1);
    if ( v->fmem )
        xenforeignmemory_close(v->fmem);
    if ( v->xs )
        xs_close(v->xs);
    free(v->pixels);
    free(v);
}

/* A destroyed domain's pages stay readable while they are mapped. */
static int check_alive(struct fbc_vfb *v, struct fbc_error *e)
{
    char ref[sizeof(v->page_ref)];

    if ( !xs_is_domain_introduced(v->xs, v->domid) )
        return fbc_fail(e, FBC_EXIT_NO, v->domain, "domain is gone");
    if ( !fbc_domain_read(v->xs, v->domid, "device/vfb/0/page-ref", ref,
                          sizeof(ref)) || strcmp(ref, v->page_ref) )
        return fbc_fail(e, FBC_EXIT_NO, v->domain, "framebuffer is gone");

    return 0;
}

int fbc_vfb_snapshot(struct fbc_vfb *v, uint32_t *width, uint32_t *height,
                     const uint8_t **pixels, struct fbc_error *e)
{
    struct fbc_xenfb_page s;
    size_t row, len;
    uint32_t y;

    if ( check_alive(v, e) )
        return -1;

    /* A new size in the mapped memory is followed, anything else ignored. */
    memcpy(v->page, v->info, FBC_PAGE);
    if ( !fbc_xenfb_page_parse(v->page, &s) &&
         s.mem_length == v->shape.mem_length )
        v->shape = s;

    row = v->shape.width * 4;
    len = row * v->shape.height;
    if ( len > v->pixels_cap )
    {
        uint8_t *p = realloc(v->pixels, len);

        if ( !p )
            return fbc_fail(e, FBC_EXIT_ENV, v->domain, "no memory");
        v->pixels = p;
        v->pixels_cap = len;
    }
    for ( y = 0; y < v->shape.height; y++ )
        memcpy(v->pixels + y * row,
               v->fb + (size_t)y * v->shape.line_length, row);

    *width = v->shape.width;
    *height = v->shape.height;
    *pixels = v->pixels;

    return 0;
}
