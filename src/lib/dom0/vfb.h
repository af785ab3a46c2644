/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's virtual framebuffer as QEMU's xenfb sees it from dom0: found
 * through XenStore, mapped by foreign mapping (Xen public/io/fbif.h).  On a
 * protected domain this is the shadow, elsewhere the guest's own screen.
 */
#ifndef FBC_LIB_VFB_H
#define FBC_LIB_VFB_H

#include "lib/base/fail.h"

struct fbc_vfb;

/*
 * FBC_EXIT_NO: the domain has no framebuffer, or not yet; FBC_EXIT_INPUT: no
 * such domain, a framebuffer that makes no sense; FBC_EXIT_ENV: no Xen, the
 * hypervisor refuses the mapping.
 */
struct fbc_vfb *fbc_vfb_open(const char *domain, struct fbc_error *e);
void fbc_vfb_close(struct fbc_vfb *v);

/*
 * Copies the screen as it is now, width * 4 bytes a row.  Follows a change of
 * size.  *pixels is v's own, valid until the next call.  FBC_EXIT_NO: the
 * domain or its framebuffer is gone.
 */
int FBC_MUST_CHECK fbc_vfb_snapshot(struct fbc_vfb *v, uint32_t *width,
                                    uint32_t *height, const uint8_t **pixels,
                                    struct fbc_error *e);

#endif /* FBC_LIB_VFB_H */
