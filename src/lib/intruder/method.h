/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One way by which dom0 may get at a guest's memory, and what came of it.
 *
 * A method puts what it gets with fbc_method_put() or fbc_method_frame() and
 * says why it got nothing with fbc_method_say() or fbc_method_errno().  It
 * ends within a minute or so, and leaves the guest as it was; SIGINT, SIGTERM
 * and SIGHUP, but for fbc_method_input(), wait for that.
 */
#ifndef FBC_LIB_METHOD_H
#define FBC_LIB_METHOD_H

#include <xencall.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>

#include "core/fbif.h"
#include "lib/base/fail.h"
#include "lib/frames/frames.h"

struct xs_handle;

enum fbc_method_result {
    FBC_METHOD_NOTHING = 0,     /* nothing was there, or nothing came */
    FBC_METHOD_FRAMES,          /* pictures or memory were obtained */
    FBC_METHOD_DENIED,
    FBC_METHOD_UNAVAILABLE,     /* this Xen or dom0 has no such interface */
};

/* All methods work on this, and use its handles. */
struct fbc_victim {
    const char *domain;         /* as the user calls it */
    uint16_t domid;
    uint64_t page_ref;          /* frame of the xenfb page, or FBC_NO_FRAME */
    uint64_t frames;            /* of the machine */
    bool raw;                   /* do not compress frames */
    unsigned long seconds;      /* that a recording takes */
    struct xs_handle *xs;
    xc_interface *xc;
    xencall_handle *call;
    xenforeignmemory_handle *fmem;
};

#define FBC_NO_FRAME (~0ull)

/* FBC_EXIT_INPUT: no such domain; FBC_EXIT_ENV: no Xen, not dom0. */
struct fbc_victim *fbc_victim_open(const char *domain, struct fbc_error *e);
void fbc_victim_close(struct fbc_victim *t);
/* Looks again for the xenfb page. */
void fbc_victim_look(struct fbc_victim *t);

struct fbc_method_run {
    struct fbc_victim *t;
    int fd;                     /* where data goes; -1: it is only counted */
    struct fbc_frame_out out;
    bool failed;                /* fd could not be written, or a signal is to
                                   end this: *e says why */
    struct fbc_error e;

    enum fbc_method_result result;
    int err;                    /* errno of a refusal, or 0 */
    uint64_t frames, bytes;     /* pictures, and memory put raw */
    char detail[120];
};

/*
 * Raw memory or one picture (as fbc_frame_out_put()) to r->fd; the result
 * becomes FBC_METHOD_FRAMES.  -1: stop, fd cannot be written, or a
 * signal waits.
 */
int FBC_MUST_CHECK fbc_method_put(struct fbc_method_run *r, const void *p,
                                  size_t len);
int FBC_MUST_CHECK fbc_method_frame(struct fbc_method_run *r, uint32_t width,
                                    uint32_t height, const uint8_t *pixels);

/* Sets the detail, and the result unless something was obtained. */
void fbc_method_say(struct fbc_method_run *r, enum fbc_method_result result,
                    const char *detail, ...)
    __attribute__((__format__(printf, 3, 4)));

/* The same for a call that failed with err, an errno of either sign. */
void fbc_method_errno(struct fbc_method_run *r, int err, const char *what);

/*
 * Reads one page of the guest by its machine frame number: 0, or a positive
 * errno with page untouched.
 */
typedef int fbc_page_reader(void *arg, uint64_t frame,
                            uint8_t page[static FBC_PAGE]);

/*
 * Follows the guest's xenfb page from page-ref to the last pixel, all by
 * this reader, and puts the picture.
 */
void fbc_method_walk(struct fbc_method_run *r, fbc_page_reader *read,
                     void *arg);

/* method_foreign.c */
void fbc_method_foreign(struct fbc_method_run *r);
void fbc_method_misname(struct fbc_method_run *r);
void fbc_method_pages(struct fbc_method_run *r);
/*
 * Foreign mappings of every frame of the machine, as many at a time as fit.
 * seen() returns non-zero to end the sweep.  Returns how many frames the
 * hypervisor said EPERM to, or -1.
 */
long fbc_foreign_sweep(struct fbc_victim *t,
                       int (*seen)(void *arg, uint64_t frame, const void *p),
                       void *arg);
/* method_va.c */
void fbc_method_va(struct fbc_method_run *r);
/* method_copy.c */
void fbc_method_copypage(struct fbc_method_run *r);
void fbc_method_exchange(struct fbc_method_run *r);
/* method_grant.c */
void fbc_method_grants(struct fbc_method_run *r);
void fbc_method_forge(struct fbc_method_run *r);
void fbc_method_forgecopy(struct fbc_method_run *r);
void fbc_method_setuptable(struct fbc_method_run *r);
/* method_preseed.c */
void fbc_method_preseed(struct fbc_method_run *r);
/* method_image.c */
void fbc_method_dumpcore(struct fbc_method_run *r);
void fbc_method_save(struct fbc_method_run *r);
/* method_qemu.c */
void fbc_method_qemu(struct fbc_method_run *r);
void fbc_method_vnc(struct fbc_method_run *r);
/* method_helper.c */
void fbc_method_helper(struct fbc_method_run *r);
void fbc_method_table(struct fbc_method_run *r);
/* method_keyboard.c */
void fbc_method_keyboard(struct fbc_method_run *r);
void fbc_method_recycled(struct fbc_method_run *r);
/* Read-only, one page; NULL: said why. */
void *fbc_method_keyboard_map(struct fbc_method_run *r, xen_pfn_t *frame);
void fbc_method_keyboard_unmap(struct fbc_method_run *r, const void *p);
/* method_input.c */
void fbc_method_input(struct fbc_method_run *r);
/* method_vcpu.c */
void fbc_method_vcpu(struct fbc_method_run *r);
void fbc_method_vcpuext(struct fbc_method_run *r);
void fbc_method_gdbsx(struct fbc_method_run *r);
void fbc_method_debugkeys(struct fbc_method_run *r);

#endif /* FBC_LIB_METHOD_H */
