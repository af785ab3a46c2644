/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypercall of the encrypted framebuffer (public/fbcrypt.h). */
#ifndef FBC_LIB_HYPERCALL_H
#define FBC_LIB_HYPERCALL_H

#include "lib/base/fail.h"
#include "xen/include/public/fbcrypt.h"

struct fbc_hv;

/* FBC_EXIT_ENV: no Xen, not dom0, no permission. */
struct fbc_hv *fbc_hv_open(struct fbc_error *e);
void fbc_hv_close(struct fbc_hv *hv);

/*
 * domain: as the user calls it, for messages.  Errors: FBC_EXIT_ENV (no
 * fbcrypt in this hypervisor, no permission), FBC_EXIT_VERSION (another ABI),
 * FBC_EXIT_INPUT (no such domain), FBC_EXIT_NO (the domain is not protected,
 * the blob was refused).
 */
int FBC_MUST_CHECK fbc_hv_vmm(struct fbc_hv *hv, struct xen_fbcrypt_vmm *vmm,
                              struct fbc_error *e);
int FBC_MUST_CHECK fbc_hv_status(struct fbc_hv *hv, uint16_t domid,
                                 const char *domain,
                                 struct xen_fbcrypt_status *st,
                                 struct fbc_error *e);
int FBC_MUST_CHECK
fbc_hv_set_key(struct fbc_hv *hv, uint16_t domid, const char *domain,
               const uint8_t blob[static XEN_FBCRYPT_BLOB_LEN],
               uint32_t *epoch, struct fbc_error *e);
/* One record of sealed input; *taken: it was its turn, and there was room. */
int FBC_MUST_CHECK
fbc_hv_send_input(struct fbc_hv *hv, uint16_t domid, const char *domain,
                  const uint8_t record[static XEN_FBCRYPT_RECORD_LEN],
                  bool *taken, struct fbc_error *e);

#endif /* FBC_LIB_HYPERCALL_H */
