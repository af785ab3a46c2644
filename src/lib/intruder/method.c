/* SPDX-License-Identifier: GPL-2.0-only */
/* What the methods of fbc-dumpvfb share. */
#include "lib/intruder/method.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <xenstore.h>

#include "lib/base/io.h"
#include "lib/dom0/domain.h"
#include "lib/dom0/xenlog.h"
#include "parse/picture/xenfb_page.h"

static int open_handles(struct fbc_victim *t, struct fbc_error *e)
{
    unsigned long frames;
    xc_domaininfo_t info;

    t->xs = fbc_xs_open(e);
    if ( !t->xs )
        return -1;

    t->xc = xc_interface_open(&fbc_xenlog, &fbc_xenlog, 0);
    t->call = t->xc ? xencall_open(&fbc_xenlog, 0) : NULL;
    t->fmem = t->call ? xenforeignmemory_open(&fbc_xenlog, 0) : NULL;
    if ( !t->fmem )
    {
        fbc_fail(e, FBC_EXIT_ENV, "Xen", "no hypercalls from here: %s",
                 strerror(errno));
        return fbc_hint(e, "run this in dom0, as root");
    }

    if ( xc_domain_getinfolist(t->xc, t->domid, 1, &info) != 1 ||
         info.domain != t->domid )
    {
        fbc_fail(e, FBC_EXIT_INPUT, t->domain,
                 "no such domain, or it is gone");
        return fbc_hint(e, "xl list");
    }
    if ( xc_maximum_ram_page(t->xc, &frames) )
        return fbc_fail_errno(e, "machine's memory");
    t->frames = frames + 1;
    fbc_victim_look(t);

    return 0;
}

void fbc_victim_look(struct fbc_victim *t)
{
    char text[24], *end;
    uint64_t frame;

    t->page_ref = FBC_NO_FRAME;
    if ( !fbc_domain_read(t->xs, t->domid, "device/vfb/0/page-ref", text,
                          sizeof(text)) )
        return;
    frame = strtoull(text, &end, 10);
    if ( end != text && !*end )
        t->page_ref = frame;
}

struct fbc_victim *fbc_victim_open(const char *domain, struct fbc_error *e)
{
    struct fbc_victim *t = calloc(1, sizeof(*t));

    if ( !t )
    {
        fbc_fail_errno(e, "memory");
        return NULL;
    }

    t->domain = domain;
    if ( !fbc_domain_find(domain, &t->domid, e) && !open_handles(t, e) )
        return t;

    fbc_victim_close(t);
    return NULL;
}

void fbc_victim_close(struct fbc_victim *t)
{
    if ( !t )
        return;
    if ( t->fmem )
        xenforeignmemory_close(t->fmem);
    if ( t->call )
        xencall_close(t->call);
    if ( t->xc )
        xc_interface_close(t->xc);
    if ( t->xs )
        xs_close(t->xs);
    free(t);
}

/* A signal waits for the method to end. */
static bool interrupted(void)
{
    sigset_t set;

    return !sigpending(&set) &&
           (sigismember(&set, SIGINT) || sigismember(&set, SIGTERM) ||
            sigismember(&set, SIGHUP));
}

int fbc_method_put(struct fbc_method_run *r, const void *p, size_t len)
{
    if ( r->failed )
        return -1;
    if ( interrupted() )
    {
        r->failed = true;
        return fbc_fail(&r->e, FBC_EXIT_NO, r->t->domain, "interrupted");
    }
    if ( r->fd >= 0 && fbc_write(r->fd, p, len) )
    {
        r->failed = true;
        return fbc_fail_errno(&r->e, "output");
    }
    r->bytes += len;
    r->result = FBC_METHOD_FRAMES;

    return 0;
}

int fbc_method_frame(struct fbc_method_run *r, uint32_t width,
                     uint32_t height, const uint8_t *pixels)
{
    if ( r->failed )
        return -1;
    if ( r->fd >= 0 &&
         ((!r->frames &&
           fbc_frame_out_begin(&r->out, r->fd, r->t->raw, "output", &r->e)) ||
          fbc_frame_out_put(&r->out, width, height, 0, pixels, "output",
                            &r->e)) )
    {
        r->failed = true;
        return -1;
    }
    r->frames++;
    r->result = FBC_METHOD_FRAMES;

    return 0;
}

void fbc_method_say(struct fbc_method_run *r, enum fbc_method_result result,
                    const char *detail, ...)
{
    va_list ap;

    if ( r->result != FBC_METHOD_FRAMES )
        r->result = result;
    va_start(ap, detail);
    vsnprintf(r->detail, sizeof(r->detail), detail, ap);
    va_end(ap);
}

void fbc_method_errno(struct fbc_method_run *r, int err, const char *what)
{
    enum fbc_method_result result = FBC_METHOD_NOTHING;

    r->err = err < 0 ? -err : err;
    if ( r->err == EPERM || r->err == EACCES || r->err == EBUSY )
        result = FBC_METHOD_DENIED;
    else if ( r->err == ENOSYS || r->err == EOPNOTSUPP || r->err == ENODEV )
        result = FBC_METHOD_UNAVAILABLE;
    fbc_method_say(r, result, "%s: %s", what, strerrorname_np(r->err) ?:
                   strerror(r->err));
}

/* The pages that a list of frame numbers names, into buf. */
static uint32_t read_pages(fbc_page_reader *read, void *arg,
                           const uint64_t *frames, uint32_t count,
                           uint8_t *buf, int *err)
{
    uint32_t i, n = 0;

    for ( i = 0; i < count; i++ )
    {
        int rc = read(arg, frames[i], buf + (size_t)i * FBC_PAGE);

        if ( rc )
            *err = rc;
        else
            n++;
    }

    return n;
}

static void put_screen(struct fbc_method_run *r,
                       const struct fbc_xenfb_page *s, uint8_t *mem)
{
    uint32_t y;

    /* Packed in place: a row never moves up. */
    for ( y = 1; y < s->height; y++ )
        memmove(mem + (size_t)y * s->width * 4,
                mem + (size_t)y * s->line_length, s->width * 4);
    if ( fbc_method_frame(r, s->width, s->height, mem) )
        return;
}

void fbc_method_walk(struct fbc_method_run *r, fbc_page_reader *read,
                     void *arg)
{
    uint8_t page[FBC_PAGE], *mem = NULL;
    uint64_t *dirs = NULL, *frames = NULL;
    struct fbc_xenfb_page s;
    uint32_t i, n, used;
    int err = 0;

    if ( r->t->page_ref == FBC_NO_FRAME )
        return fbc_method_say(r, FBC_METHOD_NOTHING, "no framebuffer");
    err = read(arg, r->t->page_ref, page);
    if ( err )
        return fbc_method_errno(r, err, "framebuffer info page");
    if ( fbc_xenfb_page_parse(page, &s) )
        return fbc_method_say(r, FBC_METHOD_NOTHING,
                              "info page makes no sense");

    used = (uint32_t)(((uint64_t)s.line_length * s.height + FBC_PAGE - 1) /
                      FBC_PAGE);
    if ( used > s.pages )
        used = s.pages;
    dirs = calloc(s.dirs, sizeof(*dirs));
    frames = calloc(s.dirs, FBC_PAGE);
    mem = calloc(s.pages + 1, FBC_PAGE);
    if ( !dirs || !frames || !mem )
    {
        fbc_method_errno(r, ENOMEM, "memory");
        goto out;
    }

    for ( i = 0; i < s.dirs; i++ )
        dirs[i] = fbc_fbif_pd(page, i);
    n = read_pages(read, arg, dirs, s.dirs, (uint8_t *)frames, &err);
    if ( n < s.dirs )
    {
        fbc_method_errno(r, err, "page directory");
        goto out;
    }
    n = read_pages(read, arg, frames, used, mem, &err);
    if ( !n )
    {
        fbc_method_errno(r, err, "framebuffer");
        goto out;
    }

    put_screen(r, &s, mem);
    fbc_method_say(r, FBC_METHOD_FRAMES, "%" PRIu32 " x %" PRIu32
                   " pixels, %" PRIu32 " of %" PRIu32 " pages", s.width,
                   s.height, n, used);

 out:
    free(dirs);
    free(frames);
    free(mem);
}
